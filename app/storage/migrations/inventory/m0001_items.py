"""Tables of items, units, categories, warehouses and prices."""

from __future__ import annotations

from app.storage.migrate import Step, create_index, create_table, foreign_key, insert_rows

COSTINGS = "'moving', 'monthly', 'fifo', 'lot'"

STEPS: tuple[Step, ...] = (
    create_table(
        "item_category",
        {
            "id": "{id}",
            "name": "{text:100} NOT NULL UNIQUE",
            "parent_id": "{int}",
            "active": "{int} NOT NULL DEFAULT 1",
            "version": "{int} NOT NULL DEFAULT 1",
        },
        [foreign_key("parent_id", "item_category")],
    ),
    create_table(
        "item",
        {
            "id": "{id}",
            "code": "{text:40} NOT NULL UNIQUE",
            "name": "{text:200} NOT NULL",
            "specification": "{text:200} NOT NULL DEFAULT ''",
            "barcode": "{text:60} NOT NULL DEFAULT ''",
            "kind": "{text:16} NOT NULL DEFAULT 'goods' CHECK (kind IN ('goods', 'service'))",
            "category_id": "{int}",
            "unit": "{text:20} NOT NULL DEFAULT ''",
            "costing": f"{{text:16}} NOT NULL DEFAULT 'moving' CHECK (costing IN ({COSTINGS}))",
            "tracks_lots": "{int} NOT NULL DEFAULT 0",
            "tracks_expiry": "{int} NOT NULL DEFAULT 0",
            "tax_rate": "{text:20} NOT NULL DEFAULT ''",
            "sales_price": "{int}",
            "purchase_price": "{int}",
            "reorder_level": "{int}",
            "note": "{text:500} NOT NULL DEFAULT ''",
            "pinyin": "{text:120} NOT NULL DEFAULT ''",
            "active": "{int} NOT NULL DEFAULT 1",
            "version": "{int} NOT NULL DEFAULT 1",
            "created_by": "{int} NOT NULL",
            "created_at": "{int} NOT NULL",
            "updated_at": "{int} NOT NULL",
        },
        [
            "CHECK (tracks_lots = 1 OR (tracks_expiry = 0 AND costing <> 'lot'))",
            "CHECK (sales_price >= 0 AND purchase_price >= 0 AND reorder_level >= 0)",
            foreign_key("category_id", "item_category"),
            foreign_key("created_by", "user"),
        ],
    ),
    create_index("item_by_category", "item", ["category_id"]),
    # what look-ups go through: narrow and lying in the order of codes, so that a key typed costs one pass over few
    # pages at most, whatever the word, and less where the first page is full sooner
    create_table(
        "item_search",
        {
            "code": "{text:40} NOT NULL PRIMARY KEY",
            "item_id": "{int} NOT NULL UNIQUE",
            "active": "{int} NOT NULL",
            "kind": "{text:16} NOT NULL",
            "words": "{blob} NOT NULL",
        },
        [foreign_key("item_id", "item")],
        without_rowid=True,
    ),
    create_table(
        "item_unit",
        {
            "item_id": "{int} NOT NULL",
            "unit": "{text:20} NOT NULL",
            "factor": "{int} NOT NULL CHECK (factor > 0)",
            "barcode": "{text:60} NOT NULL DEFAULT ''",
        },
        ["PRIMARY KEY (item_id, unit)", foreign_key("item_id", "item")],
    ),
    # barcodes of base and further units in one place, so that the database itself keeps them apart
    create_table(
        "item_barcode",
        {
            "barcode": "{text:60} NOT NULL PRIMARY KEY",
            "item_id": "{int} NOT NULL",
            "unit": "{text:20} NOT NULL",
        },
        [foreign_key("item_id", "item")],
    ),
    create_index("item_barcode_by_item", "item_barcode", ["item_id"]),
    create_table(
        "warehouse",
        {
            "id": "{id}",
            "code": "{text:40} NOT NULL UNIQUE",
            "name": "{text:100} NOT NULL UNIQUE",
            "address": "{text:300} NOT NULL DEFAULT ''",
            "is_usual": "{int} NOT NULL DEFAULT 0",
            "active": "{int} NOT NULL DEFAULT 1",
            "version": "{int} NOT NULL DEFAULT 1",
        },
    ),
    insert_rows("warehouse", ["id", "code", "name", "is_usual"], [(1, "01", "主仓库", 1)]),
    create_table(
        "price_list",
        {
            "id": "{id}",
            "name": "{text:100} NOT NULL UNIQUE",
            "includes_tax": "{int} NOT NULL DEFAULT 1",
            "active": "{int} NOT NULL DEFAULT 1",
            "version": "{int} NOT NULL DEFAULT 1",
        },
    ),
    create_table(
        "price",
        {
            "price_list_id": "{int} NOT NULL",
            "item_id": "{int} NOT NULL",
            "unit": "{text:20} NOT NULL DEFAULT ''",
            "from_quantity": "{int} NOT NULL DEFAULT 0 CHECK (from_quantity >= 0)",
            "from_date": "{text:10} NOT NULL DEFAULT ''",
            "price": "{int} NOT NULL CHECK (price >= 0)",
        },
        [
            "PRIMARY KEY (price_list_id, item_id, unit, from_quantity, from_date)",
            foreign_key("price_list_id", "price_list"),
            foreign_key("item_id", "item"),
        ],
    ),
    create_index("price_by_item", "price", ["item_id"]),
)
