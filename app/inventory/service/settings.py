"""How the book keeps stock: switches of the book, and which accounts stock keeps."""

from __future__ import annotations

from collections.abc import Iterable

from app.contract.stock import StockSettings, StockSettingsInput
from app.identity import audit
from app.identity.actor import Actor
from app.identity.service.versions import check_version
from app.kernel.text import message
from app.storage.book_settings import get_setting, lock_setting, set_setting
from app.storage.database import run_unit

SETTING = "stock"
GOVERNED_ACCOUNTS = "governed_accounts"
"""Ids of the accounts whose balances stock keeps; the ledger's own closing steps leave them alone."""


def stock_settings() -> StockSettings:
    """Return how the book keeps stock."""
    kept = get_setting(SETTING, {})
    return StockSettings(
        allow_negative=bool(kept.get("allow_negative", False)),
        post_vouchers=bool(kept.get("post_vouchers", True)),
        version=int(kept.get("version", 1)),
    )


def change_stock_settings(actor: Actor, change: StockSettingsInput) -> StockSettings:
    """Change what `change` names. Raises `Conflict` for a stale version."""
    actor.require("inventory:settings:edit")

    def work() -> StockSettings:
        lock_setting(SETTING, {})
        before = stock_settings()
        check_version(change.version, before.version, "stock_settings", 1, lambda: before, message("存货设置"))
        wished = {
            name: value
            for name, value in change.model_dump(include={"allow_negative", "post_vouchers"}).items()
            if value is not None
        }
        after = before.model_copy(update={**wished, "version": before.version + 1})
        set_setting(SETTING, after.model_dump())
        audit.record(
            actor,
            "inventory:settings:edit",
            "stock_settings",
            1,
            before=before.model_dump(),
            after=after.model_dump(),
        )
        return after

    return run_unit(work)


def govern(account_ids: Iterable[int]) -> None:
    """Note that stock keeps these accounts from now on; part of the unit under way."""
    wanted = set(account_ids)
    if not wanted <= set(get_setting(GOVERNED_ACCOUNTS, [])):
        set_setting(GOVERNED_ACCOUNTS, sorted(wanted | set(lock_setting(GOVERNED_ACCOUNTS, []))))
