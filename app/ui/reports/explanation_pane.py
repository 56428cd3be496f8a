"""What a figure of a statement is made of: its formula, the terms, the accounts and counterparties, their entries."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from PyQt5.QtCore import QEvent, Qt, pyqtSignal
from PyQt5.QtGui import QFont, QKeyEvent, QResizeEvent
from PyQt5.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.contract.statements import (
    CashFlowEntry,
    CashFlowEntryPage,
    CashFlowQuery,
    CellExplanation,
    CellQuery,
    FormulaTerm,
    SpanQuery,
    TermAccount,
)
from app.ui.icons import icon
from app.ui.language import is_english, tr
from app.ui.navigation import OpenEntries, OpenVoucher, Target
from app.ui.tasks import Query
from app.ui.widgets.amounts import RIGHT, amount_text, is_negative, is_zero, negative_colour

NAME, AMOUNT = 0, 1
WHAT = int(Qt.ItemDataRole.UserRole)


class Figure(NamedTuple):
    """A figure to be explained: statement, line and column; in a list of accounts the account, too."""

    statement: str
    line: int
    column: str
    code: str = ""


class More(NamedTuple):
    """The item that fetches the next page of a cash-flow line's entries."""

    line: int
    cursor: str


class ExplanationPane(QFrame):
    """Beside the statement, until it is closed; Enter goes on to what an item leads to, Backspace back."""

    wanted = pyqtSignal(object)
    """Another `Figure`: the page shows it in its table and asks for it."""
    went = pyqtSignal(object)
    """A `Target`: entries of an account, or a voucher."""
    closed = pyqtSignal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._explanation: CellExplanation | None = None
        self._figure: Figure | None = None
        self._span = SpanQuery(from_period="", to_period="")
        self._before: list[Figure] = []
        em = self.fontMetrics().height()
        column = QVBoxLayout(self)
        column.setContentsMargins(em * 3 // 4, em // 2, em * 3 // 4, em * 3 // 4)
        head = QHBoxLayout()
        self.back = _tool("chevron-left", self, self.go_back)
        self.close_button = _tool("", self, self.close_pane)
        self.close_button.setText("✕")
        self.heading = _wrapped(self)
        self.heading.setObjectName("sectionTitle")
        head.addWidget(self.back)
        head.addWidget(self.heading, 1)
        head.addWidget(self.close_button)
        self.formula = _wrapped(self)
        self.formula.setObjectName("muted")
        self.tree = _Tree(self)
        column.addLayout(head)
        column.addWidget(self.formula)
        column.addWidget(self.tree, 1)
        self.tree.chosen.connect(self._follow)
        self.tree.left.connect(self.close_pane)
        self.tree.returned.connect(self.go_back)
        self.retranslate()
        self.hide()

    @property
    def figure(self) -> Figure | None:
        """The figure explained."""
        return self._figure

    def retranslate(self) -> None:
        """Set every text; the terms come from the server in the window's language."""
        self.back.setToolTip(tr("回到前一个数"))
        self.close_button.setToolTip(tr("关闭（Esc）"))
        self.tree.setHeaderLabels([tr("组成"), tr("金额")])
        head = self.tree.headerItem()
        if head is not None:
            head.setTextAlignment(AMOUNT, int(RIGHT))
        self.tree.setAccessibleName(tr("数据来源"))
        self._show()

    def ask(self, figure: Figure, span: SpanQuery, *, going_back: bool = False) -> None:
        """Ask what a figure is made of; the one shown now can be gone back to."""
        now = self.figure
        query = _query(figure, span)

        def arrived(explanation: CellExplanation) -> None:
            if now is not None and now != figure and not going_back and not self.isHidden():
                self._before.append(now)
            self._span, self._figure, self._explanation = span, figure, explanation
            self._show()
            self.show()
            self.tree.setFocus(Qt.FocusReason.OtherFocusReason)

        Query(lambda api: api.explain_cell(figure.statement, query)).slot("explain").on_done(arrived).run(self)

    def renew(self, span: SpanQuery) -> None:
        """Ask again for the figure shown, over other months or after a change."""
        figure = self.figure
        if figure is not None and not self.isHidden():
            query = _query(figure, span)
            self._span = span
            Query(lambda api: api.explain_cell(figure.statement, query)).slot("explain").on_done(
                self._renewed
            ).on_error(
                lambda _error: self.close_pane()  # the column or the line is not there any more
            ).run(self)

    def close_pane(self) -> None:
        """Hide; the keyboard goes back to the statement."""
        self._before.clear()
        self._explanation = self._figure = None
        self.hide()
        self.closed.emit()

    def go_back(self) -> None:
        """Go back to the figure before."""
        if self._before:
            figure = self._before.pop()
            self._figure = None  # what is left is not to be gone back to
            self.wanted.emit(figure)

    def _renewed(self, explanation: CellExplanation) -> None:
        self._explanation = explanation
        self._show()

    # --- showing -----------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        made = self._explanation
        self.tree.clear()
        self.back.setEnabled(bool(self._before))
        if made is None:
            return
        name = made.row_en if is_english() and made.row_en else made.row_zh
        amount = amount_text(made.amount, blank_zero=False)
        self.heading.setText(tr("第 {line} 行 {name}：{amount}", line=made.line, name=name.strip(), amount=amount))
        self.formula.setText(made.formula or tr("没有公式"))
        for term in made.terms:
            self._add_term(term)
        self.tree.expandAll()
        self.tree.fit_columns()
        first = self.tree.topLevelItem(0)
        if first is not None:
            self.tree.setCurrentItem(first)

    def _add_term(self, term: FormulaTerm) -> None:
        sign = "−" if term.sign < 0 else "+"
        note = f"　{term.note}" if term.note else ""
        item = _item(f"{sign} {term.text}{note}", term.amount, term, strong=True)
        self.tree.addTopLevelItem(item)
        for account in term.accounts:
            text = f"{account.account_code} {account.account_name}"
            item.addChild(_item(f"{text}　{account.aux}" if account.aux else text, account.amount, account))
        if term.more_accounts:
            rest = tr("另有 {count} 个科目或往来单位", count=f"{term.more_accounts:,}")
            item.addChild(_item(rest, term.more_amount, None))
        if term.cash_flow_line is not None:
            self._ask_entries(item, term.cash_flow_line, "")

    def _ask_entries(self, item: QTreeWidgetItem, line: int, cursor: str) -> None:
        made = self._explanation
        if made is None:
            return
        query = CashFlowQuery(
            from_period=made.from_period,
            to_period=made.to_period,
            include_unposted=self._span.include_unposted,
            line=line,
            cursor=cursor,
        )

        def arrived(page: CashFlowEntryPage) -> None:
            if self._explanation is made:  # another figure may be shown meanwhile
                self._add_entries(item, line, page, first=not cursor)

        Query(lambda api: api.list_cash_flow_entries(query)).slot(f"entries-{line}").on_done(arrived).run(self)

    def _add_entries(self, item: QTreeWidgetItem, line: int, page: CashFlowEntryPage, *, first: bool) -> None:
        if first and not is_zero(page.opening_amount):
            item.addChild(_item(tr("启用前各月"), page.opening_amount, None))
        for entry in page.entries:
            text = f"{entry.date} {entry.voucher}　{entry.summary}　{entry.account_code} {entry.account_name}"
            item.addChild(_item(text, entry.amount, entry))
        if page.next:
            item.addChild(_item(tr("更多…"), "", More(line, page.next)))
        self.tree.fit_columns()

    # --- going on ----------------------------------------------------------------------------------------------------

    def _follow(self, item: QTreeWidgetItem) -> None:
        what, made = item.data(NAME, WHAT), self._explanation
        if made is None:
            return
        if isinstance(what, TermAccount):
            self.went.emit(self._entries_of(what))
        elif isinstance(what, CashFlowEntry):
            self.went.emit(OpenVoucher(what.voucher_id))
        elif isinstance(what, FormulaTerm) and what.line is not None:
            self.wanted.emit(Figure(what.statement or made.name, what.line, what.column or made.column))
        elif isinstance(what, More):
            parent = item.parent()
            if parent is not None:
                parent.removeChild(item)
                self._ask_entries(parent, what.line, what.cursor)
        else:
            item.setExpanded(not item.isExpanded())

    def _entries_of(self, account: TermAccount) -> Target:
        return OpenEntries(
            account_code=account.account_code,
            from_period=account.from_period,
            to_period=account.to_period,
            aux=account.aux,
            include_unposted=self._span.include_unposted,
        )


def _query(figure: Figure, span: SpanQuery) -> CellQuery:
    return CellQuery(
        from_period=span.from_period,
        to_period=span.to_period,
        include_unposted=span.include_unposted,
        compare=span.compare,
        line=figure.line,
        column=figure.column,
        code=figure.code,
    )


class _Tree(QTreeWidget):
    """Enter or a double click goes on, Backspace back, Esc leaves."""

    chosen = pyqtSignal(object)
    left = pyqtSignal()
    returned = pyqtSignal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAlternatingRowColors(True)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setExpandsOnDoubleClick(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers))
        header = self.header()
        if header is not None:
            header.setStretchLastSection(False)
            header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.itemDoubleClicked.connect(lambda item, _column: self.chosen.emit(item))

    def fit_columns(self) -> None:
        """Give amounts what they need, and the names what is left."""
        self.resizeColumnToContents(AMOUNT)
        viewport = self.viewport()
        width = (viewport.width() if viewport is not None else 0) - self.columnWidth(AMOUNT)
        self.setColumnWidth(NAME, max(width, self.fontMetrics().height() * 8))

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Share another width."""
        super().resizeEvent(event)
        self.fit_columns()

    def changeEvent(self, event: QEvent | None) -> None:
        """Follow the font."""
        super().changeEvent(event)
        if event is not None and event.type() in {QEvent.Type.FontChange, QEvent.Type.StyleChange}:
            self.fit_columns()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Go on, back, or away."""
        item = self.currentItem()
        if event is not None and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and item is not None:
            self.chosen.emit(item)
        elif event is not None and event.key() == Qt.Key.Key_Backspace:
            self.returned.emit()
        elif event is not None and event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


def _item(text: str, amount: str, what: object, *, strong: bool = False) -> QTreeWidgetItem:
    item = QTreeWidgetItem([text, amount_text(amount, blank_zero=False) if amount else ""])
    item.setData(NAME, WHAT, what)
    item.setToolTip(NAME, text)
    item.setTextAlignment(AMOUNT, int(RIGHT))
    if is_negative(amount):
        item.setForeground(AMOUNT, negative_colour())
    if strong:
        for column in (NAME, AMOUNT):
            font = QFont(item.font(column))
            font.setBold(True)
            item.setFont(column, font)
    return item


def _tool(picture: str, parent: QWidget, action: Callable[[], None]) -> QToolButton:
    button = QToolButton(parent)
    if picture:
        button.setIcon(icon(picture))
    button.setAutoRaise(True)
    button.clicked.connect(lambda _checked: action())
    return button


def _wrapped(parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse))
    return label
