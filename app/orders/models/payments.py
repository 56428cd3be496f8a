"""Tables of payments and settlements. No rules here; amounts are minor units of the base currency.

A counter-document holds the exact opposites: its amounts, and what it gives back to invoices, are negative.
"""

from __future__ import annotations

import peewee

from app.identity.models import User
from app.ledger.models.tables import Account, Auxiliary
from app.orders.models.documents import Document, OrdersModel


class Payment(OrdersModel):
    """Money in (收款单) or out (付款单). `used` is what went to invoices, at once or by later settlements."""

    id = peewee.BigAutoField()
    kind = peewee.CharField(20)
    number = peewee.CharField(40, null=True, unique=True)
    date = peewee.CharField(10)
    state = peewee.CharField(10, default="draft")
    contact = peewee.ForeignKeyField(Auxiliary, on_delete="RESTRICT", index=False)
    account = peewee.ForeignKeyField(Account, on_delete="RESTRICT", index=False)
    amount = peewee.BigIntegerField()
    discount = peewee.BigIntegerField(default=0)
    used = peewee.BigIntegerField(default=0)
    reference = peewee.CharField(100, default="")
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
        """Found by date and contact."""

        slice = "orders"
        table_name = "payment"
        indexes = ((("date", "id"), False), (("contact", "kind", "date"), False))


class Settlement(OrdersModel):
    """Settles invoices with what was paid in advance, with credits, or with invoices of the other side (核销单)."""

    id = peewee.BigAutoField()
    number = peewee.CharField(40, unique=True)
    date = peewee.CharField(10)
    state = peewee.CharField(10, default="done")
    contact = peewee.ForeignKeyField(Auxiliary, on_delete="RESTRICT", index=False)
    side = peewee.CharField(10)
    amount = peewee.BigIntegerField()
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
        """Found by date and contact."""

        slice = "orders"
        table_name = "settlement"
        indexes = ((("date", "id"), False), (("contact", "date"), False))


class Allocation(OrdersModel):
    """How much of an invoice, a credit or an advance a payment or settlement uses up; of drafts it is not `booked`."""

    id = peewee.BigAutoField()
    payment = peewee.ForeignKeyField(Payment, null=True, on_delete="RESTRICT")
    settlement = peewee.ForeignKeyField(Settlement, null=True, on_delete="RESTRICT")
    part = peewee.CharField(12)
    document = peewee.ForeignKeyField(Document, null=True, on_delete="RESTRICT", index=False)
    advance = peewee.ForeignKeyField(Payment, null=True, on_delete="RESTRICT", index=False)
    amount = peewee.BigIntegerField()
    date = peewee.CharField(10)
    booked = peewee.BigIntegerField(default=0)

    class Meta:
        """Found from all three ends."""

        slice = "orders"
        table_name = "allocation"
        indexes = ((("document", "date"), False), (("advance", "date"), False))
