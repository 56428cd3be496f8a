"""Accounts with all that stand above them, for rules that go by the tree."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from app.storage.database import Row, fetch_all

_SELECT = "SELECT id, parent_id, code, is_cash FROM {account}"
_CHUNK = 500


class Branch(NamedTuple):
    """An account's place in the tree."""

    parent_id: int | None
    code: str
    is_cash: bool


def read_tree() -> dict[int, Branch]:
    """Return every account by id."""
    return dict(map(_branch, fetch_all(_SELECT)))


def read_branches(account_ids: Iterable[int]) -> dict[int, Branch]:
    """Return these accounts and all above them, by id."""
    found: dict[int, Branch] = {}
    wanted = sorted(account_ids)
    while wanted:
        for start in range(0, len(wanted), _CHUNK):
            chunk = wanted[start : start + _CHUNK]
            found.update(map(_branch, fetch_all(f"{_SELECT} WHERE id IN ({', '.join('?' * len(chunk))})", chunk)))
        above = {found[account_id].parent_id for account_id in wanted if account_id in found}
        wanted = sorted(parent for parent in above if parent is not None and parent not in found)
    return found


def _branch(row: Row) -> tuple[int, Branch]:
    return row[0], Branch(row[1], row[2], bool(row[3]))
