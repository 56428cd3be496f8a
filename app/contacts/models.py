"""Tables of the slice `contacts`. No rules here; columns that bear an amount say so.

A contact's id is that of its main item among the ledger's auxiliaries: customer, supplier or employee. An item without
rows here is a contact, too, of which nothing but name and code is known.
"""

from __future__ import annotations

import peewee

from app.ledger.models.tables import Auxiliary
from app.storage.model import SliceModel


class ContactsModel(SliceModel):
    """Base of the tables of contacts."""

    class Meta:
        """All of them belong to the slice `contacts`."""

        slice = "contacts"


class ContactGroup(ContactsModel):
    """A group of contacts; documents may post by it."""

    id = peewee.BigAutoField()
    name = peewee.CharField(60, unique=True)
    active = peewee.BigIntegerField(default=1)
    version = peewee.BigIntegerField(default=1)

    class Meta:
        """Named as in the design."""

        slice = "contacts"
        table_name = "contact_group"


class Contact(ContactsModel):
    """What was typed about a contact; the credit limit is in minor units of the base currency."""

    id = peewee.ForeignKeyField(Auxiliary, primary_key=True, on_delete="RESTRICT", column_name="id")
    group = peewee.ForeignKeyField(ContactGroup, null=True, on_delete="RESTRICT")
    tax_number = peewee.CharField(20, default="")
    address = peewee.CharField(200, default="")
    phone = peewee.CharField(60, default="")
    email = peewee.CharField(120, default="")
    bank_name = peewee.CharField(120, default="")
    bank_account = peewee.CharField(60, default="")
    terms_days = peewee.BigIntegerField(null=True)
    credit_limit = peewee.BigIntegerField(null=True)
    price_list_id = peewee.BigIntegerField(null=True)
    note = peewee.CharField(500, default="")
    merged_into = peewee.ForeignKeyField(Auxiliary, null=True, on_delete="RESTRICT", column_name="merged_into")

    class Meta:
        """Named as in the design."""

        slice = "contacts"
        table_name = "contact"


class ContactRole(ContactsModel):
    """Which auxiliary item stands for a contact in a role; an item without a row is a contact by itself.

    A role that was taken away keeps its item and is not `held`.
    """

    auxiliary = peewee.ForeignKeyField(Auxiliary, primary_key=True, on_delete="RESTRICT")
    contact = peewee.ForeignKeyField(Auxiliary, on_delete="RESTRICT")
    role = peewee.CharField(10)
    held = peewee.BigIntegerField(default=1)

    class Meta:
        """A contact has each role once."""

        slice = "contacts"
        table_name = "contact_role"
        indexes = ((("contact", "role"), True),)
