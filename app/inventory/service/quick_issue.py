"""Taking goods out with one call: another issue of today, made and finished at once."""

from __future__ import annotations

from app.contract.stock import StockDocumentInput, StockLineInput, StockTake, StockTaken
from app.identity.actor import Actor
from app.inventory.queries.facts import ItemFacts, item_facts
from app.inventory.queries.stock_balances import quantities_now
from app.inventory.queries.warehouses import usual_warehouse_id
from app.inventory.service.stock_documents import finish_stock_document, save_stock_document
from app.kernel.clock import china_today
from app.kernel.errors import MalformedInput, NotFound, RuleBroken
from app.kernel.money import QUANTITY_DIGITS, format_quantity, parse_amount
from app.kernel.text import clean_text, message
from app.storage.database import fetch_all, run_unit


def take_out(actor: Actor, item_text: str, wish: StockTake) -> StockTaken:
    """Take a quantity of an item, named by code or name, out of the usual warehouse.

    Lots go out by their expiry. Raises `NotFound` for an unknown item, `MalformedInput` for a quantity that is not
    positive, `RuleBroken` when there is not enough.
    """
    actor.require("inventory:document:add")
    actor.require("inventory:document:finish")
    quantity = parse_amount(str(wish.quantity), QUANTITY_DIGITS)
    if quantity <= 0:
        raise MalformedInput("quantity_not_positive", message("数量要大于零。"))

    def work() -> StockTaken:
        item = _find(item_text)
        typed = StockDocumentInput(kind="other_out", date=china_today().isoformat(), lines=_lines(item, quantity))
        draft = save_stock_document(actor, typed)
        done = finish_stock_document(actor, draft.id)
        left = quantities_now([item.id]).get(item.id, 0)
        return StockTaken(
            message=f"Inventory updated for {item_text}", number=done.number, quantity=format_quantity(left)
        )

    return run_unit(work)


def _find(text: str) -> ItemFacts:
    name = clean_text(text)
    rows = fetch_all("SELECT id FROM {item} WHERE code = ?", (name,)) or fetch_all(
        "SELECT id FROM {item} WHERE name = ? ORDER BY active DESC, id LIMIT 1", (name,)
    )
    facts = item_facts([int(rows[0][0])], lock=True) if rows else {}
    if not facts:
        raise NotFound("item_unknown", message("没有商品“{item}”。", item=name))
    return facts[int(rows[0][0])]


def _lines(item: ItemFacts, quantity: int) -> list[StockLineInput]:
    if not item.tracks_lots:
        return [StockLineInput(item_id=item.id, quantity=format_quantity(quantity))]
    lines: list[StockLineInput] = []
    rest = quantity
    for number, have in fetch_all(
        "SELECT l.number, q.quantity FROM {stock_quantity} q JOIN {lot} l ON l.id = q.lot_id"
        " WHERE q.item_id = ? AND q.warehouse_id = ? AND q.quantity > 0"
        " ORDER BY CASE WHEN l.expiry = '' THEN 1 ELSE 0 END, l.expiry, l.number",
        (item.id, usual_warehouse_id()),
    ):
        part = min(rest, int(have))
        rest -= part
        if part:
            lines.append(StockLineInput(item_id=item.id, quantity=format_quantity(part), lot=number))
    if rest:
        raise RuleBroken(
            "stock_too_little",
            message(
                "{item}只有 {have} {unit}，要出库 {wanted} {unit}，不够。",
                item=item.shown,
                have=format_quantity(quantity - rest),
                wanted=format_quantity(quantity),
                unit=item.unit,
            ),
        )
    return lines
