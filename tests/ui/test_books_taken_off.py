"""Taking a book off its server, out of the list of the connect dialog."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PyQt5.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.client.transport import Transport
from app.kernel.errors import EnvironmentFault
from app.kernel.text import message
from app.storage.address import parse_address
from app.ui.runtime import WindowArguments
from app.ui.shell import Shell
from app.ui.start.connect_dialog import ConnectDialog
from app.ui.start.remove_book_dialog import RemoveBookDialog
from app.web.opening import StopRegister, open_for_serving
from app.web.server import LocalServer
from app.web.serving import Serving, served_site
from tests.ui.served import BOSS, CLERK

Wait = Callable[[], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "books"
    made.mkdir()
    return made


@pytest.fixture
def url(people_book: Path, folder: Path, tmp_path: Path) -> Iterator[str]:
    """A server over a default book and one more, `shop`."""
    shutil.copy(people_book, folder / "shop.zhangfang")
    default = parse_address(str(shutil.copy(people_book, tmp_path / "default.zhangfang")))
    with StopRegister() as stops:
        book = open_for_serving(default, stops)
        server = LocalServer()
        server.bind()
        stops.push("server", lambda: server.stop(0.5))
        server.start(served_site(book, Serving(books=str(folder)), stops))
        yield server.url


@pytest.fixture
def connecting(shell: Shell, url: str, at_rest: Wait) -> ConnectDialog:
    """The dialog, with the server's books in its list and `shop` chosen."""
    shell.begin(WindowArguments())
    shell.list_server_books(f"{url}/books/shop")
    at_rest()
    return next(one for one in QApplication.topLevelWidgets() if isinstance(one, ConnectDialog) and one.isVisible())


def asked(connecting: ConnectDialog) -> RemoveBookDialog:
    connecting.remove_button.click()
    return connecting.findChildren(RemoveBookDialog)[-1]


def slugs(connecting: ConnectDialog) -> list[str]:
    return [book.slug for book in connecting.server._listed]


def test_its_owner_takes_a_book_off_and_is_told_where_it_lies(
    connecting: ConnectDialog, folder: Path, qtbot: QtBot, at_rest: Wait
) -> None:
    assert (slugs(connecting), connecting.remove_button.isEnabled()) == (["", "shop"], True)
    dialog = asked(connecting)
    dialog.ok_button.click()
    assert dialog.login.property("wrong")
    dialog.login.setText("li")
    dialog.password.setText(CLERK)
    dialog.name.setText("shop")
    dialog.ok_button.click()
    assert (dialog.name.property("wrong"), "没有撤下" in dialog.message_bar.text) == (True, True)
    dialog.name.setText("Shop")
    dialog.ok_button.click()
    at_rest()
    assert "没有“把账簿迁到别处”的权限" in dialog.message_bar.text
    dialog.login.setText("boss")
    dialog.password.setText("wrong-secret")
    dialog.ok_button.click()
    at_rest()
    assert dialog.isVisible()
    assert (folder / "shop.zhangfang").exists()
    dialog.password.setText(BOSS)
    dialog.ok_button.click()
    at_rest()
    qtbot.waitUntil(lambda: not (folder / "shop.zhangfang").exists(), timeout=10_000)
    aside = next(one for one in folder.iterdir() if one.name.startswith("shop.撤下-") and one.suffix == ".zhangfang")
    assert aside.name in connecting.message_bar.text.replace("\u200b", "")
    assert (slugs(connecting), connecting.server.url.text().endswith("/books/shop")) == ([""], False)
    assert not connecting.remove_button.isEnabled()
    assert connecting.remove_button.toolTip() == "这是服务器的默认账簿，不能撤下。"
    connecting.reject()


def test_who_heard_nothing_hears_it_when_he_asks_again(
    connecting: ConnectDialog, monkeypatch: pytest.MonkeyPatch, at_rest: Wait
) -> None:
    dialog = asked(connecting)
    dialog.login.setText("boss")
    dialog.password.setText(BOSS)
    dialog.name.setText("Shop")
    send = Transport.send

    def loses_the_answer(transport: Transport, method: str, path: str, **more: object) -> object:
        answer = send(transport, method, path, **more)  # type: ignore[arg-type]  # handed on as it came
        if (method, path) == ("DELETE", "/api/book"):
            raise EnvironmentFault("server_silent", message("没有得到回答。"))
        return answer

    monkeypatch.setattr(Transport, "send", loses_the_answer)
    dialog.ok_button.click()
    at_rest()
    assert (dialog.isVisible(), dialog.message_bar.text) == (True, "没有得到回答。")
    dialog.ok_button.click()
    at_rest()
    assert (slugs(connecting), "已从服务器撤下" in connecting.message_bar.text) == ([""], True)
    connecting.reject()
