"""Which class of the chart a journal's root account belongs to, by what the journal says or by its usual names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from app.exchange.journal.model import DeclaredAccount

Class = Literal["asset", "liability", "equity", "income", "expense"]

_LETTERS: dict[str, Class] = {
    "A": "asset",
    "C": "asset",
    "L": "liability",
    "E": "equity",
    "V": "equity",
    "R": "income",
    "X": "expense",
}

_ROOTS: dict[Class, tuple[str, ...]] = {
    "asset": ("asset", "assets", "资产", "資產"),
    "liability": ("liability", "liabilities", "debt", "debts", "负债", "負債"),
    "equity": ("equity", "权益", "權益", "所有者权益", "所有者權益", "净资产", "淨資產"),
    "income": ("income", "incomes", "revenue", "revenues", "收入"),
    "expense": ("expense", "expenses", "支出", "费用", "費用"),
}
_BY_NAME: dict[str, Class] = {name: kind for kind, roots in _ROOTS.items() for name in roots}

CATEGORIES: Mapping[Class, tuple[str, ...]] = {
    "asset": ("资产",),
    "liability": ("负债",),
    "equity": ("净资产", "所有者权益"),
    "income": ("收入", "损益"),
    "expense": ("支出", "损益"),
}
"""The chart's category of each class: a household's first, else that of the business standards."""
NORMAL_SIDES: Mapping[Class, Literal["debit", "credit"]] = {
    "asset": "debit",
    "liability": "credit",
    "equity": "credit",
    "income": "credit",
    "expense": "debit",
}
_CASH_WORDS = frozenset(
    {
        "cash",
        "bank",
        "checking",
        "chequing",
        "saving",
        "savings",
        "currentcash",
        "现金",
        "银行",
        "银行存款",
        "微信",
        "支付宝",
    }
)


@dataclass(frozen=True, slots=True)
class RootClass:
    """The class of a root; `is_known` is false where nothing says it and 资产 is taken."""

    kind: Class
    is_known: bool


def class_of_root(root: str, declared: Iterable[DeclaredAccount]) -> RootClass:
    """Return the class of a root account: by its declared `type:`, its name, or its sub-accounts' types."""
    below: set[Class] = set()
    for account in declared:
        if account.kind and account.name == root:
            return RootClass(_LETTERS[account.kind], is_known=True)
        if account.kind and account.name.startswith(root + ":"):
            below.add(_LETTERS[account.kind])
    by_name = _BY_NAME.get(root.lower())
    if by_name is not None:
        return RootClass(by_name, is_known=True)
    if len(below) == 1:
        return RootClass(below.pop(), is_known=True)
    return RootClass("asset", is_known=False)


def is_cash_account(name: str, declared: Mapping[str, str]) -> bool:
    """Tell whether an account holds money: declared so itself or above it, else by the usual words under an asset."""
    parts = name.split(":")
    for end in range(len(parts), 0, -1):
        kind = declared.get(":".join(parts[:end]), "")
        if kind:
            return kind == "C"
    return any(part.lower() in _CASH_WORDS for part in parts[1:])
