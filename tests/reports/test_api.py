"""Reports over HTTP: the promised shapes, pages, files and refusals."""

from __future__ import annotations

from typing import Any

import pytest

from app.contract.assets import AssetRegister, DepreciationTable
from app.contract.base import Contract
from app.contract.doctor import Diagnosis
from app.contract.reports import (
    AuxiliaryBalance,
    AuxiliaryLedger,
    CashJournal,
    GeneralLedger,
    Journal,
    MultiColumn,
    QuantityEntries,
    QuantityLedger,
    SubsidiaryLedger,
    TrialBalance,
    TrialBalanceCheck,
    VoucherSummary,
)
from app.contract.stock_reports import StockCard, StockReport, StockSummary
from app.contract.trade_reports import Ageing, OpenOrders, Purchases, Sales, StatementOfAccount
from app.reports.catalogue import REPORTS
from app.storage import jobs
from app.storage.database import Book
from tests.calling import Caller
from tests.reports.pdf_reading import PdfPages

CONTRACTS: dict[str, type[Contract]] = {
    "trial-balance": TrialBalance,
    "journal": Journal,
    "general-ledger": GeneralLedger,
    "subsidiary-ledger": SubsidiaryLedger,
    "auxiliary-balance": AuxiliaryBalance,
    "quantity": QuantityLedger,
    "cash-journal": CashJournal,
    "multi-column": MultiColumn,
    "quantity-ledger": QuantityEntries,
    "auxiliary-ledger": AuxiliaryLedger,
    "voucher-summary": VoucherSummary,
    "trial-balance-check": TrialBalanceCheck,
    "asset-register": AssetRegister,
    "depreciation": DepreciationTable,
    "ageing": Ageing,
    "statement-of-account": StatementOfAccount,
    "sales": Sales,
    "purchases": Purchases,
    "open-orders": OpenOrders,
    "stock": StockReport,
    "stock-summary": StockSummary,
    "stock-card": StockCard,
}
ACCOUNTS = {"multi-column": "?account_code=5602", "statement-of-account": "?aux=客户:甲公司", "stock-card": "?item=P1"}
"""Reports that need to be told of which account, of whom or of what."""


@pytest.fixture
def busy(window: Caller) -> Caller:
    """A book with a customer, a foreign currency and two posted vouchers."""
    assert window.post("/api/auxiliaries", {"kind": "客户", "name": "甲公司"}).status == 201
    lines: list[list[dict[str, Any]]] = [
        [
            {"summary": "赊销", "account_code": "1122", "debit": "113", "aux": "客户:甲公司"},
            {"summary": "赊销", "account_code": "5001", "credit": "113"},
        ],
        [
            {
                "summary": "收美元",
                "account_code": "1002",
                "debit": "710",
                "currency": "USD",
                "foreign_amount": "100",
                "rate": "7.1",
            },
            {"summary": "收美元", "account_code": "3001", "credit": "710"},
        ],
    ]
    start = window.get("/api/book").json["start"]
    for entries in lines:
        made = window.post("/api/vouchers", {"date": f"{start}-05", "entries": entries})
        assert made.json["faults"] == []
        assert window.post(f"/api/vouchers/{made.json['id']}/review", {}).status == 200
        assert window.post(f"/api/vouchers/{made.json['id']}/post", {}).status == 200
    card = {
        "name": "车床",
        "acquired_on": f"{start}-01",
        "asset_account_code": "160102",
        "accumulated_account_code": "1602",
        "expense_account_code": "410102",
        "original_value": "12000",
        "life_months": 60,
    }
    assert window.post("/api/assets", card).status == 201
    item = window.post("/api/items", {"code": "P1", "name": "钢笔", "unit": "支"}).json
    line = {"item_id": item["id"], "quantity": "10", "amount": "100"}
    stock = window.post("/api/stock-documents", {"kind": "other_in", "date": f"{start}-06", "lines": [line]}).json
    assert window.post(f"/api/stock-documents/{stock['id']}/finish", {}).status == 200
    return window


@pytest.mark.parametrize("name", [name for name, kind in REPORTS.items() if not kind.is_statement])
def test_rows_are_what_the_contract_says(busy: Caller, name: str) -> None:
    answer = busy.get(f"/api/reports/{name}{ACCOUNTS.get(name, '')}")
    assert answer.status == 200
    CONTRACTS[name].model_validate_json(answer.data)
    keys = [column.key for column in REPORTS[name].columns]
    row_model = CONTRACTS[name].model_fields["rows"].annotation.__args__[0]  # type: ignore[union-attr]
    assert set(keys) <= set(row_model.model_fields)
    for row in answer.json["rows"]:
        assert [key for key in row if key in keys] == keys


def test_a_book_of_many_columns_names_them(busy: Caller) -> None:
    start = busy.get("/api/book").json["start"]
    entries = [
        {"summary": "电费", "account_code": "560205", "debit": "113"},
        {"summary": "电费", "account_code": "1001", "credit": "113"},
    ]
    assert busy.post("/api/vouchers", {"date": f"{start}-06", "entries": entries}).json["faults"] == []
    answer = busy.get("/api/reports/multi-column?account_code=5602&include_unposted=true")
    key = "debit_560205"
    assert [column["key"] for column in answer.json["columns"]] == [key]
    assert [row["amounts"][key] for row in answer.json["rows"]] == ["0.00", "113.00", "113.00", "113.00"]
    file = busy.get("/api/reports/multi-column?account_code=5602&include_unposted=true&file=csv")
    assert file.data.decode().splitlines()[0].endswith(f"direction,balance,{key}")
    assert busy.get("/api/reports/multi-column").code == "account_without_children"


def test_balances_of_auxiliaries_come_in_pages(busy: Caller) -> None:
    assert busy.post("/api/auxiliaries", {"kind": "客户", "name": "乙公司"}).status == 201
    start = busy.get("/api/book").json["start"]
    entries = [
        {"summary": "赊销", "account_code": "1122", "debit": "5", "aux": "客户:乙公司"},
        {"summary": "赊销", "account_code": "5001", "credit": "5"},
    ]
    made = busy.post("/api/vouchers", {"date": f"{start}-06", "entries": entries})
    assert made.json["faults"] == []
    first = busy.get("/api/reports/auxiliary-balance?limit=1&include_unposted=true").json
    second = busy.get(f"/api/reports/auxiliary-balance?limit=1&include_unposted=true&cursor={first['next']}").json
    assert [first["rows"][0]["aux"], second["rows"][0]["aux"]] == ["客户:乙公司", "客户:甲公司"]
    assert second["next"] is None
    assert first["totals"]["closing_debit"] == second["totals"]["closing_debit"] == "118.00"


def test_a_trial_balance_comes_in_six_eight_or_ten_columns(busy: Caller) -> None:
    pages = {
        columns: PdfPages(busy.get(f"/api/reports/trial-balance?file=pdf&columns={columns}").data).rows(0)
        for columns in (6, 8, 10)
    }
    heads = {columns: [text for row in rows for text in row] for columns, rows in pages.items()}
    assert ["年初余额" in heads[columns] for columns in (6, 8, 10)] == [False, False, True]
    assert ["本年累计" in heads[columns] for columns in (6, 8, 10)] == [False, True, True]
    assert busy.get("/api/reports/trial-balance?columns=7").code == "fields_malformed"


def test_months_are_named_as_on_the_command_line(busy: Caller) -> None:
    start = busy.get("/api/book").json["start"]
    answer = busy.get(f"/api/reports/trial-balance?from={start}&to={start}&include_unposted=true")
    assert answer.json["totals"]["period_debit"] == "923.00"
    wrong = busy.get("/api/reports/trial-balance?from=2026-13")
    assert (wrong.status, wrong.code) == (400, "period_malformed")
    assert busy.get("/api/reports/trial-balance?month=2026-01").status == 400


def test_pages_follow_each_other(busy: Caller) -> None:
    whole = busy.get("/api/reports/subsidiary-ledger?limit=1000").json
    assert whole["next"] is None
    rows: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        page = busy.get(f"/api/reports/subsidiary-ledger?limit=2&cursor={cursor}").json
        rows += page["rows"]
        cursor = page["next"]
    assert rows == whole["rows"]
    assert busy.get("/api/reports/journal?cursor=nonsense").code == "cursor_malformed"


@pytest.mark.parametrize(
    ("file", "kind"),
    [("csv", "text/csv"), ("xlsx", "application/vnd.openxmlformats"), ("pdf", "application/pdf")],
)
def test_a_report_comes_as_a_file(busy: Caller, file: str, kind: str) -> None:
    answer = busy.get(f"/api/reports/journal?file={file}")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith(kind)
    assert f'filename="journal.{file}"' in answer.headers["Content-Disposition"]
    assert answer.data
    if file == "csv":
        assert answer.data.decode().splitlines()[0].startswith("date,voucher,line")


def test_who_may_not_see_it_is_told_so(served_stranger: Caller) -> None:
    answer = served_stranger.get("/api/reports/trial-balance")
    assert (answer.status, answer.code) == (403, "permission_denied")


def test_the_doctor_answers_in_the_callers_language(busy: Caller) -> None:
    start = busy.get("/api/book").json["start"]
    draft = {
        "date": f"{start}-06",
        "entries": [
            {"summary": "付款", "account_code": "560205", "debit": "9"},
            {"summary": "付款", "account_code": "1001", "credit": "9", "cash_flow_line": 6},
        ],
    }
    made = busy.post("/api/vouchers", draft)
    for step in ("review", "post"):
        assert busy.post(f"/api/vouchers/{made.json['id']}/{step}", {}).status == 200
    answer = busy.get(f"/api/doctor?period={start}")
    Diagnosis.model_validate_json(answer.data)
    found = {finding["check"]: finding for finding in answer.json["findings"]}
    assert found["cash_below_zero"]["severity"] == "warning"
    assert "起为负" in found["cash_below_zero"]["message"]
    english = busy.get(f"/api/doctor?period={start}", headers={"Accept-Language": "en"})
    texts = {finding["check"]: finding["message"] for finding in english.json["findings"]}
    assert texts["cash_below_zero"].startswith("Below zero since")
    assert busy.get("/api/doctor?period=2026-13").status == 400


def test_who_has_no_right_to_the_doctor_is_refused(served_stranger: Caller) -> None:
    assert served_stranger.get("/api/doctor").status == 403


def finished(caller: Caller, job: dict[str, Any]) -> dict[str, Any]:
    """Follow a job to its end."""
    jobs.wait_for_job(job["id"], 60)
    return dict(caller.get(f"/api/jobs/{job['id']}").json)


@pytest.mark.parametrize("kind", ["csv", "pdf"])
def test_a_file_is_made_in_the_background(busy: Caller, sqlite_book: Book, kind: str) -> None:
    query = {"account_code": "1122", "new_page": "false"}
    started = busy.post("/api/report-files", {"name": "subsidiary-ledger", "query": query, "kind": kind})
    assert started.status == 202
    with sqlite_book.session():
        job = finished(busy, started.json)
    assert (job["kind"], job["state"]) == ("report-file", "done")
    assert job["result"]["name"] == f"subsidiary-ledger.{kind}"
    made = busy.get(f"/api/jobs/{job['id']}/file")
    at_once = busy.get(f"/api/reports/subsidiary-ledger?account_code=1122&new_page=false&file={kind}")
    assert made.data == at_once.data


def test_what_cannot_be_made_is_refused_or_ends_with_a_sentence(busy: Caller, sqlite_book: Book) -> None:
    def ask(name: str, query: dict[str, str], kind: str = "pdf") -> Any:
        return busy.post("/api/report-files", {"name": name, "query": query, "kind": kind})

    assert ask("nonsense", {}).code == "report_unknown"
    assert ask("journal", {"limit": "many"}).code == "fields_malformed"
    assert ask("journal", {"month": "2026-01"}).code == "fields_malformed"
    assert ask("journal", {}, "docx").code == "fields_malformed"
    with sqlite_book.session():
        job = finished(busy, ask("multi-column", {}).json)
    assert job["state"] == "failed"
    assert "有下级的科目" in job["error"]
    assert busy.get(f"/api/jobs/{job['id']}/file").code == "job_not_done"


def test_a_file_needs_the_right_to_see_its_report(served_stranger: Caller) -> None:
    answer = served_stranger.post("/api/report-files", {"name": "journal", "kind": "pdf"})
    assert (answer.status, answer.code) == (403, "permission_denied")
