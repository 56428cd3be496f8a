"""Random documents in random order, back-dated and taken back: stock, ledger and documents always agree."""

from __future__ import annotations

import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.contract.orders import Document, DocumentInput, DocumentLineInput, Finishing
from app.contract.stock import Cancellation
from app.identity.actor import Actor
from app.identity.service.opening import ensure_owner
from app.kernel.errors import UserError
from app.orders.integrity import document_flaws
from app.orders.kinds import KINDS
from app.orders.queries.loading import load_document, load_documents, load_lines
from app.orders.service.cancelling import cancel_document
from app.orders.service.drafts import create_document
from app.orders.service.finishing import finish_document
from app.orders.service.following import follower_of
from app.storage.database import Book, fetch_all, open_database
from tests.orders.conftest import make_desk

FOLLOWERS = [(kind.code, source) for kind in KINDS.values() for source in kind.sources]
LAST_DAY = "2026-06-30"
STOCKED = (0, 2, 3, 4)
"""Which of the firm's items lie in its store."""
CHOICES = st.integers(0, 10**6)

NEW = st.tuples(
    st.sampled_from(["sales_order", "purchase_order", "goods_receipt", "goods_receipt", "delivery", "sales_invoice"]),
    st.integers(1, 28),
    st.lists(st.tuples(st.integers(0, 4), st.integers(1, 9), st.integers(1, 5000)), min_size=1, max_size=3),
)
FOLLOW = st.tuples(st.just("follow"), CHOICES, st.integers(1, 28), st.integers(1, 100), st.integers(-9, 9))
WHOLE = st.tuples(st.just("follow"), CHOICES, st.integers(1, 28), st.just(100), st.just(0))
CANCEL = st.tuples(st.just("cancel"), CHOICES)
STEPS = st.lists(
    st.one_of(NEW.map(lambda values: ("new", *values)), FOLLOW, FOLLOW, WHOLE, WHOLE, CANCEL), min_size=8, max_size=20
)
BEGINNING: list[tuple[Any, ...]] = [
    ("new", "goods_receipt", 1, [(0, 9, 1130), (2, 9, 333), (3, 9, 100), (4, 9, 777)]),
    ("new", "purchase_order", 2, [(0, 9, 1230), (3, 5, 399), (1, 1, 5000), (4, 3, 801)]),
    ("new", "sales_order", 3, [(0, 6, 2500), (2, 7, 777), (1, 2, 5300), (4, 5, 1234)]),
]
"""Something to carry out, so that chance finds more than an empty store."""


class Firm:
    """A firm whose documents are made by chance; what is refused leaves no trace."""

    def __init__(self, owner: Actor, items: list[int], customer: int, supplier: int) -> None:
        self.owner = owner
        self.items = items
        self.contacts = {"sales": customer, "purchase": supplier}
        self.made: list[int] = []
        self.has_taken_back = False

    def attempt(self, work: Callable[[], Document | None]) -> None:
        before = ledger_sums()
        try:
            document = work()
        except UserError:
            assert ledger_sums() == before
            return
        if document is not None and document.state in {"open", "done"}:
            self.made.append(document.id)

    def finish(self, new: DocumentInput) -> Document:
        draft = create_document(self.owner, new)
        return finish_document(self.owner, draft.id, Finishing())

    def new(self, kind: Any, day: int, lines: list[tuple[int, int, int]]) -> None:
        inputs = [
            DocumentLineInput(item_id=self.items[item], quantity=str(count), unit_price=f"{cents / 100:.2f}")
            for item, count, cents in lines
        ]
        new = DocumentInput(
            kind=kind,
            date=f"2026-06-{day:02d}",
            contact_id=self.contacts[KINDS[kind].side],
            discount="0.07" if day % 3 == 0 else "",
            prices_include_tax=day % 2 == 0,
            lines=inputs,
        )
        self.attempt(lambda: self.finish(new))

    def follow(self, choice: int, day: int, percent: int, dearer: int) -> None:
        pairs = [
            (kind, document)
            for document in load_documents(self.made)
            for kind, source in FOLLOWERS
            if source == document.kind and document.state in {"open", "done"}
        ]
        if not pairs:
            return
        kind, document = pairs[choice % len(pairs)]
        date = max(f"2026-06-{day:02d}", document.date)

        def work() -> Document:
            new = follower_of(KINDS[kind], [document], date)
            lines = [changed(line, percent, dearer) for line in new.lines]
            return self.finish(new.model_copy(update={"lines": lines}))

        self.attempt(work)

    def cancel(self, choice: int) -> None:
        if self.made:
            document_id = self.made[choice % len(self.made)]
            self.attempt(lambda: cancel_document(self.owner, document_id, Cancellation()))
            if load_document(document_id).state == "cancelled":
                self.made.remove(document_id)
                self.has_taken_back = True

    def buy_in_again(self) -> None:
        """Put goods into the store before everything else, to be taken back last.

        Where a receipt was taken back while others went on, what customers brought back may have left with it, and
        would be missing when their returns are taken back.
        """
        known = len(self.made)
        self.new("goods_receipt", 1, [(item, 99, 1000) for item in STOCKED])
        assert len(self.made) == known + 1
        self.made.insert(0, self.made.pop())


def changed(line: DocumentLineInput, percent: int, dearer: int) -> DocumentLineInput:
    if percent == 100:
        return line
    whole = max(1, int(line.quantity.split(".")[0]) * percent // 100)
    price = max(0, int(line.unit_price.replace(".", "").ljust(1, "0")[:6]) + dearer * 10)
    return line.model_copy(update={"quantity": str(whole), "unit_price": f"{price / 100:.2f}"})


def ledger_sums() -> dict[str, int]:
    rows = fetch_all(
        "SELECT a.code, SUM(e.debit) - SUM(e.credit) FROM {entry} e JOIN {voucher} v ON v.id = e.voucher_id"
        " JOIN {account} a ON a.id = e.account_id WHERE v.state <> 'void' GROUP BY a.code"
    )
    return {row[0]: int(row[1]) for row in rows if row[1]}


def check_agreement() -> None:
    sums: defaultdict[str, int] = defaultdict(int, ledger_sums())
    stock = fetch_all("SELECT c.quantity, c.value, i.costing FROM {item_cost} c JOIN {item} i ON i.id = c.item_id")
    at_once = [(quantity, value) for quantity, value, costing in stock if costing != "monthly"]
    assert all(quantity >= 0 and (value == 0 or quantity > 0) for quantity, value in at_once)
    assert sums["1405"] == sum(value for _, value, _ in stock)
    rows = fetch_all("SELECT id FROM {document} WHERE number IS NOT NULL")
    documents = load_documents([row[0] for row in rows])
    money: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for document in documents:
        sign = document.nature.money
        if sign:
            amounts = (document.net, document.tax, document.gross)
            for index, amount in enumerate(amounts):
                money[document.nature.side][index] += sign * amount
        lines = load_lines([document.id])
        assert [sum(getattr(line, name) for line in lines) for name in ("net", "tax", "gross")] == [
            document.net,
            document.tax,
            document.gross,
        ]
        for line in lines:
            assert line.gross == line.net + line.tax
            counts = (line.ordered, line.moved, line.invoiced, line.returned, line.credited)
            assert all(0 <= count <= line.base_quantity for count in counts) or document.counter_of is not None
            assert line.estimate >= 0
    assert list(document_flaws()) == []
    net, tax, gross = money["sales"]
    assert (sums["5001"], sums["22210107"], sums["1122"]) == (-net, -tax, gross)
    assert sums["22210101"] == money["purchase"][1]
    open_estimates = sum(
        line.estimate * (1 if document.kind == "goods_receipt" else -1)
        for document in documents
        if document.nature.side == "purchase" and document.state == "done"
        for line in load_lines([document.id])
    )
    assert sums["220202"] + sums["2202"] + sums["220201"] == -money["purchase"][2] - open_estimates


def make_firm(book: Book) -> Firm:
    desk = make_desk(book)
    items = [desk.item, desk.service]
    for code, costing in (("F1", "fifo"), ("M1", "moving"), ("Y1", "monthly")):
        body = {"code": code, "name": code, "unit": "个", "costing": costing}
        items.append(desk.window.post("/api/items", body).json["id"])
    with book.session():
        return Firm(ensure_owner("掌柜"), items, desk.customer, desk.supplier)


def play(book: Book, steps: list[tuple[Any, ...]]) -> None:
    firm = make_firm(book)
    with book.session():
        for name, *values in steps:
            getattr(firm, name)(*values)
            check_agreement()
        if firm.has_taken_back:
            firm.buy_in_again()
            check_agreement()
        for document_id in reversed(firm.made):
            cancel_document(firm.owner, document_id, Cancellation(date=LAST_DAY))
            check_agreement()
        assert ledger_sums() == {}
        assert [row for row in fetch_all("SELECT quantity, value FROM {item_cost}") if any(row)] == []
        counted = "ordered <> 0 OR moved <> 0 OR invoiced <> 0 OR returned <> 0 OR credited <> 0 OR estimate <> 0"
        assert fetch_all(f"SELECT id FROM {{document_line}} WHERE {counted}") == []
        numbers = [row[0] for row in fetch_all("SELECT number FROM {document} WHERE number IS NOT NULL")]
        last = fetch_all("SELECT SUM(last_number) FROM {document_counter}")[0][0] or 0
        assert len(numbers) == len(set(numbers)) == last


@given(STEPS)
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_stock_ledger_and_documents_agree_and_all_can_be_taken_back(
    empty_file: Path, steps: list[tuple[Any, ...]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        book = open_database(str(shutil.copyfile(empty_file, Path(folder) / "book.zhangfang")))
        try:
            play(book, [*BEGINNING, *steps])
        finally:
            book.close()


def test_a_month_of_documents_on_each_database(book: Book) -> None:
    steps: list[tuple[Any, ...]] = [
        *BEGINNING,
        ("new", "purchase_order", 2, [(0, 9, 1130), (2, 5, 333)]),
        ("follow", 0, 3, 50, 0),
        ("new", "goods_receipt", 1, [(0, 7, 999), (3, 3, 100)]),
        ("new", "delivery", 5, [(0, 6, 2500)]),
        ("follow", 3, 4, 60, 7),
        ("follow", 5, 8, 100, 0),
        ("new", "goods_receipt", 2, [(0, 4, 1500)]),
        ("follow", 9, 12, 40, 3),
        ("cancel", 4),
        ("follow", 2, 12, 100, 0),
    ]
    play(book, steps)
