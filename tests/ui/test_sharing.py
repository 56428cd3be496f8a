"""Sharing as people meet it: the wizard to a database and home again, what fails in it, and a book that has moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PyQt5.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from app.bootstrap import sharing_places as places
from app.client import own_addresses
from app.contract.serving import BookMove
from app.kernel.checking import CheckStep
from app.kernel.errors import EnvironmentFault
from app.kernel.text import Message
from app.ui.sharing.home_dialog import HomeDialog
from app.ui.sharing.share_dialog import ShareDialog
from app.ui.shell import Shell
from tests.mariadb import MariaDBServer
from tests.storage.test_diagnosis import guest

Wait = Callable[[], None]


@pytest.fixture
def wizard(opened: Shell) -> ShareDialog:
    """The wizard over an open book."""
    opened.window.action("share").trigger()
    return opened.window.findChildren(ShareDialog)[-1]


def fill_database(dialog: ShareDialog, server: MariaDBServer, database: str) -> None:
    dialog.to_database.setChecked(True)
    dialog.ok_button.click()
    assert dialog.page == "database"
    dialog.database.host.setText(server.host)
    dialog.database.port.setValue(server.port)
    dialog.database.user.setText(server.user)
    dialog.database.password.setText(server.password)
    dialog.database.database.setText(database)


def test_the_wizard_moves_the_book_and_brings_it_home(
    opened: Shell,
    wizard: ShareDialog,
    mariadb_server: MariaDBServer,
    mariadb_database: str,
    tmp_path: Path,
    qtbot: QtBot,
    at_rest: Wait,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(own_addresses, "_network_addresses", lambda: iter(["192.168.1.20"]))
    monkeypatch.setattr(own_addresses, "_answers", lambda _host, _port: False)
    fill_database(wizard, mariadb_server, "nowhere_at_all")
    wizard.ok_button.click()
    qtbot.waitUntil(lambda: bool(wizard.message_bar.text))
    assert (wizard.page, wizard.database.database.text()) == ("database", "nowhere_at_all")
    wizard.database.database.setText(mariadb_database)
    wizard.ok_button.click()
    qtbot.waitUntil(lambda: wizard.page == "owner")
    wizard.owner.login.setText("boss")
    wizard.owner.password.setText("owner-secret-1")
    wizard.owner.repeat.setText("owner-secret-2")
    wizard.ok_button.click()
    assert "两次输入的密码不同" in wizard.message_bar.text
    wizard.owner.repeat.setText("owner-secret-1")
    wizard.ok_button.click()
    assert (wizard.page, mariadb_database in wizard.plan.text()) == ("plan", True)
    wizard.ok_button.click()
    qtbot.waitUntil(lambda: wizard.page == "result")
    assert "内容完全相同" in wizard.outcome.text()
    assert "已迁到服务器" in wizard.outcome.text()
    told = wizard.outcome.text().partition("别人现在要做的")[2]
    assert "@192.168.1.20:" in told.partition("只在这台电脑上有效")[0]  # what others type, not what was typed here
    assert "bind-address" in told
    at_rest()
    with qtbot.waitSignal(opened.ready):
        wizard.ok_button.click()
    at_rest()
    assert opened.opened is not None
    assert opened.opened.address == mariadb_server.url(mariadb_database)
    assert opened.window.action("bring-home").isVisible()
    assert not opened.window.action("share").isEnabled()

    opened.window.action("bring-home").trigger()
    home = opened.window.findChildren(HomeDialog)[-1]
    target = tmp_path / "home.zhangfang"
    home.place.setText(str(target))
    home.ok_button.click()
    home.ok_button.click()
    qtbot.waitUntil(lambda: home.page == "result")
    at_rest()
    with qtbot.waitSignal(opened.ready):
        home.ok_button.click()
    at_rest()
    assert opened.opened.address == str(target)
    assert opened.sharing.bar is None


def test_a_user_without_create_is_named_before_the_move_begins(
    wizard: ShareDialog, mariadb_server: MariaDBServer, qtbot: QtBot, at_rest: Wait
) -> None:
    mariadb_server.execute("CREATE DATABASE guests", "CREATE TABLE guests.somebodys (id INT)")
    try:
        with guest(mariadb_server, "GRANT SELECT, INSERT, UPDATE, DELETE ON guests.* TO guest@'127.0.0.1'") as address:
            fill_database(wizard, mariadb_server, "guests")
            wizard.database.user.setText("guest")
            wizard.database.password.setText(address.password or "")
            wizard.ok_button.click()
            qtbot.waitUntil(lambda: bool(wizard.message_bar.text))
            at_rest()
            assert (wizard.page, "2 处" in wizard.message_bar.text) == ("database", True)
            wrong = [text for text in wizard.steps.texts if text.startswith("✗")]
            assert "GRANT CREATE, ALTER, INDEX, REFERENCES, DROP ON `guests`.*" in wrong[0]
            assert "已有内容" in wrong[1]
            assert wizard.database.database.property("wrong")
            mariadb_server.execute("DROP TABLE guests.somebodys", "GRANT ALL ON guests.* TO guest@'127.0.0.1'")
            wizard.test_button.click()
            qtbot.waitUntil(lambda: wizard.steps.texts[-1:] == ["✓ 可以迁到这里。"])
            at_rest()
            assert not wizard.message_bar.text
            assert not wizard.database.database.property("wrong")
    finally:
        mariadb_server.drop("guests")
    wizard.database.host.clear()
    wizard.test_button.click()
    assert "填完整" in wizard.message_bar.text


def test_the_certificates_of_the_wizard_and_a_place_without_encryption_are_those_of_connecting(
    opened: Shell, wizard: ShareDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    wizard.ok_button.click()
    wizard.server.url.setText("http://books.example.com/books/other")
    wizard.server.ca.setText("company.pem")
    wizard.server.login.setText("li")
    assert (wizard.wish.place, wizard.wish.ca_file) == ("http://books.example.com", "company.pem")
    asked: list[object] = []

    def note(*arguments: object) -> Iterator[CheckStep]:
        asked.append(arguments)
        return iter(())

    monkeypatch.setattr(opened.runtime, "diagnose_move", note)
    wizard.ok_button.click()
    box = wizard.findChildren(QMessageBox)[-1]
    assert (box.windowTitle() or box.text(), asked) == ("连接没有加密", [])
    box.reject()
    assert wizard.page == "server"


@pytest.mark.parametrize("way", ["fails", "cancelled"])
def test_a_move_that_does_not_happen_brings_the_pages_back_and_keeps_what_was_typed(
    opened: Shell,
    wizard: ShareDialog,
    mariadb_server: MariaDBServer,
    mariadb_database: str,
    qtbot: QtBot,
    at_rest: Wait,
    monkeypatch: pytest.MonkeyPatch,
    way: str,
) -> None:
    real = places.DatabaseTarget.fill

    def failing(*arguments: Any) -> None:
        if way == "cancelled":
            wizard.reject()
            real(*arguments)
        else:
            raise EnvironmentFault("disk_error", Message("磁盘坏了。"))

    monkeypatch.setattr(places.DatabaseTarget, "fill", failing)
    fill_database(wizard, mariadb_server, mariadb_database)
    wizard.ok_button.click()
    qtbot.waitUntil(lambda: wizard.page == "owner")
    wizard.with_login.setChecked(False)
    wizard.ok_button.click()
    with qtbot.waitSignal(opened.ready):
        wizard.ok_button.click()
    at_rest()
    assert wizard.page == "plan"
    assert ("磁盘坏了" if way == "fails" else "已取消") in wizard.message_bar.text
    assert wizard.database.database.text() == mariadb_database
    assert opened.workspace is not None
    assert opened.sharing.bar is None
    wizard.reject()


def test_a_book_that_has_moved_says_where_and_can_be_taken_back(opened: Shell, qtbot: QtBot, at_rest: Wait) -> None:
    api = opened.tasks.api
    assert api is not None
    place = "mysql://keeper@192.168.1.10:3306/jia"
    api.move_book(BookMove(place=place))
    opened.sharing.ask_moved()
    qtbot.waitUntil(lambda: opened.sharing.bar is not None)
    bar = opened.sharing.bar
    assert bar is not None
    assert place in bar.label.text()
    assert bar.open_button.isHidden()
    api.move_book(BookMove(place=place, done=True))
    opened.sharing.ask_moved()
    qtbot.waitUntil(lambda: opened.sharing.bar not in {None, bar})
    moved = opened.sharing.bar
    assert moved is not None
    assert not moved.open_button.isHidden()
    moved.stay_button.click()
    box = opened.window.findChildren(QMessageBox)[-1]
    box.buttons()[0].click()
    qtbot.waitUntil(lambda: opened.sharing.bar is None)
    at_rest()
    assert api.move_state().place == ""


def test_the_fields_of_a_server_are_looked_at_before_it_is_asked(wizard: ShareDialog) -> None:
    wizard.ok_button.click()
    assert wizard.page == "server"
    wizard.ok_button.click()
    assert "填完整" in wizard.message_bar.text
    wizard.server.url.setText("192.168.1.10:5000")
    wizard.server.login.setText("li")
    wizard.server.slug.setText("甲公司")
    wizard.ok_button.click()
    assert "小写字母" in wizard.message_bar.text
    assert wizard.server.address == "http://192.168.1.10:5000"
    wizard.back_button.click()
    assert wizard.page == "kind"
