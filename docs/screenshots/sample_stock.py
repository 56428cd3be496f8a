"""Stock of the company in the pictures: items in two warehouses, what was there at first, and some moves."""

from __future__ import annotations

from app.client.api import ApiClient
from app.contract.inventory import Costing, ItemCategoryInput, ItemInput, ItemUnit, WarehouseInput
from app.contract.stock import (
    PostingRuleInput,
    StockBalanceQuery,
    StockDocument,
    StockDocumentInput,
    StockDocumentKind,
    StockLineInput,
)

STOCK_ACCOUNT = "140502"
"""The account that stock keeps; the other goods of this company are kept by hand."""
OPENING = (
    ("WJ001", "签字笔", "0.5mm 黑", "支", "盒", "12", "2000", "3600.00", "300"),
    ("WJ002", "笔记本", "A5 80页", "本", "包", "10", "1200", "6000.00", "200"),
    ("WJ003", "文件夹", "A4 双夹", "个", "箱", "60", "900", "5400.00", "1000"),
    ("WJ004", "订书机", "24/6", "台", "箱", "20", "150", "2250.00", "30"),
    ("WJ005", "计算器", "12 位", "台", "箱", "40", "80", "3200.00", "20"),
    ("LP001", "礼品茶叶", "250克", "盒", "箱", "12", "130", "15550.00", "60"),
)
"""Code, name, specification, unit, larger unit and how many are in it, quantity, value, reorder level."""


COSTING: dict[str, Costing] = {"LP001": "fifo", "WJ003": "monthly"}


def open_sample_stock(api: ApiClient) -> None:
    """Add items and warehouses, say which account keeps them, and register what was in stock."""
    api.set_posting_rule(PostingRuleInput(purpose="stock", account_code=STOCK_ACCOUNT))
    category = api.add_item_category(ItemCategoryInput(name="文具礼品"))
    api.add_warehouse(WarehouseInput(code="02", name="门店"))
    lines: list[StockLineInput] = []
    for code, name, specification, unit, larger, factor, quantity, value, level in OPENING:
        item = api.add_item(
            ItemInput(
                code=code,
                name=name,
                specification=specification,
                category_id=category.id,
                unit=unit,
                units=[ItemUnit(unit=larger, factor=factor)],
                costing=COSTING.get(code, "moving"),
                tracks_lots=code == "LP001",
                tracks_expiry=code == "LP001",
                reorder_level=level,
            )
        )
        lot, expiry = ("L2025-11", "2027-11-30") if code == "LP001" else ("", "")
        lines.append(StockLineInput(item_id=item.id, quantity=quantity, amount=value, lot=lot, expiry=expiry))
    _finish(api, "opening", "2026-01-01", lines, note="建账时盘点")


def move_sample_stock(api: ApiClient) -> None:
    """Add what happened in the last two months."""
    ids = {item.code: item.id for item in api.list_items().items}
    shop = next(warehouse.id for warehouse in api.list_warehouses().warehouses if not warehouse.is_usual)

    def line(code: str, quantity: str, amount: str = "", lot: str = "") -> StockLineInput:
        return StockLineInput(item_id=ids[code], quantity=quantity, amount=amount, lot=lot)

    _finish(api, "transfer", "2026-10-12", [line("WJ001", "300"), line("WJ002", "150")], to=shop, note="门店补货")
    _finish(api, "other_in", "2026-10-20", [line("WJ001", "200", "340.00"), line("WJ004", "20", "310.00")], note="赠品")
    _finish(
        api,
        "other_out",
        "2026-11-06",
        [line("WJ002", "40"), line("WJ003", "60"), line("WJ005", "2")],
        note="行政部领用",
    )
    _finish(api, "other_out", "2026-11-13", [line("LP001", "75", lot="L2025-11")], note="客户拜访礼品")


def count_sample_stock(api: ApiClient) -> None:
    """Begin a count in which a little differs from the book; it is not finished yet."""
    date = "2026-11-27"
    usual = next(warehouse.id for warehouse in api.list_warehouses().warehouses if warehouse.is_usual)
    found = api.list_stock(StockBalanceQuery(date=date, warehouse_id=usual, by_lot=True)).rows
    beyond = {"WJ001": -2, "WJ004": 1}
    count = [
        StockLineInput(
            item_id=row.item_id,
            quantity=str(int(row.quantity) + beyond.get(row.item_code, 0)),
            lot=row.lot,
            expiry=row.expiry,
        )
        for row in found
    ]
    api.add_stock_document(StockDocumentInput(kind="count", date=date, note="月末盘点", lines=count))


def _finish(
    api: ApiClient,
    kind: StockDocumentKind,
    date: str,
    lines: list[StockLineInput],
    *,
    note: str,
    to: int | None = None,
) -> StockDocument:
    draft = api.add_stock_document(StockDocumentInput(kind=kind, date=date, to_warehouse_id=to, note=note, lines=lines))
    return api.finish_stock_document(draft.id, draft.version)
