"""Clients selling the same item at once: never below zero, nothing lost, nothing twice, numbers without gaps."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from app.storage.database import Book
from tests.calling import caller_on
from tests.orders.conftest import make_desk

CLIENTS = 8
EACH = 3


@pytest.mark.usefixtures("patient_books")
def test_clients_who_sell_the_same_item_at_once_never_sell_more_than_there_is(book: Book) -> None:
    desk = make_desk(book)
    desk.finished("goods_receipt", desk.line("20", "11.30"))

    def sell(_client: int) -> list[int]:
        own = replace(desk, window=caller_on(book))
        statuses = []
        for _ in range(EACH):
            draft = own.draft("delivery", own.line("1", "22.60")).json
            wish = {"with_follower": True, "request_id": None, "version": 1}
            statuses.append(own.window.post(f"/api/documents/{draft['id']}/finish", wish).status)
        return statuses

    with ThreadPoolExecutor(CLIENTS) as pool:
        statuses = [status for found in pool.map(sell, range(CLIENTS)) for status in found]
    assert sorted(statuses) == [200] * 20 + [422] * (CLIENTS * EACH - 20)
    numbers = [
        head["number"]
        for head in desk.window.get("/api/documents?kind=delivery&state=done&limit=100").json["documents"]
    ]
    assert sorted(numbers) == [f"CK-202606-{number:04d}" for number in range(1, 21)]
    assert desk.balances()["1122", "debit"] == "452.00"
    assert ("1405", "debit") not in desk.balances()
