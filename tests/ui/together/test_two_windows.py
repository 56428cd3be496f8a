"""Two windows on one book: each sees what the other does within two seconds, and nothing typed is lost."""

from __future__ import annotations

from PyQt5.QtWidgets import QApplication, QLabel

from app.contract.stock import StockSettingsInput
from app.identity.queries.changes import Cursor
from app.ui.ledger.voucher_line import Column
from app.ui.ledger.voucher_list_page import VoucherListPage
from app.ui.ledger.voucher_page import VoucherPage
from app.ui.navigation import NewSale, OpenVoucherList
from app.ui.presence.presence_label import PresenceLabel
from app.ui.tasks import Change, Topic
from app.ui.trade import document_line
from app.ui.trade.document_page import SalesDocumentPage
from app.ui.widgets.conflict_dialog import ConflictDialog
from tests.ui.together.office import Office, Seat, draft, put, voucher_of


def conflict_of(seat: Seat) -> ConflictDialog | None:
    found = [dialog for dialog in seat.shell.window.findChildren(ConflictDialog) if dialog.isVisible()]
    return found[0] if found else None


def cells(dialog: ConflictDialog) -> list[list[str]]:
    table = dialog.table
    items = [[table.item(row, column) for column in range(4)] for row in range(table.rowCount())]
    return [[item.text() if item is not None else "" for item in row] for row in items]


def test_others_changes_and_presence_are_seen(office: Office) -> None:
    wang, li = office.sit_down("wang"), office.sit_down("li")
    heard: list[Change] = []
    wang.shell.tasks.changed.connect(heard.append)
    first = draft(wang)
    listed = li.go(OpenVoucherList("2026-05", "2026-06"), VoucherListPage)
    office.seen(lambda: len(listed.model.rows()) == 1)

    # who is there stands in the status bar
    label = wang.shell.window.findChild(PresenceLabel)
    assert isinstance(label, PresenceLabel)
    office.seen(lambda: label.text() == "另有 1 人：李")

    # both at one voucher: each sees the other; the list marks it
    page = wang.open_voucher(first.id)
    office.seen(lambda: "王 正在修改" in listed.model.index(0, 6).data())
    other = li.open_voucher(first.id)
    office.seen(lambda: page.editors.isVisible() and other.editors.isVisible())
    assert page.editors.findChild(QLabel).text() == "李 正在修改 记-1，同时修改会有冲突。"
    assert "李 正在修改 记-1" in label.toolTip()

    # nothing typed: what the other saved is shown where one is
    page.form.grid.go(1, Column.ACCOUNT)
    put(other, 0, Column.SUMMARY, "买墨")
    other.save()
    office.seen(lambda: page.form.sheet.lines[0].summary == "买墨")
    assert page.form.grid.cell == (1, Column.ACCOUNT)

    # own changes are no news: nothing was heard of them but what the window's own commands said
    own = [change for change in heard if any(one.user_name == "王" for one in change.by_others)]
    assert own == []
    assert [one.user_name for change in heard for one in change.by_others] == ["李"]

    # a book that was restored gives numbers of own changes to others'
    office.until(lambda: not wang.shell.watcher._under_way)  # whose answer would bring back the cursor of before
    wang.api.transport.own_changes.note("1-1000000")
    wang.shell.watcher._cursor = Cursor(last=1_000_000, at=1).encode()
    wang.watched()
    wang.watched()
    put(other, 0, Column.SUMMARY, "买笔")
    other.save()
    office.seen(lambda: page.form.sheet.lines[0].summary == "买笔")

    # leaving the window is seen at once
    li.shell.close_window()
    office.seen(lambda: not label.isVisible() and not page.editors.isVisible())


def saved_anew_when_deleted(office: Office, wang: Seat, li: Seat, page: VoucherPage) -> None:
    """What is deleted while it is typed into is saved as a new one, not lost."""
    assert page.stored is not None
    number = page.stored.id
    put(page, 0, Column.SUMMARY, "留下的")
    li.api.delete_voucher(number, li.api.get_voucher(number).version)
    page.save()  # refused, unless the watch was faster
    office.seen(lambda: page.stored is None)
    wang.rest()  # by then the other of the two has spoken, too
    assert "已" in page.message_bar.text
    assert "存为新的一张" in page.message_bar.text
    assert page.form.sheet.lines[0].summary == "留下的"
    page.save()
    wang.rest()
    assert not page.has_unsaved()
    assert page.stored is not None
    assert page.stored.id != number
    assert wang.api.get_voucher(page.stored.id).entries[0].summary == "留下的"


def test_both_type_and_choose_with_open_eyes(office: Office) -> None:
    wang, li = office.sit_down("wang"), office.sit_down("li")
    first = draft(wang)
    page = wang.open_voucher(first.id)
    put(page, 0, Column.SUMMARY, "我的")
    wang.rest()
    office.until(lambda: page.form.sheet.lines[1].proposed_flow is not None)

    # while it is typed into, the other saves: a bar says so, nothing typed is touched
    li.api.change_voucher(first.id, voucher_of("她的", "300", first.version))
    office.seen(page.meanwhile.isVisible)
    assert page.meanwhile.label.text() == "李 刚修改了这张凭证，您的改动还没有保存。"
    assert page.form.sheet.lines[0].summary == "我的"
    page.meanwhile.compare.click()
    dialog = conflict_of(wang)
    assert dialog is not None
    assert dialog.heading.text().startswith("李 在 ")
    first_line = cells(dialog)[0]
    second_line = cells(dialog)[1]
    assert second_line[1] == second_line[2]  # a cash-flow line proposed again, as it is stored, is no change of mine
    assert first_line[0] == "第 1 行"
    assert [text.partition(" ·")[0] for text in first_line[1:]] == ["买纸", "我的", "她的"]
    dialog.go_on.click()

    # a save is refused, and asks at once
    page.save()
    wang.rest()
    refused = conflict_of(wang)
    assert refused is not None
    assert refused.advice.text() == "您的改动还没有保存，仍在原处。请选择怎么办："
    refused.keep.click()
    wang.rest()
    assert wang.api.get_voucher(first.id).entries[0].summary == "我的"
    assert not page.has_unsaved()

    # the other way: theirs is taken
    newest = wang.api.get_voucher(first.id)
    put(page, 0, Column.SUMMARY, "又是我的")
    li.api.change_voucher(first.id, voucher_of("又是她的", "5", newest.version))
    page.save()
    wang.rest()
    again = conflict_of(wang)
    assert again is not None
    again.take.click()
    assert page.form.sheet.lines[0].summary == "又是她的"
    assert not page.has_unsaved()
    assert QApplication.activeModalWidget() is None

    saved_anew_when_deleted(office, wang, li, page)


def test_an_empty_document_keeps_the_keyboard_while_others_work(office: Office) -> None:
    wang = office.sit_down("wang")
    page = wang.go(NewSale("sales_order"), SalesDocumentPage)
    page.form.grid.go(0, document_line.DESCRIPTION)
    wang.rest()
    assert page.form.grid.editor is not None
    heard: list[Change] = []
    wang.shell.tasks.changed.connect(heard.append)
    office.client.log_in("li", "li-secret")
    office.client.change_stock_settings(StockSettingsInput(allow_negative=True))
    office.seen(lambda: any(Topic.STOCK in change.topics for change in heard))
    wang.rest()
    assert page.form.grid.editor is not None
    assert page.form.grid.cell == (0, document_line.DESCRIPTION)
