"""The trial balance as a tree of accounts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from PyQt5.QtCore import QAbstractItemModel, QModelIndex, QObject, Qt

from app.contract.reports import TrialBalanceRow
from app.ui.language import tr
from app.ui.widgets.amounts import RIGHT, amount_text, is_negative, negative_colour

NO_PARENT = QModelIndex()
AMOUNTS = (
    "opening_debit",
    "opening_credit",
    "period_debit",
    "period_credit",
    "ytd_debit",
    "ytd_credit",
    "closing_debit",
    "closing_credit",
)
CODE, NAME, FIRST_AMOUNT = 0, 1, 2
COLUMNS = FIRST_AMOUNT + len(AMOUNTS)
ROW_ROLE = int(Qt.ItemDataRole.UserRole)


@dataclass(eq=False)
class _Node:
    row: TrialBalanceRow
    parent: _Node | None
    place: int
    children: list[_Node] = field(default_factory=list)


class TrialBalanceModel(QAbstractItemModel):
    """Accounts with their eight amounts; children under their parents."""

    def __init__(self, name_of: Callable[[TrialBalanceRow], str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name_of = name_of
        self._top: list[_Node] = []

    def show_rows(self, rows: Sequence[TrialBalanceRow]) -> None:
        """Show other rows; they come in order of code, parents before their children."""
        self.beginResetModel()
        self._top = []
        above: list[_Node] = []
        for row in rows:
            while above and above[-1].row.level >= row.level:
                above.pop()
            parent = above[-1] if above else None
            siblings = parent.children if parent is not None else self._top
            node = _Node(row, parent, len(siblings))
            siblings.append(node)
            above.append(node)
        self.endResetModel()

    def retranslate(self) -> None:
        """Show headers and names in the window's language."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, COLUMNS - 1)
        self.layoutChanged.emit()

    def deepest_level(self) -> int:
        """Return the deepest level shown."""
        return max((index.data(ROW_ROLE).level for index in self.walk()), default=1)

    def walk(self, parent: QModelIndex = NO_PARENT) -> Iterator[QModelIndex]:
        """Yield every row's index, parents first."""
        for place in range(self.rowCount(parent)):
            index = self.index(place, 0, parent)
            yield index
            yield from self.walk(index)

    def index(self, row: int, column: int, parent: QModelIndex = NO_PARENT) -> QModelIndex:
        """Return the index of a cell."""
        nodes = self._children(parent)
        if 0 <= row < len(nodes) and 0 <= column < COLUMNS:
            return self.createIndex(row, column, nodes[row])
        return QModelIndex()

    def parent(self, child: QModelIndex) -> QModelIndex:  # type: ignore[override]  # QObject's own has no argument
        """Return the account above."""
        node: _Node | None = child.internalPointer() if child.isValid() else None
        if node is None or node.parent is None:
            return QModelIndex()
        return self.createIndex(node.parent.place, 0, node.parent)

    def rowCount(self, parent: QModelIndex = NO_PARENT) -> int:
        """Return how many accounts stand below one."""
        return len(self._children(parent)) if parent.column() <= 0 else 0

    def columnCount(self, parent: QModelIndex = NO_PARENT) -> int:
        """Return the number of columns."""
        del parent
        return COLUMNS

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows; `ROW_ROLE` is the whole row."""
        if not index.isValid():
            return None
        node: _Node = index.internalPointer()
        if role == ROW_ROLE:
            return node.row
        column = index.column()
        if column >= FIRST_AMOUNT:
            amount = str(getattr(node.row, AMOUNTS[column - FIRST_AMOUNT]))
            return _amount_data(amount, role)
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join([f"{node.row.code} {self._name_of(node.row)}", *_currency_lines(node.row)])
        if role == Qt.ItemDataRole.DisplayRole:
            return node.row.code if column == CODE else self._name_of(node.row)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the columns' names; their groups are the header's."""
        if orientation != Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        if section == CODE:
            return tr("科目编码")
        if section == NAME:
            return tr("科目名称")
        return tr("借方") if (section - FIRST_AMOUNT) % 2 == 0 else tr("贷方")

    def _children(self, parent: QModelIndex) -> list[_Node]:
        if not parent.isValid():
            return self._top
        node: _Node = parent.internalPointer()
        return node.children


def _currency_lines(row: TrialBalanceRow) -> list[str]:
    """Return the balances of an account in its own currencies."""
    return [
        tr(
            "{currency}：期初 {opening}，借方 {debit}，贷方 {credit}，期末 {closing}",
            currency=part.currency,
            opening=amount_text(part.opening, blank_zero=False),
            debit=amount_text(part.debit, blank_zero=False),
            credit=amount_text(part.credit, blank_zero=False),
            closing=amount_text(part.closing, blank_zero=False),
        )
        for part in row.currencies or []
    ]


def _amount_data(amount: str, role: int) -> Any:
    if role == Qt.ItemDataRole.DisplayRole:
        return amount_text(amount)
    if role == Qt.ItemDataRole.TextAlignmentRole:
        return RIGHT
    if role == Qt.ItemDataRole.ForegroundRole and is_negative(amount):
        return negative_colour()
    return None
