"""What the stock document's page asks of the server: facts to type with, and what is in stock; no Qt."""

from __future__ import annotations

from collections.abc import Sequence

from app.client.api import ApiClient
from app.contract.inventory import Warehouse
from app.contract.ledger import PeriodState
from app.contract.stock import StockBalanceQuery, StockBalanceRow, StockDocumentInput
from app.kernel.errors import PermissionDenied
from app.ui.ledger.account_index import AccountIndex
from app.ui.widgets.limits import longest

LARGEST_PAGE = 1000
MOST_LINES = longest(StockDocumentInput, "lines")


class StockFacts:
    """What a document is typed with: the chart, the warehouses, the months."""

    def __init__(self, accounts: AccountIndex, warehouses: Sequence[Warehouse], months: Sequence[PeriodState]) -> None:
        self.accounts = accounts
        self.warehouses = warehouses
        self.months = months


def read_facts(api: ApiClient) -> StockFacts:
    """Ask for all; who may not see chart or months goes without them."""
    try:
        accounts = AccountIndex(api.list_accounts().accounts)
    except PermissionDenied:
        accounts = AccountIndex()
    try:
        months: Sequence[PeriodState] = api.list_periods().periods
    except PermissionDenied:
        months = ()
    return StockFacts(accounts, api.list_warehouses().warehouses, months)


def book_of(api: ApiClient, warehouse_id: int | None, date: str) -> list[StockBalanceRow]:
    """Return what a warehouse has at the end of a day, by lot, as many lines as a document takes."""
    rows: list[StockBalanceRow] = []
    cursor: str | None = ""
    while cursor is not None and len(rows) < MOST_LINES:
        page = api.list_stock(
            StockBalanceQuery(date=date, warehouse_id=warehouse_id, by_lot=True, cursor=cursor, limit=LARGEST_PAGE)
        )
        rows.extend(page.rows)
        cursor = page.next
    return rows[:MOST_LINES]
