"""Figures of the statements, worked out by hand on small books, on both databases."""

from __future__ import annotations

import pytest

from app.contract.ledger import AccountInput, AuxiliaryUse, CashFlowOpening, Opening, OpeningRow
from app.contract.statements import ReclassificationInput, VatPresentationInput
from app.identity.actor import Actor
from app.kernel.errors import NotFound, RuleBroken
from app.ledger.service import opening
from app.ledger.service.accounts import create_account
from app.reports.statements.changing import set_vat_presentation
from app.reports.statements.reclassifications import add_reclassification
from app.storage.database import execute, fetch_all
from tests.ledger.build import draft, line
from tests.reports.statements.asking import failing, lines, posted, posted_as, statement


def trade(actor: Actor) -> None:
    """January: capital, a sale on credit and one for cash, stock, wages, interest; nothing closed."""
    posted(actor, "2026-01-02", line("1002", "100000"), line("3001", credit="100000"))
    posted(
        actor,
        "2026-01-05",
        line("1122", "11300", aux="客户:甲公司"),
        line("5001", credit="10000"),
        line("22210107", credit="1300"),
    )
    posted(actor, "2026-01-06", line("1001", "2260"), line("5001", credit="2000"), line("22210107", credit="260"))
    posted(
        actor,
        "2026-01-08",
        line("1405", "5000"),
        line("22210101", "650"),
        line("2202", credit="5650", aux="供应商:乙厂"),
    )
    posted(actor, "2026-01-20", line("5401", "3000"), line("1405", credit="3000"))
    posted(actor, "2026-01-25", line("560201", "4000"), line("1002", credit="4000", cash_flow_line=4))
    posted(actor, "2026-01-31", line("1002", "8"), line("560302", "-8"))


CLOSING_OF_JANUARY = (
    line("5001", "12000"),
    line("5401", "-3000"),
    line("560201", credit="4000"),
    line("560302", credit="-8"),
    line("3103", credit="5008"),
)
"""As people type it: an expense by a red debit, others on the credit side."""

INCOME = {
    1: "12000.00",
    2: "3000.00",
    14: "4000.00",
    18: "-8.00",
    19: "-8.00",
    21: "5008.00",
    30: "5008.00",
    32: "5008.00",
}
BALANCE = {
    1: "98268.00",
    4: "11300.00",
    9: "2000.00",
    12: "2000.00",
    15: "111568.00",
    30: "111568.00",
    33: "5650.00",
    36: "910.00",
    41: "6560.00",
    47: "6560.00",
    48: "100000.00",
    51: "5008.00",
    52: "105008.00",
    53: "111568.00",
}


def test_the_three_statements_of_a_month(firm: Actor) -> None:
    trade(firm)
    assert lines(firm, "balance-sheet", "closing") == BALANCE
    assert lines(firm, "balance-sheet", "year_begin") == {}
    assert lines(firm, "income-statement", "ytd") == INCOME
    assert lines(firm, "income-statement", "month") == INCOME
    assert lines(firm, "cash-flow", "month") == {
        1: "2260.00",
        2: "8.00",
        4: "4000.00",
        7: "-1732.00",
        15: "100000.00",
        19: "100000.00",
        20: "98268.00",
        22: "98268.00",
    }
    for name in ("balance-sheet", "income-statement", "cash-flow", "profit-appropriation"):
        assert failing(statement(firm, name)) == []


def test_statements_are_the_same_after_profit_and_loss_is_carried_forward(firm: Actor) -> None:
    trade(firm)
    names = ("balance-sheet", "income-statement", "cash-flow", "profit-appropriation")
    before = [statement(firm, name) for name in names]
    posted_as(firm, "close_pl", "2026-01-31", *CLOSING_OF_JANUARY)
    assert [statement(firm, name) for name in names] == before


def test_a_later_month_adds_to_the_year_and_stands_alone(firm: Actor) -> None:
    trade(firm)
    posted_as(firm, "close_pl", "2026-01-31", *CLOSING_OF_JANUARY)
    posted(firm, "2026-02-03", line("1001", "500"), line("5051", credit="500"))
    assert lines(firm, "income-statement", "month")[1] == "500.00"
    assert lines(firm, "income-statement", "ytd")[1] == "12500.00"
    assert lines(firm, "income-statement", "month", "2026-01", "2026-02")[1] == "12500.00"
    assert lines(firm, "income-statement", "month", "", "2026-01") == INCOME
    assert lines(firm, "cash-flow", "month") == {
        1: "500.00",
        7: "500.00",
        20: "500.00",
        21: "98268.00",
        22: "98768.00",
    }
    assert lines(firm, "cash-flow", "ytd")[22] == "98768.00"
    assert lines(firm, "balance-sheet", "closing")[51] == "5508.00"


def test_unposted_vouchers_count_when_wanted(firm: Actor) -> None:
    posted(firm, "2026-01-02", line("1002", "100"), line("3001", credit="100"))
    draft(firm, "2026-01-03", line("1002", "11"), line("5001", credit="11"))
    assert lines(firm, "balance-sheet", "closing")[1] == "100.00"
    assert lines(firm, "balance-sheet", "closing", include_unposted=True)[1] == "111.00"
    assert lines(firm, "income-statement", "month", include_unposted=True)[32] == "11.00"
    assert failing(statement(firm, "cash-flow", include_unposted=True)) == []


def test_the_next_year_begins_with_the_last_closing(firm: Actor) -> None:
    trade(firm)
    posted_as(firm, "close_pl", "2026-01-31", *CLOSING_OF_JANUARY)
    posted_as(firm, "close_year", "2026-12-31", line("3103", "5008"), line("310415", credit="5008"))
    posted(firm, "2027-03-01", line("1001", "10"), line("5001", credit="10"))
    assert lines(firm, "balance-sheet", "year_begin", "", "2027-03") == BALANCE
    assert lines(firm, "balance-sheet", "closing", "", "2026-12") == BALANCE
    assert lines(firm, "balance-sheet", "closing", "", "2027-01") == BALANCE
    assert lines(firm, "income-statement", "ytd")[32] == "10.00"
    appropriation = lines(firm, "profit-appropriation", "current_year")
    assert appropriation == {1: "10.00", 2: "5008.00", 4: "5018.00", 11: "5018.00", 13: "5018.00"}
    assert lines(firm, "balance-sheet", "closing")[51] == "5018.00"
    # a year in which nothing was entered opens with what the year before left
    assert lines(firm, "balance-sheet", "year_begin", "", "2029-06")[51] == "5018.00"


def test_appropriation_of_a_year(firm: Actor) -> None:
    """Article 72: ten percent to the statutory reserve, the rest as the owners decide; then details are closed."""
    trade(firm)
    posted_as(firm, "close_pl", "2026-01-31", *CLOSING_OF_JANUARY)
    posted_as(firm, "close_year", "2026-12-31", line("3103", "5008"), line("310415", credit="5008"))
    posted(firm, "2026-12-31", line("310402", "500.80"), line("310101", credit="500.80"))
    posted(firm, "2026-12-31", line("310404", "1000"), line("2232", credit="1000"))
    expected = {
        1: "5008.00",
        4: "5008.00",
        5: "500.80",
        11: "4507.20",
        12: "1000.00",
        13: "3507.20",
    }
    assert lines(firm, "profit-appropriation", "current_year") == expected
    posted_as(
        firm,
        "close_year",
        "2026-12-31",
        line("310415", "1500.80"),
        line("310402", credit="500.80"),
        line("310404", credit="1000"),
    )
    assert lines(firm, "profit-appropriation", "current_year") == expected
    balance = lines(firm, "balance-sheet", "closing")
    assert (balance[50], balance[51], balance[38]) == ("500.80", "3507.20", "1000.00")
    assert failing(statement(firm, "balance-sheet")) == []
    assert failing(statement(firm, "profit-appropriation")) == []


# --- a book that begins in the middle of a year ---

JUNE = [
    OpeningRow(
        account_code="1002",
        year_begin_debit="1000",
        ytd_debit="900",
        ytd_credit="200",
        opening_debit="1700",
    ),
    OpeningRow(account_code="3001", year_begin_credit="600", opening_credit="600"),
    OpeningRow(account_code="310415", year_begin_credit="400", opening_credit="400"),
    OpeningRow(account_code="3103", ytd_debit="200", ytd_credit="900", opening_credit="700"),
    OpeningRow(account_code="5001", ytd_debit="900", ytd_credit="900", ytd_pl_actual="900"),
    OpeningRow(account_code="560299", ytd_debit="200", ytd_credit="200", ytd_pl_actual="200"),
]


def test_a_book_opened_in_june_knows_the_year_before_it(june_firm: Actor) -> None:
    flows = [CashFlowOpening(cash_flow_line=1, ytd_amount="900"), CashFlowOpening(cash_flow_line=6, ytd_amount="200")]
    opening.replace_opening(june_firm, Opening(rows=JUNE, cash_flow=flows))
    posted(june_firm, "2026-06-10", line("1002", "50"), line("5001", credit="50"))
    assert lines(june_firm, "income-statement", "ytd") == {
        1: "950.00",
        14: "200.00",
        21: "750.00",
        30: "750.00",
        32: "750.00",
    }
    assert lines(june_firm, "income-statement", "month")[32] == "50.00"
    balance = statement(june_firm, "balance-sheet")
    assert lines(june_firm, "balance-sheet", "year_begin") == {
        1: "1000.00",
        15: "1000.00",
        30: "1000.00",
        48: "600.00",
        51: "400.00",
        52: "1000.00",
        53: "1000.00",
    }
    assert lines(june_firm, "balance-sheet", "closing")[51] == "1150.00"
    assert failing(balance) == []
    flow = lines(june_firm, "cash-flow", "ytd")
    assert (flow[1], flow[6], flow[20], flow[21], flow[22]) == ("950.00", "200.00", "750.00", "1000.00", "1750.00")
    month = lines(june_firm, "cash-flow", "month")
    assert (month[1], month[21], month[22]) == ("50.00", "1700.00", "1750.00")
    assert failing(statement(june_firm, "cash-flow")) == []
    assert failing(statement(june_firm, "profit-appropriation")) == []
    # half a year that the book knows as one sum and a month
    assert lines(june_firm, "income-statement", "month", "2026-01", "2026-06")[32] == "750.00"


def test_elapsed_cash_flow_that_does_not_fit_is_said(june_firm: Actor) -> None:
    opening.replace_opening(
        june_firm, Opening(rows=JUNE, cash_flow=[CashFlowOpening(cash_flow_line=1, ytd_amount="900")])
    )
    checks = {check.code: check for check in failing(statement(june_firm, "cash-flow"))}
    assert checks["cash-entries"].message == "启用前各月：现金的变动与录入的现金流量差 -200.00，请核对期初的现金流量。"


# --- split by counterparty ---


def test_receivables_and_advances_are_parted_by_customer(firm: Actor) -> None:
    posted(firm, "2026-01-02", line("1122", "100", aux="客户:甲公司"), line("5001", credit="100"))
    posted(firm, "2026-01-03", line("1001", "30"), line("1122", credit="30", aux="客户:乙公司"))
    posted(firm, "2026-01-04", line("1001", "5"), line("2203", credit="5", aux="客户:甲公司"))
    posted(firm, "2026-01-05", line("2203", "7", aux="客户:丙公司"), line("1001", credit="7"))
    posted(firm, "2026-01-06", line("1123", "11", aux="供应商:丁厂"), line("1001", credit="11"))
    posted(firm, "2026-01-07", line("1405", "13"), line("2202", credit="13", aux="供应商:丁厂"))
    posted(firm, "2026-01-08", line("2202", "17", aux="供应商:戊厂"), line("1001", credit="17"))
    shown = lines(firm, "balance-sheet", "closing")
    assert (shown[4], shown[34]) == ("107.00", "35.00")
    assert (shown[5], shown[33]) == ("28.00", "13.00")
    assert failing(statement(firm, "balance-sheet")) == []


def test_a_counterparty_is_one_whatever_the_department(firm: Actor) -> None:
    create_account(
        firm,
        AccountInput(
            code="112201",
            name_zh="货款",
            parent_code="1122",
            auxiliaries=[AuxiliaryUse(kind="客户"), AuxiliaryUse(kind="部门", demanded=False)],
        ),
    )
    posted(firm, "2026-01-02", line("112201", "100", aux="客户:甲公司;部门:一部"), line("5001", credit="100"))
    posted(firm, "2026-01-03", line("1001", "40"), line("112201", credit="40", aux="客户:甲公司;部门:二部"))
    posted(firm, "2026-01-04", line("1001", "7"), line("112201", credit="7", aux="客户:甲 公司"))
    shown = lines(firm, "balance-sheet", "closing")
    assert (shown[4], shown[34]) == ("60.00", "7.00")
    # 甲 公司 turns out to be 甲公司
    execute(
        "UPDATE {auxiliary} SET merged_into = (SELECT id FROM (SELECT id FROM {auxiliary} WHERE name = '甲公司') x)"
        " WHERE name = '甲 公司'"
    )
    assert 34 not in lines(firm, "balance-sheet", "closing")
    assert lines(firm, "balance-sheet", "closing")[4] == "53.00"


# --- taxes ---


def test_a_debit_balance_of_taxes_is_negative_or_among_the_assets(firm: Actor) -> None:
    posted(firm, "2026-01-02", line("1002", "1000"), line("3001", credit="1000"))
    posted(firm, "2026-01-03", line("1405", "100"), line("22210101", "13"), line("1002", credit="113"))
    posted(firm, "2026-01-04", line("1002", "106"), line("5001", credit="100"), line("222106", credit="6"))
    posted(firm, "2026-01-05", line("540308", "1"), line("222122", credit="1"))
    text = lines(firm, "balance-sheet", "closing")
    assert (text[36], text.get(14), text.get(40)) == ("-6.00", None, None)
    set_vat_presentation(firm, VatPresentationInput(vat_presentation="reclass_2016"))
    shown = lines(firm, "balance-sheet", "closing")
    assert (shown[36], shown[14], shown[40]) == ("1.00", "13.00", "6.00")
    made = statement(firm, "balance-sheet")
    assert made.vat_reclass
    assert failing(made) == []


# --- lines of their own ---


def test_fixed_assets_are_added_at_their_carrying_amount(firm: Actor) -> None:
    posted(firm, "2026-01-02", line("160102", "1000"), line("3001", credit="1000"))
    posted(firm, "2026-01-31", line("560202", "100"), line("1602", credit="100"))
    shown = lines(firm, "balance-sheet", "closing")
    assert (shown[18], shown[19], shown[20], shown[29], shown[30]) == (
        "1000.00",
        "100.00",
        "900.00",
        "900.00",
        "900.00",
    )


def test_optional_accounts_of_the_text_count_where_they_belong(firm: Actor) -> None:
    create_account(
        firm, AccountInput(code="1004", name_zh="备用金", category="资产", normal_side="debit", is_cash=True)
    )
    create_account(firm, AccountInput(code="4002", name_zh="劳务成本", category="成本", normal_side="debit"))
    posted(firm, "2026-01-02", line("1004", "20"), line("4002", "30"), line("3001", credit="50"))
    shown = lines(firm, "balance-sheet", "closing")
    assert (shown[1], shown[9], shown[11]) == ("20.00", "30.00", "30.00")
    assert failing(statement(firm, "balance-sheet")) == []


def test_an_account_that_no_line_counts_is_named(firm: Actor) -> None:
    create_account(firm, AccountInput(code="1231", name_zh="坏账准备", category="资产", normal_side="credit"))
    posted(firm, "2026-01-02", line("560299", "5"), line("1231", credit="5"))
    checks = {check.code: check for check in failing(statement(firm, "balance-sheet"))}
    assert checks["accounts-uncovered"].message == (
        "期末余额：有金额的科目没有列入任何一行：1231 坏账准备，请修改公式。"
    )
    assert checks["accounts-uncovered"].difference == "-5.00"
    sides = checks["balance-sheet-1"]
    assert (sides.severity, sides.lines, sides.difference) == ("error", [30, 53], "5.00")


def test_every_account_of_the_chart_stands_on_one_line(firm: Actor) -> None:
    """A cent on each account: what is left out or counted twice parts the two sides."""
    leaves = fetch_all(
        "SELECT code, name FROM {account} a LEFT JOIN {account_auxiliary} u ON u.account_id = a.id"
        " LEFT JOIN {auxiliary_kind} k ON k.id = u.kind_id AND u.demanded = 1"
        " WHERE is_leaf = 1 AND code <> '1002' ORDER BY code"
    )
    for number, (code, kind) in enumerate(leaves):
        aux = f"{kind}:甲" if kind else ""
        red = "-" if number % 2 else ""
        posted(firm, "2026-01-02", line(code, f"{red}0.01", aux=aux), line("1002", credit=f"{red}0.01"))
    for presentation in ("text_2011", "reclass_2016"):
        set_vat_presentation(firm, VatPresentationInput(vat_presentation=presentation))
        for name in ("balance-sheet", "income-statement", "cash-flow"):
            wrong = [check.message for check in failing(statement(firm, name)) if check.severity == "error"]
            # some of the appropriations were posted straight to 未分配利润, which no line of 利润分配表 shows
            assert [text for text in wrong if "利润分配表" not in text] == []


def test_pending_losses_without_details_are_current(firm: Actor) -> None:
    posted(firm, "2026-01-02", line("190101", "3"), line("190102", "4"), line("3001", credit="7"))
    shown = lines(firm, "balance-sheet", "closing")
    assert (shown[14], shown[28]) == ("3.00", "4.00")
    execute("UPDATE {account} SET code = '190177', name_zh = '盘亏' WHERE code = '190102'")
    shown = lines(firm, "balance-sheet", "closing")
    assert (shown[14], shown.get(28)) == ("7.00", None)
    assert failing(statement(firm, "balance-sheet")) == []


def test_a_detail_under_another_code_is_found_by_its_name(firm: Actor) -> None:
    """Codes of details are a convention: books from elsewhere number them their own way."""
    execute("UPDATE {account} SET code = '560277' WHERE code = '560207'")
    posted(firm, "2026-01-02", line("560277", "5"), line("1001", credit="5"))
    assert lines(firm, "income-statement", "month")[16] == "5.00"
    execute("UPDATE {account} SET name_zh = '会议费', code = '560207' WHERE code = '560277'")
    assert lines(firm, "income-statement", "month").get(16) is None
    execute("UPDATE {account} SET name_zh = '招待费' WHERE code = '560207'")
    assert lines(firm, "income-statement", "month")[16] == "5.00"


def test_details_of_ones_own_numbers_count_beside_the_charts(firm: Actor) -> None:
    """A book numbered 4-3-3 brings its details along; the chart's unused ones of the same names stay."""
    for code, name, parent in (
        ("5602001", "业务招待费", "5602"),
        ("2221001", "应交增值税", "2221"),
        ("2221001001", "进项税额", "2221001"),
        ("3104001", "提取法定盈余公积", "3104"),
    ):
        create_account(firm, AccountInput(code=code, name_zh=name, parent_code=parent))
    posted(firm, "2026-01-02", line("5602001", "5"), line("560207", "2"), line("1001", credit="7"))
    posted(firm, "2026-01-03", line("2221001001", "13"), line("1001", credit="13"))
    posted(firm, "2026-01-04", line("3104001", "4"), line("310101", credit="4"))
    assert lines(firm, "income-statement", "month")[16] == "7.00"
    assert lines(firm, "profit-appropriation", "current_year")[5] == "4.00"
    set_vat_presentation(firm, VatPresentationInput(vat_presentation="reclass_2016"))
    assert lines(firm, "balance-sheet", "closing")[14] == "13.00"


def test_red_entries_may_break_an_inequality_and_only_warn(firm: Actor) -> None:
    posted(firm, "2026-01-02", line("560207", "5"), line("560204", "-8"), line("1001", credit="-3"))
    (check,) = failing(statement(firm, "income-statement", "", "2026-01"))[:1]
    assert (check.severity, check.lines) == ("warning", [14, 15, 16, 17])


def test_cash_without_a_line_is_counted_and_named(firm: Actor) -> None:
    posted(firm, "2026-01-02", line("1002", "100"), line("3001", credit="100"))
    posted(firm, "2026-01-03", line("1001", "10"), line("1002", credit="10"))
    saved = posted(firm, "2026-01-04", line("560299", "8"), line("1001", credit="8"))
    execute("UPDATE {entry} SET cash_flow_line = NULL WHERE voucher_id = ?", (saved.id,))
    execute("UPDATE {cash_flow_balance} SET credit = credit - 800 WHERE cash_flow_line = 6")
    checks = {check.code: check for check in failing(statement(firm, "cash-flow"))}
    assert checks["cash-entries"].message == "2026-01：有 1 笔现金分录没有现金流量项目（记-3），差 -8.00。"
    assert checks["cash-flow-6"].difference == "8.00"


# --- by hand ---


def test_reclassifications_keep_the_sides_equal(firm: Actor) -> None:
    trade(firm)
    posted(firm, "2026-01-09", line("1123", "900", aux="供应商:丁厂"), line("1002", credit="900"))
    for period, source, target, amount in (
        ("2026-01", 5, 28, "300"),
        ("2026-01", 33, 45, "50"),
        ("2026-01", 36, 14, "20"),
        ("2025-12", 5, 28, "7"),
    ):
        add_reclassification(
            firm,
            ReclassificationInput(period=period, from_line=source, to_line=target, amount=amount, reason="一年以上"),
        )
    shown = lines(firm, "balance-sheet", "closing")
    assert (shown[5], shown[28], shown[33], shown[45]) == ("600.00", "300.00", "5600.00", "50.00")
    assert (shown[36], shown[14]) == ("930.00", "20.00")
    assert (shown[30], shown[53]) == ("111588.00", "111588.00")
    assert lines(firm, "balance-sheet", "year_begin") == {5: "-7.00", 15: "-7.00", 28: "7.00", 29: "7.00"}
    assert lines(firm, "balance-sheet", "closing", "", "2026-02")[5] == "900.00"
    assert failing(statement(firm, "balance-sheet")) == []


# --- columns beside ---


def test_comparison_with_the_month_before_and_the_year_before(firm: Actor) -> None:
    posted(firm, "2026-02-02", line("1001", "10"), line("5001", credit="10"))
    posted(firm, "2026-03-02", line("1001", "20"), line("5001", credit="20"))
    posted(firm, "2027-03-02", line("1001", "40"), line("5001", credit="40"))
    month = statement(firm, "income-statement", "", "2026-03", compare="previous_month")
    assert [column.key for column in month.columns] == ["ytd", "ytd_compare", "month", "month_compare"]
    first = next(row for row in month.rows if row.line == 1)
    assert first.amounts == {"ytd": "30.00", "ytd_compare": "10.00", "month": "20.00", "month_compare": "10.00"}
    year = statement(firm, "income-statement", "", "2027-03", compare="previous_year")
    first = next(row for row in year.rows if row.line == 1)
    assert first.amounts == {"ytd": "40.00", "ytd_compare": "30.00", "month": "40.00", "month_compare": "20.00"}
    balance = lines(firm, "balance-sheet", "closing_compare", "", "2027-03", compare="previous_year")
    assert balance[1] == "30.00"
    quarter = statement(firm, "income-statement", "2026-03", "2026-03", compare="previous_year")
    assert [column.key for column in quarter.columns] == ["ytd", "month"]  # the book knows nothing of 2025


def test_a_statement_the_standard_does_not_have_is_refused(firm: Actor) -> None:
    with pytest.raises(NotFound) as refused:
        statement(firm, "net-worth")
    assert refused.value.code == "statement_not_of_chart"
    with pytest.raises(NotFound) as unknown:
        statement(firm, "cash-book")
    assert unknown.value.code == "statement_unknown"
    with pytest.raises(RuleBroken):
        statement(firm, "balance-sheet", "", "2025-11")
