"""The head of a stock document: kind, day, warehouses, the other side, note; knows nothing of the server."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

from PyQt5.QtCore import QEvent, pyqtSignal
from PyQt5.QtWidgets import QComboBox, QLabel, QLineEdit, QWidget

from app.contract.inventory import Warehouse
from app.contract.stock import StockDocument, StockDocumentInput, StockDocumentKind, StockLineInput
from app.ui.language import tr
from app.ui.ledger.account_index import AccountIndex
from app.ui.ledger.date_field import DateField
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.month_end.asset_fields import AccountEdit, AuxiliaryEdit, kinds_of
from app.ui.stock.stock_words import KINDS, kind_name
from app.ui.widgets.form_dialog import mark_wrong
from app.ui.widgets.limits import limit_to

TWO_SIDED: frozenset[StockDocumentKind] = frozenset({"other_in", "other_out"})
"""Documents whose other side is an account."""


class StockHead(QWidget):
    """Fields in one or two rows; only those the kind has use for are shown."""

    edited = pyqtSignal()
    kind_chosen = pyqtSignal(str)
    place_changed = pyqtSignal()
    """Another day or warehouse: what the book has there differs."""

    def __init__(self, today: datetime.date, parent: QWidget) -> None:
        super().__init__(parent)
        self._filling = False
        self._editable = True
        self.kind, self.warehouse, self.to_warehouse = QComboBox(self), QComboBox(self), QComboBox(self)
        self.kind.addItems([""] * len(KINDS))
        self.date = DateField(today, self)
        self.account = AccountEdit(AccountIndex(), self)
        self.aux = AuxiliaryEdit(kinds_of(self.account), self)
        self.note = QLineEdit(self)
        limit_to(self.note, StockDocumentInput, "note")
        limit_to(self.aux, StockDocumentInput, "aux")
        wide = self.fontMetrics().averageCharWidth()
        self.account.setMinimumWidth(wide * 28)
        self.aux.setMinimumWidth(wide * 20)
        self.note.setMinimumWidth(wide * 40)
        self._labels: dict[str, QLabel] = {}
        row = FlowLayout(self)
        for name, field in self._fields().items():
            self._labels[name] = QLabel(self)
            self._labels[name].setBuddy(field)
            row.addWidget(self._labels[name])
            row.addWidget(field)
        self._connect()
        self.retranslate()

    def _fields(self) -> dict[str, QWidget]:
        return {
            "kind": self.kind,
            "date": self.date,
            "warehouse_id": self.warehouse,
            "to_warehouse_id": self.to_warehouse,
            "account_code": self.account,
            "aux": self.aux,
            "note": self.note,
        }

    def _connect(self) -> None:
        self.kind.activated.connect(lambda place: self._kind_chosen(KINDS[place]))
        self.date.date_changed.connect(self._place_edited)
        self.warehouse.activated.connect(lambda _place: self._place_edited())
        self.to_warehouse.activated.connect(lambda _place: self._edited())
        self.account.chosen.connect(lambda _code: self._account_chosen())
        self.aux.textEdited.connect(lambda _text: self._edited())
        self.aux.chosen.connect(lambda _text: self._edited())
        self.note.textEdited.connect(lambda _text: self._edited())

    # --- what is known and shown -------------------------------------------------------------------------------------

    def know(self, accounts: AccountIndex, warehouses: Sequence[Warehouse]) -> None:
        """Offer the book's accounts and warehouses; what was chosen stays."""
        self.account.know(accounts)
        for box in (self.warehouse, self.to_warehouse):
            chosen = box.currentData()
            box.clear()
            for warehouse in warehouses:
                if warehouse.active or warehouse.id == chosen:
                    box.addItem(warehouse.name, warehouse.id)
            _choose(box, chosen)
        if self.to_warehouse.count() > 1 and self.to_warehouse.currentData() == self.warehouse.currentData():
            self.to_warehouse.setCurrentIndex(1 if self.warehouse.currentIndex() == 0 else 0)

    def show_document(self, kind: StockDocumentKind, stored: StockDocument | None, *, editable: bool) -> None:
        """Show a stored document's head, or that of a new one."""
        self._filling = True
        try:
            self.kind.setCurrentIndex(KINDS.index(kind))
            if stored is not None:
                self.date.set_date(datetime.date.fromisoformat(stored.date))
                _choose(self.warehouse, stored.warehouse_id, stored.warehouse)
                if stored.to_warehouse_id is not None:
                    _choose(self.to_warehouse, stored.to_warehouse_id, stored.to_warehouse)
            self.account.set_code(stored.account_code if stored is not None else "")
            self.aux.set_wire(stored.aux if stored is not None else "")
            self.note.setText(stored.note if stored is not None else "")
        finally:
            self._filling = False
        self.kind.setEnabled(stored is None and editable)
        for box in (self.warehouse, self.to_warehouse):
            box.setEnabled(editable)
        for field in (self.date, self.account, self.aux, self.note):
            field.setReadOnly(not editable)
        self._editable = editable
        self._show_hint()
        self.mark({})
        self._show_fields(kind)

    def _show_fields(self, kind: StockDocumentKind) -> None:
        # What there was at first is booked on the day before the book begins, whatever day it is typed.
        self._show_field("date", shown=kind != "opening")
        self._show_field("to_warehouse_id", shown=kind == "transfer")
        self._show_field("account_code", shown=kind in TWO_SIDED)
        self._show_aux()
        self._show_labels(kind)

    def _show_aux(self) -> None:
        kind = KINDS[max(self.kind.currentIndex(), 0)]
        has_kinds = self.account.account is not None and bool(self.account.account.auxiliaries)
        self._show_field("aux", shown=kind in TWO_SIDED and (has_kinds or bool(self.aux.text())))

    def _show_field(self, name: str, *, shown: bool) -> None:
        self._labels[name].setVisible(shown)
        self._fields()[name].setVisible(shown)

    # --- what was typed ----------------------------------------------------------------------------------------------

    def content(self) -> tuple[object, ...]:
        """Return what was typed, for telling whether it is saved."""
        texts = (self.date.text(), self.account.text(), self.aux.text(), self.note.text())
        return (*texts, self.warehouse.currentData(), self.to_warehouse.currentData())

    def to_input(self, kind: StockDocumentKind, lines: list[StockLineInput], version: int | None) -> StockDocumentInput:
        """Return the document for the server. Raises what the contract raises for what is far too long."""
        two_sided = kind in TWO_SIDED
        return StockDocumentInput(
            kind=kind,
            date=self.date.wire,
            warehouse_id=self.warehouse.currentData(),
            to_warehouse_id=self.to_warehouse.currentData() if kind == "transfer" else None,
            account_code=self.account.wire if two_sided else "",
            aux=self.aux.wire if two_sided else "",
            note=self.note.text().strip(),
            lines=lines,
            version=version,
        )

    def mark(self, fields: Mapping[str, object]) -> None:
        """Mark the fields the server refused, and go to the first."""
        first = True
        for name, widget in self._fields().items():
            wrong = name in fields
            mark_wrong(widget, wrong)
            if wrong and first:
                widget.setFocus()
                first = False

    def _kind_chosen(self, kind: StockDocumentKind) -> None:
        self._show_fields(kind)
        self.kind_chosen.emit(kind)

    def _account_chosen(self) -> None:
        self._show_aux()
        self._edited()

    def _place_edited(self) -> None:
        if not self._filling:
            self.edited.emit()
            self.place_changed.emit()

    def _edited(self) -> None:
        if not self._filling:
            self.edited.emit()

    # --- language ----------------------------------------------------------------------------------------------------

    def changeEvent(self, event: QEvent | None) -> None:
        """Retranslate when the language changes."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def retranslate(self) -> None:
        """Set every text."""
        for place, kind in enumerate(KINDS):
            self.kind.setItemText(place, kind_name(kind))
        self._show_hint()
        self._show_labels(KINDS[max(self.kind.currentIndex(), 0)])

    def _show_hint(self) -> None:
        self.account.setPlaceholderText(tr("空着按入账规则") if self._editable else "")

    def _show_labels(self, kind: StockDocumentKind) -> None:
        texts = {
            "kind": tr("单据类型"),
            "date": tr("日期"),
            "warehouse_id": tr("调出仓库") if kind == "transfer" else tr("仓库"),
            "to_warehouse_id": tr("调入仓库"),
            "account_code": tr("对方科目"),
            "aux": tr("辅助核算"),
            "note": tr("备注"),
        }
        for name, text in texts.items():
            self._labels[name].setText(text)


def _choose(box: QComboBox, value: int | None, text: str = "") -> None:
    """Choose a warehouse by its id; one that is no longer offered is added for this document."""
    place = box.findData(value)
    if place < 0 and value is not None and text:
        box.addItem(text, value)
        place = box.count() - 1
    box.setCurrentIndex(max(place, 0))
