"""The facts of accounts that rules and input need, read for the accounts at hand."""

from __future__ import annotations

from collections.abc import Iterable

from app.ledger.service.rules import AccountFacts
from app.storage.database import fetch_all

_CHUNK = 500


def read_account_facts(*, codes: Iterable[str] = (), ids: Iterable[int] = ()) -> dict[int, AccountFacts]:
    """Return facts by account id, of the accounts with these codes or ids."""
    found: dict[int, AccountFacts] = {}
    for column, wanted in (("code", sorted(set(codes))), ("id", sorted(set(ids)))):
        for start in range(0, len(wanted), _CHUNK):
            chunk = wanted[start : start + _CHUNK]
            found.update(_read(f"a.{column} IN ({', '.join('?' * len(chunk))})", chunk))
    return found


def read_all_account_facts() -> dict[int, AccountFacts]:
    """Return facts of every account, for imports."""
    return _read("1 = 1", [])


def _read(condition: str, params: Iterable[object]) -> dict[int, AccountFacts]:
    rows = fetch_all(
        "SELECT a.id, a.code, a.name_zh, a.is_leaf, a.active, a.currency_id, a.is_cash, a.has_quantity,"
        " u.kind_id, u.demanded, k.name"
        " FROM {account} a LEFT JOIN {account_auxiliary} u ON u.account_id = a.id"
        f" LEFT JOIN {{auxiliary_kind}} k ON k.id = u.kind_id WHERE {condition}",
        list(params),
    )
    uses: dict[int, dict[int, tuple[bool, str]]] = {}
    heads: dict[int, tuple[str, str, bool, bool, int | None, bool]] = {}
    counted: set[int] = set()
    for account_id, code, name, is_leaf, active, currency_id, is_cash, has_quantity, *use in rows:
        kind_id, demanded, kind_name = use
        heads[account_id] = (code, name, bool(is_leaf), bool(active), currency_id, bool(is_cash))
        counted.update([account_id] if has_quantity else [])
        kinds = uses.setdefault(account_id, {})
        if kind_id is not None:
            kinds[kind_id] = (bool(demanded), kind_name)
    return {
        account_id: AccountFacts(
            account_id,
            *head,
            frozenset(kind for kind, (demanded, _) in uses[account_id].items() if demanded),
            frozenset(kind for kind, (demanded, _) in uses[account_id].items() if not demanded),
            {kind: name for kind, (_, name) in uses[account_id].items()},
            account_id in counted,
        )
        for account_id, head in heads.items()
    }
