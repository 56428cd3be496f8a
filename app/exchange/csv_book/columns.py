"""The columns of csv-book. Names are promises to other programs: new ones are only ever added, at the end, optional."""

from __future__ import annotations

ACCOUNTS_FILE = "accounts.csv"
OPENING_FILE = "opening.csv"
OPENING_CASH_FLOW_FILE = "opening_cash_flow.csv"
VOUCHERS_FILE = "vouchers.csv"
CURRENCIES_FILE = "currencies.csv"
AUXILIARIES_FILE = "auxiliaries.csv"
BOOK_FILE = "book.csv"
RATES_FILE = "exchange_rates.csv"
ASSETS_FILE = "assets.csv"
ASSET_TERMS_FILE = "asset_terms.csv"
ASSET_CHARGES_FILE = "asset_charges.csv"
CONTACTS_FILE = "contacts.csv"

ACCOUNT_COLUMNS = (
    "code", "parent", "name_zh", "category", "normal_side", "is_leaf", "is_cash", "aux_type", "quantity",
    "name_en", "source_name", "currency", "unit", "aux_offered", "active",
)  # fmt: skip
ACCOUNT_NEEDED = ("code", "name_zh")

OPENING_COLUMNS = (
    "account_code", "account_name", "aux", "quantity", "year_begin_debit", "year_begin_credit", "ytd_debit",
    "ytd_credit", "opening_debit", "opening_credit", "ytd_pl_actual", "currency", "opening_foreign",
    "year_begin_foreign", "year_begin_quantity", "ytd_debit_quantity", "ytd_credit_quantity",
)  # fmt: skip
OPENING_NEEDED = ("account_code",)

CASH_FLOW_COLUMNS = ("cash_flow_line", "ytd_amount")

VOUCHER_COLUMNS = (
    "date", "word", "number", "line", "summary", "account_code", "account_name", "debit", "credit", "aux", "quantity",
    "cash_flow_line", "kind", "currency", "foreign_amount", "rate", "unit_price", "attachments", "state",
)  # fmt: skip
VOUCHER_NEEDED = ("date", "summary", "account_code", "debit", "credit")

CURRENCY_COLUMNS = ("code", "minor_digits", "is_money")
AUXILIARY_COLUMNS = ("kind", "name", "code")
BOOK_COLUMNS = ("name", "chart", "start", "base_currency")

RATE_COLUMNS = ("date", "currency", "rate", "source")
RATE_NEEDED = RATE_COLUMNS[:3]
_OF_VOUCHER = ("voucher_period", "voucher_word", "voucher_number")
ASSET_COLUMNS = (
    "code", "name", "kind", "category", "specification", "location", "quantity", "unit", "user_aux", "acquired_on",
    "in_use_on", "asset_account", "asset_aux", "accumulated_account", "accumulated_aux", "opening_accumulated",
    "opening_months", "note", "disposed_on", "disposal_reason", "disposal_note", "disposal_proceeds", *_OF_VOUCHER,
)  # fmt: skip
ASSET_NEEDED = ("code", "name", "acquired_on", "asset_account")
ASSET_TERM_COLUMNS = (
    "code", "from_period", "original_value", "residual_value", "residual_rate", "life_months", "method",
    "expense_account", "expense_aux", "reason",
)  # fmt: skip
ASSET_TERM_NEEDED = ("code", "original_value", "life_months", "expense_account")
CONTACT_COLUMNS = (
    "name", "code", "roles", "group", "tax_number", "address", "phone", "email", "bank_name", "bank_account",
    "terms_days", "credit_limit", "note", "active",
)  # fmt: skip
ASSET_CHARGE_COLUMNS = ("code", "period", "amount", *_OF_VOUCHER)

KNOWN_FILES = frozenset(
    {
        ACCOUNTS_FILE,
        OPENING_FILE,
        OPENING_CASH_FLOW_FILE,
        VOUCHERS_FILE,
        CURRENCIES_FILE,
        AUXILIARIES_FILE,
        BOOK_FILE,
        RATES_FILE,
        ASSETS_FILE,
        ASSET_TERMS_FILE,
        ASSET_CHARGES_FILE,
        CONTACTS_FILE,
    }
)
TELLING_FILES = frozenset({ACCOUNTS_FILE, OPENING_FILE, OPENING_CASH_FLOW_FILE, VOUCHERS_FILE, RATES_FILE})
"""Files by which a csv-book is known; the others only accompany them."""
