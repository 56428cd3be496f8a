"""The pages of the logs, of logins and of tokens, over the real program."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QApplication, QMessageBox, QWidget

from app.contract.contacts import ContactChange, ContactInput
from app.kernel.errors import NotAuthenticated
from app.ui.page import Page
from app.ui.people.log_page import LogPage
from app.ui.people.login_log_page import LoginLogPage
from app.ui.people.sessions_page import SessionsPage
from app.ui.people.token_dialogs import NewTokenDialog, TokenShownDialog
from app.ui.people.tokens_page import TokensPage
from app.ui.shell import Shell
from app.ui.tasks import Change, Topic

Wait = Callable[[], None]
W = TypeVar("W", bound=QWidget)


def shown(opened: Shell, key: str, at_rest: Wait) -> Page:
    assert opened.workspace is not None
    page = opened.workspace.show_page(key)
    assert page is not None
    at_rest()
    return page


def the_one(kind: type[W]) -> W:
    [found] = [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, kind) and widget.isVisible()]
    return found


def versions(page: LogPage) -> list[list[str]]:
    table = page.detail.table
    cells = [[table.item(row, column) for column in range(3)] for row in range(table.rowCount())]
    return [[item.text() for item in row if item is not None] for row in cells]


def test_the_log_shows_what_was_before_and_after_opens_it_and_goes_out_whole(
    opened: Shell, at_rest: Wait, tmp_path: Path
) -> None:
    api = opened.tasks.api
    assert api is not None
    made = api.add_contact(ContactInput(name="甲公司", roles=["customer"], phone="0571", note="=1+1"))
    page = shown(opened, "log", at_rest)
    assert isinstance(page, LogPage)
    page.filter.kind.setCurrentIndex(page.filter.kind.findData("contact"))
    page.filter.changed.emit()
    at_rest()
    assert [(row.action, row.result) for row in page.model.rows()] == [("contacts:contact:add", "done")]
    assert ["名称", "—", "甲公司"] in versions(page)
    api.change_contact(made.id, ContactChange(phone="0572", version=made.version))
    opened.tasks.changed.emit(Change(frozenset({Topic.CONTACTS})))
    at_rest()
    page.table.selectRow(0)
    assert versions(page) == [["电话", "0571", "0572"]]
    page.detail.only_changes.setChecked(False)
    assert ["名称", "甲公司", "甲公司"] in versions(page)
    assert page.detail.heading.text() == "修改  往来单位  甲公司"

    page.filter.verb.setCurrentIndex(page.filter.verb.findData("remove"))
    page.filter.changed.emit()
    at_rest()
    assert page.stack.currentWidget() is page.empty
    page.filter.verb.setCurrentIndex(0)
    page.filter.from_date.setText("2026-13-41")
    page.filter.changed.emit()
    at_rest()
    assert page.model.rowCount() == 2, "a day that is none leaves nothing out"
    page.filter.from_date.show_wire("")

    for kind in ("csv", "xlsx"):
        page.export.save(kind, tmp_path / f"log.{kind}")
        at_rest()
    assert (tmp_path / "log.xlsx").read_bytes()[:2] == b"PK"
    raw = (tmp_path / "log.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(raw.decode("utf-8-sig").splitlines()))
    assert [(row["操作"], row["对象类别"], row["对象"], row["结果"]) for row in rows] == [
        ("修改", "往来单位", "甲公司", "成功"),
        ("新增", "往来单位", "甲公司", "成功"),
    ]
    assert '"phone":"0572"' in rows[0]["改后"]
    assert '"phone":"0571"' in rows[0]["改前"]

    page.detail.history_wanted.emit(page.model.row(0))
    at_rest()
    assert page.filter.query().object_id == str(made.id)
    page.filter.whole_log.click()
    at_rest()
    page.detail.open_object()
    at_rest()
    assert opened.workspace is not None
    assert opened.workspace.current_key == "contacts"


def test_a_token_is_shown_once_and_revoked(opened: Shell, at_rest: Wait) -> None:
    page = shown(opened, "tokens", at_rest)
    assert isinstance(page, TokensPage)
    assert page.stack.currentWidget() is page.empty
    page.add()
    dialog = the_one(NewTokenDialog)
    dialog.name.setText("网店")
    dialog.ok_button.click()
    assert dialog.message_bar.text == "请至少勾选一项权限。"
    dialog.search.setText("ledger:voucher:view")
    shown_rights = {str(index.data()): index for index in dialog.model.walk() if not dialog.model.rowCount(index)}
    dialog.model.setData(shown_rights["查看凭证"], Qt.CheckState.Checked, Qt.ItemDataRole.CheckStateRole)
    dialog.ok_button.click()
    at_rest()
    token = the_one(TokenShownDialog)
    token.copy_button.click()
    clipboard = QApplication.clipboard()
    assert clipboard is not None
    assert clipboard.text() == token.token.text()
    assert token.token.text().startswith("zf_")
    token.ok_button.click()
    [row] = page.model.rows()
    assert (row.name, row.scope) == ("网店", ["ledger:voucher:view"])
    page.table.selectRow(0)
    page.revoke()
    the_one(QMessageBox).buttons()[0].click()
    at_rest()
    assert page.model.rowCount() == 0
    page.ended.setChecked(True)
    assert page.model.rowCount() == 1
    assert not page.revoke_button.isEnabled()


def test_unknown_names_stand_in_the_log_of_logins(opened: Shell, at_rest: Wait) -> None:
    api = opened.tasks.api
    assert api is not None
    with pytest.raises(NotAuthenticated):
        api.log_in("nobody", "wrong guess")
    page = shown(opened, "logins", at_rest)
    assert isinstance(page, LoginLogPage)
    index = page.model.index(0, 3)
    assert (page.model.row(0).login_name, page.model.data(index)) == ("nobody", "没有这个人")
    page.table.selectRow(0)
    assert not page.unlock_button.isEnabled()
    assert isinstance(shown(opened, "sessions", at_rest), SessionsPage)
