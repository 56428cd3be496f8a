"""Endpoints of the reports, which the command line prints too."""

from __future__ import annotations

from typing import Literal

from app.client.calls import Calls
from app.contract.reports import (
    AuxiliaryBalance,
    GeneralLedger,
    Journal,
    PagedReportQuery,
    QuantityLedger,
    ReportQuery,
    SubsidiaryLedger,
    TrialBalance,
)

ReportName = Literal["trial-balance", "journal", "general-ledger", "subsidiary-ledger", "auxiliary-balance", "quantity"]


class ReportCalls(Calls):
    """The reports' endpoints. Amounts are decimal strings."""

    def trial_balance(self, query: ReportQuery) -> TrialBalance:
        """Return the trial balance (科目余额表) of some months."""
        return self.transport.call("GET", "/api/reports/trial-balance", TrialBalance, query=query)

    def journal(self, query: PagedReportQuery) -> Journal:
        """Return one page of the journal (序时账)."""
        return self.transport.call("GET", "/api/reports/journal", Journal, query=query)

    def general_ledger(self, query: ReportQuery) -> GeneralLedger:
        """Return the general ledger (总账)."""
        return self.transport.call("GET", "/api/reports/general-ledger", GeneralLedger, query=query)

    def subsidiary_ledger(self, query: PagedReportQuery) -> SubsidiaryLedger:
        """Return one page of a subsidiary ledger (明细账)."""
        return self.transport.call("GET", "/api/reports/subsidiary-ledger", SubsidiaryLedger, query=query)

    def auxiliary_balance(self, query: ReportQuery) -> AuxiliaryBalance:
        """Return balances by auxiliary (辅助核算余额表)."""
        return self.transport.call("GET", "/api/reports/auxiliary-balance", AuxiliaryBalance, query=query)

    def quantity(self, query: ReportQuery) -> QuantityLedger:
        """Return quantities beside amounts (数量金额账)."""
        return self.transport.call("GET", "/api/reports/quantity", QuantityLedger, query=query)

    def report_file(self, name: ReportName, query: ReportQuery) -> bytes:
        """Return a whole report as the file `query.file` names (`csv`, `xlsx` or `pdf`)."""
        return self.transport.send("GET", f"/api/reports/{name}", query=query, accept="*/*").body
