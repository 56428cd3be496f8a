"""期初余额: what every account held when the book began, with a running trial balance."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import ValidationError
from PyQt5.QtCore import QEvent, QModelIndex, Qt, pyqtSignal
from PyQt5.QtGui import QFont, QFontMetrics, QKeyEvent, QKeySequence, QResizeEvent
from PyQt5.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QLineEdit,
    QPushButton,
    QShortcut,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.client.api import ApiClient
from app.client.refusals import refusal_of
from app.contract.ledger import AccountList, Currency, Opening, OpeningRow
from app.kernel.errors import ZhangfangError
from app.kernel.ids import new_request_id
from app.kernel.money import format_amount, group_thousands
from app.ui.language import tr, tr_message
from app.ui.ledger.account_index import AccountIndex
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.ledger.grouped_header import GroupedHeader, HeaderGroup
from app.ui.ledger.opening_model import OpeningModel, opening_title
from app.ui.ledger.opening_sheet import TEXTS, OpeningColumn, OpeningSheet
from app.ui.ledger.pinned_row import PinnedRow
from app.ui.ledger.voucher_delegate import LONGEST_FIGURE
from app.ui.ledger.voucher_model import LEFT
from app.ui.page import Page, PageContext
from app.ui.tasks import Change, Command, Query, Topic
from app.ui.widgets.amounts import RIGHT
from app.ui.widgets.limits import limit_length, longest
from app.ui.widgets.paged_table import fit_table

CHANGED = (Topic.BALANCES, Topic.ACCOUNTS)
GROUPS = (
    HeaderGroup(4, 5, lambda: tr("年初余额")),
    HeaderGroup(6, 7, lambda: tr("本年累计")),
    HeaderGroup(8, 9, lambda: tr("期初余额")),
    HeaderGroup(11, 12, lambda: tr("原币")),
    HeaderGroup(13, 15, lambda: tr("数量")),
)


class OpeningPage(Page):
    """The opening balances of the book."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._asked = False
        self._saving: Opening | None = None
        self._digits = 2
        self._unread = ""
        self._accounts = AccountIndex()
        self.mid_year = not context.book.start.endswith("-01")
        empty = OpeningSheet(AccountIndex(), Opening(rows=[]), digits=2, mid_year=self.mid_year)
        self.model = OpeningModel(empty, self)
        self.model.editable = context.may("ledger:opening:edit")
        self.table = _OpeningTable(self.model, self)
        header = GroupedHeader(GROUPS, self.table)
        self.table.setHorizontalHeader(header)
        self.totals = PinnedRow(header, self.table.horizontalScrollBar(), self)
        self.save_button = QPushButton(self)
        self.save_button.setProperty("primary", True)
        self.add_button = QPushButton(self)
        self.clear_button = QPushButton(self)
        self.search = QLineEdit(self)
        self.search.setClearButtonEnabled(True)
        self.checks = QLabel(self)
        self.checks.setTextFormat(Qt.TextFormat.PlainText)
        self.hint = QLabel(self)
        self.hint.setObjectName("muted")
        self.hint.setWordWrap(True)
        self._lay_out()
        self._connect()
        self.retranslate()

    def _lay_out(self) -> None:
        bar = FlowLayout()
        for button in (self.save_button, self.add_button, self.clear_button):
            button.setVisible(self.model.editable)
            bar.addWidget(button)
        bar.add_gap()
        bar.addWidget(self.search)
        self.search.setMinimumWidth(self.fontMetrics().averageCharWidth() * 34)
        table = QVBoxLayout()
        table.setSpacing(0)
        table.addWidget(self.table, 1)
        table.addWidget(self.totals)
        self.body.addLayout(bar)
        self.body.addWidget(self.hint)
        self.body.addLayout(table, 1)
        self.body.addWidget(self.checks)

    def _connect(self) -> None:
        self.model.edited.connect(self._show_sums)
        self.model.edited.connect(self._say_unread)
        self.table.narrowed.connect(self._fit_columns)
        self.model.modelReset.connect(self._show_columns)
        self.save_button.clicked.connect(lambda _checked: self.save())
        self.add_button.clicked.connect(lambda _checked: self._add_line())
        self.clear_button.clicked.connect(lambda _checked: self._clear_line())
        self.search.textEdited.connect(lambda _text: self._show_found())
        for keys, act in (
            ("F8", self.save),
            ("Ctrl+Ins", self._add_line),
            ("Ctrl+Del", self._clear_line),
            ("Ctrl+F", self.search.setFocus),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)

    # --- the page ----------------------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return tr("期初余额")

    def first_focus(self) -> QWidget | None:
        """The keyboard starts in the grid."""
        return self.table

    def activate(self) -> None:
        """Ask once; later `refresh` tells of changes."""
        if not self._asked:
            self.ask()

    def refresh(self, change: Change) -> None:
        """Ask again when the chart changed and nothing typed would be lost."""
        if change.origin is not self and change.touches(Topic.ACCOUNTS, Topic.BOOK) and not self.has_unsaved():
            self.ask()

    def has_unsaved(self) -> bool:
        """Tell whether something typed is not saved."""
        return self.model.sheet.changed

    def retranslate(self) -> None:
        """Set every text."""
        self.save_button.setText(tr("保存"))
        self.add_button.setText(tr("加一行辅助明细"))
        self.clear_button.setText(tr("清空本行"))
        self.search.setPlaceholderText(tr("编码、名称或拼音首字母"))
        self.hint.setText(
            tr("账簿从 {start} 开始：填本年累计和期初余额，年初余额自动算出。", start=self.context.book.start)
            if self.mid_year
            else tr("填各科目在 {start} 月初的余额。第一次结账后不能再改。", start=self.context.book.start)
        )
        self.table.setAccessibleName(self.title())
        self.model.retranslate()
        self._show_sums()

    # --- balances ----------------------------------------------------------------------------------------------------

    def ask(self) -> None:
        """Ask for chart, currencies and balances."""
        self._asked = True

        def work(api: ApiClient) -> tuple[AccountList, list[Currency], Opening]:
            return api.list_accounts(), api.list_currencies().currencies, api.get_opening()

        Query(work).slot("opening").on_done(self._known).run(self)

    def _known(self, facts: tuple[AccountList, list[Currency], Opening]) -> None:
        accounts, currencies, opening = facts
        digits = next((currency.minor_digits for currency in currencies if currency.is_base), 2)
        self._digits = digits
        self._accounts = AccountIndex(accounts.accounts)
        self._show_opening(opening)

    def _show_opening(self, opening: Opening) -> None:
        at = self.table.currentIndex()
        self.model.show_sheet(OpeningSheet(self._accounts, opening, digits=self._digits, mid_year=self.mid_year))
        first = OpeningColumn.YTD_DEBIT if self.mid_year else OpeningColumn.OPENING_DEBIT
        row, column = max(at.row(), 0), at.column() if at.isValid() else int(first)
        self.table.setCurrentIndex(self.model.index(min(row, self.model.rowCount() - 1), column))
        self._show_found()

    def _show_columns(self) -> None:
        for column in OpeningColumn:
            self.table.setColumnHidden(column, not self.model.sheet.wants(column))
        self._fit_columns()

    def _fit_columns(self) -> None:
        self.table.fit_columns([self.totals.text(column) for column in OpeningColumn])

    def _show_found(self) -> None:
        words = self.search.text().strip()
        found = {account.code for account in self.model.sheet.accounts.search(words, limit=10_000, active=False)}
        for row, line in enumerate(self.model.sheet.lines):
            self.table.setRowHidden(row, bool(words) and line.account.code not in found)

    def _show_sums(self) -> None:
        sheet = self.model.sheet
        texts = [""] * len(OpeningColumn)
        texts[OpeningColumn.NAME] = tr("合计")
        for column, amount in sheet.totals().items():
            texts[column] = group_thousands(format_amount(amount, sheet.digits))
        texts[OpeningColumn.PROFIT_TO_DATE] = ""
        self.totals.show_texts(texts, left=frozenset({int(OpeningColumn.NAME)}))
        names = {"year_begin": tr("年初余额"), "ytd": tr("本年累计"), "opening": tr("期初余额")}
        parts = []
        for name, difference in sheet.checks():
            if difference:
                lacking = group_thousands(format_amount(abs(difference), sheet.digits))
                side = (
                    tr("贷方少 {amount}", amount=lacking) if difference > 0 else tr("借方少 {amount}", amount=lacking)
                )
                parts.append(f"{names[name]}  ✗ {side}")
            else:
                parts.append(f"{names[name]}  " + tr("✓ 借贷平衡"))
        self.checks.setText("      ".join(parts))
        self.save_button.setEnabled(sheet.changed)
        self._fit_columns()

    # --- changes -----------------------------------------------------------------------------------------------------

    def _add_line(self) -> None:
        index = self.table.currentIndex()
        if index.isValid() and self.model.editable:
            account = self.model.sheet.lines[index.row()].account
            if not account.auxiliaries:
                self.message_bar.show_warning(tr("科目 {code} 没有辅助核算，一行就够了。", code=account.code))
                return
            row = self.model.add_line(index.row())
            self.table.setCurrentIndex(self.model.index(row, OpeningColumn.AUXILIARY))
            self.table.edit(self.table.currentIndex())

    def _clear_line(self) -> None:
        index = self.table.currentIndex()
        if index.isValid() and self.model.editable:
            self.model.clear_line(index.row())
            self.table.setCurrentIndex(self.model.index(min(index.row(), self.model.rowCount() - 1), index.column()))

    def save(self) -> None:
        """Send all balances; what the server refuses stays typed and is marked."""
        self.table.setFocus()
        sheet = self.model.sheet
        unread = sheet.unread_cells()
        if unread:
            row, column, reason = unread[0]
            self.message_bar.show_warning(tr_message(reason))
            self.table.setCurrentIndex(self.model.index(row, column))
            return
        try:
            wanted = sheet.to_input()
        except ValidationError as error:
            self._refused(refusal_of(error))
            return
        if self._saving is None or self._saving.model_copy(update={"request_id": None}) != wanted:
            self._saving = wanted.model_copy(update={"request_id": new_request_id()})
        sent = self._saving
        self.save_button.setEnabled(False)
        Command(lambda api: api.replace_opening(sent), *CHANGED).on_done(
            lambda opening: self._saved(opening, wanted)
        ).on_error(self._refused).always(self._show_sums).run(self)

    def _say_unread(self) -> None:
        """Say at once what cannot be read in a cell, and no longer once it is put right."""
        unread = self.model.sheet.unread_cells()
        text = tr_message(unread[0][2]) if unread else ""
        before, self._unread = self._unread, text
        if text and text != before:
            self.message_bar.show_warning(text)
        elif before and not text and self.message_bar.text == before:
            self.message_bar.clear()

    def _saved(self, opening: Opening, sent: Opening) -> None:
        self._saving = None
        self.message_bar.clear()
        if self.model.sheet.to_input() == sent and not self.model.sheet.unread_cells():
            # What was typed while the answer was under way stays, to be saved next time.
            self._show_opening(opening)
        self.show_info(tr("期初余额已保存。"))

    def _refused(self, error: ZhangfangError) -> None:
        self.show_error(error)
        sheet = self.model.sheet
        marks = {
            cell: tr_message(text) for path, text in error.fields.items() if (cell := sheet.cell_of(path)) is not None
        }
        self.model.set_faults(marks)
        if marks:
            self.table.setCurrentIndex(self.model.index(*min(marks)))


class _OpeningDelegate(QStyledItemDelegate):
    """Opens cells that take no more than the server does."""

    def createEditor(self, parent: QWidget | None, option: QStyleOptionViewItem, index: QModelIndex) -> QWidget | None:
        """Open a cell."""
        del option
        editor = QLineEdit(parent)
        editor.setFrame(False)
        editor.setAutoFillBackground(True)
        is_text = index.column() == OpeningColumn.AUXILIARY
        editor.setAlignment(LEFT if is_text else RIGHT)
        limit_length(editor, longest(OpeningRow, "aux") if is_text else LONGEST_FIGURE)
        return editor


class _OpeningTable(QTableView):
    """Enter goes down the column, Tab to the next cell for typing."""

    narrowed = pyqtSignal()
    """The table's width, font or language changed: the columns must be fitted anew."""

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
        fit_table(self)

    def fit_columns(self, totals: Sequence[str]) -> None:
        """Give every column the width of its title, its total and its usual content, and the names what is left."""
        metrics = self.fontMetrics()
        bold_font = QFont(self.font())
        bold_font.setBold(True)
        bold = QFontMetrics(bold_font)
        samples = {
            OpeningColumn.CODE: "000000000",
            OpeningColumn.NAME: "某某某某某某某某",
            OpeningColumn.AUXILIARY: "客户:某某有限公司",
            OpeningColumn.CURRENCY: "USDT",
        }
        used = 0
        for column in OpeningColumn:
            sample = samples.get(column, "-9,999.99" if column in TEXTS else "-9,999,999.99")
            texts = bold.horizontalAdvance(opening_title(column)), bold.horizontalAdvance(totals[column])
            width = max(metrics.horizontalAdvance(sample), *texts) + metrics.height() * 7 // 4
            self.setColumnWidth(column, width)
            if column is not OpeningColumn.NAME and not self.isColumnHidden(column):
                used += self.columnWidth(column)
        viewport = self.viewport()
        left = viewport.width() - used if viewport is not None else 0
        self.setColumnWidth(
            OpeningColumn.NAME, min(max(left, self.columnWidth(OpeningColumn.NAME)), self._longest_name())
        )

    def _longest_name(self) -> int:
        return self.fontMetrics().horizontalAdvance("某") * 28

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
            fit_table(self)
            self.narrowed.emit()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Go down with Enter; empty a cell with Delete."""
        index = self.currentIndex()
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
