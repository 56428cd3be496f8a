"""入账规则: to which account documents post for each purpose, and how the book keeps stock."""

from __future__ import annotations

from typing import Any

from PyQt5.QtCore import QModelIndex, Qt
from PyQt5.QtGui import QFont
from PyQt5.QtWidgets import QCheckBox, QLabel, QPushButton, QWidget

from app.client.api import ApiClient
from app.contract.contacts import ContactGroup
from app.contract.inventory import ItemCategory
from app.contract.stock import PostingRule, PostingRuleInput, StockSettings, StockSettingsInput
from app.kernel.errors import PermissionDenied
from app.ui.language import tr
from app.ui.ledger.account_index import AccountIndex
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.ledger.words import is_english
from app.ui.page import Page, PageContext
from app.ui.stock.posting_rule_dialog import PostingRuleDialog, RuleChoices
from app.ui.tasks import Change, Command, Query, Topic
from app.ui.widgets.paged_table import Column, Kind, PagedTable, PagedTableModel
from app.ui.widgets.question import ask
from app.ui.widgets.stale import change_known

RULE_EDIT, SETTINGS_EDIT = "inventory:rule:edit", "inventory:settings:edit"


class PostingRulesPage(Page):
    """A table of purposes, the general rule of each first; below it two switches of the book."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._choices = RuleChoices(AccountIndex(), (), ())
        self._settings: StockSettings | None = None
        self.hint = QLabel(self)
        self.hint.setObjectName("muted")
        self.hint.setWordWrap(True)
        self.change, self.narrow, self.remove = QPushButton(self), QPushButton(self), QPushButton(self)
        self.change.setProperty("primary", True)
        self.model = PostingRuleModel(self)
        self.table = PagedTable(self.model, self)
        self.settings_title = QLabel(self)
        self.allow_negative, self.post_vouchers = QCheckBox(self), QCheckBox(self)
        bar = FlowLayout()
        for button in (self.change, self.narrow, self.remove):
            button.setVisible(context.may(RULE_EDIT))
            bar.addWidget(button)
        self.body.addLayout(bar)
        self.body.addWidget(self.hint)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.settings_title)
        for check in (self.post_vouchers, self.allow_negative):
            check.setEnabled(False)
            self.body.addWidget(check)
        self._connect()
        self.retranslate()

    def _connect(self) -> None:
        self.table.opened.connect(self._change)
        self.change.clicked.connect(lambda _checked: self._change(self.table.current_row()))
        self.narrow.clicked.connect(lambda _checked: self._narrow(self.table.current_row()))
        self.remove.clicked.connect(lambda _checked: self._remove(self.table.current_row()))
        self.allow_negative.clicked.connect(lambda on: self._switch(StockSettingsInput(allow_negative=on)))
        self.post_vouchers.clicked.connect(lambda on: self._switch(StockSettingsInput(post_vouchers=on)))
        self.model.loaded.connect(self._show_steps)
        selection = self.table.selectionModel()
        if selection is not None:
            selection.currentRowChanged.connect(lambda *_where: self._show_steps())

    # --- the page ----------------------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return tr("入账规则")

    def first_focus(self) -> QWidget | None:
        """The keyboard starts in the table."""
        return self.table

    def activate(self) -> None:
        """Ask for rules, settings and what rules can be narrowed by."""
        self._ask()

    def refresh(self, change: Change) -> None:
        """Ask again when something of it changed."""
        if change.touches(Topic.ACCOUNTS, Topic.ITEMS, Topic.CONTACTS, Topic.STOCK, Topic.BOOK):
            self._ask()

    def retranslate(self) -> None:
        """Set every text."""
        self.hint.setText(
            tr(
                "单据完成时按这张表生成凭证：先找商品类别和往来分组都相符的规则，再找其中一项相符的，最后用通用的一条。"
                "没有改过的科目由程序按科目表提出。"
            )
        )
        self.change.setText(tr("更改科目…"))
        self.narrow.setText(tr("增加细分规则…"))
        self.narrow.setToolTip(tr("为一类商品或一组往来单位另设科目"))
        self.remove.setText(tr("取消细分"))
        self.settings_title.setText(tr("存货设置"))
        font = QFont(self.font())
        font.setBold(True)
        self.settings_title.setFont(font)
        self.post_vouchers.setText(tr("单据生成的凭证立即审核、记账"))
        self.allow_negative.setText(tr("允许库存暂时为负"))
        self.post_vouchers.setToolTip(tr("不勾选，或凭证要由别人审核时，生成的凭证留作草稿。"))
        self.allow_negative.setToolTip(tr("不勾选则库存不足时不能出库；勾选则先按最近的成本出库，入库后补足差额。"))
        self.table.setAccessibleName(self.title())
        self._show_steps()

    # --- what is shown -----------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        Query(lambda api: api.list_posting_rules().rules).slot("rules").on_done(self.model.show_rows).run(self)
        Query(lambda api: api.stock_settings()).slot("settings").on_done(self._show_settings).run(self)
        Query(read_choices).slot("choices").on_done(self._know_choices).run(self)

    def _know_choices(self, choices: RuleChoices) -> None:
        self._choices = choices
        self.model.know_accounts(choices.accounts)

    def _show_settings(self, settings: StockSettings) -> None:
        self._settings = settings
        self.allow_negative.setChecked(settings.allow_negative)
        self.post_vouchers.setChecked(settings.post_vouchers)
        for check in (self.allow_negative, self.post_vouchers):
            check.setEnabled(self.context.may(SETTINGS_EDIT))

    def _show_steps(self) -> None:
        if self.model.rowCount() and not self.table.currentIndex().isValid():
            self.table.setCurrentIndex(self.model.index(0, 0))
        rule = self.table.current_row()
        known = isinstance(rule, PostingRule)
        self.change.setEnabled(known)
        self.narrow.setEnabled(known and (rule.by_category or rule.by_group))
        self.remove.setEnabled(known and is_narrowed(rule))

    # --- what happens ------------------------------------------------------------------------------------------------

    def _change(self, rule: PostingRule | None) -> None:
        if rule is not None and self.context.may(RULE_EDIT):
            self._show_dialog(PostingRuleDialog(self, self._choices, rule, narrowing=False))

    def _narrow(self, rule: PostingRule | None) -> None:
        if rule is not None and self.context.may(RULE_EDIT):
            self._show_dialog(PostingRuleDialog(self, self._choices, rule, narrowing=True))

    def _show_dialog(self, dialog: PostingRuleDialog) -> None:
        dialog.saved.connect(self._saved)
        dialog.open()

    def _saved(self, rule: PostingRule) -> None:
        self.show_info(tr("“{purpose}”现在记到 {code} {name}。", purpose=rule.purpose_name, **_account(rule)))
        self._ask()

    def _remove(self, rule: PostingRule | None) -> None:
        if rule is None or not is_narrowed(rule):
            return
        wish = PostingRuleInput(
            purpose=rule.purpose,
            category_id=rule.category_id,
            contact_group_id=rule.contact_group_id,
            account_code="",
            version=rule.version,
        )
        ask(
            self,
            tr("取消细分"),
            tr(
                "取消“{purpose}”在 {narrowing} 的规则？以后按通用的规则记账。",
                purpose=rule.purpose_name,
                narrowing=narrowing(rule),
            ),
            tr("取消细分"),
            lambda: (
                Command(lambda api: api.set_posting_rule(wish), Topic.STOCK)
                .on_done(lambda _rule: self._ask())
                .run(self)
            ),
        )

    def _switch(self, change: StockSettingsInput) -> None:
        settings = self._settings
        if settings is None:
            return
        self._show_settings(settings)  # as it is until the server has taken it

        def done(now: StockSettings) -> None:
            self._show_settings(now)
            self.show_info(tr("存货设置已保存。"))

        change_known(
            self,
            settings,
            change,
            lambda api, wish: api.change_stock_settings(wish),
            Topic.STOCK,
            what=self.settings_title.text(),
            texts=self._settings_texts,
            take=self._show_settings,
            done=done,
        )

    def _settings_texts(self, settings: StockSettings) -> dict[str, str]:
        yes, no = tr("是"), tr("否")
        return {
            self.allow_negative.text(): yes if settings.allow_negative else no,
            self.post_vouchers.text(): yes if settings.post_vouchers else no,
        }


def read_choices(api: ApiClient) -> RuleChoices:
    """Ask for what rules are made of; who may not see items or contacts goes without them."""
    categories: list[ItemCategory] = []
    groups: list[ContactGroup] = []
    accounts = AccountIndex(api.list_accounts().accounts)
    try:
        categories = api.list_item_categories().categories
        groups = api.list_contact_groups().groups
    except PermissionDenied:
        pass
    return RuleChoices(accounts, categories, groups)


def is_narrowed(rule: PostingRule) -> bool:
    """Tell whether a rule holds for some items or contacts only."""
    return rule.category_id is not None or rule.contact_group_id is not None


def narrowing(rule: PostingRule) -> str:
    """Say for what a rule holds."""
    return " · ".join(part for part in (rule.category, rule.contact_group) if part)


def _account(rule: PostingRule) -> dict[str, str]:
    return {"code": rule.account_code, "name": rule.account_name}


class PostingRuleModel(PagedTableModel[PostingRule]):
    """Rules; those for some items or contacts stand below their general one, the ones nobody changed are quiet."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(
            (
                Column(lambda: tr("用途"), purpose_text, width_chars=20),
                Column(lambda: tr("商品类别"), lambda rule: rule.category or _any(rule.by_category), width_chars=10),
                Column(lambda: tr("往来分组"), lambda rule: rule.contact_group or _any(rule.by_group), width_chars=10),
                Column(lambda: tr("科目"), self._account_text, width_chars=28),
                Column(lambda: tr("什么单据怎样记"), lambda rule: rule.used_by, width_chars=24, stretch=True),
                Column(lambda: tr("来源"), origin_text, Kind.CENTRE, 8),
            ),
            parent,
        )
        self._accounts = AccountIndex()

    def know_accounts(self, accounts: AccountIndex) -> None:
        """Show accounts with their whole names, in the window's language."""
        self._accounts = accounts
        if self.rowCount():
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, self.columnCount() - 1))

    def _account_text(self, rule: PostingRule) -> str:
        if not rule.account_code:
            return tr("（还没有科目，请选择）")
        name = self._accounts.full_name(rule.account_code, english=is_english())
        return f"{rule.account_code} {name or rule.account_name}"

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Write what the user set bold."""
        if role == Qt.ItemDataRole.FontRole and index.isValid() and index.column() == 3:
            font = QFont()
            font.setBold(self.row(index.row()).id is not None)
            return font
        return super().data(index, role)


def purpose_text(rule: PostingRule) -> str:
    """Return the purpose's name; a narrowed rule is indented below its general one."""
    return f"　└ {rule.purpose_name}" if is_narrowed(rule) else rule.purpose_name


def origin_text(rule: PostingRule) -> str:
    """Say whether the program proposed it."""
    return tr("已设定") if rule.id is not None else tr("程序提出")


def _any(may_be_narrowed: bool) -> str:  # a flag of the row
    return tr("全部") if may_be_narrowed else ""
