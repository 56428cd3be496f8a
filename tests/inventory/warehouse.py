"""Short ways to keep a small warehouse in tests, and what its two ledgers say."""

from __future__ import annotations

from typing import NamedTuple

from app.contract.inventory import Costing, Item, ItemInput, WarehouseInput
from app.contract.stock import Cancellation, StockDocument, StockDocumentInput, StockDocumentKind, StockLineInput
from app.identity.actor import Actor
from app.inventory.service.items import create_item
from app.inventory.service.stock_documents import (
    cancel_stock_document,
    finish_stock_document,
    save_stock_document,
)
from app.inventory.service.warehouses import create_warehouse
from app.storage.database import fetch_all, fetch_one

SCALE = 10**8
STOCK_ACCOUNT = "1405"


def line(
    item: Item, quantity: str, amount: str = "", lot: str = "", unit: str = "", expiry: str = ""
) -> StockLineInput:
    """A line of a stock document."""
    return StockLineInput(item_id=item.id, quantity=quantity, amount=amount, lot=lot, unit=unit, expiry=expiry)


class Desk(NamedTuple):
    """Somebody who keeps stock."""

    actor: Actor

    def item(self, code: str, costing: Costing = "moving", *, lots: bool = False) -> Item:
        """Add an item counted in 个."""
        new = ItemInput(code=code, name=f"{code}货", unit="个", costing=costing, tracks_lots=lots or costing == "lot")
        return create_item(self.actor, new)

    def warehouse(self, name: str) -> int:
        """Add a warehouse and return its id."""
        return create_warehouse(self.actor, WarehouseInput(name=name)).id

    def draft(self, kind: StockDocumentKind, date: str, *lines: StockLineInput, **more: object) -> StockDocument:
        """Save a draft."""
        typed = StockDocumentInput(kind=kind, date=date, lines=list(lines), **more)  # type: ignore[arg-type]
        return save_stock_document(self.actor, typed)

    def done(self, kind: StockDocumentKind, date: str, *lines: StockLineInput, **more: object) -> StockDocument:
        """Save a document and finish it."""
        return finish_stock_document(self.actor, self.draft(kind, date, *lines, **more).id)

    def cancel(self, document: StockDocument, date: str = "") -> StockDocument:
        """Take a document back."""
        return cancel_stock_document(self.actor, document.id, Cancellation(date=date))


def in_ledger(code: str = STOCK_ACCOUNT) -> int:
    """Return the debit balance of an account over everything booked, posted or not."""
    row = fetch_one(
        "SELECT COALESCE(SUM(e.debit - e.credit), 0) FROM {entry} e JOIN {account} a ON a.id = e.account_id"
        " JOIN {voucher} v ON v.id = e.voucher_id WHERE a.code = ? AND v.state <> 'void'",
        (code,),
    )
    return int(row[0]) if row else 0


def all_in_ledger() -> dict[str, int]:
    """Return the balance of every account that has one."""
    rows = fetch_all(
        "SELECT a.code, SUM(e.debit - e.credit) FROM {entry} e JOIN {account} a ON a.id = e.account_id"
        " JOIN {voucher} v ON v.id = e.voucher_id WHERE v.state <> 'void' GROUP BY a.code ORDER BY a.code"
    )
    return {row[0]: int(row[1]) for row in rows if row[1]}


def in_stock(item: Item | None = None) -> tuple[int, int]:
    """Return quantity and value as the moves add up to."""
    condition, params = ("WHERE item_id = ?", [item.id]) if item is not None else ("", [])
    row = fetch_one(
        "SELECT COALESCE(SUM(quantity), 0), COALESCE(SUM(COALESCE(amount, 0) + recosted + residue), 0)"
        f" FROM {{stock_move}} {condition}",
        params,
    ) or (0, 0)
    return int(row[0]), int(row[1])
