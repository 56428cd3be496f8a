"""A statement's definition being edited: rows and checks as tables, with what the server says is wrong beside them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PyQt5.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt
from PyQt5.QtGui import QGuiApplication

from app.contract.statements import DefinitionCheck, DefinitionRow
from app.kernel.errors import ZhangfangError
from app.kernel.text import clean_number_text
from app.ui.language import tr, tr_message
from app.ui.ledger.shades import fault_paper
from app.ui.widgets.amounts import RIGHT

NO_PARENT = QModelIndex()
CHECKED = int(Qt.CheckState.Checked)
UNCHECKED = int(Qt.CheckState.Unchecked)
T = TypeVar("T", DefinitionRow, DefinitionCheck)


@dataclass(frozen=True)
class EditColumn:
    """A column: the contract's field, its title, and how wide it is in characters; 0 takes what is left."""

    field: str
    title: Callable[[], str]
    width_chars: int
    choices: Callable[[], Mapping[str, str]] | None = None
    """value → name, for fields with few values"""


class EditModel(QAbstractTableModel, Generic[T]):
    """Contract rows typed into cell by cell; a value a contract would refuse is not taken."""

    def __init__(self, name: str, columns: Sequence[EditColumn], empty: Callable[[], T], parent: QObject) -> None:
        super().__init__(parent)
        self._name = name
        self.columns = tuple(columns)
        self._empty: Callable[[], T] = empty
        self._rows: list[T] = []
        self._wrong: dict[tuple[int, str], str] = {}
        self._results: list[Sequence[str]] = []
        self._result_titles: list[str] = []
        self.editable = True

    def rows(self) -> list[T]:
        """Return the rows as they stand."""
        return list(self._rows)

    def show_rows(self, rows: Sequence[T]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self._rows = list(rows)
        self._wrong, self._results, self._result_titles = {}, [], []
        self.endResetModel()

    def insert(self, place: int, row: T | None = None) -> None:
        """Put a row in; what was worked out before belongs to other rows now."""
        self.show_results([], [])
        self.beginInsertRows(NO_PARENT, place, place)
        self._rows.insert(place, row if row is not None else self._empty())
        self._wrong = {}
        self.endInsertRows()

    def remove(self, place: int) -> None:
        """Take a row out."""
        self.show_results([], [])
        self.beginRemoveRows(NO_PARENT, place, place)
        del self._rows[place]
        self._wrong = {}
        self.endRemoveRows()

    def move(self, place: int, steps: int) -> int:
        """Move a row up (-1) or down (1); return where it is then."""
        target = place + steps
        if not (0 <= place < len(self._rows) and 0 <= target < len(self._rows)):
            return place
        row = self._rows[place]
        self.remove(place)
        self.insert(target, row)
        return target

    # --- what is wrong, and what came of it --------------------------------------------------------------------------

    def show_error(self, error: ZhangfangError) -> int | None:
        """Mark the cells an error names (`rows.3.formula`); return the first row of them."""
        pattern = re.compile(rf"{self._name}\.(\d+)\.(\w+)")
        self._wrong = {}
        for path, sentence in error.fields.items():
            found = pattern.match(path)
            if found:
                self._wrong[int(found[1]), found[2]] = tr_message(sentence)
        self._all_changed()
        return min((row for row, _ in self._wrong), default=None)

    def clear_errors(self) -> None:
        """Nothing is wrong any more."""
        self._wrong = {}
        self._all_changed()

    def wrong_of(self, row: int) -> str:
        """Return the sentences about a row."""
        return " ".join(text for (place, _), text in self._wrong.items() if place == row)

    def show_results(self, titles: Sequence[str], results: Sequence[Sequence[str]]) -> None:
        """Show what the rows work out to, in columns of their own at the right."""
        if not titles and not self._result_titles:
            return
        self.beginResetModel()
        self._result_titles, self._results = list(titles), list(results)
        self.endResetModel()

    def column_of(self, field: str) -> int:
        """Return the column of a field."""
        return next(place for place, column in enumerate(self.columns) if column.field == field)

    # --- Qt ----------------------------------------------------------------------------------------------------------

    def rowCount(self, parent: QModelIndex = NO_PARENT) -> int:
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex = NO_PARENT) -> int:
        """Return the number of columns, results among them."""
        return 0 if parent.isValid() else len(self.columns) + len(self._result_titles)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the columns' titles and the rows' numbers."""
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation == Qt.Orientation.Vertical:
            return str(section + 1)
        titles = [*(column.title() for column in self.columns), *self._result_titles]
        return titles[section] if 0 <= section < len(titles) else None

    def flags(self, index: QModelIndex) -> Qt.ItemFlags:
        """Cells are typed into, results are not; a switch is ticked."""
        flags = super().flags(index)
        if not index.isValid() or not self.editable or index.column() >= len(self.columns):
            return flags
        value = self._value(index)
        kind = Qt.ItemFlag.ItemIsUserCheckable if isinstance(value, bool) else Qt.ItemFlag.ItemIsEditable
        return flags | kind

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows, holds and complains of."""
        if not index.isValid():
            return None
        if index.column() >= len(self.columns):
            return self._result(index, role)
        field = self.columns[index.column()].field
        wrong = self._wrong.get((index.row(), field))
        if role == Qt.ItemDataRole.BackgroundRole:
            return fault_paper(QGuiApplication.palette()) if wrong else None
        if role == Qt.ItemDataRole.ToolTipRole:
            return wrong or (str(self._value(index) or "") or None)
        value = self._value(index)
        if isinstance(value, bool):
            return (CHECKED if value else UNCHECKED) if role == Qt.ItemDataRole.CheckStateRole else None
        if role == Qt.ItemDataRole.EditRole:
            return _text(value)
        if role == Qt.ItemDataRole.DisplayRole:
            choices = self.columns[index.column()].choices
            return choices().get(str(value), str(value)) if choices is not None else _text(value)
        return None

    def setData(self, index: QModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Take a value, unless the contract would refuse it."""
        if not index.isValid() or index.column() >= len(self.columns):
            return False
        field = self.columns[index.column()].field
        old = self._rows[index.row()]
        try:
            typed = _typed(getattr(old, field), value, field)
            new = type(old).model_validate({**old.model_dump(), field: typed})
        except ValueError:
            return False
        if new == old:
            return True
        self._rows[index.row()] = new
        self._wrong.pop((index.row(), field), None)
        self.dataChanged.emit(self.index(index.row(), 0), self.index(index.row(), self.columnCount() - 1))
        return role in {Qt.ItemDataRole.EditRole, Qt.ItemDataRole.CheckStateRole}

    def _value(self, index: QModelIndex) -> object:
        return getattr(self._rows[index.row()], self.columns[index.column()].field)

    def _result(self, index: QModelIndex, role: int) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT
        place = index.column() - len(self.columns)
        if role != Qt.ItemDataRole.DisplayRole or index.row() >= len(self._results):
            return None
        results = self._results[index.row()]
        return results[place] if place < len(results) else ""

    def _all_changed(self) -> None:
        if self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, self.columnCount() - 1))


def _text(value: object) -> str:
    if value is None:
        return ""
    return ";".join(value) if isinstance(value, list) else str(value)


def _typed(old: object, value: Any, field: str) -> object:
    """Return a cell's text as the field's type. Raises `ValueError`."""
    if isinstance(old, bool):
        return int(value) == CHECKED
    text = str(value).strip()
    if field == "line":
        return int(clean_number_text(text)) if text else None
    if isinstance(old, int):
        return int(clean_number_text(text) or "0")
    if isinstance(old, list):
        return [part.strip() for part in text.replace("；", ";").split(";") if part.strip()]
    return text


def side_names() -> dict[str, str]:
    """Return the names of the sides of a form."""
    return {"": "", "asset": tr("左（资产）"), "liability": tr("右（负债权益）")}


def kind_names() -> dict[str, str]:
    """Return the names of the kinds of rows."""
    return {
        "header": tr("标题"),
        "item": tr("项目"),
        "of_which": tr("其中"),
        "subtotal": tr("小计"),
        "total": tr("合计"),
        "inflow": tr("流入"),
        "outflow": tr("流出"),
        "opening": tr("期初"),
        "each": tr("逐科目"),
    }


def row_columns() -> list[EditColumn]:
    """Return the columns of a definition's rows."""
    return [
        EditColumn("line", lambda: tr("行次"), 5),
        EditColumn("side", lambda: tr("位置"), 13, side_names),
        EditColumn("kind", lambda: tr("类型"), 9, kind_names),
        EditColumn("indent", lambda: tr("缩进"), 5),
        EditColumn("hide_zero", lambda: tr("为零不列"), 8),
        EditColumn("name_zh", lambda: tr("中文名称"), 30),
        EditColumn("name_en", lambda: tr("英文名称"), 22),
        EditColumn("formula_vat_reclass", lambda: tr("增值税重分类时的公式"), 26),
        EditColumn("formula", lambda: tr("公式"), 44),
    ]


def check_columns() -> list[EditColumn]:
    """Return the columns of a definition's checks."""
    return [
        EditColumn("left", lambda: tr("左边"), 36),
        EditColumn("relation", lambda: tr("关系"), 8, lambda: {"=": "=", ">=": "≥"}),
        EditColumn("right", lambda: tr("右边"), 44),
        EditColumn("columns", lambda: tr("只查栏目（空为全部）"), 24),
    ]


def empty_row() -> DefinitionRow:
    """Return a row nothing was typed into yet."""
    return DefinitionRow(line=1, name_zh="")


def empty_check() -> DefinitionCheck:
    """Return a check nothing was typed into yet."""
    return DefinitionCheck(left="", relation="=", right="")


def row_below(above: DefinitionRow | None, lines: list[int]) -> DefinitionRow:
    """Return a new row like the one above it, with a line nobody has."""
    side = above.side if above is not None else ""
    indent = above.indent if above is not None else 0
    return DefinitionRow(line=max(lines, default=0) + 1, side=side, indent=indent, name_zh="")
