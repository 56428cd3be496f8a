"""Stored moves as costing reads them, and the pools kept between them."""

from __future__ import annotations

import itertools
import json
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from app.contract.inventory import Costing
from app.inventory.service.costing.core import Layer, Pool, Rule, Source, Step, replay
from app.storage.database import Row, current_book, execute, execute_many, fetch_all, fetch_one

CHUNK = 500


class PoolKey(NamedTuple):
    """What is costed together: an item over all warehouses, or one lot of an item with 个别计价."""

    item_id: int
    lot_id: int

    @property
    def condition(self) -> str:
        """Return what of `stock_move` belongs to the pool; it takes `params`."""
        return "item_id = ? AND lot_id = ?" if self.lot_id else "item_id = ?"

    @property
    def params(self) -> tuple[int, ...]:
        """Return the parameters of `condition`."""
        return (self.item_id, self.lot_id) if self.lot_id else (self.item_id,)


class Position(NamedTuple):
    """A place in the order of moves: by day, within a day as they were entered."""

    date: str
    move_id: int


END = Position("9999-12-31", 0)
"""Behind every move."""


class StoredMove(NamedTuple):
    """The columns of `stock_move` that costing looks at."""

    id: int
    item_id: int
    warehouse_id: int
    lot_id: int
    period: int
    date: str
    document_kind: str
    document_id: int
    line_id: int
    quantity: int
    amount: int | None
    recosted: int
    residue: int
    rule: Rule
    costing: Costing
    source_id: int | None
    into_product: int
    contra_account_id: int | None
    contra_aux: str

    @property
    def booked(self) -> int:
        """Return what the move has come to so far, without its residue; nothing while the month's average waits."""
        return (self.amount or 0) + self.recosted

    @property
    def position(self) -> Position:
        """Return where it stands."""
        return Position(self.date, self.id)

    @property
    def key(self) -> PoolKey:
        """Return the pool it belongs to."""
        return pool_key(self.costing, self.item_id, self.lot_id)

    def step(self, given_change: int = 0) -> Step:
        """Return the move as the core sees it."""
        return Step(self.id, self.quantity, self.rule, self.booked + given_change, self.source_id or 0)


COLUMNS = ", ".join(StoredMove._fields)
_BEFORE = "(date < ? OR (date = ? AND id < ?))"
_FROM = "(date > ? OR (date = ? AND id >= ?))"


def pool_key(costing: Costing, item_id: int, lot_id: int) -> PoolKey:
    """Return the pool a move of an item belongs to."""
    return PoolKey(item_id, lot_id if costing == "lot" else 0)


def moves_of(kind: str, document_id: int) -> list[StoredMove]:
    """Return the moves of a document in the order they were booked."""
    rows = fetch_all(
        f"SELECT {COLUMNS} FROM {{stock_move}} WHERE document_kind = ? AND document_id = ? ORDER BY id",
        (kind, document_id),
    )
    return [StoredMove(*row) for row in rows]


def moves_by_id(ids: Iterable[int]) -> dict[int, StoredMove]:
    """Return moves by id."""
    return {row[0]: StoredMove(*row) for row in _in_chunks("id", ids)}


def _in_chunks(column: str, values: Iterable[int]) -> list[Row]:
    wanted = sorted(set(values))
    rows: list[Row] = []
    for start in range(0, len(wanted), CHUNK):
        chunk = wanted[start : start + CHUNK]
        places = ", ".join("?" * len(chunk))
        rows += fetch_all(f"SELECT {COLUMNS} FROM {{stock_move}} WHERE {column} IN ({places}) ORDER BY id", chunk)
    return rows


def moves_from(key: PoolKey, position: Position) -> list[StoredMove]:
    """Return the moves of a pool from a place on, in their order."""
    sql = f"SELECT {COLUMNS} FROM {{stock_move}} WHERE {key.condition} AND {_FROM} ORDER BY date, id"
    return [StoredMove(*row) for row in fetch_all(sql, (*key.params, position.date, *position))]


def _moves_before(key: PoolKey, position: Position) -> list[StoredMove]:
    sql = f"SELECT {COLUMNS} FROM {{stock_move}} WHERE {key.condition} AND {_BEFORE} ORDER BY date, id"
    return [StoredMove(*row) for row in fetch_all(sql, (*key.params, position.date, *position))]


def count_from(key: PoolKey, position: Position) -> int:
    """Return how many moves a pool has from a place on."""
    sql = f"SELECT COUNT(*) FROM {{stock_move}} WHERE {key.condition} AND {_FROM}"
    row = fetch_one(sql, (*key.params, position.date, *position))
    return int(row[0]) if row else 0


def pool_before(key: PoolKey, costing: Costing, position: Position) -> Pool:
    """Return a pool as it stands before a place in the order of moves."""
    merges = costing == "moving"
    sums = fetch_one(
        "SELECT COALESCE(SUM(quantity), 0), COALESCE(SUM(COALESCE(amount, 0) + recosted + residue), 0), COUNT(*)"
        f" FROM {{stock_move}} WHERE {key.condition} AND {_BEFORE}",
        (*key.params, position.date, *position),
    ) or (0, 0, 0)
    quantity, value, count = (int(one) for one in sums)
    if not count:
        return Pool(merges)
    if merges and quantity > 0:
        return _one_layer(quantity, value, merges=merges)
    return _replayed(_moves_before(key, position), merges=merges)


def _replayed(moves: Sequence[StoredMove], *, merges: bool) -> Pool:
    """Return the pool that all these moves lead to, by the method each was costed with.

    What a month's average or single lots left is one layer at what it came to.
    """
    sources = sources_of(moves, Position("", 0))
    pool = Pool(merges)
    quantity = value = 0
    for costing, group in itertools.groupby(moves, key=lambda move: move.costing):
        done = list(group)
        quantity += sum(move.quantity for move in done)
        value += sum(move.booked + move.residue for move in done)
        if costing in ("moving", "fifo"):
            pool.switch(merges=costing == "moving")
            replay(pool, [move.step() for move in done], sources)
        else:
            pool = _one_layer(quantity, value, merges=merges)
    pool.switch(merges=merges)
    return pool


def _one_layer(quantity: int, value: int, *, merges: bool) -> Pool:
    """Return a pool whose history is not known, only what it holds."""
    if quantity < 0:
        return Pool(merges, short_quantity=-quantity, short_value=-value)
    if not quantity:
        return Pool(merges)
    return Pool(merges, deque([Layer(0, quantity, value)]), last_quantity=quantity, last_value=value)


def sources_of(moves: Sequence[StoredMove], position: Position) -> dict[int, Source]:
    """Return the moves that these take back and that are not among them, with how much of each was taken back before.

    `position` is where these moves begin.
    """
    own = {move.id for move in moves}
    wanted = {move.source_id for move in moves if move.source_id and move.source_id not in own}
    if not wanted:
        return {}
    found = moves_by_id(wanted)
    parents = moves_by_id({move.source_id for move in found.values() if move.source_id} - found.keys())
    found |= parents
    sources = {
        move.id: Source(abs(move.quantity), abs(move.booked), taken_back(move.id, position)) for move in found.values()
    }
    for move in found.values():
        if move.source_id in sources:
            sources[move.id].takes_back = sources[move.source_id]
    return sources


def taken_back(move_id: int, before: Position | None = None) -> int:
    """Return how much of a move was taken back and stayed so, before a place in the order of moves."""
    limit, params = "", tuple[object, ...]()
    if before is not None:
        limit, params = f" AND {_BEFORE}", (before.date, *before)
    live = 0
    for return_id, quantity in fetch_all(
        f"SELECT id, quantity FROM {{stock_move}} WHERE source_id = ?{limit}", (move_id, *params)
    ):
        row = fetch_one(
            f"SELECT COALESCE(SUM(ABS(quantity)), 0) FROM {{stock_move}} WHERE source_id = ?{limit}",
            (return_id, *params),
        )
        live += abs(int(quantity)) - (int(row[0]) if row else 0)
    return live


class PoolState(NamedTuple):
    """A pool as kept between moves: how it stands now, the last day it moved, from where it waits to be recosted."""

    pool: Pool
    value: int
    last_date: str
    pending: Position | None
    pending_recost_id: int | None


class KeptPool(NamedTuple):
    """A row of `item_cost`, without its key and quantity."""

    text: str
    value: int
    last_date: str
    pending_date: str | None
    pending_move_id: int | None
    pending_recost_id: int | None

    def state(self, key: PoolKey, costing: Costing, before: Position) -> PoolState:
        """Return the pool; one that another method left is made anew of the moves up to `before`."""
        merges = costing == "moving"
        kept = json.loads(self.text)
        pool = _pool_of(kept, merges=merges) if "layers" in kept else pool_before(key, costing, before)
        pending = None if self.pending_date is None else Position(self.pending_date, int(self.pending_move_id or 0))
        return PoolState(pool, self.value, self.last_date, pending, self.pending_recost_id)


_KEPT = (
    "SELECT item_id, lot_id, state, value, last_date, pending_date, pending_move_id, pending_recost_id FROM {item_cost}"
)


def stored_pools(keys: Iterable[PoolKey]) -> dict[PoolKey, KeptPool]:
    """Return pools as they are kept, made where they are not there yet; their items are locked by the caller."""
    wanted = sorted(keys)
    found = _kept_pools(wanted)
    missing = [key for key in wanted if key not in found]
    if missing:
        execute_many(
            "INSERT INTO {item_cost} (item_id, lot_id, quantity, value, state) VALUES (?, ?, 0, 0, '{{}}')", missing
        )
        found |= _kept_pools(missing)
    return found


def _kept_pools(keys: Sequence[PoolKey]) -> dict[PoolKey, KeptPool]:
    found: dict[PoolKey, KeptPool] = {}
    for start in range(0, len(keys), CHUNK):
        chunk = keys[start : start + CHUNK]
        condition = " OR ".join(["(item_id = ? AND lot_id = ?)"] * len(chunk))
        for row in fetch_all(f"{_KEPT} WHERE {condition}", [part for key in chunk for part in key]):
            found[PoolKey(*row[:2])] = KeptPool(*row[2:])
    return found


def read_pool(key: PoolKey, costing: Costing) -> PoolState:
    """Return a pool as it stands after its last move; the item's row is locked by the caller."""
    kept = _kept_pools([key]).get(key)
    return PoolState(Pool(costing == "moving"), 0, "", None, None) if kept is None else kept.state(key, costing, END)


def _pool_of(state: dict[str, Any], *, merges: bool) -> Pool:
    layers = deque(Layer(*layer) for layer in state.get("layers", []))
    pool = Pool(merges, layers, *state.get("short", [0, 0]), *state.get("last", [0, 0]))
    pool.switch(merges=merges)
    return pool


def save_pool(key: PoolKey, state: PoolState) -> None:
    """Keep a pool as it stands."""
    pool = state.pool
    kept = {
        "layers": [list(layer) for layer in pool.layers],
        "short": [pool.short_quantity, pool.short_value],
        "last": [pool.last_quantity, pool.last_value],
    }
    pending = state.pending or (None, None)
    columns = (
        *("item_id", "lot_id", "quantity", "value", "state", "last_date"),
        *("pending_date", "pending_move_id", "pending_recost_id"),
    )
    values = (
        *(*key, pool.quantity, state.value, json.dumps(kept, separators=(",", ":")), state.last_date),
        *(*pending, state.pending_recost_id),
    )
    changed = columns[2:]
    head = f"INSERT INTO {{item_cost}} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
    if current_book().is_sqlite:
        sets = ", ".join(f"{column} = excluded.{column}" for column in changed)
        execute(f"{head} ON CONFLICT (item_id, lot_id) DO UPDATE SET {sets}", values)
    else:
        sets = ", ".join(f"{column} = VALUES({column})" for column in changed)
        execute(f"{head} ON DUPLICATE KEY UPDATE {sets}", values)
