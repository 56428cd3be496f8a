"""Recosting: what moves come to anew from a place on, the differences kept as revaluations and booked by month.

A move keeps the amount it was booked with. When an earlier move changes what it cost, a revaluation row carries the
difference, dated as the move while its month is open, else on the first open day, and never before the day of what
caused it. One voucher a month books them, against the accounts the moves were booked against.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from app.identity.actor import Actor
from app.inventory.purposes import Purpose
from app.inventory.queries.facts import ItemFacts, item_facts
from app.inventory.queries.posting import RECOST
from app.inventory.service.costing.changes import Change, book_changes, write_changes
from app.inventory.service.costing.core import Costed, Look, Pool, replay
from app.inventory.service.costing.rows import (
    KeptPool,
    PoolKey,
    PoolState,
    Position,
    StoredMove,
    count_from,
    moves_from,
    moves_of,
    pool_before,
    read_pool,
    save_pool,
    sources_of,
)
from app.inventory.service.posting import DocumentRef, PostingLine, Side
from app.kernel.clock import utc_ms
from app.kernel.period import first_day
from app.kernel.text import message
from app.ledger.service.locks import period_is_open
from app.ledger.service.periods import first_open_period
from app.storage.database import fetch_all, insert_returning_id

MOST_INLINE = 2_000
"""More later moves than this are recosted by a job; until then the pool carries a mark."""


class Recosting:
    """Collects what one document makes different, over all pools it touches, and books it once."""

    def __init__(
        self,
        actor: Actor,
        document: DocumentRef,
        date: str,
        look: Look | None = None,
        *,
        items: Mapping[int, ItemFacts] = MappingProxyType({}),
    ) -> None:
        """Begin; `date` is the day of what caused it, `items` are those the unit has locked already."""
        self.actor = actor
        self.document = document
        self.date = date
        self._look = look
        self._moves: dict[int, StoredMove] = {}
        self._computed: dict[int, tuple[int, int]] = {}
        self._given: dict[int, int] = {}
        self._booked_elsewhere: set[int] = set()
        self._waiting: dict[PoolKey, Position] = {}
        self._items = dict(items)
        self._days: dict[int, str] = {}
        self.leaves_work = False
        """Whether a pool was left to the job."""

    def revalue(self, move: StoredMove, change: int, *, booked_elsewhere: bool) -> None:
        """Let a receipt come to another value and recost what it went into.

        `booked_elsewhere` says that the caller's own voucher books the change of the receipt itself.
        """
        self._moves[move.id] = move
        self._given[move.id] = self._given.get(move.id, 0) + change
        if booked_elsewhere:
            self._booked_elsewhere.add(move.id)
        self._wait(move.key, move.position)

    def cost_new(self, key: PoolKey, new: Sequence[StoredMove], kept: KeptPool) -> dict[int, int]:
        """Return what new moves of a pool, which have no amount yet, come to; later ones are recosted with them.

        `kept` is the pool as it was read, the item being locked. New moves that have an amount (counter-documents) keep
        it; what they differ by is noted as any difference is.
        """
        costing = self._item(key.item_id).costing
        position = new[0].position
        state = kept.state(key, costing, position)
        if position.date >= state.last_date:
            costed = replay(state.pool, [move.step() for move in new], sources_of(new, position))
            save_pool(key, state._replace(last_date=position.date))
            return self._take(zip(new, costed, strict=True))
        if state.pending is None and count_from(key, position) - len(new) <= MOST_INLINE:
            return self._replay(key, position, frozenset(move.id for move in new))
        pool = pool_before(key, costing, position)
        costed = replay(pool, [move.step() for move in new], sources_of(new, position))
        _follow_roughly(state.pool, new, costed)
        self._mark(key, state, position)
        return self._take(zip(new, costed, strict=True))

    def _take(self, outcomes: Iterable[tuple[StoredMove, Costed]]) -> dict[int, int]:
        found: dict[int, int] = {}
        for move, outcome in outcomes:
            if move.amount is None:
                found[move.id] = outcome.amount
                self._note(move, 0, outcome.residue)
            else:
                self._note(move, 0 if move.rule == "given" else outcome.amount - move.booked, outcome.residue)
        return found

    def _mark(self, key: PoolKey, state: PoolState, position: Position) -> None:
        """Leave a pool to the job: too many moves come later. What is booked there meanwhile is recosted with them."""
        recost_id = state.pending_recost_id or insert_recost(self.actor, self.document, self.date)
        pending = position if state.pending is None else min(position, state.pending)
        save_pool(key, state._replace(pending=pending, pending_recost_id=recost_id))
        self.leaves_work = True

    def redo(self, key: PoolKey, position: Position) -> None:
        """Recost a pool from a place on, however many moves come later, and take its mark away."""
        self._replay(key, position, frozenset())

    def _wait(self, key: PoolKey, position: Position) -> None:
        self._waiting[key] = min(self._waiting.get(key, position), position)

    def _recost_waiting(self, key: PoolKey, position: Position) -> None:
        costing = self._item(key.item_id).costing
        state = read_pool(key, costing)
        if costing == "monthly":
            return
        if state.pending is not None or count_from(key, position) > MOST_INLINE:
            self._mark(key, state, position)
        else:
            self._replay(key, position, frozenset())

    def _replay(self, key: PoolKey, position: Position, new: frozenset[int]) -> dict[int, int]:
        costing = self._item(key.item_id).costing
        state = read_pool(key, costing)
        moves = moves_from(key, position)
        pool = pool_before(key, costing, position)
        steps = [move.step(self._given.get(move.id, 0)) for move in moves]
        costed = replay(pool, steps, sources_of(moves, position), self._look)
        found: dict[int, int] = {}
        for move, outcome in zip(moves, costed, strict=True):
            amount = 0 if move.rule == "given" else outcome.amount - move.booked
            if move.id in new and move.amount is None:
                found[move.id], amount = outcome.amount, 0
            residue = outcome.residue - move.residue
            if amount or residue or move.id in self._computed:
                self._note(move, amount, residue)
        last = moves[-1].date if moves else ""
        save_pool(key, PoolState(pool, state.value, max(last, state.last_date), None, None))
        return found

    def _note(self, move: StoredMove, amount: int, residue: int) -> None:
        """Keep what a move differs by; what is part of a product goes on into the product."""
        before = self._computed.get(move.id, (0, 0))
        self._moves[move.id] = move
        self._computed[move.id] = (amount, residue)
        if move.into_product and move.rule == "issue" and amount != before[0]:
            for product in moves_of(move.document_kind, move.document_id):
                if product.rule == "given":
                    self._item(product.item_id)
                    self.revalue(product, before[0] - amount, booked_elsewhere=False)
                    break

    def _item(self, item_id: int) -> ItemFacts:
        if item_id not in self._items:
            self._items.update(item_facts([item_id], lock=True))
        return self._items[item_id]

    def finish(self) -> list[Change]:
        """Recost what products and revalued receipts went into, keep all differences and book them."""
        while self._waiting:
            key = min(self._waiting, key=lambda one: (self._waiting[one], one))
            self._recost_waiting(key, self._waiting.pop(key))
        changes = self._changes()
        if changes:
            recost_id = insert_recost(self.actor, self.document, self.date)
            write_changes(recost_id, changes)
            book_changes(
                self.actor,
                DocumentRef(RECOST, recost_id, self.document.number),
                changes,
                items={change.move.item_id: self._item(change.move.item_id) for change in changes},
                summary=message("成本调整 {number}", number=self.document.number),
                booked_elsewhere=self._booked_elsewhere,
            )
        return changes

    def _changes(self) -> list[Change]:
        found: list[Change] = []
        for move_id, move in sorted(self._moves.items()):
            amount, residue = self._computed.get(move_id, (0, 0))
            amount += self._given.get(move_id, 0)
            if amount or residue:
                found.append(Change(move, self._day(move), amount, residue))
        return found

    def _day(self, move: StoredMove) -> str:
        """Return the day of a move's revaluation: that of the voucher which books it."""
        if move.id in self._booked_elsewhere:
            return self.date
        if move.period not in self._days:
            open_day = "" if period_is_open(move.period) else first_day(first_open_period()).isoformat()
            self._days[move.period] = open_day
        return max(self.date, self._days[move.period] or move.date)


def _follow_roughly(pool: Pool, new: Sequence[StoredMove], costed: Sequence[Costed]) -> None:
    """Bring the end of a pool that waits to be recosted to the right quantity; the job finds its value."""
    for move, outcome in zip(new, costed, strict=True):
        if move.rule == "none":
            continue
        if move.quantity > 0:
            pool.receive(move.id, move.quantity, outcome.amount)
        else:
            pool.issue(-move.quantity)


def insert_recost(actor: Actor, document: DocumentRef, date: str) -> int:
    """Begin a recosting, caused by a document on a day, and return its id."""
    return insert_returning_id(
        "INSERT INTO {stock_recost} (document_kind, document_id, document_number, date, created_by, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (document.kind, document.id, document.number, date, actor.user_id, utc_ms()),
    )


def _line(side: Side, amount: int, item: ItemFacts, purpose: Purpose) -> PostingLine:
    return PostingLine(
        side=side,
        amount_minor=amount,
        purpose=purpose,
        category_id=item.category_id,
        item_name=item.name,
    )


def _account_codes(ids: Iterable[int | None]) -> dict[int, str]:
    wanted = sorted({one for one in ids if one})
    if not wanted:
        return {}
    places = ", ".join("?" * len(wanted))
    rows = fetch_all(f"SELECT id, code FROM {{account}} WHERE id IN ({places})", wanted)
    return {int(row[0]): str(row[1]) for row in rows}
