"""Orders and stock: recosting, stock of any day, and the pickers of contacts and items, each beside something plain.

`python -m benchmarks.trade [--mariadb] [--only recosting stock pickers]` makes its own books in a temporary folder.
Every figure is the best of several, and the processor time of this process stands in a column of its own: on a machine
that others use at the same time it is what the program itself costs.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from app.contract.inventory import Costing
from app.contract.stock import StockDocumentInput, StockLineInput
from app.inventory.queries.waiting import waits_for_recosting
from app.inventory.service.stock_documents import finish_stock_document, save_stock_document
from app.storage.address import parse_address
from app.storage.database import fetch_all, open_database
from app.storage.jobs import wait_for_job
from app.web.composition import join_slices
from app.web.opening import create_book
from benchmarks.measuring import Figure, machine
from benchmarks.serving import Client, served
from benchmarks.synthetic import FIRST_YEAR, YEARS, acting, make_empty_book
from benchmarks.table import as_markdown
from benchmarks.trade_books import SCALE, Fill, fill_moves, fill_names, fill_one_item
from tests.mariadb import running_server

MOVES_OF_ONE = 10_000
RECOST_MS = 1_000
ITEMS, MOVES = 1_000, 1_000_000
STOCK_MS = 200
NAMES = 50_000
KEY_MS = 50
PICKED = 20
"""How many a picker asks for."""
LAST_YEAR = FIRST_YEAR + YEARS - 1
DAYS = {
    "now": "",
    "the 15th of the last month": f"{LAST_YEAR}-12-15",
    "the 16th of the last month": f"{LAST_YEAR}-12-16",
    "the 15th of a month half way": f"{FIRST_YEAR + YEARS // 2}-07-15",
    "the last of the first month": f"{FIRST_YEAR}-01-31",
}
PARTS = ("recosting", "stock", "pickers")


class Timing(NamedTuple):
    """The best of several: by the clock, and of the processor of this process, all its threads."""

    clock_ms: float
    processor_ms: float


def best(work: Callable[[], object], *, rounds: int = 15, warm: int = 2) -> Timing:
    """Return the best of some rounds, after some that warm the caches."""
    for _ in range(warm):
        work()
    return _least(_once(work) for _ in range(rounds))


def _once(work: Callable[[], object]) -> Timing:
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return Timing((time.perf_counter() - clock) * 1000, (time.process_time() - processor) * 1000)


def _least(timings: Iterator[Timing]) -> Timing:
    clocks, processors = zip(*timings, strict=True)
    return Timing(min(clocks), min(processors))


class Place(NamedTuple):
    """A database, how it is called in the table, and whether the processor time of this process is all there is."""

    address: str
    password: str
    name: str

    @property
    def is_file(self) -> bool:
        """Tell whether the database runs in this process."""
        return not self.password


def figures_of(
    place: Place, name: str, timing: Timing, limit: float | None, bar: str, beside: str = "", value: float | None = None
) -> Iterator[Figure]:
    """Yield a figure for the processor's column and one for the clock's."""
    figure = Figure(name, place.name, timing.clock_ms, "ms", beside, value, bar, limit)
    if place.is_file:
        yield replace(figure, book="processor time", value=timing.processor_ms)
    yield figure


# 1: recosting


def measure_recosting(folder: Path) -> Iterator[Figure]:
    """Recost one item of 10,000 moves by a back-dated receipt, until nothing waits any more; best of five copies."""
    place = Place("", "", "on SQLite")
    join_slices()
    methods: tuple[tuple[Costing, str], ...] = (("moving", "moving average"), ("fifo", "first in, first out"))
    for costing, method in methods:
        source = folder / f"{costing}.zhangfang"
        make_empty_book(source)
        _fill(str(source), "", partial(fill_one_item, costing=costing, count=MOVES_OF_ONE))
        ours, plain = [], []
        for number in range(5):
            copy, other = folder / f"{costing}{number}.zhangfang", folder / "plain.zhangfang"
            shutil.copy(source, copy)
            shutil.copy(source, other)
            ours.append(_recost(copy))
            plain.append(_once(partial(recost_plainly, other, costing == "fifo")))
            _require_same(copy, other)
        yield from figures_of(
            place,
            f"{MOVES_OF_ONE:,} moves recosted by a back-dated receipt, {method}",
            _least(iter(ours)),
            RECOST_MS,
            "< 1 s",
            "plain loop and executemany",
            _least(iter(plain)).clock_ms,
        )


def _recost(path: Path) -> Timing:
    """Finish a receipt of the year's first day and wait for the job that recosts what came later."""
    book = open_database(str(path))
    with book.session():
        owner = acting(book)
        ((item_id,),) = fetch_all("SELECT id FROM {item}")
        line = StockLineInput(item_id=item_id, quantity="100", amount="1500")
        typed = StockDocumentInput(kind="other_in", date=f"{FIRST_YEAR}-01-01", lines=[line])
        draft = save_stock_document(owner, typed)

        def work() -> None:
            finish_stock_document(owner, draft.id)
            for (job_id,) in fetch_all("SELECT id FROM {job}"):
                if wait_for_job(job_id, 60).state != "done":
                    raise RuntimeError("the job that recosts failed")

        timing = _once(work)
        if waits_for_recosting():
            raise RuntimeError("the item still waits to be recosted")
    book.close()
    return timing


def recost_plainly(path: Path, first_in_first_out: bool) -> None:
    """Do the same as a script would: one loop over the moves, then the changed rows and nothing else."""
    with closing(sqlite3.connect(path)) as plain:
        rows = plain.execute("SELECT id, quantity, amount FROM stock_move ORDER BY date, id").fetchall()
        layers = [[100 * SCALE, 150_000]]
        first = 0
        changes: list[tuple[int, int]] = []
        for move_id, quantity, amount in rows:
            if quantity > 0:
                if first_in_first_out or layers[first][0] == 0:
                    layers.append([quantity, amount])
                    first += 0 if first_in_first_out else 1
                else:
                    layers[first][0] += quantity
                    layers[first][1] += amount
                continue
            wanted, cost = -quantity, 0
            while wanted:
                layer = layers[first]
                taken = min(wanted, layer[0])
                part = layer[1] if taken == layer[0] else (2 * layer[1] * taken + layer[0]) // (2 * layer[0])
                layer[0], layer[1], wanted, cost = layer[0] - taken, layer[1] - part, wanted - taken, cost + part
                if not layer[0] and first + 1 < len(layers):
                    first += 1
            if cost != -amount:
                changes.append((-cost - amount, move_id))
        plain.executemany("UPDATE stock_move SET recosted = ? WHERE id = ?", changes)
        plain.execute(
            "INSERT INTO stock_recost (id, document_kind, document_id, document_number, date, created_by, created_at)"
            " VALUES (1, 'x', 1, '', '', 1, 0)"
        )
        plain.executemany(
            "INSERT INTO stock_revaluation (recost_id, move_id, item_id, warehouse_id, period, date, amount)"
            " SELECT 1, id, item_id, warehouse_id, period, date, ? FROM stock_move WHERE id = ?",
            changes,
        )
        plain.commit()


def _require_same(ours: Path, plain: Path) -> None:
    """Both must have come to the same costs, else the times compare nothing."""
    sql = f"SELECT id, recosted FROM stock_move WHERE id <= {MOVES_OF_ONE} ORDER BY id"
    with closing(sqlite3.connect(ours)) as one, closing(sqlite3.connect(plain)) as other:
        if one.execute(sql).fetchall() != other.execute(sql).fetchall():
            raise RuntimeError("the plain loop came to other costs")


# 2: stock of any day


def measure_stock(place: Place) -> Iterator[Figure]:
    """Ask for the stock of several days over HTTP, whole and of one warehouse, and for the report by warehouse."""
    _fill(place.address, place.password, partial(fill_moves, items=ITEMS, count=MOVES))
    bar = f"< {STOCK_MS} ms over HTTP"
    with served(place.address, place.password, prepared=True) as client:
        for day, date in DAYS.items():
            summed, total = _plain_sum(place, date)
            ask = partial(client.get, "/api/stock", date=date)
            if round(float(ask()["total_amount"].replace(",", "")) * 100) != total:
                raise RuntimeError(f"stock of {day} is not what the moves add up to")
            calls = {
                f"stock of {day}": ask,
                f"stock of {day}, one warehouse": partial(ask, warehouse_id=2),
                f"report stock, {day}": partial(client.get, "/api/reports/stock", date=date or f"{LAST_YEAR}-12-31"),
                f"report stock by warehouse, {day}": partial(
                    client.get, "/api/reports/stock", date=date or f"{LAST_YEAR}-12-31", order="warehouse"
                ),
            }
            for name, call in calls.items():
                yield from figures_of(place, name, best(call, rounds=7), STOCK_MS, bar, "SQL over all moves", summed)


def _plain_sum(place: Place, date: str) -> tuple[float, int]:
    """Return how long plain SQL over all moves takes for the same, and what everything is worth."""
    book = open_database(place.address, password=place.password or None)
    last = date or "9999-12-31"
    total = 0

    def work() -> None:
        nonlocal total
        sql = (
            "SELECT item_id, SUM(quantity), SUM(COALESCE(amount, 0)) FROM {stock_move} WHERE date <= ? GROUP BY item_id"
        )
        total = sum(int(row[2]) for row in fetch_all(sql, (last,)))
        revalued = fetch_all("SELECT SUM(amount) FROM {stock_revaluation} WHERE date <= ?", (last,))
        total += int(revalued[0][0] or 0)

    with book.session():
        timing = best(work, rounds=2, warm=1)
    book.close()
    return timing.clock_ms, total


# 3: pickers


def measure_pickers(place: Place) -> Iterator[Figure]:
    """Type into the pickers of contacts and items; then after somebody changed a contact, and as a process's first."""
    _fill(place.address, place.password, partial(fill_names, count=NAMES))
    keys = {"code": ("C0123", "P0123"), "name": ("华兴", "螺栓"), "initials": ("shhx", "bjhx")}
    keys |= {"all of a name": ("电子科技4321有", "4321"), "word nobody has": ("鲸鱼", "鲸鱼"), "nothing": ("", "")}
    bar = f"< {KEY_MS} ms a key"
    with served(place.address, place.password) as client:
        first = _once(partial(client.get, "/api/contacts", limit=PICKED, q="华"))
        yield from figures_of(place, "contacts, a key before the names were read", first, None, "")
    with served(place.address, place.password, prepared=True) as client:
        ask = partial(client.get, "/api/contacts", limit=PICKED)
        wait_for_names()
        first = _once(partial(ask, q="华"))
        yield from figures_of(place, "contacts, the first key of a process", first, KEY_MS, bar)
        scans = {table: _scan(place, table) for table in ("auxiliary", "item")}
        for key, (of_contact, of_item) in keys.items():
            calls = {
                "contacts": (partial(ask, q=of_contact), "auxiliary"),
                "customers": (partial(ask, q=of_contact, role="customer"), "auxiliary"),
                "auxiliaries": (
                    partial(client.get, "/api/auxiliaries", kind="客户", q=of_contact, limit=PICKED),
                    "auxiliary",
                ),
                "items": (partial(client.get, "/api/items", q=of_item, limit=PICKED, with_quantity="true"), "item"),
            }
            for what, (call, table) in calls.items():
                name = f"{what}, {key}"
                yield from figures_of(place, name, best(call), KEY_MS, bar, "SQL LIKE over all names", scans[table])
        yield from figures_of(place, "contacts, after one was changed", _after_change(client), KEY_MS, bar)


def wait_for_names() -> None:
    """Wait until the names are read, as they are while somebody looks at the first page."""
    start = time.perf_counter()
    for thread in threading.enumerate():
        if thread.name == "names-ahead":
            thread.join()
    print(f"names read {time.perf_counter() - start:.1f} s after the opening", file=sys.stderr, flush=True)


def _after_change(client: Client) -> Timing:
    contact_id = client.get("/api/contacts", q="C001234")["contacts"][0]["id"]
    timings: list[Timing] = []
    for number in range(10):
        contact = client.get(f"/api/contacts/{contact_id}")
        client.patch(f"/api/contacts/{contact_id}", {"version": contact["version"], "name": f"改名{number}公司"})
        found: list[Any] = []
        timings.append(_once(lambda: found.append(client.get("/api/contacts", q="改名", limit=PICKED))))  # noqa: B023
        if [one["name"] for one in found[0]["contacts"]] != [f"改名{number}公司"]:
            raise RuntimeError("a changed contact is not found")
    return _least(iter(timings))


def _scan(place: Place, table: str) -> float:
    book = open_database(place.address, password=place.password or None)
    sql = f"SELECT id, code, name FROM {{{table}}} WHERE name LIKE '%鲸鱼%' OR code LIKE '鲸鱼%' ORDER BY code LIMIT 20"
    with book.session():
        timing = best(partial(fetch_all, sql))
    book.close()
    return timing.clock_ms


# all of it


def _fill(address: str, password: str, fill: Fill) -> None:
    book = open_database(address, password=password or None)
    start = time.perf_counter()
    with book.session():
        fill(acting(book))
    book.close()
    print(f"filled in {time.perf_counter() - start:.1f} s", file=sys.stderr, flush=True)


_IN_BOOKS = {"stock": measure_stock, "pickers": measure_pickers}


def measure_trade(folder: Path, only: Collection[str] = PARTS) -> Iterator[Figure]:
    """Measure all of it, or some, on books in files of their own."""
    folder.mkdir(parents=True, exist_ok=True)
    if "recosting" in only:
        yield from measure_recosting(folder)
    for name, measure in _IN_BOOKS.items():
        if name in only:
            path = folder / f"{name}.zhangfang"
            make_empty_book(path)
            yield from measure(Place(str(path), "", "on SQLite"))


def _measure(wishes: argparse.Namespace, folder: Path) -> Iterator[Figure]:
    yield from measure_trade(folder, wishes.only)
    if not wishes.mariadb:
        return
    with ExitStack() as stack:
        server = stack.enter_context(running_server(folder))
        for name, measure in _IN_BOOKS.items():
            if name in wishes.only:
                server.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
                address = server.url(name)
                create_book(
                    parse_address(address, server.password),
                    name="合成账簿",
                    chart="small_enterprise_2013",
                    start=f"{FIRST_YEAR}-01",
                    vat="general",
                )
                yield from measure(Place(address, server.password, "on MariaDB"))


def main() -> int:
    """Measure and print; exit 1 when a bar does not hold."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.trade", description=__doc__)
    parser.add_argument("--mariadb", action="store_true", help="stock and pickers on a MariaDB server, too")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="what to measure (default: all)")
    wishes = parser.parse_args()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="zhangfang-trade-") as folder:
        for figure in _measure(wishes, Path(folder)):
            figures.append(figure)
            print(f"{figure.book:>14}  {figure.name}: {figure.value:.1f} ms  {figure.beside_value or ''}", flush=True)
    print(as_markdown(figures, machine() | {"load": f"{os.getloadavg()[0]:.1f}"}))
    return 1 if any(figure.holds is False and figure.book != "processor time" for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
