"""Reading a stock document as typed: every unreadable field is named at once."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from app.contract.stock import StockDocumentInput, StockDocumentKind, StockLineInput
from app.inventory.errors import fields_wrong
from app.inventory.queries.facts import ItemFacts, base_quantity, chosen_items
from app.inventory.queries.warehouses import chosen_warehouse
from app.inventory.stock_kinds import STOCK_KINDS
from app.kernel.errors import UserError
from app.kernel.money import QUANTITY_DIGITS, parse_amount
from app.kernel.period import first_day, parse_date
from app.kernel.text import Message, clean_text, message
from app.ledger.errors import account_unknown
from app.ledger.queries.vouchers import base_digits
from app.ledger.service.locks import start_period
from app.ledger.service.sets import parse_aux
from app.storage.database import fetch_one

Result = TypeVar("Result")


class ReadLine(NamedTuple):
    """A line of a stock document as it is kept."""

    line: int
    item_id: int
    unit: str
    quantity: int
    base_quantity: int
    book_quantity: int | None
    amount: int | None
    lot: str
    expiry: str
    note: str


class ReadDocument(NamedTuple):
    """A stock document as it is kept."""

    kind: StockDocumentKind
    date: str
    warehouse_id: int
    to_warehouse_id: int | None
    account_id: int | None
    aux: str
    note: str
    lines: list[ReadLine]


def opening_day() -> str:
    """Return the day opening stock stands on: the last one before the book's first month."""
    return (first_day(start_period()) - datetime.timedelta(days=1)).isoformat()


def read_document(typed: StockDocumentInput) -> ReadDocument:
    """Read a stock document. Raises `MalformedInput` whose `fields` name every wrong place (`lines.0.quantity`).

    Opening stock stands on the day before the book's first month, whatever day was typed.
    """
    wrong: dict[str, Message] = {}
    date = _attempt(wrong, "date", lambda: parse_date(typed.date).isoformat()) if typed.kind != "opening" else ""
    warehouse = _attempt(wrong, "warehouse_id", lambda: chosen_warehouse(typed.warehouse_id).id) or 0
    target: int | None = None
    if typed.kind == "transfer":
        target = _attempt(wrong, "to_warehouse_id", lambda: _target(typed, warehouse))
    account_id = (
        _attempt(wrong, "account_code", lambda: _account_id(typed.account_code)) if typed.account_code else None
    )
    _attempt(wrong, "aux", lambda: parse_aux(typed.aux))
    items = _attempt(wrong, "lines", lambda: chosen_items(line.item_id for line in typed.lines)) or {}
    lines: list[ReadLine] = []
    for index, line in enumerate(typed.lines):
        item = items.get(line.item_id)
        if item is not None:
            read = _line(typed.kind, index, line, item, wrong)
            lines.extend([] if read is None else [read])
    if typed.kind == "assembly" and not wrong and sum(1 for line in lines if line.quantity > 0) != 1:
        wrong["lines"] = message("组装单要有一行产品（数量为正），其余是配件（数量为负）。")
    if wrong:
        raise fields_wrong(wrong)
    return ReadDocument(
        kind=typed.kind,
        date=date or opening_day(),
        warehouse_id=warehouse,
        to_warehouse_id=target,
        account_id=account_id,
        aux=clean_text(typed.aux),
        note=clean_text(typed.note),
        lines=lines,
    )


def _target(typed: StockDocumentInput, warehouse: int) -> int:
    if typed.to_warehouse_id is None or typed.to_warehouse_id == warehouse:
        raise fields_wrong({"to_warehouse_id": message("请选另一个仓库作为调入仓库。")})
    return chosen_warehouse(typed.to_warehouse_id).id


def _account_id(code: str) -> int:
    row = fetch_one("SELECT id FROM {account} WHERE code = ?", (clean_text(code),))
    if row is None:
        raise account_unknown(code)
    return int(row[0])


def _line(
    kind: StockDocumentKind, index: int, typed: StockLineInput, item: ItemFacts, wrong: dict[str, Message]
) -> ReadLine | None:
    place = f"lines.{index}"
    before = len(wrong)
    unit = clean_text(typed.unit)
    quantity = _attempt(wrong, f"{place}.quantity", lambda: parse_amount(typed.quantity, QUANTITY_DIGITS))
    base = None
    if quantity is not None:
        base = _attempt(wrong, f"{place}.quantity", lambda: _base(kind, item, quantity, unit, index + 1))
    amount: int | None = None
    if typed.amount.strip():
        amount = _attempt(wrong, f"{place}.amount", lambda: _amount(typed.amount))
    if item.kind != "goods":
        wrong[f"{place}.item_id"] = message("{item}是服务，不进出库存。", item=item.shown)
    expiry = ""
    if typed.expiry.strip():
        expiry = _attempt(wrong, f"{place}.expiry", lambda: parse_date(typed.expiry).isoformat()) or ""
    if len(wrong) > before or quantity is None or base is None:
        return None
    return ReadLine(
        line=index + 1,
        item_id=item.id,
        unit=unit,
        quantity=quantity,
        base_quantity=base,
        book_quantity=None,
        amount=amount,
        lot=clean_text(typed.lot),
        expiry=expiry,
        note=clean_text(typed.note),
    )


def _base(kind: StockDocumentKind, item: ItemFacts, quantity: int, unit: str, line: int) -> int:
    sense = STOCK_KINDS[kind].sense
    if sense == "count" and quantity < 0:
        raise fields_wrong({"quantity": message("第 {line} 行的实盘数量不能是负数。", line=line)})
    if sense != "count" and quantity == 0:
        raise fields_wrong({"quantity": message("第 {line} 行的数量不能是零。", line=line)})
    if sense in ("in", "out", "move") and quantity < 0:
        raise fields_wrong({"quantity": message("第 {line} 行的数量要是正数。", line=line)})
    return base_quantity(item, quantity, unit)


def _amount(text: str) -> int:
    amount = parse_amount(text, base_digits())
    if amount < 0:
        raise fields_wrong({"amount": message("金额不能是负数。")})
    return amount


def _attempt(wrong: dict[str, Message], place: str, work: Callable[[], Result]) -> Result | None:
    try:
        return work()
    except UserError as error:
        wrong.setdefault(place, error.message)
        return None
