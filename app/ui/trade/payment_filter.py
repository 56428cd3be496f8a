"""Which collections or payments a list shows."""

from __future__ import annotations

import datetime

from PyQt5.QtCore import QTimer, pyqtSignal
from PyQt5.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QWidget

from app.contract.orders import PaymentKind, PaymentQuery
from app.ui.language import tr
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.trade.contact_field import ContactField
from app.ui.trade.optional_date import OptionalDateField
from app.ui.trade.words import contact_word, state_name
from app.ui.widgets.limits import limit_to

_TYPING_MS = 300
STATES = ("draft", "done", "cancelled")


class PaymentFilter(QWidget):
    """Tells by `changed` that another list is wanted; `query()` says which."""

    changed = pyqtSignal()

    def __init__(self, kind: PaymentKind, today: datetime.date, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind: PaymentKind = kind
        self._side = "sales" if kind == "collection" else "purchase"
        self.words = QLineEdit(self)
        self.words.setClearButtonEnabled(True)
        limit_to(self.words, PaymentQuery, "q")
        self.contact = ContactField(self._side, self)
        self.state = QComboBox(self)
        self.from_date, self.to_date = OptionalDateField(today, self), OptionalDateField(today, self)
        self.with_rest = QCheckBox(self)
        self._labels = {name: QLabel(self) for name in ("contact", "state", "from", "to")}
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_TYPING_MS)
        self._pause.timeout.connect(self.changed)
        em = self.fontMetrics().height()
        self.words.setFixedWidth(em * 11)
        self.contact.setFixedWidth(em * 11)
        row = FlowLayout(self)
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
        row.addWidget(self.with_rest)
        self.words.textChanged.connect(lambda _text: self._pause.start())
        self.words.returnPressed.connect(self.changed)
        self.contact.chosen.connect(lambda _value: self.changed.emit())
        self.state.currentIndexChanged.connect(lambda _place: self.changed.emit())
        self.from_date.date_changed.connect(self.changed)
        self.to_date.date_changed.connect(self.changed)
        self.with_rest.toggled.connect(lambda _on: self.changed.emit())

    def query(self) -> PaymentQuery:
        """Return what the fields ask for."""
        partner = self.contact.partner
        return PaymentQuery(
            kind=self._kind,
            state=self.state.currentData() or "",
            contact_id=partner.id if partner is not None else None,
            from_date=self.from_date.wire,
            to_date=self.to_date.wire,
            unallocated=self.with_rest.isChecked(),
            q=self.words.text().strip(),
        )

    def retranslate(self) -> None:
        """Set every text."""
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
        self.with_rest.setText(tr("只看有预收余额") if self._side == "sales" else tr("只看有预付余额"))
