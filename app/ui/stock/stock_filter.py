"""What the stock page shows: of which day, warehouse and category, by lot, with what is used up."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from PyQt5.QtCore import QTimer, pyqtSignal
from PyQt5.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QWidget

from app.contract.inventory import ItemCategory, Warehouse
from app.contract.stock import StockBalanceQuery
from app.ui.icons import icon
from app.ui.language import tr
from app.ui.ledger.date_field import DateField
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.widgets.limits import limit_to

TYPING_PAUSE_MS = 200


class StockFilter(QWidget):
    """Tells when what is asked for has changed."""

    changed = pyqtSignal()

    def __init__(self, today: datetime.date, parent: QWidget) -> None:
        super().__init__(parent)
        self.date = DateField(today, self)
        self.warehouse, self.category = QComboBox(self), QComboBox(self)
        for box in (self.warehouse, self.category):
            box.addItem("", None)
            box.activated.connect(lambda _place: self.changed.emit())
        self.search = QLineEdit(self)
        self.search.setClearButtonEnabled(True)
        self.search.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.setMinimumWidth(self.fontMetrics().averageCharWidth() * 28)
        limit_to(self.search, StockBalanceQuery, "q")
        self.by_lot, self.include_zero = QCheckBox(self), QCheckBox(self)
        self._date_label = QLabel(self)
        self._date_label.setBuddy(self.date)
        row = FlowLayout(self)
        for widget in (
            self._date_label,
            self.date,
            self.warehouse,
            self.category,
            self.search,
            self.by_lot,
            self.include_zero,
        ):
            row.addWidget(widget)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(TYPING_PAUSE_MS)
        self._pause.timeout.connect(self.changed)
        self.date.date_changed.connect(self.changed)
        self.search.textChanged.connect(lambda _text: self._pause.start())
        for check in (self.by_lot, self.include_zero):
            check.toggled.connect(lambda _on: self.changed.emit())
        self.retranslate()

    def know(self, warehouses: Sequence[Warehouse], categories: Sequence[ItemCategory]) -> None:
        """Offer the book's warehouses and categories; what was chosen stays."""
        for box, choices in (
            (self.warehouse, [(one.name, one.id) for one in warehouses]),
            (self.category, [(one.name, one.id) for one in categories]),
        ):
            chosen = box.currentData()
            while box.count() > 1:
                box.removeItem(1)
            for name, value in choices:
                box.addItem(name, value)
            box.setCurrentIndex(max(box.findData(chosen), 0))

    def query(self) -> StockBalanceQuery:
        """Return what is asked for."""
        return StockBalanceQuery(
            date=self.date.wire,
            warehouse_id=self.warehouse.currentData(),
            category_id=self.category.currentData(),
            by_lot=self.by_lot.isChecked(),
            q=self.search.text().strip(),
            include_zero=self.include_zero.isChecked(),
        )

    def report_query(self) -> dict[str, str]:
        """Return the same for the report of stock, which goes by names; what is typed into the search is not in it."""
        asked = {"date": self.date.wire, "order": "lot" if self.by_lot.isChecked() else ""}
        for name, box in (("warehouse", self.warehouse), ("category", self.category)):
            asked[name] = box.currentText() if box.currentData() is not None else ""
        return {name: text for name, text in asked.items() if text}

    @property
    def is_narrow(self) -> bool:
        """Whether something may be missing because of the filter."""
        return bool(self.search.text().strip() or self.warehouse.currentData() or self.category.currentData())

    def retranslate(self) -> None:
        """Set every text."""
        self._date_label.setText(tr("截至"))
        self.warehouse.setItemText(0, tr("全部仓库"))
        self.category.setItemText(0, tr("全部类别"))
        self.search.setPlaceholderText(tr("编码、名称、规格、条码或拼音首字母"))
        self.by_lot.setText(tr("按批号"))
        self.include_zero.setText(tr("含零库存"))
