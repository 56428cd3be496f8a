"""Formulas are the book's own data: changed, refused where they cannot be worked out, taken back, added."""

from __future__ import annotations

from typing import Any

import pytest

from app.contract.statements import DefinitionAdd, DefinitionInput, ReclassificationInput
from app.identity.actor import Actor
from app.kernel.errors import Conflict, MalformedInput, NotFound
from app.ledger.service.book import set_up_ledger
from app.reports.statements import changing, reclassifications
from app.reports.statements.definition import builtin_definitions
from app.reports.statements.formula import parse_formula
from app.reports.statements.validation import read_definition
from app.storage.database import Book, fetch_all
from tests.ledger.build import line
from tests.reports.statements.asking import failing, lines, posted, statement


def typed(actor: Actor, name: str, **formulas: str) -> dict[str, Any]:
    """Return a definition as the window would send it, with some formulas changed (`line14="…"`)."""
    shown = changing.get_definition(actor, name).model_dump()
    body = {key: shown[key] for key in ("title_zh", "title_en", "form", "layout", "rows", "checks", "version")}
    for row in body["rows"]:
        if row["line"] is not None and f"line{row['line']}" in formulas:
            row["formula"] = formulas[f"line{row['line']}"]
    return body


def change(actor: Actor, name: str, **formulas: str) -> Any:
    return changing.change_definition(actor, name, DefinitionInput(**typed(actor, name, **formulas)))


def test_a_changed_formula_counts_and_can_be_taken_back(firm: Actor) -> None:
    posted(firm, "2026-01-02", line("1221", "70"), line("3001", credit="70"))
    assert lines(firm, "balance-sheet", "closing")[8] == "70.00"
    changed = change(firm, "balance-sheet", line8="0", line14="DR(190101)+DR(1221)")
    assert (changed.origin, changed.changed_by) == ("changed", "王会计")
    shown = lines(firm, "balance-sheet", "closing")
    assert (shown.get(8), shown[14]) == (None, "70.00")
    assert failing(statement(firm, "balance-sheet")) == []
    log = fetch_all("SELECT object_type FROM {audit_log} WHERE action = 'reports:statement:edit'")
    assert [row[0] for row in log] == ["statement_definition"]
    changing.reset_definition(firm, "balance-sheet", changed.version)
    assert changing.get_definition(firm, "balance-sheet").origin == "builtin"
    assert lines(firm, "balance-sheet", "closing")[8] == "70.00"
    with pytest.raises(NotFound):
        changing.reset_definition(firm, "balance-sheet")


def test_an_account_counted_twice_is_named(firm: Actor) -> None:
    posted(firm, "2026-01-02", line("1221", "70"), line("3001", credit="70"))
    change(firm, "balance-sheet", line14="DR(1221)")
    checks = {check.code: check for check in failing(statement(firm, "balance-sheet"))}
    assert "1221 其他应收款" in checks["accounts-doubled"].message
    assert checks["balance-sheet-1"].difference == "70.00"


@pytest.mark.parametrize(
    ("changes", "field", "text"),
    [
        ({"line8": "DR(1221"}, "rows.8.formula", "行次 8（其他应收款）：公式在“DR(1221”处看不懂"),
        ({"line8": "DR(7777)"}, "rows.8.formula", "行次 8（其他应收款）：账簿没有科目“7777”。"),
        ({"line8": "DR(@收入)"}, "rows.8.formula", "账簿没有类别“收入”"),
        ({"line8": "R99"}, "rows.8.formula", "公式用到的行次 99 不在报表里"),
        ({"line8": "IS(99)"}, "rows.8.formula", "公式用到的行次 99 不在报表“income-statement”里"),
        ({"line8": "R15"}, "rows.8.formula", "绕回了它自己"),
        ({"line51": "PA(13)"}, "", "绕回了它自己"),
    ],
)
def test_a_formula_that_cannot_be_worked_out_is_refused_with_its_line(
    file_firm: Actor, changes: dict[str, str], field: str, text: str
) -> None:
    with pytest.raises(MalformedInput) as refused:
        change(file_firm, "balance-sheet", **changes)
    assert any(text in str(sentence) for sentence in refused.value.fields.values())
    if field:
        assert field in refused.value.fields
    assert changing.get_definition(file_firm, "balance-sheet").origin == "builtin"


def test_rows_are_checked_too(file_firm: Actor) -> None:
    body = typed(file_firm, "income-statement")
    body["rows"] = [row for row in body["rows"] if row["line"] != 32]
    with pytest.raises(MalformedInput) as refused:
        changing.change_definition(file_firm, "income-statement", DefinitionInput(**{**body, "checks": []}))
    assert "“利润分配表”第 1 行要用到本表的行次 32" in str(refused.value.message)
    body = typed(file_firm, "balance-sheet")
    body["rows"][2]["line"] = 1
    body["rows"][0]["formula"] = "DR(1001)"
    body["rows"][4]["name_zh"] = " "
    body["checks"][0]["columns"] = ["month"]
    body["checks"][1]["right"] = ""
    with pytest.raises(MalformedInput) as twice:
        changing.change_definition(file_firm, "balance-sheet", DefinitionInput(**body))
    assert {"rows.2.line", "rows.0.formula", "rows.4.name_zh", "checks.0.columns", "checks.1.right"} <= set(
        twice.value.fields
    )


def test_a_stale_change_is_refused(firm: Actor) -> None:
    first, second = typed(firm, "balance-sheet"), typed(firm, "balance-sheet")
    assert first["version"] == 0
    changed = changing.change_definition(firm, "balance-sheet", DefinitionInput(**first))
    with pytest.raises(Conflict):
        changing.change_definition(firm, "balance-sheet", DefinitionInput(**second))
    changing.reset_definition(firm, "balance-sheet", changed.version)
    changing.change_definition(firm, "balance-sheet", DefinitionInput(**typed(firm, "balance-sheet")))
    with pytest.raises(Conflict):  # made anew after a reset, it is not the one that was seen before
        changing.reset_definition(firm, "balance-sheet", changed.version)


def own(**more: Any) -> DefinitionAdd:
    rows = [
        {"line": 1, "name_zh": "收入", "formula": "PC(5001;5051)"},
        {"line": 2, "name_zh": "现金", "formula": "DR(1001;1002)"},
        {"line": 3, "name_zh": "现金每百元收入", "formula": "R1-R2+100.5"},
        {"line": 4, "name_zh": "净利润", "formula": "IS(32)"},
        {"line": 5, "kind": "each", "name_zh": "其中：{name}", "formula": "PD(5602;5601)"},
    ]
    body = {"name": "for-the-boss", "title_zh": "老板看的表", "layout": "period", "rows": rows, "checks": []}
    return DefinitionAdd(**{**body, **more})


def test_a_book_has_statements_of_its_own(firm: Actor) -> None:
    made = changing.add_definition(firm, own())
    assert (made.origin, made.name) == ("own", "for-the-boss")
    posted(firm, "2026-01-02", line("1001", "30"), line("5001", credit="30"))
    posted(firm, "2026-02-02", line("1001", "12"), line("5001", credit="12"))
    posted(firm, "2026-02-03", line("560204", "2"), line("1001", credit="2"))
    shown = statement(firm, "for-the-boss")
    rows = [(row.name_zh, row.code, row.amounts["ytd"], row.amounts["month"]) for row in shown.rows]
    assert rows == [
        ("收入", "", "42.00", "12.00"),
        ("现金", "", "40.00", "40.00"),
        ("现金每百元收入", "", "102.50", "72.50"),
        ("净利润", "", "40.00", "10.00"),
        ("其中：管理费用", "5602", "2.00", "2.00"),
    ]
    assert changing.list_definitions(firm).definitions[-1].name == "for-the-boss"
    with pytest.raises(Conflict):
        changing.add_definition(firm, own())
    with pytest.raises(Conflict):
        changing.add_definition(firm, own(name="net-worth"))
    changing.reset_definition(firm, "for-the-boss", made.version)
    with pytest.raises(NotFound):
        statement(firm, "for-the-boss")


def test_checks_of_its_own_are_in_the_same_language(firm: Actor) -> None:
    checks = [
        {"left": "R1", "relation": ">=", "right": "R2", "columns": ["month"]},
        {"left": "R4", "relation": "=", "right": "PC(5001)", "columns": []},
    ]
    changing.add_definition(firm, own(checks=checks))
    posted(firm, "2026-01-02", line("1001", "30"), line("3001", credit="30"))
    found = statement(firm, "for-the-boss").checks
    assert [(check.ok, check.severity, check.column) for check in found] == [
        (False, "warning", "month"),
        (True, "error", "ytd"),
        (True, "error", "month"),
    ]
    assert found[0].message == "本月金额：第 1 行“收入”是 0.00，小于第 2 行“现金”（30.00），差 -30.00。"


def test_reclassifications_are_versioned_and_checked(firm: Actor) -> None:
    good = ReclassificationInput(period="2026-01", from_line=5, to_line=28, amount="3", reason="一年以上")
    made = reclassifications.add_reclassification(firm, good)
    again = good.model_copy(update={"amount": "4", "version": made.version})
    changed = reclassifications.change_reclassification(firm, made.id, again)
    assert (changed.amount, changed.version) == ("4.00", 2)
    with pytest.raises(Conflict):
        reclassifications.change_reclassification(firm, made.id, again)
    wrong = good.model_copy(update={"from_line": 15, "to_line": 15, "amount": "0", "reason": " "})
    with pytest.raises(MalformedInput) as refused:
        reclassifications.add_reclassification(firm, wrong)
    assert set(refused.value.fields) == {"from_line", "to_line", "amount", "reason"}
    assert len(reclassifications.list_reclassifications(firm, "2026-01").reclassifications) == 1
    assert reclassifications.list_reclassifications(firm, "2026-02").reclassifications == []
    reclassifications.remove_reclassification(firm, made.id, 2)
    with pytest.raises(NotFound):
        reclassifications.remove_reclassification(firm, made.id)


@pytest.mark.parametrize("chart", ["small_enterprise_2013", "asbe_2006_2019", "household"])
def test_what_is_built_in_can_be_worked_out(sqlite_book: Book, chart: str) -> None:
    """The very data passes the test that changed definitions must pass, and shows each account of the chart once."""
    from app.identity.service.opening import ensure_owner

    with sqlite_book.session():
        actor = ensure_owner("王会计")
        set_up_ledger(name="甲公司", chart=chart, start_period=202601)
        builtin = builtin_definitions(chart)
        from app.reports.statements.accounts import read_accounts

        for name, definition in builtin.items():
            body = DefinitionInput(**typed(actor, name))
            read = read_definition(name, body, builtin, read_accounts(chart), chart)
            assert [row.formula for row in read.rows] == [row.formula for row in definition.rows]
            assert all(parse_formula(check.left) and parse_formula(check.right) for check in definition.checks)
            numbers = [row.line for row in definition.rows if row.line is not None]
            assert numbers == list(range(1, len(numbers) + 1))
