"""The editors of the voucher grid's cells."""

from __future__ import annotations

from PyQt5.QtCore import QModelIndex
from PyQt5.QtWidgets import QLineEdit, QWidget

from app.contract.ledger import AccountInput, EntryInput
from app.ui.ledger.cell_delegate import CellDelegate
from app.ui.ledger.voucher_line import Column
from app.ui.ledger.voucher_model import FIGURES, LEFT
from app.ui.widgets.amounts import RIGHT
from app.ui.widgets.limits import limit_length, longest

LONGEST = {
    Column.SUMMARY: longest(EntryInput, "summary"),
    Column.ACCOUNT: longest(AccountInput, "name_zh"),
    Column.AUXILIARY: longest(EntryInput, "aux"),
    Column.CURRENCY: longest(EntryInput, "currency"),
}
LONGEST_FIGURE = 200
"""A calculation may be longer than the amount it comes to."""


class CellEditor(QLineEdit):
    """The line of text an open cell is."""

    def __init__(self, column: Column, row: int, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.column = column
        self.row = row
        self.setFrame(False)
        self.setAutoFillBackground(True)
        self.setAlignment(RIGHT if column in FIGURES else LEFT)
        limit_length(self, LONGEST.get(column, LONGEST_FIGURE))


class VoucherDelegate(CellDelegate[CellEditor]):
    """Opens the cells of the voucher grid."""

    editor_type = CellEditor

    def make_editor(self, index: QModelIndex, parent: QWidget | None) -> CellEditor:
        """Return the editor of a cell."""
        return CellEditor(Column(index.column()), index.row(), parent)
