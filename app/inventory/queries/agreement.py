"""Stock against the ledger: are the accounts that stock keeps worth what lies in the warehouses?"""

from __future__ import annotations

from typing import NamedTuple

from app.inventory.queries.posting_accounts import PostingRules
from app.inventory.queries.stock_levels import levels_on
from app.kernel.period import last_day, year_start
from app.ledger.queries.balances import last_year_with_rows
from app.storage.book_settings import get_setting
from app.storage.database import fetch_all, read_snapshot


class StockAgreement(NamedTuple):
    """An account that stock keeps: its balance at a month's end and what its items are worth, in minor units.

    Vouchers that are not posted yet count, faulty drafts do not.
    """

    account_id: int
    account_code: str
    account_name: str
    ledger_minor: int
    stock_minor: int

    @property
    def difference(self) -> int:
        """Return by how much the ledger has more."""
        return self.ledger_minor - self.stock_minor


def agreement(period: int) -> list[StockAgreement]:
    """Return every account that stock keeps, by code; none in a book that keeps no stock."""
    with read_snapshot():
        governed = {int(one) for one in get_setting("governed_accounts", [])}
        stock = _stock(period)
        accounts = {
            str(row[1]): (int(row[0]), str(row[2])) for row in fetch_all("SELECT id, code, name_zh FROM {account}")
        }
        wanted = {code: facts for code, facts in accounts.items() if facts[0] in governed or code in stock}
        ledger = _ledger([account_id for account_id, _ in wanted.values()], period)
    return [
        StockAgreement(account_id, code, name, ledger.get(account_id, 0), stock.get(code, 0))
        for code, (account_id, name) in sorted(wanted.items())
    ]


def _stock(period: int) -> dict[str, int]:
    """Return what items are worth at a month's end, by the code of the account they stand on."""
    levels = levels_on(last_day(period).isoformat())
    if not levels:
        return {}
    categories = {int(row[0]): row[1] for row in fetch_all("SELECT id, category_id FROM {item}")}
    rules = PostingRules()
    sums: dict[str, int] = {}
    for (item_id,), level in levels.items():
        if level.value:
            code = rules.account_for("stock", category_id=categories.get(item_id))
            sums[code] = sums.get(code, 0) + level.value
    return sums


def _ledger(account_ids: list[int], period: int) -> dict[int, int]:
    year = last_year_with_rows(period // 100)
    if year is None or not account_ids:
        return {}
    upper = period if year == period // 100 else year * 100 + 12
    places = ", ".join("?" * len(account_ids))
    rows = fetch_all(
        "SELECT account_id, SUM(opening + debit - credit) FROM {balance} WHERE period BETWEEN ? AND ?"
        f" AND account_id IN ({places}) GROUP BY account_id",
        [year_start(upper), upper, *account_ids],
    )
    return {int(row[0]): int(row[1]) for row in rows}
