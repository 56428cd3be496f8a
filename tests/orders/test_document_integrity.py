"""Documents that were tampered with are found."""

from __future__ import annotations

import pytest

from app.orders.integrity import document_flaws
from app.reports.doctor.proof import prove_book
from app.storage.database import Book, execute, run_unit
from tests.orders.desk import Desk


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE {document} SET gross = gross + 1 WHERE kind = 'sales_invoice'",
        "UPDATE {document_line} SET tax = tax + 1, net = net - 2 WHERE document_id = 1",
        "UPDATE {document_counter} SET last_number = last_number + 1 WHERE kind = 'delivery'",
        "UPDATE {document_line} SET invoiced = 0 WHERE invoiced > 0",
        "UPDATE {document_line} SET estimate = 1 WHERE document_id = 1",
        "UPDATE {stock_move} SET quantity = quantity * 2 WHERE quantity < 0",
    ],
)
def test_what_was_changed_behind_the_programs_back_is_found(local_desk: Desk, sqlite_book: Book, change: str) -> None:
    receipt = local_desk.finished("goods_receipt", local_desk.line("10", "11.30"))
    local_desk.follow("purchase_invoice", receipt["id"], quantity="4")
    delivery = local_desk.finished("delivery", local_desk.line("4", "22.60"))
    local_desk.follow("sales_invoice", delivery["id"])
    with sqlite_book.session():
        assert list(document_flaws()) == []
        assert prove_book().findings == []
        run_unit(lambda: execute(change))
        assert list(document_flaws())
        assert prove_book().findings
