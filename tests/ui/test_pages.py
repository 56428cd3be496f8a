"""The pages of people and files, over the real program."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PyQt5.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from app.ui.exchange.backup_page import BackupPage
from app.ui.exchange.import_page import ImportPage
from app.ui.people.user_dialogs import UserDialog
from app.ui.people.users_page import UsersPage
from app.ui.shell import Shell
from app.ui.start.restore_dialog import RestoreDialog

Wait = Callable[[], None]

JOURNAL = """\
account assets:bank
account equity:opening
account expenses:rent

2026-06-01 opening
    assets:bank            1000.00 CNY
    equity:opening        -1000.00 CNY

2026-06-05 rent
    expenses:rent           650.00 CNY
    assets:bank            -650.00 CNY
"""


@pytest.fixture
def users(opened: Shell, at_rest: Wait) -> UsersPage:
    assert opened.workspace is not None
    page = opened.workspace.show_page("users")
    assert isinstance(page, UsersPage)
    at_rest()
    return page


def test_a_name_and_an_age_are_added_and_listed(users: UsersPage, at_rest: Wait) -> None:
    users._name.setText("张三")
    users._age.setText("３０")
    users._add.click()
    at_rest()
    assert [(user.name, user.age) for user in users._model.rows()][1:] == [("张三", 30)]
    assert (users._name.text(), users._age.text()) == ("", "")
    assert users.message_bar.text == "已添加“张三”。"
    users._name.setText("李四")
    users._add.click()
    at_rest()
    assert [(user.name, user.age) for user in users._model.rows()][1:] == [("张三", 30), ("李四", None)]


BAD_INPUT = [("张三", "三十", "_age"), ("张三", "-1", "_age"), ("", "30", "_name")]


@pytest.mark.parametrize(("name", "age", "wrong"), BAD_INPUT)
def test_what_cannot_be_added_stays_typed(users: UsersPage, at_rest: Wait, name: str, age: str, wrong: str) -> None:
    users._name.setText(name)
    users._age.setText(age)
    users._add.click()
    at_rest()
    assert (users._name.text(), users._age.text()) == (name, age)
    assert users.message_bar.text
    assert getattr(users, wrong).property("wrong") is True
    assert len(users._model.rows()) == 1


def test_what_the_server_refuses_stays_typed(users: UsersPage, at_rest: Wait) -> None:
    """Nobody else gets a login before the owner has one: the rule is the server's."""
    users._name.setText("李出纳")
    users._add_in_full()
    dialog = next(w for w in QApplication.topLevelWidgets() if isinstance(w, UserDialog) and w.isVisible())
    dialog._age.setText("28")
    dialog._login.setText("li")
    dialog._password.setText("first-secret")
    dialog.ok_button.click()
    at_rest()
    assert dialog.isVisible()
    assert dialog.message_bar.text
    typed = [field.text() for field in (dialog._name, dialog._age, dialog._login, dialog._password)]
    assert typed == ["李出纳", "28", "li", "first-secret"]
    dialog._password.clear()
    dialog.ok_button.click()
    at_rest()
    assert [user.login_name for user in users._model.rows()] == [None, "li"]


def test_more_cannot_be_typed_than_the_server_takes(users: UsersPage, at_rest: Wait) -> None:
    users._name.setText("长" * 100)
    users._add.click()
    at_rest()
    assert [len(user.name) for user in users._model.rows()][1:] == [60]


def test_people_are_found_and_deactivated(users: UsersPage, at_rest: Wait, qtbot: QtBot) -> None:
    for name in ("张三", "李四"):
        users._name.setText(name)
        users._add.click()
        at_rest()
    users._filter.setText("李")
    at_rest()
    assert [user.name for user in users._model.rows()] == ["李四"]
    users._table.selectRow(0)
    users._change_status()
    box = next(w for w in QApplication.topLevelWidgets() if isinstance(w, QMessageBox) and w.isVisible())
    box.buttons()[0].click()
    at_rest()
    assert not users._model.row(0).active
    users._filter.setText("没有这个人")
    at_rest()
    assert users._stack.currentWidget() is users._empty


@pytest.fixture
def importing(opened: Shell, at_rest: Wait) -> ImportPage:
    assert opened.workspace is not None
    page = opened.workspace.show_page("import")
    assert isinstance(page, ImportPage)
    at_rest()
    return page


def test_a_preview_changes_nothing_and_the_import_does(
    opened: Shell, importing: ImportPage, tmp_path: Path, at_rest: Wait
) -> None:
    file = tmp_path / "bank.journal"
    file.write_text(JOURNAL, encoding="utf-8")
    importing.choose(file)
    importing.start(dry_run=True)
    at_rest()
    assert importing.message_bar.text == ""
    assert "2" in importing._summary.text()
    api = opened.tasks.api
    assert api is not None
    assert api.list_vouchers().vouchers == []
    importing.start(dry_run=False)
    at_rest()
    assert importing.message_bar.text == "导入完成。"
    assert len(api.list_vouchers().vouchers) == 2


def test_a_broken_file_is_one_sentence_and_changes_nothing(
    opened: Shell, importing: ImportPage, tmp_path: Path, at_rest: Wait
) -> None:
    file = tmp_path / "broken.journal"
    half = "\n2026-06-07 half\n    assets:bank  12.00 CNY\n    expenses:rent  1.00 CNY\n"
    file.write_text(JOURNAL + half, encoding="utf-8")
    importing.choose(file)
    importing.start(dry_run=False)
    at_rest()
    assert importing.message_bar.text
    assert importing._path.text() == str(file)
    assert not importing._strip.is_working
    api = opened.tasks.api
    assert api is not None
    assert api.list_vouchers().vouchers == []


def test_nothing_chosen_is_said_at_once(importing: ImportPage) -> None:
    importing.start(dry_run=True)
    assert importing.message_bar.text == "请先选择要导入的文件或文件夹。"


def test_a_backup_is_made_checked_and_restored(opened: Shell, tmp_path: Path, at_rest: Wait, qtbot: QtBot) -> None:
    assert opened.workspace is not None
    page = opened.workspace.show_page("backup")
    assert isinstance(page, BackupPage)
    target = tmp_path / "copy.zhangfang"
    page._path.setText(str(target))
    page.back_up()
    at_rest()
    assert target.is_file()
    assert str(target) in page._made_label.text()
    page.verify()
    at_rest()
    assert page._verified_label.text().startswith("账簿完好")
    page._restore.click()
    at_rest()
    dialog = next(w for w in QApplication.topLevelWidgets() if isinstance(w, RestoreDialog) and w.isVisible())
    dialog._backup.setText(str(target))
    dialog._place.setText(str(tmp_path / "restored"))
    with qtbot.waitSignal(opened.ready):
        dialog.ok_button.click()
    at_rest()
    assert (tmp_path / "restored.zhangfang").is_file()
    assert opened.book is not None
    assert opened.book.location == str(tmp_path / "restored.zhangfang")
