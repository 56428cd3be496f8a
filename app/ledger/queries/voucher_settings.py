"""How this book writes vouchers: its words, and whether a cashier signs."""

from __future__ import annotations

from app.contract.voucher_work import VoucherSettings, WordRule
from app.ledger.voucher_rules import (
    ONE_WORD,
    THREE_WORDS,
    VERSION_SETTING,
    WORDS_SETTING,
    book_words,
    cashier_must_sign,
)
from app.storage.book_settings import get_setting


def get_voucher_settings() -> VoucherSettings:
    """Return the settings of the current book."""
    setting = get_setting(WORDS_SETTING, ONE_WORD)
    rule: WordRule = setting if setting in (ONE_WORD, THREE_WORDS) else "custom"
    return VoucherSettings(
        word_rule=rule,
        words=list(book_words()),
        cashier_must_sign=cashier_must_sign(),
        review_by_other=get_setting("review_by_other", "auto"),
        version=get_setting(VERSION_SETTING, 1),
    )
