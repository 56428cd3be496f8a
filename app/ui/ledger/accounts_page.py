"""会计科目: the chart of accounts as a tree, searched, added to, renamed, switched off."""

from __future__ import annotations

from collections.abc import Iterator

from PyQt5.QtCore import QModelIndex, Qt, QTimer
from PyQt5.QtGui import QStandardItem, QStandardItemModel
from PyQt5.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTabBar,
    QTreeView,
    QWidget,
)

from app.client.api import ApiClient
from app.contract.ledger import Account, AccountChange, AuxiliaryKind, AuxiliaryQuery, Currency
from app.kernel.period import format_period, period_of
from app.ui.language import tr
from app.ui.ledger.account_dialog import COMPANY_CATEGORIES, HOUSEHOLD_CATEGORIES, AccountDialog, NewAccountDialog
from app.ui.ledger.account_index import AccountIndex, account_name
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.ledger.words import category_name, is_english, side_name
from app.ui.navigation import OpenAccount, OpenEntries, Target
from app.ui.page import Page, PageContext
from app.ui.tasks import Change, Query, Topic
from app.ui.widgets.shortcuts import add_shortcuts
from app.ui.widgets.stale import change_known

TYPING_PAUSE_MS = 150
CODE_ROLE = int(Qt.ItemDataRole.UserRole)
COLUMN_COUNT = 8


class AccountsPage(Page):
    """All accounts of the book."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        household = context.book.chart == "household"
        self._household = household
        self._categories = HOUSEHOLD_CATEGORIES if household else COMPANY_CATEGORIES
        self._index = AccountIndex()
        self._kinds: list[AuxiliaryKind] = []
        self._currencies: list[Currency] = []
        self.tabs = QTabBar(self)
        self.tabs.setDrawBase(False)
        self.search = QLineEdit(self)
        self.search.setClearButtonEnabled(True)
        self.inactive = QCheckBox(self)
        self.inactive.setChecked(True)
        self.model = QStandardItemModel(0, COLUMN_COUNT, self)
        self.tree = QTreeView(self)
        self.add_child = QPushButton(self)
        self.add_sibling = QPushButton(self)
        self.edit = QPushButton(self)
        self.switch = QPushButton(self)
        self.entries = QPushButton(self)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(TYPING_PAUSE_MS)
        self._lay_out()
        self._connect()
        self.retranslate()

    def _lay_out(self) -> None:
        for category in ("", *self._categories):
            self.tabs.addTab(category)
        self.tabs.setUsesScrollButtons(True)
        self.tabs.setExpanding(False)
        bar = FlowLayout()
        self.search.setMinimumWidth(self.fontMetrics().averageCharWidth() * 34)
        for button in (self.add_child, self.add_sibling, self.edit, self.switch, self.entries):
            bar.addWidget(button)
        bar.add_gap()
        bar.addWidget(self.inactive)
        bar.addWidget(self.search)
        self.tree.setModel(self.model)
        self.tree.setUniformRowHeights(True)
        self.tree.setAlternatingRowColors(True)
        self.tree.setAllColumnsShowFocus(True)
        self.tree.setExpandsOnDoubleClick(False)
        self.tree.setEditTriggers(QAbstractItemView.EditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers))
        self.body.addLayout(bar)
        self.body.addWidget(self.tabs)
        self.body.addWidget(self.tree, 1)
        may = self.context.may
        self.add_child.setVisible(may("ledger:account:add"))
        self.add_sibling.setVisible(may("ledger:account:add"))
        self.edit.setVisible(may("ledger:account:edit"))
        self.switch.setVisible(may("ledger:account:edit"))
        self._fit()

    def _fit(self) -> None:
        header = self.tree.header()
        if header is None:
            return
        header.setStretchLastSection(False)
        header.setHighlightSections(False)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        figure, em = self.fontMetrics().horizontalAdvance("0"), self.fontMetrics().height()
        for column, width in (
            (0, figure * 10 + em * 4),
            (2, em * 7),
            (3, em * 4),
            (4, em * 9),
            (5, em * 4),
            (6, em * 5),
        ):
            header.resizeSection(column, width)
        header.resizeSection(7, em * 5)

    def _connect(self) -> None:
        self.tabs.currentChanged.connect(lambda _place: self.show_accounts())
        self.inactive.toggled.connect(lambda _on: self.show_accounts())
        self.search.textEdited.connect(lambda _text: self._pause.start())
        self.search.returnPressed.connect(self.tree.setFocus)
        self._pause.timeout.connect(self.show_accounts)
        self.add_child.clicked.connect(lambda _checked: self._add(below=True))
        self.add_sibling.clicked.connect(lambda _checked: self._add(below=False))
        self.edit.clicked.connect(lambda _checked: self._change())
        self.switch.clicked.connect(lambda _checked: self._switch())
        self.entries.clicked.connect(lambda _checked: self._open_entries())
        self.tree.doubleClicked.connect(lambda _index: self._change())
        selection = self.tree.selectionModel()
        if selection is not None:
            selection.currentChanged.connect(lambda *_indexes: self._show_steps())
        add_shortcuts(
            self,
            ("Ctrl+F", self.search.setFocus),
            ("F2", self._change),
            ("Ctrl+N", lambda: self._add(below=False)),
            ("Ctrl+Shift+N", lambda: self._add(below=True)),
        )

    # --- the page ----------------------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return tr("会计科目表")

    def first_focus(self) -> QWidget | None:
        """The keyboard starts in the tree."""
        return self.tree

    def activate(self) -> None:
        """Ask once; later `refresh` tells of changes."""
        if not len(self._index):
            self.ask()

    def refresh(self, change: Change) -> None:
        """Ask again when the chart changed."""
        if change.touches(Topic.ACCOUNTS, Topic.AUXILIARIES, Topic.BOOK):
            self.ask()

    def open(self, target: Target) -> None:
        """Go to an account."""
        if isinstance(target, OpenAccount):
            self.tabs.setCurrentIndex(0)
            self.search.clear()
            self.inactive.setChecked(True)
            self.show_accounts(target.account_code)
            self.tree.setFocus()

    def retranslate(self) -> None:
        """Set every text."""
        self.tabs.setTabText(0, tr("全部"))
        for place, category in enumerate(self._categories, 1):
            self.tabs.setTabText(place, category_name(category))
        self.search.setPlaceholderText(tr("编码、名称或拼音首字母"))
        self.inactive.setText(tr("含停用"))
        self.add_child.setText(tr("新增下级"))
        self.add_sibling.setText(tr("新增同级"))
        self.edit.setText(tr("修改"))
        self.entries.setText(tr("明细账"))
        self.tree.setAccessibleName(self.title())
        self.model.setHorizontalHeaderLabels(
            [tr("编码"), tr("名称"), tr("类别"), tr("方向"), tr("辅助核算"), tr("币种"), tr("数量单位"), tr("状态")]
        )
        self.show_accounts()

    # --- the chart ---------------------------------------------------------------------------------------------------

    def ask(self) -> None:
        """Ask for the chart, the dimensions and the currencies."""

        def work(api: ApiClient) -> tuple[AccountIndex, list[AuxiliaryKind], list[Currency]]:
            index = AccountIndex(api.list_accounts().accounts)
            return index, api.list_auxiliaries(AuxiliaryQuery(limit=1)).kinds, api.list_currencies().currencies

        Query(work).slot("chart").on_done(self._known).run(self)

    def _known(self, facts: tuple[AccountIndex, list[AuxiliaryKind], list[Currency]]) -> None:
        self._index, self._kinds, self._currencies = facts
        self.show_accounts()

    def show_accounts(self, code: str = "") -> None:
        """Show what the tab and the search leave, with the accounts above; keep what was unfolded and where one was."""
        current = code or self._current_code()
        open_codes = {index.data(CODE_ROLE) for index in self._walk() if self.tree.isExpanded(index)}
        words = self.search.text().strip()
        shown = self._shown_codes(words)
        self.model.removeRows(0, self.model.rowCount())
        root = self.model.invisibleRootItem()
        if root is not None:
            for account in self._index.children(None):
                self._add_row(root, account, shown)
        for index in list(self._walk()):
            if words or index.data(CODE_ROLE) in open_codes:
                self.tree.expand(index)
        self._go_to(current)
        self._show_steps()

    def _shown_codes(self, words: str) -> set[str]:
        tab = self.tabs.currentIndex()
        category = self._categories[tab - 1] if tab > 0 else ""
        found = self._index.search(
            words, limit=len(self._index) or 1, active=not self.inactive.isChecked(), english=is_english()
        )
        codes: set[str] = set()
        for account in found:
            if not category or account.category == category:
                codes.add(account.code)
                codes.update(above.code for above in self._index.ancestors(account.code))
        return codes

    def _add_row(self, parent: QStandardItem, account: Account, shown: set[str]) -> None:
        if account.code not in shown:
            return
        items = [QStandardItem(text) for text in self._texts(account)]
        items[0].setData(account.code, CODE_ROLE)
        for item in items:
            item.setEditable(False)
            item.setEnabled(True)
            if not account.active:
                item.setForeground(self.palette().color(self.palette().Dark))
        parent.appendRow(items)
        for child in self._index.children(account.code):
            self._add_row(items[0], child, shown)

    def _texts(self, account: Account) -> list[str]:
        english = is_english()
        kinds = {kind.name: kind.name_en for kind in self._kinds}
        uses = [
            ((kinds.get(use.kind) or use.kind) if english else use.kind) + ("" if use.demanded else tr("（可填）"))
            for use in account.auxiliaries
        ]
        return [
            account.code,
            account_name(account, english=english),
            category_name(account.category),
            side_name(account.normal_side == "debit"),
            " ".join(uses),
            account.currency or "",
            (account.unit or "✓") if account.has_quantity else "",
            tr("在用") if account.active else tr("不再使用"),
        ]

    def _walk(self, parent: QModelIndex | None = None) -> Iterator[QModelIndex]:
        above = parent or QModelIndex()
        for row in range(self.model.rowCount(above)):
            index = self.model.index(row, 0, above)
            yield index
            yield from self._walk(index)

    def _go_to(self, code: str) -> None:
        fallback = self.model.index(0, 0)
        found = next((index for index in self._walk() if index.data(CODE_ROLE) == code), fallback)
        if found.isValid():
            self.tree.setCurrentIndex(found)
            self.tree.scrollTo(found)

    def _current_code(self) -> str:
        index = self.tree.currentIndex()
        return str(index.sibling(index.row(), 0).data(CODE_ROLE) or "") if index.isValid() else ""

    def current(self) -> Account | None:
        """Return the account with the cursor."""
        return self._index.get(self._current_code())

    def _show_steps(self) -> None:
        account = self.current()
        for button in (self.add_child, self.edit, self.switch, self.entries):
            button.setEnabled(account is not None)
        self.switch.setText(tr("启用") if account is not None and not account.active else tr("停用"))

    # --- changes -----------------------------------------------------------------------------------------------------

    def _add(self, *, below: bool) -> None:
        account = self.current()
        above = account if below else (self._index.get(account.parent_code or "") if account else None)
        dialog = NewAccountDialog(
            self,
            above,
            next_code(self._index, above),
            self._kinds,
            self._currencies,
            household=self._household,
        )
        dialog.done_with.connect(self._added)
        dialog.open()

    def _added(self, account: Account) -> None:
        self.show_accounts(account.code)
        self.show_info(tr("已新增科目 {code} {name}。", code=account.code, name=account.name_zh))

    def _change(self) -> None:
        account = self.current()
        if account is not None and self.context.may("ledger:account:edit"):
            dialog = AccountDialog(self, account, self._kinds)
            dialog.open()

    def _switch(self) -> None:
        account = self.current()
        if account is None:
            return

        def done(changed: Account) -> None:
            text = (
                tr("科目 {code} 已启用。", code=changed.code)
                if changed.active
                else tr("科目 {code} 已停用，不能再记新凭证。", code=changed.code)
            )
            self.show_info(text)

        change_known(
            self,
            account,
            AccountChange(active=not account.active),
            lambda api, change: api.change_account(account.id, change),
            Topic.ACCOUNTS,
            what=account_name(account, english=is_english()),
            texts=_texts,
            take=lambda _theirs: self.ask(),
            done=done,
        )

    def _open_entries(self) -> None:
        account = self.current()
        if account is not None:
            today = self.context.today()
            month = max(format_period(period_of(today)), self.context.book.start)
            start = max(f"{month[:4]}-01", self.context.book.start)
            self.context.open_target(OpenEntries(account.code, start, month, include_unposted=True))


def _texts(account: Account) -> dict[str, str]:
    return {
        tr("名称"): account_name(account, english=is_english()),
        tr("状态"): tr("在用") if account.active else tr("停用"),
    }


def next_code(index: AccountIndex, above: Account | None) -> str:
    """Suggest the code after the last one among an account's children; nothing at the first level."""
    if above is None:
        return ""
    children = [child.code for child in index.children(above.code)]
    if not children:
        return f"{above.code}01"
    last = max(children, key=lambda code: (len(code), code))
    tail = last[len(above.code) :] if last.startswith(above.code) else ""
    if tail.isascii() and tail.isdigit():
        return f"{above.code}{int(tail) + 1:0{len(tail)}d}"
    return ""
