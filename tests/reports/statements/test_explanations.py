"""Every figure explains itself: its terms add up to it, and lead to accounts, counterparties and entries."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.contract.ledger import CashFlowOpening, Opening
from app.contract.statements import CellExplanation, ReclassificationInput
from app.identity.actor import Actor
from app.kernel.errors import NotFound
from app.ledger.service import opening
from app.reports.statements import explanation
from app.reports.statements.cash_entries import cash_flow_entries
from app.reports.statements.explanation import explain_cell
from app.reports.statements.reading import StatementRequest
from app.reports.statements.reclassifications import add_reclassification
from app.storage.database import execute
from tests.ledger.build import line
from tests.reports.statements.asking import posted, statement
from tests.reports.statements.test_figures import JUNE, trade


def explain(actor: Actor, name: str, row: int, column: str, code: str = "") -> CellExplanation:
    return explain_cell(actor, name, row, column, StatementRequest(), code=code)


def total_of(cell: CellExplanation) -> Decimal:
    return sum((term.sign * Decimal(term.amount) for term in cell.terms), Decimal(0))


def test_the_terms_of_every_figure_add_up_to_it(firm: Actor) -> None:
    trade(firm)
    posted(firm, "2026-01-09", line("1123", "900", aux="供应商:丁厂"), line("1002", credit="900"))
    add_reclassification(
        firm, ReclassificationInput(period="2026-01", from_line=5, to_line=28, amount="30", reason="一年以上")
    )
    looked_at = 0
    for name in ("balance-sheet", "income-statement", "cash-flow", "profit-appropriation"):
        made = statement(firm, name)
        for row in made.rows:
            for key, amount in row.amounts.items():
                assert row.line is not None
                cell = explain(firm, name, row.line, key)
                assert cell.amount == amount
                assert total_of(cell) == Decimal(amount), (name, row.line, key)
                for term in cell.terms:
                    if term.accounts:
                        parts = sum((Decimal(part.amount) for part in term.accounts), Decimal(term.more_amount))
                        assert parts == Decimal(term.amount)
                        looked_at += 1
    assert looked_at > 15


def test_a_split_line_names_the_counterparties(firm: Actor) -> None:
    trade(firm)
    posted(firm, "2026-01-09", line("1001", "30"), line("1122", credit="30", aux="客户:丙店"))
    cell = explain(firm, "balance-sheet", 4, "closing")
    first, second = cell.terms
    assert (first.text, first.sign, first.amount, second.amount) == ("DRP(1122)", 1, "11300.00", "0.00")
    (part,) = first.accounts
    assert (part.account_code, part.aux, part.amount) == ("1122", "客户:甲公司", "11300.00")
    assert (part.from_period, part.to_period) == ("2026-01", "2026-01")
    (advance,) = explain(firm, "balance-sheet", 34, "closing").terms[1].accounts
    assert (advance.aux, advance.amount) == ("客户:丙店", "30.00")


def test_what_is_beyond_the_largest_comes_as_one_sum(firm: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explanation, "MOST_ACCOUNTS", 2)
    for name, amount in (("甲", "1"), ("乙", "5"), ("丙", "3"), ("丁", "2")):
        posted(firm, "2026-01-02", line("1122", amount, aux=f"客户:{name}"), line("5001", credit=amount))
    term = explain(firm, "balance-sheet", 4, "closing").terms[0]
    assert [(part.aux, part.amount) for part in term.accounts] == [("客户:乙", "5.00"), ("客户:丙", "3.00")]
    assert (term.more_accounts, term.more_amount, term.amount) == (2, "3.00", "11.00")


def test_terms_lead_to_other_lines_and_statements(firm: Actor) -> None:
    trade(firm)
    total = explain(firm, "balance-sheet", 20, "closing")
    assert [(term.text, term.sign, term.line, term.statement) for term in total.terms] == [
        ("R18", 1, 18, ""),
        ("R19", -1, 19, ""),
    ]
    profit = explain(firm, "profit-appropriation", 1, "current_year").terms[0]
    assert (profit.statement, profit.line, profit.column, profit.amount) == ("income-statement", 32, "ytd", "5008.00")
    before = explain(firm, "profit-appropriation", 2, "current_year").terms[0]
    assert (before.statement, before.line, before.column) == ("balance-sheet", 51, "year_begin")
    flow = explain(firm, "cash-flow", 4, "month").terms[0]
    assert (flow.cash_flow_line, flow.amount, flow.note) == (4, "4000.00", "支付的职工薪酬")
    with pytest.raises(NotFound):
        explain(firm, "balance-sheet", 99, "closing")
    with pytest.raises(NotFound):
        explain(firm, "balance-sheet", 1, "month")


def test_a_cash_flow_line_leads_to_its_entries(june_firm: Actor) -> None:
    flows = [CashFlowOpening(cash_flow_line=1, ytd_amount="900"), CashFlowOpening(cash_flow_line=6, ytd_amount="200")]
    opening.replace_opening(june_firm, Opening(rows=JUNE, cash_flow=flows))
    for day, amount in (("10", "50"), ("11", "60"), ("12", "-5")):
        posted(june_firm, f"2026-06-{day}", line("1002", amount), line("5001", credit=amount))
    month = StatementRequest("2026-06", "2026-06")
    page, position = cash_flow_entries(june_firm, 1, month, limit=2, after=None)
    assert [(entry.voucher, entry.amount) for entry in page.entries] == [("记-1", "50.00"), ("记-2", "60.00")]
    assert (page.total, page.opening_amount) == ("105.00", "0.00")
    rest, end = cash_flow_entries(june_firm, 1, month, limit=2, after=position)
    assert [(entry.voucher, entry.amount) for entry in rest.entries] == [("记-3", "-5.00")]
    assert end is None
    year, _ = cash_flow_entries(june_firm, 1, StatementRequest("2026-01", "2026-06"), limit=9, after=None)
    assert (year.total, year.opening_amount, len(year.entries)) == ("1005.00", "900.00", 3)
    paid, _ = cash_flow_entries(june_firm, 6, StatementRequest("2026-01", "2026-06"), limit=9, after=None)
    assert (paid.total, paid.opening_amount, paid.entries) == ("200.00", "200.00", [])


def test_entries_without_a_line_are_listed(firm: Actor) -> None:
    posted(firm, "2026-01-02", line("1002", "100"), line("3001", credit="100"))
    posted(firm, "2026-01-03", line("1001", "10"), line("1002", credit="10"))
    saved = posted(firm, "2026-01-04", line("560299", "8"), line("1001", credit="8"))
    execute("UPDATE {entry} SET cash_flow_line = NULL WHERE voucher_id = ?", (saved.id,))
    page, _ = cash_flow_entries(firm, 0, StatementRequest("2026-01", "2026-01"), limit=9, after=None)
    assert [(entry.voucher_id, entry.account_code, entry.cash_flow_line) for entry in page.entries] == [
        (saved.id, "1001", None)
    ]
