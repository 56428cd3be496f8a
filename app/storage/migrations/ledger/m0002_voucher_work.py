"""Tables of voucher work: templates, recurring vouchers, attachments; and what vouchers are searched by."""

from __future__ import annotations

from app.storage.migrate import Step, create_index, create_table, foreign_key

STEPS: tuple[Step, ...] = (
    create_table(
        "voucher_template",
        {
            "id": "{id}",
            "name": "{text:60} NOT NULL UNIQUE",
            "content": "{long} NOT NULL",
            "every_months": "{int} NOT NULL DEFAULT 0 CHECK (every_months BETWEEN 0 AND 120)",
            "day": "{int} NOT NULL DEFAULT 1 CHECK (day BETWEEN 1 AND 31)",
            "first_period": "{int}",
            "last_period": "{int}",
            "maker_id": "{int} NOT NULL",
            "created_at": "{int} NOT NULL",
            "updated_at": "{int} NOT NULL",
            "version": "{int} NOT NULL DEFAULT 1",
        },
        [foreign_key("maker_id", "user")],
    ),
    create_table(
        "recurring_voucher",
        {"template_id": "{int} NOT NULL", "period": "{int} NOT NULL", "voucher_id": "{int} NOT NULL"},
        [
            "PRIMARY KEY (template_id, period)",
            foreign_key("template_id", "voucher_template"),
            foreign_key("voucher_id", "voucher"),
        ],
        without_rowid=True,
    ),
    create_index("recurring_voucher_by_voucher", "recurring_voucher", ["voucher_id"]),
    create_table(
        "attachment",
        {
            "id": "{id}",
            "voucher_id": "{int} NOT NULL",
            "name": "{text:200} NOT NULL",
            "media_type": "{text:100} NOT NULL",
            "size": "{int} NOT NULL CHECK (size >= 0)",
            "sha256": "{text:64} NOT NULL",
            "added_by": "{int} NOT NULL",
            "added_at": "{int} NOT NULL",
        },
        [foreign_key("voucher_id", "voucher"), foreign_key("added_by", "user")],
    ),
    create_index("attachment_by_voucher", "attachment", ["voucher_id"]),
    create_index("attachment_by_hash", "attachment", ["sha256"]),
    create_table(
        "attachment_chunk",
        {
            "attachment_id": "{int} NOT NULL",
            "number": "{int} NOT NULL CHECK (number >= 0)",
            "data": "{blob} NOT NULL",
        },
        ["PRIMARY KEY (attachment_id, number)", foreign_key("attachment_id", "attachment")],
    ),
    create_index("voucher_by_maker", "voucher", ["maker_id", "period"]),
    create_index("voucher_by_reviewer", "voucher", ["reviewer_id", "period"]),
    create_index("voucher_by_poster", "voucher", ["poster_id", "period"]),
    create_index("voucher_by_cashier", "voucher", ["cashier_id", "period"]),
    create_index("voucher_by_kind", "voucher", ["kind", "period"]),
    create_index("voucher_by_origin", "voucher", ["origin", "period"]),
    create_index("entry_by_currency", "entry", ["currency_id", "period"]),
    create_index("entry_by_cash_flow", "entry", ["cash_flow_line", "period"]),
)
