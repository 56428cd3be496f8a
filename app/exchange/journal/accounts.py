"""Gives every account of a journal one of the book: a code under its root's class, its full path as source name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.contract.ledger import AccountInput
from app.exchange.journal.classes import CATEGORIES, NORMAL_SIDES, Class, class_of_root, is_cash_account
from app.exchange.journal.model import DeclaredAccount, Place
from app.kernel.text import Message, message
from app.ledger.queries.content import all_accounts
from app.ledger.service.accounts import insert_account, is_used
from app.ledger.service.chart_rows import set_source_name

OWN_SUFFIX = "00"
"""Ends the code of the leaf that takes a parent's own postings; other children count from 01."""
LONGEST_CODE = 40
LONGEST_NAME = 120
LONGEST_SOURCE = 500
FIRST_ROOT = {"asset": 901, "liability": 901, "equity": 901, "income": 901, "expense": 951}
"""Roots get codes such as 1901, after those the standards use."""


@dataclass(slots=True)
class _Known:
    """An account of the book, as far as mapping needs it."""

    id: int
    code: str
    parent_code: str
    name_zh: str
    source_name: str | None
    category: str
    is_leaf: bool
    is_cash: bool


class AccountMapper:
    """Maps account names of journals to codes, making what is missing. Works inside the importer's unit."""

    def __init__(self) -> None:
        stored = all_accounts()
        codes = {account.id: account.code for account in stored}
        self._by_code = {
            account.code: _Known(
                account.id,
                account.code,
                codes.get(account.parent_id or 0, ""),
                account.name_zh,
                account.source_name,
                account.category,
                bool(account.is_leaf),
                bool(account.is_cash),
            )
            for account in stored
        }
        self._by_source = {known.source_name: known for known in self._by_code.values() if known.source_name}
        self._codes: dict[str, str] = {}
        """The code of the leaf that takes an account's postings."""
        self._groups: dict[str, str] = {}
        """The code of the account that sub-accounts go under."""
        self.warnings: list[Message] = []
        self._find_groups()

    def _find_groups(self) -> None:
        for source, account in self._by_source.items():
            parent = self._by_code.get(account.parent_code)
            is_own = parent is not None and not parent.source_name and account.code == parent.code + OWN_SUFFIX
            if parent is not None and is_own:
                self._groups[source] = parent.code
                self._codes[source] = account.code
            elif account.is_leaf:
                self._codes[source] = account.code
            else:
                self._groups[source] = account.code

    def code_of(self, name: str) -> str:
        """Return the code postings of an account go to; `add` has made it."""
        return self._codes[name]

    def add(self, posted: dict[str, Place], declared: Sequence[DeclaredAccount]) -> None:
        """Make accounts for all names: `posted` are those with postings and where the first one stands.

        Raises `FileRefused` for names too long or too deep for the book.
        """
        places = _with_ancestors({account.name: account.place for account in declared} | posted)
        parents = {name.rsplit(":", 1)[0] for name in places if ":" in name}
        kinds = {account.name: account.kind for account in declared if account.kind}
        for name, place in sorted(places.items(), key=lambda item: item[0].count(":")):
            if len(name) > LONGEST_SOURCE or len(name.rsplit(":", 1)[-1]) > LONGEST_NAME:
                raise place.refuse(message("科目“{name}”的名称太长。", name=name[:60]))
            self._ensure(name, declared, kinds, place, is_parent=name in parents, is_posted=name in posted)

    def _ensure(
        self,
        name: str,
        declared: Sequence[DeclaredAccount],
        kinds: dict[str, str],
        place: Place,
        *,
        is_parent: bool,
        is_posted: bool,
    ) -> None:
        if is_parent and name not in self._groups:
            self._ensure_group(name, declared, kinds, place, is_posted=is_posted)
        if not is_posted and (is_parent or name in self._groups):
            return
        if name in self._codes:
            return
        if name in self._groups:
            self._add_own_leaf(name)
        else:
            self._codes[name] = self._insert(name, self._parent_of(name), declared, kinds, place, source=name)

    def _ensure_group(
        self, name: str, declared: Sequence[DeclaredAccount], kinds: dict[str, str], place: Place, *, is_posted: bool
    ) -> None:
        existing = self._codes.get(name)
        if existing is None:
            source = None if is_posted else name
            self._groups[name] = self._insert(name, self._parent_of(name), declared, kinds, place, source=source)
            return
        account = self._by_code[existing]
        if is_used(account.id):
            # A leaf that is booked on cannot get children: they become its neighbours and keep their full names.
            self._groups[name] = account.parent_code
            self.warnings.append(message("科目“{name}”已有发生额，新的下级科目放在它的旁边。", name=name))
            return
        self._groups[name] = existing
        del self._codes[name]
        if is_posted:
            self._add_own_leaf(name)

    def _parent_of(self, name: str) -> str:
        return self._groups.get(name.rsplit(":", 1)[0], "") if ":" in name else ""

    def _add_own_leaf(self, name: str) -> None:
        """Give a parent the leaf that takes its own postings and its source name."""
        group = self._by_code[self._groups[name]]
        if group.source_name is not None:
            set_source_name(group.id, None)
            group.source_name = None
        code = group.code + OWN_SUFFIX
        if code in self._by_code:
            code = self._free_child(group.code)
        title = f"{group.name_zh[: LONGEST_NAME - 4]}（本级）"
        new = AccountInput(code=code, name_zh=title, parent_code=group.code, is_cash=group.is_cash)
        self._by_code[code] = self._made(new, name, group.category)
        self._codes[name] = code

    def _insert(
        self,
        name: str,
        parent_code: str,
        declared: Sequence[DeclaredAccount],
        kinds: dict[str, str],
        place: Place,
        *,
        source: str | None,
    ) -> str:
        is_cash = is_cash_account(name, kinds)
        last = name.rsplit(":", 1)[-1]
        if parent_code:
            code = self._free_child(parent_code)
            if len(code) > LONGEST_CODE:
                raise place.refuse(message("科目“{name}”的层次太深。", name=name[:60]))
            new = AccountInput(code=code, name_zh=last, parent_code=parent_code, is_cash=is_cash)
        else:
            root = class_of_root(name.split(":", maxsplit=1)[0], declared)
            if not root.is_known:
                self.warnings.append(
                    message("不认识一级科目“{name}”，按资产处理。", name=name.split(":", maxsplit=1)[0])
                )
            category = self._category(root.kind)
            code = self._free_root(root.kind, category)
            side = NORMAL_SIDES[root.kind]
            new = AccountInput(code=code, name_zh=last, category=category, normal_side=side, is_cash=is_cash)
        category = new.category or self._by_code[parent_code].category
        self._by_code[code] = self._made(new, source, category)
        return code

    @staticmethod
    def _made(new: AccountInput, source: str | None, category: str) -> _Known:
        account_id = insert_account(new, source_name=source)
        cash = bool(new.is_cash)
        return _Known(account_id, new.code, new.parent_code or "", new.name_zh, source, category, True, cash)

    def _category(self, kind: Class) -> str:
        there = {account.category for account in self._by_code.values()}
        return next((name for name in CATEGORIES[kind] if name in there), CATEGORIES[kind][-1])

    def _free_root(self, kind: Class, category: str) -> str:
        """Return a free first-level code of the category, whose first digit is that of the chart's own accounts."""
        firsts = sorted(
            account.code
            for account in self._by_code.values()
            if account.category == category and not account.parent_code
        )
        digit = firsts[0][0] if firsts else "9"
        candidates = [*range(FIRST_ROOT[kind], 1000), *range(1, FIRST_ROOT[kind]), *range(1000, 100_000)]
        taken = {account.code for account in self._by_code.values()}
        return next(code for number in candidates if (code := f"{digit}{number:03d}") not in taken)

    def _free_child(self, parent_code: str) -> str:
        for width in (2, 3, 4, 5):
            for number in range(1, 10**width):
                code = f"{parent_code}{number:0{width}d}"
                if code not in self._by_code:
                    return code
        raise AssertionError("an account has fewer than a hundred thousand children")


def _with_ancestors(places: dict[str, Place]) -> dict[str, Place]:
    """Return every name and every name above it, in the order they first come up, each with a place that uses it."""
    found: dict[str, Place] = {}
    for name, place in places.items():
        parts = name.split(":")
        for end in range(1, len(parts) + 1):
            found.setdefault(":".join(parts[:end]), place)
    return found
