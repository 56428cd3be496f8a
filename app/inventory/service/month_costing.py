"""全月一次加权: a month's issues costed when the month is over, and again for the difference if something was added."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from app.contract.stock import MonthCosting, MonthCostingInput
from app.identity import audit
from app.identity.actor import Actor
from app.inventory.queries.facts import ItemFacts, item_facts
from app.inventory.queries.posting import vouchers_of
from app.inventory.service.costing.changes import Change, book_changes, write_changes
from app.inventory.service.costing.core import Source, Step
from app.inventory.service.costing.monthly import Month, issues_taken_back, month_costs
from app.inventory.service.costing.recosting import insert_recost
from app.inventory.service.costing.rows import COLUMNS, Position, StoredMove, sources_of
from app.inventory.service.posting import DocumentRef, PostingWish
from app.kernel.errors import RuleBroken
from app.kernel.money import format_amount
from app.kernel.period import first_day, format_period, last_day, parse_period
from app.kernel.text import message
from app.ledger.queries.closing import origin_of
from app.ledger.queries.vouchers import base_digits
from app.ledger.service.locks import require_open
from app.storage.database import execute, fetch_all, fetch_one, run_unit

KIND = "month_costing"
STEP = "stock_cost"


class MonthOfItem(NamedTuple):
    """What costing an item's month changes; `waiting` moves get their first amount, be it nothing."""

    item: ItemFacts
    changes: list[Change]
    waiting: int


def cost_month(actor: Actor, wish: MonthCostingInput) -> MonthCosting:
    """Cost the month's issues of items with 全月一次加权 and book them; run again it books only the difference.

    Raises `RuleBroken` for a closed month, and while an earlier month waits for its costing.
    """
    actor.require("ledger:closing:run")
    period = parse_period(wish.period)

    def work() -> MonthCosting:
        found = months_due(period, lock=True)
        book_month(actor, period, found)
        amount = sum(change.amount for one in found for change in one.changes)
        return MonthCosting(
            period=format_period(period),
            items=len(found),
            amount=format_amount(-amount, base_digits()),
            vouchers=vouchers_of(KIND, period),
        )

    return run_unit(work)


def book_month(actor: Actor, period: int, found: Sequence[MonthOfItem], *, post: bool | None = None) -> list[int]:
    """Keep and book what costing a month changes; part of the unit under way. Returns the vouchers."""
    require_open(period)
    earlier = _earlier_waiting(period)
    if earlier:
        raise RuleBroken(
            "costing_out_of_order",
            message(
                "{earlier} 的出库成本还没有结转，请先结转它，再结转 {period}。",
                earlier=format_period(earlier),
                period=format_period(period),
            ),
        )
    document = DocumentRef(KIND, period, format_period(period))
    changes = [change for one in found for change in one.changes]
    made: list[int] = []
    if changes:
        write_changes(insert_recost(actor, document, last_day(period).isoformat()), changes)
        made = book_changes(
            actor,
            document,
            changes,
            items={one.item.id: one.item for one in found},
            summary=message("结转 {period} 出库成本", period=format_period(period)),
            wish=PostingWish(origin=origin_of(STEP, period), kind="transfer", post=post),
        )
    for one in found:
        execute(
            "UPDATE {stock_move} SET amount = 0 WHERE item_id = ? AND period = ? AND costing = 'monthly'"
            " AND amount IS NULL",
            (one.item.id, period),
        )
    if found:
        audit.record(actor, "inventory:stock:cost", KIND, period, after={"items": len(found), "vouchers": made})
    return made


def _earlier_waiting(period: int) -> int | None:
    row = fetch_one("SELECT MIN(period) FROM {stock_move} WHERE amount IS NULL AND period < ?", (period,))
    return int(row[0]) if row and row[0] else None


def months_due(period: int, *, lock: bool = False) -> list[MonthOfItem]:
    """Return the items whose month is not costed, or not as it stands now, by id; with `lock` their rows are locked."""
    rows = fetch_all(
        "SELECT DISTINCT item_id FROM {stock_move} WHERE period = ? AND costing = 'monthly'"
        " UNION SELECT DISTINCT r.item_id FROM {stock_revaluation} r JOIN {item} i ON i.id = r.item_id"
        " WHERE r.period = ? AND i.costing = 'monthly'",
        (period, period),
    )
    items = item_facts((int(row[0]) for row in rows), lock=lock)
    found: list[MonthOfItem] = []
    for _, item in sorted(items.items()):
        one = _month_of(item, period)
        if one.changes or one.waiting:
            found.append(one)
    return found


def has_monthly(period: int) -> bool:
    """Tell whether goods costed by the month's average moved in a month."""
    return (
        fetch_one("SELECT 1 FROM {stock_move} WHERE period = ? AND costing = 'monthly' LIMIT 1", (period,)) is not None
    )


def _month_of(item: ItemFacts, period: int) -> MonthOfItem:
    moves = [
        StoredMove(*row)
        for row in fetch_all(
            f"SELECT {COLUMNS} FROM {{stock_move}} WHERE item_id = ? AND period = ? AND costing = 'monthly'"
            " ORDER BY date, id",
            (item.id, period),
        )
    ]
    revalued = {
        int(row[0]): (int(row[1]), int(row[2]))
        for row in fetch_all(
            "SELECT move_id, SUM(amount), SUM(residue) FROM {stock_revaluation} WHERE item_id = ? AND period = ?"
            " GROUP BY move_id",
            (item.id, period),
        )
    }
    own = {move.id for move in moves}
    further = sum(sum(pair) for move_id, pair in revalued.items() if move_id not in own)
    if not moves:
        return MonthOfItem(item, _left_over(item, period, further, revalued), 0)
    outer = _outer_returns(moves, period)
    steps = [_step(move, revalued.get(move.id, (0, 0))[0], outer) for move in moves]
    day = last_day(period).isoformat()
    changes: list[Change] = []
    for move, costed in zip(moves, month_costs(_begin(item, period, further), steps), strict=True):
        amount, residue = revalued.get(move.id, (0, 0))
        change = Change(
            move,
            day,
            costed.amount - (move.amount or 0) - amount if move.rule != "given" else 0,
            costed.residue - residue,
        )
        if change.amount or change.residue:
            changes.append(change)
    return MonthOfItem(item, changes, sum(1 for move in moves if move.amount is None))


def _step(move: StoredMove, revalued: int, outer: dict[int, int]) -> Step:
    given = outer.get(move.id, (move.amount or 0) + revalued)
    return Step(move.id, move.quantity, move.rule, given, move.source_id or 0)


def _outer_returns(moves: Sequence[StoredMove], period: int) -> dict[int, int]:
    """Return the signed amounts of what takes back moves of other months, or receipts, at their present cost."""
    sources = sources_of(moves, Position(first_day(period).isoformat(), 0))
    found: dict[int, int] = {}
    inner = issues_taken_back([move.step() for move in moves])
    for move in moves:
        if move.rule == "return" and move.id not in inner:
            cost = sources[move.source_id or 0].take(abs(move.quantity))
            found[move.id] = cost if move.quantity > 0 else -cost
        sources[move.id] = Source(
            abs(move.quantity), abs(found.get(move.id, move.booked)), takes_back=sources.get(move.source_id or 0)
        )
    return found


def _begin(item: ItemFacts, period: int, further: int) -> Month:
    row = fetch_one(
        "SELECT COALESCE(SUM(in_quantity - out_quantity), 0), COALESCE(SUM(in_amount - out_amount), 0)"
        " FROM {stock_month} WHERE item_id = ? AND period < ?",
        (item.id, period),
    ) or (0, 0)
    last = fetch_one(
        "SELECT ABS(quantity), ABS(amount + recosted) FROM {stock_move} WHERE item_id = ? AND amount IS NOT NULL"
        " AND rule <> 'none' AND period < ? ORDER BY date DESC, id DESC LIMIT 1",
        (item.id, period),
    ) or (0, 0)
    return Month(int(row[0]), int(row[1]) + further, int(last[0]), int(last[1]))


def _left_over(item: ItemFacts, period: int, further: int, revalued: dict[int, tuple[int, int]]) -> list[Change]:
    """Return the residue of a month without moves: value that came without goods when none are left."""
    month = _begin(item, period, further)
    if month.quantity or not month.value:
        return []
    rows = fetch_all(f"SELECT {COLUMNS} FROM {{stock_move}} WHERE id = ?", (max(revalued),)) if revalued else []
    return [Change(StoredMove(*rows[0]), last_day(period).isoformat(), 0, -month.value)] if rows else []
