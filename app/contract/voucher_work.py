"""What helps with vouchers, on the wire: proposals while typing, words, templates, recurring vouchers, attachments."""

from __future__ import annotations

from pydantic import Field

from app.contract.base import AmountText, Contract, RequestId


class CashFlowLine(Contract):
    """A line of the cash-flow statement that movements of cash are counted in."""

    number: int
    name_zh: str
    name_en: str
    inflow: bool = Field(description="counts money received (debit less credit of cash), else money paid")


class CashFlowLineList(Contract):
    """The item lines of the book's cash-flow statement; empty where its standard has none."""

    lines: list[CashFlowLine]


class ProposalEntry(Contract):
    """A line of a voucher as far as it is typed; what cannot be read yet counts as empty."""

    account_code: str = Field("", max_length=40)
    debit: AmountText = ""
    credit: AmountText = ""
    cash_flow_line: int | None = None


class ProposalInput(Contract):
    """A voucher that is being typed."""

    entries: list[ProposalEntry] = Field(max_length=2000)
    request_id: RequestId | None = None


class Proposal(Contract):
    """What the rules would fill in: for each entry its cash-flow line, or null where it has none."""

    cash_flow_lines: list[int | None]
