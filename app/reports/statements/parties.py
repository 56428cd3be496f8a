"""Who stands on the other side of a balance: the counterparty of an auxiliary set, for lines that split by sign.

报表重分类 goes by account and counterparty: 甲公司 owed in one department and paying in advance in another is one debt.
"""

from __future__ import annotations

from collections.abc import Iterable

from app.reports.request import marks
from app.storage.database import fetch_all

PartyKey = tuple[int, ...]
"""The items that make a counterparty, merged ones under their survivor; empty where a set has none."""

COUNTERPARTIES = frozenset({"客户", "供应商", "职员", "往来", "往来单位", "个人", "员工", "单位", "股东", "被投资单位"})
"""Dimensions whose items somebody owes or is owed; one of the book's own counts when a set has none of these."""
NO_COUNTERPARTIES = frozenset({"部门", "项目", "存货"})
"""Dimensions that only say where or what for: alone they part a balance, beside a counterparty they do not."""
_FEW = 500


def read_parties(set_ids: Iterable[int]) -> dict[int, PartyKey]:
    """Return the counterparty of each auxiliary set."""
    wanted = set(set_ids)
    parties: dict[int, PartyKey] = dict.fromkeys(wanted, ())
    chosen = sorted(wanted - {0})
    if not chosen:
        return parties
    ranks: dict[int, int] = {row[0]: _rank(str(row[1])) for row in fetch_all("SELECT id, name FROM {auxiliary_kind}")}
    survivors = _survivors()
    sql = "SELECT set_id, kind_id, auxiliary_id FROM {auxiliary_set_item}"
    few = len(chosen) <= _FEW
    items: dict[int, list[tuple[int, int]]] = {}
    rows = fetch_all(sql + (f" WHERE set_id IN ({marks(chosen)})" if few else ""), chosen if few else ())
    for set_id, kind_id, item_id in rows:
        if few or set_id in wanted:
            survivor = survivors.get(int(item_id), int(item_id))
            items.setdefault(set_id, []).append((ranks[kind_id], survivor))
    for set_id, ranked in items.items():
        if len(ranked) == 1:
            parties[set_id] = (ranked[0][1],)
        else:
            best = min(rank for rank, _ in ranked)
            parties[set_id] = tuple(sorted(item_id for rank, item_id in ranked if rank == best))
    return parties


def _rank(kind: str) -> int:
    if kind in COUNTERPARTIES:
        return 0
    return 2 if kind in NO_COUNTERPARTIES else 1


def _survivors() -> dict[int, int]:
    """Return the item that each merged one goes by now."""
    merged: dict[int, int] = {
        row[0]: row[1] for row in fetch_all("SELECT id, merged_into FROM {auxiliary} WHERE merged_into > 0")
    }

    def last(item_id: int) -> int:
        seen = {item_id}
        while item_id in merged and merged[item_id] not in seen:
            item_id = merged[item_id]
            seen.add(item_id)
        return item_id

    return {item_id: last(item_id) for item_id in merged}


def party_texts(parties: Iterable[PartyKey]) -> dict[PartyKey, str]:
    """Return how counterparties are written, `客户:甲公司`, as reports can be filtered by."""
    wanted = set(parties)
    items = sorted({item_id for party in wanted for item_id in party})
    if not items:
        return dict.fromkeys(wanted, "")
    names = {
        row[0]: f"{row[1]}:{row[2]}"
        for row in fetch_all(
            "SELECT a.id, k.name, a.name FROM {auxiliary} a JOIN {auxiliary_kind} k ON k.id = a.kind_id"
            f" WHERE a.id IN ({marks(items)})",
            items,
        )
    }
    return {party: ";".join(names[item_id] for item_id in party) for party in wanted}
