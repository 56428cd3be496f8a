"""Where the window can go. A page opens a target; the shell finds the page that shows it, so no page knows another."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """Base of all targets."""


@dataclass(frozen=True)
class ShowPage(Target):
    """A page by its key, as it was left."""

    key: str


@dataclass(frozen=True)
class OpenVoucher(Target):
    """One voucher, to read or to go on with."""

    voucher_id: int


@dataclass(frozen=True)
class NewVoucher(Target):
    """An empty voucher, or one filled in from a template."""

    template_id: int | None = None


@dataclass(frozen=True)
class OpenVoucherList(Target):
    """The voucher list, filtered. Months as `2026-06`; empty means no limit."""

    from_period: str = ""
    to_period: str = ""
    account_code: str = ""
    aux: str = ""
    q: str = ""


@dataclass(frozen=True)
class OpenEntries(Target):
    """The entries behind a figure: an account's subsidiary ledger over months (`2026-06`)."""

    account_code: str
    from_period: str
    to_period: str
    aux: str = ""
    include_unposted: bool = False


@dataclass(frozen=True)
class OpenTrialBalance(Target):
    """The trial balance of months (`2026-06`)."""

    from_period: str
    to_period: str
    include_unposted: bool = False


@dataclass(frozen=True)
class OpenBook(Target):
    """A book by its report's name (`auxiliary-ledger`), of an account and an auxiliary over months (`2026-06`)."""

    book: str
    from_period: str
    to_period: str
    account_code: str = ""
    aux: str = ""
    include_unposted: bool = False


@dataclass(frozen=True)
class OpenAccount(Target):
    """An account in the chart."""

    account_code: str


@dataclass(frozen=True)
class OpenStatement(Target):
    """A statement (`balance-sheet`) of months (`2026-06`), with one of its lines in view."""

    name: str
    from_period: str = ""
    to_period: str = ""
    line: int | None = None
    include_unposted: bool = False


@dataclass(frozen=True)
class OpenClosing(Target):
    """The month's end of a month (`2026-06`); empty means the month that is due."""

    period: str = ""
