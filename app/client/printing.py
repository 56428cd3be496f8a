"""Endpoints of printed vouchers."""

from __future__ import annotations

from app.client.calls import Calls, keyed
from app.contract.book import Job
from app.contract.printing import PrintLayout, VoucherLayoutQuery, VoucherPdfRequest, VoucherPrintQuery


class PrintingCalls(Calls):
    """Vouchers laid out for paper."""

    def voucher_layout(self, query: VoucherLayoutQuery) -> PrintLayout:
        """Return some pages as texts and rules."""
        return self.transport.call("GET", "/api/voucher-prints", PrintLayout, query=query)

    def start_voucher_pdf(self, wanted: VoucherPrintQuery) -> Job:
        """Make a PDF; the job's file is fetched with `download_job_file`."""
        return self.transport.call("POST", "/api/voucher-prints", Job, body=keyed(VoucherPdfRequest(wanted=wanted)))
