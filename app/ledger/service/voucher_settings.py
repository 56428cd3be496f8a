"""Changing how a book writes vouchers; what is posted stays as it is."""

from __future__ import annotations

from app.contract.voucher_work import VoucherSettings, VoucherSettingsInput
from app.identity import audit
from app.identity.actor import Actor
from app.identity.service.versions import check_version
from app.kernel.text import clean_text, message
from app.ledger.errors import fields_wrong
from app.ledger.queries.voucher_settings import get_voucher_settings
from app.ledger.voucher_rules import MUST_SIGN, VERSION_SETTING, WORDS_SETTING
from app.storage.book_settings import lock_setting, set_setting
from app.storage.database import run_unit

NAME_IN_LOG = "voucher_settings"


def change_voucher_settings(actor: Actor, wished: VoucherSettingsInput) -> VoucherSettings:
    """Change the words and the switches.

    Raises `MalformedInput` for own words that are none or repeated, `Conflict` for a stale version.
    """
    actor.require("ledger:settings:edit")
    words = [clean_text(word) for word in wished.words]
    if wished.word_rule == "custom" and (not words or not all(words) or len(set(words)) != len(words)):
        raise fields_wrong({"words": message("请写出各不相同的凭证字，至少一个。")})

    def work() -> VoucherSettings:
        lock_setting(VERSION_SETTING, 1)
        before = get_voucher_settings()
        check_version(wished.version, before.version, "book", NAME_IN_LOG, lambda: before, message("凭证设置"))
        set_setting(WORDS_SETTING, words if wished.word_rule == "custom" else wished.word_rule)
        set_setting(MUST_SIGN, wished.cashier_must_sign)
        set_setting("review_by_other", wished.review_by_other)
        set_setting(VERSION_SETTING, before.version + 1)
        after = get_voucher_settings()
        audit.record(
            actor,
            "ledger:settings:edit",
            "book",
            NAME_IN_LOG,
            before=before.model_dump(),
            after=after.model_dump(),
        )
        return after

    return run_unit(work)
