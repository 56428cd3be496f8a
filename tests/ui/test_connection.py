"""Whether somebody answers: what reports make of it, and that the runner reports."""

from __future__ import annotations

import socket

from PyQt5.QtCore import QObject
from pytestqt.qtbot import QtBot

from app.client.api import ApiClient
from app.client.transport import Transport
from app.kernel.errors import EnvironmentFault, NotFound, ZhangfangError
from app.kernel.text import message
from app.ui.connection import Connection, LinkState
from app.ui.tasks import Query
from tests.ui.inline import InlineRunner

AWAY = EnvironmentFault("server_away", message("连不上服务器，请检查它是否在运行，然后再试。"))
ONE_AWAY = EnvironmentFault(
    "service_away", message("服务器前面的代理在，服务器自己没有回答（状态 {status}）：请稍后再试。")
)
MISSING = NotFound("voucher_missing", message("没有账簿文件“{path}”。", path="x"))


def test_reports_are_told_once_each_way() -> None:
    connection = Connection()
    said: list[object] = []
    connection.went_away.connect(said.append)
    connection.came_back.connect(lambda: said.append("back"))
    connection.ended.connect(lambda: said.append("ended"))
    connection.report(AWAY)
    assert connection.state is LinkState.CLOSED  # no book is open
    connection.begin()
    connection.report(None)
    connection.report(MISSING)
    connection.report(ONE_AWAY)  # perhaps one of several services
    assert (connection.state, said) == (LinkState.CONNECTED, [])
    connection.report(AWAY)
    connection.report(AWAY)
    connection.report(MISSING)
    assert (connection.is_away, connection.error, said) == (True, AWAY, [AWAY])
    connection.report(None)
    assert (connection.is_away, connection.error, said) == (False, None, [AWAY, "back"])
    connection.report(ONE_AWAY, by_watch=True)
    assert connection.is_away
    connection.report(None)
    del said[2:]
    connection.end()
    connection.end()
    assert said == [AWAY, "back", "ended"]


def test_the_runner_reports_a_server_that_is_gone(qtbot: QtBot) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    runner = InlineRunner(ApiClient(Transport(url)))
    owner = QObject(runner)
    met: list[ZhangfangError] = []
    owner.tasks = runner  # type: ignore[attr-defined]
    with qtbot.waitSignal(runner.connection.went_away):
        Query(lambda api: api.health()).on_error(met.append).run(owner)
    assert [error.code for error in met] == ["server_away"]
    runner.connect_to(None)
    assert runner.connection.state is LinkState.CLOSED
    runner.stop()
