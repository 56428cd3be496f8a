"""Tables of payments, settlements, and of what settles what."""

from __future__ import annotations

from app.storage.migrate import Step, create_index, create_table, foreign_key

AMOUNT = "{int} NOT NULL DEFAULT 0"
PARTS = "'invoice', 'advance', 'credit', 'other_side'"
BOOKKEEPING = {
    "note": "{text:500} NOT NULL DEFAULT ''",
    "reason": "{text:200} NOT NULL DEFAULT ''",
    "counter_of": "{int} UNIQUE",
    "cancelled_by": "{int} UNIQUE",
    "version": "{int} NOT NULL DEFAULT 1",
    "created_by": "{int} NOT NULL",
    "created_at": "{int} NOT NULL",
    "updated_at": "{int} NOT NULL",
}

STEPS: tuple[Step, ...] = (
    create_table(
        "payment",
        {
            "id": "{id}",
            "kind": "{text:20} NOT NULL CHECK (kind IN ('collection', 'payment'))",
            "number": "{text:40} UNIQUE",
            "date": "{text:10} NOT NULL",
            "state": "{text:10} NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'done', 'cancelled'))",
            "contact_id": "{int} NOT NULL",
            "account_id": "{int} NOT NULL",
            "amount": "{int} NOT NULL CHECK (amount <> 0)",
            "discount": AMOUNT,
            "used": AMOUNT,
            "reference": "{text:100} NOT NULL DEFAULT ''",
            **BOOKKEEPING,
        },
        [
            "CHECK ((number IS NULL) = (state = 'draft'))",
            "CHECK (counter_of IS NOT NULL OR (amount > 0 AND discount >= 0 AND used BETWEEN 0 AND amount + discount))",
            foreign_key("contact_id", "auxiliary"),
            foreign_key("account_id", "account"),
            foreign_key("counter_of", "payment"),
            foreign_key("cancelled_by", "payment"),
            foreign_key("created_by", "user"),
        ],
    ),
    create_index("payment_by_date", "payment", ["date", "id"]),
    create_index("payment_by_contact", "payment", ["contact_id", "kind", "date"]),
    create_table(
        "settlement",
        {
            "id": "{id}",
            "number": "{text:40} NOT NULL UNIQUE",
            "date": "{text:10} NOT NULL",
            "state": "{text:10} NOT NULL DEFAULT 'done' CHECK (state IN ('done', 'cancelled'))",
            "contact_id": "{int} NOT NULL",
            "side": "{text:10} NOT NULL CHECK (side IN ('sales', 'purchase'))",
            "amount": "{int} NOT NULL CHECK (amount <> 0)",
            **BOOKKEEPING,
        },
        [
            foreign_key("contact_id", "auxiliary"),
            foreign_key("counter_of", "settlement"),
            foreign_key("cancelled_by", "settlement"),
            foreign_key("created_by", "user"),
        ],
    ),
    create_index("settlement_by_date", "settlement", ["date", "id"]),
    create_index("settlement_by_contact", "settlement", ["contact_id", "date"]),
    create_table(
        "allocation",
        {
            "id": "{id}",
            "payment_id": "{int}",
            "settlement_id": "{int}",
            "part": f"{{text:12}} NOT NULL CHECK (part IN ({PARTS}))",
            "document_id": "{int}",
            "advance_id": "{int}",
            "amount": "{int} NOT NULL CHECK (amount <> 0)",
            "date": "{text:10} NOT NULL",
            "booked": "{int} NOT NULL DEFAULT 0 CHECK (booked IN (0, 1))",
        },
        [
            "CHECK ((payment_id IS NULL) <> (settlement_id IS NULL))",
            "CHECK ((document_id IS NULL) = (part = 'advance'))",
            "CHECK ((document_id IS NULL) <> (advance_id IS NULL))",
            foreign_key("payment_id", "payment"),
            foreign_key("settlement_id", "settlement"),
            foreign_key("document_id", "document"),
            foreign_key("advance_id", "payment"),
        ],
    ),
    create_index("allocation_by_payment", "allocation", ["payment_id"]),
    create_index("allocation_by_settlement", "allocation", ["settlement_id"]),
    create_index("allocation_by_document", "allocation", ["document_id", "date"]),
    create_index("allocation_by_advance", "allocation", ["advance_id", "date"]),
)
