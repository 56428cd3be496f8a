"""The chart of accounts as the close needs it: the accounts by id, by part, and as trees."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from app.kernel.errors import RuleBroken
from app.kernel.text import message
from app.ledger.service.accounts import is_used
from app.ledger.service.closing.roles import NON_MONETARY, ROLES, Role
from app.storage.book_settings import get_setting
from app.storage.database import Row, fetch_all

PROFIT_AND_LOSS = ("损益", "收入", "支出")
LEVEL_MOST = 20


class ClosingAccount(NamedTuple):
    """What the close needs of an account."""

    id: int
    code: str
    parent_id: int | None
    name: str
    category: str
    is_credit: bool
    is_leaf: bool
    is_cash: bool
    has_quantity: bool
    unit: str
    active: bool

    @property
    def title(self) -> str:
        """Return code and name, as people call it."""
        return f"{self.code} {self.name}"


_COLUMNS = (
    "a.id, a.code, a.parent_id, a.name_zh, a.category, a.normal_side, a.is_leaf, a.is_cash, a.has_quantity, a.unit,"
    " a.active"
)


class ClosingChart:
    """All accounts of the current book, or those that may play some parts."""

    def __init__(self, parts: Collection[str] | None = None) -> None:
        """Read the accounts; with `parts` (roles) only theirs: these can be found then, and nothing else be asked."""
        self.name = str(get_setting("chart"))
        roles = ROLES.get(self.name, {})
        if parts is None:
            rows = fetch_all(f"SELECT {_COLUMNS} FROM {{account}} a ORDER BY a.code")
        else:
            rows = _rows_of([_top(roles, roles[part]) for part in parts if part in roles])
        self.accounts = [
            ClosingAccount(
                *(int(row[0]), str(row[1]), row[2], str(row[3]), str(row[4]), row[5] == "credit"),
                *(bool(row[6]), bool(row[7]), bool(row[8]), str(row[9]), bool(row[10])),
            )
            for row in rows
        ]
        self.by_id = {account.id: account for account in self.accounts}
        self._children: dict[int | None, list[ClosingAccount]] = {}
        for account in self.accounts:
            self._children.setdefault(account.parent_id, []).append(account)
        self._roles = roles

    def below(self, account: ClosingAccount) -> Iterator[ClosingAccount]:
        """Yield an account and all below it."""
        yield account
        for child in self._children.get(account.id, ()):
            yield from self.below(child)

    def leaves(self, account: ClosingAccount | None) -> list[ClosingAccount]:
        """Return the leaves of an account, itself if it is one; none for `None`."""
        return [] if account is None else [one for one in self.below(account) if one.is_leaf]

    def profit_and_loss(self) -> list[ClosingAccount]:
        """Return the leaves whose balances are carried forward."""
        return [one for one in self.accounts if one.is_leaf and one.category in PROFIT_AND_LOSS]

    def find(self, role: str) -> ClosingAccount | None:
        """Return the account that plays a part (a parent or a leaf), or `None` when the book has none."""
        usual = self._roles.get(role)
        if usual is None:
            return None
        scope = self.accounts
        parent = None
        if usual.parent is not None:
            parent = self.find(usual.parent)
            if parent is None:
                return None
            scope = list(self.below(parent))[1:]
        found = _named(scope, usual) or next((one for one in scope if one.code == usual.code and one.active), None)
        if found is None and parent is not None and parent.is_leaf:
            return parent
        return found

    def has(self, role: str) -> bool:
        """Tell whether the part has an account of its own, not only the account above it."""
        usual = self._roles.get(role)
        found = self.find(role)
        return bool(usual and found and (found.name in usual.names or found.code == usual.code))

    def leaf(self, role: str) -> ClosingAccount | None:
        """Return the one leaf that plays a part, or `None`: a parent stands for its namesake or its only leaf."""
        found = self.find(role)
        if found is None or found.is_leaf:
            return found if found is None or found.active else None
        leaves = [one for one in self.leaves(found) if one.active]
        same = [one for one in leaves if one.name == found.name]
        if same:
            return same[0]
        return leaves[0] if len(leaves) == 1 else None

    def need(self, role: str) -> ClosingAccount:
        """Return the leaf that plays a part. Raises `RuleBroken` that says which account is missing and what to do."""
        found = self.leaf(role)
        if found is not None:
            return found
        usual = self._roles.get(role)
        name, code = (usual.names[0], usual.code) if usual else (role, "")
        raise RuleBroken(
            "closing_account_missing",
            message(
                "账簿里没有末级科目“{name}”（通常是 {code}），请先在会计科目里新增它，或把原来的科目改回这个名称。",
                name=name,
                code=code,
            ),
            details={"role": role, "code": code},
        )

    def is_monetary(self, account: ClosingAccount) -> bool:
        """Tell whether a foreign balance here is money or a fixed claim to money, which is revalued each month."""
        if account.category not in ("资产", "负债"):
            return False
        excluded = NON_MONETARY.get(self.name, ())
        top = account
        for _ in range(LEVEL_MOST):
            if top.code.startswith(excluded):
                return False
            if top.parent_id is None:
                return True
            top = self.by_id[top.parent_id]
        return True


def _top(roles: Mapping[str, Role], role: Role) -> Role:
    """Return the part that stands above all others of a part's branch: its account is looked for in the whole chart."""
    return role if role.parent is None or role.parent not in roles else _top(roles, roles[role.parent])


def _rows_of(roles: Sequence[Role]) -> list[Row]:
    """Read the accounts that bear the code or a name of one of these parts, and all that stand below them."""
    if not roles:
        return []
    codes = sorted({role.code for role in roles})
    names = sorted({name for role in roles for name in role.names})
    return fetch_all(
        "WITH RECURSIVE branch (id) AS ("
        f"SELECT id FROM {{account}} WHERE code IN ({', '.join('?' * len(codes))})"
        f" OR name_zh IN ({', '.join('?' * len(names))})"
        " UNION SELECT c.id FROM {account} c JOIN branch ON branch.id = c.parent_id)"
        f" SELECT {_COLUMNS} FROM branch JOIN {{account}} a ON a.id = branch.id ORDER BY a.code",
        [*codes, *names],
    )


def _named(scope: list[ClosingAccount], usual: Role) -> ClosingAccount | None:
    """Return the account with one of the names: used ones, the one with the usual code, leaves before the others."""
    for name in usual.names:
        same = [one for one in scope if one.name == name and one.active]
        if usual.parent is None:
            same = [one for one in same if one.code == usual.code] or [one for one in same if one.parent_id is None]
        if same:
            if len(same) > 1:  # a book's own numbers beside the chart's: what is in use counts
                same = [one for one in same if is_used(one.id)] or same
            return min(same, key=lambda one: (one.code != usual.code, not one.is_leaf, one.code))
    return None
