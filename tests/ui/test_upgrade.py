"""The window and books of older tables: progress, the note afterwards, the yes a shared book wants, the way back."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from PyQt5.QtWidgets import QApplication, QCheckBox, QComboBox, QDialog, QLabel
from pytestqt.qtbot import QtBot

from app.identity.passwords import hash_password
from app.storage.copying import copy
from app.storage.database import execute, fetch_all, open_database, run_unit
from app.ui.progress import ProgressStep
from app.ui.shell import Shell
from app.ui.start.connect_dialog import ConnectDialog
from app.ui.start.upgrade_back import GoBackDialog
from app.ui.start.upgrade_dialog import UpgradeDialog
from app.web.opening import prepare
from tests.mariadb import MariaDBServer
from tests.storage.later_tables import GOOD, Does, become_later, sql
from tests.storage.old_book import OLD_BOOKS

OLDEST = OLD_BOOKS / "3.zhangfang"
Wait = Callable[[], None]
Kind = TypeVar("Kind", bound=QDialog)


def the_dialog(qtbot: QtBot, kind: type[Kind]) -> Kind:
    def shown() -> list[Kind]:
        return [w for w in QApplication.topLevelWidgets() if isinstance(w, kind) and w.isVisible()]

    qtbot.waitUntil(lambda: len(shown()) == 1)
    return shown()[0]


def all_text(dialog: QDialog) -> str:
    return "\n".join(label.text() for label in dialog.findChildren(QLabel))


@pytest.fixture
def old_book(tmp_path: Path) -> Path:
    """A book of the first tables."""
    folder = tmp_path / "我的 账本"
    folder.mkdir()
    return Path(shutil.copy(OLDEST, folder / "甲 公司.zhangfang"))


def open_book(shell: Shell, qtbot: QtBot, path: Path) -> None:
    with qtbot.waitSignal(shell.ready):
        shell.open_address(str(path))


def test_an_old_book_is_upgraded_with_progress_and_a_note(
    shell: Shell, qtbot: QtBot, at_rest: Wait, old_book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    become_later(monkeypatch, *GOOD)
    said: list[str] = []
    page = shell.window.busy_page
    monkeypatch.setattr(page, "show_step", lambda step: said.append(f"{step.text} {page.skip_button.text()}"))
    open_book(shell, qtbot, old_book)
    at_rest()
    assert "更新账簿，第 3 步，共 6 步：正在更新账簿的表。 取消" in said
    (kept,) = old_book.parent.glob("*更新前*")
    assert str(kept) in shell.window.message_bar.text
    shell.close_book()
    qtbot.waitUntil(lambda: shell.window.middle is shell.start_page)
    assert shell.window.message_bar.text == ""


def test_cancelled_it_leaves_the_book_alone(
    shell: Shell, qtbot: QtBot, at_rest: Wait, old_book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = old_book.read_bytes()
    clicked = threading.Event()
    become_later(monkeypatch, Does(lambda _book: clicked.wait(15)), *GOOD)
    page = shell.window.busy_page
    show = page.show_step

    def show_and_click(step: ProgressStep) -> None:
        show(step)
        if "第 3 步" in step.text and page.skip_button.isVisible():
            page.skip_button.click()
            clicked.set()

    monkeypatch.setattr(page, "show_step", show_and_click)
    shell.open_address(str(old_book))
    qtbot.waitUntil(lambda: shell.window.middle is shell.start_page)
    at_rest()
    assert "已取消" in shell.start_page.message_bar.text
    assert old_book.read_bytes() == before
    assert [entry.name for entry in old_book.parent.iterdir()] == [old_book.name]


def test_a_refused_upgrade_says_why(
    shell: Shell, qtbot: QtBot, at_rest: Wait, old_book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = old_book.read_bytes()
    become_later(monkeypatch, *GOOD, sql("DELETE FROM {entry} WHERE voucher_id = 1"))
    shell.open_address(str(old_book))
    qtbot.waitUntil(lambda: bool(shell.start_page.message_bar.text))
    at_rest()
    assert "原来的账簿没有改动，请先用 0.1.0 版的账房打开它" in shell.start_page.message_bar.text
    assert old_book.read_bytes() == before


def test_one_click_leads_back_and_the_next_opening_asks(
    shell: Shell, qtbot: QtBot, at_rest: Wait, old_book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    become_later(monkeypatch, *GOOD)
    open_book(shell, qtbot, old_book)
    at_rest()
    shell.window.action("go-back").trigger()
    dialog = the_dialog(qtbot, GoBackDialog)
    qtbot.waitUntil(dialog.ok_button.isEnabled)
    choice = dialog.findChild(QComboBox)
    assert choice is not None
    assert choice.currentText().startswith("甲 公司：")
    assert "没有新的或改过的凭证" in all_text(dialog)
    dialog.ok_button.click()
    qtbot.waitUntil(lambda: bool(shell.start_page.message_bar.text))
    at_rest()
    assert "请用旧版的账房打开" in shell.start_page.message_bar.text
    assert list(old_book.parent.glob("*更新前*")) == []
    assert len(list(old_book.parent.glob("*更新后*"))) == 1
    shell.open_address(str(old_book))
    asked = the_dialog(qtbot, UpgradeDialog)
    assert "换回过更新前的样子" in all_text(asked)
    with qtbot.waitSignal(shell.ready):
        asked.ok_button.click()
    at_rest()
    assert len(list(old_book.parent.glob("*更新前*"))) == 1


def test_without_anything_kept_there_is_no_way_back(shell: Shell, qtbot: QtBot, at_rest: Wait) -> None:
    shell.go_back()
    dialog = the_dialog(qtbot, GoBackDialog)
    at_rest()
    assert "没有更新前留存的文件" in all_text(dialog)
    assert not dialog.ok_button.isEnabled()
    dialog.reject()


def test_a_shared_book_asks_its_owner(
    shell: Shell,
    qtbot: QtBot,
    at_rest: Wait,
    tmp_path: Path,
    mariadb_server: MariaDBServer,
    mariadb_database: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address = mariadb_server.url(mariadb_database)
    source = open_database(str(shutil.copy(OLDEST, tmp_path / "source.zhangfang")))
    target = open_database(address, password=mariadb_server.password)
    copy(source, target)
    secret = hash_password("wang's password")
    person = (
        "INSERT INTO {user} (name, login_name, login_key, password_hash, created_at, updated_at) "
        "VALUES (?, ?, ?, ?, 0, 0)"
    )
    with target.session():
        prepare()
        run_unit(lambda: execute(person, ("小李", "li", "li", secret)))
        owner = "UPDATE {user} SET login_name = 'wang', login_key = 'wang', password_hash = ? WHERE is_owner = 1"
        run_unit(lambda: execute(owner, (secret,)))
    target.close()
    source.close()
    become_later(monkeypatch, *GOOD)
    shell.connect_server(address)
    connecting = the_dialog(qtbot, ConnectDialog)
    connecting.database.password.setText(mariadb_server.password)
    connecting.ok_button.click()
    asked = the_dialog(qtbot, UpgradeDialog)
    assert "每台电脑都要升级" in all_text(asked)
    assert os.environ["ZHANGFANG_DATA_DIR"] in all_text(asked)
    asked.ok_button.click()
    assert "请输入账簿所有者的登录名和密码" in asked.message_bar.text
    for login, password, said in (
        ("wang", "guessed", "用户名或密码不对"),
        ("li", "wang's password", "只有账簿所有者"),
    ):
        asked._login.setText(login)
        asked._secret.setText(password)
        asked.ok_button.click()
        at_rest()
        assert said in asked.message_bar.text
    asked._login.setText("wang")
    despite = asked.findChild(QCheckBox)
    assert despite is not None
    assert not despite.isVisible()
    other = open_database(address, password=mariadb_server.password)
    with other.session():
        fetch_all("SELECT 1")
        asked.ok_button.click()
        qtbot.waitUntil(lambda: "还有程序连着" in asked.message_bar.text)
        at_rest()
        assert despite.isVisible()
    other.close()
    asked.ok_button.click()
    qtbot.waitUntil(lambda: shell.login_page is not None and shell.window.middle is shell.login_page)
    at_rest()
    assert "更新前的账簿留存为" in shell.window.message_bar.text
