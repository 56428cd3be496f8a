"""The grid of opening balances: typing, looking up auxiliaries, and what comes from the clipboard."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtCore import QEvent, QModelIndex, Qt, pyqtSignal
from PyQt5.QtGui import QFont, QFontMetrics, QKeyEvent, QKeySequence, QResizeEvent
from PyQt5.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.client.api import ApiClient
from app.contract.ledger import Account, AuxiliaryQuery, OpeningRow
from app.ui.ledger.opening_line import TEXTS, OpeningColumn
from app.ui.ledger.opening_model import OpeningModel, opening_title
from app.ui.ledger.voucher_delegate import LONGEST_FIGURE
from app.ui.ledger.voucher_line import join_auxiliary, split_auxiliary
from app.ui.ledger.voucher_model import LEFT
from app.ui.widgets.amounts import RIGHT
from app.ui.widgets.limits import limit_length, longest
from app.ui.widgets.lookup_edit import Choice, LookupEdit
from app.ui.widgets.paged_table import fit_table

MOST_CHOICES = 40
FEWEST_NAME, MOST_NAME = 13, 30
"""How many characters the accounts in the row headings get."""
_TEXT_COLUMNS = {OpeningColumn.AUXILIARY: "aux", OpeningColumn.CURRENCY: "currency"}


def find_items(api: ApiClient, account: Account, typed: str) -> list[Choice]:
    """Return what may complete a row's auxiliaries: items of the dimension that is being typed."""
    return find_auxiliaries(api, [use.kind for use in account.auxiliaries], typed)


def find_auxiliaries(api: ApiClient, kinds: Sequence[str], typed: str) -> list[Choice]:
    """Return what may complete a text of auxiliaries of these dimensions (`部门:一车间;项目:…`)."""
    head, _, tail = typed.replace("；", ";").replace("：", ":").rpartition(";")
    given = split_auxiliary(head, list(kinds)) if head else []
    kind, colon, words = tail.partition(":")
    wanted = [kind.strip()] if colon else [one for one in kinds if one not in dict(given)]
    choices: list[Choice] = []
    for one in wanted:
        query = AuxiliaryQuery(kind=one, q=(words if colon else tail).strip(), limit=MOST_CHOICES)
        for item in api.list_auxiliaries(query).auxiliaries:
            if item.active:
                text = join_auxiliary([*given, (one, item.name)])
                choices.append(Choice(text, text, item.code))
    return choices


class _OpeningDelegate(QStyledItemDelegate):
    """Opens cells that take no more than the server does."""

    def createEditor(self, parent: QWidget | None, option: QStyleOptionViewItem, index: QModelIndex) -> QWidget | None:
        """Open a cell."""
        del option
        column, model = OpeningColumn(index.column()), index.model()
        if column is OpeningColumn.AUXILIARY and isinstance(model, OpeningModel):
            account = model.sheet.lines[index.row()].account
            editor: QLineEdit = LookupEdit(parent, server=lambda api, typed: find_items(api, account, typed))
        else:
            editor = QLineEdit(parent)
        editor.setFrame(False)
        editor.setAutoFillBackground(True)
        field = _TEXT_COLUMNS.get(column)
        editor.setAlignment(LEFT if field else RIGHT)
        limit_length(editor, longest(OpeningRow, field) if field else LONGEST_FIGURE)
        return editor


class OpeningTable(QTableView):
    """Enter goes down the column, Tab to the next cell for typing."""

    narrowed = pyqtSignal()
    """The table's width, font or language changed: the columns must be fitted anew."""
    paste_wanted = pyqtSignal()
    undo_wanted = pyqtSignal()

    def __init__(self, model: OpeningModel, parent: QWidget) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setAlternatingRowColors(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(
            QAbstractItemView.EditTriggers(QAbstractItemView.EditTrigger.AnyKeyPressed)
            | QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setWordWrap(False)
        self.setItemDelegate(_OpeningDelegate(self))
        self._show_accounts()

    def shown_from(self, index: QModelIndex) -> tuple[list[int], list[OpeningColumn]]:
        """Return the rows and columns that are shown, from a cell on: where a pasted block goes."""
        model = self.model()
        count = model.rowCount() if model is not None else 0
        rows = [row for row in range(max(index.row(), 0), count) if not self.isRowHidden(row)]
        columns = [
            column for column in OpeningColumn if column >= index.column() and not self.isColumnHidden(int(column))
        ]
        return rows, columns

    def fit_columns(self, totals: Sequence[str]) -> None:
        """Give every column the width of its title, its total and its usual content.

        The accounts stand in the row headings, which stay when the columns scroll; they get what is left.
        """
        metrics = self.fontMetrics()
        bold_font = QFont(self.font())
        bold_font.setBold(True)
        bold = QFontMetrics(bold_font)
        samples = {OpeningColumn.AUXILIARY: "客户:某某有限公司", OpeningColumn.CURRENCY: "USDT"}
        used = 0
        for column in OpeningColumn:
            sample = samples.get(column, "-9,999.99" if column in TEXTS else "-9,999,999.99")
            texts = bold.horizontalAdvance(opening_title(column)), bold.horizontalAdvance(totals[column])
            width = max(metrics.horizontalAdvance(sample), *texts) + metrics.height() * 7 // 4
            self.setColumnWidth(column, width)
            if not self.isColumnHidden(column):
                used += self.columnWidth(column)
        rows, bar = self.verticalHeader(), self.verticalScrollBar()
        if rows is not None and bar is not None:
            left = self.width() - 2 * self.frameWidth() - bar.sizeHint().width() - used
            least, most = (metrics.horizontalAdvance("某") * count for count in (FEWEST_NAME, MOST_NAME))
            rows.setFixedWidth(min(max(left, least), most))

    def _show_accounts(self) -> None:
        """The rows' headings say which account they are of."""
        fit_table(self)
        rows = self.verticalHeader()
        if rows is not None:
            rows.setVisible(True)
            rows.setDefaultAlignment(LEFT)
            rows.setTextElideMode(Qt.TextElideMode.ElideRight)
            rows.setHighlightSections(False)
            rows.setSectionsClickable(False)
        for column in (OpeningColumn.CODE, OpeningColumn.NAME):
            self.setColumnHidden(column, True)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Tell that the columns have another width to share."""
        super().resizeEvent(event)
        self.narrowed.emit()

    def changeEvent(self, event: QEvent | None) -> None:
        """Follow font and language."""
        super().changeEvent(event)
        if event is not None and event.type() in (
            QEvent.Type.FontChange,
            QEvent.Type.StyleChange,
            QEvent.Type.LanguageChange,
        ):
            self._show_accounts()
            self.narrowed.emit()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Go down with Enter; empty a cell with Delete."""
        index = self.currentIndex()
        if event is not None and event.matches(QKeySequence.StandardKey.Paste):
            self.paste_wanted.emit()
            return
        if event is not None and event.matches(QKeySequence.StandardKey.Undo):
            self.undo_wanted.emit()
            return
        if event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._go_down(index)
            return
        model = self.model()
        if event is not None and event.key() == Qt.Key.Key_Delete and not event.modifiers() and model is not None:
            if model.flags(index) & Qt.ItemFlag.ItemIsEditable:
                model.setData(index, "")
            return
        super().keyPressEvent(event)

    def _go_down(self, index: QModelIndex) -> None:
        model = self.model()
        if model is None:
            return
        row = index.row() + 1
        while row < model.rowCount() and self.isRowHidden(row):
            row += 1
        if row < model.rowCount():
            # Leaving the row commits and closes an open cell. To move once more from within its closing, as
            # `closeEditor` would, changes the indexes Qt is still working with, and ends the process.
            self.setCurrentIndex(model.index(row, index.column()))
        elif self._is_typing():
            self.setFocus()  # the last row: the cell is committed, and the keyboard stays in the table

    def _is_typing(self) -> bool:
        return self.state() == QAbstractItemView.State.EditingState
