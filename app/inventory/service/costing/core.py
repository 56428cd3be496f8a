"""The costing core: given what is in stock and the moves in their order, what each issue costs. No I/O.

Quantities are integers × 10^8, amounts minor units. No unit cost is ever kept: an issue takes its share of a whole,
rounded once, and the last piece takes what is left, so that quantity and value reach zero together.

A pool is a queue of layers. 先进先出 keeps one layer a receipt; 移动加权 is the same pool whose receipts all merge into
one layer; 个别计价 is a 先进先出 pool for each lot. Where the book allows stock below zero, what was issued beyond it
is kept as `short` at the last known unit value and settled by the next receipt; the difference is a *residue*.

A residue is what has to be booked beside a move's own amount for quantity zero to mean value zero: the settling of a
shortage, or a purchase return at the receipt's price when the stock it leaves was worth something else.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from app.inventory.sharing import share

Rule = Literal["given", "issue", "return", "current", "none"]
"""How a move gets its amount: typed with it; by the method; that of the move it takes back; what stock is worth now;
none, for moves between warehouses."""


class Layer(NamedTuple):
    """What is left of a receipt; in a merged pool of all receipts."""

    move_id: int
    quantity: int
    value: int


@dataclass(slots=True)
class Pool:
    """What is in stock of an item (or of one lot of it) and what it is worth."""

    merges: bool
    layers: deque[Layer] = field(default_factory=deque)
    short_quantity: int = 0
    short_value: int = 0
    last_quantity: int = 0
    """With `last_value` the last known unit value, as a fraction."""
    last_value: int = 0

    def switch(self, *, merges: bool) -> None:
        """Go on by another method: what is there becomes one layer, or stays one."""
        self.merges = merges
        if merges and len(self.layers) > 1:
            whole = Layer(self.layers[-1].move_id, self.quantity, self.value)
            self.layers = deque([whole])

    @property
    def quantity(self) -> int:
        """Return what is there; negative when more was issued than came in."""
        return sum(layer.quantity for layer in self.layers) - self.short_quantity

    @property
    def value(self) -> int:
        """Return what it is worth."""
        return sum(layer.value for layer in self.layers) - self.short_value

    def receive(self, move_id: int, quantity: int, value: int, *, front: bool = False) -> int:
        """Take in and return the residue. What comes back from a sale goes to the front of the queue: it was oldest."""
        self.last_quantity, self.last_value = quantity, value
        residue = 0
        if self.short_quantity:
            covered = min(quantity, self.short_quantity)
            settled = share(self.short_value, covered, self.short_quantity)
            cost = share(value, covered, quantity)
            residue = settled - cost
            self.short_quantity -= covered
            self.short_value -= settled
            quantity -= covered
            value -= cost
        if quantity:
            self._add(Layer(move_id, quantity, value), front=front)
        return residue

    def _add(self, layer: Layer, *, front: bool) -> None:
        if self.merges:
            if self.layers:
                old = self.layers.pop()
                layer = Layer(layer.move_id, old.quantity + layer.quantity, old.value + layer.value)
            self.layers.append(layer)
            self.last_quantity, self.last_value = layer.quantity, layer.value
        elif front:
            self.layers.appendleft(layer)
        else:
            self.layers.append(layer)

    def issue(self, quantity: int) -> int:
        """Take out at the method's cost and return that cost."""
        cost = 0
        while quantity and self.layers:
            layer = self.layers.popleft()
            self.last_quantity, self.last_value = layer.quantity, layer.value
            if layer.quantity <= quantity:
                cost += layer.value
                quantity -= layer.quantity
                continue
            part = share(layer.value, quantity, layer.quantity)
            self.layers.appendleft(Layer(layer.move_id, layer.quantity - quantity, layer.value - part))
            return cost + part
        if quantity:
            cost += self._run_short(quantity, self.worth(quantity))
        return cost

    def _run_short(self, quantity: int, value: int) -> int:
        self.short_quantity += quantity
        self.short_value += value
        return value

    def take_back(self, source_id: int, quantity: int, cost: int) -> int:
        """Give goods of a receipt back at its cost and return the residue.

        Its own layer is used first. What the layers lose beyond that cost, or less, is the residue.
        """
        if self.merges:
            return self._take_back_merged(quantity, cost)
        taken, lost = self._take_layers(source_id, quantity)
        of_layers = share(cost, taken, quantity)
        if taken < quantity:
            self._run_short(quantity - taken, cost - of_layers)
        return of_layers - lost

    def _take_layers(self, source_id: int, quantity: int) -> tuple[int, int]:
        """Take quantity out of the layers, the source's own first; return how much was there and its value."""
        own = [layer for layer in self.layers if layer.move_id == source_id]
        others = [layer for layer in self.layers if layer.move_id != source_id]
        left = {id(layer): layer for layer in self.layers}
        taken = lost = 0
        for layer in (*own, *others):
            part = min(quantity - taken, layer.quantity)
            value = share(layer.value, part, layer.quantity) if part else 0
            left[id(layer)] = Layer(layer.move_id, layer.quantity - part, layer.value - value)
            taken, lost = taken + part, lost + value
        self.layers = deque(kept for layer in self.layers if (kept := left[id(layer)]).quantity)
        return taken, lost

    def _take_back_merged(self, quantity: int, cost: int) -> int:
        have = self.layers.pop() if self.layers else Layer(0, 0, 0)
        if have.quantity:
            self.last_quantity, self.last_value = have.quantity, have.value
        taken = min(quantity, have.quantity)
        of_layer = share(cost, taken, quantity)
        if taken < quantity:
            self._run_short(quantity - taken, cost - of_layer)
        left, value = have.quantity - taken, have.value - of_layer
        if not left or value < 0:
            residue, value = -value, 0
        else:
            residue = 0
        if left:
            self.layers.append(Layer(have.move_id, left, value))
        return residue

    def worth(self, quantity: int) -> int:
        """Return what a quantity would cost by what is known last; nothing where nothing is known."""
        if self.merges and self.layers:
            return share(self.layers[0].value, quantity, self.layers[0].quantity)
        return share(self.last_value, quantity, self.last_quantity) if self.last_quantity else 0


class Step(NamedTuple):
    """A move as the core sees it.

    `quantity` is signed, `given` the amount of a `given` move, `source_id` the move it takes back.
    """

    move_id: int
    quantity: int
    rule: Rule
    given: int = 0
    source_id: int = 0


class Costed(NamedTuple):
    """What a move came to: its own amount, signed as its quantity, and the residue beside it."""

    move_id: int
    amount: int
    residue: int


@dataclass(slots=True)
class Source:
    """A move that others take back: its quantity and amount without sign, and how much was taken back so far."""

    quantity: int
    amount: int
    taken: int = 0
    takes_back: Source | None = None
    """Where this move is a return itself: the move it took back, of which less is taken when it is taken back."""

    def take(self, quantity: int) -> int:
        """Return what the next `quantity` of it came to: all parts together are exactly the whole."""
        before = share(self.amount, self.taken, self.quantity)
        self.taken += quantity
        if self.takes_back is not None:
            self.takes_back.taken -= quantity
        return share(self.amount, self.taken, self.quantity) - before


Look = Callable[[int, int], None]


def replay(
    pool: Pool, steps: Iterable[Step], sources: dict[int, Source] | None = None, look: Look | None = None
) -> list[Costed]:
    """Carry the moves out on the pool, in their order, and return what each came to.

    `sources` are the moves before these that some of them take back; these join them. `look(done, move_id)` is called
    now and then, to tell progress.
    """
    known: dict[int, Source] = {} if sources is None else sources
    found: list[Costed] = []
    for count, step in enumerate(steps):
        costed = _apply(pool, step, known)
        found.append(costed)
        if step.move_id not in known:
            known[step.move_id] = Source(
                abs(step.quantity), abs(costed.amount), takes_back=known.get(step.source_id) if step.source_id else None
            )
        if look is not None and count % 1000 == 0:
            look(count, step.move_id)
    return found


def _apply(pool: Pool, step: Step, known: Mapping[int, Source]) -> Costed:
    quantity = step.quantity
    if step.rule == "none":
        return Costed(step.move_id, 0, 0)
    if step.rule == "issue":
        return Costed(step.move_id, -pool.issue(-quantity), 0)
    if step.rule == "return":
        cost = known[step.source_id].take(abs(quantity))
        if quantity > 0:
            return Costed(step.move_id, cost, pool.receive(step.move_id, quantity, cost, front=True))
        return Costed(step.move_id, -cost, pool.take_back(step.source_id, -quantity, cost))
    value = step.given if step.rule == "given" else pool.worth(quantity)
    return Costed(step.move_id, value, pool.receive(step.move_id, quantity, value))
