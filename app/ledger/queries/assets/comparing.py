"""Cards against the ledger: do the balances of the asset accounts equal what their cards add up to?"""

from __future__ import annotations

from typing import NamedTuple

from app.kernel.period import last_day, year_start
from app.ledger.queries.balances import last_year_with_rows
from app.storage.database import fetch_all, read_snapshot


class Agreement(NamedTuple):
    """An account that cards stand on: its balance at a month's end and what the cards add up to, both minor units.

    Counted on the account's normal side; vouchers that are not posted yet count, faulty drafts do not.
    """

    account_id: int
    account_code: str
    account_name: str
    ledger_minor: int
    cards_minor: int

    @property
    def agrees(self) -> bool:
        """Tell whether both are equal."""
        return self.ledger_minor == self.cards_minor


ACCOUNT_ROOTS = ("1601", "1602", "1621", "1622", "1701", "1702", "1801")
"""First-level accounts whose balance cards should explain, once a book keeps cards at all."""


def agreement(period: int) -> list[Agreement]:
    """Return every account that cards stand on, and the others of their kind that have a balance, by code.

    Empty while the book keeps no card: it does without the sub-ledger then.
    """
    with read_snapshot():
        cards = _cards(period)
        if not cards and not fetch_all("SELECT 1 FROM {asset} LIMIT 1"):
            return []
        roots = _accounts_below_roots()
        ledger = _ledger({*cards, *roots}, period)
        names = _accounts({*cards, *(key for key in roots if ledger.get(key))})
    found: list[Agreement] = []
    for account_id, (code, name, side) in names.items():
        sign = 1 if side == "debit" else -1
        balance, of_cards = sign * ledger.get(account_id, 0), sign * cards.get(account_id, 0)
        found.append(Agreement(account_id, code, name, balance, of_cards))
    return sorted(found, key=lambda row: row.account_code)


def _cards(period: int) -> dict[int, int]:
    """Return the debit balance by account that the cards add up to at a month's end."""
    end = last_day(period).isoformat()
    sums: dict[int, int] = {}
    rows = fetch_all(
        "SELECT a.asset_account_id, a.accumulated_account_id, t.original_value, a.opening_accumulated,"
        " COALESCE((SELECT SUM(c.amount) FROM {asset_charge} c JOIN {voucher} v ON v.id = c.voucher_id"
        " WHERE c.asset_id = a.id AND v.period <= ? AND v.state <> 'void' AND v.faults = ''), 0)"
        " - COALESCE((SELECT SUM(c.amount) FROM {asset_charge} c JOIN {voucher} v ON v.id = c.voucher_id"
        " JOIN {voucher} r ON r.reversal_of = v.id AND r.state <> 'void' AND r.faults = '' AND r.period <= ?"
        " WHERE c.asset_id = a.id), 0)"
        " FROM {asset} a JOIN {asset_term} t ON t.asset_id = a.id AND t.from_period ="
        " (SELECT MAX(x.from_period) FROM {asset_term} x WHERE x.asset_id = a.id AND x.from_period <= ?)"
        " WHERE a.acquired_on <= ? AND (a.disposed_on IS NULL OR a.disposed_on > ?)",
        (period, period, period, end, end),
    )
    for asset_account, accumulated_account, value, opening, charged in rows:
        accumulated = int(opening) + int(charged)
        carrier = asset_account if accumulated_account is None else accumulated_account
        sums[asset_account] = sums.get(asset_account, 0) + int(value)
        sums[carrier] = sums.get(carrier, 0) - accumulated
    return sums


def _ledger(account_ids: set[int], period: int) -> dict[int, int]:
    """Return the debit balance of accounts at a month's end, posted or not."""
    year = last_year_with_rows(period // 100)
    if year is None or not account_ids:
        return {}
    upper = period if year == period // 100 else year * 100 + 12
    wanted = sorted(account_ids)
    rows = fetch_all(
        "SELECT account_id, SUM(opening + debit - credit) FROM {balance} WHERE period BETWEEN ? AND ?"
        f" AND account_id IN ({', '.join('?' * len(wanted))}) GROUP BY account_id",
        [year_start(upper), upper, *wanted],
    )
    return {int(account_id): int(amount) for account_id, amount in rows}


def _accounts_below_roots() -> set[int]:
    """Return the leaves of the asset accounts; their own second levels go with them."""
    condition = " OR ".join("code = ? OR code LIKE ?" for _ in ACCOUNT_ROOTS)
    params = [text for root in ACCOUNT_ROOTS for text in (root, f"{root}%")]
    rows = fetch_all(f"SELECT id FROM {{account}} WHERE is_leaf = 1 AND category = '资产' AND ({condition})", params)
    return {int(row[0]) for row in rows}


def _accounts(ids: set[int]) -> dict[int, tuple[str, str, str]]:
    if not ids:
        return {}
    wanted = sorted(ids)
    rows = fetch_all(
        f"SELECT id, code, name_zh, normal_side FROM {{account}} WHERE id IN ({', '.join('?' * len(wanted))})", wanted
    )
    return {int(row[0]): (row[1], row[2], row[3]) for row in rows}
