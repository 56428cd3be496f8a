"""Endpoints that help with vouchers: proposals, words, signatures, corrections, templates, attachments, batches."""

from __future__ import annotations

from pathlib import Path

from app.client.calls import Calls, keyed
from app.client.files import Report
from app.contract.base import Change
from app.contract.book import Job
from app.contract.ledger import BatchResult, Voucher
from app.contract.voucher_work import (
    AttachInput,
    AttachmentList,
    BatchWork,
    CashFlowLineList,
    DifferenceInput,
    DueQuery,
    DueVoucherList,
    MakeDue,
    NumberOrder,
    NumberOrdered,
    NumberQuery,
    NumberRunList,
    Proposal,
    ProposalInput,
    Template,
    TemplateInput,
    TemplateList,
    VoucherChoices,
    VoucherSettings,
    VoucherSettingsInput,
)


class VoucherWorkCalls(Calls):
    """What helps with vouchers. `version` is the one the caller has seen; a stale one raises `Conflict`."""

    def list_cash_flow_lines(self) -> CashFlowLineList:
        """Return the lines of the cash-flow statement; empty where the book has none."""
        return self.transport.call("GET", "/api/cash-flow-lines", CashFlowLineList)

    def propose(self, typed: ProposalInput) -> Proposal:
        """Return what saving would fill in; nothing is saved."""
        return self.transport.call("POST", "/api/vouchers/proposal", Proposal, body=typed)

    def voucher_settings(self) -> VoucherSettings:
        """Return the book's words, and whether cashiers must sign."""
        return self.transport.call("GET", "/api/voucher-settings", VoucherSettings)

    def change_voucher_settings(self, wished: VoucherSettingsInput) -> VoucherSettings:
        """Change the book's words, and whether cashiers must sign."""
        return self.transport.call("PUT", "/api/voucher-settings", VoucherSettings, body=keyed(wished))

    def voucher_choices(self) -> VoucherChoices:
        """Return the people, words and origins that vouchers can be searched by."""
        return self.transport.call("GET", "/api/vouchers/choices", VoucherChoices)

    def sign_voucher(self, voucher_id: int, version: int | None = None) -> Voucher:
        """Sign a voucher as its cashier."""
        return self._sign(voucher_id, "sign", version)

    def unsign_voucher(self, voucher_id: int, version: int | None = None) -> Voucher:
        """Take a cashier's signature back."""
        return self._sign(voucher_id, "unsign", version)

    def _sign(self, voucher_id: int, verb: str, version: int | None) -> Voucher:
        body = keyed(Change(version=version))
        return self.transport.call("POST", f"/api/vouchers/{voucher_id}/{verb}", Voucher, body=body)

    def start_batch(self, wish: BatchWork) -> Job:
        """Review, post or sign many vouchers in the background; the job's result is a `BatchResult`."""
        return self.transport.call("POST", "/api/vouchers/batches", Job, body=keyed(wish))

    def correct_amounts(self, voucher_id: int, wish: DifferenceInput) -> Voucher:
        """Save a draft of the differences between right and posted amounts."""
        return self.transport.call("POST", f"/api/vouchers/{voucher_id}/difference", Voucher, body=keyed(wish))

    def list_number_runs(self, query: NumberQuery) -> NumberRunList:
        """Return the numbers of each month and word, and which are missing."""
        return self.transport.call("GET", "/api/voucher-numbers", NumberRunList, query=query)

    def order_numbers(self, wish: NumberOrder) -> NumberOrdered:
        """Close the gaps of a month and word among its unposted vouchers."""
        return self.transport.call("POST", "/api/voucher-numbers", NumberOrdered, body=keyed(wish))

    def list_templates(self) -> TemplateList:
        """Return all templates by name."""
        return self.transport.call("GET", "/api/voucher-templates", TemplateList)

    def add_template(self, new: TemplateInput) -> Template:
        """Keep a voucher as a template."""
        return self.transport.call("POST", "/api/voucher-templates", Template, body=keyed(new))

    def change_template(self, template_id: int, new: TemplateInput) -> Template:
        """Replace a template; `new.version` says which one the change is based on."""
        return self.transport.call("PUT", f"/api/voucher-templates/{template_id}", Template, body=keyed(new))

    def remove_template(self, template_id: int, version: int | None = None) -> None:
        """Remove a template; vouchers made from it stay."""
        self.transport.send("DELETE", f"/api/voucher-templates/{template_id}", query={"version": version})

    def list_due(self, period: str) -> DueVoucherList:
        """Return what comes due in a month, and what was made of it."""
        return self.transport.call("GET", "/api/recurring-vouchers", DueVoucherList, query=DueQuery(period=period))

    def make_due(self, wish: MakeDue) -> BatchResult:
        """Make the due vouchers of a month as drafts, none twice."""
        return self.transport.call("POST", "/api/recurring-vouchers", BatchResult, body=keyed(wish))

    def list_attachments(self, voucher_id: int) -> AttachmentList:
        """Return the documents of a voucher."""
        return self.transport.call("GET", f"/api/vouchers/{voucher_id}/attachments", AttachmentList)

    def attach(self, voucher_id: int, wish: AttachInput) -> AttachmentList:
        """Attach an uploaded file."""
        return self.transport.call("POST", f"/api/vouchers/{voucher_id}/attachments", AttachmentList, body=keyed(wish))

    def remove_attachment(self, attachment_id: int) -> AttachmentList:
        """Take a document away from a draft."""
        return self.transport.call("DELETE", f"/api/attachments/{attachment_id}", AttachmentList)

    def download_attachment(self, attachment_id: int, target: Path, report: Report) -> None:
        """Write a document to `target`, without holding it in memory. Raises `EnvironmentFault`, `NotFound`."""
        self.transport.download(f"/api/attachments/{attachment_id}/file", target, report)
