"""Tables of the closing wizard: how far each step of a month is."""

from __future__ import annotations

from app.storage.migrate import Step, create_table, foreign_key

STEPS: tuple[Step, ...] = (
    create_table(
        "closing_step",
        {
            "period": "{int} NOT NULL",
            "step": "{text:40} NOT NULL",
            "state": "{text:10} NOT NULL CHECK (state IN ('settled', 'skipped'))",
            "reason": "{text:200} NOT NULL DEFAULT ''",
            "parameters": "{long} NOT NULL",
            "settled_for": "{text:64} NOT NULL DEFAULT ''",
            "changed_by": "{int} NOT NULL",
            "changed_at": "{int} NOT NULL",
        },
        ["PRIMARY KEY (period, step)", foreign_key("changed_by", "user")],
    ),
)
