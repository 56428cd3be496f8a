"""The first ledger tables, as docs/ledger.md describes them."""

from __future__ import annotations

from app.storage.migrate import create_index, create_table, foreign_key, insert_rows

FLAG = "{int} NOT NULL DEFAULT %d CHECK (%s IN (0, 1))"


def _flag(column: str, default: int) -> str:
    return FLAG % (default, column)


AMOUNT = "{int} NOT NULL DEFAULT 0"
BALANCE_KEY = {
    "period": "{int} NOT NULL",
    "layer": "{int} NOT NULL CHECK (layer IN (0, 1))",
    "account_id": "{int} NOT NULL",
    "currency_id": "{int} NOT NULL",
    "auxiliary_set_id": "{int} NOT NULL",
}
BALANCE_REFERENCES = (
    foreign_key("account_id", "account"),
    foreign_key("currency_id", "currency"),
    foreign_key("auxiliary_set_id", "auxiliary_set"),
)

STEPS = (
    create_table(
        "currency",
        {
            "id": "{id}",
            "code": "{text:24} NOT NULL UNIQUE",
            "name_zh": "{text:60} NOT NULL",
            "name_en": "{text:60} NOT NULL",
            "minor_digits": "{int} NOT NULL CHECK (minor_digits BETWEEN 0 AND 8)",
            "is_money": _flag("is_money", 1),
        },
    ),
    create_table(
        "account",
        {
            "id": "{id}",
            "code": "{text:40} NOT NULL UNIQUE",
            "parent_id": "{int}",
            "name_zh": "{text:120} NOT NULL",
            "name_en": "{text:120} NOT NULL DEFAULT ''",
            "source_name": "{text:500} UNIQUE",
            "category": "{text:16} NOT NULL",
            "normal_side": "{text:6} NOT NULL CHECK (normal_side IN ('debit', 'credit'))",
            "level": "{int} NOT NULL CHECK (level >= 1)",
            "is_leaf": _flag("is_leaf", 1),
            "is_cash": _flag("is_cash", 0),
            "currency_id": "{int}",
            "has_quantity": _flag("has_quantity", 0),
            "unit": "{text:20} NOT NULL DEFAULT ''",
            "attributes": "{long} NOT NULL",
            "pinyin_initials": "{text:120} NOT NULL DEFAULT ''",
            "pinyin_sort": "{text:500} NOT NULL DEFAULT ''",
            "active": _flag("active", 1),
            "version": "{int} NOT NULL DEFAULT 1",
        },
        [foreign_key("parent_id", "account"), foreign_key("currency_id", "currency")],
    ),
    create_index("account_by_parent", "account", ["parent_id"]),
    create_table(
        "auxiliary_kind",
        {
            "id": "{id}",
            "name": "{text:60} NOT NULL UNIQUE",
            "name_en": "{text:60} NOT NULL DEFAULT ''",
            "active": _flag("active", 1),
        },
    ),
    create_table(
        "account_auxiliary",
        {"account_id": "{int} NOT NULL", "kind_id": "{int} NOT NULL", "demanded": _flag("demanded", 1)},
        [
            "PRIMARY KEY (account_id, kind_id)",
            foreign_key("account_id", "account"),
            foreign_key("kind_id", "auxiliary_kind"),
        ],
    ),
    create_table(
        "auxiliary",
        {
            "id": "{id}",
            "kind_id": "{int} NOT NULL",
            "name": "{text:200} NOT NULL",
            "code": "{text:40} NOT NULL DEFAULT ''",
            "pinyin_initials": "{text:200} NOT NULL DEFAULT ''",
            "pinyin_sort": "{text:500} NOT NULL DEFAULT ''",
            "active": _flag("active", 1),
            "merged_into": "{int}",
            "version": "{int} NOT NULL DEFAULT 1",
        },
        ["UNIQUE (kind_id, name)", foreign_key("kind_id", "auxiliary_kind"), foreign_key("merged_into", "auxiliary")],
    ),
    create_index("auxiliary_by_pinyin", "auxiliary", ["pinyin_sort"]),
    create_table("auxiliary_set", {"id": "{id}", "signature": "{text:400} NOT NULL UNIQUE"}),
    insert_rows("auxiliary_set", ["id", "signature"], [(0, "")]),
    create_table(
        "auxiliary_set_item",
        {"set_id": "{int} NOT NULL", "kind_id": "{int} NOT NULL", "auxiliary_id": "{int} NOT NULL"},
        [
            "PRIMARY KEY (set_id, kind_id)",
            foreign_key("set_id", "auxiliary_set"),
            foreign_key("kind_id", "auxiliary_kind"),
            foreign_key("auxiliary_id", "auxiliary"),
        ],
    ),
    create_index("auxiliary_set_item_by_auxiliary", "auxiliary_set_item", ["auxiliary_id"]),
    create_table(
        "opening",
        {
            "account_id": "{int} NOT NULL",
            "currency_id": "{int} NOT NULL",
            "auxiliary_set_id": "{int} NOT NULL",
            "year_begin_debit": AMOUNT,
            "year_begin_credit": AMOUNT,
            "ytd_debit": AMOUNT,
            "ytd_credit": AMOUNT,
            "year_begin_foreign": AMOUNT,
            "opening_foreign": AMOUNT,
            "year_begin_quantity": AMOUNT,
            "ytd_debit_quantity": AMOUNT,
            "ytd_credit_quantity": AMOUNT,
            "ytd_pl_actual": AMOUNT,
        },
        ["PRIMARY KEY (account_id, currency_id, auxiliary_set_id)", *BALANCE_REFERENCES],
    ),
    create_table(
        "opening_cash_flow",
        {"cash_flow_line": "{int} NOT NULL PRIMARY KEY", "ytd_amount": "{int} NOT NULL"},
    ),
    create_table(
        "voucher",
        {
            "id": "{id}",
            "period": "{int} NOT NULL",
            "word": "{text:10} NOT NULL",
            "number": "{int} CHECK (number <> 0)",
            "date": "{text:10} NOT NULL",
            "attachment_count": AMOUNT,
            "state": "{text:10} NOT NULL CHECK (state IN ('draft', 'reviewed', 'posted', 'void'))",
            "kind": "{text:16} NOT NULL CHECK (kind IN ('normal', 'transfer', 'close_pl', 'close_year'))",
            "maker_id": "{int} NOT NULL",
            "reviewer_id": "{int}",
            "poster_id": "{int}",
            "cashier_id": "{int}",
            "origin": "{text:200} NOT NULL DEFAULT ''",
            "reversal_of": "{int}",
            "correction_of": "{int}",
            "summary": "{text:200} NOT NULL DEFAULT ''",
            "debit_total": AMOUNT,
            "faults": "{long} NOT NULL",
            "version": "{int} NOT NULL DEFAULT 1",
            "hash": "{text:64}",
            "chain_position": "{int} UNIQUE",
            "created_at": "{int} NOT NULL",
            "updated_at": "{int} NOT NULL",
            "posted_at": "{int}",
        },
        [
            "UNIQUE (period, word, number)",
            "CHECK ((state IN ('posted', 'void')) = (hash IS NOT NULL))",
            "CHECK ((hash IS NULL) = (chain_position IS NULL))",
            "CHECK (state NOT IN ('posted', 'void') OR number IS NOT NULL)",
            (
                "CHECK (state <> 'posted' OR"
                " (reviewer_id IS NOT NULL AND poster_id IS NOT NULL AND posted_at IS NOT NULL))"
            ),
            foreign_key("maker_id", "user"),
            foreign_key("reviewer_id", "user"),
            foreign_key("poster_id", "user"),
            foreign_key("cashier_id", "user"),
            foreign_key("reversal_of", "voucher"),
            foreign_key("correction_of", "voucher"),
        ],
    ),
    create_index("voucher_by_date", "voucher", ["date"]),
    create_index("voucher_by_number", "voucher", ["number", "period"]),
    create_index("voucher_by_amount", "voucher", ["debit_total"]),
    create_index("voucher_by_state", "voucher", ["state", "period"]),
    create_index("voucher_by_reversal", "voucher", ["reversal_of"]),
    create_table(
        "entry",
        {
            "voucher_id": "{int} NOT NULL",
            "line": "{int} NOT NULL CHECK (line >= 1)",
            "period": "{int} NOT NULL",
            "summary": "{text:200} NOT NULL",
            "account_id": "{int} NOT NULL",
            "auxiliary_set_id": "{int} NOT NULL",
            "side": "{int} NOT NULL CHECK (side IN (1, -1))",
            "debit": "{int} NOT NULL",
            "credit": "{int} NOT NULL",
            "currency_id": "{int} NOT NULL",
            "foreign_amount": "{int} NOT NULL",
            "rate": "{text:64} NOT NULL",
            "quantity": "{int} NOT NULL",
            "unit_price": "{int} NOT NULL",
            "cash_flow_line": "{int}",
            "unvalued": _flag("unvalued", 0),
        },
        [
            "PRIMARY KEY (voucher_id, line)",
            "CHECK ((side = 1 AND credit = 0) OR (side = -1 AND debit = 0))",
            "CHECK (debit <> 0 OR credit <> 0 OR foreign_amount <> 0 OR quantity <> 0)",
            foreign_key("voucher_id", "voucher"),
            foreign_key("account_id", "account"),
            foreign_key("auxiliary_set_id", "auxiliary_set"),
            foreign_key("currency_id", "currency"),
        ],
        without_rowid=True,
    ),
    create_index("entry_by_account", "entry", ["account_id", "period"]),
    create_index("entry_by_auxiliary_set", "entry", ["auxiliary_set_id", "period"]),
    # One side of an entry is zero, so an exact pair finds an amount on either side.
    create_index("entry_by_amount", "entry", ["debit", "credit"]),
    create_table(
        "summary_gram",
        {"gram": "{text:2} NOT NULL", "block": "{int} NOT NULL", "offsets": "{blob} NOT NULL"},
        ["PRIMARY KEY (gram, block)"],
        without_rowid=True,
    ),
    create_table(
        "balance",
        {
            **BALANCE_KEY,
            "opening": AMOUNT,
            "opening_foreign": AMOUNT,
            "opening_quantity": AMOUNT,
            "debit": AMOUNT,
            "credit": AMOUNT,
            "foreign_debit": AMOUNT,
            "foreign_credit": AMOUNT,
            "quantity_debit": AMOUNT,
            "quantity_credit": AMOUNT,
            "close_debit": AMOUNT,
            "close_credit": AMOUNT,
        },
        ["PRIMARY KEY (period, layer, account_id, currency_id, auxiliary_set_id)", *BALANCE_REFERENCES],
        without_rowid=True,
    ),
    create_index("balance_by_account", "balance", ["account_id", "period"]),
    create_table(
        "cash_flow_balance",
        {
            "period": "{int} NOT NULL",
            "layer": "{int} NOT NULL CHECK (layer IN (0, 1))",
            "cash_flow_line": "{int} NOT NULL",
            "debit": AMOUNT,
            "credit": AMOUNT,
        },
        ["PRIMARY KEY (period, layer, cash_flow_line)"],
        without_rowid=True,
    ),
    create_table(
        "period",
        {
            "period": "{int} NOT NULL PRIMARY KEY",
            "state": "{text:10} NOT NULL CHECK (state IN ('open', 'closed'))",
            "changed_by": "{int}",
            "changed_at": "{int}",
        },
        [foreign_key("changed_by", "user")],
    ),
    insert_rows("period", ["period", "state"], [(0, "open")]),
    create_table("fiscal_year", {"year": "{int} NOT NULL PRIMARY KEY"}),
    create_table(
        "number_counter",
        {
            "period": "{int} NOT NULL",
            "word": "{text:10} NOT NULL",
            "last_number": "{int} NOT NULL CHECK (last_number >= 0)",
        },
        ["PRIMARY KEY (period, word)"],
    ),
    create_table(
        "chain_head",
        {
            "id": "{int} NOT NULL PRIMARY KEY CHECK (id = 1)",
            "count": "{int} NOT NULL CHECK (count >= 0)",
            "last_hash": "{text:64} NOT NULL",
        },
    ),
    insert_rows("chain_head", ["id", "count", "last_hash"], [(1, 0, "0" * 64)]),
)
