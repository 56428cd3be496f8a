"""How often a call asks the database: on a shared server each question is a way there and back with rows locked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from app.inventory.purposes import PURPOSES
from app.inventory.queries.posting_accounts import PostingRules
from app.ledger.service.closing.chart import ClosingChart
from app.ledger.service.closing.roles import ROLES
from app.storage.database import Book, execute, fetch_one
from tests.orders.desk import Desk

FINISHING = 75
"""Statements of finishing a delivery of an order, one line, with stock, voucher and log; it was 176."""
A_LINE_MORE = 10
POSTING = 30


@contextmanager
def asking(book: Book) -> Iterator[Callable[[], int]]:
    """Hold the connection of the calls made inside; what is yielded tells how many statements it has run."""
    with book.session():
        if book.is_sqlite:
            texts: list[str] = []
            connection = book.database.connection()
            connection.set_trace_callback(texts.append)
            yield lambda: len(texts)
            connection.set_trace_callback(None)
        else:
            shown = iter(range(1_000_000))

            def asked() -> int:
                row = fetch_one("SHOW SESSION STATUS LIKE 'Questions'")
                return int(row[1] if row else 0) - next(shown)

            yield asked


def test_finishing_and_posting_ask_the_database_only_so_often(book: Book, desk: Desk) -> None:
    desk.finished("goods_receipt", desk.line("90", "11.30"))

    def draft(lines: int) -> dict[str, Any]:
        order = desk.finished("sales_order", *[desk.line("1", "22.60")] * lines)
        drafted: dict[str, Any] = desk.window.post("/api/documents", desk.follower("delivery", order["id"])).json
        return drafted

    entries = [
        {"summary": "存现", "account_code": "1002", "debit": "5.00"},
        {"summary": "存现", "account_code": "3001", "credit": "5.00"},
    ]
    desk.finish(draft(1)["id"])  # makes what is there from then on: counters, sets, the customer's role
    short, long = draft(1), draft(4)
    voucher = desk.window.post("/api/vouchers", {"date": "2026-06-10", "entries": entries}).json
    with asking(book) as asked:
        began = asked()
        desk.finish(short["id"])
        one_line = asked() - began
        desk.finish(long["id"])
        four_lines = asked() - began - one_line
        began = asked()
        assert desk.window.post(f"/api/vouchers/{voucher['id']}/review", {}).status == 200
        reviewing = asked() - began
        assert desk.window.post(f"/api/vouchers/{voucher['id']}/post", {}).status == 200
        posting = asked() - began - reviewing
    assert 20 < one_line <= FINISHING
    assert four_lines <= one_line + 3 * A_LINE_MORE
    assert 5 < reviewing <= POSTING
    assert 5 < posting <= POSTING


def test_the_part_of_a_chart_that_is_read_has_what_the_whole_chart_has(book: Book, desk: Desk) -> None:
    with book.session():
        for code, name in (("1405", "存货商品"), ("22210107", "销项"), ("5001", "收入")):  # found by their codes then
            execute("UPDATE {account} SET name_zh = ? WHERE code = ?", (name, code))
        execute("UPDATE {account} SET active = 0 WHERE code = '5602'")
        whole = ClosingChart()
        for role in ROLES[whole.name]:
            part = ClosingChart({role})
            assert part.find(role) == whole.find(role), role
            assert part.leaf(role) == whole.leaf(role), role
        together = PostingRules(list(PURPOSES))
        assert {purpose: together.proposal(purpose) for purpose in PURPOSES} == {
            purpose: PostingRules().proposal(purpose) for purpose in PURPOSES
        }
        assert len(ClosingChart({"merchandise", "main_cost"}).accounts) < len(whole.accounts) / 10
