"""The form of a stock document: head, lines, totals, stamp, and what it is linked to; knows nothing of the server."""

from __future__ import annotations

import datetime
import html
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtGui import QFont
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.contract.stock import StockDocument, StockDocumentKind
from app.kernel.money import format_amount
from app.kernel.text import Message, message
from app.ui.language import tr
from app.ui.ledger.lookup_list import CellChoice
from app.ui.ledger.pinned_row import PinnedRow
from app.ui.ledger.shades import green_ink, red_ink
from app.ui.ledger.stamp import Stamp
from app.ui.stock.stock_columns import stock_columns
from app.ui.stock.stock_head import StockHead
from app.ui.stock.stock_line import MONEY_DIGITS, Column, ItemFacts
from app.ui.stock.stock_lookups import ItemChoice, LotChoice, StockLookups
from app.ui.stock.stock_sheet import StockSheet
from app.ui.stock.stock_words import kind_hint, kind_name, state_name
from app.ui.trade.line_grid import LineGrid
from app.ui.trade.line_model import LineModel
from app.ui.widgets.amounts import amount_text

T = TypeVar("T")


class StockForm(QWidget):
    """Shows one `StockSheet` with its head and lets both be typed into."""

    edited = pyqtSignal()
    voucher_wanted = pyqtSignal(int)
    document_wanted = pyqtSignal(int)
    """The id of the counter-document, or of what this one takes back."""
    kind_chosen = pyqtSignal(str)
    place_changed = pyqtSignal()

    def __init__(self, today: datetime.date, parent: QWidget) -> None:
        super().__init__(parent)
        self.sheet = StockSheet("other_in")
        self.model = LineModel(stock_columns(lambda: self.sheet.kind), self.sheet, self)
        self._asked: set[str] = set()
        self._books_asked: set[tuple[int, str]] = set()
        self.lookups = StockLookups(self)
        self.head = StockHead(today, self)
        self.grid = LineGrid(self.model, self)
        self.lookups.warehouse = self.head.warehouse.currentData
        self.lookups.date = self._day
        self.title = QLabel(self)
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 1.35)
        font.setBold(True)
        self.title.setFont(font)
        self.stamp = Stamp(self)
        self.links = QLabel(self)
        self.links.setTextFormat(Qt.TextFormat.RichText)
        self.links.setWordWrap(True)
        self.links.linkActivated.connect(self._follow)
        self.maker = QLabel(self)
        self.maker.setTextFormat(Qt.TextFormat.PlainText)
        self.maker.setObjectName("muted")
        header, sideways = self.grid.horizontalHeader(), self.grid.horizontalScrollBar()
        assert header is not None  # noqa: S101  # every table view has one; the stubs say it may not
        self.totals = PinnedRow(header, sideways, self)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.title)
        top.addStretch(1)
        top.addWidget(self.links)
        top.addWidget(self.stamp)
        lines = QVBoxLayout()
        lines.setSpacing(0)
        lines.addWidget(self.grid, 1)
        lines.addWidget(self.totals)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addLayout(top)
        outer.addWidget(self.head)
        outer.addLayout(lines, 1)
        outer.addWidget(self.maker)

    def _connect(self) -> None:
        self.model.edited.connect(self._lines_edited)
        self.grid.choices_wanted.connect(
            lambda row, name, text: self.lookups.ask(row, Column(name), text, self.sheet.lines[row])
        )
        self.grid.chosen.connect(self._take_choice)
        self.lookups.arrived.connect(self._show_choices)
        self.lookups.item_found.connect(self._item_found)
        self.lookups.item_known.connect(self._item_known)
        self.lookups.book_found.connect(self._book_found)
        self.head.edited.connect(self.edited)
        self.head.kind_chosen.connect(self.kind_chosen)
        self.head.place_changed.connect(self.place_changed)
        rows = self.grid.verticalHeader()
        if rows is not None:
            rows.geometriesChanged.connect(self._align_totals)
        selection = self.grid.selectionModel()
        if selection is not None:
            selection.currentRowChanged.connect(lambda current, _before: self._know_units(current.row()))

    # --- showing -----------------------------------------------------------------------------------------------------

    def show_sheet(self, sheet: StockSheet) -> None:
        """Show a document, new or stored."""
        self.head.show_document(sheet.kind, sheet.stored, editable=sheet.editable)
        self.sheet = sheet
        sheet.date = self.head.date.date.isoformat()
        self._asked = set()
        self.model.show_sheet(sheet)
        self._show_columns()
        self.show_state()

    def show_state(self) -> None:
        """Show number, stamp and links of the document as stored."""
        sheet, stored = self.sheet, self.sheet.stored
        number = stored.number if stored is not None else ""
        self.title.setText(f"{kind_name(sheet.kind)} {number}".strip())
        inks = {"done": green_ink(self.palette()), "cancelled": red_ink(self.palette())}
        state = stored.state if stored is not None else "draft"
        self.stamp.show_text(state_name(state) if state in inks else "", inks.get(state, red_ink(self.palette())))
        self.links.setText("　".join(_links(stored)) if stored is not None else "")
        maker = tr("制单人：{name}", name=stored.maker) if stored is not None else ""
        hint = kind_hint(sheet.kind) if sheet.editable else ""
        self.maker.setText("　".join(text for text in (maker, hint) if text))
        self._show_totals()

    def _follow(self, link: str) -> None:
        what, _, number = link.partition(":")
        (self.voucher_wanted if what == "voucher" else self.document_wanted).emit(int(number))

    def mark_refused(self, fields: Mapping[str, Message]) -> None:
        """Mark what the server refused and go to the first of it."""
        self.head.mark(fields)
        cells = self.sheet.mark_refused(fields)
        self.model.redraw()
        if cells:
            self.grid.go(*cells[0])

    def change_lines(self, work: Callable[[StockSheet], T]) -> T:
        """Let something add lines, take them out, or change many."""
        self.grid.commit()
        result = work(self.sheet)
        self.model.show_sheet(self.sheet)
        self._lines_edited()
        return result

    def _lines_edited(self) -> None:
        self._show_columns()
        self._show_totals()
        self._look_typed_items_up()
        self.edited.emit()

    def _show_columns(self) -> None:
        self.grid.show_columns(frozenset(self.sheet.columns()))
        self._align_totals()

    def _show_totals(self) -> None:
        sheet = self.sheet
        places = {Column(column.name): place for place, column in enumerate(self.model.columns)}
        texts = [""] * len(places)
        count = len(sheet.used)
        texts[places[Column.ITEM]] = tr("合计 {count} 行", count=count) if count else tr("合计")
        if sheet.kind == "count" and count:
            texts[places[Column.ITEM]] = tr(
                "合计 {count} 行，{differing} 行有差异", count=count, differing=sheet.differing()
            )
        texts[places[Column.AMOUNT]] = amount_text(format_amount(sheet.total(), MONEY_DIGITS))
        self.totals.show_texts(texts, left=frozenset({places[Column.ITEM]}))
        self.totals.clearSpans()
        self.totals.setSpan(0, places[Column.ITEM], 1, places[Column.BOOK] - places[Column.ITEM])
        self._align_totals()

    def _align_totals(self) -> None:
        rows = self.grid.verticalHeader()
        if rows is not None:
            self.totals.set_indent(rows.width())
        self.totals.follow()

    def retranslate(self) -> None:
        """Set every text."""
        self.model.retranslate()
        self.grid.setAccessibleName(tr("单据明细"))
        self.show_state()

    # --- what cells ask for ------------------------------------------------------------------------------------------

    def _show_choices(self, row: int, name: str, choices: Sequence[CellChoice]) -> None:
        # A lot is free text where goods come in: Enter keeps what was typed unless the list was entered.
        editor = self.grid.editor
        self.grid.show_choices(
            row, name, choices, highlight=name != Column.LOT or editor is None or not editor.isModified()
        )

    def _take_choice(self, row: int, name: str, choice: CellChoice) -> None:
        self.lookups.drop_question()
        if isinstance(choice, ItemChoice) and choice.facts is not None:
            facts = choice.facts
            self.model.act(lambda: self.sheet.choose_item(row, facts))
        else:
            self.model.act(lambda: self.sheet.type(row, name, choice.value))
            if isinstance(choice, LotChoice) and choice.expiry:
                self.model.act(lambda: self.sheet.type(row, Column.EXPIRY, choice.expiry))

    def _look_typed_items_up(self) -> None:
        """Texts that were typed or scanned without choosing from the list are looked up, each once."""
        for row, line in enumerate(self.sheet.lines):
            wanted = line.item is None and line.item_text and Column.ITEM not in line.unread
            if wanted and line.item_text not in self._asked:
                self._asked.add(line.item_text)
                self.lookups.find_item(row, line.item_text)
            elif self.sheet.kind == "count" and self.sheet.editable and line.item is not None and line.book is None:
                self._ask_book(row)

    def _item_found(self, text: str, facts: ItemFacts | None) -> None:
        self._asked.discard(text)
        rows = [at for at, line in enumerate(self.sheet.lines) if line.item is None and line.item_text == text]
        if not rows:
            return
        if facts is None:
            why = message("没有找到“{text}”，或不止一个，请按 F7 选择。", text=text)
            for at in rows:
                self.sheet.lines[at].unread[Column.ITEM] = (text, why)
            self.model.redraw()
            return
        for at in rows:
            self.model.act(lambda at=at: self.sheet.choose_item(at, facts))  # type: ignore[misc]  # its row is bound

    def _item_known(self, row: int, facts: ItemFacts) -> None:
        if row < len(self.sheet.lines):
            self.sheet.learn(row, facts)
            self.model.redraw()

    def _know_units(self, row: int) -> None:
        """A stored line knows its unit only; the others are asked for when somebody comes to type there."""
        if self.sheet.editable and 0 <= row < len(self.sheet.lines):
            item = self.sheet.lines[row].item
            if item is not None and not item.whole:
                self.lookups.know_item(row, item.id)

    def _day(self) -> str:
        return self.head.date.date.isoformat()

    def _ask_book(self, row: int) -> None:
        line = self.sheet.lines[row]
        if line.item is not None and (line.item.id, line.lot) not in self._books_asked:
            self._books_asked.add((line.item.id, line.lot))
            self.lookups.ask_book(row, line)

    def _book_found(self, item_id: int, lot: str, quantity: int) -> None:
        self._books_asked.discard((item_id, lot))
        self.sheet.set_book(item_id, lot, quantity)
        self.model.redraw()
        self._show_totals()

    def set_kind(self, kind: StockDocumentKind) -> None:
        """Make the new document one of another kind."""
        self.change_lines(lambda sheet: sheet.set_kind(kind))
        self.model.retranslate()
        self.show_state()


def _links(stored: StockDocument) -> list[str]:
    """Return links to vouchers, to the counter-document, to what this one takes back."""
    links = [
        f'<a href="voucher:{voucher.voucher_id}">{html.escape(tr("凭证 {name}", name=voucher.name))}</a>'
        for voucher in stored.vouchers
    ]
    others: list[tuple[Callable[[], str], int | None]] = [
        (lambda: tr("冲销的原单据"), stored.counter_of),
        (lambda: tr("冲销单据"), stored.cancelled_by),
    ]
    links += [f'<a href="document:{other}">{html.escape(text())}</a>' for text, other in others if other is not None]
    return links
