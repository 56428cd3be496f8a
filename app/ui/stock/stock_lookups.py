"""What the cells of a stock document look up: items and lots from the server, units at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PyQt5.QtCore import QObject, QTimer, pyqtSignal

from app.client.api import ApiClient
from app.contract.inventory import Item, ItemQuery, Lot, LotQuery
from app.contract.stock import StockBalanceQuery
from app.kernel.money import QUANTITY_DIGITS, group_thousands, parse_amount
from app.kernel.text import clean_text
from app.ui.ledger.lookup_list import CellChoice
from app.ui.stock.stock_line import Column, DraftLine, ItemFacts, facts_of
from app.ui.tasks import Query

MOST_CHOICES = 40
TYPING_PAUSE_MS = 120


@dataclass(frozen=True)
class ItemChoice(CellChoice):
    """An item in the list."""

    facts: ItemFacts | None = None


@dataclass(frozen=True)
class LotChoice(CellChoice):
    """A lot in the list, with its expiry."""

    expiry: str = ""


class StockLookups(QObject):
    """Asks for what fits a cell; answers arrive by signal, those to older questions are dropped."""

    arrived = pyqtSignal(int, str, list)
    """Row, column, and the `CellChoice`s found."""
    item_found = pyqtSignal(str, object)
    """The text typed, and the `ItemFacts` it names, or None."""
    item_known = pyqtSignal(int, object)
    """Row, and the `ItemFacts` of the item that stands there."""
    book_found = pyqtSignal(int, str, object)
    """Item id, lot, and what the book has of it (10^-8: more than Qt's own int holds)."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._asked: tuple[int, Column, str, DraftLine] | None = None
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(TYPING_PAUSE_MS)
        self._pause.timeout.connect(self._ask_now)
        self.warehouse: Callable[[], int | None] = lambda: None
        self.date: Callable[[], str] = lambda: ""

    def ask(self, row: int, column: Column, text: str, line: DraftLine) -> None:
        """Ask for what a text typed into a cell may mean."""
        self._asked = (row, column, clean_text(text), line)
        self._pause.start()

    def drop_question(self) -> None:
        """Nobody waits for choices any more."""
        self._asked = None
        self._pause.stop()

    def _ask_now(self) -> None:
        if self._asked is None:
            return
        row, column, text, line = self._asked
        if column is Column.UNIT:
            units = list(line.item.factors) if line.item is not None else []
            self.arrived.emit(row, str(column), [CellChoice(unit, unit) for unit in units if text in unit])
            return
        if column is Column.LOT:
            self._ask_lots(row, text, line)
            return
        query = ItemQuery(q=text, kind="goods", limit=MOST_CHOICES, with_quantity=True)
        Query(lambda api: api.list_items(query).items).slot("choices").on_done(
            lambda found: self.arrived.emit(row, str(column), [item_choice(item) for item in found])
        ).run(self)

    def _ask_lots(self, row: int, text: str, line: DraftLine) -> None:
        if line.item is None:
            return
        query = LotQuery(item_id=line.item.id, warehouse_id=self.warehouse())
        Query(lambda api: api.list_lots(query).lots).slot("choices").on_done(
            lambda found: self.arrived.emit(
                row, str(Column.LOT), [lot_choice(lot) for lot in found if text in lot.number][:MOST_CHOICES]
            )
        ).run(self)

    def find_item(self, row: int, text: str) -> None:
        """Find the one item a text names: by its code, barcode or name, or because nothing else fits."""
        query = ItemQuery(q=text, kind="goods", limit=2 * MOST_CHOICES)
        Query(lambda api: api.list_items(query).items).slot(f"item-{row}").on_done(
            lambda found: self.item_found.emit(text, named_item(found, text))
        ).run(self)

    def know_item(self, row: int, item_id: int) -> None:
        """Ask for the further units of an item a stored line has."""
        Query(lambda api: facts_of(api.get_item(item_id))).slot(f"facts-{row}").on_done(
            lambda facts: self.item_known.emit(row, facts)
        ).run(self)

    def ask_book(self, row: int, line: DraftLine) -> None:
        """Counts: ask what the book has of a line's item and lot at the document's day."""
        warehouse, item = self.warehouse(), line.item
        if item is None:
            return
        item_id, lot, date = item.id, line.lot, self.date()

        def work(api: ApiClient) -> int:
            query = StockBalanceQuery(date=date, item_id=item_id, warehouse_id=warehouse, by_lot=bool(lot), limit=1000)
            rows = api.list_stock(query).rows
            return sum(parse_amount(row.quantity, QUANTITY_DIGITS) for row in rows if not lot or row.lot == lot)

        Query(work).slot(f"book-{row}").on_done(lambda quantity: self.book_found.emit(item_id, lot, quantity)).run(self)


def item_choice(item: Item) -> ItemChoice:
    """Return an item as the list shows it: code, name with specification, what is in stock."""
    name = f"{item.name} {item.specification}".strip()
    stock = f"{group_thousands(item.quantity)} {item.unit}".strip() if item.quantity else item.unit
    return ItemChoice(item.code, name, item.code, stock, facts=facts_of(item))


def lot_choice(lot: Lot) -> LotChoice:
    """Return a lot as the list shows it: number, expiry, what is left."""
    return LotChoice(lot.number, lot.expiry, lot.number, group_thousands(lot.quantity), expiry=lot.expiry)


def named_item(found: Sequence[Item], text: str) -> ItemFacts | None:
    """Return the item a text names among those found."""
    wanted = text.casefold()
    exact = [
        item
        for item in found
        if wanted in {item.code.casefold(), item.barcode.casefold(), item.name.casefold()}
        or any(unit.barcode and unit.barcode.casefold() == wanted for unit in item.units)
    ]
    if len(exact) == 1:
        return facts_of(exact[0])
    return facts_of(found[0]) if len(found) == 1 else None
