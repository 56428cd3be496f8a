"""The cash flow of the months before a book's start as the official form prints it, with its check."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PyQt5.QtCore import QAbstractTableModel, QEvent, QModelIndex, QObject, Qt, pyqtSignal
from PyQt5.QtGui import QFont, QGuiApplication, QKeyEvent, QKeySequence
from PyQt5.QtWidgets import QAbstractItemView, QHeaderView, QLabel, QTableView, QVBoxLayout, QWidget

from app.contract.ledger import Opening
from app.kernel.money import format_amount, group_thousands
from app.ui.language import tr, tr_message
from app.ui.ledger.account_index import AccountIndex
from app.ui.ledger.opening_cash import FormLine, form_lines
from app.ui.ledger.opening_sheet import OpeningSheet
from app.ui.ledger.shades import fault_paper, quiet_ink, red_ink, total_paper
from app.ui.ledger.words import is_english
from app.ui.widgets.amounts import RIGHT
from app.ui.widgets.paged_table import fit_table

NO_PARENT = QModelIndex()
ITEM, NUMBER, AMOUNT = range(3)


class CashFlowModel(QAbstractTableModel):
    """The form as Qt sees it: lines that are entered, and what follows from them."""

    edited = pyqtSignal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.sheet = OpeningSheet(AccountIndex(), Opening(rows=[]), digits=2, mid_year=True)
        self.editable = True
        self.begin = 0

    def line(self, row: int) -> FormLine:
        """Return the line of the form that stands in a row."""
        return form_lines()[row]

    def show_sheet(self, sheet: OpeningSheet) -> None:
        """Show other amounts."""
        self.beginResetModel()
        self.sheet = sheet
        self.endResetModel()

    def changed(self) -> None:
        """Show anew what follows from what was typed."""
        self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, AMOUNT))

    def rowCount(self, parent: QModelIndex = NO_PARENT) -> int:
        """Return the number of lines, headings too."""
        return 0 if parent.isValid() else len(form_lines())

    def columnCount(self, parent: QModelIndex = NO_PARENT) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else 3

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        line, column = self.line(index.row()), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(line, column)
        if role == Qt.ItemDataRole.EditRole and line.number is not None and column == AMOUNT:
            return self.sheet.cash.typed(line.number)
        if role == Qt.ItemDataRole.TextAlignmentRole and column != ITEM:
            return RIGHT if column == AMOUNT else int(Qt.AlignmentFlag.AlignCenter)
        return self._look(line, column, role)

    def _text(self, line: FormLine, column: int) -> str:
        if column == ITEM:
            name = (line.name_en if is_english() else line.name_zh) or line.name_zh
            return name if not line.is_entered else f"    {name}"
        if line.number is None:
            return ""
        return str(line.number) if column == NUMBER else self.sheet.cash.shown(line.number, self.begin)

    def _look(self, line: FormLine, column: int, role: int) -> Any:
        palette = QGuiApplication.palette()
        unread = self.sheet.cash.unread.get(line.number or 0)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tr_message(unread[1]) if unread and column == AMOUNT else self._text(line, column) or None
        if role == Qt.ItemDataRole.BackgroundRole:
            if unread and column == AMOUNT:
                return fault_paper(palette)
            return None if line.is_entered or line.number is None else total_paper(palette)
        if role == Qt.ItemDataRole.ForegroundRole and column == AMOUNT:
            return red_ink(palette) if self._text(line, column).startswith("-") else None
        if role == Qt.ItemDataRole.ForegroundRole and column == NUMBER:
            return quiet_ink(palette)
        if role == Qt.ItemDataRole.FontRole and not line.is_entered:
            font = QFont()
            font.setBold(True)
            return font
        return None

    def setData(self, index: QModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Take what was typed."""
        number = self.line(index.row()).number if index.isValid() else None
        if role != Qt.ItemDataRole.EditRole or number is None:
            return False
        if str(value) != self.sheet.cash.typed(number):
            self.sheet.remember()
            self.sheet.cash.type(number, str(value))
            self.changed()
            self.edited.emit()
        return True

    def flags(self, index: QModelIndex) -> Qt.ItemFlags:
        """Only lines that count receipts or payments are typed."""
        if not index.isValid():
            return Qt.ItemFlags(Qt.ItemFlag.NoItemFlags)
        flags = Qt.ItemFlags(Qt.ItemFlag.ItemIsEnabled) | Qt.ItemFlag.ItemIsSelectable
        if self.editable and index.column() == AMOUNT and self.line(index.row()).is_entered:
            return flags | Qt.ItemFlag.ItemIsEditable
        return flags

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the columns' names."""
        if orientation != Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return (tr("项目"), tr("行次"), tr("本年累计金额"))[section]


class CashFlowTable(QWidget):
    """The form and its check: cash at the year's begin and the net increase must come to the cash of the opening."""

    edited = pyqtSignal()
    paste_wanted = pyqtSignal()
    undo_wanted = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = CashFlowModel(self)
        self.table = _FormTable(self)
        self.table.setModel(self.model)
        self.table.paste_wanted.connect(self.paste_wanted)
        self.table.undo_wanted.connect(self.undo_wanted)
        self.model.edited.connect(self.edited)
        self.check = QLabel(self)
        self.check.setWordWrap(True)
        self._cash = (0, 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.check)
        header = self.table.horizontalHeader()
        if header is not None:
            header.setSectionResizeMode(ITEM, QHeaderView.ResizeMode.Stretch)
            header.setSectionResizeMode(NUMBER, QHeaderView.ResizeMode.ResizeToContents)
        self.table.setColumnWidth(AMOUNT, self.fontMetrics().horizontalAdvance("-999,999,999.99") * 3 // 2)
        self.setFocusProxy(self.table)

    def show_sheet(self, sheet: OpeningSheet) -> None:
        """Show the cash flow of a sheet."""
        at = self.table.currentIndex()
        self.model.show_sheet(sheet)
        row = at.row() if at.isValid() else 1
        self.table.setCurrentIndex(self.model.index(row, AMOUNT))

    def set_editable(self, editable: bool) -> None:
        """Let amounts be typed, or not."""
        self.model.editable = editable

    def show_cash(self, begin: int, opening: int) -> None:
        """Say whether the flows lead from the cash at the year's begin to that of the opening."""
        self._cash = (begin, opening)
        self.model.begin = begin
        self.model.changed()
        sheet = self.model.sheet
        off = begin + sheet.cash.net() - opening

        def money(amount: int) -> str:
            return group_thousands(format_amount(amount, sheet.digits))

        text = tr(
            "年初现金 {begin} + 净增加额 {net} = {sum}；期初现金 {opening}",
            begin=money(begin),
            net=money(sheet.cash.net()),
            sum=money(begin + sheet.cash.net()),
            opening=money(opening),
        )
        self.check.setText(text + "    " + (tr("✗ 差 {amount}", amount=money(off)) if off else tr("✓ 相符")))

    def retranslate(self) -> None:
        """Set every text."""
        self.model.headerDataChanged.emit(Qt.Orientation.Horizontal, ITEM, AMOUNT)
        self.table.setAccessibleName(tr("前几个月的现金流量"))
        self.show_cash(*self._cash)

    def paste(self, grid: Sequence[Sequence[str]]) -> None:
        """Take a column of amounts at the current line, or rows of line number and amount."""
        sheet = self.model.sheet
        entered = [line.number for line in form_lines() if line.is_entered and line.number is not None]
        numbered = {
            int(cells[-2].strip()): cells[-1]
            for cells in grid
            if len(cells) > 1 and cells[-2].strip().isascii() and cells[-2].strip().isdigit()
        }
        sheet.remember()
        if numbered:
            for number, text in numbered.items():
                if number in entered:
                    sheet.cash.type(number, text)
        else:
            first = self.table.currentIndex().row()
            rows = range(max(first, 0), self.model.rowCount())
            for row, cells in zip(rows, grid, strict=False):
                line = self.model.line(row)
                if line.is_entered and line.number is not None and cells:
                    sheet.cash.type(line.number, cells[-1])
        self.model.changed()
        self.edited.emit()


class _FormTable(QTableView):
    paste_wanted = pyqtSignal()
    undo_wanted = pyqtSignal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(
            QAbstractItemView.EditTriggers(QAbstractItemView.EditTrigger.AnyKeyPressed)
            | QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self.setWordWrap(False)
        fit_table(self)

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            fit_table(self)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None:
            return
        model = self.model()
        if event.matches(QKeySequence.StandardKey.Paste):
            self.paste_wanted.emit()
        elif event.matches(QKeySequence.StandardKey.Undo):
            self.undo_wanted.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and model is not None:
            row = self.currentIndex().row() + 1
            while row < model.rowCount() and not model.flags(model.index(row, AMOUNT)) & Qt.ItemFlag.ItemIsEditable:
                row += 1
            if row < model.rowCount():
                self.setCurrentIndex(model.index(row, AMOUNT))
        elif event.key() == Qt.Key.Key_Delete and model is not None:
            model.setData(self.currentIndex(), "")
        else:
            super().keyPressEvent(event)
