"""Charges follow the vouchers that carry them: called by the services of vouchers, in their units.

Voiding and reversing need no call: `app.ledger.queries.assets.loading` counts charges of standing vouchers only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from app.ledger.service.lines import Line
from app.storage.database import execute, fetch_all

_Key = tuple[int, int]
"""An account and an auxiliary set."""


class _Charge(NamedTuple):
    asset_id: int
    amount: int
    expense: _Key
    carrier: _Key


def forget_voucher(voucher_id: int) -> None:
    """Take the charges of a draft that is being deleted back, and the disposal it was made for off its card."""
    execute("DELETE FROM {asset_charge} WHERE voucher_id = ?", (voucher_id,))
    execute("UPDATE {asset} SET disposal_voucher_id = NULL WHERE disposal_voucher_id = ?", (voucher_id,))


def follow_voucher(voucher_id: int, lines: Sequence[Line], old_period: int) -> None:
    """Let the charges of a draft that was changed follow its amounts and its month.

    Charges are matched by expense and accumulated account with their auxiliaries. Where one card alone stands behind
    both amounts it takes them; where several share them, only taking them out altogether can be matched. What cannot
    be matched stays, and the comparison of cards and ledger shows the difference.
    """
    charges = _charges(voucher_id)
    if not charges:
        return
    debited, credited = _sums(lines)
    for (expense, carrier), group in _grouped(charges).items():
        expected = sum(charge.amount for charge in group)
        alone_on_expense = len({charge.carrier for charge in charges if charge.expense == expense}) == 1
        alone_on_carrier = len({charge.expense for charge in charges if charge.carrier == carrier}) == 1
        debit, credit = debited.get(expense, 0), credited.get(carrier, 0)
        amounts = {amount for amount, alone in ((debit, alone_on_expense), (credit, alone_on_carrier)) if alone}
        if len(amounts) != 1 or (actual := amounts.pop()) == expected:
            continue
        if actual == 0:
            _delete(voucher_id, group)
        elif len(group) == 1:
            execute(
                "UPDATE {asset_charge} SET amount = ? WHERE voucher_id = ? AND asset_id = ?",
                (actual, voucher_id, group[0].asset_id),
            )
    if lines and lines[0].period != old_period:
        execute(
            "UPDATE {asset_charge} SET period = ? WHERE voucher_id = ? AND period = ?",
            (lines[0].period, voucher_id, old_period),
        )


def _charges(voucher_id: int) -> list[_Charge]:
    rows = fetch_all(
        "SELECT c.asset_id, c.amount, t.expense_account_id, t.expense_set_id,"
        " COALESCE(a.accumulated_account_id, a.asset_account_id),"
        " CASE WHEN a.accumulated_account_id IS NULL THEN a.asset_set_id ELSE a.accumulated_set_id END"
        " FROM {asset_charge} c JOIN {asset} a ON a.id = c.asset_id JOIN {asset_term} t ON t.asset_id = a.id"
        " AND t.from_period = (SELECT MAX(x.from_period) FROM {asset_term} x"
        " WHERE x.asset_id = a.id AND x.from_period <= c.period) WHERE c.voucher_id = ?",
        (voucher_id,),
    )
    return [_Charge(row[0], row[1], (row[2], row[3]), (row[4], row[5])) for row in rows]


def _sums(lines: Iterable[Line]) -> tuple[dict[_Key, int], dict[_Key, int]]:
    """Return net debits and net credits by account and auxiliary set."""
    debits: dict[_Key, int] = {}
    for line in lines:
        key = (line.account_id, line.auxiliary_set_id)
        debits[key] = debits.get(key, 0) + line.debit - line.credit
    return debits, {key: -amount for key, amount in debits.items()}


def _grouped(charges: Iterable[_Charge]) -> Mapping[tuple[_Key, _Key], list[_Charge]]:
    groups: dict[tuple[_Key, _Key], list[_Charge]] = {}
    for charge in charges:
        groups.setdefault((charge.expense, charge.carrier), []).append(charge)
    return groups


def _delete(voucher_id: int, group: Iterable[_Charge]) -> None:
    for charge in group:
        execute("DELETE FROM {asset_charge} WHERE voucher_id = ? AND asset_id = ?", (voucher_id, charge.asset_id))
