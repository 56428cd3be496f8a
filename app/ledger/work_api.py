"""What helps with vouchers, over HTTP: thin routes over services and queries."""

from __future__ import annotations

from flask import Response

from app.contract.base import Change, VersionQuery
from app.contract.book import Job
from app.contract.ledger import BatchResult, BatchSelection, Voucher
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
from app.http import Routes
from app.http.decoding import require_version
from app.http.files import stored_file
from app.http.jobs import started_job
from app.identity.actor import Actor
from app.ledger.queries import attachments as attachment_queries
from app.ledger.queries import cash_flow, numbers, voucher_choices, voucher_settings
from app.ledger.queries import templates as template_queries
from app.ledger.service import (
    attachments,
    batches,
    corrections,
    proposals,
    renumbering,
    signing,
    states,
    templates,
)
from app.ledger.service import voucher_settings as settings

routes = Routes("voucher_work")


@routes.get("/api/cash-flow-lines", permission="ledger:account:view", response=CashFlowLineList)
def list_cash_flow_lines() -> CashFlowLineList:
    """List the lines of the cash-flow statement that cash may be counted in."""
    return cash_flow.list_cash_flow_lines()


@routes.post("/api/vouchers/proposal", permission="ledger:voucher:add", body=ProposalInput, response=Proposal)
def propose(actor: Actor, body: ProposalInput) -> Proposal:
    """Return what saving would fill in; nothing is saved."""
    return proposals.propose(actor, body)


@routes.get("/api/voucher-settings", permission="ledger:voucher:view", response=VoucherSettings)
def get_voucher_settings() -> VoucherSettings:
    """Return the book's words of vouchers, and whether cashiers must sign."""
    return voucher_settings.get_voucher_settings()


@routes.put(
    "/api/voucher-settings",
    permission="ledger:settings:edit",
    body=VoucherSettingsInput,
    response=VoucherSettings,
)
def change_voucher_settings(actor: Actor, body: VoucherSettingsInput) -> VoucherSettings:
    """Change the book's words of vouchers, and whether cashiers must sign; `version` says from which settings."""
    return settings.change_voucher_settings(actor, body)


@routes.get("/api/vouchers/choices", permission="ledger:voucher:view", response=VoucherChoices)
def get_voucher_choices() -> VoucherChoices:
    """Return the people, words and origins that vouchers can be searched by."""
    return voucher_choices.voucher_choices()


@routes.post("/api/vouchers/<int:id>/sign", permission="ledger:voucher:sign", body=Change, response=Voucher)
def sign_voucher(actor: Actor, id: int, body: Change) -> Voucher:  # noqa: A002
    """Sign a voucher with cash or bank as its cashier."""
    return signing.sign_voucher(actor, id, body.version)


@routes.post("/api/vouchers/<int:id>/unsign", permission="ledger:voucher:sign", body=Change, response=Voucher)
def unsign_voucher(actor: Actor, id: int, body: Change) -> Voucher:  # noqa: A002
    """Take a cashier's signature back."""
    return signing.unsign_voucher(actor, id, body.version)


@routes.post("/api/vouchers/sign", permission="ledger:voucher:sign", body=BatchSelection, response=BatchResult)
def sign_batch(actor: Actor, body: BatchSelection) -> BatchResult:
    """Sign many vouchers; those that cannot be signed are named with the reason."""
    return states.sign_batch(actor, body)


@routes.post("/api/vouchers/batches", permission="ledger:voucher:view", body=BatchWork, response=Job, status=202)
def start_batch(actor: Actor, body: BatchWork) -> Job:
    """Review, post or sign many vouchers in the background (needs the right to do so); see the job's result."""
    return started_job(batches.start_batch(actor, body))


@routes.post(
    "/api/vouchers/<int:id>/difference",
    permission="ledger:voucher:add",
    body=DifferenceInput,
    response=Voucher,
    status=201,
)
def correct_amounts(actor: Actor, id: int, body: DifferenceInput) -> Voucher:  # noqa: A002
    """Save a draft of the differences between right and posted amounts, red where less was right."""
    return corrections.correct_amounts(actor, id, body)


@routes.get("/api/voucher-numbers", permission="ledger:voucher:view", query=NumberQuery, response=NumberRunList)
def list_number_runs(query: NumberQuery) -> NumberRunList:
    """List the numbers of each month and word, and which are missing."""
    return numbers.list_number_runs(query)


@routes.post("/api/voucher-numbers", permission="ledger:voucher:renumber", body=NumberOrder, response=NumberOrdered)
def order_numbers(actor: Actor, body: NumberOrder) -> NumberOrdered:
    """Close the gaps of a month and word among its unposted vouchers, and order them by date if wished."""
    return renumbering.order_numbers(actor, body)


@routes.get("/api/voucher-templates", permission="ledger:template:view", response=TemplateList)
def list_templates() -> TemplateList:
    """List the templates of vouchers."""
    return template_queries.list_templates()


@routes.post(
    "/api/voucher-templates", permission="ledger:template:add", body=TemplateInput, response=Template, status=201
)
def add_template(actor: Actor, body: TemplateInput) -> Template:
    """Keep a voucher as a template."""
    return templates.add_template(actor, body)


@routes.put("/api/voucher-templates/<int:id>", permission="ledger:template:edit", body=TemplateInput, response=Template)
def change_template(actor: Actor, id: int, body: TemplateInput) -> Template:  # noqa: A002
    """Replace a template; `version` says which one the change is based on."""
    require_version(body)
    return templates.change_template(actor, id, body)


@routes.delete("/api/voucher-templates/<int:id>", permission="ledger:template:remove", query=VersionQuery)
def remove_template(actor: Actor, id: int, query: VersionQuery) -> None:  # noqa: A002
    """Remove a template; vouchers made from it stay."""
    templates.remove_template(actor, id, query.version)


@routes.get("/api/recurring-vouchers", permission="ledger:template:view", query=DueQuery, response=DueVoucherList)
def list_due(query: DueQuery) -> DueVoucherList:
    """List what comes due in a month, and what was made of it."""
    return template_queries.list_due(query.period)


@routes.post("/api/recurring-vouchers", permission="ledger:voucher:add", body=MakeDue, response=BatchResult)
def make_due(actor: Actor, body: MakeDue) -> BatchResult:
    """Make the due vouchers of a month as drafts, none twice."""
    return templates.make_due(actor, body)


@routes.get("/api/vouchers/<int:id>/attachments", permission="ledger:attachment:view", response=AttachmentList)
def list_attachments(id: int) -> AttachmentList:  # noqa: A002
    """List the documents of a voucher."""
    return attachment_queries.list_attachments(id)


@routes.post(
    "/api/vouchers/<int:id>/attachments",
    permission="ledger:attachment:add",
    body=AttachInput,
    response=AttachmentList,
    status=201,
)
def attach(actor: Actor, id: int, body: AttachInput) -> AttachmentList:  # noqa: A002
    """Attach an uploaded file."""
    return attachments.attach(actor, id, body)


@routes.delete("/api/attachments/<int:id>", permission="ledger:attachment:remove", response=AttachmentList)
def remove_attachment(actor: Actor, id: int) -> AttachmentList:  # noqa: A002
    """Take a document away from a draft."""
    return attachments.remove_attachment(actor, id)


@routes.get("/api/attachments/<int:id>/file", permission="ledger:attachment:view", response=bytes)
def get_attachment_file(id: int) -> Response:  # noqa: A002
    """Send a document."""
    found = attachment_queries.get_attachment(id)
    return stored_file(found.name, found.size, lambda: attachment_queries.read_chunks(id))
