"""Endpoints of printed vouchers and documents."""

from __future__ import annotations

from app.client.calls import Calls, keyed
from app.contract.book import Job
from app.contract.document_printing import (
    DocumentLayout,
    DocumentLayoutQuery,
    DocumentPdfRequest,
    DocumentPrintQuery,
    DocumentPrintSettings,
    DocumentPrintSettingsInput,
)
from app.contract.printing import PrintLayout, VoucherLayoutQuery, VoucherPdfRequest, VoucherPrintQuery


class PrintingCalls(Calls):
    """Vouchers and documents laid out for paper."""

    def voucher_layout(self, query: VoucherLayoutQuery) -> PrintLayout:
        """Return some pages as texts and rules."""
        return self.transport.call("GET", "/api/voucher-prints", PrintLayout, query=query)

    def start_voucher_pdf(self, wanted: VoucherPrintQuery) -> Job:
        """Make a PDF; the job's file is fetched with `download_job_file`."""
        return self.transport.call("POST", "/api/voucher-prints", Job, body=keyed(VoucherPdfRequest(wanted=wanted)))

    def document_layout(self, query: DocumentLayoutQuery) -> DocumentLayout:
        """Return the pages of some documents as texts, rules and pictures."""
        return self.transport.call("GET", "/api/document-prints", DocumentLayout, query=query)

    def start_document_pdf(self, wanted: DocumentPrintQuery) -> Job:
        """Make a PDF; the job's file is fetched with `download_job_file`."""
        return self.transport.call("POST", "/api/document-prints", Job, body=keyed(DocumentPdfRequest(wanted=wanted)))

    def document_print_settings(self) -> DocumentPrintSettings:
        """Return what the book prints on its documents."""
        return self.transport.call("GET", "/api/document-print-settings", DocumentPrintSettings)

    def change_document_print_settings(self, wished: DocumentPrintSettingsInput) -> DocumentPrintSettings:
        """Change what the book prints on its documents; a stale version raises `Conflict`."""
        return self.transport.call("PATCH", "/api/document-print-settings", DocumentPrintSettings, body=keyed(wished))
