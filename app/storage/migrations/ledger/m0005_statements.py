"""Tables of statements: definitions changed or made by users, and reclassifications."""

from __future__ import annotations

from app.storage.migrate import Step, create_index, create_table, foreign_key

STEPS: tuple[Step, ...] = (
    create_table(
        "statement_definition",
        {
            "id": "{id}",
            "name": "{text:60} NOT NULL UNIQUE",
            "content": "{long} NOT NULL",
            "version": "{int} NOT NULL DEFAULT 1",
            "changed_by": "{int}",
            "changed_at": "{int} NOT NULL",
        },
        [foreign_key("changed_by", "user")],
    ),
    create_table(
        "reclassification",
        {
            "id": "{id}",
            "period": "{int} NOT NULL",
            "from_line": "{int} NOT NULL",
            "to_line": "{int} NOT NULL",
            "amount": "{int} NOT NULL CHECK (amount <> 0)",
            "reason": "{text:200} NOT NULL",
            "version": "{int} NOT NULL DEFAULT 1",
            "changed_by": "{int}",
            "changed_at": "{int} NOT NULL",
        },
        [foreign_key("changed_by", "user")],
    ),
    create_index("reclassification_by_period", "reclassification", ["period"]),
)
