"""Account names for plain-text journals: the path a file gave, or one built from the chart."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from app.ledger.queries.content import ContentAccount

HLEDGER_ROOTS = {"asset": "资产", "liability": "负债", "equity": "权益", "income": "收入", "expense": "支出"}
HLEDGER_TYPES = {"asset": "A", "liability": "L", "equity": "E", "income": "R", "expense": "X"}
BEANCOUNT_ROOTS = {
    "asset": "Assets",
    "liability": "Liabilities",
    "equity": "Equity",
    "income": "Income",
    "expense": "Expenses",
}
_CLASSES = {
    "资产": "asset",
    "成本": "asset",
    "共同": "asset",
    "负债": "liability",
    "所有者权益": "equity",
    "净资产": "equity",
    "收入": "income",
    "支出": "expense",
}


def class_of(account: ContentAccount) -> str:
    """Return the class of an account among the five that journals know; 损益 goes by its side."""
    if account.category == "损益":
        return "income" if account.normal_side == "credit" else "expense"
    return _CLASSES[account.category]


def hledger_names(accounts: Mapping[int, ContentAccount]) -> dict[int, str]:
    """Return a unique hledger account name for each account, by id."""
    found: dict[int, str] = {}

    def name_of(account: ContentAccount) -> str:
        if account.id not in found:
            found[account.id] = ":".join(_hledger_part(part) for part in parts_of(account))
        return found[account.id]

    def parts_of(account: ContentAccount) -> list[str]:
        if account.source_name:
            return account.source_name.split(":")
        own = f"{account.code} {account.name_zh.replace(':', '：')}"
        if account.parent_id is None:
            return [HLEDGER_ROOTS[class_of(account)], own]
        return [*name_of(accounts[account.parent_id]).split(":"), own]

    for account in accounts.values():
        name_of(account)
    return found


def _hledger_part(part: str) -> str:
    """Return a part that hledger and Ledger read as it stands: single spaces, no comment sign, no bracket in front."""
    text = " ".join(part.split()).replace(";", "；")
    return (
        text.translate({ord("("): "（", ord("["): "［", ord(")"): "）", ord("]"): "］"}) if text[:1] in "([" else text
    )


def beancount_names(accounts: Mapping[int, ContentAccount]) -> dict[int, str]:
    """Return a unique Beancount account name for each account, by id."""
    found: dict[int, str] = {}
    taken: set[str] = set()
    for account in accounts.values():
        parts = _path(account, accounts)
        name = ":".join([BEANCOUNT_ROOTS[class_of(account)], *map(_beancount_part, parts)])
        if name in taken:
            name = f"{name}-{_beancount_part(account.code)}"
        taken.add(name)
        found[account.id] = name
    return found


def _path(account: ContentAccount, accounts: Mapping[int, ContentAccount]) -> list[str]:
    if account.source_name:
        parts = account.source_name.split(":")
        return parts[1:] or [f"{account.code}-{parts[0]}"]
    above = _path(accounts[account.parent_id], accounts) if account.parent_id is not None else []
    return [*above, f"{account.code}-{account.name_zh}"]


def _beancount_part(part: str) -> str:
    """Return a part of letters, digits and hyphens that begins with a capital or a digit, `X` where need be."""
    kept = "".join(c if unicodedata.category(c)[0] == "L" or c.isdecimal() else "-" for c in part)
    kept = re.sub("-+", "-", kept).strip("-") or "X"
    first = kept[0].upper()
    begins_well = len(first) == 1 and (first.isupper() or first.isdecimal())
    return first + kept[1:] if begins_well else f"X{kept}"
