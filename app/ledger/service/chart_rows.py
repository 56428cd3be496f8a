"""Rows of a chart that come from a file: they replace accounts while nothing is booked on them, and add new ones.

Also the names accounts had in the file they were imported from. Call inside the importer's unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from app.contract.ledger import AccountInput, AuxiliaryUse
from app.identity.actor import Actor
from app.kernel.errors import RuleBroken
from app.kernel.text import Message, message
from app.ledger.pinyin import pinyin_of
from app.ledger.service.accounts import CATEGORIES, insert_account, is_used, make_parent, write_uses
from app.ledger.service.currencies import ensure_currency
from app.storage.database import execute, fetch_all, run_unit


@dataclass(frozen=True, slots=True)
class ChartRow:
    """An account as a file has it. `None` means the file does not say; `where` names the row for messages."""

    code: str
    name_zh: str
    where: str
    parent_code: str | None = None
    category: str | None = None
    normal_side: Literal["debit", "credit"] | None = None
    is_leaf: bool | None = None
    is_cash: bool | None = None
    auxiliaries: tuple[AuxiliaryUse, ...] | None = None
    has_quantity: bool | None = None
    name_en: str | None = None
    source_name: str | None = None
    currency: str | None = None
    unit: str | None = None
    active: bool | None = None


@dataclass(frozen=True, slots=True)
class ChartReplaced:
    """What came of it: accounts added, replaced and removed, and what was left as it is and why."""

    added: int
    replaced: int
    removed: int
    kept: list[tuple[str, Message]]


def replace_chart_rows(actor: Actor, rows: Sequence[ChartRow]) -> ChartReplaced:
    """Bring the chart to what the rows say.

    An account that is not used takes the row whole; `is_leaf` true removes its unused children; a new child makes its
    parent a non-leaf. On a used account the row may not change place, category or side; other differences are left
    and listed. Raises `RuleBroken` naming the row, `PermissionDenied`.
    """
    actor.require("ledger:account:add")
    actor.require("ledger:account:edit")
    return run_unit(lambda: _ChartChange(rows).run())


class _ChartChange:
    def __init__(self, rows: Sequence[ChartRow]) -> None:
        self.rows = _parents_first(rows)
        self.codes_with_children = {row.parent_code for row in rows if row.parent_code}
        self.accounts: dict[str, dict[str, Any]] = {}
        self.uses: dict[int, set[tuple[str, bool]]] = {}
        self.added = self.replaced = self.removed = 0
        self.kept: list[tuple[str, Message]] = []
        self._read()

    def _read(self, code: str | None = None) -> None:
        """Read all accounts, or one anew."""
        columns = (
            *("id", "code", "parent_id", "name_zh", "name_en", "source_name", "category", "normal_side", "is_leaf"),
            *("is_cash", "currency_id", "has_quantity", "unit", "active"),
        )
        one, params = ("", []) if code is None else (" WHERE code = ?", [code])
        found = fetch_all(f"SELECT {', '.join(columns)} FROM {{account}}{one}", params)
        self.accounts.update({row[1]: dict(zip(columns, row, strict=True)) for row in found})
        if code is not None:
            return
        kinds = fetch_all(
            "SELECT u.account_id, k.name, u.demanded FROM {account_auxiliary} u"
            " JOIN {auxiliary_kind} k ON k.id = u.kind_id"
        )
        for account_id, kind, demanded in kinds:
            self.uses.setdefault(account_id, set()).add((kind, bool(demanded)))

    def run(self) -> ChartReplaced:
        for row in self.rows:
            if row.category is not None and row.category not in CATEGORIES:
                known = "、".join(CATEGORIES)
                raise _refused(
                    row, message("类别“{category}”不认识，应是 {known} 之一。", category=row.category, known=known)
                )
            if row.is_leaf and row.code in self.codes_with_children:
                raise _refused(row, message("科目 {code} 写明是末级，却又有下级。", code=row.code))
            account = self.accounts.get(row.code)
            if account is None:
                self._add(row)
            else:
                self._replace(row, account)
            if row.is_leaf:
                self._drop_children(row)
        _set_levels()
        return ChartReplaced(self.added, self.replaced, self.removed, self.kept)

    def _add(self, row: ChartRow) -> None:
        if row.parent_code and row.parent_code not in self.accounts:
            raise _refused(row, message("没有上级科目“{code}”。", code=row.parent_code))
        new = AccountInput(
            code=row.code,
            name_zh=row.name_zh,
            name_en=row.name_en or "",
            parent_code=row.parent_code or None,
            category=row.category,
            normal_side=row.normal_side,
            is_cash=row.is_cash,
            currency=row.currency or None,
            has_quantity=bool(row.has_quantity),
            unit=row.unit or "",
            auxiliaries=list(row.auxiliaries or ()),
        )
        account_id = insert_account(new, source_name=row.source_name or None)
        if row.is_leaf is False or row.active is False:
            execute(
                "UPDATE {account} SET is_leaf = ?, active = ? WHERE id = ?",
                (int(row.is_leaf is not False), int(row.active is not False), account_id),
            )
        self.added += 1
        self._read(row.code)
        if row.parent_code:
            self._read(row.parent_code)

    def _replace(self, row: ChartRow, account: Mapping[str, Any]) -> None:
        wanted = self._wanted(row)
        changed = {name: value for name, value in wanted.items() if account[name] != value}
        uses = None
        if row.auxiliaries is not None:
            uses = {(use.kind, use.demanded) for use in row.auxiliaries}
            if uses == self.uses.get(account["id"], set()):
                uses = None
        if not changed and uses is None:
            return
        if self._is_used_below(account["id"]):
            if changed.keys() & {"parent_id", "category", "normal_side", "currency_id"}:
                text = message("科目 {code} 已有发生额或余额，不能改它的上级、类别、方向或币种。", code=row.code)
                raise _refused(row, text)
            self.kept.append((row.where, message("科目 {code} 已有发生额或余额，保留原样。", code=row.code)))
            return
        if "name_zh" in changed:
            changed["pinyin_initials"], changed["pinyin_sort"] = pinyin_of(row.name_zh)
        if changed:
            sets = "".join(f"{name} = ?, " for name in changed)
            execute(
                f"UPDATE {{account}} SET {sets}version = version + 1 WHERE id = ?", [*changed.values(), account["id"]]
            )
        if uses is not None:
            write_uses(account["id"], row.auxiliaries or ())
        if changed.get("parent_id") is not None:
            make_parent(changed["parent_id"], row.parent_code or "")
            self._read(row.parent_code)
        self.replaced += 1
        self._read(row.code)

    def _wanted(self, row: ChartRow) -> dict[str, Any]:
        wanted: dict[str, Any] = {"name_zh": row.name_zh}
        if row.parent_code is not None:
            parent = self.accounts.get(row.parent_code) if row.parent_code else None
            if row.parent_code and (parent is None or row.parent_code == row.code):
                raise _refused(row, message("没有上级科目“{code}”。", code=row.parent_code))
            wanted["parent_id"] = parent["id"] if parent else None
        if row.is_leaf is False:
            wanted["is_leaf"] = 0
        if row.currency is not None:
            wanted["currency_id"] = ensure_currency(row.currency) if row.currency else None
        if row.source_name is not None:
            wanted["source_name"] = row.source_name or None
        for name in ("category", "normal_side", "name_en", "unit"):
            if getattr(row, name) is not None:
                wanted[name] = getattr(row, name)
        for name in ("is_cash", "has_quantity", "active"):
            if getattr(row, name) is not None:
                wanted[name] = int(getattr(row, name))
        return wanted

    def _children_of(self, account_id: int) -> list[dict[str, Any]]:
        return [account for account in self.accounts.values() if account["parent_id"] == account_id]

    def _is_used_below(self, account_id: int) -> bool:
        return is_used(account_id) or any(self._is_used_below(child["id"]) for child in self._children_of(account_id))

    def _drop_children(self, row: ChartRow) -> None:
        account = self.accounts[row.code]
        children = self._children_of(account["id"])
        if any(self._is_used_below(child["id"]) for child in children):
            raise _refused(row, message("科目 {code} 的下级已有发生额或余额，不能改成末级。", code=row.code))
        for child in children:
            self._remove(child)
        execute("UPDATE {account} SET is_leaf = 1 WHERE id = ? AND is_leaf = 0", (account["id"],))

    def _remove(self, account: Mapping[str, Any]) -> None:
        for child in self._children_of(account["id"]):
            self._remove(child)
        execute("DELETE FROM {account_auxiliary} WHERE account_id = ?", (account["id"],))
        execute("DELETE FROM {account} WHERE id = ?", (account["id"],))
        del self.accounts[account["code"]]
        self.removed += 1


def _parents_first(rows: Iterable[ChartRow]) -> list[ChartRow]:
    """Return rows so that a parent comes before its children. Raises `RuleBroken` for a code twice or a circle."""
    by_code: dict[str, ChartRow] = {}
    for row in rows:
        if row.code in by_code:
            raise _refused(row, message("科目编码“{code}”出现了两次。", code=row.code))
        by_code[row.code] = row
    ordered: dict[str, ChartRow] = {}
    for row in by_code.values():
        chain: list[ChartRow] = []
        current: ChartRow | None = row
        while current is not None and current.code not in ordered:
            if current in chain:
                raise _refused(row, message("科目 {code} 的上级绕成了圈。", code=row.code))
            chain.append(current)
            current = by_code.get(current.parent_code or "")
        ordered.update((link.code, link) for link in reversed(chain))
    return list(ordered.values())


def _set_levels() -> None:
    accounts = {row[0]: (row[1], row[2]) for row in fetch_all("SELECT id, parent_id, level FROM {account}")}

    def level_of(account_id: int) -> int:
        parent = accounts[account_id][0]
        return 1 if parent is None else level_of(parent) + 1

    for account_id, (_, level) in accounts.items():
        wanted = level_of(account_id)
        if wanted != level:
            execute("UPDATE {account} SET level = ? WHERE id = ?", (wanted, account_id))


def _refused(row: ChartRow, reason: Message) -> RuleBroken:
    return RuleBroken("chart_row_refused", message("{where}：{reason}", where=row.where, reason=reason))


def set_source_name(account_id: int, source_name: str | None) -> None:
    """Give an account the full path it has in imported files, or take it away so that a child can have it."""
    execute("UPDATE {account} SET source_name = ?, version = version + 1 WHERE id = ?", (source_name, account_id))
