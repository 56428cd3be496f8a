"""Balances parted by counterparty and sign: what a line takes that shows debit balances here and credit balances there.

Most sets of auxiliaries are one counterparty each, so the database adds them up by itself; only sets that must be put
together (several dimensions, merged items) are read one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from app.reports.request import marks
from app.reports.statements.parties import PartyKey, read_parties
from app.storage.database import Row, fetch_all

_FEW = 500


class Sides(NamedTuple):
    """The debit balances and the credit balances of an account's counterparties; both are positive."""

    debit: int
    credit: int


Groups = dict[int, dict[PartyKey, int]]


def read_splits(
    year: int, moments: Sequence[int], layers: Sequence[int], account_ids: Sequence[int]
) -> dict[int, dict[int, Sides]]:
    """Return the sides of each account at some moments of a year's rows."""
    together = _sets_to_put_together()
    if len(together) > _FEW:
        groups = read_groups(year, moments, layers, account_ids)
        return {
            moment: {account_id: _sides(parties) for account_id, parties in accounts.items()}
            for moment, accounts in groups.items()
        }
    found: dict[int, dict[int, Sides]] = {moment: {} for moment in moments}
    for account_id, *values in _added_up(year, moments, layers, account_ids, together):
        for place, moment in enumerate(moments):
            found[moment][account_id] = Sides(int(values[2 * place]), int(values[2 * place + 1]))
    if together:
        for moment, accounts in read_groups(year, moments, layers, account_ids, together).items():
            for account_id, parties in accounts.items():
                before, more = found[moment].get(account_id, Sides(0, 0)), _sides(parties)
                found[moment][account_id] = Sides(before.debit + more.debit, before.credit + more.credit)
    return found


def _sides(parties: dict[PartyKey, int]) -> Sides:
    return Sides(
        sum(value for value in parties.values() if value > 0), -sum(value for value in parties.values() if value < 0)
    )


def _sets_to_put_together() -> list[int]:
    """Return the sets that another set may belong to the same counterparty as."""
    several = fetch_all("SELECT set_id FROM {auxiliary_set_item} GROUP BY set_id HAVING COUNT(*) > 1")
    merged = {row[0] for row in fetch_all("SELECT merged_into FROM {auxiliary} WHERE merged_into IS NOT NULL")}
    found = {int(row[0]) for row in several}
    if found or merged:
        # an item of a set of several may be the only item of another set
        found |= {
            int(row[0])
            for row in fetch_all(
                "SELECT set_id FROM {auxiliary_set_item} WHERE auxiliary_id IN"
                " (SELECT id FROM {auxiliary} WHERE merged_into IS NOT NULL"
                " UNION SELECT merged_into FROM {auxiliary} WHERE merged_into IS NOT NULL"
                " UNION SELECT auxiliary_id FROM {auxiliary_set_item} WHERE set_id IN"
                " (SELECT set_id FROM {auxiliary_set_item} GROUP BY set_id HAVING COUNT(*) > 1))"
            )
        }
    return sorted(found)


def _added_up(
    year: int, moments: Sequence[int], layers: Sequence[int], account_ids: Sequence[int], without: Sequence[int]
) -> list[Row]:
    """Return each account's debit and credit balances at each moment, added up by the database."""
    condition = f" AND auxiliary_set_id NOT IN ({marks(without)})" if without else ""
    inner, params = _by_set(year, moments, layers, account_ids, condition)
    params += without
    sums = ", ".join(
        f"SUM(CASE WHEN {at} > 0 THEN {at} ELSE 0 END), SUM(CASE WHEN {at} < 0 THEN -{at} ELSE 0 END)"
        for at in (f"at{place}" for place in range(len(moments)))
    )
    return fetch_all(f"SELECT account_id, {sums} FROM ({inner}) AS sets GROUP BY account_id", params)


def _by_set(
    year: int, moments: Sequence[int], layers: Sequence[int], account_ids: Sequence[int], condition: str
) -> tuple[str, list[int]]:
    """Return the query of balances by account and set, at the first moment as `at0`, at the next as `at1`, and so on.

    The values of a condition on the sets come after those that are returned with it. The sign before the account keeps
    SQLite from looking up each row by its account, which costs more than passing over a year's rows as they lie.
    """
    month0 = year * 100
    sums = ", ".join(
        (
            "SUM(CASE WHEN period = ? THEN opening ELSE 0 END)"
            if moment == month0
            else "SUM(CASE WHEN period <= ? THEN opening + debit - credit ELSE 0 END)"
        )
        + f" AS at{place}"
        for place, moment in enumerate(moments)
    )
    sql = (
        f"SELECT account_id, auxiliary_set_id, {sums} FROM {{balance}} WHERE period BETWEEN ? AND ?"
        f" AND layer IN ({marks(layers)}) AND +account_id IN ({marks(account_ids)}){condition}"
        " GROUP BY account_id, auxiliary_set_id"
    )
    return sql, [*moments, month0, min(max(moments), month0 + 12), *layers, *account_ids]


def read_groups(
    year: int, moments: Sequence[int], layers: Sequence[int], account_ids: Sequence[int], only: Sequence[int] = ()
) -> dict[int, Groups]:
    """Return the balances by account and counterparty at some moments, debit positive; of some sets or all."""
    condition = f" AND auxiliary_set_id IN ({marks(only)})" if only else ""
    sql, params = _by_set(year, moments, layers, account_ids, condition)
    rows = fetch_all(sql, [*params, *only])
    parties = read_parties({row[1] for row in rows})
    found: dict[int, Groups] = {moment: {} for moment in moments}
    for account_id, set_id, *values in rows:
        party = parties[set_id]
        for moment, value in zip(moments, values, strict=True):
            if value:
                groups = found[moment].setdefault(account_id, {})
                groups[party] = groups.get(party, 0) + int(value)
    return found
