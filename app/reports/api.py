"""Reports over HTTP: JSON as the command line prints it, or a file."""

from __future__ import annotations

import dataclasses
import io
from typing import Any

from flask import Response
from pydantic import ValidationError

from app.contract.assets import AssetRegister, DepreciationTable
from app.contract.book import Job
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
    ReportFileRequest,
    ReportQuery,
    SubsidiaryLedger,
    TrialBalance,
    TrialBalanceCheck,
    TrialBalanceQuery,
    VoucherSummary,
    VoucherSummaryQuery,
)
from app.http import SIGNED_IN, Routes, decode_cursor, encode_cursor
from app.http.decoding import malformed
from app.http.encoding import json_response
from app.http.jobs import started_job
from app.http.language import request_catalogue
from app.identity.actor import Actor
from app.reports.catalogue import REPORTS, ReportType, report_type
from app.reports.doctor.examination import diagnose
from app.reports.file_response import file_response
from app.reports.report_file import start_report_file, write_report
from app.reports.request import ReportRequest, request_of
from app.storage.database import read_snapshot

routes = Routes("reports")


@routes.get(
    "/api/reports/trial-balance",
    permission="reports:trial-balance:view",
    query=TrialBalanceQuery,
    response=TrialBalance,
)
def get_trial_balance(actor: Actor, query: TrialBalanceQuery) -> Response:
    """Return the trial balance (科目余额表)."""
    return answer_report(actor, REPORTS["trial-balance"], query)


@routes.get("/api/reports/journal", permission="reports:journal:view", query=PagedReportQuery, response=Journal)
def get_journal(actor: Actor, query: PagedReportQuery) -> Response:
    """Return one page of the journal (序时账)."""
    return answer_report(actor, REPORTS["journal"], query)


@routes.get(
    "/api/reports/general-ledger", permission="reports:general-ledger:view", query=ReportQuery, response=GeneralLedger
)
def get_general_ledger(actor: Actor, query: ReportQuery) -> Response:
    """Return the general ledger (总账)."""
    return answer_report(actor, REPORTS["general-ledger"], query)


@routes.get(
    "/api/reports/subsidiary-ledger",
    permission="reports:subsidiary-ledger:view",
    query=PagedReportQuery,
    response=SubsidiaryLedger,
)
def get_subsidiary_ledger(actor: Actor, query: PagedReportQuery) -> Response:
    """Return one page of a subsidiary ledger (明细账)."""
    return answer_report(actor, REPORTS["subsidiary-ledger"], query)


@routes.get(
    "/api/reports/auxiliary-balance",
    permission="reports:auxiliary-balance:view",
    query=AuxiliaryQuery,
    response=AuxiliaryBalance,
)
def get_auxiliary_balance(actor: Actor, query: AuxiliaryQuery) -> Response:
    """Return one page of the balances by auxiliary (辅助核算余额表)."""
    return answer_report(actor, REPORTS["auxiliary-balance"], query)


@routes.get("/api/reports/quantity", permission="reports:quantity:view", query=ReportQuery, response=QuantityLedger)
def get_quantity(actor: Actor, query: ReportQuery) -> Response:
    """Return quantities beside amounts (数量金额账)."""
    return answer_report(actor, REPORTS["quantity"], query)


@routes.get("/api/doctor", permission="reports:doctor:view", query=DoctorQuery, response=Diagnosis)
def get_diagnosis(actor: Actor, query: DoctorQuery) -> Diagnosis:
    """Return what does not fit together in a month or the whole book (账簿体检)."""
    return diagnose(actor, query)


@routes.get(
    "/api/reports/cash-journal", permission="reports:cash-journal:view", query=PagedReportQuery, response=CashJournal
)
def get_cash_journal(actor: Actor, query: PagedReportQuery) -> Response:
    """Return one page of the journals of cash and bank (日记账)."""
    return answer_report(actor, REPORTS["cash-journal"], query)


@routes.get(
    "/api/reports/multi-column", permission="reports:multi-column:view", query=PagedReportQuery, response=MultiColumn
)
def get_multi_column(actor: Actor, query: PagedReportQuery) -> Response:
    """Return one page of an account analysed by those below it (多栏账)."""
    return answer_report(actor, REPORTS["multi-column"], query)


@routes.get(
    "/api/reports/quantity-ledger",
    permission="reports:quantity-ledger:view",
    query=PagedReportQuery,
    response=QuantityEntries,
)
def get_quantity_ledger(actor: Actor, query: PagedReportQuery) -> Response:
    """Return one page of entries with quantity, unit price and amount (数量金额明细账)."""
    return answer_report(actor, REPORTS["quantity-ledger"], query)


@routes.get(
    "/api/reports/auxiliary-ledger",
    permission="reports:auxiliary-ledger:view",
    query=AuxiliaryQuery,
    response=AuxiliaryLedger,
)
def get_auxiliary_ledger(actor: Actor, query: AuxiliaryQuery) -> Response:
    """Return one page of the entries of accounts and auxiliary items (辅助明细账)."""
    return answer_report(actor, REPORTS["auxiliary-ledger"], query)


@routes.get(
    "/api/reports/voucher-summary",
    permission="reports:voucher-summary:view",
    query=VoucherSummaryQuery,
    response=VoucherSummary,
)
def get_voucher_summary(actor: Actor, query: VoucherSummaryQuery) -> Response:
    """Return what a range of vouchers comes to by account (凭证汇总表)."""
    return answer_report(actor, REPORTS["voucher-summary"], query)


@routes.get(
    "/api/reports/trial-balance-check",
    permission="reports:trial-balance-check:view",
    query=ReportQuery,
    response=TrialBalanceCheck,
)
def get_trial_balance_check(actor: Actor, query: ReportQuery) -> Response:
    """Return the equalities of the trial balance (试算平衡表)."""
    return answer_report(actor, REPORTS["trial-balance-check"], query)


@routes.get(
    "/api/reports/asset-register",
    permission="reports:asset-register:view",
    query=ReportQuery,
    response=AssetRegister,
)
def get_asset_register(actor: Actor, query: ReportQuery) -> Response:
    """Return the cards that are there at the end of the last month (固定资产台账)."""
    return answer_report(actor, REPORTS["asset-register"], query)


@routes.get(
    "/api/reports/depreciation",
    permission="reports:depreciation:view",
    query=ReportQuery,
    response=DepreciationTable,
)
def get_depreciation(actor: Actor, query: ReportQuery) -> Response:
    """Return what the months charge on each card (折旧计算表)."""
    return answer_report(actor, REPORTS["depreciation"], query)


@routes.post("/api/report-files", permission=SIGNED_IN, body=ReportFileRequest, response=Job, status=202)
def start_file(actor: Actor, body: ReportFileRequest) -> Job:
    """Make a report's file in the background; it is fetched from `/api/jobs/<id>/file`. Needs the report's right."""
    kind = report_type(body.name)
    try:
        query = kind.query.model_validate(body.query)
    except ValidationError as error:
        raise malformed(error) from None
    return started_job(start_report_file(actor, kind, request_of(query), body.kind, request_catalogue()))


def answer_report(actor: Actor, kind: ReportType, query: ReportQuery) -> Response:
    """Answer with a report's rows and totals, a page of them, or its file."""
    wanted = request_of(query)
    if paged := isinstance(query, PagedReportQuery) and not query.file:
        after = decode_cursor(query.cursor, *kind.position_types)
        wanted = dataclasses.replace(wanted, limit=query.limit, after=after)
    if query.file:
        return _file(actor, kind, wanted, query.file)
    with read_snapshot():
        report = kind.run(actor, wanted)
        # rows are plain values of the promised shape: checking 20,000 of them again would cost more than reading them
        answer: dict[str, Any] = {"rows": list(report.rows), "totals": report.totals}
    if kind.has_analysis:
        answer["columns"] = [column._asdict() for column in report.analysis]
    if paged:
        answer["next"] = None if report.next is None else encode_cursor(report.next)
    return json_response(answer)


def _file(actor: Actor, kind: ReportType, wanted: ReportRequest, file: str) -> Response:
    stream = io.BytesIO()
    write_report(actor, kind, wanted, file, stream, request_catalogue())
    return file_response(kind.name, file, stream.getvalue())
