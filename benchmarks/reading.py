"""Reports and searches over HTTP, beside plain SQL on the same file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.measuring import Figure, median_ms
from benchmarks.serving import Client, served
from benchmarks.synthetic import BUSIEST, FIRST_YEAR, RARE_WORD, WORDS, YEARS, Size

TRIAL_BALANCE_MS = 50
COUNTERPARTIES_MS = 200
GROWTH = 2
PAGE_MS = 100
LAST_YEAR = FIRST_YEAR + YEARS - 1


def measure_reading(size: Size, path: Path) -> Iterator[Figure]:
    """Measure reports and searches of one book."""
    with closing(sqlite3.connect(path)) as plain, served(path) as client:
        plain.execute("PRAGMA cache_size = -32000")
        yield from _trial_balance(size, client, plain)
        if size.counterparties:
            yield _report(size, client, "auxiliary-balance", "")
            yield _book(size, client, "auxiliary-balance", **_last_month())
            yield _book(size, client, "auxiliary-ledger", **_last_month())
            yield _book(size, client, "auxiliary-ledger", **_last_month(), aux="客户:往来单位00017")
        yield from _pages(size, client, plain)
        yield from _books(size, client)
        yield from _searches(size, client, plain)


def _trial_balance(size: Size, client: Client, plain: sqlite3.Connection) -> Iterator[Figure]:
    month, year = f"{LAST_YEAR}-12", f"{LAST_YEAR}-01"
    limit = COUNTERPARTIES_MS if size.counterparties else TRIAL_BALANCE_MS
    if size.vouchers >= 1_000_000:
        limit *= GROWTH
    summed = median_ms(
        lambda: plain.execute("SELECT account_id, SUM(debit), SUM(credit) FROM entry GROUP BY account_id").fetchall(),
        rounds=5,
    )
    for name, first in (("trial balance, one month", month), ("trial balance, a whole year", year)):
        span = {"from": first, "to": month}
        value = median_ms(partial(client.get, "/api/reports/trial-balance", **span))
        yield Figure(
            name, size.name, value, "ms", "SQL adding up all entries", summed, f"< {limit} ms over HTTP", limit
        )
    yield _report(size, client, "general-ledger", BUSIEST)


def _report(size: Size, client: Client, name: str, account: str) -> Figure:
    value = median_ms(lambda: client.get(f"/api/reports/{name}", to=f"{LAST_YEAR}-12", account_code=account), rounds=5)
    return Figure(f"{name}, all months", size.name, value, "ms")


def _pages(size: Size, client: Client, plain: sqlite3.Connection) -> Iterator[Figure]:
    span = {"from": f"{LAST_YEAR}-01", "to": f"{LAST_YEAR}-12"}
    raw = median_ms(
        lambda: plain.execute(
            "SELECT v.date, v.word, v.number, e.summary, e.debit, e.credit FROM entry e JOIN voucher v ON"
            " v.id = e.voucher_id JOIN account a ON a.id = e.account_id WHERE a.code = ? AND e.period = ?"
            " ORDER BY v.date, v.id LIMIT 100",
            (BUSIEST, LAST_YEAR * 100 + 1),
        ).fetchall()
    )

    def page(cursor: str = "") -> Any:
        return client.get("/api/reports/subsidiary-ledger", account_code=BUSIEST, cursor=cursor, **span)

    yield _page("subsidiary ledger, first page of the busiest account", size, median_ms(page), raw)
    cursor = page()["next"]
    if cursor:
        for _ in range(20):
            cursor = page(cursor)["next"] or cursor
        yield _page("subsidiary ledger, a page far on", size, median_ms(lambda: page(cursor)), raw)
    journal = median_ms(lambda: client.get("/api/reports/journal", **span))
    yield Figure("journal, first page of a year", size.name, journal, "ms", bar=f"< {PAGE_MS} ms", limit=PAGE_MS)


def _books(size: Size, client: Client) -> Iterator[Figure]:
    year = {"from": f"{LAST_YEAR}-01", "to": f"{LAST_YEAR}-12"}
    yield _book(size, client, "cash-journal", **year, account_code=BUSIEST)
    yield _book(size, client, "multi-column", **year, account_code=BUSIEST[:4])
    yield _book(size, client, "voucher-summary", **_last_month())
    yield _book(size, client, "trial-balance-check", **year)


def _book(size: Size, client: Client, name: str, **query: str) -> Figure:
    value = median_ms(lambda: client.get(f"/api/reports/{name}", **query))
    narrowed = " of one item" if "aux" in query else ""
    months = "one month" if query["from"] == query["to"] else "a year"
    return Figure(f"{name}{narrowed}, first page, {months}", size.name, value, "ms")


def _last_month() -> dict[str, str]:
    return {"from": f"{LAST_YEAR}-12", "to": f"{LAST_YEAR}-12"}


def _page(name: str, size: Size, value: float, raw: float) -> Figure:
    return Figure(name, size.name, value, "ms", "SQL for the same rows", raw, f"< {PAGE_MS} ms", PAGE_MS)


def _searches(size: Size, client: Client, plain: sqlite3.Connection) -> Iterator[Figure]:
    amount = plain.execute("SELECT debit FROM entry WHERE voucher_id = 777 AND debit > 0").fetchone()
    wishes: dict[str, dict[str, Any]] = {
        "number": {"number": 17},
        "number in a month": {"number": 17, "from_period": f"{LAST_YEAR}-12", "to_period": f"{LAST_YEAR}-12"},
        "date": {"from_date": f"{LAST_YEAR}-03-05", "to_date": f"{LAST_YEAR}-03-05"},
        "amount": {"amount": f"{amount[0] // 100}.{amount[0] % 100:02}" if amount else "1.00"},
        "account": {"account_code": BUSIEST},
        "a rare word": {"q": RARE_WORD},
        "a frequent word": {"q": WORDS[0][:2]},
        "a number in words": {"q": "第777笔"},
    }
    if size.counterparties:
        wishes["contact"] = {"aux": "客户:往来单位00017"}
    scan = median_ms(
        lambda: plain.execute(
            "SELECT DISTINCT voucher_id FROM entry WHERE summary LIKE ? ORDER BY voucher_id LIMIT 100",
            (f"%{RARE_WORD}%",),
        ).fetchall(),
        rounds=3,
        warm=1,
    )
    for name, wish in wishes.items():
        value = median_ms(partial(client.get, "/api/vouchers", limit=100, newest_first="true", **wish))
        beside = "SQL LIKE over all entries" if "word" in name else ""
        yield Figure(
            f"voucher search by {name}",
            size.name,
            value,
            "ms",
            beside,
            scan if beside else None,
            f"< {PAGE_MS} ms",
            PAGE_MS,
        )
