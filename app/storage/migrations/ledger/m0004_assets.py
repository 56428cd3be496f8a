"""Tables of fixed assets, intangibles and deferred expenses, and of exchange rates."""

from __future__ import annotations

from app.storage.migrate import Step, create_index, create_table, foreign_key

KINDS = "'fixed', 'biological', 'intangible', 'deferred'"
METHODS = "'straight_line', 'double_declining', 'sum_of_years'"
REASONS = "'sold', 'scrapped', 'shortage', 'other'"

STEPS: tuple[Step, ...] = (
    create_table(
        "exchange_rate",
        {
            "currency_id": "{int} NOT NULL",
            "date": "{text:10} NOT NULL",
            "rate": "{text:64} NOT NULL",
            "source": "{text:60} NOT NULL DEFAULT ''",
            "changed_by": "{int} NOT NULL",
            "changed_at": "{int} NOT NULL",
        },
        [
            "PRIMARY KEY (currency_id, date)",
            foreign_key("currency_id", "currency"),
            foreign_key("changed_by", "user"),
        ],
    ),
    create_index("exchange_rate_by_date", "exchange_rate", ["date"]),
    create_table(
        "asset",
        {
            "id": "{id}",
            "code": "{text:40} NOT NULL UNIQUE",
            "name": "{text:200} NOT NULL",
            "kind": f"{{text:16}} NOT NULL CHECK (kind IN ({KINDS}))",
            "category": "{text:60} NOT NULL DEFAULT ''",
            "specification": "{text:200} NOT NULL DEFAULT ''",
            "location": "{text:120} NOT NULL DEFAULT ''",
            "quantity": "{int} NOT NULL DEFAULT 100000000",
            "unit": "{text:20} NOT NULL DEFAULT ''",
            "user_set_id": "{int} NOT NULL DEFAULT 0",
            "acquired_on": "{text:10} NOT NULL",
            "in_use_on": "{text:10} NOT NULL",
            "asset_account_id": "{int} NOT NULL",
            "asset_set_id": "{int} NOT NULL DEFAULT 0",
            "accumulated_account_id": "{int}",
            "accumulated_set_id": "{int} NOT NULL DEFAULT 0",
            "opening_accumulated": "{int} NOT NULL DEFAULT 0 CHECK (opening_accumulated >= 0)",
            "opening_months": "{int} NOT NULL DEFAULT 0 CHECK (opening_months >= 0)",
            "disposed_on": "{text:10}",
            "disposal_reason": f"{{text:16}} CHECK (disposal_reason IN ({REASONS}))",
            "disposal_note": "{text:200} NOT NULL DEFAULT ''",
            "disposal_proceeds": "{int} NOT NULL DEFAULT 0",
            "disposal_voucher_id": "{int}",
            "note": "{text:500} NOT NULL DEFAULT ''",
            "version": "{int} NOT NULL DEFAULT 1",
            "created_by": "{int} NOT NULL",
            "created_at": "{int} NOT NULL",
            "updated_at": "{int} NOT NULL",
        },
        [
            "CHECK ((disposed_on IS NULL) = (disposal_reason IS NULL))",
            foreign_key("user_set_id", "auxiliary_set"),
            foreign_key("asset_account_id", "account"),
            foreign_key("asset_set_id", "auxiliary_set"),
            foreign_key("accumulated_account_id", "account"),
            foreign_key("accumulated_set_id", "auxiliary_set"),
            foreign_key("disposal_voucher_id", "voucher"),
            foreign_key("created_by", "user"),
        ],
    ),
    create_table(
        "asset_term",
        {
            "asset_id": "{int} NOT NULL",
            "from_period": "{int} NOT NULL",
            "original_value": "{int} NOT NULL CHECK (original_value > 0)",
            "residual_value": "{int} NOT NULL CHECK (residual_value >= 0)",
            "residual_rate": "{text:20} NOT NULL DEFAULT ''",
            "life_months": "{int} NOT NULL CHECK (life_months >= 1)",
            "method": f"{{text:20}} NOT NULL CHECK (method IN ({METHODS}))",
            "expense_account_id": "{int} NOT NULL",
            "expense_set_id": "{int} NOT NULL DEFAULT 0",
            "reason": "{text:200} NOT NULL DEFAULT ''",
            "changed_by": "{int} NOT NULL",
            "changed_at": "{int} NOT NULL",
        },
        [
            "PRIMARY KEY (asset_id, from_period)",
            "CHECK (residual_value <= original_value)",
            foreign_key("asset_id", "asset"),
            foreign_key("expense_account_id", "account"),
            foreign_key("expense_set_id", "auxiliary_set"),
            foreign_key("changed_by", "user"),
        ],
    ),
    create_table(
        "asset_charge",
        {
            "asset_id": "{int} NOT NULL",
            "period": "{int} NOT NULL",
            "voucher_id": "{int} NOT NULL",
            "amount": "{int} NOT NULL",
        },
        [
            "PRIMARY KEY (asset_id, period, voucher_id)",
            foreign_key("asset_id", "asset"),
            foreign_key("voucher_id", "voucher"),
        ],
    ),
    create_index("asset_charge_by_voucher", "asset_charge", ["voucher_id"]),
    create_index("asset_charge_by_period", "asset_charge", ["period"]),
)
