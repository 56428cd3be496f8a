"""What a book's settings say of vouchers: their words, and whether a cashier signs."""

from __future__ import annotations

from app.storage.book_settings import get_setting

ONE_WORD = "记"
THREE_WORDS = "收付转"
WORDS_SETTING = "voucher_words"
"""`记`, `收付转`, or a list of words."""
MUST_SIGN = "cashier_must_sign"
VERSION_SETTING = "voucher_settings_version"
"""Counts the changes of all settings of vouchers, which are kept one by one."""


def book_words() -> tuple[str, ...]:
    """Return the words a new voucher of this book may bear, the usual one first."""
    setting = get_setting(WORDS_SETTING, ONE_WORD)
    if setting == ONE_WORD:
        return (ONE_WORD,)
    return tuple(THREE_WORDS) if setting == THREE_WORDS else tuple(setting)


def judges_words() -> bool:
    """Tell whether this book chose its words; one that never did takes any word."""
    return bool(get_setting(WORDS_SETTING, ONE_WORD) != ONE_WORD)


def cashier_must_sign() -> bool:
    """Tell whether vouchers with cash or bank need a cashier's signature before posting."""
    return bool(get_setting(MUST_SIGN, False))
