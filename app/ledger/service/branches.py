"""Accounts with all that stand above them, for rules that go by the tree."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from app.storage.database import Row, fetch_all

_SELECT = "SELECT id, parent_id, code, is_cash FROM {account}"
_ABOVE = (
    "WITH RECURSIVE branch (id) AS (SELECT id FROM {{account}} WHERE id IN ({places})"
    " UNION SELECT a.parent_id FROM {{account}} a JOIN branch ON branch.id = a.id WHERE a.parent_id IS NOT NULL)"
    " SELECT a.id, a.parent_id, a.code, a.is_cash FROM branch JOIN {{account}} a ON a.id = branch.id"
)
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
    for start in range(0, len(wanted), _CHUNK):
        chunk = wanted[start : start + _CHUNK]
        found.update(map(_branch, fetch_all(_ABOVE.format(places=", ".join("?" * len(chunk))), chunk)))
    return found


def _branch(row: Row) -> tuple[int, Branch]:
    return row[0], Branch(row[1], row[2], bool(row[3]))
