"""Endpoints of the reports: rows for the window, or the whole report as a file."""

from __future__ import annotations

from typing import Literal

from app.client.calls import Calls
from app.contract.doctor import Diagnosis, DoctorQuery
from app.contract.reports import PagedReportQuery, ReportQuery, SubsidiaryLedger, TrialBalance

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

    def report_file(self, name: str, query: ReportQuery, kind: FileKind) -> bytes:
        """Return a whole report as a file."""
        wanted = query.model_copy(update={"file": kind})
        raw = self.transport.send("GET", f"/api/reports/{name}", query=wanted, accept=MEDIA_TYPES[kind])
        return raw.body
