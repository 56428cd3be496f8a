"""All checks of the doctor over a month or a whole book, on one snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.contract.doctor import Diagnosis, DoctorQuery, Severity
from app.identity.actor import Actor
from app.kernel.period import format_period, parse_period
from app.reports.doctor import agreements, balances, cash, receivables, stock, vouchers
from app.reports.doctor.finding import Ailment
from app.reports.doctor.patient import Patient, Standing, read_patient
from app.storage.database import read_snapshot

MOST_OF_A_CHECK = 200
_RANK: dict[Severity, int] = {"error": 0, "warning": 1, "hint": 2}


def diagnose(actor: Actor, query: DoctorQuery) -> Diagnosis:
    """Return what does not fit together in a month or the whole book, worst first, at most 200 of one check.

    What concerns the book as a whole (numbers, drafts, closed months, opening) is looked at for any month. Needs
    `reports:doctor:view`; raises `MalformedInput` for a month that is none.
    """
    actor.require("reports:doctor:view")
    month = parse_period(query.period) if query.period else None
    with read_snapshot():
        patient = read_patient(month, month)
        found, left_out = _shortened(examine(patient, documents=query.documents))
    return Diagnosis(
        from_period=format_period(patient.first),
        to_period=format_period(patient.last),
        findings=[ailment.told() for ailment in found],
        left_out=left_out,
    )


def examine(patient: Patient, *, documents: bool = False) -> Iterator[Ailment]:
    """Yield everything that does not fit, in the order of the checks. Call inside a snapshot."""
    yield from vouchers.number_gaps()
    yield from vouchers.unposted_in_closed_months(patient)
    yield from vouchers.unsigned()
    yield from vouchers.faulty_drafts()
    untagged = list(vouchers.untagged_cash(patient))
    yield from untagged
    yield from vouchers.self_reviewed(patient)
    if documents:
        yield from vouchers.without_documents(patient)
    yield from balances.opening_unbalanced()
    standing = Standing()
    yield from _month_by_month(patient, standing)
    yield from balances.trial_balance(patient, standing)
    yield from balances.on_parents(patient, standing)
    yield from balances.without_auxiliary(patient, standing)
    yield from balances.quantities(patient, standing)
    yield from balances.out_of_use(patient, standing)
    yield from balances.wrong_side(patient, standing)
    yield from receivables.ageing(patient, standing)
    yield from receivables.documents(patient)
    yield from agreements.assets(patient)
    yield from stock.stock_ledger(patient)
    yield from agreements.statements(patient, cash_is_tagged=not untagged)


def _month_by_month(patient: Patient, standing: Standing) -> Iterator[Ailment]:
    days = cash.read_days(patient)
    standing.begin(patient.first)
    before = standing.by_account()
    for period in patient.months:
        standing.advance(period)
        yield from balances.profit_left(patient, standing, period)
        yield from balances.not_nil(patient, standing, period)
        yield from cash.below_zero(patient, before, period, days)
        before = standing.by_account()


def _shortened(found: Iterable[Ailment]) -> tuple[list[Ailment], dict[str, int]]:
    """Return at most so many findings of each check, worst first, and how many of each were left out."""
    kept: list[Ailment] = []
    counts: dict[str, int] = {}
    for ailment in found:
        counts[ailment.check] = counts.get(ailment.check, 0) + 1
        if counts[ailment.check] <= MOST_OF_A_CHECK:
            kept.append(ailment)
    left_out = {check: count - MOST_OF_A_CHECK for check, count in counts.items() if count > MOST_OF_A_CHECK}
    return sorted(kept, key=lambda ailment: _RANK[ailment.severity]), left_out
