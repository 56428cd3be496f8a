"""What each book shows in the window: which questions it takes, its columns, and where its rows lead."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.contract.reports import AnalysisColumn
from app.ui.language import tr
from app.ui.ledger.grouped_header import HeaderGroup
from app.ui.reports.book_columns import Columns, Row
from app.ui.reports.book_columns import amount_column as _amount
from app.ui.reports.book_columns import text_column as _text
from app.ui.reports.stock_tables import card_columns, stock_columns, stock_groups, summary_columns
from app.ui.reports.trade_tables import (
    ageing_columns,
    open_orders_columns,
    purchases_columns,
    sales_columns,
    statement_columns,
)
from app.ui.widgets.paged_table import Column, Kind

ACCOUNT_ORDERS = ("account", "item")
TRADE_ORDERS = ("item", "contact", "month")
TRADE_FILTERS = frozenset({"aux", "order"})
STOCK_FILTERS = frozenset({"item", "warehouse", "category", "order"})


@dataclass(frozen=True)
class Book:
    """A book: its report's name and title, the filters it takes (`account`, `aux`, `order`, `vouchers`), its columns.

    `needs_account`, `needs_aux` and `needs_item` tell that nothing can be shown without one; a `paged` book is fetched
    page by page.
    `orders` are the ways its rows can be put together; `counts_unposted` that vouchers not posted yet are asked about.
    """

    name: str
    title: Callable[[], str]
    columns: Callable[[], Columns]
    filters: frozenset[str] = frozenset({"account"})
    needs_account: bool = False
    paged: bool = True
    needs_aux: bool = False
    needs_item: bool = False
    counts_unposted: bool = True
    orders: tuple[str, ...] = ACCOUNT_ORDERS

    @property
    def permission(self) -> str:
        """Return the right to see it."""
        return f"reports:{self.name}:view"


def own_words(row: Row) -> str:
    """Return a row's summary; what the book itself wrote is in the window's language."""
    text = str(row["summary"])
    if row.get("kind", "") == "entry":
        return text
    return _words().get(text, text)


def _words() -> dict[str, str]:
    return {
        "上年结转": tr("上年结转"),
        "期初余额": tr("期初余额"),
        "本日合计": tr("本日合计"),
        "本期合计": tr("本期合计"),
        "本月合计": tr("本月合计"),
        "本年累计": tr("本年累计"),
        "本期发生额": tr("本期发生额"),
        "本年累计发生额": tr("本年累计发生额"),
        "期末余额": tr("期末余额"),
        "借": tr("借"),
        "贷": tr("贷"),
        "平": tr("平"),
    }


def _word(key: str, title: Callable[[], str], chars: int, kind: Kind = Kind.CENTRE) -> Column[Row]:
    return Column(title, lambda row: _words().get(str(row[key]), str(row[key])), kind, chars)


def _account() -> Columns:
    return (
        _text("account_code", lambda: tr("科目编码"), 9),
        _text("account_name", lambda: tr("科目名称"), 12),
    )


def _voucher() -> Columns:
    return (
        _text("date", lambda: tr("日期"), 10, Kind.CENTRE),
        _text("voucher", lambda: tr("凭证字号"), 6, Kind.CENTRE),
    )


def _summary() -> Column[Row]:
    return Column(lambda: tr("摘要"), own_words, width_chars=18, stretch=True)


def _balance() -> Columns:
    return (_word("direction", lambda: tr("方向"), 4), _amount("balance", lambda: tr("余额"), 11))


def _sides() -> Columns:
    return (_amount("debit", lambda: tr("借方")), _amount("credit", lambda: tr("贷方")))


def _general_ledger() -> Columns:
    return (*_account(), _text("period", lambda: tr("期间"), 8, Kind.CENTRE), _summary(), *_sides(), *_balance())


def _cash_journal() -> Columns:
    return (
        *_account(),
        *_voucher(),
        _summary(),
        _text("contra_accounts", lambda: tr("对方科目"), 9),
        _amount("debit", lambda: tr("收入（借方）")),
        _amount("credit", lambda: tr("支出（贷方）")),
        *_balance(),
    )


def _journal() -> Columns:
    return (
        *_voucher(),
        _summary(),
        *_account(),
        _text("aux", lambda: tr("辅助核算"), 12),
        *_sides(),
        _text("maker", lambda: tr("制单人"), 7),
        _text("reviewer", lambda: tr("审核人"), 7),
        _text("poster", lambda: tr("记账人"), 7),
    )


def _multi_column() -> Columns:
    return (*_voucher(), _summary(), *_sides(), *_balance())


def _quantity() -> Columns:
    keys = ("opening", "in", "out", "closing")
    shown = [
        column
        for key in keys
        for column in (
            _amount(f"{key}_qty", lambda: tr("数量"), 9),
            _amount(f"{key}_amount", lambda: tr("金额")),
        )
    ]
    name = Column[Row](lambda: tr("科目名称"), lambda row: str(row["name_zh"]), width_chars=16, stretch=True)
    return (_text("account_code", lambda: tr("科目编码"), 9), name, *shown)


def _quantity_ledger() -> Columns:
    movements = [
        column
        for key in ("in", "out")
        for column in (
            _amount(f"{key}_quantity", lambda: tr("数量"), 7),
            _amount(f"{key}_unit_price", lambda: tr("单价"), 7),
            _amount(f"{key}_amount", lambda: tr("金额"), 10),
        )
    ]
    return (
        *_account(),
        *_voucher(),
        _summary(),
        *movements,
        _word("direction", lambda: tr("方向"), 4),
        _amount("balance_quantity", lambda: tr("数量"), 7),
        _amount("balance_unit_price", lambda: tr("单价"), 7),
        _amount("balance_amount", lambda: tr("金额"), 10),
    )


def _auxiliary_balance() -> Columns:
    pairs = [
        column
        for key in ("opening", "period", "closing")
        for column in (_amount(f"{key}_debit", lambda: tr("借方")), _amount(f"{key}_credit", lambda: tr("贷方")))
    ]
    aux = Column[Row](lambda: tr("辅助核算"), lambda row: str(row["aux"]), width_chars=20, stretch=True)
    return (_text("account_code", lambda: tr("科目编码"), 9), aux, *pairs)


def _auxiliary_ledger() -> Columns:
    return (
        *_account(),
        _text("aux", lambda: tr("辅助核算"), 14),
        *_voucher(),
        _summary(),
        _text("contra_accounts", lambda: tr("对方科目"), 10),
        *_sides(),
        *_balance(),
    )


def _voucher_summary() -> Columns:
    name = Column[Row](lambda: tr("科目名称"), lambda row: str(row["name_zh"]), width_chars=24, stretch=True)
    return (
        _text("account_code", lambda: tr("科目编码"), 10),
        name,
        _amount("debit", lambda: tr("借方合计"), 16),
        _amount("credit", lambda: tr("贷方合计"), 16),
    )


def _equalities() -> Columns:
    balanced = Column[Row](
        lambda: tr("结果"), lambda row: tr("平衡") if row["balanced"] else tr("不平衡"), Kind.CENTRE, 8
    )
    return (
        Column(lambda: tr("项目"), lambda row: _words().get(str(row["name_zh"]), str(row["name_zh"])), stretch=True),
        _amount("debit", lambda: tr("借方"), 18),
        _amount("credit", lambda: tr("贷方"), 18),
        _amount("difference", lambda: tr("差额"), 14),
        balanced,
    )


BOOKS: tuple[Book, ...] = (
    Book("general-ledger", lambda: tr("总账"), _general_ledger, paged=False),
    Book("cash-journal", lambda: tr("日记账"), _cash_journal),
    Book("journal", lambda: tr("序时账"), _journal, filters=frozenset()),
    Book("multi-column", lambda: tr("多栏账"), _multi_column, needs_account=True),
    Book("quantity", lambda: tr("数量金额总账"), _quantity, paged=False),
    Book("quantity-ledger", lambda: tr("数量金额明细账"), _quantity_ledger, frozenset({"account", "aux"})),
    Book(
        "auxiliary-balance",
        lambda: tr("辅助核算余额表"),
        _auxiliary_balance,
        frozenset({"account", "aux", "order"}),
    ),
    Book("auxiliary-ledger", lambda: tr("辅助明细账"), _auxiliary_ledger, frozenset({"account", "aux", "order"})),
    Book(
        "voucher-summary", lambda: tr("凭证汇总表"), _voucher_summary, frozenset({"account", "vouchers"}), paged=False
    ),
    Book("trial-balance-check", lambda: tr("试算平衡表"), _equalities, frozenset(), paged=False),
    Book("ageing", lambda: tr("账龄分析表"), ageing_columns, frozenset({"account", "aux"}), paged=False),
    Book(
        "statement-of-account",
        lambda: tr("对账单"),
        statement_columns,
        frozenset({"account", "aux"}),
        paged=False,
        needs_aux=True,
    ),
    Book("sales", lambda: tr("销售统计表"), sales_columns, TRADE_FILTERS, paged=False, orders=TRADE_ORDERS),
    Book("purchases", lambda: tr("采购统计表"), purchases_columns, TRADE_FILTERS, paged=False, orders=TRADE_ORDERS),
    Book("open-orders", lambda: tr("未完成订单表"), open_orders_columns, frozenset({"aux"}), paged=False),
    Book(
        "stock",
        lambda: tr("库存余额表"),
        stock_columns,
        STOCK_FILTERS,
        paged=False,
        counts_unposted=False,
        orders=("item", "warehouse", "lot"),
    ),
    Book(
        "stock-summary",
        lambda: tr("收发存汇总表"),
        summary_columns,
        STOCK_FILTERS,
        paged=False,
        counts_unposted=False,
        orders=("item", "warehouse", "category"),
    ),
    Book(
        "stock-card",
        lambda: tr("库存明细账"),
        card_columns,
        frozenset({"item", "warehouse"}),
        paged=False,
        counts_unposted=False,
        needs_item=True,
    ),
)


def analysis_columns(book: Book, analysis: Sequence[AnalysisColumn]) -> Columns:
    """Return the columns of a book with those of its accounts."""

    def column(wanted: AnalysisColumn) -> Column[Row]:
        return Column(lambda: wanted.account_name, lambda row: str(row["amounts"].get(wanted.key, "")), Kind.AMOUNT, 11)

    return (*book.columns(), *(column(wanted) for wanted in analysis))


def header_groups(book: Book, analysis: Sequence[AnalysisColumn]) -> tuple[HeaderGroup, ...]:
    """Return the headings above columns that belong together."""
    if book.name == "multi-column":
        return _analysis_groups(len(book.columns()), analysis)
    if book.name == "auxiliary-balance":
        return (
            HeaderGroup(2, 3, lambda: tr("期初余额")),
            HeaderGroup(4, 5, lambda: tr("本期发生额")),
            HeaderGroup(6, 7, lambda: tr("期末余额")),
        )
    if book.name == "ageing":
        return (HeaderGroup(3, 7, lambda: tr("按到期日")), HeaderGroup(8, 11, lambda: tr("按账龄")))
    if book.name == "quantity":
        return (
            HeaderGroup(2, 3, lambda: tr("期初结存")),
            HeaderGroup(4, 5, lambda: tr("收入")),
            HeaderGroup(6, 7, lambda: tr("发出")),
            HeaderGroup(8, 9, lambda: tr("期末结存")),
        )
    if book.name == "quantity-ledger":
        return (
            HeaderGroup(5, 7, lambda: tr("收入")),
            HeaderGroup(8, 10, lambda: tr("发出")),
            HeaderGroup(11, 14, lambda: tr("结存")),
        )
    return stock_groups(book.name)


def _analysis_groups(first: int, analysis: Sequence[AnalysisColumn]) -> tuple[HeaderGroup, ...]:
    debits = sum(1 for column in analysis if column.side == "debit")
    groups: list[HeaderGroup] = []
    if debits:
        groups.append(HeaderGroup(first, first + debits - 1, lambda: tr("借方分析")))
    if len(analysis) > debits:
        groups.append(HeaderGroup(first + debits, first + len(analysis) - 1, lambda: tr("贷方分析")))
    return tuple(groups)
