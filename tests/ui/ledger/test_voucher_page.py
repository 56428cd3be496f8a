from __future__ import annotations

import datetime
import html

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QMessageBox

from app.client.api import ApiClient
from app.contract.ledger import (
    AccountChange,
    AccountInput,
    AuxiliaryInput,
    AuxiliaryUse,
    EntryInput,
    Voucher,
    VoucherInput,
)
from app.contract.rates import ExchangeRateInput
from app.kernel.errors import EnvironmentFault
from app.kernel.text import message
from app.resources import catalogue
from app.ui.language import LanguageSwitch
from app.ui.ledger.key_help import key_table
from app.ui.ledger.lookup_list import CellChoice
from app.ui.ledger.reversal_dialog import ReversalDialog
from app.ui.ledger.voucher_line import FOREIGN_COLUMNS, Column
from app.ui.ledger.voucher_page import VoucherPage
from app.ui.navigation import NewVoucher, OpenVoucher
from app.ui.tasks import Change, Topic
from app.ui.widgets.conflict_dialog import ConflictDialog
from tests.ui.ledger.desk import Desk
from tests.ui.way import Way

KEY = Qt.Key
KEY_ALONE = Qt.KeyboardModifier.NoModifier
KEY_CONTROL = Qt.KeyboardModifier.ControlModifier
PAPER = (("560201", "300", ""), ("1002", "", "300"))


def put(page: VoucherPage, row: int, column: Column, text: str) -> None:
    page.form.grid.go(row, column)
    editor = page.form.grid.editor
    assert editor is not None
    editor.setText(text)
    editor.setModified(True)
    page.form.grid.commit()


def type_lines(page: VoucherPage, *rows: tuple[str, str, str, str]) -> None:
    for row, texts in enumerate(rows):
        for column, text in zip((Column.SUMMARY, Column.ACCOUNT, Column.DEBIT, Column.CREDIT), texts, strict=True):
            if text:
                put(page, row, column, text)


def answer(page: VoucherPage, text: str) -> None:
    box = page.findChildren(QMessageBox)[-1]
    button = next(button for button in box.buttons() if button.text() == text)
    button.click()


def press(
    desk: Desk, page: VoucherPage, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    target = page.form.grid.editor or page.form.grid
    desk.qtbot.keyClick(target, key, modifier)


def stored(page: VoucherPage) -> Voucher:
    voucher = page.form.sheet.stored
    assert voucher is not None
    return voucher


def test_f8_saves_from_an_open_cell(desk: Desk) -> None:
    page = desk.show(VoucherPage)
    type_lines(page, ("买纸", "560201", "300", ""), ("买纸", "1002", "", ""))
    page.form.grid.go(1, Column.CREDIT)
    assert page.form.grid.editor is not None
    desk.qtbot.keyClicks(page.form.grid.editor, "300")
    assert page.has_unsaved()
    press(desk, page, KEY.Key_F8)
    assert desk.api.get_voucher(stored(page).id).debit_total == "300.00"
    assert not page.has_unsaved()
    assert page.form.number.text() == "1"
    assert page.form.people["maker"].text() == "制单： 王会计"


def test_a_draft_with_faults_is_kept_and_lists_them_at_their_rows(desk: Desk) -> None:
    page = desk.show(VoucherPage)
    type_lines(page, ("买纸", "560201", "300", ""), ("", "1002", "", "200"))
    page.form.sheet.lines[1].summary = ""
    page.save()
    assert {fault.code for fault in stored(page).faults} == {"summary_empty", "unbalanced"}
    assert "第 2 行没有摘要" in page.form.faults.text()
    assert (1, Column.SUMMARY) in page.form.model.faults
    page.form.faults.linkActivated.emit(f"1:{int(Column.SUMMARY)}")
    assert page.form.grid.cell == (1, Column.SUMMARY)


def test_a_refusal_leaves_the_text_and_goes_to_the_cell(desk: Desk) -> None:
    page = desk.show(VoucherPage)
    type_lines(page, ("收款", "1122", "300", ""), ("收款", "5001", "", "300"))
    put(page, 0, Column.AUXILIARY, "客户:没有这一家")
    page.save()
    assert page.form.sheet.stored is None
    assert page.form.grid.cell == (0, Column.AUXILIARY)
    assert page.form.sheet.lines[0].aux == "客户:没有这一家"
    assert page.message_bar.error is not None
    assert page.form.model.faults


def test_a_refused_date_marks_the_field_and_keeps_everything(desk: Desk) -> None:
    page = desk.show(VoucherPage)
    type_lines(page, ("买纸", "560201", "300", ""), ("买纸", "1002", "", "300"))
    page.form.date.setText("六月三十")
    page.save()
    assert page.form.date.property("wrong") is True
    assert page.form.date.text() == "六月三十"
    assert page.form.sheet.stored is None
    page.form.date.setText("0612")
    page.save()
    assert stored(page).date == "2026-06-12"


def test_text_that_cannot_be_read_is_not_sent(desk: Desk) -> None:
    page = desk.show(VoucherPage)
    type_lines(page, ("买纸", "560201", "三百", ""))
    page.save()
    assert page.form.sheet.stored is None
    assert page.form.grid.cell == (0, Column.DEBIT)
    assert "三百" in page.message_bar.text


def test_an_account_that_comes_after_it_was_typed_is_found(desk: Desk) -> None:
    page = desk.show(VoucherPage)
    type_lines(page, ("买纸", "560288", "300", ""), ("买纸", "560289", "", "300"))
    assert "560288" in page.message_bar.text
    for code in ("560288", "560289"):
        desk.api.add_account(AccountInput(code=code, name_zh=f"新科目{code}", parent_code="5602"))
    put(page, 0, Column.ACCOUNT, "560288")  # the chart that is known here does not have it yet
    assert "560288" in page.message_bar.text
    page.refresh(Change(frozenset({Topic.ACCOUNTS})))
    assert [line.account_code for line in page.form.sheet.lines[:2]] == ["560288", "560289"]
    assert page.message_bar.text == ""
    page.form.model.sheet.lines[0].unread[Column.ACCOUNT] = ("560288", message("没有“{text}”。", text="560288"))
    put(page, 0, Column.ACCOUNT, "560288")  # the same text is read again, too
    assert page.form.sheet.unread_cells() == []


def test_a_retry_after_a_lost_answer_makes_no_second_voucher(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    page = desk.show(VoucherPage)
    type_lines(page, ("买纸", "560201", "300", ""), ("买纸", "1002", "", "300"))
    real = ApiClient.add_voucher

    def loses_the_answer(api: ApiClient, voucher: VoucherInput) -> Voucher:
        real(api, voucher)
        raise EnvironmentFault("server_away", message("连不上服务器，请检查它是否在运行，然后再试。"))

    monkeypatch.setattr(ApiClient, "add_voucher", loses_the_answer)
    page.save()
    assert page.form.sheet.stored is None
    assert page.form.sheet.lines[0].debit == 30000
    monkeypatch.setattr(ApiClient, "add_voucher", real)
    put(page, 0, Column.SUMMARY, "买墨")
    page.save()
    listed = desk.api.list_vouchers().vouchers
    assert [head.id for head in listed] == [stored(page).id]
    assert stored(page).entries[0].summary == "买墨"


def test_a_page_knows_its_first_try_when_somebody_changed_that(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    page = desk.show(VoucherPage)
    type_lines(page, ("买纸", "560201", "300", ""), ("买纸", "1002", "", "300"))
    Way(monkeypatch, frozenset({"POST"})).loses = True
    page.save()
    voucher = desk.api.get_voucher(desk.api.list_vouchers().vouchers[0].id)
    hers = [
        EntryInput(summary="她的", account_code=one.account_code, debit=one.debit, credit=one.credit)
        for one in voucher.entries
    ]
    desk.api.change_voucher(voucher.id, VoucherInput(date=voucher.date, entries=hers, version=voucher.version))
    put(page, 0, Column.SUMMARY, "买墨")
    for _ in range(2):
        page.save()
        conflict = next(one for one in page.findChildren(ConflictDialog) if one.isVisible())
        conflict.reject()
    assert page.stored is not None
    assert [head.id for head in desk.api.list_vouchers().vouchers] == [voucher.id] == [page.stored.id]


def test_a_stale_edit_shows_who_was_first_and_lets_one_choose(desk: Desk) -> None:
    draft = desk.write("2026-06-10", *PAPER)
    page = desk.show(VoucherPage)
    page.open(OpenVoucher(draft.id))
    put(page, 0, Column.SUMMARY, "我的")
    theirs = VoucherInput(
        version=draft.version,
        date="2026-06-11",
        entries=[
            EntryInput(summary="别人的", account_code="560201", debit="5"),
            EntryInput(summary="别人的", account_code="1002", credit="5"),
        ],
    )
    desk.api.change_voucher(draft.id, theirs)
    page.save()
    assert page.meanwhile.isVisible()
    assert "王会计" in page.meanwhile.label.text()
    assert page.form.sheet.lines[0].summary == "我的"
    page.meanwhile.keep.click()
    assert page.form.sheet.lines[0].summary == "我的"
    page.save()
    assert desk.api.get_voucher(draft.id).entries[0].summary == "我的"

    put(page, 0, Column.SUMMARY, "又改")
    newest = desk.api.get_voucher(draft.id)
    desk.api.change_voucher(draft.id, theirs.model_copy(update={"version": newest.version}))
    page.save()
    page.meanwhile.reload.click()
    assert page.form.sheet.lines[0].summary == "别人的"
    assert not page.has_unsaved()


def test_review_post_and_their_stamps(desk: Desk) -> None:
    page = desk.show(VoucherPage)
    type_lines(page, ("买纸", "560201", "300", ""), ("买纸", "1002", "", "300"))
    press(desk, page, KEY.Key_F9)
    assert stored(page).state == "reviewed"
    assert page.form.stamp.text == "已审核"
    page.toolbar.buttons["unreview"].click()  # type: ignore[union-attr]
    assert stored(page).state == "draft"
    page._saved_then(lambda: page.ways.act("review"))
    press(desk, page, KEY.Key_F9, KEY_CONTROL)
    assert stored(page).state == "posted"
    assert page.form.stamp.text == "已记账"
    assert page.form.people["poster"].text().endswith("王会计")
    assert not page.form.sheet.editable
    page.form.grid.go(0, Column.DEBIT)
    assert page.form.grid.editor is None


def test_red_reversal_asks_the_date_and_a_blue_correction_is_linked(desk: Desk) -> None:
    original = desk.posted("2026-06-10", *PAPER)
    page = desk.show(VoucherPage)
    page.open(OpenVoucher(original.id))
    page.ways.steps()["reverse"]()
    dialog = page.findChildren(ReversalDialog)[-1]
    dialog.date.setText("28")
    dialog.post.setChecked(True)
    dialog.ok_button.click()
    red = stored(page)
    assert (red.reversal_of, red.date, red.state) == (original.id, "2026-06-28", "posted")
    assert page.form.model.index(0, Column.DEBIT).data() == "-300.00"
    assert "红字冲销" in page.form.kind.text()

    page.open(OpenVoucher(original.id))
    page.ways.copy(correction=True)
    assert page.has_unsaved()
    page.save()
    assert stored(page).correction_of == original.id
    assert stored(page).summary.startswith("订正6月10日记字1号凭证")


def test_void_and_delete_ask_first(desk: Desk) -> None:
    first = desk.write("2026-06-10", *PAPER)
    second = desk.write("2026-06-11", *PAPER)
    page = desk.show(VoucherPage)
    page.open(OpenVoucher(first.id))
    page.ways.steps()["void"]()
    answer(page, "取消")
    assert desk.api.get_voucher(first.id).state == "draft"
    page.ways.steps()["void"]()
    answer(page, "作废")
    assert desk.api.get_voucher(first.id).state == "void"
    assert page.form.stamp.text == "作废"
    page.open(OpenVoucher(second.id))
    page.ways.steps()["delete"]()
    answer(page, "删除")
    assert [head.id for head in desk.api.list_vouchers().vouchers] == [first.id]
    assert page.form.sheet.stored is None


def test_previous_and_next_walk_over_words_and_months(desk: Desk) -> None:
    may = desk.write("2026-05-31", *PAPER)
    first = desk.write("2026-06-10", *PAPER)
    second = desk.write("2026-06-11", *PAPER)
    other_word = desk.write("2026-06-12", *PAPER, word="转")
    page = desk.show(VoucherPage)
    seen = []
    for _ in range(5):
        page._go_to_neighbour(-1)
        seen.append(stored(page).id)
    assert seen == [other_word.id, second.id, first.id, may.id, may.id]
    assert page.message_bar.text == "前面没有凭证了。"
    page._go_to_neighbour(1)
    assert stored(page).id == first.id


def test_leaving_something_typed_asks_what_becomes_of_it(desk: Desk) -> None:
    other = desk.write("2026-06-10", *PAPER)
    page = desk.show(VoucherPage)
    type_lines(page, ("买纸", "560201", "300", ""), ("买纸", "1002", "", "300"))
    page.open(OpenVoucher(other.id))
    assert page.form.sheet.stored is None
    answer(page, "取消")
    assert page.form.sheet.lines[0].debit == 30000
    page.open(OpenVoucher(other.id))
    answer(page, "保存")
    assert stored(page).id == other.id
    assert len(desk.api.list_vouchers().vouchers) == 2
    put(page, 0, Column.SUMMARY, "不要了")
    page.open(NewVoucher())
    answer(page, "不保存")
    assert page.form.sheet.stored is None
    assert desk.api.get_voucher(other.id).entries[0].summary == "业务"


def test_auxiliaries_are_looked_up_and_new_ones_added(desk: Desk) -> None:
    accounts = {account.code: account for account in desk.api.list_accounts().accounts}
    change = AccountChange(version=accounts["1122"].version, auxiliaries=[AuxiliaryUse(kind="客户")])
    desk.api.change_account(accounts["1122"].id, change)
    desk.api.add_auxiliary(AuxiliaryInput(kind="客户", name="甲公司"))
    page = desk.show(VoucherPage)
    type_lines(page, ("收款", "1122", "", ""))
    page.form.grid.go(0, Column.AUXILIARY)
    arrived: list[CellChoice] = []
    page.form.lookups.arrived.connect(lambda _row, choices: arrived.extend(choices))
    with desk.qtbot.waitSignal(page.form.lookups.arrived):
        desk.qtbot.keyClicks(page.form.grid.editor, "jgs")
    assert [choice.value for choice in arrived] == ["客户:甲公司", "jgs"]
    press(desk, page, KEY.Key_Return)
    assert page.form.sheet.lines[0].aux == "客户:甲公司"
    assert page.form.grid.cell == (0, Column.DEBIT)

    page.form.grid.go(0, Column.AUXILIARY)
    arrived.clear()
    with desk.qtbot.waitSignal(page.form.lookups.arrived):
        desk.qtbot.keyClicks(page.form.grid.editor, "xin")
    press(desk, page, KEY.Key_Down)
    press(desk, page, KEY.Key_Return)
    assert page.form.sheet.lines[0].aux == "客户:xin"
    assert "xin" in [item.name for item in desk.api.list_auxiliaries().auxiliaries]


def test_shift_f1_lists_every_key_and_leaves_the_typing_alone(desk: Desk) -> None:
    page = desk.show(VoucherPage)
    page.form.grid.go(0, Column.SUMMARY)
    press(desk, page, KEY.Key_F1, Qt.KeyboardModifier.ShiftModifier)
    box = page.findChildren(QMessageBox)[-1]
    assert box.isVisible()
    assert not box.isModal()
    assert all(html.escape(key) in box.text() for key, _ in key_table())
    box.close()


def test_the_page_speaks_english_while_running(desk: Desk, qapp: object) -> None:
    page = desk.show(VoucherPage)
    type_lines(page, ("买纸", "560201", "300", ""))
    language = LanguageSwitch(catalogue("en"), page)
    language.use("en")
    assert page.title() == "Voucher entry"
    desk.qtbot.waitUntil(lambda: page.form.difference.text() == "Credit lacks 300.00")
    assert page.form.model.headerData(Column.SUMMARY, Qt.Orientation.Horizontal) == "Summary"
    assert page.form.model.index(0, Column.ACCOUNT).data().startswith("560201 Administrative")
    language.use("zh")
    desk.qtbot.waitUntil(lambda: page.form.difference.text() == "贷方少 300.00")
    assert page.title() == "凭证录入"
    assert page.form.sheet.lines[0].debit == 30000


def usd_on(desk: Desk, **rates: str) -> None:
    """Give the book the dollar's rates of some days of June (`d12="7.18"`)."""
    desk.api.save_exchange_rates(
        [ExchangeRateInput(currency="USD", date=f"2026-06-{day[1:]}", rate=rate) for day, rate in rates.items()]
    )


def test_a_foreign_line_takes_the_rate_of_the_vouchers_day(desk: Desk) -> None:
    usd_on(desk, d01="7.20", d12="7.18")
    page = desk.show(VoucherPage)
    page.form.date.take(datetime.date(2026, 6, 12))
    type_lines(page, ("收汇", "1002", "", ""))
    page.form.grid.show_extra(frozenset(FOREIGN_COLUMNS), shown=True)
    put(page, 0, Column.CURRENCY, "usd")
    page.form.grid.go(0, Column.RATE)
    line = page.form.sheet.lines[0]
    desk.qtbot.waitUntil(lambda: line.rate == "7.18")
    editor = page.form.grid.editor
    assert editor is not None
    assert editor.text() == "7.18"  # the open cell shows it: leaving it takes nothing away
    put(page, 0, Column.FOREIGN, "1000")
    assert line.rate == "7.18"
    assert (line.debit, line.credit) == (718_000, 0)
    page.form.date.take(datetime.date(2026, 6, 11))  # a Thursday: the rate of the first counts
    desk.qtbot.waitUntil(lambda: line.rate == "7.2")
    assert line.debit == 720_000


def test_a_rate_that_was_typed_or_cleared_stays(desk: Desk) -> None:
    usd_on(desk, d12="7.18")
    page = desk.show(VoucherPage)
    page.form.date.take(datetime.date(2026, 6, 12))
    type_lines(page, ("收汇", "1002", "", ""), ("收汇", "1122", "", ""), ("收汇", "1122", "", "700"))
    page.form.grid.show_extra(frozenset(FOREIGN_COLUMNS), shown=True)
    for row in range(3):
        put(page, row, Column.CURRENCY, "USD")
    put(page, 0, Column.RATE, "7.5")
    page.rates.ask()
    lines = page.form.sheet.lines
    assert [line.rate for line in lines[:3]] == ["7.5", "7.18", ""]  # a typed amount says its rate by itself
    put(page, 1, Column.RATE, "")
    page.rates.ask()
    assert lines[1].rate == ""
