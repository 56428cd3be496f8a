"""Stock moves: the one door through which anything comes into stock or leaves it.

Called by stock documents and by orders inside their own unit, with the right of the document: whoever may finish it may
move what it moves. Locks: items in ascending order first, then the ledger's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.identity.actor import Actor
from app.inventory.queries.facts import ItemFacts, item_facts
from app.inventory.queries.posting_accounts import account_for
from app.inventory.service.costing.changes import Change, add_values
from app.inventory.service.costing.core import Rule
from app.inventory.service.costing.pending import start_recosting
from app.inventory.service.costing.recosting import Recosting
from app.inventory.service.costing.rows import (
    PoolKey,
    StoredMove,
    moves_by_id,
    moves_of,
    pool_key,
    stored_pools,
    taken_back,
)
from app.inventory.service.lots import lot_of_move
from app.inventory.service.posting import DocumentRef
from app.inventory.service.quantities import Flow, Place, add_to_months, change_quantities
from app.inventory.service.settings import stock_settings
from app.inventory.sharing import share
from app.kernel.clock import utc_ms
from app.kernel.errors import NotFound, RuleBroken
from app.kernel.money import format_quantity
from app.kernel.period import parse_date, period_of
from app.kernel.text import message
from app.ledger.errors import account_unknown
from app.ledger.service.locks import require_open
from app.storage.database import execute_many, fetch_all, insert_returning_id, run_unit
from app.storage.row_changes import update_rows

OPENING = "opening"
__all__ = ["BookedMove", "DocumentRef", "Movement", "Revalued", "book_moves", "revalue_receipt", "reverse_moves"]


@dataclass(frozen=True, slots=True)
class Movement:
    """What comes into a warehouse (positive) or leaves it (negative), in base units × 10^8.

    `amount` is the value of what comes in, in minor units; without one it comes in at what the stock is worth now.
    `returns_move_id` says that it comes back, or goes back, at that move's cost. `contra_account` and `contra_aux` are
    where the other side was booked: differences of a recosting go there (empty: the cost account). `is_transfer` moves
    quantity only; `into_product` says that its cost goes into the product of the same document.
    """

    item_id: int
    warehouse_id: int
    quantity: int
    amount: int | None = None
    lot: str = ""
    expiry: str = ""
    returns_move_id: int | None = None
    line_id: int = 0
    contra_account: str = ""
    contra_aux: str = ""
    is_transfer: bool = False
    into_product: bool = False

    @property
    def rule(self) -> Rule:
        """Return how it gets its amount."""
        if self.is_transfer:
            return "none"
        if self.returns_move_id is not None:
            return "return"
        if self.quantity < 0:
            return "issue"
        return "current" if self.amount is None else "given"


@dataclass(frozen=True, slots=True)
class BookedMove:
    """A move as booked; `amount` is signed as its quantity, `None` while the month's average is still to come."""

    move_id: int
    amount: int | None


@dataclass(frozen=True, slots=True)
class Revalued:
    """Where a change of a receipt's value went: what stayed in stock, or what was issued already, by contra account.

    The issued part has been moved from stock to the contra account by a voucher of the recosting; the caller's voucher
    books the whole change on stock.
    """

    stock_part: int
    issued_part: int
    contra_account: str = ""
    contra_aux: str = ""


def book_moves(
    actor: Actor,
    document: DocumentRef,
    date: str,
    movements: Sequence[Movement],
    *,
    items: Mapping[int, ItemFacts] | None = None,
) -> list[BookedMove]:
    """Book a document's moves on a day and return what each came to, in their order.

    `items` are the items of the moves where the caller has locked them in this unit already. A back-dated move recosts
    what comes after it; the differences are kept as revaluations and booked in the same unit, or by a job when they are
    many. Raises `RuleBroken` for a closed month, a service, a missing lot, more given back than there was, and for
    stock that would fall below zero on that day or a later one; `NotFound`.
    """
    return run_unit(lambda: _Booking(actor, document, date, items or {}).book(movements))


def reverse_moves(actor: Actor, document: DocumentRef, counter: DocumentRef, date: str) -> list[BookedMove]:
    """Book the exact opposite of every move of a document, of every cent it came to, in the name of its counter.

    The counter's vouchers are the document's in red; what recosts changed meanwhile is taken back by a voucher of its
    own. Raises as `book_moves`, and when part of the document was returned already.
    """

    def work() -> list[BookedMove]:
        found = moves_of(document.kind, document.id)
        items = item_facts({move.item_id for move in found}, lock=True)
        return _Booking(actor, counter, date, items).take_back(moves_of(document.kind, document.id))

    return run_unit(work)


def revalue_receipt(actor: Actor, move_id: int, delta_minor: int, date: str, document: DocumentRef) -> list[Revalued]:
    """Let a receipt come to another value, as its invoice says, and recost what it went into.

    The caller's voucher books `delta_minor` on stock; what of it belongs to goods issued already is booked on to their
    contra accounts here. The first row is what stayed in stock. Raises `NotFound`, `RuleBroken` for a move that has no
    value of its own and for a receipt that would be worth less than nothing.
    """

    def work() -> list[Revalued]:
        move = _receipt(move_id)
        item_facts([move.item_id], lock=True)
        move = _receipt(move_id)
        require_open(period_of(parse_date(date)))
        if move.booked + delta_minor < 0:
            raise RuleBroken("receipt_below_zero", message("入库的金额不能改成负数。"))
        recosting = Recosting(actor, document, date)
        recosting.revalue(move, delta_minor, booked_elsewhere=True)
        changes = recosting.finish()
        if recosting.leaves_work:
            start_recosting(actor)
        return _parts(changes, move, delta_minor)

    return run_unit(work)


def _receipt(move_id: int) -> StoredMove:
    move = moves_by_id([move_id]).get(move_id)
    if move is None:
        raise NotFound("move_unknown", message("没有编号为 {id} 的出入库记录。", id=move_id))
    if move.rule != "given":
        raise RuleBroken("move_not_receipt", message("只有按金额入库的记录才能调整金额。"))
    return move


def _parts(changes: Sequence[Change], receipt: StoredMove, delta: int) -> list[Revalued]:
    issued: dict[tuple[int, str], int] = {}
    for change in changes:
        moved = -(change.residue if change.move.id == receipt.id else change.amount + change.residue)
        if moved and not change.move.into_product and (change.move.rule != "given" or change.move.id == receipt.id):
            key = (change.move.contra_account_id or 0, change.move.contra_aux)
            issued[key] = issued.get(key, 0) + moved
    codes = {int(row[0]): str(row[1]) for row in fetch_all("SELECT id, code FROM {account}")} if issued else {}
    cost = ""
    if any(not account for account, _ in issued):
        item = item_facts([receipt.item_id])[receipt.item_id]
        cost = account_for("cost", category_id=item.category_id)
    rows = [Revalued(0, part, codes.get(account, cost), aux) for (account, aux), part in sorted(issued.items()) if part]
    return [Revalued(delta - sum(row.issued_part for row in rows), 0), *rows]


class _Booking:
    """One document's moves being booked."""

    def __init__(self, actor: Actor, document: DocumentRef, date: str, locked: Mapping[int, ItemFacts]) -> None:
        self._actor = actor
        self._document = document
        self._day = parse_date(date)
        self._date = self._day.isoformat()
        self._period = period_of(self._day)
        self._items = dict(locked)
        self._accounts: dict[str, int] = {}

    def book(self, movements: Sequence[Movement]) -> list[BookedMove]:
        self._lock({one.item_id for one in movements})
        self._read_accounts({one.contra_account for one in movements if one.contra_account})
        return self._store([self._new_move(one) for one in movements])

    def take_back(self, originals: Sequence[StoredMove]) -> list[BookedMove]:
        self._lock({move.item_id for move in originals})
        moves: list[StoredMove] = []
        for move in originals:
            if taken_back(move.id):
                raise RuleBroken(
                    "move_returned_already",
                    message("{item}已有退回的数量，请先取消退回。", item=self._items[move.item_id].shown),
                )
            is_quantity_only = move.rule == "none"
            moves.append(
                move._replace(
                    id=0,
                    period=self._period,
                    date=self._date,
                    document_kind=self._document.kind,
                    document_id=self._document.id,
                    quantity=-move.quantity,
                    amount=None if move.amount is None else -move.amount,
                    recosted=0,
                    residue=0,
                    rule="none" if is_quantity_only else "return",
                    costing=self._items[move.item_id].costing,
                    source_id=None if is_quantity_only else move.id,
                )
            )
            if move.date > self._date:
                raise _before_source(self._items[move.item_id], move.date)
        return self._store(moves)

    def _lock(self, item_ids: set[int]) -> None:
        if not item_ids <= self._items.keys():
            self._items = item_facts(item_ids, lock=True)
        for item_id in sorted(item_ids):
            item = self._items.get(item_id)
            if item is None:
                raise NotFound("item_unknown", message("没有编号为 {id} 的商品，它可能已被删除。", id=item_id))
            if item.kind != "goods":
                raise RuleBroken("item_is_service", message("{item}是服务，不进出库存。", item=item.shown))
        if self._document.kind != OPENING:  # it stands before the first month; its own rule says until when it may
            require_open(self._period)

    def _new_move(self, wanted: Movement) -> StoredMove:
        item = self._items[wanted.item_id]
        if not wanted.quantity:
            raise RuleBroken("quantity_zero", message("{item}的数量不能是零。", item=item.shown))
        if wanted.amount is not None and wanted.amount < 0:
            raise RuleBroken("amount_below_zero", message("{item}的入库金额不能是负数。", item=item.shown))
        lot_id = lot_of_move(item, wanted.lot, wanted.expiry, comes_in=wanted.quantity > 0)
        move = StoredMove(
            id=0,
            item_id=item.id,
            warehouse_id=wanted.warehouse_id,
            lot_id=lot_id,
            period=self._period,
            date=self._date,
            document_kind=self._document.kind,
            document_id=self._document.id,
            line_id=wanted.line_id,
            quantity=wanted.quantity,
            amount=wanted.amount if wanted.rule == "given" else 0 if wanted.rule == "none" else None,
            recosted=0,
            residue=0,
            rule=wanted.rule,
            costing=item.costing,
            source_id=wanted.returns_move_id,
            into_product=int(wanted.into_product),
            contra_account_id=self._account_id(wanted.contra_account),
            contra_aux=wanted.contra_aux,
        )
        return move if wanted.returns_move_id is None else self._checked_return(move, item)

    def _read_accounts(self, codes: set[str]) -> None:
        if codes:
            places = ", ".join("?" * len(codes))
            rows = fetch_all(f"SELECT code, id FROM {{account}} WHERE code IN ({places})", sorted(codes))
            self._accounts = {str(row[0]): int(row[1]) for row in rows}

    def _account_id(self, code: str) -> int | None:
        if not code:
            return None
        if code not in self._accounts:
            raise account_unknown(code)
        return self._accounts[code]

    def _checked_return(self, move: StoredMove, item: ItemFacts) -> StoredMove:
        source = moves_by_id([move.source_id or 0]).get(move.source_id or 0)
        if source is None or source.item_id != move.item_id or (source.quantity > 0) == (move.quantity > 0):
            raise RuleBroken("return_unfit", message("{item}退回的不是这笔出入库。", item=item.shown))
        if source.lot_id != move.lot_id:
            raise RuleBroken("return_lot", message("{item}退回的批次与原来的不同。", item=item.shown))
        if source.date > self._date:
            raise _before_source(item, source.date)
        left = abs(source.quantity) - taken_back(source.id)
        if abs(move.quantity) > left:
            raise RuleBroken(
                "return_too_much",
                message(
                    "{item}可退回的只有 {left} {unit}。", item=item.shown, left=format_quantity(left), unit=item.unit
                ),
            )
        return move

    def _store(self, moves: Sequence[StoredMove]) -> list[BookedMove]:
        stored = [self._insert(move) for move in moves]
        self._count(stored)
        recosting = Recosting(self._actor, self._document, self._date, items=self._items)
        amounts: dict[int, int | None] = {move.id: move.amount for move in stored}
        pools = self._pools(stored)
        kept = stored_pools(pools)
        for key, group in pools.items():
            if self._items[key.item_id].costing == "monthly":
                amounts |= _known_of_month(group)
                execute_many(  # should another method follow, its pool is made of what is there then
                    "UPDATE {item_cost} SET state = '{{}}', quantity = quantity + ? WHERE item_id = ? AND lot_id = ?",
                    [(sum(move.quantity for move in group), *key)],
                )
            elif any(move.rule != "none" for move in group):
                amounts |= recosting.cost_new(key, group, kept[key])
        found = {move.id: amounts[move.id] for move in stored if move.amount is None and amounts[move.id] is not None}
        update_rows("stock_move", ["amount"], {move_id: [amount] for move_id, amount in found.items()})
        self._flow(stored, amounts)
        recosting.finish()
        if recosting.leaves_work:
            start_recosting(self._actor)
        return [BookedMove(move.id, amounts[move.id]) for move in stored]

    def _pools(self, moves: Sequence[StoredMove]) -> dict[PoolKey, list[StoredMove]]:
        pools: dict[PoolKey, list[StoredMove]] = {}
        for move in moves:
            pools.setdefault(pool_key(move.costing, move.item_id, move.lot_id), []).append(move)
        return dict(sorted(pools.items()))

    def _insert(self, move: StoredMove) -> StoredMove:
        values: dict[str, object] = {
            **move._asdict(),
            "document_number": self._document.number,
            "created_by": self._actor.user_id,
            "created_at": utc_ms(),
        }
        del values["id"]
        columns = ", ".join(values)
        places = ", ".join("?" * len(values))
        move_id = insert_returning_id(f"INSERT INTO {{stock_move}} ({columns}) VALUES ({places})", [*values.values()])
        return move._replace(id=move_id)

    def _count(self, moves: Sequence[StoredMove]) -> None:
        changes: dict[Place, int] = {}
        for move in moves:
            place = Place(move.item_id, move.warehouse_id, move.lot_id)
            changes[place] = changes.get(place, 0) + move.quantity
        change_quantities(changes, self._date, self._items, allow_negative=stock_settings().allow_negative)

    def _flow(self, moves: Sequence[StoredMove], amounts: dict[int, int | None]) -> None:
        flows: dict[tuple[int, Place], Flow] = {}
        for move in moves:
            key = (self._period, Place(move.item_id, move.warehouse_id, move.lot_id))
            old, amount = flows.get(key, Flow(0, 0, 0, 0)), amounts[move.id] or 0
            if move.quantity > 0:
                flows[key] = old._replace(in_quantity=old.in_quantity + move.quantity, in_amount=old.in_amount + amount)
            else:
                flows[key] = old._replace(
                    out_quantity=old.out_quantity - move.quantity, out_amount=old.out_amount - amount
                )
        add_to_months(flows)
        add_values((move.key, amounts[move.id] or 0) for move in moves)


def _known_of_month(moves: Sequence[StoredMove]) -> dict[int, int | None]:
    """Return what moves of an item with 全月一次加权 come to as far as it is known before the month's end."""
    found: dict[int, int | None] = {}
    for move in moves:
        if move.rule == "return" and move.amount is None:
            source = moves_by_id([move.source_id or 0])[move.source_id or 0]
            if source.amount is not None:
                cost = share(abs(source.booked), abs(move.quantity), abs(source.quantity))
                found[move.id] = cost if move.quantity > 0 else -cost
    return found


def _before_source(item: ItemFacts, day: str) -> RuleBroken:
    return RuleBroken(
        "return_before_source", message("{item}不能在原单日期 {day} 之前退回。", item=item.shown, day=day)
    )
