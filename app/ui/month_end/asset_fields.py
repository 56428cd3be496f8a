"""The fields of an asset card: which account goes with which kind, and look-ups of accounts and auxiliaries."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt5.QtWidgets import QWidget

from app.contract.assets import AssetKind
from app.contract.ledger import Account
from app.ui.ledger.account_index import AccountIndex
from app.ui.ledger.opening_table import find_auxiliaries
from app.ui.ledger.words import is_english
from app.ui.widgets.lookup_edit import Choice, LookupEdit

MOST_CHOICES = 60
USERS = ("部门", "职员")
"""Dimensions of who uses an asset."""

USUAL_ACCOUNTS: dict[AssetKind, tuple[Sequence[str], Sequence[str], Sequence[str]]] = {
    "fixed": (("1601", "160102"), ("1602",), ("560202", "660202", "6602")),
    "biological": (("1621", "162102"), ("1622",), ("4001", "5001", "560202", "6602")),
    "intangible": (("1701",), ("1702",), ("560218", "6602")),
    "deferred": (("1801",), (), ("560211", "6602")),
}
"""Codes of both standards' charts, the best first: where the asset stands, what accumulates, what is charged."""


def usual_account(accounts: AccountIndex, codes: Sequence[str]) -> Account | None:
    """Return the first of these accounts that vouchers may use."""
    for code in codes:
        account = accounts.get(code)
        if account is not None and account.is_leaf and account.active:
            return account
    return None


class AccountEdit(LookupEdit):
    """Finds a leaf account by code, name or pinyin initials; its value is the code."""

    def __init__(
        self, accounts: AccountIndex, parent: QWidget, *, fits: Callable[[Account], bool] = lambda _account: True
    ) -> None:
        super().__init__(parent, local=self._find)
        self._accounts = accounts
        self._fits = fits

    @property
    def account(self) -> Account | None:
        """The account chosen."""
        return self._accounts.get(self.value) if self.value else None

    @property
    def wire(self) -> str:
        """What goes to the server: the code chosen, or what was typed if it is none, for the server to refuse."""
        return str(self.value or self.text().strip()[:40])

    def know(self, accounts: AccountIndex) -> None:
        """Know the chart as it is now; the account chosen stays."""
        code, self._accounts = self.value, accounts
        if code:
            self.set_code(code)

    def set_code(self, code: str) -> None:
        """Show an account by its code."""
        account = self._accounts.get(code)
        self.set_choice(self._choice(account) if account is not None else None)

    def set_choice(self, choice: Choice | None) -> None:
        """Show a choice from its beginning, for the code says most."""
        super().set_choice(choice)
        self.setCursorPosition(0)

    def _find(self, typed: str) -> Sequence[Choice]:
        found = self._accounts.search(typed, limit=MOST_CHOICES, leaves=True, english=is_english())
        return [self._choice(account) for account in found if self._fits(account)]

    def _choice(self, account: Account) -> Choice:
        name = self._accounts.full_name(account.code, english=is_english())
        return Choice(account.code, f"{account.code} {name}", account.pinyin)


class AuxiliaryEdit(LookupEdit):
    """Completes auxiliaries (`部门:一车间`) of the dimensions that apply now; plain text to the server."""

    def __init__(self, kinds: Callable[[], Sequence[str]], parent: QWidget) -> None:
        super().__init__(parent, server=lambda api, typed: find_auxiliaries(api, kinds(), typed) if kinds() else [])
        self._kinds = kinds

    @property
    def wire(self) -> str:
        """What goes to the server; a bare name is of the first dimension."""
        text = self.text().strip()
        kinds = self._kinds()
        return f"{kinds[0]}:{text}" if text and kinds and ":" not in text.replace("：", ":") else text

    def set_wire(self, text: str) -> None:
        """Show what the server has."""
        self.set_choice(Choice(text, text) if text else None)


def kinds_of(edit: AccountEdit) -> Callable[[], Sequence[str]]:
    """Return what tells the dimensions of the account chosen in a field."""
    return lambda: [use.kind for use in edit.account.auxiliaries] if edit.account is not None else []
