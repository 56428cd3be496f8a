"""Changing how a book writes vouchers; what is posted stays as it is."""

from __future__ import annotations

from app.contract.voucher_work import VoucherSettings, VoucherSettingsInput
from app.identity import audit
from app.identity.actor import Actor
from app.kernel.text import clean_text, message
from app.ledger.errors import fields_wrong
from app.ledger.queries.voucher_settings import get_voucher_settings
from app.ledger.voucher_rules import MUST_SIGN, WORDS_SETTING
from app.storage.book_settings import set_setting
from app.storage.database import run_unit


def change_voucher_settings(actor: Actor, wished: VoucherSettingsInput) -> VoucherSettings:
    """Change the words and the cashier's switch. Raises `MalformedInput` for own words that are none or repeated."""
    actor.require("ledger:settings:edit")
    words = [clean_text(word) for word in wished.words]
    if wished.word_rule == "custom" and (not words or not all(words) or len(set(words)) != len(words)):
        raise fields_wrong({"words": message("请写出各不相同的凭证字，至少一个。")})

    def work() -> VoucherSettings:
        before = get_voucher_settings()
        set_setting(WORDS_SETTING, words if wished.word_rule == "custom" else wished.word_rule)
        set_setting(MUST_SIGN, wished.cashier_must_sign)
        set_setting("review_by_other", wished.review_by_other)
        after = get_voucher_settings()
        audit.record(
            actor,
            "ledger:settings:edit",
            "book",
            "voucher_settings",
            before=before.model_dump(),
            after=after.model_dump(),
        )
        return after

    return run_unit(work)
