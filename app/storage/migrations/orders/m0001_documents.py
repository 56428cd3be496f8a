"""Tables of the documents of sales and purchases."""

from __future__ import annotations

from app.storage.migrate import Step, create_index, create_table, foreign_key

KINDS = (
    "'quotation', 'sales_order', 'delivery', 'sales_return', 'sales_invoice', 'sales_credit', "
    "'purchase_order', 'goods_receipt', 'purchase_return', 'purchase_invoice', 'purchase_credit'"
)
STATES = "'draft', 'open', 'done', 'closed', 'cancelled'"
AMOUNT = "{int} NOT NULL DEFAULT 0"

STEPS: tuple[Step, ...] = (
    create_table(
        "document",
        {
            "id": "{id}",
            "kind": f"{{text:20}} NOT NULL CHECK (kind IN ({KINDS}))",
            "number": "{text:40} UNIQUE",
            "date": "{text:10} NOT NULL",
            "state": f"{{text:10}} NOT NULL DEFAULT 'draft' CHECK (state IN ({STATES}))",
            "contact_id": "{int}",
            "person_id": "{int}",
            "reference": "{text:100} NOT NULL DEFAULT ''",
            "due_date": "{text:10} NOT NULL DEFAULT ''",
            "warehouse_id": "{int}",
            "prices_include_tax": "{int} NOT NULL DEFAULT 1 CHECK (prices_include_tax IN (0, 1))",
            "deductible": "{int} NOT NULL DEFAULT 1 CHECK (deductible IN (0, 1))",
            "discount": AMOUNT,
            "net": AMOUNT,
            "tax": AMOUNT,
            "gross": AMOUNT,
            "settled": AMOUNT,
            "note": "{text:500} NOT NULL DEFAULT ''",
            "reason": "{text:200} NOT NULL DEFAULT ''",
            "counter_of": "{int} UNIQUE",
            "cancelled_by": "{int} UNIQUE",
            "version": "{int} NOT NULL DEFAULT 1",
            "created_by": "{int} NOT NULL",
            "created_at": "{int} NOT NULL",
            "updated_at": "{int} NOT NULL",
        },
        [
            "CHECK (number IS NOT NULL OR state IN ('draft', 'cancelled'))",
            foreign_key("contact_id", "auxiliary"),
            foreign_key("person_id", "user"),
            foreign_key("warehouse_id", "warehouse"),
            foreign_key("counter_of", "document"),
            foreign_key("cancelled_by", "document"),
            foreign_key("created_by", "user"),
        ],
    ),
    create_index("document_by_date", "document", ["date", "id"]),
    create_index("document_by_kind", "document", ["kind", "date", "id"]),
    create_index("document_by_state", "document", ["state", "kind"]),
    create_index("document_by_contact", "document", ["contact_id", "kind", "date"]),
    create_table(
        "document_line",
        {
            "id": "{id}",
            "document_id": "{int} NOT NULL",
            "line": "{int} NOT NULL CHECK (line >= 1)",
            "item_id": "{int}",
            "description": "{text:300} NOT NULL DEFAULT ''",
            "quantity": "{int} NOT NULL",
            "unit": "{text:20} NOT NULL DEFAULT ''",
            "base_quantity": "{int} NOT NULL",
            "unit_price": AMOUNT,
            "discount_percent": "{text:40} NOT NULL DEFAULT ''",
            "tax_rate": "{text:40} NOT NULL DEFAULT '0'",
            "net": AMOUNT,
            "tax": AMOUNT,
            "gross": AMOUNT,
            "own_amounts": "{int} NOT NULL DEFAULT 0 CHECK (own_amounts IN (0, 1))",
            "cost": "{int}",
            "estimate": AMOUNT,
            "taken": AMOUNT,
            "move_id": "{int}",
            "warehouse_id": "{int}",
            "lot": "{text:60} NOT NULL DEFAULT ''",
            "expiry": "{text:10} NOT NULL DEFAULT ''",
            "source_line_id": "{int}",
            "ordered": AMOUNT,
            "moved": AMOUNT,
            "invoiced": AMOUNT,
            "returned": AMOUNT,
            "credited": AMOUNT,
        },
        [
            "UNIQUE (document_id, line)",
            foreign_key("document_id", "document"),
            foreign_key("item_id", "item"),
            foreign_key("warehouse_id", "warehouse"),
            foreign_key("move_id", "stock_move"),
            foreign_key("source_line_id", "document_line"),
        ],
    ),
    create_index("document_line_by_item", "document_line", ["item_id", "document_id"]),
    create_index("document_line_by_source", "document_line", ["source_line_id"]),
    create_table(
        "document_counter",
        {
            "kind": "{text:20} NOT NULL",
            "period": "{int} NOT NULL",
            "last_number": "{int} NOT NULL DEFAULT 0",
        },
        ["PRIMARY KEY (kind, period)"],
    ),
)
