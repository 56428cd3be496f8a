"""Currencies and commodities; their minor digits never change once made."""

from __future__ import annotations

from app.kernel.errors import MalformedInput, NotFound
from app.kernel.money import QUANTITY_DIGITS
from app.kernel.text import clean_text, message
from app.storage.book_settings import get_setting
from app.storage.database import fetch_one, insert_returning_id, run_unit

ISO_DIGITS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF"), 0),
    **dict.fromkeys(("UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
"""Minor digits of ISO 4217 that are not 2."""

ISO_NAMES = {
    "CNY": ("人民币", "Renminbi"),
    "USD": ("美元", "US dollar"),
    "EUR": ("欧元", "Euro"),
    "HKD": ("港元", "Hong Kong dollar"),
    "JPY": ("日元", "Japanese yen"),
    "GBP": ("英镑", "Pound sterling"),
    "KRW": ("韩元", "South Korean won"),
    "TWD": ("新台币", "New Taiwan dollar"),
    "MOP": ("澳门元", "Macanese pataca"),
    "SGD": ("新加坡元", "Singapore dollar"),
    "AUD": ("澳大利亚元", "Australian dollar"),
    "CAD": ("加拿大元", "Canadian dollar"),
    "CHF": ("瑞士法郎", "Swiss franc"),
    "RUB": ("俄罗斯卢布", "Russian rouble"),
}

LONGEST_CODE = 24


def is_iso_code(code: str) -> bool:
    """Tell whether a code looks like ISO 4217: three capital letters."""
    return len(code) == 3 and code.isascii() and code.isalpha() and code.isupper()


def base_currency_id() -> int:
    """Return the id of the book's base currency."""
    return int(get_setting("base_currency_id"))


def digits_of(currency_id: int) -> int:
    """Return the minor digits of a currency."""
    row = fetch_one("SELECT minor_digits FROM {currency} WHERE id = ?", (currency_id,))
    if row is None:
        raise NotFound("currency_unknown", message("没有编号为 {id} 的币种。", id=currency_id))
    return int(row[0])


def ensure_currency(code: str, minor_digits: int | None = None, is_money: bool | None = None) -> int:
    """Return the id of a currency or commodity, made when it is not there.

    New ones get ISO 4217's digits when the code looks like one, else 8 (commodities). Raises `MalformedInput`.
    """
    cleaned = clean_text(code)
    if not cleaned or len(cleaned) > LONGEST_CODE:
        raise MalformedInput("currency_malformed", message("币种代码“{code}”应有 1 到 24 个字。", code=code))
    row = fetch_one("SELECT id FROM {currency} WHERE code = ?", (cleaned,))
    if row:
        return int(row[0])
    money = is_iso_code(cleaned) if is_money is None else is_money
    if minor_digits is None:
        minor_digits = ISO_DIGITS.get(cleaned, 2) if is_iso_code(cleaned) else QUANTITY_DIGITS
    names = ISO_NAMES.get(cleaned, (cleaned, cleaned))
    return run_unit(
        lambda: insert_returning_id(
            "INSERT INTO {currency} (code, name_zh, name_en, minor_digits, is_money) VALUES (?, ?, ?, ?, ?)",
            (cleaned, *names, minor_digits, int(money)),
        )
    )


def ensure_typed_currency(code: str) -> int:
    """Return the id of a currency a person typed: one of the book's, or a new one with an ISO 4217 code.

    Raises `MalformedInput` for anything else, so that a slip of the finger makes no commodity.
    """
    cleaned = clean_text(code)
    row = fetch_one("SELECT id FROM {currency} WHERE code = ?", (cleaned,))
    if row:
        return int(row[0])
    if not is_iso_code(cleaned):
        raise MalformedInput("currency_unknown", message("没有币种“{code}”，请写 USD 这样的三字代码。", code=code))
    return ensure_currency(cleaned)
