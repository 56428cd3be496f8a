"""The page of opening balances as one sees it: the grid, its running trial balances, and what to look at."""

from __future__ import annotations

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import (
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from app.client.api import ApiClient
from app.contract.ledger import AccountList, Currency, Opening
from app.kernel.money import format_amount, group_thousands
from app.ui.icons import icon
from app.ui.language import tr, tr_message
from app.ui.ledger.account_index import AccountIndex
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.ledger.grouped_header import GroupedHeader, HeaderGroup
from app.ui.ledger.opening_cash_table import CashFlowTable
from app.ui.ledger.opening_checks import Concern, cash_at, look_over
from app.ui.ledger.opening_concerns import ConcernList
from app.ui.ledger.opening_line import OpeningColumn
from app.ui.ledger.opening_model import OpeningModel
from app.ui.ledger.opening_sheet import OpeningSheet
from app.ui.ledger.opening_table import OpeningTable
from app.ui.ledger.pinned_row import PinnedRow
from app.ui.page import Page, PageContext
from app.ui.tasks import Change, Query, Topic
from app.ui.widgets.shortcuts import add_shortcuts
from app.ui.widgets.unread_note import UnreadNote

GROUPS = (
    HeaderGroup(4, 5, lambda: tr("年初余额")),
    HeaderGroup(6, 7, lambda: tr("本年累计")),
    HeaderGroup(8, 9, lambda: tr("期初余额")),
    HeaderGroup(11, 12, lambda: tr("原币")),
    HeaderGroup(13, 16, lambda: tr("数量")),
)
BALANCES, CASH_FLOW = range(2)
CHART_OF_FORM = "small_enterprise_2013"


class OpeningDesk(Page):
    """The opening balances on the desk; what comes in and goes out is the business of `OpeningPage`."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._asked = False
        self._unread = UnreadNote(self.message_bar)
        self._asked_columns: set[OpeningColumn] = set()
        self._digits = 2
        self._accounts = AccountIndex()
        self.mid_year = not context.book.start.endswith("-01")
        empty = OpeningSheet(AccountIndex(), Opening(rows=[]), digits=2, mid_year=self.mid_year)
        self.model = OpeningModel(empty, self)
        self.model.editable = context.may("ledger:opening:edit")
        self.tabs = QTabBar(self)
        self.tabs.addTab("")
        self.tabs.addTab("")
        self.has_cash_flow = self.mid_year and context.book.chart == CHART_OF_FORM
        self.tabs.setVisible(self.has_cash_flow)
        self.stack = QStackedWidget(self)
        self.table = OpeningTable(self.model, self)
        header = GroupedHeader(GROUPS, self.table)
        self.table.setHorizontalHeader(header)
        self.totals = PinnedRow(header, self.table.horizontalScrollBar(), self)
        self.cash_table = CashFlowTable(self)
        self.save_button = QPushButton(self)
        self.save_button.setProperty("primary", True)
        self.add_button = QPushButton(self)
        self.clear_button = QPushButton(self)
        self.paste_button = QPushButton(self)
        self.undo_button = QPushButton(self)
        self.more_button = QPushButton(self)
        self.search = QLineEdit(self)
        self.search.setClearButtonEnabled(True)
        self.checks = QLabel(self)
        self.checks.setTextFormat(Qt.TextFormat.PlainText)
        self.checks.setWordWrap(True)
        self.concerns = ConcernList(self)
        self.hint = QLabel(self)
        self.hint.setObjectName("muted")
        self.hint.setWordWrap(True)
        self._add_menu()
        self._lay_out()
        self._connect()
        self.retranslate()

    def _add_menu(self) -> None:
        menu = QMenu(self.more_button)
        self.actions_by_name = {name: menu.addAction("") for name in ("profit", "import", "export")}
        self.more_button.setMenu(menu)
        self.more_button.setProperty("opensMenu", True)
        self.more_button.setIcon(icon("file"))

    def _lay_out(self) -> None:
        bar = FlowLayout()
        for button in (
            self.save_button,
            self.paste_button,
            self.undo_button,
            self.add_button,
            self.clear_button,
            self.more_button,
        ):
            bar.addWidget(button)
        bar.add_gap()
        bar.addWidget(self.search)
        self.search.setMinimumWidth(self.fontMetrics().averageCharWidth() * 34)
        balances = QWidget(self)
        table = QVBoxLayout(balances)
        table.setContentsMargins(0, 0, 0, 0)
        table.setSpacing(0)
        table.addWidget(self.table, 1)
        table.addWidget(self.totals)
        self.stack.addWidget(balances)
        self.stack.addWidget(self.cash_table)
        self.body.addLayout(bar)
        self.body.addWidget(self.hint)
        self.body.addWidget(self.tabs)
        self.body.addWidget(self.stack, 1)
        self.body.addWidget(self.checks)
        self.body.addWidget(self.concerns)
        self._show_rights()

    def _connect(self) -> None:
        self.model.edited.connect(self.show_sums)
        self.model.edited.connect(self._say_unread)
        self.cash_table.edited.connect(self.show_sums)
        self.table.narrowed.connect(self._fit_columns)
        self.table.undo_wanted.connect(self.undo)
        self.cash_table.undo_wanted.connect(self.undo)
        self.concerns.wanted.connect(self._go_to)
        self.tabs.currentChanged.connect(self.stack.setCurrentIndex)
        self.model.modelReset.connect(self._show_columns)
        self.add_button.clicked.connect(lambda _checked: self._add_line())
        self.clear_button.clicked.connect(lambda _checked: self._clear_line())
        self.undo_button.clicked.connect(lambda _checked: self.undo())
        profit = self.actions_by_name["profit"]
        if profit is not None:
            profit.triggered.connect(lambda _checked: self._fill_profit())
        self.search.textEdited.connect(lambda _text: self._show_found())
        add_shortcuts(
            self,
            ("Ctrl+Ins", self._add_line),
            ("Ctrl+Del", self._clear_line),
            ("Ctrl+F", self.search.setFocus),
        )

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
        """Ask again when the chart or the months changed and nothing typed would be lost."""
        touched = change.touches(Topic.ACCOUNTS, Topic.BOOK, Topic.PERIODS)
        if change.origin is not self and touched and not self.has_unsaved():
            self.ask()

    def has_unsaved(self) -> bool:
        """Tell whether something typed is not saved."""
        return self.model.sheet.changed

    def retranslate(self) -> None:
        """Set every text."""
        self.save_button.setText(tr("保存"))
        self.save_button.setToolTip("F8")
        self.add_button.setText(tr("加一行辅助明细"))
        self.add_button.setToolTip("Ctrl+Ins")
        self.clear_button.setText(tr("清空本行"))
        self.clear_button.setToolTip("Ctrl+Del")
        self.paste_button.setText(tr("粘贴"))
        self.paste_button.setToolTip(tr("从 Excel 复制一块数字，或连同标题行的整张表（Ctrl+V）"))
        self.undo_button.setText(tr("撤销"))
        self.undo_button.setToolTip("Ctrl+Z")
        self.more_button.setText(tr("更多"))
        for name, text in (
            ("profit", tr("按发生额填本年实际损益")),
            ("import", tr("从 CSV 文件读入…")),
            ("export", tr("存为 CSV 文件…")),
        ):
            action = self.actions_by_name[name]
            if action is not None:
                action.setText(text)
        self.search.setPlaceholderText(tr("编码、名称或拼音首字母"))
        self.tabs.setTabText(BALANCES, tr("科目余额"))
        self.tabs.setTabText(CASH_FLOW, tr("前几个月的现金流量"))
        self._show_hint()
        self.table.setAccessibleName(self.title())
        self.model.retranslate()
        self.cash_table.retranslate()
        self.show_sums()

    def _show_hint(self) -> None:
        start = self.context.book.start
        if self.model.sheet.frozen:
            self.hint.setText(tr("已有月份结账，期初余额已固定，只能查看。要改请先反结账。"))
        elif self.mid_year:
            self.hint.setText(
                tr(
                    "账簿从 {start} 开始：年初余额、借方累计、贷方累计、期初余额填三项，另一项自动算出。"
                    "第一次结账后不能再改。",
                    start=start,
                )
            )
        else:
            self.hint.setText(tr("填各科目在 {start} 月初的余额。第一次结账后不能再改。", start=start))

    def _show_rights(self) -> None:
        may = self.model.editable and not self.model.sheet.frozen
        for button in (self.save_button, self.add_button, self.clear_button, self.paste_button, self.undo_button):
            button.setVisible(may)
        for name in ("profit", "import"):
            action = self.actions_by_name[name]
            if action is not None:
                action.setVisible(may and (name != "profit" or self.mid_year))
        self.cash_table.set_editable(may)

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
        self.show_opening(opening)

    def show_opening(self, opening: Opening) -> None:
        """Show what the server holds."""
        self._show_sheet(self.sheet_of(opening, self._accounts))
        self._show_hint()
        self._show_rights()

    def sheet_of(self, opening: Opening, accounts: AccountIndex) -> OpeningSheet:
        """Return a version of the balances as a sheet."""
        return OpeningSheet(accounts, opening, digits=self._digits, mid_year=self.mid_year)

    def _show_sheet(self, sheet: OpeningSheet) -> None:
        at = self.table.currentIndex()
        self.model.show_sheet(sheet)
        self.cash_table.show_sheet(sheet)
        first = OpeningColumn.YTD_DEBIT if self.mid_year else OpeningColumn.OPENING_DEBIT
        row, column = max(at.row(), 0), at.column() if at.isValid() else int(first)
        self.table.setCurrentIndex(self.model.index(min(row, self.model.rowCount() - 1), column))
        self._show_found()

    def show_rows(self) -> None:
        """Show rows and columns anew, after many changed."""
        self._show_columns()
        self._show_found()

    def show_cell(self, row: int, column: OpeningColumn) -> None:
        """Put the keyboard into a cell, which comes into sight."""
        self.tabs.setCurrentIndex(BALANCES)
        if self.table.isRowHidden(row):
            self.search.clear()
            self._show_found()
        self.table.setFocus()
        shown = [one for one in OpeningColumn if one >= column and not self.table.isColumnHidden(int(one))]
        self.table.setCurrentIndex(self.model.index(row, shown[0] if shown else column))

    @property
    def on_cash_flow(self) -> bool:
        """Whether the cash flow is in front."""
        return self.tabs.currentIndex() == CASH_FLOW

    def show_cash_flow(self) -> None:
        """Bring the cash flow to the front, in books that have it."""
        if self.has_cash_flow:
            self.tabs.setCurrentIndex(CASH_FLOW)

    def _show_columns(self) -> None:
        for column in OpeningColumn:
            shown = column in self._asked_columns or self.model.sheet.wants(column)
            if shown == self.table.isColumnHidden(column):
                self.table.setColumnHidden(column, not shown)
        self._fit_columns()

    def _fit_columns(self) -> None:
        self.table.fit_columns([self.totals.text(column) for column in OpeningColumn])
        rows = self.table.verticalHeader()
        if rows is not None:
            self.totals.set_indent(rows.width())

    def _show_found(self) -> None:
        words = self.search.text().strip()
        found = {account.code for account in self.model.sheet.accounts.search(words, limit=10_000, active=False)}
        for row, line in enumerate(self.model.sheet.lines):
            self.table.setRowHidden(row, bool(words) and line.account.code not in found)

    def show_sums(self) -> None:
        """Show totals, trial balances and what to look at, as they are now."""
        sheet = self.model.sheet
        texts = [""] * len(OpeningColumn)
        for column, amount in sheet.totals().items():
            texts[column] = group_thousands(format_amount(amount, sheet.digits))
        texts[OpeningColumn.PROFIT_TO_DATE] = ""
        self.totals.show_texts(texts, heading=tr("合计"))
        self.checks.setText("      ".join(self._balance_texts(sheet)))
        self.concerns.show_concerns(look_over(sheet, cash_flow=self.has_cash_flow))
        self.cash_table.show_cash(*cash_at(sheet))
        self.save_button.setEnabled(sheet.changed)
        self.undo_button.setEnabled(sheet.can_undo)
        self._show_columns()

    @staticmethod
    def _balance_texts(sheet: OpeningSheet) -> list[str]:
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
        return parts

    def _go_to(self, concern: Concern) -> None:
        if concern.row is not None:
            self.show_cell(concern.row, concern.column)
        elif concern.on_cash_flow:
            self.show_cash_flow()

    # --- changes -----------------------------------------------------------------------------------------------------

    def _add_line(self) -> None:
        index = self.table.currentIndex()
        if index.isValid() and self.may_change():
            account = self.model.sheet.lines[index.row()].account
            if not account.auxiliaries and account.currency:
                self.message_bar.show_warning(tr("科目 {code} 没有辅助核算，一行就够了。", code=account.code))
                return
            row = self.model.add_line(index.row())
            column = OpeningColumn.AUXILIARY if account.auxiliaries else OpeningColumn.CURRENCY
            self._asked_columns.add(column)
            self._show_columns()
            self.table.setCurrentIndex(self.model.index(row, column))
            self.table.edit(self.table.currentIndex())

    def _clear_line(self) -> None:
        index = self.table.currentIndex()
        if index.isValid() and self.may_change():
            self.model.clear_line(index.row())
            self.table.setCurrentIndex(self.model.index(min(index.row(), self.model.rowCount() - 1), index.column()))

    def _say_unread(self) -> None:
        """Say at once what cannot be read in a cell, and no longer once it is put right."""
        unread = self.model.sheet.unread_cells()
        self._unread.say(tr_message(unread[0][2]) if unread else "")

    def may_change(self) -> bool:
        """Tell whether anything may be typed: with the right, and until the first close."""
        return self.model.editable and not self.model.sheet.frozen

    def _fill_profit(self) -> None:
        if self.may_change():
            filled = self.model.change(lambda sheet: sheet.fill_profit_to_date())
            self.show_info(tr("已填 {count} 个科目，请核对红字冲销过的科目。", count=filled))

    def undo(self) -> None:
        """Take the last change back."""
        if self.may_change() and self.model.change(lambda sheet: sheet.undo()):
            self.cash_table.show_sheet(self.model.sheet)
            self.show_rows()
