"""The tables of stock: lots, moves, revaluations, balances, posting rules, documents. No rules here.

Quantities are integers × 10^8, amounts minor units of the base currency. What each column means stands in
docs/inventory.md.
"""

from __future__ import annotations

import peewee

from app.identity.models import User
from app.inventory.models.base import InventoryModel
from app.inventory.models.items import Item, Warehouse
from app.ledger.models.tables import Account, Voucher


class Lot(InventoryModel):
    """A lot (批次) of an item."""

    id = peewee.BigAutoField()
    item = peewee.ForeignKeyField(Item, on_delete="RESTRICT", index=False)
    number = peewee.CharField(60)
    expiry = peewee.CharField(10, default="")

    class Meta:
        """A number is unique within its item."""

        slice = "inventory"
        table_name = "lot"
        indexes = ((("item", "number"), True),)


class StockMove(InventoryModel):
    """A quantity of an item that came into a warehouse or left it; never changed but for what recosts add up to."""

    id = peewee.BigAutoField()
    item = peewee.ForeignKeyField(Item, on_delete="RESTRICT", index=False)
    warehouse = peewee.ForeignKeyField(Warehouse, on_delete="RESTRICT", index=False)
    lot_id = peewee.BigIntegerField(default=0)
    period = peewee.BigIntegerField()
    date = peewee.CharField(10)
    document_kind = peewee.CharField(40)
    document_id = peewee.BigIntegerField()
    document_number = peewee.CharField(40)
    line_id = peewee.BigIntegerField(default=0)
    quantity = peewee.BigIntegerField()
    amount = peewee.BigIntegerField(null=True)
    recosted = peewee.BigIntegerField(default=0)
    residue = peewee.BigIntegerField(default=0)
    rule = peewee.CharField(10)
    costing = peewee.CharField(16)
    source = peewee.ForeignKeyField("self", null=True, on_delete="RESTRICT")
    into_product = peewee.BigIntegerField(default=0)
    contra_account = peewee.ForeignKeyField(Account, null=True, on_delete="RESTRICT", index=False)
    contra_aux = peewee.CharField(1000, default="")
    created_by = peewee.ForeignKeyField(User, on_delete="RESTRICT", index=False, column_name="created_by")
    created_at = peewee.BigIntegerField()

    class Meta:
        """Found by item, document, and month."""

        slice = "inventory"
        table_name = "stock_move"


class StockRecost(InventoryModel):
    """One recosting: which document made it necessary, and from which day."""

    id = peewee.BigAutoField()
    document_kind = peewee.CharField(40)
    document_id = peewee.BigIntegerField()
    document_number = peewee.CharField(40)
    date = peewee.CharField(10)
    created_by = peewee.ForeignKeyField(User, on_delete="RESTRICT", index=False, column_name="created_by")
    created_at = peewee.BigIntegerField()

    class Meta:
        """Found by document."""

        slice = "inventory"
        table_name = "stock_recost"


class StockRevaluation(InventoryModel):
    """By how much a recosting changed a move's amount, or the residue beside it; quantity is not touched."""

    id = peewee.BigAutoField()
    recost = peewee.ForeignKeyField(StockRecost, on_delete="RESTRICT", index=False)
    move = peewee.ForeignKeyField(StockMove, on_delete="RESTRICT", index=False)
    item = peewee.ForeignKeyField(Item, on_delete="RESTRICT", index=False)
    warehouse_id = peewee.BigIntegerField()
    lot_id = peewee.BigIntegerField(default=0)
    period = peewee.BigIntegerField()
    date = peewee.CharField(10)
    amount = peewee.BigIntegerField()
    residue = peewee.BigIntegerField(default=0)

    class Meta:
        """Found by recosting, move, item, and month."""

        slice = "inventory"
        table_name = "stock_revaluation"


class StockQuantity(InventoryModel):
    """What lies in a warehouse now, of a lot where lots are kept."""

    item = peewee.ForeignKeyField(Item, on_delete="RESTRICT", index=False)
    warehouse = peewee.ForeignKeyField(Warehouse, on_delete="RESTRICT", index=False)
    lot_id = peewee.BigIntegerField(default=0)
    quantity = peewee.BigIntegerField(default=0)

    class Meta:
        """One row a place."""

        slice = "inventory"
        table_name = "stock_quantity"
        without_rowid = True
        primary_key = peewee.CompositeKey("item", "warehouse", "lot_id")


class StockMonth(InventoryModel):
    """What came in and went out in a month, at one place; the amounts take in revaluations dated in the month."""

    period = peewee.BigIntegerField()
    item = peewee.ForeignKeyField(Item, on_delete="RESTRICT", index=False)
    warehouse = peewee.ForeignKeyField(Warehouse, on_delete="RESTRICT", index=False)
    lot_id = peewee.BigIntegerField(default=0)
    in_quantity = peewee.BigIntegerField(default=0)
    in_amount = peewee.BigIntegerField(default=0)
    out_quantity = peewee.BigIntegerField(default=0)
    out_amount = peewee.BigIntegerField(default=0)

    class Meta:
        """One row a month and place."""

        slice = "inventory"
        table_name = "stock_month"
        without_rowid = True
        primary_key = peewee.CompositeKey("item", "warehouse", "lot_id", "period")


class ItemCost(InventoryModel):
    """A cost pool: what an item (or a lot costed by itself) is worth now, and from where it waits to be recosted."""

    item = peewee.ForeignKeyField(Item, on_delete="RESTRICT", index=False)
    lot_id = peewee.BigIntegerField(default=0)
    quantity = peewee.BigIntegerField(default=0)
    value = peewee.BigIntegerField(default=0)
    state = peewee.TextField()
    last_date = peewee.CharField(10, default="")
    pending_date = peewee.CharField(10, null=True, index=True)
    pending_move_id = peewee.BigIntegerField(null=True)
    pending_recost = peewee.ForeignKeyField(StockRecost, null=True, on_delete="RESTRICT", index=False)

    class Meta:
        """One row a pool."""

        slice = "inventory"
        table_name = "item_cost"
        primary_key = peewee.CompositeKey("item", "lot_id")


class PostingRule(InventoryModel):
    """Which account documents post to for a purpose; 0 stands for every category or contact group."""

    id = peewee.BigAutoField()
    purpose = peewee.CharField(40)
    category_id = peewee.BigIntegerField(default=0)
    contact_group_id = peewee.BigIntegerField(default=0)
    account = peewee.ForeignKeyField(Account, on_delete="RESTRICT", index=False)
    version = peewee.BigIntegerField(default=1)
    changed_by = peewee.ForeignKeyField(User, on_delete="RESTRICT", index=False, column_name="changed_by")
    changed_at = peewee.BigIntegerField()

    class Meta:
        """One account for a purpose, category and group."""

        slice = "inventory"
        table_name = "posting_rule"
        indexes = ((("purpose", "category_id", "contact_group_id"), True),)


class DocumentVoucher(InventoryModel):
    """A voucher that belongs to a document, and the voucher it takes back, if it does."""

    voucher = peewee.ForeignKeyField(Voucher, primary_key=True, on_delete="RESTRICT")
    document_kind = peewee.CharField(40)
    document_id = peewee.BigIntegerField()
    document_number = peewee.CharField(40)
    reverses = peewee.ForeignKeyField(Voucher, null=True, on_delete="RESTRICT", index=False, column_name="reverses")

    class Meta:
        """A voucher belongs to one document."""

        slice = "inventory"
        table_name = "document_voucher"


class StockCounter(InventoryModel):
    """The last number given to a kind of document in a month."""

    kind = peewee.CharField(40)
    period = peewee.BigIntegerField()
    last_number = peewee.BigIntegerField()

    class Meta:
        """Keyed by kind and month."""

        slice = "inventory"
        table_name = "stock_counter"
        primary_key = peewee.CompositeKey("kind", "period")


class StockDocument(InventoryModel):
    """A stock document: opening, transfer, count, assembly, other in, other out."""

    id = peewee.BigAutoField()
    kind = peewee.CharField(16)
    number = peewee.CharField(40, null=True, unique=True)
    date = peewee.CharField(10)
    state = peewee.CharField(10, default="draft")
    warehouse = peewee.ForeignKeyField(Warehouse, on_delete="RESTRICT", index=False)
    to_warehouse = peewee.ForeignKeyField(Warehouse, null=True, on_delete="RESTRICT", index=False)
    account = peewee.ForeignKeyField(Account, null=True, on_delete="RESTRICT", index=False)
    aux = peewee.CharField(1000, default="")
    note = peewee.CharField(500, default="")
    maker = peewee.ForeignKeyField(User, on_delete="RESTRICT", index=False)
    counter_of = peewee.ForeignKeyField("self", null=True, on_delete="RESTRICT", column_name="counter_of", index=True)
    version = peewee.BigIntegerField(default=1)
    created_at = peewee.BigIntegerField()
    updated_at = peewee.BigIntegerField()

    class Meta:
        """Found by date."""

        slice = "inventory"
        table_name = "stock_document"


class StockDocumentLine(InventoryModel):
    """A line of a stock document as typed; in a count `book_quantity` is what the book had when it was finished."""

    document = peewee.ForeignKeyField(StockDocument, on_delete="RESTRICT", index=False)
    line = peewee.BigIntegerField()
    item = peewee.ForeignKeyField(Item, on_delete="RESTRICT", index=True)
    unit = peewee.CharField(20, default="")
    quantity = peewee.BigIntegerField()
    base_quantity = peewee.BigIntegerField()
    book_quantity = peewee.BigIntegerField(null=True)
    amount = peewee.BigIntegerField(null=True)
    lot = peewee.CharField(60, default="")
    expiry = peewee.CharField(10, default="")
    note = peewee.CharField(200, default="")

    class Meta:
        """Keyed by document and line."""

        slice = "inventory"
        table_name = "stock_document_line"
        primary_key = peewee.CompositeKey("document", "line")
