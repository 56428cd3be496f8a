"""Stock and look-ups of a large trading firm: a late receipt, the stock of any day, a key in a picker."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from app.contract.inventory import ItemInput
from app.contract.ledger import AuxiliaryInput
from app.contract.stock import StockDocumentInput, StockDocumentKind, StockLineInput
from app.identity.actor import Actor
from app.inventory.service.costing.pending import pending_pools, recost_pending
from app.inventory.service.items import create_item
from app.inventory.service.stock_documents import finish_stock_document, save_stock_document
from app.ledger.service.sets import create_auxiliary
from app.storage.database import execute_many, fetch_one, open_database, run_unit
from app.web.composition import join_slices
from benchmarks.measuring import Figure, median_ms, time_ms
from benchmarks.serving import Client, served
from benchmarks.synthetic import FIRST_YEAR, acting, make_empty_book

MOVES = 10_000
RECOST_MS = 1000
ITEMS = 1_000
MOVES_EACH = 1_000
DAY_MS = 200
NAMES = 50_000
KEY_MS = 50
SCALE = 10**8
BOOK = "trade"


def measure_trade(folder: Path) -> Iterator[Figure]:
    """Measure a back-dated receipt, then the stock of days in another book, then pickers in a third."""
    yield from _recosting(folder / "recosting.zhangfang")
    yield from _days(folder / "days.zhangfang")
    yield from _pickers(folder / "pickers.zhangfang")


def _carry_out(actor: Actor, kind: StockDocumentKind, date: str, lines: list[StockLineInput]) -> None:
    draft = save_stock_document(actor, StockDocumentInput(kind=kind, date=date, lines=lines))
    finish_stock_document(actor, draft.id)


def _recosting(path: Path) -> Iterator[Figure]:
    make_empty_book(path)
    join_slices()
    book = open_database(str(path))
    try:
        with book.session():
            owner = acting(book)
            item = create_item(owner, ItemInput(code="A", name="茶叶", unit="件")).id
            for day in range(2, 22):
                count = MOVES // 40
                come = [
                    StockLineInput(item_id=item, quantity="3", amount=f"{30 + day}.{n % 100:02}") for n in range(count)
                ]
                _carry_out(owner, "other_in", f"{FIRST_YEAR}-01-{day:02}", come)
                gone = [StockLineInput(item_id=item, quantity="2") for _ in range(count)]
                _carry_out(owner, "other_out", f"{FIRST_YEAR}-01-{day:02}", gone)

            def late() -> None:
                line = StockLineInput(item_id=item, quantity="5", amount="100")
                _carry_out(owner, "other_in", f"{FIRST_YEAR}-01-01", [line])
                if pending_pools():
                    recost_pending()

            yield Figure(
                f"a late receipt, {MOVES:,} moves of the item recosted and booked",
                BOOK,
                time_ms(late),
                "ms",
                bar="< 1 s",
                limit=RECOST_MS,
            )
    finally:
        book.close()


def _days(path: Path) -> Iterator[Figure]:
    make_empty_book(path)
    book = open_database(str(path))
    try:
        with book.session():
            owner = acting(book)
            items = [create_item(owner, ItemInput(code=f"{n:04}", name=f"商品{n}", unit="件")).id for n in range(ITEMS)]
            warehouse = fetch_one("SELECT id FROM {warehouse} ORDER BY id LIMIT 1")
            assert warehouse is not None
            run_unit(partial(_write_moves, owner, items, int(warehouse[0])))
    finally:
        book.close()
    with served(path) as client:
        for name, day in (("the last day", "12-31"), ("a day in the middle of a month", "06-17")):
            value = median_ms(partial(client.get, "/api/stock", date=f"{FIRST_YEAR}-{day}", limit=1000), rounds=7)
            yield Figure(
                f"stock of {ITEMS:,} items with a million moves, {name}",
                BOOK,
                value,
                "ms",
                bar=f"< {DAY_MS} ms over HTTP",
                limit=DAY_MS,
            )


def _write_moves(owner: Actor, items: list[int], warehouse: int) -> None:
    """Write moves past the service, which would take an hour: in, out, in, … of one each, with their months' sums."""
    for month in range(1, 13):
        period = FIRST_YEAR * 100 + month
        days = [f"{FIRST_YEAR}-{month:02}-{day:02}" for day in range(1, 29)]
        each = MOVES_EACH // 12 + (1 if month <= MOVES_EACH % 12 else 0)
        moves, sums = [], []
        for item in items:
            for number in range(each):
                sign = 1 if number % 3 != 2 else -1
                day = days[number * 28 // each]
                moves.append((item, warehouse, period, day, "other_in", 0, "", sign * SCALE, sign * 1000))
            gone = each // 3
            come = each - gone
            sums.append((period, item, warehouse, come * SCALE, come * 1000, gone * SCALE, gone * 1000))
        execute_many(
            "INSERT INTO {stock_move} (item_id, warehouse_id, period, date, document_kind, document_id,"
            " document_number, quantity, amount, rule, costing, created_by, created_at)"
            f" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'given', 'moving', {owner.user_id}, 0)",
            moves,
        )
        execute_many(
            "INSERT INTO {stock_month} (period, item_id, warehouse_id, in_quantity, in_amount, out_quantity,"
            " out_amount) VALUES (?, ?, ?, ?, ?, ?, ?)",
            sums,
        )


def _pickers(path: Path) -> Iterator[Figure]:
    make_empty_book(path)
    book = open_database(str(path))
    choice = random.Random(8)
    signs = "东南西北春秋江河山海金银龙凤云天安康福顺通达华丰茶米布纸铁木竹石"

    def name(number: int) -> str:
        return "".join(choice.choices(signs, k=4)) + str(number)

    try:
        with book.session():
            owner = acting(book)

            def work() -> None:
                for number in range(NAMES):
                    create_auxiliary(owner, AuxiliaryInput(kind="客户", name=name(number)))
                    create_item(owner, ItemInput(code=f"{number:05}", name=name(number), unit="件"))

            run_unit(work)
    finally:
        book.close()
    with served(path) as client:
        yield from _keys(client, "contacts", "/api/contacts", role="customer")
        yield from _keys(client, "items", "/api/items")


def _keys(client: Client, what: str, path: str, **more: str) -> Iterator[Figure]:
    """Type words key by key: the slowest key counts."""
    keys = ["东", "东南", "东南西", "d", "dn", "dnx", "4", "49", "499", "没有"]
    slowest = max(median_ms(partial(client.get, path, q=key, limit=20, **more), rounds=5) for key in keys)
    yield Figure(
        f"a key in a picker of {NAMES:,} {what}, the slowest of {len(keys)}",
        BOOK,
        slowest,
        "ms",
        bar=f"< {KEY_MS} ms over HTTP",
        limit=KEY_MS,
    )
