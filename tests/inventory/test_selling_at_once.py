"""Eight clients take the same goods at once: never below zero, none lost, none twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.contract.stock import StockDocumentInput
from app.identity.actor import Actor
from app.inventory.service.stock_documents import finish_stock_document, save_stock_document
from app.kernel.errors import RuleBroken
from app.ledger.verify import verify_book
from app.storage.database import Book, fetch_all
from tests.inventory.warehouse import SCALE, Desk, in_ledger, in_stock, line

CLIENTS = 8
EACH = 4


@pytest.mark.usefixtures("patient_books")
def test_eight_clients_take_the_same_goods_at_once(owner: Actor, book: Book) -> None:
    desk = Desk(owner)
    first, second = desk.item("A"), desk.item("B", "fifo")
    desk.done("other_in", "2026-01-02", line(first, "20", "333.33"), line(second, "500", "1000"))

    reasons: list[str] = []

    def take(client: int) -> int:
        sold = 0
        with book.session():
            for turn in range(EACH):
                # half of them name the items the other way round
                lines = [line(first, "1"), line(second, "1")][:: 1 if client % 2 else -1]
                typed = StockDocumentInput(kind="other_out", date=f"2026-01-{3 + turn:02}", lines=lines)
                try:
                    finish_stock_document(owner, save_stock_document(owner, typed).id)
                except RuleBroken as refused:
                    reasons.append(refused.code)
                else:
                    sold += 1
        return sold

    with ThreadPoolExecutor(CLIENTS) as pool:
        sold = sum(pool.map(take, range(CLIENTS)))
    assert (sold, set(reasons)) == (20, {"stock_too_little"})
    assert in_stock(first) == (0, 0)
    assert in_stock(second)[0] == 480 * SCALE
    assert in_ledger() == in_stock()[1]
    numbers = fetch_all(
        "SELECT number FROM {stock_document} WHERE kind = 'other_out' AND state = 'done' ORDER BY number"
    )
    assert [row[0] for row in numbers] == [f"QC-202601-{number:04}" for number in range(1, 21)]
    assert verify_book().findings == []
