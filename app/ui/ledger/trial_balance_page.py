"""科目余额表: every account in use, eight columns, from which each figure leads to its entries."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtCore import QEvent, QModelIndex, Qt, pyqtSignal
from PyQt5.QtGui import QFont, QFontMetrics, QKeyEvent, QResizeEvent
from PyQt5.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from app.contract.reports import TrialBalance, TrialBalanceQuery, TrialBalanceRow
from app.kernel.period import format_period, parse_period, period_of
from app.ui.language import tr
from app.ui.ledger.account_index import AccountIndex, account_name
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.ledger.grouped_header import GroupedHeader, HeaderGroup
from app.ui.ledger.months import FirstMonth
from app.ui.ledger.pinned_row import PinnedRow
from app.ui.ledger.report_export import ExportButton
from app.ui.ledger.trial_balance_model import AMOUNTS, CODE, COLUMNS, FIRST_AMOUNT, NAME, ROW_ROLE, TrialBalanceModel
from app.ui.ledger.words import is_english
from app.ui.navigation import OpenEntries, OpenTrialBalance, Target
from app.ui.page import Page, PageContext
from app.ui.tasks import Change, Query, Topic
from app.ui.widgets.amounts import amount_text
from app.ui.widgets.period_picker import PeriodRangePicker

GROUPS = (
    HeaderGroup(2, 3, lambda: tr("期初余额")),
    HeaderGroup(4, 5, lambda: tr("本期发生额")),
    HeaderGroup(6, 7, lambda: tr("本年累计")),
    HeaderGroup(8, 9, lambda: tr("期末余额")),
)
DEEPEST_CHOICE = 5
PRINTED = (6, 8, 10)


class TrialBalancePage(Page):
    """The trial balance of a span of months."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        today = period_of(context.today())
        start = parse_period(context.book.start)
        self._accounts = AccountIndex()
        self._asked = False
        self._rows: Sequence[TrialBalanceRow] = ()
        self.periods = PeriodRangePicker(max(today, start), max(today, start), self)
        self.first_month = FirstMonth(self, self.periods, self.ask)
        self.unposted = QCheckBox(self)
        self.level = QComboBox(self)
        self._level_label = QLabel(self)
        self.printed = QComboBox(self)
        self._printed_label = QLabel(self)
        self._printed_label.setBuddy(self.printed)
        self._unfold = QPushButton(self)
        self._fold = QPushButton(self)
        self.export = ExportButton("trial-balance", self.query, self)
        self.model = TrialBalanceModel(self._name, self)
        self.tree = _BalanceTree(self)
        self.tree.setModel(self.model)
        self.header = GroupedHeader(GROUPS, self.tree)
        self.tree.setHeader(self.header)
        self.totals = PinnedRow(self.header, self.tree.horizontalScrollBar(), self)
        self.empty = QLabel(self)
        self.empty.setObjectName("muted")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.hide()
        self._lay_out()
        self._connect()
        self._fit()
        self.retranslate()

    def _lay_out(self) -> None:
        bar = FlowLayout()
        for widget in (self.periods, self.unposted, self._level_label, self.level, self._unfold, self._fold):
            bar.addWidget(widget)
        bar.add_gap()
        for widget in (self._printed_label, self.printed, self.export):
            bar.addWidget(widget)
        table = QVBoxLayout()
        table.setSpacing(0)
        table.addWidget(self.tree, 1)
        table.addWidget(self.totals)
        self.body.addLayout(bar)
        self.body.addWidget(self.export.strip)
        self.body.addLayout(table, 1)
        self.body.addWidget(self.empty)
        self._level_label.setBuddy(self.level)

    def _connect(self) -> None:
        self.periods.changed.connect(lambda *_months: self.ask())
        self.unposted.toggled.connect(lambda _on: self.ask())
        self.level.activated.connect(lambda place: self.show_level(place + 1))
        self._unfold.clicked.connect(self.tree.expandAll)
        self._fold.clicked.connect(self.tree.collapseAll)
        self.tree.opened.connect(self.open_account)
        self.tree.narrowed.connect(lambda: self._fit_amounts(self._rows))

    def _fit(self) -> None:
        metrics = self.tree.fontMetrics()
        self.header.setStretchLastSection(False)
        self.header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.header.setMinimumSectionSize(metrics.horizontalAdvance("0,000.00") + metrics.height())
        self._fit_amounts(())

    def _fit_amounts(self, rows: Sequence[TrialBalanceRow]) -> None:
        """Give each amount the width its longest figure takes, and the names what is left."""
        metrics = self.tree.fontMetrics()
        bold = QFont(self.tree.font())
        bold.setBold(True)
        total_metrics = QFontMetrics(bold)
        widest = max(
            (metrics.horizontalAdvance(row.code) + self.tree.indentation() * row.level for row in rows), default=0
        )
        title = total_metrics.horizontalAdvance(tr("科目编码"))
        used = max(widest + metrics.height() * 3 // 2, title + metrics.height() * 3 // 2)
        self.header.resizeSection(CODE, used)
        for place, key in enumerate(AMOUNTS):
            texts = [amount_text(getattr(row, key)) for row in rows]
            total = total_metrics.horizontalAdvance(self.totals.text(FIRST_AMOUNT + place))
            longest = metrics.horizontalAdvance(max(texts, key=len, default="")) + metrics.height()
            width = max(longest, total + metrics.height() * 3 // 2)
            self.header.resizeSection(FIRST_AMOUNT + place, max(width, self.header.minimumSectionSize()))
            used += self.header.sectionSize(FIRST_AMOUNT + place)
        viewport = self.tree.viewport()
        left = viewport.width() - used if viewport is not None else 0
        self.header.resizeSection(NAME, max(left, metrics.height() * 8))

    # --- the page ----------------------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return tr("科目余额表")

    def first_focus(self) -> QWidget | None:
        """The keyboard starts in the tree."""
        return self.tree

    def activate(self) -> None:
        """Ask once; later `refresh` tells of changes."""
        if not self._asked:
            self._asked = True
            self._ask_accounts()
            self.first_month.begin()

    def refresh(self, change: Change) -> None:
        """Ask again when figures changed."""
        if change.touches(Topic.ACCOUNTS, Topic.BOOK):
            self._ask_accounts()
        if change.touches(Topic.BALANCES, Topic.ACCOUNTS, Topic.BOOK):
            self.first_month.begin()

    def open(self, target: Target) -> None:
        """Show the months a target names."""
        if isinstance(target, OpenTrialBalance):
            self.first_month.settle()
            for widget in (self.periods, self.unposted):
                widget.blockSignals(True)
            self.periods.set_periods(parse_period(target.from_period), parse_period(target.to_period))
            self.unposted.setChecked(target.include_unposted)
            for widget in (self.periods, self.unposted):
                widget.blockSignals(False)
            self.ask()

    def retranslate(self) -> None:
        """Set every text."""
        self.unposted.setText(tr("含未记账"))
        self._level_label.setText(tr("显示到"))
        chosen = max(self.level.currentIndex(), 0)
        self.level.clear()
        self.level.addItems([tr("第 {level} 级", level=level) for level in range(1, DEEPEST_CHOICE)] + [tr("全部级次")])
        self.level.setCurrentIndex(chosen)
        self._printed_label.setText(tr("导出"))
        printed = PRINTED.index(self.printed.currentData() or 8)
        self.printed.clear()
        for columns in PRINTED:
            self.printed.addItem(tr("{columns} 栏", columns=columns), columns)
        self.printed.setCurrentIndex(printed)
        self.printed.setToolTip(tr("导出的 PDF 和 Excel 有几栏金额：6 栏没有本年累计，10 栏加上年初余额"))
        self._unfold.setText(tr("展开"))
        self._fold.setText(tr("收起"))
        self.empty.setText(tr("这些月份没有余额，也没有发生额。"))
        self.tree.setAccessibleName(self.title())
        self.export.retranslate()
        self.model.retranslate()
        self._show_total_label()

    # --- figures -----------------------------------------------------------------------------------------------------

    def query(self) -> TrialBalanceQuery:
        """Return what is asked for, and how many columns of amounts an export has."""
        return TrialBalanceQuery(
            from_period=format_period(self.periods.first),
            to_period=format_period(self.periods.last),
            include_unposted=self.unposted.isChecked(),
            columns=self.printed.currentData() or 8,
        )

    def ask(self) -> None:
        """Ask for the figures."""
        self._asked = True
        query = self.query()
        Query(lambda api: api.trial_balance(query)).slot("figures").on_done(self.show_figures).run(self)

    def _ask_accounts(self) -> None:
        def known(index: AccountIndex) -> None:
            self._accounts = index
            self.model.retranslate()

        Query(lambda api: AccountIndex(api.list_accounts().accounts)).slot("accounts").on_done(known).run(self)

    def show_figures(self, figures: TrialBalance) -> None:
        """Show the figures, unfolded as they were."""
        open_codes = {index.data(ROW_ROLE).code for index in self.model.walk() if self.tree.isExpanded(index)}
        first_time = self.model.rowCount() == 0
        current = self.tree.currentIndex().data(ROW_ROLE)
        self.model.show_rows(figures.rows)
        for index in self.model.walk():
            row = index.data(ROW_ROLE)
            if row.code in open_codes:
                self.tree.expand(index)
            if current is not None and row.code == current.code:
                self.tree.setCurrentIndex(index)
        if first_time and self.level.currentIndex() > 0:
            self.show_level(self.level.currentIndex() + 1)
        if not self.tree.currentIndex().isValid() and figures.rows:
            self.tree.setCurrentIndex(self.model.index(0, 0))
        totals = [amount_text(figures.totals.get(key, ""), blank_zero=False) for key in AMOUNTS]
        self.totals.show_texts(["", tr("合计"), *totals], left=frozenset({CODE, NAME}))
        self.empty.setVisible(not figures.rows)
        self._rows = figures.rows
        self._fit_amounts(figures.rows)

    def _show_total_label(self) -> None:
        texts = [self.totals.text(column) for column in range(COLUMNS)]
        self.totals.show_texts([texts[CODE], tr("合计"), *texts[FIRST_AMOUNT:]], left=frozenset({CODE, NAME}))

    def _name(self, row: TrialBalanceRow) -> str:
        account = self._accounts.get(row.code)
        name = account_name(account, english=is_english()) if account is not None else row.name_zh
        return name or row.source_name

    def show_level(self, level: int) -> None:
        """Unfold accounts down to a level; the last choice unfolds all."""
        if level >= DEEPEST_CHOICE:
            self.tree.expandAll()
            return
        for index in self.model.walk():
            self.tree.setExpanded(index, index.data(ROW_ROLE).level < level)

    def open_account(self, row: TrialBalanceRow) -> None:
        """Go to what a figure is made of: the account's entries."""
        self.context.open_target(
            OpenEntries(
                account_code=row.code,
                from_period=format_period(self.periods.first),
                to_period=format_period(self.periods.last),
                include_unposted=self.unposted.isChecked(),
            )
        )


class _BalanceTree(QTreeView):
    """Enter or a double click opens an account's entries; left and right fold."""

    opened = pyqtSignal(object)
    """The `TrialBalanceRow`."""
    narrowed = pyqtSignal()
    """The width, font or language changed: the columns must be fitted anew."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAlternatingRowColors(True)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setExpandsOnDoubleClick(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers))
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.doubleClicked.connect(self._open)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Tell that the columns have another width to share; a scroll bar that comes or goes changes it too."""
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
            self.narrowed.emit()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Open the account with Enter."""
        if event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.currentIndex())
            return
        super().keyPressEvent(event)

    def _open(self, index: QModelIndex) -> None:
        if index.isValid():
            self.opened.emit(index.data(ROW_ROLE))
