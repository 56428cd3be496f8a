"""What the doctor's checks yield: plain values, texts not yet in anybody's language."""

from __future__ import annotations

from typing import NamedTuple

from app.contract.doctor import DoctorFinding, DoctorPlace, Severity
from app.kernel.period import format_period
from app.kernel.text import Message

NOWHERE = DoctorPlace()


class Ailment(NamedTuple):
    """One thing that does not fit: the check, how bad, where, what, what to do, and the page that shows it."""

    check: str
    severity: Severity
    where: Message | str
    text: Message | str
    remedy: Message
    place: DoctorPlace = NOWHERE

    def told(self) -> DoctorFinding:
        """Return it in the caller's language."""
        return DoctorFinding(
            check=self.check,
            severity=self.severity,
            where=str(self.where),
            message=str(self.text),
            remedy=str(self.remedy),
            place=self.place,
        )


def at_voucher(voucher_id: int) -> DoctorPlace:
    """Return the place of a voucher."""
    return DoctorPlace(kind="voucher", voucher_id=voucher_id)


def at_vouchers(period: int) -> DoctorPlace:
    """Return the place of a month's vouchers."""
    return DoctorPlace(kind="vouchers", from_period=format_period(period), to_period=format_period(period))


def at_entries(account_code: str, first: int, last: int, aux: str = "") -> DoctorPlace:
    """Return the place of an account's entries over months."""
    return DoctorPlace(
        kind="entries",
        account_code=account_code,
        aux=aux,
        from_period=format_period(first),
        to_period=format_period(last),
    )


def at_account(account_code: str) -> DoctorPlace:
    """Return the place of an account in the chart."""
    return DoctorPlace(kind="account", account_code=account_code)


def voucher_name(period: int, word: str, number: int | None) -> str:
    """Return what people call a voucher: 2026-06 记-12."""
    return f"{format_period(period)} {word}-{number if number is not None else '?'}"
