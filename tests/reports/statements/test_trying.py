"""A definition is tried out as if the book had it: the same figures, the same refusals, and nothing is kept."""

from __future__ import annotations

from typing import Any

import pytest

from app.contract.statements import DefinitionRow, DefinitionTrial
from app.identity.actor import Actor
from app.kernel.errors import MalformedInput, PermissionDenied
from app.reports.statements.changing import get_definition, try_definition
from app.reports.statements.reading import StatementRequest
from app.reports.statements.statement import get_statement
from tests.ledger.build import line, posted


def trial(actor: Actor, name: str = "balance-sheet", **changes: Any) -> DefinitionTrial:
    known = get_definition(actor, name)
    fields = {
        "title_zh": known.title_zh,
        "layout": known.layout,
        "rows": known.rows,
        "checks": known.checks,
        **changes,
    }
    return DefinitionTrial(name=name, to_period="2026-01", **fields)


def test_what_was_not_changed_comes_out_as_it_stands(firm: Actor) -> None:
    posted(firm, "2026-01-05", line("1002", "500"), line("3001", credit="500"))
    tried = try_definition(firm, trial(firm))
    assert tried.rows == get_statement(firm, "balance-sheet", StatementRequest(to_period="2026-01")).rows


def test_a_changed_formula_is_worked_out_and_nothing_is_kept(firm: Actor) -> None:
    posted(firm, "2026-01-05", line("1002", "500"), line("3001", credit="500"))
    rows = [
        row.model_copy(update={"formula": "DR(1002)+7"}) if row.line == 1 else row
        for row in get_definition(firm, "balance-sheet").rows
    ]
    tried = try_definition(firm, trial(firm, rows=rows))
    amounts = {row.line: row.amounts.get("closing") for row in tried.rows}
    assert (amounts[1], amounts[30], amounts[53]) == ("507.00", "507.00", "500.00")
    assert any(not check.ok and 30 in check.lines for check in tried.checks)
    assert get_definition(firm, "balance-sheet").origin == "builtin"


def test_a_report_of_ones_own_needs_no_saving_first(firm: Actor) -> None:
    posted(firm, "2026-01-05", line("1002", "500"), line("3001", credit="500"))
    rows = [
        DefinitionRow(line=1, name_zh="银行", formula="DR(1002)"),
        DefinitionRow(line=2, name_zh="合计", kind="total", formula="R1+R1"),
    ]
    tried = try_definition(
        firm, DefinitionTrial(name="own-1", title_zh="试", layout="single", rows=rows, to_period="2026-01")
    )
    assert [row.amounts for row in tried.rows] == [{"amount": "500.00"}, {"amount": "1000.00"}]


def test_what_is_wrong_is_named_by_its_row(firm: Actor) -> None:
    rows = [DefinitionRow(line=1, name_zh="银行", formula="DR(1002)+R9")]
    with pytest.raises(MalformedInput) as refused:
        try_definition(firm, DefinitionTrial(name="own-1", title_zh="试", layout="single", rows=rows))
    assert list(refused.value.fields) == ["rows.0.formula"]


def test_who_may_not_edit_may_not_try(firm: Actor) -> None:
    stranger = Actor(firm.user_id, "某人", frozenset({"reports:statement:view"}), is_owner=False)
    with pytest.raises(PermissionDenied):
        try_definition(stranger, trial(firm))
