"""The chart of accounts: adding and changing accounts without breaking what is booked on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.contract.ledger import Account, AccountChange, AccountInput, AuxiliaryUse
from app.identity import audit
from app.identity.actor import Actor
from app.identity.service.versions import check_version
from app.kernel.errors import Conflict, MalformedInput, RuleBroken
from app.kernel.text import clean_text, message
from app.ledger.cash_flow_form import has_cash_flow_statement
from app.ledger.errors import account_unknown
from app.ledger.pinyin import pinyin_of
from app.ledger.queries.accounts import get_account
from app.ledger.service.currencies import ensure_currency
from app.ledger.service.sets import ensure_kind
from app.storage.database import execute, fetch_one, insert_returning_id, lock_suffix, run_unit

CATEGORIES = ("资产", "负债", "共同", "所有者权益", "成本", "损益", "净资产", "收入", "支出")
PROFIT_AND_LOSS = ("损益", "收入", "支出")
"""Categories whose balances are carried forward before a month is closed."""
CARD_ACCOUNTS = (
    ("asset", "asset_account_id"),
    ("asset", "accumulated_account_id"),
    ("asset_term", "expense_account_id"),
)
"""Where asset cards name accounts."""


def create_account(actor: Actor, new: AccountInput) -> Account:
    """Add an account, under a parent that is not yet booked on or at the first level.

    Raises `MalformedInput`, `NotFound` for the parent, `Conflict` for a taken code, `RuleBroken` when entries stand on
    the parent (its balance would belong to no leaf).
    """
    actor.require("ledger:account:add")

    def work() -> Account:
        account_id = insert_account(new)
        view = get_account(account_id)
        audit.record(actor, "ledger:account:add", "account", account_id, after=view.model_dump())
        return view

    return run_unit(work)


def insert_account(new: AccountInput, *, source_name: str | None = None) -> int:
    """Write a new account and return its id; for `create_account`, charts and imports inside their unit."""
    code, name = clean_text(new.code), clean_text(new.name_zh)
    if not code or not code.isascii() or not all(c.isalnum() or c in "._-" for c in code):
        raise MalformedInput(
            "account_code", message("科目编码“{code}”只能用字母、数字、点和横线。", code=code), fields={}
        )
    if not name:
        raise MalformedInput("account_name", message("科目名称不能为空。"))
    if fetch_one("SELECT id FROM {account} WHERE code = ?", (code,)):
        raise Conflict("account_exists", message("科目编码“{code}”已经有了。", code=code))
    parent = _parent_row(new.parent_code)
    category = new.category or (parent[2] if parent else None)
    side = new.normal_side or (parent[3] if parent else None)
    if category not in CATEGORIES or side is None:
        raise MalformedInput("account_category", message("一级科目“{code}”要有类别和余额方向。", code=code))
    if parent:
        make_parent(int(parent[0]), str(parent[1]))
    cash = new.is_cash if new.is_cash is not None else bool(parent and parent[5])
    initials, spelling = pinyin_of(name)
    values: dict[str, Any] = {
        "code": code,
        "parent_id": parent[0] if parent else None,
        "name_zh": name,
        "name_en": clean_text(new.name_en),
        "source_name": source_name,
        "category": category,
        "normal_side": side,
        "level": int(parent[4]) + 1 if parent else 1,
        "is_leaf": 1,
        "is_cash": int(cash),
        "currency_id": ensure_currency(new.currency) if new.currency else None,
        "has_quantity": int(new.has_quantity),
        "unit": clean_text(new.unit),
        "attributes": "{}",
        "pinyin_initials": initials,
        "pinyin_sort": spelling,
        "active": 1,
        "version": 1,
    }
    account_id = insert_returning_id(
        f"INSERT INTO {{account}} ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})", list(values.values())
    )
    write_uses(account_id, new.auxiliaries)
    return account_id


def _parent_row(code: str | None) -> tuple[Any, ...] | None:
    if not code:
        return None
    row = fetch_one(
        "SELECT id, code, category, normal_side, level, is_cash FROM {account} WHERE code = ?", (clean_text(code),)
    )
    if row is None:
        raise account_unknown(code)
    return row


def make_parent(account_id: int, code: str) -> None:
    """Make an account a parent. Raises `RuleBroken` when it has entries, openings or balances of its own."""
    if is_used(account_id):
        raise RuleBroken(
            "account_in_use",
            message("科目 {code} 已有发生额或余额，不能再设下级；请先把余额转到新的同级科目。", code=code),
        )
    execute("UPDATE {account} SET is_leaf = 0 WHERE id = ? AND is_leaf = 1", (account_id,))


def is_used(account_id: int) -> bool:
    """Tell whether entries, openings, balances or asset cards stand on an account itself."""
    for table in ("entry", "opening", "balance"):
        if fetch_one(f"SELECT 1 FROM {{{table}}} WHERE account_id = ? LIMIT 1", (account_id,)):
            return True
    for table, column in CARD_ACCOUNTS:
        if fetch_one(f"SELECT 1 FROM {{{table}}} WHERE {column} = ? LIMIT 1", (account_id,)):
            return True
    return False


def write_uses(account_id: int, uses: Sequence[AuxiliaryUse]) -> None:
    """Replace the auxiliary dimensions of an account."""
    execute("DELETE FROM {account_auxiliary} WHERE account_id = ?", (account_id,))
    for kind_id, demanded in {ensure_kind(use.kind): int(use.demanded) for use in uses}.items():
        execute(
            "INSERT INTO {account_auxiliary} (account_id, kind_id, demanded) VALUES (?, ?, ?)",
            (account_id, kind_id, demanded),
        )


def change_account(actor: Actor, account_id: int, change: AccountChange) -> Account:
    """Change names, unit, auxiliaries or the active flag; code, category and side stay for ever.

    Raises `NotFound`, `Conflict` for a stale version, `RuleBroken` when an account with a balance is deactivated.
    """
    actor.require("ledger:account:edit")

    def work() -> Account:
        row = fetch_one(f"SELECT version FROM {{account}} WHERE id = ?{lock_suffix()}", (account_id,))
        if row is None:
            raise account_unknown(str(account_id))
        before = get_account(account_id)
        where = message("科目 {code} ", code=before.code)
        check_version(change.version, row[0], "account", account_id, lambda: before, where)
        _write_change(before, change)
        after = get_account(account_id)
        audit.record(
            actor, "ledger:account:edit", "account", account_id, before=before.model_dump(), after=after.model_dump()
        )
        return after

    return run_unit(work)


def _write_change(before: Account, change: AccountChange) -> None:
    values: dict[str, Any] = {}
    if change.name_zh is not None:
        name = clean_text(change.name_zh)
        if not name:
            raise MalformedInput("account_name", message("科目名称不能为空。"))
        initials, spelling = pinyin_of(name)
        values.update(name_zh=name, pinyin_initials=initials, pinyin_sort=spelling)
    if change.name_en is not None:
        values["name_en"] = clean_text(change.name_en)
    if change.unit is not None:
        values["unit"] = clean_text(change.unit)
    if change.has_quantity is not None:
        values["has_quantity"] = int(change.has_quantity)
    if change.is_cash is not None:
        if change.is_cash != before.is_cash and has_cash_flow_statement() and is_used(before.id):
            raise RuleBroken(
                "account_in_use",
                message(
                    "科目 {code} 已有发生额或余额，不能再改是不是现金科目，否则现金流量表会对不上。", code=before.code
                ),
            )
        values["is_cash"] = int(change.is_cash)
    if change.active is not None:
        if before.active and not change.active:
            _require_idle(before)
        values["active"] = int(change.active)
    sets = "".join(f"{column} = ?, " for column in values)
    execute(f"UPDATE {{account}} SET {sets}version = version + 1 WHERE id = ?", [*values.values(), before.id])
    if change.auxiliaries is not None:
        write_uses(before.id, change.auxiliaries)


def _require_idle(account: Account) -> None:
    """Refuse to deactivate an account whose balance is not nil: it would be stuck there."""
    row = fetch_one(
        "SELECT 1 FROM {balance} b WHERE b.account_id = ? AND b.period >= (SELECT MAX(year) * 100 FROM {fiscal_year})"
        " GROUP BY b.currency_id, b.auxiliary_set_id"
        " HAVING SUM(b.opening + b.debit - b.credit) <> 0"
        " OR SUM(b.opening_foreign + b.foreign_debit - b.foreign_credit) <> 0"
        " OR SUM(b.opening_quantity + b.quantity_debit - b.quantity_credit) <> 0 LIMIT 1",
        (account.id,),
    )
    if row:
        raise RuleBroken("account_has_balance", message("科目 {code} 还有余额，不能停用。", code=account.code))
    child = fetch_one("SELECT 1 FROM {account} WHERE parent_id = ? AND active = 1 LIMIT 1", (account.id,))
    if child:
        raise RuleBroken("account_has_children", message("科目 {code} 还有在用的下级，不能停用。", code=account.code))
