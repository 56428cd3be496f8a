"""库存余额表, 收发存汇总表 and 库存明细账: what is in stock, what came in and went out, and every move of an item."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.contract.stock import MoveQuery, StockMove
from app.identity.actor import Actor
from app.inventory.queries.stock_balances import unit_cost
from app.inventory.queries.stock_levels import Level
from app.inventory.queries.stock_moves import list_moves
from app.inventory.queries.stock_report import (
    MonthFlow,
    ReportItem,
    StockWish,
    lot_names,
    month_flows,
    read_wish,
    report_items,
    stock_rows,
)
from app.inventory.queries.warehouses import warehouse_names
from app.kernel.errors import MalformedInput
from app.kernel.money import format_amount, format_quantity, parse_amount
from app.kernel.period import first_day, last_day, parse_date, parse_period
from app.kernel.text import message
from app.reports.chart import read_currencies
from app.reports.request import Report, ReportRequest, ReportRow
from app.reports.trade.stock_words import document_name
from app.storage.book_settings import get_setting
from app.storage.database import fetch_all, read_snapshot

STOCK_ORDERS = ("item", "warehouse", "lot")
SUMMARY_ORDERS = ("item", "warehouse", "category")
OPENING_TEXT, CLOSING_TEXT = "期初结存", "期末结存"
_PAGE = 1000


def stock(actor: Actor, request: ReportRequest) -> Report:
    """Return what is in stock at the end of a day, by item code; `order` parts items by warehouse or by lot.

    The day is `date`, else the last of the last month, else after everything that is booked. Values are those of the
    ledger: recosts count on the day they were booked. Needs `reports:stock:view`.
    """
    actor.require("reports:stock:view")
    order = _order(request, STOCK_ORDERS)
    with read_snapshot():
        wish = _wish(request)
        date = parse_date(request.date).isoformat() if request.date else ""
        if not date and request.to_period:
            date = last_day(parse_period(request.to_period)).isoformat()
        rows = stock_rows(date, wish, by_warehouse=order == "warehouse", by_lot=order == "lot")
        items = report_items(row.item_id for row in rows)
        warehouses, lots = warehouse_names(), lot_names(row.lot_id for row in rows)
        digits = read_currencies().base_digits
    shown: list[dict[str, Any]] = []
    for row in rows:
        item = items[row.item_id]
        number, expiry = lots.get(row.lot_id, ("", ""))
        shown.append(
            {
                "code": item.code,
                "name": item.name,
                "specification": item.specification,
                "category": item.category,
                "unit": item.unit,
                "warehouse": warehouses.get(row.warehouse_id or wish.warehouse_id or 0, ""),
                "lot": number,
                "expiry": expiry,
                "quantity": format_quantity(row.level.quantity),
                "unit_cost": unit_cost(row.level, digits),
                "amount": format_amount(row.level.value, digits),
                "item_id": item.id,
            }
        )
    shown.sort(key=lambda one: (one["code"], one["warehouse"], one["expiry"], one["lot"]))
    total = sum(row.level.value for row in rows)
    return Report(shown, {"amount": format_amount(total, digits)})


def stock_summary(actor: Actor, request: ReportRequest) -> Report:
    """Return what each item began a span of months with, what came in, went out and is left; by `order`.

    By warehouse, amounts are left out: cost is kept for an item over all warehouses. By category, quantities are: one
    does not add boxes to kilograms. Needs `reports:stock-summary:view`.
    """
    actor.require("reports:stock-summary:view")
    order = _order(request, SUMMARY_ORDERS)
    with read_snapshot():
        wish = _wish(request)
        first, last = _months(request)
        flows = month_flows(first, last, wish, by_warehouse=order == "warehouse")
        items = report_items(key[0] for key in flows)
        warehouses = warehouse_names()
        digits = read_currencies().base_digits
    by_place = order == "warehouse" or wish.warehouse_id is not None
    if order == "category":
        return _by_category(flows, items, digits)
    rows = [
        {
            "code": items[item_id].code,
            "name": items[item_id].name,
            "category": items[item_id].category,
            "unit": items[item_id].unit,
            "warehouse": warehouses.get(warehouse_id, ""),
            **_flow_texts(flow, digits, quantities=True, amounts=not by_place),
            "item_id": item_id,
        }
        for (item_id, warehouse_id), flow in flows.items()
    ]
    rows.sort(key=lambda row: (row["code"], row["warehouse"]))
    totals = _flow_texts(_sum(flows.values()), digits, quantities=False, amounts=True)
    return Report(rows, {} if by_place else {key: text for key, text in totals.items() if text})


def _by_category(flows: dict[tuple[int, int], MonthFlow], items: dict[int, ReportItem], digits: int) -> Report:
    sums: dict[str, list[MonthFlow]] = {}
    for (item_id, _), flow in flows.items():
        sums.setdefault(items[item_id].category, []).append(flow)
    rows = [
        {
            "code": "",
            "name": category or "未分类",
            "category": category,
            "unit": "",
            "warehouse": "",
            **_flow_texts(_sum(parts), digits, quantities=False, amounts=True),
            "item_id": None,
        }
        for category, parts in sorted(sums.items())
    ]
    totals = _flow_texts(_sum(flows.values()), digits, quantities=False, amounts=True)
    return Report(rows, {key: text for key, text in totals.items() if text})


def _sum(flows: Any) -> MonthFlow:
    parts = list(flows)

    def add(name: str) -> Level:
        levels = [getattr(part, name) for part in parts]
        return Level(sum(level.quantity for level in levels), sum(level.value for level in levels))

    return MonthFlow(add("opening"), add("came"), add("went"))


def _flow_texts(flow: MonthFlow, digits: int, *, quantities: bool, amounts: bool) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, level in (
        ("opening", flow.opening),
        ("in", flow.came),
        ("out", flow.went),
        ("closing", flow.closing),
    ):
        found[f"{name}_quantity"] = format_quantity(level.quantity) if quantities else ""
        found[f"{name}_amount"] = format_amount(level.value, digits) if amounts else ""
    return found


def stock_card(actor: Actor, request: ReportRequest) -> Report:
    """Return every move of one item with the balance after it, from what it began the span with to what is left.

    `item` names it by code or barcode. Transfers are told in single warehouses only, where only quantities have a
    balance. Needs
    `reports:stock-card:view`; raises `MalformedInput` without an item.
    """
    actor.require("reports:stock-card:view")
    if not request.item:
        raise MalformedInput(
            "item_missing",
            message("库存明细账一次列一个商品，请指定它的编码。"),
            fields={"item": message("请指定商品。")},
        )
    wish = _wish(request)
    first, last = _months(request)
    item_id = next(iter(wish.item_ids or ()), 0)
    item = report_items([item_id])[item_id]
    digits = read_currencies().base_digits
    span = MoveQuery(
        item_id=item_id,
        warehouse_id=wish.warehouse_id,
        from_date=first_day(first).isoformat(),
        to_date=last_day(last).isoformat(),
        limit=_PAGE,
    )
    return Report(_card_rows(span, item, digits))


def _card_rows(span: MoveQuery, item: ReportItem, digits: int) -> Iterator[ReportRow]:
    head = {"code": item.code, "name": item.name, "unit": item.unit}
    place = None
    is_first = True
    quantity = amount = ""
    while is_first or place is not None:
        page, place = list_moves(span, place)
        if is_first:
            quantity, amount = page.opening_quantity, page.opening_amount
            yield {**head, **_edge(OPENING_TEXT, span.from_date, quantity, amount, digits), "kind": "opening"}
            is_first = False
        for move in page.moves:
            if span.warehouse_id is None and move.document_kind == "transfer":
                continue  # neither in nor out of the item; between its two moves the balance would be neither
            quantity, amount = move.balance_quantity, move.balance_amount
            yield {**head, **_move(move, digits), "kind": "entry"}
    yield {**head, **_edge(CLOSING_TEXT, span.to_date, quantity, amount, digits), "kind": "closing"}


def _edge(text: str, date: str, quantity: str, amount: str, digits: int) -> dict[str, Any]:
    moved = ("warehouse", "lot", "in_quantity", "in_unit_cost", "in_amount")
    return {
        "date": date,
        "document": "",
        "summary": text,
        **dict.fromkeys((*moved, "out_quantity", "out_unit_cost", "out_amount"), ""),
        **_balance(quantity, amount, digits),
        "document_kind": "",
        "document_id": None,
    }


def _move(move: StockMove, digits: int) -> dict[str, Any]:
    return {
        "date": move.date,
        "document": move.document_number,
        "summary": document_name(move.document_kind),
        "warehouse": move.warehouse,
        "lot": move.lot,
        "in_quantity": move.in_quantity,
        "in_unit_cost": _unit(move.in_quantity, move.in_amount, digits),
        "in_amount": move.in_amount,
        "out_quantity": move.out_quantity,
        "out_unit_cost": _unit(move.out_quantity, move.out_amount, digits),
        "out_amount": move.out_amount,
        **_balance(move.balance_quantity, move.balance_amount, digits),
        "document_kind": move.document_kind,
        "document_id": move.document_id,
    }


def _balance(quantity: str, amount: str, digits: int) -> dict[str, str]:
    return {
        "balance_quantity": quantity,
        "balance_unit_cost": _unit(quantity, amount, digits),
        "balance_amount": amount,
    }


def _unit(quantity: str, amount: str, digits: int) -> str:
    if not quantity or not amount:
        return ""
    return unit_cost(Level(parse_amount(quantity, 8), parse_amount(amount, digits)), digits)


def _wish(request: ReportRequest) -> StockWish:
    return read_wish(item=request.item, warehouse=request.warehouse, category=request.category)


def _order(request: ReportRequest, known: tuple[str, ...]) -> str:
    order = request.order or known[0]
    if order not in known:
        raise MalformedInput("order_unknown", message("排列方式只能是 {choices} 之一。", choices=", ".join(known)))
    return order


def _months(request: ReportRequest) -> tuple[int, int]:
    """Return the months asked for; without any from the book's start to the last month anything moved in."""
    start = int(get_setting("start_period"))
    first = parse_period(request.from_period) if request.from_period else start
    if request.to_period:
        last = parse_period(request.to_period)
    else:
        rows = fetch_all(
            "SELECT MAX(period) FROM {stock_move} UNION ALL SELECT MAX(period) FROM {stock_revaluation}"
        )  # both through an index; the months themselves lie in the order of places
        last = max([first, *(int(row[0]) for row in rows if row[0] is not None)])
    if first > last:
        raise MalformedInput("span_reversed", message("起始月份晚于截止月份，请调换。"))
    return first, last
