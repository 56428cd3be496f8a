"""Finding accounts by what a typist remembers: code, name or pinyin initials; no Qt.

The whole chart is small (hundreds to a few thousand rows), so it is searched in memory and answers at each key.
"""

from __future__ import annotations

from collections.abc import Iterable

from app.contract.ledger import Account


class AccountIndex:
    """The chart of accounts of one book, by code, with parents and look-up."""

    def __init__(self, accounts: Iterable[Account] = ()) -> None:
        """Keep the accounts ordered by code."""
        self.accounts: list[Account] = sorted(accounts, key=lambda account: account.code)
        self._by_code = {account.code: account for account in self.accounts}
        self._children: dict[str | None, list[Account]] = {}
        for account in self.accounts:
            parent = account.parent_code if account.parent_code in self._by_code else None
            self._children.setdefault(parent, []).append(account)

    def __len__(self) -> int:
        return len(self.accounts)

    def get(self, code: str) -> Account | None:
        """Return the account of a code."""
        return self._by_code.get(code)

    def children(self, code: str | None) -> list[Account]:
        """Return the direct children of an account, or the first level for None."""
        return self._children.get(code, [])

    def ancestors(self, code: str) -> list[Account]:
        """Return the accounts above a code, the first level first."""
        found: list[Account] = []
        account = self._by_code.get(code)
        while account is not None and account.parent_code and len(found) <= account.level + 20:
            account = self._by_code.get(account.parent_code)
            if account is not None:
                found.append(account)
        return found[::-1]

    def full_name(self, code: str, *, english: bool = False) -> str:
        """Return the path of names that vouchers show: `管理费用-办公费`."""
        account = self._by_code.get(code)
        if account is None:
            return ""
        return "-".join(_name(part, english=english) for part in [*self.ancestors(code), account])

    def search(
        self, text: str, *, limit: int = 50, leaves: bool = False, active: bool = True, english: bool = False
    ) -> list[Account]:
        """Return what a typist may mean, best first: exact, code begun, initials begun, name begun, then inside."""
        wanted = text.strip().casefold()
        ranked: list[tuple[int, str, Account]] = []
        for account in self.accounts:
            if (leaves and not account.is_leaf) or (active and not account.active):
                continue
            rank = self._rank(account, wanted, english=english)
            if rank is not None:
                ranked.append((rank, account.code, account))
        ranked.sort(key=lambda item: item[:2])
        return [account for _, _, account in ranked[:limit]]

    def _rank(self, account: Account, wanted: str, *, english: bool) -> int | None:
        if not wanted:
            return 9
        code, pinyin = account.code.casefold(), account.pinyin.casefold()
        names = [account.name_zh.casefold(), account.name_en.casefold(), (account.source_name or "").casefold()]
        if code == wanted or wanted in names:
            return 0
        steps = (
            code.startswith(wanted),
            bool(pinyin) and pinyin.startswith(wanted),
            any(name.startswith(wanted) for name in names if name),
            any(wanted in name for name in names if name),
            len(wanted) > 1 and wanted in pinyin,
            wanted in self.full_name(account.code, english=english).casefold(),
        )
        return steps.index(True) + 1 if True in steps else None


def _name(account: Account, *, english: bool) -> str:
    return (account.name_en or account.name_zh) if english else (account.name_zh or account.name_en)


def account_name(account: Account, *, english: bool = False) -> str:
    """Return the account's own name in the language of the window, the other one where it is missing."""
    return _name(account, english=english) or account.source_name or ""
