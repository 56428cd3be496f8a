"""Opening balances being typed and pasted: what follows from what, what is taken, what is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.contract.ledger import CashFlowOpening, Opening, OpeningRow
from app.kernel.money import format_amount
from app.ui.ledger.account_index import AccountIndex
from app.ui.ledger.opening_cash import form_lines
from app.ui.ledger.opening_checks import look_over
from app.ui.ledger.opening_line import OpeningColumn, OpeningLine, plain_figure
from app.ui.ledger.opening_paste import paste_block, paste_table, read_grid
from app.ui.ledger.opening_sheet import OpeningSheet
from tests.ui.ledger.ledger_samples import account

C = OpeningColumn
CASH = account("1001", "库存现金", english="Cash on hand")
BANK = account("1002", "银行存款", english="Bank deposits")
RECEIVABLE = account("1122", "应收账款", auxiliaries=("客户",))
GOODS = account("1405", "库存商品", quantity=True)
FIXED = account("1601", "固定资产", leaf=False)
MACHINES = account("160102", "机器设备", parent="1601")
LORRIES = account("160103", "运输工具", parent="1601")
DEPRECIATION = account("1602", "累计折旧", side="credit")
DOLLARS = account("100209", "美元户", currency="USD")
CAPITAL = account("3001", "实收资本", side="credit", category="所有者权益")
PROFIT = account("3103", "本年利润", side="credit", category="所有者权益")
SALES = account("5001", "主营业务收入", side="credit", category="损益")
COSTS = account("5601", "销售费用", category="损益")
CHART = (
    *(CASH, BANK, DOLLARS, RECEIVABLE, GOODS, FIXED, MACHINES, LORRIES, DEPRECIATION),
    *(CAPITAL, PROFIT, SALES, COSTS),
)


def sheet_of(*rows: OpeningRow, mid_year: bool = True, flows: tuple[CashFlowOpening, ...] = ()) -> OpeningSheet:
    return OpeningSheet(
        AccountIndex(CHART), Opening(rows=list(rows), cash_flow=list(flows)), digits=2, mid_year=mid_year
    )


def line_of(sheet: OpeningSheet, code: str, aux: str = "") -> OpeningLine:
    return next(line for line in sheet.lines if line.account.code == code and (not aux or line.aux == aux))


def row_of(sheet: OpeningSheet, code: str) -> int:
    return sheet.lines.index(line_of(sheet, code))


def put(sheet: OpeningSheet, code: str, **texts: str) -> OpeningLine:
    for name, text in texts.items():
        assert sheet.type(row_of(sheet, code), OpeningColumn[name.upper()], text) is None
    return line_of(sheet, code)


def sentences(sheet: OpeningSheet) -> list[str]:
    return [str(concern.text) for concern in look_over(sheet)]


def names_of(sheet: OpeningSheet) -> set[str]:
    return {line.account.code for line in sheet.lines if not line.empty}


@pytest.mark.parametrize(
    ("typed", "begin", "debit", "credit", "opening"),
    [
        ({"ytd_debit": "700", "ytd_credit": "200", "opening_debit": "1500"}, 100000, 70000, 20000, 150000),
        ({"year_begin_debit": "1000", "ytd_debit": "700", "ytd_credit": "200"}, 100000, 70000, 20000, 150000),
        ({"year_begin_debit": "1000", "ytd_debit": "700", "opening_debit": "1500"}, 100000, 70000, 20000, 150000),
        ({"opening_debit": "1500", "ytd_credit": "200", "year_begin_debit": "1000"}, 100000, 70000, 20000, 150000),
        ({"year_begin_debit": "1000"}, 100000, 0, 0, 100000),
        ({"opening_credit": "30"}, -3000, 0, 0, -3000),
    ],
)
def test_each_of_the_four_figures_follows_from_the_other_three(
    typed: dict[str, str], begin: int, debit: int, credit: int, opening: int
) -> None:
    line = put(sheet_of(), "1002", **typed)
    assert (line.year_begin, line.amount(C.YTD_DEBIT), line.amount(C.YTD_CREDIT), line.opening) == (
        begin,
        debit,
        credit,
        opening,
    )
    assert line.disagreement == 0


def test_four_typed_figures_that_disagree_stay_and_the_row_is_named() -> None:
    sheet = sheet_of()
    line = put(sheet, "1002", year_begin_debit="1000", ytd_debit="700", ytd_credit="200", opening_debit="1400")
    assert line.opening == 140000
    assert [str(one.text) for one in look_over(sheet) if one.grave] == [
        "1002 的年初余额加借方累计减贷方累计不等于期初余额，差 -100.00。"
    ]
    put(sheet, "1002", ytd_credit="")
    assert line_of(sheet, "1002").amount(C.YTD_CREDIT) == 30000
    assert not any(one.grave for one in look_over(sheet))


def test_two_balances_that_differ_without_a_turnover_are_named() -> None:
    sheet = sheet_of()
    put(sheet, "1002", year_begin_debit="1000", opening_debit="1500")
    assert "差 500.00" in sentences(sheet)[0]


def test_a_balance_read_from_the_server_follows_what_is_typed_into_the_other() -> None:
    stored = OpeningRow(account_code="3001", year_begin_credit="130.00", ytd_credit="70.00", opening_credit="200.00")
    line = put(sheet_of(stored), "3001", year_begin_credit="150")
    assert line.amount(C.OPENING_CREDIT) == 22000
    line = put(sheet_of(stored), "3001", opening_credit="210")
    assert line.amount(C.YEAR_BEGIN_CREDIT) == 14000


CELLS = ("year_begin_debit", "ytd_debit", "ytd_credit", "opening_debit")


@given(
    st.permutations(list(CELLS)).map(lambda names: names[:3]),
    st.lists(st.integers(-(10**9), 10**9), min_size=3, max_size=3),
)
def test_three_typed_figures_stay_and_the_fourth_fits_in_any_order(names: list[str], amounts: list[int]) -> None:
    sheet = sheet_of()
    row = row_of(sheet, "1002")
    for name, amount in zip(names, amounts, strict=True):
        sheet.type(row, OpeningColumn[name.upper()], format_amount(amount, 2))
    line = sheet.lines[row]
    assert line.disagreement == 0
    assert [line.amount(OpeningColumn[name.upper()]) for name in names] == amounts


def test_quantities_follow_too() -> None:
    line = put(sheet_of(), "1405", quantity="120", ytd_debit_quantity="50", ytd_credit_quantity="30")
    assert line.texts[C.YEAR_BEGIN_QUANTITY] == "100"
    line = put(sheet_of(), "1405", year_begin_quantity="100", ytd_debit_quantity="50.5")
    assert line.texts[C.QUANTITY] == "100"
    assert line.texts[C.YEAR_BEGIN_QUANTITY] == "49.5"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("1,234.50", "1,234.50"),
        ("１，２３４。５０", "1,234.50"),
        ("(1,234.50)", "-1,234.50"),
        ("（５０）", "-50"),
        ("¥ 1,000", "1,000"),
        ("50-", "-50"),
        (" - ", ""),
        ("—", ""),
        ("\u00a012 ", "12"),
        ("(3+4)*2", "(3+4)*2"),
    ],
)
def test_figures_are_read_as_accountants_write_them(text: str, plain: str) -> None:
    assert plain_figure(text) == plain


# --- pasting ---------------------------------------------------------------------------------------------------------

OLD_TRIAL_BALANCE = """甲公司科目余额表\t\t\t\t\t\t\t\t\t
2026年4月\t\t\t\t\t\t\t\t\t
科目编码\t科目名称\t年初余额\t\t本期发生额\t\t本年累计\t\t期末余额\t
\t\t借方\t贷方\t借方\t贷方\t借方\t贷方\t借方\t贷方
1002\t银行存款\t20,000.00\t\t9,999.00\t\t"85,150.00"\t66,350.00\t38,800.00\t
1601\t固定资产\t60,000.00\t\t\t\t\t\t60,000.00\t
1601.02\t机器设备\t60,000.00\t\t\t\t\t\t60,000.00\t
1602\t累计折旧\t\t\t\t\t\t5,000.00\t\t5,000.00
3001\t实收资本\t\t80,000.00\t\t\t\t\t\t80,000.00
3103\t本年利润\t\t\t\t\t71,350.00\t85,150.00\t\t13,800.00
5001\t主营业务收入\t\t\t\t\t85,150.00\t85,150.00\t\t
5601\t销售费用\t\t\t\t\t71,350.00\t71,350.00\t\t
\t合计\t80,000.00\t80,000.00\t\t\t313,000.00\t313,000.00\t98,800.00\t98,800.00
"""


def test_the_old_programs_trial_balance_is_taken_as_it_is() -> None:
    sheet = sheet_of()
    report = paste_table(sheet, read_grid(OLD_TRIAL_BALANCE))
    assert (report.taken, report.left_out) == (7, [])
    bank = line_of(sheet, "1002")
    assert (bank.year_begin, bank.turnover, bank.opening) == (2000000, 1880000, 3880000)
    assert line_of(sheet, "160102").opening == 6000000
    assert [off for _, off in sheet.checks()] == [0, 0, 0]
    assert sheet.totals()[C.YTD_DEBIT] == 31300000
    assert "5001 已结转，没有填本年实际损益：利润表的本年累计会缺它。" in sentences(sheet)
    assert sheet.fill_profit_to_date() == 2
    assert line_of(sheet, "5001").amount(C.PROFIT_TO_DATE) == 8515000
    assert sentences(sheet) == ["没有填前几个月的现金流量：现金流量表的本年累计会缺这几个月。"]
    for number, text in ((1, "85150"), (6, "66,350.00")):
        sheet.cash.type(number, text)
    assert sentences(sheet) == []


def test_a_parent_that_is_not_the_sum_of_its_rows_is_named() -> None:
    sheet = sheet_of()
    table = "编码\t名称\t期初余额\n1601\t固定资产\t70000\n160102\t机器设备\t60000\n160103\t运输工具\t9000\n"
    assert paste_table(sheet, read_grid(table)).taken == 2
    assert [one for one in sentences(sheet) if "1601" in one] == [
        "粘贴的表里 1601 的期初余额是 70,000.00，它的明细加起来差 -1,000.00。"
    ]
    put(sheet, "160103", opening_debit="10000")
    assert not [one for one in sentences(sheet) if "粘贴" in one]


def test_auxiliaries_come_from_their_own_column_and_add_up_to_the_account() -> None:
    sheet = sheet_of(mid_year=False)
    table = (
        "科目代码,科目名称,客户,方向,期初余额\n"
        "1122,应收账款,,借,300.00\n"
        "1122,应收账款,甲公司,借,250.00\n"
        "1122,应收账款,乙公司,贷,50.00\n"
        "1122,应收账款,客户：丙公司,借,110.00\n"
    )
    assert paste_table(sheet, read_grid(table, ",")).taken == 3
    assert line_of(sheet, "1122", "客户:乙公司").opening == -5000
    assert line_of(sheet, "1122", "客户:丙公司").opening == 11000
    assert any("1122" in one and "差 10.00" in one for one in sentences(sheet))
    again = paste_table(sheet, read_grid(table.replace("110.00", "100.00"), ","))
    assert again.taken == 3
    assert sum(line.account.code == "1122" for line in sheet.lines) == 3
    assert not any("粘贴" in one for one in sentences(sheet))


def test_english_headings_currencies_and_negative_figures() -> None:
    sheet = sheet_of()
    table = (
        "Account code\tAccount name\tCurrency\tOpening (debit)\tOpening (credit)\tOpening foreign\t"
        "YTD debit\tYTD credit\n"
        "100209\tUSD account\tUSD\t7,100.00\t\t1,000.00\t710\t0\n"
        "\tBank deposits\t\t(200.00)\t\t\t\t\n"
        "9999\tnobody's\t\t1\t\t\t\t\n"
        "1001\tCash on hand\t\tmuch\t\t\t\t\n"
    )
    report = paste_table(sheet, read_grid(table))
    assert [str(one) for one in report.left_out] == ["账里没有科目“9999 nobody's”。"]
    dollars = line_of(sheet, "100209")
    assert (dollars.opening, dollars.year_begin, dollars.texts[C.OPENING_FOREIGN]) == (710000, 639000, "1000")
    assert line_of(sheet, "1002").amount(C.OPENING_DEBIT) == -20000
    assert [(sheet.lines[row].account.code, column) for row, column, _ in sheet.unread_cells()] == [
        ("1001", C.OPENING_DEBIT)
    ]


def test_a_years_turnover_is_known_by_its_short_name_and_an_unknown_column_is_named() -> None:
    titles = "科目编码\t科目名称\t年初借方\t年初贷方\t{0}借方\t{0}贷方\n"
    figures = "1001\t库存现金\t5000\t\t12000\t11200\n"
    sheet = sheet_of()
    assert not paste_table(sheet, read_grid(titles.format("本年") + figures)).left_out
    assert line_of(sheet, "1001").typed(OpeningColumn.YTD_CREDIT, 2) == "11200.00"
    assert line_of(sheet, "1001").typed(OpeningColumn.OPENING_DEBIT, 2) == "5800.00"
    report = paste_table(sheet_of(), read_grid(titles.format("前十月") + figures))
    assert [str(sentence) for sentence in report.left_out] == [
        "没有认出“前十月借方”这一列，里面的数没有填入。",
        "没有认出“前十月贷方”这一列，里面的数没有填入。",
    ]


def test_a_plain_list_of_two_sides_is_the_opening() -> None:
    sheet = sheet_of(mid_year=False)
    paste_table(sheet, read_grid("科目编码\t科目名称\t借方\t贷方\n1001\t库存现金\t5\t\n3001\t实收资本\t\t5\n"))
    assert sheet.checks() == [("opening", 0)]
    assert names_of(sheet) == {"1001", "3001"}


def test_what_the_program_writes_it_reads_again() -> None:
    rows = (
        OpeningRow(account_code="1002", ytd_debit="5", ytd_credit="7", opening_debit="100.00"),
        OpeningRow(account_code="1122", aux="客户:甲", opening_debit="20.00"),
        OpeningRow(account_code="1122", aux="客户:乙", opening_credit="3.00", year_begin_credit="3.00"),
        OpeningRow(account_code="1405", quantity="3", year_begin_quantity="3", opening_debit="9.00"),
        OpeningRow(account_code="5001", ytd_debit="9", ytd_credit="9", ytd_pl_actual="9"),
    )
    sheet = sheet_of()
    for row in rows:
        columns = list(OpeningRow.model_fields)
        paste_table(sheet, [columns, [getattr(row, name) for name in columns]])
    sent = sheet.to_input()
    again = sheet_of()
    columns = list(OpeningRow.model_fields)
    paste_table(again, [columns, *([getattr(row, name) for name in columns] for row in sent.rows)])
    assert again.to_input() == sent
    assert len(sent.rows) == 5


def test_a_block_goes_where_the_cursor_is_and_can_be_taken_back() -> None:
    sheet = sheet_of()
    before = sheet.content()
    rows = [row_of(sheet, code) for code in ("1001", "1002")]
    columns = [C.YTD_DEBIT, C.YTD_CREDIT, C.OPENING_DEBIT]
    report = paste_block(sheet, read_grid("1\t2\t3\n4\t5\t(6)\n7\t8\t9\n"), rows, columns)
    assert report.taken == 6
    assert [str(one) for one in report.left_out] == ["表的最后 1 行超出了科目，没有填入。"]
    assert line_of(sheet, "1002").opening == -600
    assert sheet.undo()
    assert sheet.content() == before
    assert not sheet.undo()


def test_cells_an_account_has_no_use_for_are_named() -> None:
    sheet = sheet_of()
    report = paste_block(sheet, [["5"]], [row_of(sheet, "1001")], [C.QUANTITY])
    assert [str(one) for one in report.left_out] == ["1001：“5”没有地方可填。"]


# --- what to look at -------------------------------------------------------------------------------------------------


def test_profit_that_did_not_arrive_in_the_years_profit_is_named() -> None:
    sheet = sheet_of()
    put(sheet, "5001", ytd_debit="500", ytd_credit="500", profit_to_date="500")
    put(sheet, "3103", ytd_credit="450", opening_credit="450")
    assert "各损益科目结转了 500.00，本年利润的累计发生额是 450.00，相差 50.00。" in sentences(sheet)
    put(sheet, "3103", ytd_credit="500", opening_credit="500")
    assert not any("结转了" in one for one in sentences(sheet))


def test_interest_earned_on_an_expense_account_counts_with_its_sign() -> None:
    sheet = sheet_of()
    put(sheet, "5601", ytd_debit="150", ytd_credit="150", profit_to_date="-150")
    put(sheet, "3103", ytd_credit="150", opening_credit="150")
    assert not any("结转了" in one for one in sentences(sheet))


def test_missing_and_repeated_auxiliaries_are_grave() -> None:
    sheet = sheet_of()
    put(sheet, "1122", opening_debit="5")
    assert next((str(one.text), one.grave) for one in look_over(sheet)) == ("1122 要填客户。", True)
    put(sheet, "1122", auxiliary="甲")
    row = sheet.add_line(row_of(sheet, "1122"))
    sheet.type(row, C.AUXILIARY, "客户:甲")
    sheet.type(row, C.OPENING_DEBIT, "6")
    assert "1122 有两行的辅助核算和币种相同。" in sentences(sheet)


def test_foreign_amounts_and_quantities_that_lack_are_named() -> None:
    sheet = sheet_of()
    put(sheet, "100209", opening_debit="710", ytd_debit="71")
    put(sheet, "1405", opening_debit="5")
    assert {
        "100209 有余额，没有填原币金额。",
        "100209 年初有余额，没有填年初原币金额。",
        "1405 有余额，没有填数量。",
    } <= set(sentences(sheet))
    put(sheet, "100209", opening_foreign="100", year_begin_foreign="90")
    put(sheet, "1405", quantity="2")
    assert not any("没有填" in one and "现金流量" not in one for one in sentences(sheet))


def test_the_cash_flow_form_adds_up() -> None:
    flows = (
        CashFlowOpening(cash_flow_line=1, ytd_amount="100.00"),
        CashFlowOpening(cash_flow_line=12, ytd_amount="30"),
    )
    sheet = sheet_of(flows=flows)
    assert [line.number for line in form_lines() if line.is_entered] == [
        *range(1, 7),
        *range(8, 13),
        *range(14, 19),
    ]
    assert [sheet.cash.amount(number, 500) for number in (7, 13, 19, 20, 21, 22)] == [
        10000,
        -3000,
        0,
        7000,
        500,
        7500,
    ]
    put(sheet, "1002", ytd_debit="70", opening_debit="70")
    assert sentences(sheet) == []
    put(sheet, "1002", ytd_debit="71", opening_debit="71")
    assert sentences(sheet) == ["年初现金 0.00 加净增加额 70.00 不等于期初现金 71.00，差 -1.00。"]
