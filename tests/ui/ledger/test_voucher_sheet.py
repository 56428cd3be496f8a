from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ui.ledger.account_index import AccountIndex
from app.ui.ledger.voucher_line import Column, join_auxiliary, split_auxiliary
from app.ui.ledger.voucher_sheet import VoucherSheet
from tests.ui.ledger.ledger_samples import chart, currencies


@pytest.fixture
def sheet() -> VoucherSheet:
    return VoucherSheet(AccountIndex(chart()), currencies())


def fill(sheet: VoucherSheet, *rows: tuple[str, str, str, str]) -> None:
    for row, (summary, account, debit, credit) in enumerate(rows):
        for column, text in ((Column.SUMMARY, summary), (Column.ACCOUNT, account)):
            assert sheet.type(row, column, text) is None
        for column, text in ((Column.DEBIT, debit), (Column.CREDIT, credit)):
            if text:
                assert sheet.type(row, column, text) is None


def test_look_up_finds_by_code_name_and_initials_leaves_only() -> None:
    index = AccountIndex(chart())
    assert [a.code for a in index.search("1002", leaves=True)] == ["100201", "100202"]
    assert index.search("yszk")[0].code == "1122"
    assert index.search("办公")[0].code == "560201"
    assert index.search("icbc", english=True)[0].code == "100201"
    assert "560202" not in [a.code for a in index.search("clf")]
    assert index.full_name("560201") == "管理费用-办公费"


def test_balance_fills_the_cell_it_is_typed_in(sheet: VoucherSheet) -> None:
    fill(sheet, ("买纸", "560201", "300", ""), ("买纸", "1001", "", ""))
    assert sheet.balance(1, Column.CREDIT) is Column.CREDIT
    assert sheet.lines[1].credit == 30000
    assert sheet.difference == 0


def test_balance_takes_the_other_side_rather_than_turn_red(sheet: VoucherSheet) -> None:
    fill(sheet, ("买纸", "560201", "300", ""), ("买纸", "1001", "", ""))
    assert sheet.balance(1, Column.DEBIT) is Column.CREDIT
    assert (sheet.lines[1].debit, sheet.lines[1].credit) == (0, 30000)


def test_balance_of_a_red_voucher_keeps_its_side(sheet: VoucherSheet) -> None:
    fill(sheet, ("注销", "560201", "-300", ""), ("注销", "1001", "", ""))
    assert sheet.balance(1, Column.CREDIT) is Column.CREDIT
    assert sheet.lines[1].credit == -30000


def test_balance_when_nothing_is_missing_changes_nothing(sheet: VoucherSheet) -> None:
    fill(sheet, ("买纸", "560201", "300", ""), ("买纸", "1001", "", "300"))
    assert sheet.balance(2, Column.DEBIT) is None


@given(st.lists(st.tuples(st.booleans(), st.integers(-(10**12), 10**12)), min_size=1, max_size=8), st.data())
def test_balance_always_balances(amounts: list[tuple[bool, int]], data: st.DataObject) -> None:
    sheet = VoucherSheet(AccountIndex(chart()), currencies())
    for row, (credit, amount) in enumerate(amounts):
        sheet.lines[row].put(amount, credit=credit)
        sheet.lines[row].account_code = "1001"
        sheet.pad()
    row = data.draw(st.integers(0, len(amounts)))
    sheet.balance(row, data.draw(st.sampled_from([Column.DEBIT, Column.CREDIT, None, Column.SUMMARY])))
    assert sheet.difference == 0
    assert 0 in (sheet.lines[row].debit, sheet.lines[row].credit)


def test_a_line_has_one_side_only(sheet: VoucherSheet) -> None:
    fill(sheet, ("买纸", "560201", "300", ""))
    sheet.type(0, Column.CREDIT, "20")
    assert (sheet.lines[0].debit, sheet.lines[0].credit) == (0, 2000)
    sheet.swap_sides(0)
    assert (sheet.lines[0].debit, sheet.lines[0].credit) == (2000, 0)


def test_what_cannot_be_read_stays_as_typed(sheet: VoucherSheet) -> None:
    refusal = sheet.type(0, Column.DEBIT, "三百")
    assert refusal is not None
    assert sheet.shown(0, Column.DEBIT) == "三百"
    assert [(row, column) for row, column, _ in sheet.unread_cells()] == [(0, Column.DEBIT)]
    assert sheet.type(0, Column.DEBIT, "300") is None
    assert sheet.unread_cells() == []


def test_an_account_is_taken_by_code_name_or_the_only_hit(sheet: VoucherSheet) -> None:
    for text in ("560201", "办公费", "bgf", "560201 管理费用-办公费"):
        assert sheet.type(0, Column.ACCOUNT, text) is None
        assert sheet.lines[0].account_code == "560201"
    assert sheet.type(0, Column.ACCOUNT, "9999") is not None
    assert sheet.shown(0, Column.ACCOUNT) == "9999"


def test_the_summary_is_carried_but_the_row_does_not_count(sheet: VoucherSheet) -> None:
    fill(sheet, ("买纸", "560201", "300", ""))
    assert sheet.carry_summary(1)
    assert sheet.lines[1].summary == "买纸"
    assert sheet.used == [0]
    sheet.type(1, Column.ACCOUNT, "1001")
    assert sheet.used == [0, 1]


def test_foreign_amount_and_rate_give_the_base_amount(sheet: VoucherSheet) -> None:
    fill(sheet, ("收汇", "100202", "", ""))
    assert sheet.lines[0].currency == "USD"
    sheet.type(0, Column.FOREIGN, "1,000")
    sheet.type(0, Column.RATE, "7.1234")
    assert sheet.lines[0].debit == 712340
    assert sheet.shown(0, Column.FOREIGN) == "1,000.00"
    sheet.swap_sides(0)
    sheet.type(0, Column.RATE, "7.2")
    assert sheet.lines[0].credit == 720000


def test_quantity_times_price_gives_the_amount(sheet: VoucherSheet) -> None:
    fill(sheet, ("进货", "1405", "", ""))
    sheet.type(0, Column.QUANTITY, "3")
    sheet.type(0, Column.PRICE, "33.335")
    assert sheet.lines[0].debit == 10001
    assert sheet.to_input().entries[0].quantity == "3"


def test_enter_walks_only_the_cells_the_account_has_use_for(sheet: VoucherSheet) -> None:
    fill(sheet, ("收款", "1001", "", ""), ("收款", "1122", "", ""))
    assert sheet.next_cell(0, Column.ACCOUNT) == (0, Column.DEBIT)
    assert sheet.next_cell(1, Column.ACCOUNT) == (1, Column.AUXILIARY)
    assert sheet.next_cell(0, Column.DEBIT) == (0, Column.CREDIT)
    assert sheet.next_cell(0, Column.CREDIT) == (1, Column.SUMMARY)
    assert sheet.next_cell(0, Column.ACCOUNT, frozenset({Column.CASH_FLOW})) == (0, Column.CASH_FLOW)
    assert sheet.previous_cell(1, Column.SUMMARY) == (0, Column.CREDIT)


def test_error_paths_of_the_server_find_their_cell_past_empty_rows(sheet: VoucherSheet) -> None:
    fill(sheet, ("买纸", "560201", "300", ""))
    sheet.insert(0)
    assert sheet.cell_of("entries.0.debit") == (1, Column.DEBIT)
    assert sheet.cell_of("entries.0.aux") == (1, Column.AUXILIARY)
    assert sheet.cell_of("entries.7.debit") is None
    assert sheet.cell_of("date") is None


def test_capital_total_follows_the_typing(sheet: VoucherSheet) -> None:
    fill(sheet, ("买纸", "560201", "1409.50", ""))
    assert sheet.capital() == "壹仟肆佰零玖元伍角整"
    fill(sheet, ("买纸", "560201", "1409.50", ""), ("买纸", "1001", "", "9"))
    assert sheet.capital() == ""


def test_auxiliaries_are_read_with_full_width_signs_and_bare_names(sheet: VoucherSheet) -> None:
    assert split_auxiliary("客户：甲公司；部门：一车间", []) == [("客户", "甲公司"), ("部门", "一车间")]
    fill(sheet, ("收款", "1122", "", ""))
    assert sheet.type(0, Column.AUXILIARY, "甲公司") is None
    assert sheet.lines[0].aux == "客户:甲公司"
    fill(sheet, ("收款", "1001", "", ""))
    assert sheet.type(0, Column.AUXILIARY, "甲公司") is not None


@given(
    st.dictionaries(st.sampled_from(["客户", "部门"]), st.text("甲乙丙ab c", min_size=1).map(str.strip).filter(bool))
)
def test_an_auxiliary_text_written_can_be_read(items: dict[str, str]) -> None:
    assert dict(split_auxiliary(join_auxiliary(items.items()), [])) == items
