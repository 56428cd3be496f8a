"""A definition is tried out as if the book had it: the same figures, the same refusals, and nothing is kept."""

from __future__ import annotations

import html
import io
import zipfile
from typing import Any

import pytest

from app.contract.statements import DefinitionAdd, DefinitionRow, DefinitionTrial
from app.identity.actor import Actor
from app.kernel.errors import MalformedInput, PermissionDenied, RuleBroken
from app.reports.statements.changing import add_definition, get_definition, try_definition
from app.reports.statements.files import write_file
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


def refused(actor: Actor, rows: list[DefinitionRow], **more: Any) -> dict[str, str]:
    """Return the fields a trial is refused for."""
    wish = DefinitionTrial(name="own-1", title_zh="试", layout="single", rows=rows, **more)
    with pytest.raises(MalformedInput) as error:
        try_definition(actor, wish)
    return {path: str(sentence) for path, sentence in error.value.fields.items()}


def test_a_chain_of_lines_too_deep_to_work_out_is_refused_whichever_way_it_runs(file_firm: Actor) -> None:
    down = [DefinitionRow(line=n, name_zh="行", formula=f"R{n + 1}") for n in range(1, 500)]
    rows = [*down, DefinitionRow(line=500, name_zh="底", formula="1")]
    for order in (rows, rows[::-1]):
        assert "100 层" in next(iter(refused(file_firm, order).values()))
    fine = [*down[-99:], rows[-1]]
    wish = DefinitionTrial(name="own-1", title_zh="试", layout="single", rows=fine)
    assert {row.amounts["amount"] for row in try_definition(file_firm, wish).rows} == {"1.00"}


def test_figures_no_column_holds_are_refused_in_a_sentence(file_firm: Actor) -> None:
    assert "太大" in refused(file_firm, [DefinitionRow(line=1, name_zh="数", formula="1" * 16)])["rows.0.formula"]
    doubled = [DefinitionRow(line=1, name_zh="数", formula="9" * 15)]
    doubled += [DefinitionRow(line=n, name_zh="倍", formula=f"R{n - 1}+R{n - 1}") for n in range(2, 100)]
    with pytest.raises(RuleBroken) as error:
        try_definition(file_firm, DefinitionTrial(name="own-1", title_zh="试", layout="single", rows=doubled))
    assert error.value.code == "amount_too_large"


def test_the_columns_of_an_official_form_stay(file_firm: Actor) -> None:
    with pytest.raises(MalformedInput) as error:
        try_definition(file_firm, trial(file_firm, layout="period"))
    assert "layout" in error.value.fields


@pytest.mark.parametrize("title", ["收入/成本[元]", "'季报'", "'", "很长的标题" * 12])
def test_a_title_that_excel_takes_for_no_sheet_still_makes_a_workbook(file_firm: Actor, title: str) -> None:
    rows = [DefinitionRow(line=1, name_zh="银行", formula="DR(1002)")]
    add_definition(file_firm, DefinitionAdd(name="own-1", title_zh=title, layout="single", rows=rows))
    stream = io.BytesIO()
    write_file(get_statement(file_firm, "own-1", StatementRequest()), "xlsx", stream)
    with zipfile.ZipFile(stream) as book:
        assert title in html.unescape(book.read("xl/sharedStrings.xml").decode())


def test_a_title_that_looks_like_a_formula_stays_text_in_a_workbook(file_firm: Actor) -> None:
    rows = [DefinitionRow(line=1, name_zh="=1+1", formula="DR(1002)")]
    add_definition(file_firm, DefinitionAdd(name="own-1", title_zh="=1+1", layout="single", rows=rows))
    stream = io.BytesIO()
    write_file(get_statement(file_firm, "own-1", StatementRequest()), "xlsx", stream)
    with zipfile.ZipFile(stream) as book:
        assert "<f>" not in book.read("xl/worksheets/sheet1.xml").decode()
