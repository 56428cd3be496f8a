"""A firm whose book many people use at once: what they sell, and a token for each of them.

Each is a person of his own, as what one person may ask of a server at once is limited; the first is the owner.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.contacts.service.contacts import create_contact
from app.contract.contacts import ContactInput
from app.contract.identity import ApiTokenInput, UserInput
from app.contract.inventory import ItemInput
from app.contract.stock import StockDocumentInput, StockLineInput
from app.identity.actor import Actor
from app.identity.queries.people import owner_actor
from app.identity.queries.rights import list_roles
from app.identity.service.people import add_user
from app.identity.service.tokens import create_token
from app.inventory.service.items import create_item
from app.inventory.service.stock_documents import finish_stock_document, save_stock_document
from app.storage.address import parse_address
from app.storage.database import open_database
from app.web.opening import create_book

MONTH = "2026-06"
OPENING_QUANTITY = 1_000_000


@dataclass(frozen=True, slots=True)
class Firm:
    """What a client needs to know."""

    address: str
    password: str
    tokens: tuple[str, ...]
    customer: int
    items: tuple[int, ...]


def found_firm(address: str, password: str = "", *, people: int = 8, items: int = 4) -> Firm:
    """Make the book with a customer, goods in stock, and tokens."""
    where = parse_address(address, password or None)
    create_book(where, name="甲公司", chart="small_enterprise_2013", start=MONTH, vat="general", owner="掌柜")
    book = open_database(where)
    try:
        with book.session():
            owner = owner_actor()
            assert owner is not None
            customer = create_contact(owner, ContactInput(name="乙公司", roles=["customer"])).id
            goods = [
                create_item(owner, ItemInput(code=f"A{number}", name=f"螺丝{number}", unit="个")).id
                for number in range(items)
            ]
            lines = [
                StockLineInput(item_id=item, quantity=str(OPENING_QUANTITY), amount=f"{OPENING_QUANTITY}.00")
                for item in goods
            ]
            opened = save_stock_document(owner, StockDocumentInput(kind="other_in", date=f"{MONTH}-01", lines=lines))
            finish_stock_document(owner, opened.id)
            tokens = [create_token(owner, ApiTokenInput(name="客户端")).token]
            tokens += [_hire(owner, number) for number in range(1, people)]
    finally:
        book.close()
    return Firm(address, password, tuple(tokens), customer, tuple(goods))


def _hire(owner: Actor, number: int) -> str:
    """Add a person with every role and return his token."""
    roles = [role.id for role in list_roles(owner)]
    person = add_user(owner, UserInput(name=f"职员{number}", age=None, roles=roles))
    return create_token(owner, ApiTokenInput(name="客户端", user_id=person.id)).token
