"""A voucher as importers hand it over: plain tuples, thousands at once."""

from __future__ import annotations

from typing import NamedTuple


class ImportedEntry(NamedTuple):
    """A line to import. Amounts in minor units; `side` is 1 for debit, -1 for credit."""

    summary: str
    account_code: str
    side: int
    debit: int
    credit: int
    aux: str = ""
    currency: str | None = None
    foreign_amount: int = 0
    rate: str = ""
    quantity: int = 0
    unit_price: int = 0
    cash_flow_line: int | None = None


class ImportedVoucher(NamedTuple):
    """A voucher to import. `date` is ISO text, `where` names its place in the file; no `kind`: what its lines say."""

    date: str
    period: int
    word: str
    number: int | None
    kind: str
    attachment_count: int
    where: str
    entries: list[ImportedEntry]
    void: bool = False
    origin: str = ""
    draft: bool = False
    """It stays a draft, also when the others are posted, and may have faults."""
