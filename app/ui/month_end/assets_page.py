"""固定资产: the cards of what the business uses for years, what they are charged, and whether the ledger agrees."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import Qt, QTimer
from PyQt5.QtGui import QKeySequence
from PyQt5.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QPushButton, QStackedWidget, QWidget

from app.client.api import ApiClient
from app.contract.assets import AgreementQuery, Asset, AssetAgreement, AssetHead, AssetPage, AssetQuery
from app.contract.ledger import AccountList
from app.contract.reports import ReportQuery
from app.kernel.period import period_of
from app.ui.icons import icon
from app.ui.language import tr
from app.ui.ledger.account_index import AccountIndex
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.ledger.report_export import ExportButton
from app.ui.month_end.asset_dialog import AssetDialog
from app.ui.month_end.asset_words import KINDS, kind_name, state_name
from app.ui.month_end.disposal_dialog import DisposalDialog
from app.ui.navigation import OpenVoucher
from app.ui.page import Page, PageContext
from app.ui.tasks import Change, Command, Query, Topic
from app.ui.widgets.amounts import amount_text
from app.ui.widgets.empty_state import EmptyState
from app.ui.widgets.limits import limit_to
from app.ui.widgets.paged_table import Column, FetchedPage, Kind, PagedTable, PagedTableModel
from app.ui.widgets.period_picker import PeriodPicker
from app.ui.widgets.question import ask
from app.ui.widgets.shortcuts import add_shortcuts

STATES = ("kept", "in_use", "charged_in_full", "disposed", "")
_TYPING_MS = 200


class AssetsPage(Page):
    """Cards, filtered and searched; Enter opens one, the line below says whether cards and ledger agree."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._accounts = AccountIndex()
        self._page: AssetPage | None = None
        self._agreement: AssetAgreement | None = None
        self.kind, self.state = QComboBox(self), QComboBox(self)
        self.kind.addItems([""] * (len(KINDS) + 1))
        self.state.addItems([""] * len(STATES))
        self.search = QLineEdit(self)
        self.search.setClearButtonEnabled(True)
        self.search.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        limit_to(self.search, AssetQuery, "q")
        self.month = PeriodPicker(period_of(context.today()), self)
        self.month_label = QLabel(self)
        self.add_button, self.open_button = QPushButton(self), QPushButton(self)
        self.add_button.setProperty("primary", True)
        self.dispose_button, self.delete_button = QPushButton(self), QPushButton(self)
        self.register = _NamedExport("asset-register", lambda: tr("台账"), self)
        self.depreciation = _NamedExport("depreciation", lambda: tr("折旧计算表"), self)
        self.model: PagedTableModel[AssetHead] = PagedTableModel(_columns(), self)
        self.table = PagedTable(self.model, self)
        self.empty = EmptyState("assets", self, action=self._add if context.may("ledger:asset:add") else None)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.table)
        self.stack.addWidget(self.empty)
        self.totals, self.agreement = QLabel(self), QLabel(self)
        self.agreement.setTextFormat(Qt.TextFormat.PlainText)
        self.agreement.setWordWrap(True)
        self.agreement.setObjectName("muted")
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_TYPING_MS)
        self._build()
        self._connect()
        self.retranslate()

    def _build(self) -> None:
        filters, actions = FlowLayout(), FlowLayout()
        for widget in (self.kind, self.state, self.search):
            filters.addWidget(widget)
        self.search.setMinimumWidth(self.fontMetrics().averageCharWidth() * 34)
        rights = {
            self.add_button: "ledger:asset:add",
            self.open_button: "ledger:asset:view",
            self.dispose_button: "ledger:asset:dispose",
            self.delete_button: "ledger:asset:edit",
            self.register: "reports:asset-register:view",
            self.depreciation: "reports:depreciation:view",
        }
        for button, right in rights.items():
            button.setVisible(self.context.may(right))
            actions.addWidget(button)
        until = QWidget(self)
        row = QHBoxLayout(until)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.month_label)
        row.addWidget(self.month)
        actions.addWidget(until)
        self.body.addLayout(actions)
        self.body.addLayout(filters)
        self.body.addWidget(self.stack, 1)
        self.body.addWidget(self.totals)
        self.body.addWidget(self.agreement)

    def _connect(self) -> None:
        self.kind.currentIndexChanged.connect(lambda _index: self._reload())
        self.state.currentIndexChanged.connect(lambda _index: self._reload())
        self.search.textChanged.connect(lambda _text: self._pause.start())
        self._pause.timeout.connect(self._reload)
        self.month.changed.connect(lambda _period: self._ask_agreement())
        self.add_button.clicked.connect(lambda _checked: self._add())
        self.open_button.clicked.connect(lambda _checked: self._open(self.table.current_row()))
        self.dispose_button.clicked.connect(lambda _checked: self._dispose())
        self.delete_button.clicked.connect(lambda _checked: self._delete())
        self.table.opened.connect(self._open)
        self.model.loaded.connect(self._show_state)
        self.model.failed.connect(self.show_error)
        selection = self.table.selectionModel()
        if selection is not None:
            selection.currentRowChanged.connect(lambda *_where: self._show_steps())
        add_shortcuts(
            self,
            (QKeySequence(QKeySequence.StandardKey.New), self._add),
            (QKeySequence(Qt.Key.Key_Delete), self._delete),
            (QKeySequence(QKeySequence.StandardKey.Find), self.search.setFocus),
        )

    # --- as a page ---------------------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return tr("固定资产")

    def first_focus(self) -> QWidget | None:
        """The keyboard starts in the list."""
        return self.table

    def activate(self) -> None:
        """Ask for the chart, the cards and whether the ledger agrees."""
        Query(lambda api: api.list_accounts()).slot("accounts").on_done(self._know_accounts).run(self)
        self._reload()
        self._ask_agreement()

    def refresh(self, change: Change) -> None:
        """Ask again when cards or vouchers changed."""
        if change.touches(Topic.ASSETS, Topic.VOUCHERS, Topic.PERIODS, Topic.BOOK):
            self.model.reload()
            self._ask_agreement()

    def retranslate(self) -> None:
        """Set every text."""
        self.kind.setItemText(0, tr("全部类别"))
        for place, kind in enumerate(KINDS):
            self.kind.setItemText(place + 1, kind_name(kind))
        states = (tr("未处置"), tr("在用"), tr("已提足"), tr("已处置"), tr("全部状态"))
        for place, text in enumerate(states):
            self.state.setItemText(place, text)
        self.search.setPlaceholderText(tr("按编号、名称、分类、地点查找"))
        self.add_button.setText(tr("新增"))
        self.add_button.setToolTip(tr("新增资产卡片（Ctrl+N）"))
        self.open_button.setText(tr("打开"))
        self.dispose_button.setText(tr("处置…"))
        self.delete_button.setText(tr("删除"))
        self.month_label.setText(tr("截至"))
        self.register.retranslate()
        self.depreciation.retranslate()
        self.table.setAccessibleName(self.title())
        self._show_state()
        self._show_agreement()

    # --- what is shown -----------------------------------------------------------------------------------------------

    def _know_accounts(self, listed: AccountList) -> None:
        self._accounts = AccountIndex(listed.accounts)

    def _reload(self) -> None:
        place = self.kind.currentIndex()
        wanted = AssetQuery(
            kind=KINDS[place - 1] if place > 0 else "",
            state=STATES[self.state.currentIndex()],
            q=self.search.text().strip(),
        )

        def fetch(api: ApiClient, cursor: str, limit: int) -> FetchedPage[AssetHead]:
            page = api.list_assets(wanted.model_copy(update={"cursor": cursor, "limit": limit}))
            self._page = page
            return FetchedPage(page.assets, page.next)

        self.model.load(fetch)

    def _ask_agreement(self) -> None:
        query = AgreementQuery(period=self.month.text)
        Query(lambda api: api.asset_agreement(query)).slot("agreement").on_done(self._know_agreement).run(self)

    def _know_agreement(self, found: AssetAgreement) -> None:
        self._agreement = found
        self._show_agreement()

    def _show_agreement(self) -> None:
        found = self._agreement
        if found is None or not found.rows:
            self.agreement.setText("")
        elif found.agrees:
            self.agreement.setText(tr("{period} 末卡片与总账相符。", period=found.period))
        else:
            lines = [
                tr(
                    "{code} {name}：总账 {ledger}，卡片 {cards}，相差 {difference}",
                    code=row.account_code,
                    name=row.account_name,
                    ledger=amount_text(row.ledger, blank_zero=False),
                    cards=amount_text(row.cards, blank_zero=False),
                    difference=amount_text(row.difference, blank_zero=False),
                )
                for row in found.rows
                if row.ledger != row.cards
            ]
            head = tr("{period} 末卡片与总账不符：", period=found.period)
            self.agreement.setText("\n".join([head, *lines]))

    def _show_state(self) -> None:
        page = self._page
        nothing = page is not None and page.count == 0
        self.stack.setCurrentWidget(self.empty if nothing else self.table)
        filtered = self.kind.currentIndex() > 0 or self.state.currentIndex() > 0 or bool(self.search.text().strip())
        self.empty.set_texts(
            tr("没有这样的卡片。") if filtered else tr("还没有资产卡片。登记后，每月的折旧和摊销由程序计算。"),
            tr("新增资产卡片"),
        )
        if page is None or nothing:
            self.totals.setText("")
        else:
            self.totals.setText(
                tr(
                    "共 {count} 张卡片　原值 {original}　累计 {accumulated}　账面价值 {carrying}",
                    count=page.count,
                    original=amount_text(page.original_value, blank_zero=False),
                    accumulated=amount_text(page.accumulated, blank_zero=False),
                    carrying=amount_text(page.carrying, blank_zero=False),
                )
            )
            if not self.table.currentIndex().isValid() and self.model.rowCount():
                self.table.setCurrentIndex(self.model.index(0, 0))
        self._show_steps()

    def _show_steps(self) -> None:
        card = self.current()
        self.open_button.setEnabled(card is not None)
        self.delete_button.setEnabled(card is not None and not card.last_charged and not card.disposed_on)
        self.dispose_button.setEnabled(card is not None)
        taken_back = card is not None and bool(card.disposed_on)
        self.dispose_button.setText(tr("撤销处置") if taken_back else tr("处置…"))

    def current(self) -> AssetHead | None:
        """Return the card with the cursor."""
        row = self.table.current_row()
        return row if isinstance(row, AssetHead) else None

    # --- what happens ------------------------------------------------------------------------------------------------

    def _add(self) -> None:
        if self.context.may("ledger:asset:add"):
            self._show_dialog(None)

    def _open(self, card: AssetHead | None) -> None:
        if card is not None:
            Query(lambda api: api.get_asset(card.id)).slot("card").on_done(self._show_dialog).run(self)

    def _show_dialog(self, asset: Asset | None) -> None:
        dialog = AssetDialog(self, self._accounts, self.context.today(), asset)
        if asset is not None and not self.context.may("ledger:asset:edit"):
            dialog.ok_button.hide()
        dialog.done_with.connect(
            lambda made: self.show_info(tr("已保存卡片 {code} {name}。", code=made.code, name=made.name))
        )
        dialog.open()

    def _saved(self, asset: Asset) -> None:
        self.show_info(tr("已保存卡片 {code} {name}。", code=asset.code, name=asset.name))

    def _dispose(self) -> None:
        card = self.current()
        if card is None or not self.context.may("ledger:asset:dispose"):
            return
        if card.disposed_on:
            ask(
                self,
                tr("撤销处置"),
                tr("撤销 {code} {name} 的处置？它会重新在用。", code=card.code, name=card.name),
                tr("撤销处置"),
                lambda: (
                    Command(lambda api: api.undo_asset_disposal(card.id, card.version), Topic.ASSETS)
                    .on_done(lambda _asset: self.show_info(tr("已撤销处置。")))
                    .run(self)
                ),
            )
            return
        may = self.context.may("ledger:voucher:add")
        dialog = DisposalDialog(self, self._accounts, self.context.today(), card, may_make_voucher=may)
        dialog.done_with.connect(self._disposed)
        dialog.open()

    def _disposed(self, asset: Asset) -> None:
        voucher_id = asset.disposal_voucher_id
        if voucher_id is None:
            self.show_info(tr("已处置 {code} {name}。", code=asset.code, name=asset.name))
            return
        self.message_bar.show_offer(
            lambda: tr("已处置 {code} {name}，凭证草稿已生成。", code=asset.code, name=asset.name),
            lambda: tr("打开凭证"),
            lambda: self.context.open_target(OpenVoucher(voucher_id)),
        )

    def _delete(self) -> None:
        card = self.current()
        if card is None or not self.delete_button.isEnabled() or not self.context.may("ledger:asset:edit"):
            return
        ask(
            self,
            tr("删除卡片"),
            tr("删除卡片 {code} {name}？", code=card.code, name=card.name),
            tr("删除"),
            lambda: (
                Command(lambda api: api.delete_asset(card.id, card.version), Topic.ASSETS)
                .on_done(lambda _nothing: self.show_info(tr("已删除卡片。")))
                .run(self)
            ),
        )


class _NamedExport(ExportButton):
    """Exports one of the reports of the cards, as they stand at the end of the page's month."""

    def __init__(self, report: str, name: Callable[[], str], page: AssetsPage) -> None:
        super().__init__(report, lambda: ReportQuery(from_period=page.month.text, to_period=page.month.text), page)
        self._name = name

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.setText(self._name())

    def file_name(self) -> str:
        """Return the name proposed for the file."""
        return self._name()


def _columns() -> tuple[Column[AssetHead], ...]:
    return (
        Column(lambda: tr("编号"), lambda card: card.code, width_chars=8),
        Column(lambda: tr("名称"), lambda card: card.name, width_chars=16, stretch=True),
        Column(lambda: tr("资产类别"), lambda card: kind_name(card.kind), width_chars=13),
        Column(lambda: tr("启用日期"), lambda card: card.in_use_on, Kind.CENTRE, 10),
        Column(lambda: tr("原值"), lambda card: card.original_value, Kind.AMOUNT, 12),
        Column(lambda: tr("累计计提"), lambda card: card.accumulated, Kind.AMOUNT, 12),
        Column(lambda: tr("账面价值"), lambda card: card.carrying, Kind.AMOUNT, 12),
        Column(lambda: tr("下次计提"), lambda card: card.next_period, Kind.CENTRE, 8),
        Column(lambda: tr("计提金额"), lambda card: card.next_amount, Kind.AMOUNT, 10),
        Column(lambda: tr("状态"), lambda card: state_name(card.state), Kind.CENTRE, 7),
    )
