"""What is known of movements beside the ledger: which document made them, when they fall due, what settled them."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import NamedTuple


class Origin(NamedTuple):
    """The document behind a voucher: its dates, and how much of it other documents have settled (核销)."""

    number: str
    date: str
    due: str
    settled: int
    on_account: frozenset[int] | None = None
    """accounts on which `settled` counts; `None`: on all"""
    wholly: frozenset[int] = frozenset()
    """accounts on which all that it moved settles others"""


class Settled:
    """What documents and contacts know, by voucher and by contact."""

    def __init__(self, origins: Mapping[int, Origin], terms: Mapping[str, int]) -> None:
        """Take origins by voucher id, and days of credit by contact (`客户:甲公司`)."""
        self._origins = origins
        self._terms = terms

    def of(self, voucher_id: int, account_id: int, size: int) -> int:
        """Return how much of what a voucher moved on an account is settled, in minor units."""
        origin = self._origins.get(voucher_id)
        if origin is None:
            return 0
        if account_id in origin.wholly:
            return size
        return origin.settled if origin.on_account is None or account_id in origin.on_account else 0

    def dates(self, voucher_id: int, contact: str, date: str) -> tuple[str, str, str]:
        """Return date, due date and document number of a movement; the voucher's date and the contact's terms else."""
        origin = self._origins.get(voucher_id)
        if origin is None:
            return date, self.due_by_terms(contact, date), ""
        return origin.date, origin.due or self.due_by_terms(contact, origin.date), origin.number

    def due_by_terms(self, contact: str, date: str) -> str:
        """Return when something of a date falls due by the contact's terms; without terms the same day."""
        days = self._terms.get(contact, 0)
        return (datetime.date.fromisoformat(date) + datetime.timedelta(days=days)).isoformat() if days else date


def read_settled(_day: str) -> Settled:
    """Read what is known at the end of a day."""
    return Settled({}, {})
