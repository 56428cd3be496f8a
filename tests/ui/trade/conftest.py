"""Sales and purchases stand on the same desk as the ledger's pages; its book knows a customer, a supplier and goods."""

from __future__ import annotations

import pytest

from app.client.api import ApiClient
from app.contract.contacts import Contact, ContactInput
from app.contract.inventory import Item, ItemInput, ItemUnit
from tests.ui.ledger.conftest import api, desk, empty_book, runner

__all__ = ["api", "desk", "empty_book", "runner"]


@pytest.fixture
def customer(api: ApiClient) -> Contact:
    """A customer."""
    return api.add_contact(ContactInput(name="远航科技", roles=["customer"], terms_days=30))


@pytest.fixture
def supplier(api: ApiClient) -> Contact:
    """A supplier."""
    return api.add_contact(ContactInput(name="华东纸业", roles=["supplier"]))


@pytest.fixture
def paper(api: ApiClient) -> Item:
    """Paper, sold in packs and boxes of eight."""
    return api.add_item(
        ItemInput(
            code="ZP-01",
            name="打印纸",
            specification="A4 70g",
            barcode="6901234567892",
            unit="包",
            units=[ItemUnit(unit="箱", factor="8", barcode="16901234567899")],
            tax_rate="13",
            sales_price="22.60",
            purchase_price="16",
        )
    )
