"""Endpoints of the reports: rows for the window, or the whole report as a file."""

from __future__ import annotations

from typing import Literal

from app.client.calls import Calls, keyed
from app.contract.book import Job
from app.contract.doctor import Diagnosis, DoctorQuery
from app.contract.reports import (
    PagedReportQuery,
    ReportFileRequest,
    ReportPage,
    ReportQuery,
    SubsidiaryLedger,
    TrialBalance,
)

FileKind = Literal["csv", "xlsx", "pdf"]
MEDIA_TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


class ReportCalls(Calls):
    """The reports' endpoints."""

    def trial_balance(self, query: ReportQuery) -> TrialBalance:
        """Return the trial balance."""
        return self.transport.call("GET", "/api/reports/trial-balance", TrialBalance, query=query)

    def subsidiary_ledger(self, query: PagedReportQuery) -> SubsidiaryLedger:
        """Return one page of a subsidiary ledger."""
        return self.transport.call("GET", "/api/reports/subsidiary-ledger", SubsidiaryLedger, query=query)

    def diagnosis(self, query: DoctorQuery) -> Diagnosis:
        """Return what does not fit together in a month or the whole book."""
        return self.transport.call("GET", "/api/doctor", Diagnosis, query=query)

    def report_page(self, name: str, query: ReportQuery) -> ReportPage:
        """Return one page of any report, or all of one without pages."""
        return self.transport.call("GET", f"/api/reports/{name}", ReportPage, query=query)

    def start_report_file(self, request: ReportFileRequest) -> Job:
        """Make a report's file in the background; it is fetched with `download_job_file`."""
        return self.transport.call("POST", "/api/report-files", Job, body=keyed(request))
