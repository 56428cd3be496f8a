"""Tables of the slice `orders`. No rules here.

Amounts are minor units of the base currency, quantities and unit prices scaled by 10^8, rates decimal text. What later
documents carried out of a line (`ordered`, `moved`, `invoiced`, `returned`, `credited`) is in the item's base unit.
"""

from __future__ import annotations

import peewee

from app.identity.models import User
from app.inventory.models.items import Item, Warehouse
from app.inventory.models.stock import StockMove
from app.ledger.models.tables import Auxiliary
from app.storage.model import SliceModel


class OrdersModel(SliceModel):
    """Base of the tables of sales, purchases and payments."""

    class Meta:
        """All of them belong to the slice `orders`."""

        slice = "orders"


class Document(OrdersModel):
    """A quotation, order, delivery, receipt, return, invoice or credit. A number is given when it is finished.

    A counter-document holds the exact opposites: its quantities and amounts are negative.
    """

    id = peewee.BigAutoField()
    kind = peewee.CharField(20)
    number = peewee.CharField(40, null=True, unique=True)
    date = peewee.CharField(10)
    state = peewee.CharField(10, default="draft")
    contact = peewee.ForeignKeyField(Auxiliary, null=True, on_delete="RESTRICT", index=False)
    person = peewee.ForeignKeyField(User, null=True, on_delete="RESTRICT", index=False)
    reference = peewee.CharField(100, default="")
    due_date = peewee.CharField(10, default="")
    warehouse = peewee.ForeignKeyField(Warehouse, null=True, on_delete="RESTRICT", index=False)
    prices_include_tax = peewee.BigIntegerField(default=1)
    deductible = peewee.BigIntegerField(default=1)
    discount = peewee.BigIntegerField(default=0)
    net = peewee.BigIntegerField(default=0)
    tax = peewee.BigIntegerField(default=0)
    gross = peewee.BigIntegerField(default=0)
    settled = peewee.BigIntegerField(default=0)
    note = peewee.CharField(500, default="")
    reason = peewee.CharField(200, default="")
    counter_of = peewee.ForeignKeyField("self", null=True, unique=True, on_delete="RESTRICT", column_name="counter_of")
    cancelled_by = peewee.ForeignKeyField(
        "self", null=True, unique=True, on_delete="RESTRICT", column_name="cancelled_by"
    )
    version = peewee.BigIntegerField(default=1)
    created_by = peewee.ForeignKeyField(User, on_delete="RESTRICT", index=False, column_name="created_by")
    created_at = peewee.BigIntegerField()
    updated_at = peewee.BigIntegerField()

    class Meta:
        """Found by date, kind, state and contact."""

        slice = "orders"
        table_name = "document"
        indexes = (
            (("date", "id"), False),
            (("kind", "date", "id"), False),
            (("state", "kind"), False),
            (("contact", "kind", "date"), False),
        )


class DocumentLine(OrdersModel):
    """A line of a document.

    `estimate` is what it still has in 暂估应付: received and not invoiced, invoiced and not received, or gone back and
    not credited. `taken` is what it took out of the estimate of a line it carries out.
    """

    id = peewee.BigAutoField()
    document = peewee.ForeignKeyField(Document, on_delete="RESTRICT", index=False)
    line = peewee.BigIntegerField()
    item = peewee.ForeignKeyField(Item, null=True, on_delete="RESTRICT", index=False)
    description = peewee.CharField(300, default="")
    quantity = peewee.BigIntegerField()
    unit = peewee.CharField(20, default="")
    base_quantity = peewee.BigIntegerField()
    unit_price = peewee.BigIntegerField(default=0)
    discount_percent = peewee.CharField(40, default="")
    tax_rate = peewee.CharField(40, default="0")
    net = peewee.BigIntegerField(default=0)
    tax = peewee.BigIntegerField(default=0)
    gross = peewee.BigIntegerField(default=0)
    own_amounts = peewee.BigIntegerField(default=0)
    cost = peewee.BigIntegerField(null=True)
    estimate = peewee.BigIntegerField(default=0)
    taken = peewee.BigIntegerField(default=0)
    move = peewee.ForeignKeyField(StockMove, null=True, on_delete="RESTRICT", index=False)
    warehouse = peewee.ForeignKeyField(Warehouse, null=True, on_delete="RESTRICT", index=False)
    lot = peewee.CharField(60, default="")
    expiry = peewee.CharField(10, default="")
    source_line = peewee.ForeignKeyField("self", null=True, on_delete="RESTRICT")
    ordered = peewee.BigIntegerField(default=0)
    moved = peewee.BigIntegerField(default=0)
    invoiced = peewee.BigIntegerField(default=0)
    returned = peewee.BigIntegerField(default=0)
    credited = peewee.BigIntegerField(default=0)

    class Meta:
        """Lines are numbered from 1 within their document."""

        slice = "orders"
        table_name = "document_line"
        indexes = ((("document", "line"), True), (("item", "document"), False))


class DocumentCounter(OrdersModel):
    """The last number given to a kind of document in a month; locked while the next is taken."""

    kind = peewee.CharField(20)
    period = peewee.BigIntegerField()
    last_number = peewee.BigIntegerField(default=0)

    class Meta:
        """One row a kind and month."""

        slice = "orders"
        table_name = "document_counter"
        primary_key = peewee.CompositeKey("kind", "period")
