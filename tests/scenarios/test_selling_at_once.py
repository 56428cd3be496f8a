"""Eight clients sell the last of an item at once through one server, and every call is sent twice."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.client.api import ApiClient
from app.client.transport import Transport
from app.contract.doctor import DoctorQuery
from app.contract.ledger import Opening, OpeningRow
from app.contract.orders import Document, DocumentInput, DocumentLineInput, DocumentQuery, Finishing
from app.contract.stock import MoveQuery
from app.kernel.errors import RuleBroken
from app.kernel.ids import new_request_id
from tests.scenarios.shop import Shop
from tests.scenarios.worked import WorkedBook

CLIENTS = 8
EACH = 3
THERE = 17
"""How many there are; seven of the twenty-four wishes have to be refused."""


@pytest.mark.usefixtures("patient_books")
def test_what_is_there_is_sold_once_and_never_more(unmade: WorkedBook) -> None:
    unmade.do("new", "--chart", "small_enterprise_2013", "--start", "2026-01", "--name", "街角商行")
    with unmade.client() as api:
        shop = Shop(api)
        customer = shop.contact("东街茶馆", "customer")
        tea = shop.item("A", "茶叶", "moving")
        rows = [
            OpeningRow(account_code="1405", opening_debit="170", quantity=str(THERE)),
            OpeningRow(account_code="3001", opening_credit="170"),
        ]
        api.replace_opening(Opening(rows=rows))
        shop.stock("opening", "", (tea, str(THERE), "170"))

        def sell(_client: int) -> list[str]:
            with contextlib.closing(ApiClient(Transport(api.transport.url, api.transport.token))) as own:
                return [sold_once(own, customer, tea) for _ in range(EACH)]

        with ThreadPoolExecutor(CLIENTS) as pool:
            numbers = [number for sold in pool.map(sell, range(CLIENTS)) for number in sold]
        assert sorted(number for number in numbers if number) == [f"CK-202601-{number:04d}" for number in range(1, 18)]
        assert numbers.count("") == CLIENTS * EACH - THERE

        for kind, state, count in (("delivery", "done", 17), ("sales_invoice", "done", 17), ("delivery", "draft", 7)):
            found = api.list_documents(DocumentQuery(kind=kind, state=state)).documents
            assert len(found) == count, (kind, state)
        moves = api.list_stock_moves(MoveQuery(item_id=tea)).moves
        left = [int(move.balance_quantity) for move in moves]
        assert left == list(range(THERE, -1, -1))  # the opening, and then one less with every sale
        assert moves[-1].balance_amount == "0.00"
        accounts = shop.accounts("2026-01")
        # 17 × 20 = 340 and 13 % of each 20.00; the cost is all there was
        assert {code: accounts.get(code) for code in ("1122", "1405", "5001", "22210107", "5401")} == {
            "1122": "384.20",
            "1405": None,
            "5001": "-340.00",
            "22210107": "-44.20",
            "5401": "170.00",
        }
        assert api.diagnosis(DoctorQuery(period="2026-01")).findings == []
    unmade.do("verify")


def sold_once(api: ApiClient, customer: int, item: int) -> str:
    """Sell one, each call sent twice; return the delivery's number, or nothing when none was left."""
    line = DocumentLineInput(item_id=item, quantity="1", unit_price="20")
    wish = DocumentInput(
        kind="delivery",
        date="2026-01-10",
        contact_id=customer,
        prices_include_tax=False,
        lines=[line],
        request_id=new_request_id(),
    )
    drafts = at_once(lambda: api.add_document(wish))
    assert drafts[0] == drafts[1]
    finishing = Finishing(with_follower=True, request_id=new_request_id())
    try:
        done = at_once(lambda: api.finish_document(drafts[0].id, finishing))
    except RuleBroken:
        assert api.get_document(drafts[0].id).state == "draft"
        return ""
    assert done[0] == done[1]
    return done[0].number


def at_once(call: Callable[[], Document]) -> list[Document]:
    """Send a call twice at the same time, as a client does whose first answer is late."""
    with ThreadPoolExecutor(2) as pool:
        return [future.result() for future in [pool.submit(call), pool.submit(call)]]
