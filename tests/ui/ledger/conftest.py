"""What tests of the ledger's pages share: a real book behind a real server, and pages that speak to it."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt5.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.client.api import ApiClient
from app.client.transport import Transport
from app.storage.address import parse_address
from app.ui.language import LanguageSwitch
from app.ui.navigation import Target
from app.ui.page import PageContext
from app.ui.tasks import Runner
from app.web.factory import create_app
from app.web.guard import DesktopGuard
from app.web.opening import StopRegister, create_book, open_for_serving
from app.web.server import LocalServer
from tests.ui.inline import InlineRunner
from tests.ui.ledger.desk import Desk

TODAY = datetime.date(2026, 6, 30)


@pytest.fixture(scope="session")
def empty_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A firm's book that starts in 2026-05 and holds nothing yet; tests work on copies."""
    path = tmp_path_factory.mktemp("books") / "empty.zhangfang"
    address = parse_address(str(path))
    create_book(address, name="甲公司", chart="small_enterprise_2013", start="2026-05", vat="general", owner="王会计")
    return path


@pytest.fixture
def api(tmp_path: Path, empty_book: Path) -> Iterator[ApiClient]:
    """A copy of that book behind its server."""
    address = parse_address(str(shutil.copy(empty_book, tmp_path / "book.zhangfang")))
    with StopRegister() as stops:
        book = open_for_serving(address, stops)
        server = LocalServer()
        port = server.bind()
        stops.push("server", server.stop)
        guard = DesktopGuard(port, "token-of-this-run")
        server.start(create_app(book, guard))
        client = ApiClient(Transport(server.url, "token-of-this-run"))
        stops.push("client", client.close)
        yield client


@pytest.fixture
def runner(api: ApiClient) -> Iterator[Runner]:
    """A runner that works at once."""
    made = InlineRunner(api)
    yield made
    made.stop()


@pytest.fixture
def desk(api: ApiClient, runner: Runner, qtbot: QtBot, qapp: QApplication) -> Iterator[Desk]:
    """Pages' surroundings, and where pages want to go."""
    language = LanguageSwitch({}, qapp)
    went: list[Target] = []
    session = api.session()
    context = PageContext(
        tasks=runner,
        book=api.book(),
        user_id=session.user.id,
        user_name=session.user.name,
        permissions=frozenset(session.permissions),
        is_owner=session.user.is_owner,
        open_target=went.append,
        today=lambda: TODAY,
    )
    yield Desk(qtbot, api, runner, context, went)
    language.use("zh")
