"""Statements over HTTP: shapes, files, rights."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest
from pydantic import BaseModel

from app.contract.statement_reports import (
    AppropriationReport,
    BalanceSheetReport,
    PeriodReport,
)
from app.contract.statements import (
    CashFlowEntryPage,
    CellExplanation,
    DefinitionList,
    ReclassificationList,
    Statement,
    StatementDefinition,
    StatementList,
)
from tests.calling import Caller

REPORTS: dict[str, tuple[type[BaseModel], int]] = {
    "balance-sheet": (BalanceSheetReport, 53),
    "income-statement": (PeriodReport, 32),
    "cash-flow": (PeriodReport, 22),
    "profit-appropriation": (AppropriationReport, 13),
}


@pytest.fixture
def traded(window: Caller) -> Caller:
    entries = [
        {"summary": "投资", "account_code": "1002", "debit": "1000"},
        {"summary": "投资", "account_code": "3001", "credit": "1000"},
    ]
    saved = window.post("/api/vouchers", {"date": "2026-06-05", "entries": entries}).json
    window.post(f"/api/vouchers/{saved['id']}/review", {})
    assert window.post(f"/api/vouchers/{saved['id']}/post", {}).status == 200
    return window


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_has_its_numbered_lines_in_official_order(traded: Caller, name: str) -> None:
    shape, count = REPORTS[name]
    answer = traded.get(f"/api/reports/{name}")
    assert answer.status == 200
    shape.model_validate(answer.json)
    assert [row["line"] for row in answer.json["rows"]] == list(range(1, count + 1))
    assert answer.json["totals"] == {}
    listed = list(csv.reader(io.StringIO(traded.get(f"/api/reports/{name}?file=csv").data.decode("utf-8"))))
    assert listed[0] == list(answer.json["rows"][0])
    assert listed[1:] == [[str(value) for value in row.values()] for row in answer.json["rows"]]


def test_a_statement_with_its_headings_and_checks(traded: Caller) -> None:
    made = Statement(**traded.get("/api/statements/balance-sheet?to=2026-06").json)
    assert (made.title_zh, made.form, made.from_period, made.to_period) == (
        "资产负债表",
        "会小企01表",
        "2026-06",
        "2026-06",
    )
    assert (made.rows[0].name_zh, made.rows[0].line, made.rows[0].amounts) == ("流动资产：", None, {})
    assert made.rows[1].amounts == {"closing": "1000.00", "year_begin": "0.00"}
    assert all(check.ok for check in made.checks)
    english = traded.get("/api/statements/balance-sheet", headers={"Accept-Language": "en"}).json
    assert english["checks"][0]["message"] == (
        "Closing balance: line 30 “Total assets” equals line 53 “Total liabilities and owners' equity”."
    )


def test_the_rest_of_the_addresses(traded: Caller) -> None:
    StatementList(**traded.get("/api/statements").json)
    CellExplanation(**traded.get("/api/statements/balance-sheet/cell?line=1&column=closing").json)
    CashFlowEntryPage(**traded.get("/api/cash-flow-entries?line=15&from=2026-06&to=2026-06").json)
    functions = DefinitionList(**traded.get("/api/statement-definitions").json).functions
    assert "DRP" in {function.name for function in functions}
    shown = traded.get("/api/statement-definitions/balance-sheet").json
    StatementDefinition(**shown)
    body = {key: shown[key] for key in ("title_zh", "title_en", "form", "layout", "rows", "checks", "version")}
    changed = traded.call("PUT", "/api/statement-definitions/balance-sheet", {**body, "title_zh": "我的资产负债表"})
    assert (changed.status, changed.json["origin"]) == (200, "changed")
    assert traded.get("/api/statement-definitions/balance-sheet/builtin").json["title_zh"] == "资产负债表"
    stale = traded.call("PUT", "/api/statement-definitions/balance-sheet", body)
    assert (stale.status, stale.code) == (409, "stale_version")
    version = changed.json["version"]
    assert traded.call("DELETE", f"/api/statement-definitions/balance-sheet?version={version}").status == 204
    body["rows"][1]["formula"] = "DR(1001"
    wrong = traded.call("PUT", "/api/statement-definitions/balance-sheet", body)
    assert (wrong.status, list(wrong.json["fields"])) == (400, ["rows.1.formula"])
    moved = {"period": "2026-06", "from_line": 1, "to_line": 14, "amount": "10", "reason": "受限"}
    added = traded.post("/api/reclassifications", moved)
    assert added.status == 201
    ReclassificationList(**traded.get("/api/reclassifications?period=2026-06").json)
    assert traded.get("/api/reports/balance-sheet").json["rows"][13]["closing"] == "10.00"
    assert traded.call("DELETE", f"/api/reclassifications/{added.json['id']}?version=1").status == 204
    choice = traded.call("PUT", "/api/statement-settings", {"vat_presentation": "reclass_2016"})
    assert (choice.status, traded.get("/api/statements").json["vat_presentation"]) == (200, "reclass_2016")


def test_files_are_made_in_the_layout_of_the_form(traded: Caller) -> None:
    for path in ("/api/statements/balance-sheet", "/api/reports/income-statement"):
        pdf = traded.get(f"{path}?file=pdf")
        assert pdf.data.startswith(b"%PDF-")
        assert pdf.data.count(b"/Type /Page\n") == 1
        sheet = zipfile.ZipFile(io.BytesIO(traded.get(f"{path}?file=xlsx").data))
        texts = sheet.read("xl/sharedStrings.xml").decode("utf-8")
        assert "会小企0" in texts
        assert "单位：元" in texts
    sheet = zipfile.ZipFile(io.BytesIO(traded.get("/api/statements/balance-sheet?file=xlsx").data))
    assert "<v>1000.00</v>" in sheet.read("xl/worksheets/sheet1.xml").decode("utf-8")


def test_a_stranger_sees_and_changes_nothing(served_stranger: Caller) -> None:
    for path in ("/api/statements", "/api/statements/balance-sheet", "/api/reports/cash-flow"):
        assert served_stranger.get(path).status == 403
    assert served_stranger.call("PUT", "/api/statement-settings", {"vat_presentation": "text_2011"}).status == 403


def test_a_statement_of_another_standard_is_refused_in_a_sentence(traded: Caller) -> None:
    answer = traded.get("/api/reports/net-worth")
    assert (answer.status, answer.code) == (404, "statement_not_of_chart")
    assert answer.json["error"].startswith("这本账的会计制度没有报表“net-worth”")
