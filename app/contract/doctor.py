"""The book doctor (账簿体检) on the wire: what does not fit together, where it is, and what can be done about it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.contract.base import Contract, PeriodText, QueryContract

Severity = Literal["error", "warning", "hint"]
"""`error`: a guarantee of the book is broken · `warning`: the accountant has to do something · `hint`: worth a look."""
PlaceKind = Literal[
    "none", "voucher", "vouchers", "entries", "account", "opening", "periods", "asset", "statement", "page"
]


class DoctorQuery(QueryContract):
    """What is examined: one month and its end, or with an empty month the whole book to its last month in use."""

    period: PeriodText = Field("", description="month such as 2026-06; empty: every month of the book")
    documents: bool = Field(False, description="also list posted vouchers without attachments")


class DoctorPlace(Contract):
    """Where a finding leads; which fields are set depends on `kind`."""

    kind: PlaceKind = "none"
    voucher_id: int | None = None
    account_code: str = ""
    aux: str = ""
    from_period: PeriodText = ""
    to_period: PeriodText = ""
    asset_id: int | None = None
    statement: str = Field("", description="name of a statement, such as balance-sheet")
    line: str = Field("", description="the statement's line")
    page: str = Field("", description="key of a page of the window")


class DoctorFinding(Contract):
    """One thing that does not fit."""

    check: str = Field(description="stable code of the check, such as number_gap")
    severity: Severity
    where: str
    message: str
    remedy: str = Field(description="what to do about it, in a sentence")
    place: DoctorPlace


class Diagnosis(Contract):
    """What the doctor found: errors first, then warnings, then hints; empty for a sound book."""

    from_period: PeriodText
    to_period: PeriodText
    findings: list[DoctorFinding]
    left_out: dict[str, int] = Field(description="check → findings beyond the most that are listed of one check")
