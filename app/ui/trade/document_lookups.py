"""What the cells of a document's lines look up: items and their lots, units and warehouses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PyQt5.QtCore import QObject, QTimer, pyqtSignal

from app.client.api import ApiClient
from app.contract.inventory import Item, ItemQuery, LotList, LotQuery
from app.kernel.text import clean_text
from app.ui.language import tr
from app.ui.ledger.lookup_list import CellChoice
from app.ui.tasks import Query
from app.ui.trade import document_line as cell
from app.ui.trade.document_sheet import DocumentSheet
from app.ui.trade.line_grid import LineGrid
from app.ui.trade.words import plain

MOST_CHOICES = 40
TYPING_PAUSE_MS = 100


@dataclass(frozen=True)
class ItemChoice(CellChoice):
    """An item to choose."""

    item: Item | None = None


@dataclass(frozen=True)
class LotChoice(CellChoice):
    """A lot to choose, with its expiry."""

    expiry: str = ""


class DocumentLookups(QObject):
    """Answers a grid's `choices_wanted`, and puts what was chosen into the sheet."""

    item_taken = pyqtSignal(int)
    """The row an item was put into: its price is wanted."""

    def __init__(self, grid: LineGrid, sheet: Callable[[], DocumentSheet], parent: QObject) -> None:
        super().__init__(parent)
        self._grid = grid
        self._sheet = sheet
        self._asked: tuple[int, str] | None = None
        self._asking: set[str] = set()
        self._unknown: set[str] = set()
        """Texts the server was asked for that name no item; forgotten when items change."""
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(TYPING_PAUSE_MS)
        self._pause.timeout.connect(self._ask_items)
        grid.choices_wanted.connect(self._wanted)
        grid.chosen.connect(self._chosen)

    def _wanted(self, row: int, name: str, text: str) -> None:
        if name == cell.ITEM:
            self._asked = (row, text)
            self._pause.start()
        elif name == cell.UNIT:
            units = self._sheet().lines[row].units()
            self._grid.show_choices(
                row,
                name,
                [CellChoice(unit, unit, detail=f"× {factor}" if factor != "1" else "") for unit, factor in units],
            )
        elif name == cell.WAREHOUSE:
            wanted = clean_text(text)
            found = [w for w in self._sheet().warehouses if wanted in w.code or wanted in w.name]
            self._grid.show_choices(row, name, [CellChoice(w.name, w.name, w.code) for w in found])
        elif name == cell.LOT:
            self._ask_lots(row)

    def _ask_items(self) -> None:
        if self._asked is None:
            return
        row, text = self._asked
        query = ItemQuery(q=clean_text(text)[:100], with_quantity=True, limit=MOST_CHOICES)
        Query(lambda api: api.list_items(query).items).slot("items").on_done(
            lambda items: self._grid.show_choices(row, cell.ITEM, item_choices(items))
        ).run(self)

    def _ask_lots(self, row: int) -> None:
        line = self._sheet().lines[row]
        item_id = line.item_id
        if item_id is None:
            return
        query = LotQuery(item_id=item_id, warehouse_id=line.warehouse_id or self._sheet().warehouse_id)

        def show(found: LotList) -> None:
            choices = [
                LotChoice(
                    lot.number, lot.number, detail=f"{plain(lot.quantity)}  {lot.expiry}".rstrip(), expiry=lot.expiry
                )
                for lot in found.lots
            ]
            self._grid.show_choices(row, cell.LOT, choices)

        Query(lambda api: api.list_lots(query)).slot("lots").on_done(show).on_error(lambda _error: None).run(self)

    def _chosen(self, row: int, name: str, choice: CellChoice) -> None:
        sheet, model = self._sheet(), self._grid.line_model
        if isinstance(choice, ItemChoice) and choice.item is not None:
            item = choice.item
            model.act(lambda: sheet.take_item(row, item))
            self.item_taken.emit(row)
            return
        model.act(lambda: sheet.type(row, name, choice.value))
        if isinstance(choice, LotChoice) and choice.expiry:
            model.act(lambda: sheet.type(row, cell.EXPIRY, choice.expiry))
        if name == cell.UNIT:
            self.item_taken.emit(row)

    def forget_unknown(self) -> None:
        """Items changed: what named none may name one now."""
        self._unknown.clear()

    def is_unknown(self, sheet: DocumentSheet, row: int) -> bool:
        """Tell whether the server has said that what is typed for an item names none."""
        return sheet.lines[row].unread[cell.ITEM][0] in self._unknown

    def take_exact(self, row: int, settled: Callable[[], None]) -> None:
        """Take the one item a typed code or scanned barcode names, though no list was waited for; then `settled`."""
        text = self._sheet().lines[row].unread[cell.ITEM][0]
        if text in self._unknown or text in self._asking:
            return
        self._asking.add(text)
        query = ItemQuery(q=text[:100], limit=2)

        def arrived(items: Sequence[Item]) -> None:
            sheet = self._sheet()
            item, unit = named_exactly(items, text)
            if item is None:
                self._unknown.add(text)
            elif row < len(sheet.lines) and sheet.lines[row].unread.get(cell.ITEM, ("",))[0] == text:
                self._grid.line_model.act(lambda: sheet.take_item(row, item))
                if unit:
                    self._grid.line_model.act(lambda: sheet.type(row, cell.UNIT, unit))
                self.item_taken.emit(row)
            settled()

        Query(lambda api: api.list_items(query).items).slot(f"exact-{row}").on_done(arrived).always(
            lambda: self._asking.discard(text)
        ).run(self)


def named_exactly(items: Sequence[Item], text: str) -> tuple[Item | None, str]:
    """Return the one item a text names by code, name or barcode, and the unit the barcode stands for, if one."""
    wanted = text.casefold()
    for one in items:
        unit = next((other.unit for other in one.units if other.barcode and other.barcode.casefold() == wanted), "")
        if unit or wanted in {one.code.casefold(), one.barcode.casefold(), one.name.casefold()}:
            return one, unit
    return (items[0], "") if len(items) == 1 else (None, "")


def item_choices(items: Sequence[Item]) -> list[CellChoice]:
    """Return items as a list under a cell shows them: code, name, what is in stock."""
    return [
        ItemChoice(
            one.code,
            f"{one.name} {one.specification}".strip(),
            one.code,
            tr("库存 {quantity} {unit}", quantity=plain(one.quantity), unit=one.unit) if one.quantity else one.pinyin,
            item=one,
        )
        for one in items
    ]


def read_items(api: ApiClient, ids: Sequence[int]) -> list[Item]:
    """Return items by their ids."""
    return [api.get_item(item_id) for item_id in ids]
