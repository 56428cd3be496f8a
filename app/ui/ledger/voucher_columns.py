"""The menu of the columns a voucher shows also where no line needs them."""

from __future__ import annotations

from collections.abc import Mapping

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QAction, QMenu, QWidget

from app.ui.language import tr
from app.ui.ledger.voucher_line import FOREIGN_COLUMNS, QUANTITY_COLUMNS, Column

OPTIONAL_COLUMNS: Mapping[str, frozenset[Column]] = {
    "auxiliary": frozenset({Column.AUXILIARY}),
    "foreign": frozenset(FOREIGN_COLUMNS),
    "quantity": frozenset(QUANTITY_COLUMNS),
    "cash_flow": frozenset({Column.CASH_FLOW}),
}


class ColumnsMenu(QMenu):
    """One entry for each kind of columns, ticked while they are always shown."""

    chosen = pyqtSignal(object, bool)
    """Columns, and whether they are to be shown."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._named = {name: self._entry(columns) for name, columns in OPTIONAL_COLUMNS.items()}

    def retranslate(self) -> None:
        """Set every text."""
        names = {
            "auxiliary": tr("辅助核算"),
            "foreign": tr("外币"),
            "quantity": tr("数量"),
            "cash_flow": tr("现金流量"),
        }
        for name, action in self._named.items():
            action.setText(names[name])

    def _entry(self, columns: frozenset[Column]) -> QAction:
        action = QAction(self)
        action.setCheckable(True)
        action.toggled.connect(lambda shown: self.chosen.emit(columns, shown))
        self.addAction(action)
        return action
