"""Two versions side by side: which lines differ, what a form shows, and where one is in a list that others change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from PyQt5.QtCore import QItemSelectionModel

from app.contract.contacts import ContactChange, ContactInput
from app.contract.inventory import ItemChange, ItemInput
from app.contract.ledger import AccountChange
from app.contract.together import ChangedObject
from app.ui.contacts.contact_dialog import ContactDialog
from app.ui.inventory.item_dialog import ItemDialog
from app.ui.ledger.account_dialog import AccountDialog
from app.ui.ledger.voucher_line import Column as VoucherColumn
from app.ui.ledger.voucher_page import VoucherPage
from app.ui.navigation import OpenVoucher
from app.ui.page import Page
from app.ui.presence.differences import Difference, field_differences, line_differences
from app.ui.tasks import Change, Topic
from app.ui.widgets.conflict_dialog import ConflictDialog
from app.ui.widgets.form_dialog import FormDialog
from app.ui.widgets.paged_table import Column, PagedTable, PagedTableModel
from tests.ui.ledger.conftest import api, desk, empty_book, runner
from tests.ui.ledger.desk import Desk
from tests.ui.together.office import put

__all__ = ["api", "desk", "empty_book", "runner"]


class Blank(Page):
    """A page that dialogs stand above."""

    def title(self) -> str:
        """It has none."""
        return ""


def parent_of(desk: Desk) -> Blank:
    return desk.show(Blank)


def test_only_what_differs_is_listed() -> None:
    assert field_differences({"a": "1", "b": "2"}, {"a": "1", "b": "3"}, {"a": "1", "b": "2"}) == [
        Difference("b", "2", "3", "2")
    ]
    assert line_differences(["x", "y"], ["x", "y"], ["x", "y"]) == []


@pytest.mark.parametrize(
    ("mine", "theirs", "expected"),
    [
        (["x", "Y", "z"], ["x", "y", "z"], [("第 2 行", "y", "Y", "y")]),
        (["x", "y", "z"], ["new", "x", "y", "z"], [("新的一行", "", "", "new")]),
        (["x", "z"], ["x", "y", "Z"], [("第 2 行", "y", "", "y"), ("第 3 行", "z", "z", "Z")]),
        (["x", "y", "z", "m"], ["x", "y", "z", "t"], [("新的一行", "", "m", "t")]),
    ],
)
def test_a_line_put_in_between_leaves_the_others_alone(
    mine: list[str], theirs: list[str], expected: list[tuple[str, str, str, str]]
) -> None:
    rows = line_differences(["x", "y", "z"], mine, theirs)
    assert [(row.label, row.was, row.mine, row.theirs) for row in rows] == expected


# --- forms -----------------------------------------------------------------------------------------------------------


def conflict_over(dialog: FormDialog) -> ConflictDialog:
    found = [one for one in dialog.findChildren(ConflictDialog) if one.isVisible()]
    assert len(found) == 1
    return found[0]


def shown(dialog: ConflictDialog) -> dict[str, list[str]]:
    table = dialog.table
    rows = [[table.item(row, column) for column in range(4)] for row in range(table.rowCount())]
    texts = [[item.text() if item is not None else "" for item in row] for row in rows]
    return {row[0]: row[1:] for row in texts}


def test_a_form_shows_both_versions_and_saves_over_theirs(desk: Desk) -> None:
    contact = desk.api.add_contact(ContactInput(name="甲公司", roles=["customer"]))
    parent = parent_of(desk)
    dialog = ContactDialog(parent, contact)
    dialog.open()
    dialog.texts["phone"].setText("123")
    desk.api.change_contact(contact.id, ContactChange(phone="456", address="北京", version=contact.version))
    dialog.ok_button.click()
    conflict = conflict_over(dialog)
    assert shown(conflict) == {"电话": ["—", "123", "456"], "地址": ["—", "—", "北京"]}
    assert "王会计" in conflict.heading.text()
    conflict.go_on.click()
    assert dialog.isVisible()
    dialog.ok_button.click()
    conflict_over(dialog).keep.click()
    assert not dialog.isVisible()
    assert desk.api.get_contact(contact.id).phone == "123"


def test_theirs_is_taken_and_a_lost_answer_is_no_conflict(desk: Desk) -> None:
    item = desk.api.add_item(ItemInput(code="A1", name="苹果", unit="个"))
    parent = parent_of(desk)
    dialog = ItemDialog(parent, [], item)
    dialog.open()
    dialog.texts["note"].setText("我的")
    changed = desk.api.change_item(item.id, ItemChange(note="她的", version=item.version))
    dialog.ok_button.click()
    assert shown(conflict_over(dialog)) == {"备注": ["—", "我的", "她的"]}
    conflict_over(dialog).take.click()
    assert not dialog.isVisible()
    assert desk.api.get_item(item.id) == changed

    again = ItemDialog(parent, [], item)
    again.open()
    again.texts["note"].setText("她的")
    again.ok_button.click()
    assert not again.isVisible()  # what stands here is what the server has
    assert desk.api.get_item(item.id) == changed


def test_boxes_and_choices_are_told_as_people_read_them(desk: Desk) -> None:
    account = next(one for one in desk.api.list_accounts().accounts if one.code == "1001")
    parent = parent_of(desk)
    dialog = AccountDialog(parent, account, [])
    dialog.open()
    dialog.name_en.setText("Mine")
    change = AccountChange(version=account.version, has_quantity=True, unit="张")
    desk.api.change_account(account.id, change)
    dialog.ok_button.click()
    rows = shown(conflict_over(dialog))
    assert rows["英文名称"][1] == "Mine"
    assert rows["数量核算"] == ["—", "—", "核算数量，单位 · 张"]
    conflict_over(dialog).go_on.click()
    dialog.reject()


@pytest.mark.parametrize("asked", ["change_voucher", "get_voucher"], ids=["before the refusal", "after it"])
def test_a_draft_somebody_deleted_is_saved_as_new_whenever_the_watch_tells(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    draft = desk.write("2026-06-10", ("560201", "300", ""), ("1002", "", "300"))
    page = desk.show(VoucherPage)
    page.open(OpenVoucher(draft.id))
    put(page, 0, VoucherColumn.SUMMARY, "留下的")
    desk.api.delete_voucher(draft.id, draft.version)
    real = getattr(desk.api, asked)
    deleted = ChangedObject(
        id=1,
        at=0,
        user_id=2,
        user_name="李",
        action="delete",
        object_type="voucher",
        object_id=str(draft.id),
        topics=["vouchers"],
    )

    def meanwhile(*wish: Any) -> Any:
        monkeypatch.setattr(desk.api, asked, real)
        desk.runner.changed.emit(Change(frozenset({Topic.VOUCHERS}), None, (deleted,)))
        return real(*wish)

    monkeypatch.setattr(desk.api, asked, meanwhile)
    page.save()
    assert page.message_bar.text == "李 已删除 记-1；您录入的内容仍在这里，再保存时存为新的一张。"
    page.save()
    assert page.stored is not None
    assert page.stored.id != draft.id
    assert page.stored.entries[0].summary == "留下的"


# --- lists -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    id: int
    name: str


def test_a_list_keeps_cursor_choice_and_place_when_others_add_rows(desk: Desk) -> None:
    parent = parent_of(desk)
    model: PagedTableModel[Row] = PagedTableModel([Column(lambda: "名称", lambda row: row.name)], parent)
    table = PagedTable(model, parent)
    table.setSelectionMode(PagedTable.SelectionMode.ExtendedSelection)
    table.resize(300, 200)
    table.show()
    rows = [Row(number, str(number)) for number in range(100)]
    model.show_rows(rows)
    selection = table.selectionModel()
    assert selection is not None
    table.setCurrentIndex(model.index(40, 0))
    selection.select(model.index(42, 0), QItemSelectionModel.SelectionFlag.Select)
    table.scrollTo(model.index(38, 0), PagedTable.ScrollHint.PositionAtTop)
    top = table.rowAt(0)
    assert top > 0
    model.show_rows([Row(number, str(number)) for number in (900, 901, 902)] + rows[:41] + rows[42:])
    assert [row.id for row in table.selected_rows()] == [40, 42]
    assert table.current_row().id == 40
    assert model.row(table.rowAt(0)).id == top
