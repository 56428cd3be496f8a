"""The parameters of a step's computation, to be changed before it is saved: amounts, rates, switches, choices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PyQt5.QtCore import QAbstractItemModel, QAbstractTableModel, QEvent, QModelIndex, QObject, Qt, pyqtSignal
from PyQt5.QtGui import QFont, QGuiApplication
from PyQt5.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.contract.closing import StepInput
from app.kernel.errors import MalformedInput
from app.kernel.money import QUANTITY_DIGITS, format_quantity, group_thousands
from app.kernel.text import clean_text
from app.ui.language import tr, tr_message
from app.ui.ledger.amounts import read_decimal, scaled
from app.ui.ledger.shades import fault_paper, total_paper
from app.ui.widgets.amounts import RIGHT
from app.ui.widgets.paged_table import fit_table

NO_PARENT = QModelIndex()
LABEL, VALUE, NOTE = range(3)
ON, OFF = "on", "off"
MOST_ROWS = 8


class InputModel(QAbstractTableModel):
    """Rows of parameters below the headings of their groups."""

    changed = pyqtSignal()
    """A parameter was changed: the step must be computed anew."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[StepInput | str] = []
        self._typed: dict[str, str] = {}
        self._wrong: dict[str, tuple[str, str]] = {}
        self.editable = True

    def show_inputs(self, inputs: Sequence[StepInput], typed: dict[str, str]) -> None:
        """Show parameters as the server computed with them; `typed` are those changed here."""
        self.beginResetModel()
        self._rows, group = [], ""
        for one in inputs:
            if one.group and one.group != group:
                self._rows.append(one.group)
            group = one.group
            self._rows.append(one)
        self._typed = dict(typed)
        self._wrong = {}
        self.endResetModel()

    def typed(self) -> dict[str, str]:
        """Return the parameters that were changed here."""
        return dict(self._typed)

    def input(self, row: int) -> StepInput | None:
        """Return the parameter of a row; headings of groups have none."""
        found = self._rows[row]
        return found if isinstance(found, StepInput) else None

    @property
    def wrong(self) -> str:
        """What cannot be read, or nothing."""
        return next((reason for _, reason in self._wrong.values()), "")

    def rowCount(self, parent: QModelIndex = NO_PARENT) -> int:
        """Return the number of rows, headings too."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex = NO_PARENT) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else 3

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        one, column = self.input(index.row()), index.column()
        if one is None:
            return self._heading(index.row(), column, role)
        if role == Qt.ItemDataRole.DisplayRole:
            return (one.label, self._value_text(one), one.note)[column]
        if role == Qt.ItemDataRole.ToolTipRole:
            return (one.label, self._wrong.get(one.key, ("", ""))[1] or None, one.note or None)[column]
        return self._value_look(one, role) if column == VALUE else None

    def _value_look(self, one: StepInput, role: int) -> Any:
        if role == Qt.ItemDataRole.EditRole:
            return self._wrong[one.key][0] if one.key in self._wrong else one.value
        if role == Qt.ItemDataRole.CheckStateRole and one.kind == "switch":
            return Qt.CheckState.Checked if one.value == ON else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.TextAlignmentRole and one.kind not in ("switch", "choice"):
            return RIGHT
        if role == Qt.ItemDataRole.BackgroundRole and one.key in self._wrong:
            return fault_paper(QGuiApplication.palette())
        if role == Qt.ItemDataRole.FontRole and one.key in self._typed:
            font = QFont()
            font.setBold(True)  # changed here
            return font
        return None

    def _heading(self, row: int, column: int, role: int) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and column == LABEL:
            return self._rows[row]
        if role == Qt.ItemDataRole.BackgroundRole:
            return total_paper(QGuiApplication.palette())
        return None

    def _value_text(self, one: StepInput) -> str:
        if one.key in self._wrong:
            return self._wrong[one.key][0]
        if one.kind == "switch":
            return tr("是") if one.value == ON else tr("否")
        if one.kind == "choice":
            labels = dict(zip(one.choices, one.choice_labels, strict=False))
            return labels.get(one.value, one.value)
        if one.kind == "percent":
            return f"{one.value} %" if one.value else ""
        return group_thousands(one.value) if one.value else ""

    def setData(self, index: QModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Take what was typed, switched or chosen."""
        one = self.input(index.row()) if index.isValid() else None
        if one is None or index.column() != VALUE:
            return False
        if role == Qt.ItemDataRole.CheckStateRole:
            self._put(index, one, ON if value == Qt.CheckState.Checked else OFF)
            return True
        if role != Qt.ItemDataRole.EditRole:
            return False
        text = clean_text(str(value))
        if one.kind in ("switch", "choice"):
            self._put(index, one, text)
            return True
        try:
            number = read_decimal(text.rstrip("%％").strip())
            plain = "" if number is None else format_quantity(scaled(number, QUANTITY_DIGITS, text))
        except MalformedInput as refusal:
            self._wrong[one.key] = (text, tr_message(refusal.message))
            self.dataChanged.emit(index, index)
            self.changed.emit()
            return True
        self._put(index, one, plain)
        return True

    def _put(self, index: QModelIndex, one: StepInput, value: str) -> None:
        was_wrong = self._wrong.pop(one.key, None) is not None
        if value == one.value and not was_wrong:
            return
        self._rows[index.row()] = one.model_copy(update={"value": value})
        self._typed[one.key] = value
        self.dataChanged.emit(index, index)
        self.changed.emit()

    def flags(self, index: QModelIndex) -> Qt.ItemFlags:
        """Only values are typed."""
        one = self.input(index.row()) if index.isValid() else None
        if one is None:
            return Qt.ItemFlags(Qt.ItemFlag.ItemIsEnabled)
        flags = Qt.ItemFlags(Qt.ItemFlag.ItemIsEnabled) | Qt.ItemFlag.ItemIsSelectable
        if not self.editable or index.column() != VALUE:
            return flags
        return flags | (Qt.ItemFlag.ItemIsUserCheckable if one.kind == "switch" else Qt.ItemFlag.ItemIsEditable)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the columns' names."""
        if orientation != Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return (tr("参数"), tr("值"), tr("说明"))[section]


class _InputDelegate(QStyledItemDelegate):
    """Opens a list for choices."""

    def createEditor(self, parent: QWidget | None, option: QStyleOptionViewItem, index: QModelIndex) -> QWidget | None:
        """Open a cell."""
        model = index.model()
        one = model.input(index.row()) if isinstance(model, InputModel) else None
        if one is None or one.kind != "choice":
            return super().createEditor(parent, option, index)
        box = QComboBox(parent)
        for value, label in zip(one.choices, one.choice_labels or one.choices, strict=False):
            box.addItem(label, value)
        box.setCurrentIndex(max(box.findData(one.value), 0))
        box.activated.connect(lambda _place: self._chosen(box))
        return box

    def setModelData(self, editor: QWidget | None, model: QAbstractItemModel | None, index: QModelIndex) -> None:
        """Take the value of a choice."""
        if isinstance(editor, QComboBox) and model is not None:
            model.setData(index, editor.currentData())
            return
        super().setModelData(editor, model, index)

    def setEditorData(self, editor: QWidget | None, index: QModelIndex) -> None:
        """A list shows its choice already."""
        if not isinstance(editor, QComboBox):
            super().setEditorData(editor, index)

    def _chosen(self, box: QComboBox) -> None:
        self.commitData.emit(box)
        self.closeEditor.emit(box)


class InputTable(QTableView):
    """Hidden where a step has no parameters."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.input_model = InputModel(self)
        self.setModel(self.input_model)
        self.setItemDelegate(_InputDelegate(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(
            QAbstractItemView.EditTriggers(QAbstractItemView.EditTrigger.AnyKeyPressed)
            | QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.SelectedClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)  # the notes take what is left
        header = self.horizontalHeader()
        if header is not None:
            header.setSectionResizeMode(LABEL, QHeaderView.ResizeMode.ResizeToContents)
            header.setSectionResizeMode(NOTE, QHeaderView.ResizeMode.Stretch)
        fit_table(self)

    def show_inputs(self, inputs: Sequence[StepInput], typed: dict[str, str]) -> None:
        """Show parameters, as many rows as there is need for."""
        self.clearSpans()
        at = self.currentIndex()
        self.input_model.show_inputs(inputs, typed)
        for row in range(self.input_model.rowCount()):
            if self.input_model.input(row) is None:
                self.setSpan(row, LABEL, 1, 3)
        self._fit_value()
        self.setVisible(bool(inputs))
        fit_table(self)
        fit_rows(self, MOST_ROWS)
        if at.isValid() and at.row() < self.input_model.rowCount():
            self.setCurrentIndex(self.input_model.index(at.row(), VALUE))
        elif inputs:
            self.setCurrentIndex(self.input_model.index(0, VALUE))

    def changeEvent(self, event: QEvent | None) -> None:
        """Follow the font."""
        super().changeEvent(event)
        follow_font(self, MOST_ROWS, event)
        self._fit_value()

    def _fit_value(self) -> None:
        self.setColumnWidth(VALUE, self.fontMetrics().horizontalAdvance("9,999,999,999.99") * 5 // 4)


def follow_font(table: QTableView, most: int, event: QEvent | None) -> None:
    """Fit rows and height anew when the font or the theme changed."""
    if event is not None and event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
        fit_table(table)
        fit_rows(table, most)


def fit_rows(table: QTableView, most: int) -> None:
    """Give a table the height of its rows, up to so many; then it scrolls."""
    model, header, rows = table.model(), table.horizontalHeader(), table.verticalHeader()
    if model is None or header is None or rows is None:
        return
    bar = table.horizontalScrollBar()
    sideways = bar.sizeHint().height() if bar is not None and bar.maximum() > 0 else 0
    height = header.sizeHint().height() + min(max(model.rowCount(), 1), most) * rows.defaultSectionSize()
    table.setFixedHeight(height + sideways + 2 * table.frameWidth())
