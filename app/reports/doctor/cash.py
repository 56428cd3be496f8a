"""Cash and bank below zero, at any day's end of the months under view."""

from __future__ import annotations

from collections.abc import Iterator

from app.kernel.text import message
from app.reports.doctor.finding import Ailment, at_entries
from app.reports.doctor.patient import DoctorAccount, Patient
from app.reports.request import marks
from app.storage.database import fetch_all

Days = dict[int, dict[int, list[tuple[str, int]]]]
"""month → account → (date, change) in order of dates"""


def read_days(patient: Patient) -> Days:
    """Read what moved cash accounts on each day of the months under view: the one check that looks at entries."""
    cash = [account.id for account in patient.accounts.values() if account.is_cash and account.is_leaf]
    days: Days = {}
    if not cash:
        return days
    rows = fetch_all(
        "SELECT e.period, e.account_id, v.date, SUM(e.debit - e.credit) FROM {entry} e"
        f" JOIN {{voucher}} v ON v.id = e.voucher_id WHERE e.account_id IN ({marks(cash)})"
        " AND e.period BETWEEN ? AND ? AND v.state = 'posted' GROUP BY e.period, e.account_id, v.date",
        (*cash, patient.first, patient.last),
    )
    for period, account_id, date, change in sorted(rows):
        days.setdefault(int(period), {}).setdefault(int(account_id), []).append((str(date), int(change)))
    return days


def below_zero(patient: Patient, before: dict[int, int], period: int, days: Days) -> Iterator[Ailment]:
    """Yield cash accounts that were below zero at a month's begin or at any day's end, with the first and worst day.

    `before` are the balances by account at the end of the month before.
    """
    for account in patient.accounts.values():
        if not account.is_cash or not account.is_leaf or account.normal_side != "debit":
            continue
        balance = before.get(account.id, 0)
        moved = days.get(period, {}).get(account.id, [])
        first, lowest, worst_day = ("", 0, "") if balance >= 0 else (f"{patient.named(period)}-01", balance, "")
        for date, change in moved:
            balance += change
            if balance < 0 and not first:
                first = date
            if balance < lowest:
                lowest, worst_day = balance, date
        if first and (moved or period == patient.last):
            yield _overdrawn(patient, account, period, (first, worst_day or first, lowest, balance))


def _overdrawn(patient: Patient, account: DoctorAccount, period: int, days: tuple[str, str, int, int]) -> Ailment:
    first, worst_day, lowest, closing = days
    if closing < 0:
        text = message(
            "从 {first} 起为负，最低 {lowest}（{worst}），月末 {closing}。",
            first=first,
            lowest=patient.money(lowest),
            worst=worst_day,
            closing=patient.money(closing),
        )
    else:
        text = message(
            "从 {first} 起曾为负，最低 {lowest}（{worst}）。",
            first=first,
            lowest=patient.money(lowest),
            worst=worst_day,
        )
    remedy = message("请核对日记账：可能漏记收款，或凭证日期不对。")
    return Ailment("cash_below_zero", "warning", account.called, text, remedy, at_entries(account.code, period, period))
