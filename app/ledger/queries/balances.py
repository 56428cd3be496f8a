"""Reads of the balance tables that several reports and rules share."""

from __future__ import annotations

from collections.abc import Sequence

from app.storage.database import fetch_all, fetch_one


def last_year_with_rows(year: int) -> int | None:
    """Return the latest year up to `year` that has balance rows, or `None` when there is none.

    A year without rows had no turnover: it opens and closes with the closing of the year found here.
    """
    row = fetch_one("SELECT MAX(year) FROM {fiscal_year} WHERE year <= ?", (year,))
    return int(row[0]) if row and row[0] is not None else None


def keeps_apart(account_code: str, kind: str) -> bool:
    """Tell whether an account has an auxiliary dimension such as 客户."""
    row = fetch_one(
        "SELECT 1 FROM {account_auxiliary} x JOIN {account} a ON a.id = x.account_id"
        " JOIN {auxiliary_kind} k ON k.id = x.kind_id WHERE a.code = ? AND k.name = ?",
        (account_code, kind),
    )
    return row is not None


def balance_for(account_codes: Sequence[str], auxiliary_ids: Sequence[int]) -> int:
    """Return what accounts stand at now for auxiliary items, debit positive, in minor units of the base currency.

    Complete drafts count. The rows are looked up by their whole key: an account may have many thousand customers.
    """
    accounts = _ids("SELECT id FROM {account} WHERE code IN", account_codes)
    sets = _ids("SELECT DISTINCT set_id FROM {auxiliary_set_item} WHERE auxiliary_id IN", auxiliary_ids)
    year = fetch_one("SELECT MAX(year) FROM {fiscal_year}")
    if not accounts or not sets or year is None or year[0] is None:
        return 0
    currencies = [int(row[0]) for row in fetch_all("SELECT id FROM {currency}")]
    periods = [int(year[0]) * 100 + month for month in range(13)]
    total = 0
    for start in range(0, len(sets), 500):
        chunk = sets[start : start + 500]
        row = fetch_one(
            f"SELECT SUM(opening + debit - credit) FROM {{balance}} WHERE period IN ({_places(periods)})"
            f" AND layer IN (0, 1) AND account_id IN ({_places(accounts)}) AND currency_id IN ({_places(currencies)})"
            f" AND auxiliary_set_id IN ({_places(chunk)})",
            [*periods, *accounts, *currencies, *chunk],
        )
        total += int(row[0] or 0) if row else 0
    return total


def _ids(sql: str, values: Sequence[object]) -> list[int]:
    if not values:
        return []
    return [int(row[0]) for row in fetch_all(f"{sql} ({_places(values)})", list(values))]


def _places(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
