"""Two people at two windows, on one book behind one real server."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PyQt5 import sip
from PyQt5.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.bootstrap import Runtime
from app.client.api import ApiClient
from app.client.transport import Transport
from app.settings import Settings
from app.storage.address import parse_address
from app.ui.runtime import OpenedBook
from app.ui.shell import Shell
from app.web.factory import create_app
from app.web.guard import ServeGuard
from app.web.opening import StopRegister, create_book, open_for_serving
from app.web.server import LocalServer
from tests.calling import add_person, caller_on, give_owner_login
from tests.ui.together.office import Office, Seat


@pytest.fixture(scope="session")
def shared_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book two people log in to: the owner 王, and 李, who may do everything but own it."""
    path = tmp_path_factory.mktemp("shared") / "office.zhangfang"
    address = parse_address(str(path))
    create_book(address, name="甲公司", chart="small_enterprise_2013", start="2026-05", vat="general", owner="王")
    with StopRegister() as stops:
        book = open_for_serving(address, stops)
        window = caller_on(book)
        give_owner_login(window, "wang", "wang-secret")
        boss = window.log_in("wang", "wang-secret")
        roles = {role["name"]: role["id"] for role in boss.get("/api/roles").json["roles"]}
        li = add_person(boss, "li", list(roles.values()))
        assert boss.patch(f"/api/users/{li['id']}", {"name": "李"}).status == 200
    return path


@pytest.fixture
def office(tmp_path: Path, shared_book: Path, qtbot: QtBot, qapp: QApplication) -> Iterator[Office]:
    """The server, and a way to sit down at it."""
    font, palette, sheet = qapp.font(), qapp.palette(), qapp.styleSheet()
    address = parse_address(str(shutil.copy(shared_book, tmp_path / "office.zhangfang")))
    with StopRegister() as stops:
        book = open_for_serving(address, stops)
        server = LocalServer()
        server.bind()
        stops.push("server", server.stop)
        server.start(create_app(book, ServeGuard()))
        opened = OpenedBook(url=server.url, token="", address=server.url)
        seats: list[Seat] = []

        def sit_down(login: str) -> Seat:
            shell = Shell(_Elsewhere(opened), qapp)
            seat = Seat(qtbot, shell)
            seats.append(seat)
            shell.window.resize(1200, 760)
            shell.window.show()
            shell.take_opened(opened)
            qtbot.waitUntil(lambda: shell.login_page is not None and shell.window.middle is shell.login_page)
            seat.log_in(login, f"{login}-secret")
            return seat

        client = ApiClient(Transport(server.url))
        stops.push("client", client.close)
        yield Office(qtbot, client, sit_down, seats)
        for seat in seats:
            seat.shell.window.hide()
            seat.shell.stop()
            seat.shell.language.use("zh")
            sip.delete(seat.shell.window)
            sip.delete(seat.shell)
    qapp.setStyleSheet(sheet)
    qapp.setPalette(palette)
    qapp.setFont(font)


class _Elsewhere(Runtime):
    """The program below a window whose book is open at a server elsewhere."""

    def __init__(self, opened: OpenedBook) -> None:
        super().__init__(Settings(language="zh", theme="light", automatic_backups=False))
        self._opened = opened

    def open_book(self, *_wish: object, **_more: object) -> OpenedBook:
        """Nothing has to be opened here."""
        return self._opened

    def close_book(self, report: Callable[[int, int, str], bool] | None = None) -> None:
        """Nothing has to be closed here."""
        del report
