"""Customers, suppliers and employees as they cross the wire: one contact may be several of them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.contract.base import AmountText, Change, Contract, PageQuery, RequestId

ContactRole = Literal["customer", "supplier", "employee"]
"""客户, 供应商, 职员: dimensions of the ledger's auxiliary accounting, in which the contact is an item of his name."""


class ContactGroup(Contract):
    """A group of contacts; documents may post by it."""

    id: int
    name: str
    active: bool
    version: int


class ContactGroupList(Contract):
    """All groups by name, those out of use too."""

    groups: list[ContactGroup]


class ContactGroupInput(Contract):
    """A new group."""

    name: str = Field(max_length=60)
    request_id: RequestId | None = None


class ContactGroupChange(Change):
    """A group's new name, or whether it can be chosen."""

    name: str | None = Field(None, max_length=60)
    active: bool | None = None


class Contact(Contract):
    """A contact. Its id is that of an auxiliary item of the ledger; what was never typed is empty.

    `credit_limit` is in the base currency. `tax_number_doubtful` says that the check character does not fit.
    """

    id: int
    name: str
    code: str
    roles: list[ContactRole]
    group_id: int | None
    group: str
    tax_number: str
    tax_number_doubtful: bool
    address: str
    phone: str
    email: str
    bank_name: str
    bank_account: str
    terms_days: int | None
    credit_limit: AmountText
    price_list_id: int | None
    note: str
    pinyin: str
    active: bool
    merged_into: int | None
    version: int


class ContactInput(Contract):
    """A new contact, in at least one role."""

    name: str = Field(max_length=200)
    code: str = Field("", max_length=40)
    roles: list[ContactRole] = Field(max_length=3)
    group_id: int | None = None
    tax_number: str = Field("", max_length=40)
    address: str = Field("", max_length=200)
    phone: str = Field("", max_length=60)
    email: str = Field("", max_length=120)
    bank_name: str = Field("", max_length=120)
    bank_account: str = Field("", max_length=60)
    terms_days: int | None = Field(None, description="days until an invoice is due")
    credit_limit: AmountText = Field("", description="empty: none is set")
    price_list_id: int | None = None
    note: str = Field("", max_length=500)
    request_id: RequestId | None = None


class ContactChange(Change):
    """Fields of a contact to change; those left out stay."""

    name: str | None = Field(None, max_length=200)
    code: str | None = Field(None, max_length=40)
    roles: list[ContactRole] | None = Field(None, max_length=3)
    group_id: int | None = None
    tax_number: str | None = Field(None, max_length=40)
    address: str | None = Field(None, max_length=200)
    phone: str | None = Field(None, max_length=60)
    email: str | None = Field(None, max_length=120)
    bank_name: str | None = Field(None, max_length=120)
    bank_account: str | None = Field(None, max_length=60)
    terms_days: int | None = None
    credit_limit: AmountText | None = None
    price_list_id: int | None = None
    note: str | None = Field(None, max_length=500)
    active: bool | None = None


class ContactQuery(PageQuery):
    """Look-up of contacts by name, code or pinyin initials; all that is given must hold. In the order of pinyin."""

    q: str = Field("", max_length=100)
    role: Literal["", "customer", "supplier", "employee"] = ""
    group_id: int | None = None
    include_inactive: bool = False


class ContactPage(Contract):
    """One page of contacts."""

    contacts: list[Contact]
    next: str | None


class ContactMerge(Change):
    """Which contact a duplicate goes into; the version is the duplicate's."""

    into_id: int


class ContactImport(Contract):
    """An uploaded CSV or XLSX table of contacts; with `dry_run` it is only checked."""

    upload_id: str = Field(max_length=64)
    dry_run: bool = False
    request_id: RequestId | None = None


class ContactImportError(Contract):
    """A line of the table that cannot be taken, and why."""

    row: int
    reason: str


class ContactImportOutcome(Contract):
    """How many contacts are new, changed, and were there as they came; nothing is kept when there are errors."""

    added: int
    changed: int
    same: int
    errors: list[ContactImportError]


class ContactExport(Contract):
    """Which kind of file: `xlsx`, or `csv` in UTF-8 with a byte order mark; the template holds the headings only."""

    format: Literal["xlsx", "csv"] = "xlsx"
    template: bool = False
    request_id: RequestId | None = None
