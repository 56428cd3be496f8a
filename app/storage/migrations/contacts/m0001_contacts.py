"""Tables of contacts: what is known of customers, suppliers and employees beside the ledger's auxiliaries."""

from __future__ import annotations

from app.storage.migrate import Step, create_index, create_table, foreign_key

STEPS: tuple[Step, ...] = (
    create_index("auxiliary_by_code", "auxiliary", ["code"]),  # a code is looked for whenever a contact gets one
    create_table(
        "contact_group",
        {
            "id": "{id}",
            "name": "{text:60} NOT NULL UNIQUE",
            "active": "{int} NOT NULL DEFAULT 1 CHECK (active IN (0, 1))",
            "version": "{int} NOT NULL DEFAULT 1",
        },
    ),
    create_table(
        "contact",
        {
            "id": "{int} NOT NULL PRIMARY KEY",
            "group_id": "{int}",
            "tax_number": "{text:20} NOT NULL DEFAULT ''",
            "address": "{text:200} NOT NULL DEFAULT ''",
            "phone": "{text:60} NOT NULL DEFAULT ''",
            "email": "{text:120} NOT NULL DEFAULT ''",
            "bank_name": "{text:120} NOT NULL DEFAULT ''",
            "bank_account": "{text:60} NOT NULL DEFAULT ''",
            "terms_days": "{int} CHECK (terms_days >= 0)",
            "credit_limit": "{int} CHECK (credit_limit >= 0)",
            "price_list_id": "{int}",
            "note": "{text:500} NOT NULL DEFAULT ''",
            "merged_into": "{int} CHECK (merged_into <> id)",
        },
        [
            foreign_key("id", "auxiliary"),
            foreign_key("group_id", "contact_group"),
            foreign_key("merged_into", "auxiliary"),
        ],
    ),
    create_index("contact_by_tax_number", "contact", ["tax_number"]),
    create_table(
        "contact_role",
        {
            "auxiliary_id": "{int} NOT NULL PRIMARY KEY",
            "contact_id": "{int} NOT NULL",
            "role": "{text:10} NOT NULL CHECK (role IN ('customer', 'supplier', 'employee'))",
            "held": "{int} NOT NULL DEFAULT 1 CHECK (held IN (0, 1))",
        },
        [
            "UNIQUE (contact_id, role)",
            foreign_key("auxiliary_id", "auxiliary"),
            foreign_key("contact_id", "auxiliary"),
        ],
    ),
)
