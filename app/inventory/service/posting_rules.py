"""Changing the rules by which documents post."""

from __future__ import annotations

from app.contract.stock import PostingRule, PostingRuleInput
from app.identity import audit
from app.identity.actor import Actor
from app.identity.service.versions import check_version
from app.inventory.purposes import PURPOSES, read_purpose
from app.inventory.queries.posting import rule_of
from app.inventory.queries.posting_accounts import PostingRules
from app.kernel.clock import utc_ms
from app.kernel.errors import RuleBroken
from app.kernel.text import clean_text, message
from app.ledger.errors import account_unknown
from app.storage.database import execute, fetch_all, fetch_one, insert_returning_id, lock_suffix, run_unit


def set_rule(actor: Actor, wished: PostingRuleInput) -> PostingRule:
    """Set the account of a purpose, or take a narrowed rule away with an empty account.

    Raises `NotFound` for an unknown account, `RuleBroken` for one that takes no entries, `Conflict` for a stale
    version.
    """
    actor.require("inventory:rule:edit")
    purpose = read_purpose(wished.purpose)
    key = (purpose, wished.category_id or 0, wished.contact_group_id or 0)
    code = clean_text(wished.account_code)

    def work() -> PostingRule:
        row = fetch_one(
            "SELECT id, version FROM {posting_rule} WHERE purpose = ? AND category_id = ? AND contact_group_id = ?"
            + lock_suffix(),
            key,
        )
        rule_id = 0 if row is None else int(row[0])
        before = rule_of(*key)
        accounts = _accounts_of_moved() if purpose == "stock" else {}
        where = message("入账规则“{name}”", name=PURPOSES[purpose].name)
        check_version(wished.version, before.version, "posting_rule", rule_id, lambda: before, where)
        if code:
            rule_id = _write(actor, key, rule_id, code)
        elif row is not None:
            execute("DELETE FROM {posting_rule} WHERE id = ?", (row[0],))
        if accounts and _accounts_of_moved() != accounts:
            raise RuleBroken(
                "stock_account_in_use",
                message("已有商品按原来的存货科目出入库，不能再改；请给新的商品类别另设存货科目。"),
            )
        after = rule_of(*key)
        audit.record(
            actor,
            "inventory:rule:edit",
            "posting_rule",
            rule_id,
            before=before.model_dump(),
            after=after.model_dump(),
        )
        return after

    return run_unit(work)


def _accounts_of_moved() -> dict[int | None, str]:
    """Return the stock account of every category whose items were ever moved: it cannot change under their value."""
    rules = PostingRules()
    rows = fetch_all("SELECT DISTINCT i.category_id FROM {item_cost} c JOIN {item} i ON i.id = c.item_id")
    return {row[0]: rules.account_for("stock", category_id=row[0]) for row in rows}


def _write(actor: Actor, key: tuple[str, int, int], rule_id: int, code: str) -> int:
    account = fetch_one("SELECT id, is_leaf, active FROM {account} WHERE code = ?", (code,))
    if account is None:
        raise account_unknown(code)
    if not account[1] or not account[2]:
        raise RuleBroken("posting_account_unfit", message("科目 {code} 有下级或已停用，请选末级科目。", code=code))
    if not rule_id:
        now = utc_ms()
        # its first version is a time: one made anew is never taken for one that was taken away, nor for a proposal
        return insert_returning_id(
            "INSERT INTO {posting_rule} (purpose, category_id, contact_group_id, account_id, version, changed_by,"
            " changed_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*key, account[0], now, actor.user_id, now),
        )
    execute(
        "UPDATE {posting_rule} SET account_id = ?, version = version + 1, changed_by = ?, changed_at = ? WHERE id = ?",
        (account[0], actor.user_id, utc_ms(), rule_id),
    )
    return rule_id
