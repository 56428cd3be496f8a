"""A statement as a table: one form beside the other for a balance sheet, else one row under the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from PyQt5.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt
from PyQt5.QtGui import QFont, QGuiApplication

from app.contract.statements import Statement, StatementCheck, StatementRow
from app.ui.language import is_english, tr
from app.ui.ledger.shades import fault_paper
from app.ui.widgets.amounts import RIGHT, amount_text, is_negative, negative_colour

NO_PARENT = QModelIndex()
ROW_ROLE = int(Qt.ItemDataRole.UserRole)
"""The `StatementRow` of a cell, or None."""
KEY_ROLE = ROW_ROLE + 1
"""The key of the column whose amount a cell shows; empty for names and lines."""
STRONG = frozenset({"header", "subtotal", "total"})
CENTRE = Qt.Alignment(Qt.AlignmentFlag.AlignCenter)
INDENT = "　"
HOUSEHOLD = "net-worth"
"""The two-sided statement whose right side holds liabilities alone."""


@dataclass(frozen=True)
class Place:
    """A column of the table: which half of the form, and what of its row."""

    half: int
    what: Literal["name", "line", "amount"]
    key: str = ""


class StatementModel(QAbstractTableModel):
    """The rows of a statement with the failed checks marked."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._statement: Statement | None = None
        self._halves: list[list[StatementRow | None]] = []
        self.places: list[Place] = []
        self._marks: Mapping[tuple[int, str], list[str]] = {}

    @property
    def statement(self) -> Statement | None:
        """The statement shown."""
        return self._statement

    @property
    def is_two_sided(self) -> bool:
        """Whether assets stand beside liabilities and equity."""
        return len(self._halves) == 2

    def show_statement(self, statement: Statement | None) -> None:
        """Show another statement, or the same with other figures."""
        self.beginResetModel()
        self._statement = statement
        self._halves = _halves(statement.rows) if statement is not None else []
        self.places = [
            place
            for half in range(len(self._halves))
            for place in _places(half, statement, with_lines=any(r and r.line for r in self._halves[half]))
        ]
        self._marks = _marks(statement.checks) if statement is not None else {}
        self.endResetModel()

    def retranslate(self) -> None:
        """Show names and headers in the window's language."""
        self.beginResetModel()
        self.endResetModel()

    def cell_of(self, line: int, key: str = "", code: str = "") -> QModelIndex:
        """Return the cell of a line's amount in a column (the first one without a key); invalid if it is not there."""
        for half, rows in enumerate(self._halves):
            for place, row in enumerate(rows):
                if row is None or row.line != line or (code and row.code != code):
                    continue
                columns = [c for c, at in enumerate(self.places) if at.half == half and at.what == "amount"]
                wanted = [c for c in columns if self.places[c].key == key] or columns
                return self.index(place, wanted[0]) if wanted else QModelIndex()
        return QModelIndex()

    def first_amount(self) -> QModelIndex:
        """Return the first cell with an amount."""
        for place in range(self.rowCount()):
            for column, at in enumerate(self.places):
                if at.what == "amount" and self.amount_at(self.index(place, column)):
                    return self.index(place, column)
        return QModelIndex()

    def row_at(self, index: QModelIndex) -> StatementRow | None:
        """Return the row of a cell."""
        if not index.isValid():
            return None
        return self._halves[self.places[index.column()].half][index.row()]

    def amount_at(self, index: QModelIndex) -> str:
        """Return the decimal text of a cell; empty where it has none."""
        row = self.row_at(index)
        return row.amounts.get(self.places[index.column()].key, "") if row is not None else ""

    def rowCount(self, parent: QModelIndex = NO_PARENT) -> int:
        """Return how many rows the longer half has."""
        return 0 if parent.isValid() else max((len(half) for half in self._halves), default=0)

    def columnCount(self, parent: QModelIndex = NO_PARENT) -> int:
        """Return the number of columns of both halves."""
        return 0 if parent.isValid() else len(self.places)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the columns' names as the form has them."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.places):
            return None
        place = self.places[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return {"name": None, "line": CENTRE, "amount": RIGHT}[place.what]
        if role != Qt.ItemDataRole.DisplayRole or self._statement is None:
            return None
        if place.what == "line":
            return tr("行次")
        if place.what == "name":
            if not self.is_two_sided:
                return tr("项目")
            if not place.half:
                return tr("资产")
            return tr("负债") if self._statement.name == HOUSEHOLD else tr("负债和所有者权益")
        column = next(column for column in self._statement.columns if column.key == place.key)
        return column.title_en if is_english() else column.title_zh

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        row = self.row_at(index)
        place = self.places[index.column()] if index.isValid() else None
        if row is None or place is None:
            return None
        shown = _SHOWN.get(place.what)
        if role == Qt.ItemDataRole.DisplayRole and shown is not None:
            return shown(row, place.key)
        if role == ROW_ROLE:
            return row
        if role == KEY_ROLE:
            return place.key
        return self._look(row, place, role)

    def _look(self, row: StatementRow, place: Place, role: int) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return {"name": None, "line": CENTRE, "amount": RIGHT}[place.what]
        if role == Qt.ItemDataRole.FontRole and row.kind in STRONG:
            font = QFont(QGuiApplication.font())
            font.setBold(True)
            return font
        if role == Qt.ItemDataRole.ForegroundRole and is_negative(row.amounts.get(place.key, "")):
            return negative_colour()
        marks = self._marks_of(row, place.key)
        if role == Qt.ItemDataRole.BackgroundRole and marks:
            return fault_paper(QGuiApplication.palette())
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(marks) or (row_name(row) if place.what == "name" else None)
        return None

    def _marks_of(self, row: StatementRow, key: str) -> list[str]:
        """Return the sentences of failed checks about a figure; for a row's name and line those of all its columns."""
        if row.line is None:
            return []
        if key:
            return self._marks.get((row.line, key), [])
        return [text for (line, _), texts in self._marks.items() if line == row.line for text in texts]


def row_name(row: StatementRow) -> str:
    """Return a row's name in the window's language."""
    return row.name_en if is_english() and row.name_en else row.name_zh


def _name(row: StatementRow, _key: str) -> str:
    return INDENT * row.indent + row_name(row)


def _line(row: StatementRow, _key: str) -> str:
    return "" if row.line is None or row.kind == "each" else str(row.line)  # a list of accounts is one line


def _amount(row: StatementRow, key: str) -> str:
    amount = row.amounts.get(key, "")
    return amount_text(amount, blank_zero=row.kind not in STRONG) if amount else ""


_SHOWN: Mapping[str, Callable[[StatementRow, str], str]] = {"name": _name, "line": _line, "amount": _amount}


def _halves(rows: Sequence[StatementRow]) -> list[list[StatementRow | None]]:
    """Return the rows as the form has them: both sides' last rows stand side by side, as the printed form has them.

    The shorter side gets blank rows before its last heading (所有者权益 on 会小企01表).
    """
    assets = [row for row in rows if row.side == "asset"]
    others = [row for row in rows if row.side == "liability"]
    if not assets or not others:
        return [list(rows)]
    halves: list[list[StatementRow | None]] = [list(assets), list(others)]
    longest = max(len(half) for half in halves)
    for half in halves:
        headings = [place for place, row in enumerate(half) if row is not None and row.kind == "header"]
        place = headings[-1] if len(headings) > 1 else len(half) - 1
        half[place:place] = [None] * (longest - len(half))
    below = [row for row in rows if not row.side]  # what is neither, such as a household's net worth
    halves[0].extend(below)
    halves[1].extend([None] * len(below))
    return halves


def _places(half: int, statement: Statement | None, *, with_lines: bool) -> list[Place]:
    keys = [column.key for column in statement.columns] if statement is not None else []
    lines = [Place(half, "line")] if with_lines else []
    return [Place(half, "name"), *lines, *(Place(half, "amount", key) for key in keys)]


def _marks(checks: Sequence[StatementCheck]) -> dict[tuple[int, str], list[str]]:
    marks: dict[tuple[int, str], list[str]] = {}
    for check in checks:
        if not check.ok:
            for line in check.lines:
                marks.setdefault((line, check.column), []).append(check.message)
    return marks
