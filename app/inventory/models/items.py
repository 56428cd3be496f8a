"""The tables of items, their units and barcodes, categories, warehouses and prices.

Quantities, factors and unit prices are integers × 10^8. What each column means stands in docs/trade.md.
"""

from __future__ import annotations

import peewee

from app.identity.models import User
from app.inventory.models.base import InventoryModel


class ItemCategory(InventoryModel):
    """A category of items; posting rules may name it."""

    id = peewee.BigAutoField()
    name = peewee.CharField(100, unique=True)
    parent = peewee.ForeignKeyField("self", null=True, on_delete="RESTRICT", index=False)
    active = peewee.BigIntegerField(default=1)
    version = peewee.BigIntegerField(default=1)

    class Meta:
        """Named as in the contract."""

        slice = "inventory"
        table_name = "item_category"


class Item(InventoryModel):
    """A thing bought, kept and sold, or a service."""

    id = peewee.BigAutoField()
    code = peewee.CharField(40, unique=True)
    name = peewee.CharField(200)
    specification = peewee.CharField(200, default="")
    barcode = peewee.CharField(60, default="")
    kind = peewee.CharField(16, default="goods")
    category = peewee.ForeignKeyField(ItemCategory, null=True, on_delete="RESTRICT", index=True)
    unit = peewee.CharField(20, default="")
    costing = peewee.CharField(16, default="moving")
    tracks_lots = peewee.BigIntegerField(default=0)
    tracks_expiry = peewee.BigIntegerField(default=0)
    tax_rate = peewee.CharField(20, default="")
    sales_price = peewee.BigIntegerField(null=True)
    purchase_price = peewee.BigIntegerField(null=True)
    reorder_level = peewee.BigIntegerField(null=True)
    note = peewee.CharField(500, default="")
    pinyin = peewee.CharField(120, default="")
    active = peewee.BigIntegerField(default=1)
    version = peewee.BigIntegerField(default=1)
    created_by = peewee.ForeignKeyField(User, on_delete="RESTRICT", index=False, column_name="created_by")
    created_at = peewee.BigIntegerField()
    updated_at = peewee.BigIntegerField()

    class Meta:
        """Named as in the contract."""

        slice = "inventory"
        table_name = "item"


class ItemSearch(InventoryModel):
    """What an item is found by: code, name, initials, specification and barcodes in lower case, UTF-8."""

    code = peewee.CharField(40, primary_key=True)
    item = peewee.ForeignKeyField(Item, unique=True, on_delete="RESTRICT")
    active = peewee.BigIntegerField()
    kind = peewee.CharField(16)
    words = peewee.BlobField()

    class Meta:
        """One row an item."""

        slice = "inventory"
        table_name = "item_search"


class ItemUnit(InventoryModel):
    """A further unit of an item: one of it is `factor` base units."""

    item = peewee.ForeignKeyField(Item, on_delete="RESTRICT", index=False)
    unit = peewee.CharField(20)
    factor = peewee.BigIntegerField()
    barcode = peewee.CharField(60, default="")

    class Meta:
        """One row an item and unit."""

        slice = "inventory"
        table_name = "item_unit"
        primary_key = peewee.CompositeKey("item", "unit")


class ItemBarcode(InventoryModel):
    """A barcode and the item and unit it stands for; no two items share one."""

    barcode = peewee.CharField(60, primary_key=True)
    item = peewee.ForeignKeyField(Item, on_delete="RESTRICT", index=True)
    unit = peewee.CharField(20)

    class Meta:
        """One row a barcode."""

        slice = "inventory"
        table_name = "item_barcode"


class Warehouse(InventoryModel):
    """A place where stock lies; exactly one is the usual one."""

    id = peewee.BigAutoField()
    code = peewee.CharField(40, unique=True)
    name = peewee.CharField(100, unique=True)
    address = peewee.CharField(300, default="")
    is_usual = peewee.BigIntegerField(default=0)
    active = peewee.BigIntegerField(default=1)
    version = peewee.BigIntegerField(default=1)

    class Meta:
        """Named as in the contract."""

        slice = "inventory"
        table_name = "warehouse"


class PriceList(InventoryModel):
    """A named list of prices."""

    id = peewee.BigAutoField()
    name = peewee.CharField(100, unique=True)
    includes_tax = peewee.BigIntegerField(default=1)
    active = peewee.BigIntegerField(default=1)
    version = peewee.BigIntegerField(default=1)

    class Meta:
        """Named as in the contract."""

        slice = "inventory"
        table_name = "price_list"


class Price(InventoryModel):
    """What an item costs in a list, from a quantity and a day on."""

    price_list = peewee.ForeignKeyField(PriceList, on_delete="RESTRICT", index=False)
    item = peewee.ForeignKeyField(Item, on_delete="RESTRICT", index=True)
    unit = peewee.CharField(20, default="")
    from_quantity = peewee.BigIntegerField(default=0)
    from_date = peewee.CharField(10, default="")
    price = peewee.BigIntegerField()

    class Meta:
        """One row a step of quantity and day."""

        slice = "inventory"
        table_name = "price"
        primary_key = peewee.CompositeKey("price_list", "item", "unit", "from_quantity", "from_date")
