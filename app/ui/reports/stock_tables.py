"""The columns of the books of stock, and what stands above those that belong together."""

from __future__ import annotations

from app.ui.language import tr
from app.ui.ledger.grouped_header import HeaderGroup
from app.ui.navigation import OpenBook, Target, document_target
from app.ui.reports.book_columns import Columns, Row, amount_column, text_column
from app.ui.stock.stock_words import kind_name
from app.ui.widgets.paged_table import Column, Kind

MAY_BE_BLANK = frozenset({"specification", "category", "unit", "warehouse", "lot", "expiry"})
"""Columns that are left out where no row has anything in them."""


def _item() -> Columns:
    return (
        text_column("code", lambda: tr("编码"), 8),
        Column(lambda: tr("名称"), lambda row: str(row["name"]), width_chars=14, stretch=True, key="name"),
    )


def _summary(row: Row) -> str:
    """Say in the window's language what a move was, or which edge of the span the row is."""
    if row["kind"] == "entry":
        return kind_name(str(row["document_kind"]))
    return tr("期初结存") if row["kind"] == "opening" else tr("期末结存")


def stock_columns() -> Columns:
    """Return the columns of what is in stock."""
    return (
        *_item(),
        text_column("specification", lambda: tr("规格型号"), 14),
        text_column("category", lambda: tr("类别"), 10),
        text_column("unit", lambda: tr("计量单位"), 6, Kind.CENTRE),
        text_column("warehouse", lambda: tr("仓库"), 10),
        text_column("lot", lambda: tr("批次"), 10),
        text_column("expiry", lambda: tr("有效期"), 10, Kind.CENTRE),
        amount_column("quantity", lambda: tr("数量"), 11),
        amount_column("unit_cost", lambda: tr("单价"), 10),
        amount_column("amount", lambda: tr("金额"), 13),
    )


def summary_columns() -> Columns:
    """Return the columns of what came in, went out and is left."""
    flows = [
        column
        for place in ("opening", "in", "out", "closing")
        for column in (
            amount_column(f"{place}_quantity", lambda: tr("数量"), 8),
            amount_column(f"{place}_amount", lambda: tr("金额"), 10),
        )
    ]
    return (
        *_item(),
        text_column("unit", lambda: tr("计量单位"), 6, Kind.CENTRE),
        text_column("warehouse", lambda: tr("仓库"), 8),
        *flows,
    )


def card_columns() -> Columns:
    """Return the columns of every move of an item."""
    moved = [
        column
        for place in ("in", "out")
        for column in (
            amount_column(f"{place}_quantity", lambda: tr("数量"), 6),
            amount_column(f"{place}_unit_cost", lambda: tr("单价"), 6),
            amount_column(f"{place}_amount", lambda: tr("金额"), 8),
        )
    ]
    return (
        text_column("date", lambda: tr("日期"), 10, Kind.CENTRE),
        text_column("document", lambda: tr("单据号"), 13),
        Column(lambda: tr("摘要"), _summary, width_chars=10, stretch=True, key="summary"),
        text_column("warehouse", lambda: tr("仓库"), 7),
        text_column("lot", lambda: tr("批次"), 8),
        *moved,
        amount_column("balance_quantity", lambda: tr("数量"), 7),
        amount_column("balance_unit_cost", lambda: tr("单价"), 6),
        amount_column("balance_amount", lambda: tr("金额"), 9),
    )


def stock_groups(book: str) -> tuple[HeaderGroup, ...]:
    """Return the headings above columns of a book of stock; none for other books."""
    if book == "stock-summary":
        return (
            HeaderGroup(4, 5, lambda: tr("期初结存")),
            HeaderGroup(6, 7, lambda: tr("本期入库")),
            HeaderGroup(8, 9, lambda: tr("本期出库")),
            HeaderGroup(10, 11, lambda: tr("期末结存")),
        )
    if book == "stock-card":
        return (
            HeaderGroup(5, 7, lambda: tr("本期入库")),
            HeaderGroup(8, 10, lambda: tr("本期出库")),
            HeaderGroup(11, 13, lambda: tr("结存")),
        )
    return ()


def stock_target(book: str, row: Row, first: str, last: str) -> Target | None:
    """Return where a row of a book of stock leads: from an item to its card, from a move to its document."""
    if book != "stock-card":
        return OpenBook("stock-card", first, last, item=str(row["code"])) if row["code"] else None
    if row["document_id"] is None:
        return None
    return document_target(str(row["document_kind"]), int(row["document_id"]))
