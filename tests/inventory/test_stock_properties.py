"""Random documents in random order with back-dating: stock ledger = general ledger to the cent, and back to nothing."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.contract.inventory import Costing, Item, ItemInput
from app.contract.stock import MonthCostingInput, StockBalanceQuery, StockSettingsInput
from app.identity.actor import Actor
from app.identity.service.opening import ensure_owner
from app.inventory.queries.agreement import agreement
from app.inventory.queries.stock_balances import list_balances
from app.inventory.service.costing.core import Pool, replay
from app.inventory.service.costing.rows import PoolKey, Position, moves_from, sources_of
from app.inventory.service.items import create_item
from app.inventory.service.month_costing import cost_month
from app.inventory.service.posting import DocumentRef, PostingLine, post_document, reverse_vouchers
from app.inventory.service.settings import change_stock_settings
from app.inventory.service.stock import (
    BookedMove,
    Movement,
    book_moves,
    revalue_receipt,
    reverse_moves,
)
from app.kernel.errors import RuleBroken
from app.kernel.money import format_amount
from app.ledger.service.book import set_up_ledger
from app.storage.database import Book, fetch_all, run_unit
from tests.inventory.warehouse import SCALE, in_ledger, in_stock

numbers = itertools.count(1)


@dataclass
class Shop:
    """Buys and sells one item the way orders do, and remembers what it did."""

    actor: Actor
    item: Item
    done: list[tuple[DocumentRef, str]] = field(default_factory=list)
    moves: dict[int, tuple[str, int, str]] = field(default_factory=dict)

    def _document(self, kind: str) -> DocumentRef:
        number = next(numbers)
        return DocumentRef(kind, number, f"{kind}-{number}")

    def _book(self, kind: str, date: str, movement: Movement, purposes: tuple[str, str]) -> BookedMove:
        document = self._document(kind)

        def work() -> BookedMove:
            (booked,) = book_moves(self.actor, document, date, [movement])
            amount = booked.amount or 0
            lines = [
                PostingLine("debit", amount if purposes[0] == "stock" else -amount, purpose=purposes[0]),  # type: ignore[arg-type]
                PostingLine("credit", amount if purposes[0] == "stock" else -amount, purpose=purposes[1]),  # type: ignore[arg-type]
            ]
            post_document(self.actor, document, date, lines, summary=kind)
            return booked

        booked = run_unit(work)
        self.done.append((document, date))
        self.moves[booked.move_id] = (kind, movement.quantity, date)
        return booked

    def buy(self, date: str, quantity: int, amount: int) -> None:
        movement = Movement(self.item.id, 1, quantity * SCALE, amount)
        self._book("goods_receipt", date, movement, ("stock", "other_in"))

    def sell(self, date: str, quantity: int) -> None:
        self._book("delivery", date, Movement(self.item.id, 1, -quantity * SCALE), ("cost", "stock"))

    def give_back(self, date: str, move_id: int, quantity: int) -> None:
        kind = self.moves[move_id][0]
        if kind == "delivery":
            movement = Movement(self.item.id, 1, quantity * SCALE, returns_move_id=move_id)
            self._book("sales_return", date, movement, ("cost", "stock"))
        elif kind == "goods_receipt":
            movement = Movement(self.item.id, 1, -quantity * SCALE, returns_move_id=move_id)
            self._book("purchase_return", date, movement, ("stock", "other_in"))

    def invoice(self, date: str, move_id: int, delta: int) -> None:
        """The invoice of a receipt comes to another value: its voucher books the whole difference on stock."""
        if self.moves[move_id][0] != "goods_receipt":
            return
        document = self._document("purchase_invoice")

        def work() -> None:
            revalue_receipt(self.actor, move_id, delta, date, document)
            lines = [PostingLine("debit", delta, purpose="stock"), PostingLine("credit", delta, purpose="other_in")]
            post_document(self.actor, document, date, lines, summary="invoice")

        run_unit(work)

    def cancel(self, document: DocumentRef, date: str) -> None:
        counter = self._document(document.kind)

        def work() -> None:
            reverse_moves(self.actor, document, counter, date)
            reverse_vouchers(self.actor, document, counter, date)

        run_unit(work)


@pytest.fixture
def owner_here(sqlite_book: Book) -> Iterator[Actor]:
    """The owner of a book in a file; every example keeps an item of its own in it."""
    with sqlite_book.session():
        actor = ensure_owner("王会计")
        set_up_ledger(name="甲公司", chart="small_enterprise_2013", start_period=202601)
        yield actor


days = st.integers(0, 58).map(lambda day: f"2026-{1 + day // 28:02}-{1 + day % 28:02}" if day < 56 else "2026-02-28")
acts = st.lists(
    st.tuples(
        st.sampled_from(["buy", "buy", "sell", "sell", "back", "invoice", "cancel"]),
        days,
        st.integers(1, 9),
        st.integers(0, 9_999),
    ),
    min_size=2,
    max_size=14,
)


def carry_out(shop: Shop, wanted: list[tuple[str, str, int, int]]) -> int:
    """Do what can be done; return how much was refused."""
    refused = 0
    for act, day, quantity, amount in wanted:
        try:
            known = sorted(shop.moves)
            if act == "buy":
                shop.buy(day, quantity, amount)
            elif act == "sell":
                shop.sell(day, quantity)
            elif act == "back" and known:
                shop.give_back(day, known[amount % len(known)], quantity)
            elif act == "invoice" and known:
                shop.invoice(day, known[amount % len(known)], amount % 700 - 350)
            elif act == "cancel" and shop.done:
                document, date = shop.done[amount % len(shop.done)]
                shop.cancel(document, date)
                shop.done.remove((document, date))
        except RuleBroken:
            refused += 1
    return refused


def cancel_all(shop: Shop) -> None:
    """Take everything back, the latest first; one that others still need waits for them."""
    while shop.done:
        left: list[tuple[DocumentRef, str]] = []
        for document, date in reversed(shop.done):
            try:
                shop.cancel(document, date)
            except RuleBroken:
                left.append((document, date))
        assert len(left) < len(shop.done)
        shop.done = left[::-1]


def agrees_with_reference(item: Item, costing: Costing) -> None:
    """What is booked is what carrying out the whole history at once would come to."""
    moves = moves_from(PoolKey(item.id, 0), Position("", 0))
    pool = Pool(costing == "moving")
    costed = replay(pool, [move.step() for move in moves], sources_of(moves, Position("", 0)))
    assert [(one.amount, one.residue) for one in costed] == [(move.booked, move.residue) for move in moves]
    assert (pool.quantity, pool.value) == in_stock(item)
    assert pool.quantity or not pool.value
    kept = fetch_all("SELECT quantity, value FROM {item_cost} WHERE item_id = ?", (item.id,))
    assert [tuple(row) for row in kept] in ([], [in_stock(item)])


@pytest.mark.parametrize("costing", ["moving", "fifo"])
@pytest.mark.parametrize("negative", [False, True])
def test_both_ledgers_agree_whatever_happens_in_whatever_order(
    owner_here: Actor, costing: Costing, negative: bool
) -> None:
    change_stock_settings(owner_here, StockSettingsInput(allow_negative=negative))

    @given(acts)
    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    def check(wanted: list[tuple[str, str, int, int]]) -> None:
        number = next(numbers)
        new = ItemInput(code=f"{costing}{number}", name=f"{costing}{number}", unit="个", costing=costing)
        shop = Shop(owner_here, create_item(owner_here, new))
        before, cost_before = in_ledger(), in_ledger("5401")
        carry_out(shop, wanted)
        assert in_ledger() - before == in_stock(shop.item)[1]
        agrees_with_reference(shop.item, costing)
        for period in (202601, 202602):
            assert [row.difference for row in agreement(period)] in ([], [0])
        total = list_balances(StockBalanceQuery(item_id=shop.item.id)).total_amount
        assert total == format_amount(in_stock(shop.item)[1], 2)
        cancel_all(shop)
        assert in_stock(shop.item)[0] == 0
        assert in_stock(shop.item)[1] == 0
        assert in_ledger() == before
        if not any(act == "invoice" for act, *_ in wanted):
            assert in_ledger("5401") == cost_before

    check()
    if not negative:
        assert in_ledger() == 0


def test_the_months_average_agrees_with_the_ledger_too(owner_here: Actor) -> None:
    @given(acts)
    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    def check(wanted: list[tuple[str, str, int, int]]) -> None:
        number = next(numbers)
        new = ItemInput(code=f"M{number}", name=f"M{number}", unit="个", costing="monthly")
        shop = Shop(owner_here, create_item(owner_here, new))
        before = in_ledger()
        half = len(wanted) // 2
        for part in (wanted[:half], wanted[half:]):
            carry_out(shop, part)
            for month in ("2026-01", "2026-02"):
                cost_month(owner_here, MonthCostingInput(period=month))
                assert cost_month(owner_here, MonthCostingInput(period=month)).items == 0
            quantity, value = in_stock(shop.item)
            assert in_ledger() - before == value
            assert quantity or not value
        for period in (202601, 202602):
            assert [row.difference for row in agreement(period)] in ([], [0])

    check()
