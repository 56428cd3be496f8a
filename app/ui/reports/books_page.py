"""账簿: one page for all books; each row leads on, from a figure to its entries and from an entry to its voucher."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PyQt5.QtCore import QModelIndex, Qt
from PyQt5.QtGui import QFont
from PyQt5.QtWidgets import QComboBox, QLabel, QWidget

from app.client.api import ApiClient
from app.contract.ledger import AuxiliaryQuery as ItemQuery
from app.contract.reports import (
    AnalysisColumn,
    AuxiliaryQuery,
    PagedReportQuery,
    ReportPage,
    ReportQuery,
    VoucherSummaryQuery,
)
from app.contract.stock_reports import StockCardQuery, StockQuery, StockSummaryQuery
from app.contract.trade_reports import TurnoverQuery
from app.kernel.period import format_period, parse_period, period_of
from app.ui.language import tr
from app.ui.ledger.account_index import AccountIndex
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.ledger.grouped_header import GroupedHeader
from app.ui.ledger.months import FirstMonth
from app.ui.ledger.report_export import ExportButton
from app.ui.navigation import OpenBook, OpenEntries, OpenTrialBalance, OpenVoucher, Target
from app.ui.page import Page, PageContext
from app.ui.reports.book_columns import Row
from app.ui.reports.book_filter import BookFilter
from app.ui.reports.book_tables import BOOKS, Book, analysis_columns, header_groups
from app.ui.reports.stock_tables import MAY_BE_BLANK, stock_target
from app.ui.reports.trade_tables import trade_target
from app.ui.tasks import Change, Query, Topic
from app.ui.widgets.amounts import amount_text
from app.ui.widgets.paged_table import Fetch, FetchedPage, PagedTable, PagedTableModel

QUERIES: dict[str, type[ReportQuery]] = {
    "auxiliary-balance": AuxiliaryQuery,
    "auxiliary-ledger": AuxiliaryQuery,
    "voucher-summary": VoucherSummaryQuery,
    "sales": TurnoverQuery,
    "purchases": TurnoverQuery,
    "stock": StockQuery,
    "stock-summary": StockSummaryQuery,
    "stock-card": StockCardQuery,
}


class BooksPage(Page):
    """The books of a span of months."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        month = max(period_of(context.today()), parse_period(context.book.start))
        self._books = [book for book in BOOKS if context.may(book.permission)]
        self._asked = False
        self._analysis: Sequence[AnalysisColumn] = ()
        self.choice = QComboBox(self)
        self._choice_label = QLabel(self)
        self.filter = BookFilter(month, self)
        self.first_month = FirstMonth(self, self.filter.periods, self.ask)
        self.export = ExportButton(self.book.name, self.query, self)
        self.hint = QLabel(self)
        self.hint.setObjectName("muted")
        self.model = BookModel(self.book.columns(), self)
        self.table = PagedTable(self.model, self)
        self.header = GroupedHeader((), self.table)
        self.table.setHorizontalHeader(self.header)
        self.table.fit_columns()
        self.totals = QLabel(self)
        self.totals.setObjectName("muted")
        self.empty = QLabel(self)
        self.empty.setObjectName("muted")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.hide()
        self.totals.setTextInteractionFlags(Qt.TextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse))
        self._lay_out()
        self.choice.activated.connect(lambda _place: self._book_chosen())
        self.filter.changed.connect(self.ask)
        self.table.opened.connect(self.open_row)
        self.model.failed.connect(self.show_error)
        self.model.loaded.connect(self._say_if_empty)
        self.model.modelReset.connect(self.empty.hide)
        self.model.modelReset.connect(self._show_totals)
        self.model.modelReset.connect(self._hide_the_account)
        self.retranslate()

    def _lay_out(self) -> None:
        self._choice_label.setBuddy(self.choice)
        bar = FlowLayout()
        for widget in (self._choice_label, self.choice):
            bar.addWidget(widget)
        bar.add_gap()
        bar.addWidget(self.export)
        self.body.addLayout(bar)
        self.body.addWidget(self.filter)
        self.body.addWidget(self.export.strip)
        self.body.addWidget(self.hint)
        self.body.addWidget(self.empty)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.totals)

    @property
    def book(self) -> Book:
        """The book that is shown."""
        return self._books[max(self.choice.currentIndex(), 0)]

    # --- the page ----------------------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return tr("账簿查询")

    def first_focus(self) -> QWidget | None:
        """The keyboard starts at the choice of the book."""
        return self.choice

    def activate(self) -> None:
        """Ask once; later `refresh` tells of changes."""
        if not self._asked:
            self._asked = True
            self._ask_names()
            self.first_month.begin()

    def refresh(self, change: Change) -> None:
        """Ask again when entries changed."""
        if change.touches(Topic.ACCOUNTS, Topic.AUXILIARIES, Topic.BOOK):
            self._ask_names()
        if change.touches(Topic.BALANCES, Topic.VOUCHERS, Topic.STOCK, Topic.BOOK):
            self.model.reload()

    def open(self, target: Target) -> None:
        """Show the book a target names."""
        if not isinstance(target, OpenBook):
            return
        place = next((place for place, book in enumerate(self._books) if book.name == target.book), None)
        if place is None:
            return
        self._asked = True
        self.first_month.settle()
        self.filter.blockSignals(True)
        self.filter.periods.set_periods(parse_period(target.from_period), parse_period(target.to_period))
        self.filter.unposted.setChecked(target.include_unposted)
        self.filter.set_account(target.account_code)
        self.filter.set_aux(target.aux)
        self.filter.set_goods(target.item)
        self.filter.blockSignals(False)
        self._ask_names()
        self.choice.setCurrentIndex(place)
        self._book_chosen()
        self.table.setFocus()

    def retranslate(self) -> None:
        """Set every text."""
        self._choice_label.setText(tr("账簿"))
        chosen = max(self.choice.currentIndex(), 0)
        self.choice.clear()
        self.choice.addItems([book.title() for book in self._books])
        self.choice.setCurrentIndex(chosen)
        self.filter.retranslate()
        self.export.retranslate()
        self._show_book()
        self._show_totals()
        if self._asked:
            self.ask()

    # --- the book ----------------------------------------------------------------------------------------------------

    def _book_chosen(self) -> None:
        self._analysis = ()
        self._show_book()
        self.model.set_columns(self.book.columns())
        self.ask()

    def _show_book(self) -> None:
        book = self.book
        self.filter.show_for(book)
        self.export.report = book.name
        self.export.setEnabled(self._is_complete())
        self.hint.setText(
            tr("对账单一次列一个往来单位，请选择它。")
            if book.needs_aux
            else tr("库存明细账一次列一个商品，请选择它。")
            if book.needs_item
            else tr("多栏账按下级科目分栏，请选择一个有下级的科目。")
        )
        self.hint.setVisible(not self._is_complete())
        self.header.set_groups(header_groups(book, self._analysis))
        self.table.setAccessibleName(book.title())

    def _is_complete(self) -> bool:
        wishes = self.filter.wishes()
        if self.book.needs_aux:
            return ":" in wishes.aux
        if self.book.needs_item:
            return bool(wishes.item)
        return not self.book.needs_account or bool(wishes.account_code)

    def query(self) -> ReportQuery:
        """Return what is asked for."""
        book, wishes = self.book, self.filter.wishes()
        asked: dict[str, Any] = {
            "from_period": format_period(self.filter.periods.first),
            "to_period": format_period(self.filter.periods.last),
            "include_unposted": self.filter.unposted.isChecked(),
        }
        if "account" in book.filters:
            asked["account_code"] = wishes.account_code
        if "aux" in book.filters:
            asked["aux"] = wishes.aux
        if "order" in book.filters:
            asked["order"] = wishes.order
        for name in ("item", "warehouse", "category"):
            if name in book.filters:
                asked[name] = getattr(wishes, name)
        if "vouchers" in book.filters:
            asked.update(word=wishes.word, from_number=wishes.from_number, to_number=wishes.to_number)
            asked["level"] = wishes.level
        return QUERIES.get(book.name, PagedReportQuery if book.paged else ReportQuery)(**asked)

    def ask(self) -> None:
        """Ask for the book from its first page."""
        self._asked = True
        self._show_book()
        if not self._is_complete():
            self.model.clear()
            return
        book, query, names = self.book, self.query(), self.filter.english_names()

        def fetch(api: ApiClient, cursor: str, limit: int) -> FetchedPage[Row]:
            wanted = query.model_copy(update={"cursor": cursor, "limit": limit}) if book.paged else query
            page = api.report_page(book.name, wanted)
            return FetchedPage([named(row, names) for row in page.rows], page.next, page.totals)

        self._first_page(book, fetch)

    def _first_page(self, book: Book, fetch: Fetch[Row]) -> None:
        """Fetch the first page; a book of many columns tells with it which they are."""
        if book.name != "multi-column":
            self.model.load(fetch)
            return
        query = self.query()

        def known(page: ReportPage) -> None:
            if self.book is not book:
                return
            names = self.filter.english_names()
            self._analysis = [
                column.model_copy(update={"account_name": names.get(column.account_code, column.account_name)})
                for column in page.columns
            ]
            self.model.set_columns(analysis_columns(book, self._analysis))
            self.header.set_groups(header_groups(book, self._analysis))
            self.model.load(fetch)

        Query(lambda api: api.report_page(book.name, query.model_copy(update={"limit": 1}))).slot("columns").on_done(
            known
        ).run(self)

    def _ask_names(self) -> None:
        Query(lambda api: AccountIndex(api.list_accounts().accounts)).slot("accounts").on_done(
            self.filter.know_accounts
        ).run(self)
        Query(lambda api: api.list_auxiliaries(ItemQuery(limit=1)).kinds).slot("kinds").on_done(
            self.filter.know_kinds
        ).run(self)
        if self.context.may("inventory:item:view") and self.context.may("inventory:warehouse:view"):
            Query(_places).slot("places").on_done(lambda found: self.filter.know_places(*found)).run(self)

    def _hide_the_account(self) -> None:
        """Where all rows are of the account in the filter, its columns tell nothing; no more do columns of no row."""
        code = self.filter.wishes().account_code if "account" in self.book.filters else ""
        rows = self.model.rows()
        alone = bool(code and rows) and all(row.get("account_code") == code for row in rows)
        for place, column in enumerate(self.model.columns):
            is_blank = column.key in MAY_BE_BLANK and bool(rows) and not any(row[column.key] for row in rows)
            is_told = alone and column.key in {"account_code", "account_name"}
            self.table.setColumnHidden(place, is_told or ("item" in self.book.filters and is_blank))
        self.table.fit_columns()

    def _say_if_empty(self) -> None:
        self.empty.setText(
            tr("这些月份没有符合条件的记录。")
            if self.filter.unposted.isChecked()
            else tr("这些月份没有符合条件的记录。没有记账的凭证要勾选“含未记账”才列出。")
        )
        self.empty.setVisible(not self.model.rowCount() and self._is_complete())

    def _show_totals(self) -> None:
        totals = self.model.totals if self.model.rowCount() else {}
        shown = {key: amount_text(value, blank_zero=False) for key, value in totals.items()}
        texts: list[str] = []
        if "vouchers" in shown:
            texts.append(
                tr(
                    "凭证 {vouchers} 张，附件 {attachments} 张",
                    vouchers=shown["vouchers"],
                    attachments=shown["attachments"],
                )
            )
        if "debit" in shown:
            texts.append(tr("借方合计 {debit}，贷方合计 {credit}", debit=shown["debit"], credit=shown["credit"]))
        if "in_amount" in shown:
            texts.append(tr("收入合计 {came}，发出合计 {went}", came=shown["in_amount"], went=shown["out_amount"]))
        if "amount" in shown:
            texts.append(tr("金额合计 {amount}", amount=shown["amount"]))
        if "closing_amount" in shown:
            texts.append(
                tr("期初 {opening}，期末 {closing}", opening=shown["opening_amount"], closing=shown["closing_amount"])
            )
        if "gross" in shown:
            texts.append(
                tr("不含税 {net}，税额 {tax}，价税合计 {gross}", **{k: shown[k] for k in ("net", "tax", "gross")})
            )
        if "margin" in shown:
            texts.append(tr("销售成本 {cost}，毛利 {margin}", cost=shown["cost"], margin=shown["margin"]))
        if "not_due" in shown:
            texts.append(tr("余额合计 {balance}，未到期 {not_due}", balance=shown["balance"], not_due=shown["not_due"]))
        if "closing_debit" in shown:
            texts.append(
                tr(
                    "期末借方合计 {debit}，贷方合计 {credit}",
                    debit=shown["closing_debit"],
                    credit=shown["closing_credit"],
                )
            )
        self.totals.setText("　".join(texts))

    # --- where rows lead ---------------------------------------------------------------------------------------------

    def open_row(self, row: Row) -> None:
        """Go to what a row is made of."""
        if "item" in self.book.filters:
            months = self.filter.periods.first, self.filter.periods.last
            target = stock_target(self.book.name, row, *map(format_period, months))
        else:
            target = self._target_of(row)
        if isinstance(target, OpenBook):
            self.open(target)
        elif target is not None:
            self.context.open_target(target)

    def _target_of(self, row: Row) -> Target | None:
        if row.get("voucher_id") is not None:
            return OpenVoucher(int(row["voucher_id"]))
        first, last = format_period(self.filter.periods.first), format_period(self.filter.periods.last)
        unposted, name = self.filter.unposted.isChecked(), self.book.name
        if name == "trial-balance-check":
            return OpenTrialBalance(first, last, unposted)
        code = str(row.get("account_code", ""))
        if name == "general-ledger":
            month = str(row["period"])
            # 上年结转 and 本年累计 are of the months before, too: their entries begin with the span
            begin = month if row["summary"] == "本期合计" else first
            return OpenEntries(code, begin, month, include_unposted=unposted)
        if name == "voucher-summary":
            return OpenEntries(code, first, last, include_unposted=unposted)
        if name == "quantity":
            return OpenBook("quantity-ledger", first, last, code, include_unposted=unposted)
        if name in {"open-orders", "ageing"}:
            return trade_target(name, row, first, last, include_unposted=unposted)
        if name == "auxiliary-balance":
            return OpenBook("auxiliary-ledger", first, last, code, str(row["aux"]), include_unposted=unposted)
        return None


def _places(api: ApiClient) -> tuple[list[str], list[str]]:
    """Return the names of warehouses and of categories of items."""
    warehouses = [found.name for found in api.list_warehouses().warehouses]
    return warehouses, [found.name for found in api.list_item_categories().categories]


def named(row: dict[str, Any], names: Mapping[str, str]) -> Row:
    """Return a row with the account's name in the window's language."""
    name = names.get(str(row.get("account_code", "")))
    key = "account_name" if "account_name" in row else "name_zh"
    return {**row, key: name} if name and key in row else row


class BookModel(PagedTableModel[Row]):
    """Rows of a book; those that the book itself strikes stand out."""

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Write struck rows bold."""
        if role == Qt.ItemDataRole.FontRole and index.isValid():
            row = self.row(index.row())
            if row.get("kind", "entry") != "entry" or ("period" in row and row["summary"] != "本期合计"):
                font = QFont()
                font.setBold(True)
                return font
        return super().data(index, role)
