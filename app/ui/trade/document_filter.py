"""Which documents a list shows: a kind as a tab, and fields for the rest."""

from __future__ import annotations

import datetime

from PyQt5.QtCore import QTimer, pyqtSignal
from PyQt5.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QTabBar, QVBoxLayout, QWidget

from app.contract.orders import DocumentQuery
from app.ui.language import tr
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.navigation import PURCHASE_KINDS, SALES_KINDS, DocumentListTarget
from app.ui.trade.contact_field import ContactField
from app.ui.trade.optional_date import OptionalDateField
from app.ui.trade.partner import Partner
from app.ui.trade.words import INVOICES, ORDERS, contact_word, kind_name, state_name
from app.ui.widgets.limits import limit_to

_TYPING_MS = 300
STATES = ("draft", "open", "done", "closed", "cancelled")


class DocumentFilter(QWidget):
    """Tells by `changed` that another list is wanted; `query()` says which."""

    changed = pyqtSignal()

    def __init__(self, side: str, today: datetime.date, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._side = side
        self.kinds: tuple[str, ...] = ("", *(SALES_KINDS if side == "sales" else PURCHASE_KINDS))
        self.tabs = QTabBar(self)
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        for _kind in self.kinds:
            self.tabs.addTab("")
        self.words = QLineEdit(self)
        self.words.setClearButtonEnabled(True)
        limit_to(self.words, DocumentQuery, "q")
        self.contact = ContactField(side, self)
        self.state = QComboBox(self)
        self.from_date = OptionalDateField(today, self)
        self.to_date = OptionalDateField(today, self)
        self.waiting = QCheckBox(self)
        self._item_id: int | None = None
        self._labels = {name: QLabel(self) for name in ("contact", "state", "from", "to")}
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_TYPING_MS)
        self._pause.timeout.connect(self.changed)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        em = self.fontMetrics().height()
        self.words.setFixedWidth(em * 11)
        self.contact.setFixedWidth(em * 11)
        row = FlowLayout()
        row.addWidget(self.words)
        for name, field in (
            ("contact", self.contact),
            ("state", self.state),
            ("from", self.from_date),
            ("to", self.to_date),
        ):
            self._labels[name].setBuddy(field)
            row.addWidget(self._labels[name])
            row.addWidget(field)
        row.addWidget(self.waiting)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.tabs)
        column.addLayout(row)

    def _connect(self) -> None:
        self.tabs.currentChanged.connect(lambda _place: self._kind_changed())
        self.words.textChanged.connect(lambda _text: self._pause.start())
        self.words.returnPressed.connect(self.changed)
        self.contact.chosen.connect(lambda _value: self.changed.emit())
        self.state.currentIndexChanged.connect(lambda _place: self.changed.emit())
        self.from_date.date_changed.connect(self.changed)
        self.to_date.date_changed.connect(self.changed)
        self.waiting.toggled.connect(lambda _on: self.changed.emit())

    @property
    def kind(self) -> str:
        """The kind chosen, empty for all."""
        return self.kinds[max(self.tabs.currentIndex(), 0)]

    def step_kind(self, step: int) -> None:
        """Go to the next kind, or back."""
        self.tabs.setCurrentIndex((self.tabs.currentIndex() + step) % len(self.kinds))

    def query(self) -> DocumentQuery:
        """Return what the fields ask for."""
        partner = self.contact.partner
        invoices = self.kind in INVOICES
        return DocumentQuery(
            side="sales" if self._side == "sales" else "purchase",
            kind=self.kind,
            state=self.state.currentData() or "",
            contact_id=partner.id if partner is not None else None,
            item_id=self._item_id,
            from_date=self.from_date.wire,
            to_date=self.to_date.wire,
            unfulfilled=self.waiting.isChecked() and not invoices,
            unsettled=self.waiting.isChecked() and invoices,
            q=self.words.text().strip(),
        )

    def show_target(self, target: DocumentListTarget, partner: Partner | None) -> None:
        """Set the fields to what a target describes; tells once."""
        self.blockSignals(True)
        try:
            kind = target.kind if target.kind in self.kinds else ""
            self.tabs.setCurrentIndex(self.kinds.index(kind))
            self.words.clear()
            self.contact.show_partner(partner)
            self.state.setCurrentIndex(0)
            self.from_date.show_wire(target.from_date)
            self.to_date.show_wire(target.to_date)
            self.waiting.setChecked(target.unfulfilled or target.unsettled)
            self._item_id = target.item_id
        finally:
            self.blockSignals(False)
        self._pause.stop()
        self.changed.emit()

    def _kind_changed(self) -> None:
        self._item_id = None
        self._show_waiting()
        self.changed.emit()

    def _show_waiting(self) -> None:
        kind = self.kind
        if kind in INVOICES:
            self.waiting.setText(tr("只看未结清"))
        elif kind in ORDERS:
            self.waiting.setText(tr("只看未执行完"))
        else:
            self.waiting.setText(tr("只看待办理"))

    def retranslate(self) -> None:
        """Set every text."""
        for place, kind in enumerate(self.kinds):
            self.tabs.setTabText(place, kind_name(kind) if kind else tr("全部"))
        self.words.setPlaceholderText(tr("单号、对方单号、备注"))
        texts = {
            "contact": contact_word(self._side),
            "state": tr("状态"),
            "from": tr("日期"),
            "to": tr("至"),
        }
        for name, text in texts.items():
            self._labels[name].setText(text)
        chosen = max(self.state.currentIndex(), 0)
        self.state.blockSignals(True)
        self.state.clear()
        self.state.addItem(tr("全部"), "")
        for state in STATES:
            self.state.addItem(state_name(state), state)
        self.state.setCurrentIndex(chosen)
        self.state.blockSignals(False)
        self._show_waiting()
