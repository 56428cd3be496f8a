"""Reports over HTTP: JSON as the command line prints it, or a file."""

from __future__ import annotations

import dataclasses
import io
from typing import Any

from flask import Response

from app.contract.assets import AssetRegister, DepreciationTable
from app.contract.doctor import Diagnosis, DoctorQuery
from app.contract.reports import (
    AuxiliaryBalance,
    AuxiliaryLedger,
    AuxiliaryQuery,
    CashJournal,
    GeneralLedger,
    Journal,
    MultiColumn,
    PagedReportQuery,
    QuantityEntries,
    QuantityLedger,
    ReportQuery,
    SubsidiaryLedger,
    TrialBalance,
    TrialBalanceCheck,
    TrialBalanceQuery,
    VoucherSummary,
    VoucherSummaryQuery,
)
from app.http import Routes, decode_cursor, encode_cursor
from app.http.encoding import json_response
from app.http.language import request_language
from app.identity.actor import Actor
from app.reports.catalogue import REPORTS, ReportType
from app.reports.doctor.examination import diagnose
from app.reports.request import Report, ReportRequest, request_of
from app.resources import catalogue
from app.storage.database import read_snapshot

routes = Routes("reports")

FILE_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


@routes.get(
    "/api/reports/trial-balance",
    permission="reports:trial-balance:view",
    query=TrialBalanceQuery,
    response=TrialBalance,
)
def get_trial_balance(actor: Actor, query: TrialBalanceQuery) -> Response:
    """Return the trial balance (科目余额表)."""
    return _answer(actor, REPORTS["trial-balance"], query)


@routes.get("/api/reports/journal", permission="reports:journal:view", query=PagedReportQuery, response=Journal)
def get_journal(actor: Actor, query: PagedReportQuery) -> Response:
    """Return one page of the journal (序时账)."""
    return _answer(actor, REPORTS["journal"], query)


@routes.get(
    "/api/reports/general-ledger", permission="reports:general-ledger:view", query=ReportQuery, response=GeneralLedger
)
def get_general_ledger(actor: Actor, query: ReportQuery) -> Response:
    """Return the general ledger (总账)."""
    return _answer(actor, REPORTS["general-ledger"], query)


@routes.get(
    "/api/reports/subsidiary-ledger",
    permission="reports:subsidiary-ledger:view",
    query=PagedReportQuery,
    response=SubsidiaryLedger,
)
def get_subsidiary_ledger(actor: Actor, query: PagedReportQuery) -> Response:
    """Return one page of a subsidiary ledger (明细账)."""
    return _answer(actor, REPORTS["subsidiary-ledger"], query)


@routes.get(
    "/api/reports/auxiliary-balance",
    permission="reports:auxiliary-balance:view",
    query=AuxiliaryQuery,
    response=AuxiliaryBalance,
)
def get_auxiliary_balance(actor: Actor, query: AuxiliaryQuery) -> Response:
    """Return one page of the balances by auxiliary (辅助核算余额表)."""
    return _answer(actor, REPORTS["auxiliary-balance"], query)


@routes.get("/api/reports/quantity", permission="reports:quantity:view", query=ReportQuery, response=QuantityLedger)
def get_quantity(actor: Actor, query: ReportQuery) -> Response:
    """Return quantities beside amounts (数量金额账)."""
    return _answer(actor, REPORTS["quantity"], query)


@routes.get("/api/doctor", permission="reports:doctor:view", query=DoctorQuery, response=Diagnosis)
def get_diagnosis(actor: Actor, query: DoctorQuery) -> Diagnosis:
    """Return what does not fit together in a month or the whole book (账簿体检)."""
    return diagnose(actor, query)


@routes.get(
    "/api/reports/cash-journal", permission="reports:cash-journal:view", query=PagedReportQuery, response=CashJournal
)
def get_cash_journal(actor: Actor, query: PagedReportQuery) -> Response:
    """Return one page of the journals of cash and bank (日记账)."""
    return _answer(actor, REPORTS["cash-journal"], query)


@routes.get(
    "/api/reports/multi-column", permission="reports:multi-column:view", query=PagedReportQuery, response=MultiColumn
)
def get_multi_column(actor: Actor, query: PagedReportQuery) -> Response:
    """Return one page of an account analysed by those below it (多栏账)."""
    return _answer(actor, REPORTS["multi-column"], query)


@routes.get(
    "/api/reports/quantity-ledger",
    permission="reports:quantity-ledger:view",
    query=PagedReportQuery,
    response=QuantityEntries,
)
def get_quantity_ledger(actor: Actor, query: PagedReportQuery) -> Response:
    """Return one page of entries with quantity, unit price and amount (数量金额明细账)."""
    return _answer(actor, REPORTS["quantity-ledger"], query)


@routes.get(
    "/api/reports/auxiliary-ledger",
    permission="reports:auxiliary-ledger:view",
    query=AuxiliaryQuery,
    response=AuxiliaryLedger,
)
def get_auxiliary_ledger(actor: Actor, query: AuxiliaryQuery) -> Response:
    """Return one page of the entries of accounts and auxiliary items (辅助明细账)."""
    return _answer(actor, REPORTS["auxiliary-ledger"], query)


@routes.get(
    "/api/reports/voucher-summary",
    permission="reports:voucher-summary:view",
    query=VoucherSummaryQuery,
    response=VoucherSummary,
)
def get_voucher_summary(actor: Actor, query: VoucherSummaryQuery) -> Response:
    """Return what a range of vouchers comes to by account (凭证汇总表)."""
    return _answer(actor, REPORTS["voucher-summary"], query)


@routes.get(
    "/api/reports/trial-balance-check",
    permission="reports:trial-balance-check:view",
    query=ReportQuery,
    response=TrialBalanceCheck,
)
def get_trial_balance_check(actor: Actor, query: ReportQuery) -> Response:
    """Return the equalities of the trial balance (试算平衡表)."""
    return _answer(actor, REPORTS["trial-balance-check"], query)


@routes.get(
    "/api/reports/asset-register",
    permission="reports:asset-register:view",
    query=ReportQuery,
    response=AssetRegister,
)
def get_asset_register(actor: Actor, query: ReportQuery) -> Response:
    """Return the cards that are there at the end of the last month (固定资产台账)."""
    return _answer(actor, REPORTS["asset-register"], query)


@routes.get(
    "/api/reports/depreciation",
    permission="reports:depreciation:view",
    query=ReportQuery,
    response=DepreciationTable,
)
def get_depreciation(actor: Actor, query: ReportQuery) -> Response:
    """Return what the months charge on each card (折旧计算表)."""
    return _answer(actor, REPORTS["depreciation"], query)


def _answer(actor: Actor, kind: ReportType, query: ReportQuery) -> Response:
    wanted = request_of(query)
    if paged := isinstance(query, PagedReportQuery) and not query.file:
        after = decode_cursor(query.cursor, *kind.position_types)
        wanted = dataclasses.replace(wanted, limit=query.limit, after=after)
    with read_snapshot():
        report = kind.run(actor, wanted)
        if query.file:
            return _file(kind, wanted, report, query.file)
        # rows are plain values of the promised shape: checking 20,000 of them again would cost more than reading them
        answer: dict[str, Any] = {"rows": list(report.rows), "totals": report.totals}
    if kind.has_analysis:
        answer["columns"] = [column._asdict() for column in report.analysis]
    if paged:
        answer["next"] = None if report.next is None else encode_cursor(report.next)
    return json_response(answer)


def _file(kind: ReportType, wanted: ReportRequest, report: Report, file: str) -> Response:
    stream = io.BytesIO()
    if file == "csv":
        from app.reports.csv_file import write_csv

        text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
        write_csv(report, kind, text)
        text.detach()
    else:
        from app.reports.heading import read_heading

        language = request_language()
        heading = read_heading(wanted, None if language == "zh" else catalogue(language))
        if file == "xlsx":
            from app.reports.xlsx_file import write_xlsx

            write_xlsx(report, kind, heading, stream)
        else:
            from app.reports.pdf_file import write_pdf

            write_pdf(report, kind, heading, stream)
    name = f'attachment; filename="{kind.name}.{file}"'
    return Response(stream.getvalue(), content_type=FILE_TYPES[file], headers={"Content-Disposition": name})
