"""Auxiliary dimensions, their items, and sets of items as one id."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from app.contract.ledger import Auxiliary, AuxiliaryInput
from app.identity import audit
from app.identity.actor import Actor
from app.kernel.errors import Conflict, MalformedInput
from app.kernel.text import Message, clean_text, message
from app.ledger.pinyin import pinyin_of
from app.ledger.queries.auxiliaries import get_auxiliary
from app.ledger.queries.auxiliary_names import name_changed
from app.ledger.service.rules import SetFacts
from app.storage.database import execute, fetch_all, fetch_one, insert_returning_id, run_unit

EMPTY_SET = 0
KIND_SEPARATOR = ":"
ITEM_SEPARATOR = ";"
_COLON = re.compile("[:：]")
KIND_NAMES_EN = {
    "客户": "Customer",
    "供应商": "Supplier",
    "职员": "Employee",
    "部门": "Department",
    "项目": "Project",
    "存货": "Stock item",
    "产品": "Product",
    "往来": "Counterparty",
    "投资者": "Investor",
    "被投资单位": "Investee",
    "债权人": "Creditor",
    "贷款人": "Lender",
    "资产": "Asset",
}
"""English names of the usual dimensions; a book's own have the one name they were given."""


def parse_aux(text: str) -> dict[str, str]:
    """Read `客户:甲公司;部门:一车间` as kind → item name. Raises `MalformedInput`."""
    items: dict[str, str] = {}
    for part in text.replace("；", ITEM_SEPARATOR).split(ITEM_SEPARATOR):
        if not part.strip():
            continue
        # The first colon of either width parts kind and name; the name itself may hold others.
        parted = _COLON.split(part, maxsplit=1)
        kind, separator, name = (parted[0], KIND_SEPARATOR, parted[1]) if len(parted) > 1 else (part, "", "")
        kind, name = clean_text(kind), clean_text(name)
        if not separator or not kind or not name or kind in items:
            raise MalformedInput(
                "aux_malformed", message("“{text}”不是辅助核算，请写成 客户:甲公司;部门:一车间 的样子。", text=text)
            )
        items[kind] = name
    return items


def create_auxiliary(actor: Actor, new: AuxiliaryInput) -> Auxiliary:
    """Add an item to a dimension; an unknown dimension is made. Raises `Conflict` when the name is taken."""
    actor.require("ledger:auxiliary:add")

    def work() -> Auxiliary:
        name = checked_name(new.name, message("名称"))
        kind_id = ensure_kind(new.kind)
        if fetch_one("SELECT id FROM {auxiliary} WHERE kind_id = ? AND name = ?", (kind_id, name)):
            raise Conflict("auxiliary_exists", message("{kind}里已有“{name}”。", kind=clean_text(new.kind), name=name))
        item_id = _insert_item(kind_id, name, clean_text(new.code))
        view = get_auxiliary(item_id)
        audit.record(actor, "ledger:auxiliary:add", "auxiliary", item_id, after=view.model_dump())
        return view

    return run_unit(work)


def ensure_kind(name: str) -> int:
    """Return the id of a dimension, made when it is not there."""
    cleaned = checked_name(name, message("辅助核算类别"))
    row = fetch_one("SELECT id FROM {auxiliary_kind} WHERE name = ?", (cleaned,))
    if row:
        return int(row[0])
    return insert_returning_id(
        "INSERT INTO {auxiliary_kind} (name, name_en, active) VALUES (?, ?, 1)",
        (cleaned, KIND_NAMES_EN.get(cleaned, "")),
    )


def checked_name(text: str, what: Message) -> str:
    """Return the name of a dimension or item as it is stored. Raises `MalformedInput` for none or one with `;`."""
    name = clean_text(text)
    if not name or ITEM_SEPARATOR in name or "；" in name:
        raise MalformedInput("auxiliary_name", message("{what}不能为空，也不能有分号。", what=what))
    return name


def _insert_item(kind_id: int, name: str, code: str) -> int:
    initials, spelling = pinyin_of(name)
    item_id = insert_returning_id(
        "INSERT INTO {auxiliary} (kind_id, name, code, pinyin_initials, pinyin_sort, active, merged_into, version)"
        " VALUES (?, ?, ?, ?, ?, 1, NULL, 1)",
        (kind_id, name, code, initials, spelling),
    )
    name_changed(item_id)
    return item_id


class SetResolver:
    """Turns aux texts into set ids, remembering each text; `make_missing` adds unknown kinds and items."""

    def __init__(self, *, make_missing: bool) -> None:
        """Start with nothing remembered."""
        self._make_missing = make_missing
        self._ids: dict[str, int] = {"": EMPTY_SET}
        self.facts: dict[int, SetFacts] = {EMPTY_SET: SetFacts(frozenset(), True)}
        self.signatures: dict[int, str] = {EMPTY_SET: ""}
        self.made_items: list[str] = []

    def resolve(self, text: str) -> int:
        """Return the id of the set a text names. Raises `MalformedInput` for what is unknown."""
        found = self._ids.get(text)
        if found is None:
            found = self._ids[text] = self._resolve(parse_aux(text))
        return found

    def _resolve(self, items: Mapping[str, str]) -> int:
        pairs: list[tuple[int, int]] = []
        active = True
        for kind, name in items.items():
            kind_id, item_id, item_active = self._item(kind, name)
            pairs.append((kind_id, item_id))
            active = active and item_active
        set_id, signature = ensure_set(pairs)
        self.facts[set_id] = SetFacts(frozenset(kind_id for kind_id, _ in pairs), active)
        self.signatures[set_id] = signature
        return set_id

    def _item(self, kind: str, name: str) -> tuple[int, int, bool]:
        row = fetch_one(
            "SELECT k.id, a.id, a.active, a.merged_into FROM {auxiliary} a JOIN {auxiliary_kind} k ON k.id = a.kind_id"
            " WHERE k.name = ? AND a.name = ?",
            (kind, name),
        )
        if row and row[3] is not None:
            row = fetch_one("SELECT kind_id, id, active, NULL FROM {auxiliary} WHERE id = ?", (row[3],))
        if row:
            return int(row[0]), int(row[1]), bool(row[2])
        if not self._make_missing:
            raise MalformedInput("auxiliary_unknown", message("没有{kind}“{name}”，请先新增它。", kind=kind, name=name))
        kind_id = ensure_kind(kind)
        self.made_items.append(f"{kind}{KIND_SEPARATOR}{name}")
        return kind_id, _insert_item(kind_id, checked_name(name, message("名称")), ""), True


def ensure_set(pairs: Iterable[tuple[int, int]]) -> tuple[int, str]:
    """Return id and signature of the set of (kind id, item id) pairs, made when it is not there."""
    ordered = sorted(pairs)
    if not ordered:
        return EMPTY_SET, ""
    signature = ITEM_SEPARATOR.join(f"{kind}{KIND_SEPARATOR}{item}" for kind, item in ordered)
    row = fetch_one("SELECT id FROM {auxiliary_set} WHERE signature = ?", (signature,))
    if row:
        return int(row[0]), signature
    set_id = insert_returning_id("INSERT INTO {auxiliary_set} (signature) VALUES (?)", (signature,))
    for kind, item in ordered:
        execute(
            "INSERT INTO {auxiliary_set_item} (set_id, kind_id, auxiliary_id) VALUES (?, ?, ?)", (set_id, kind, item)
        )
    return set_id, signature


def read_set_facts(set_ids: Iterable[int]) -> dict[int, SetFacts]:
    """Return the facts of stored sets."""
    wanted = sorted({set_id for set_id in set_ids if set_id != EMPTY_SET})
    facts = {EMPTY_SET: SetFacts(frozenset(), True)}
    if not wanted:
        return facts
    rows = fetch_all(
        "SELECT i.set_id, i.kind_id, a.active FROM {auxiliary_set_item} i JOIN {auxiliary} a ON a.id = i.auxiliary_id"
        f" WHERE i.set_id IN ({', '.join('?' * len(wanted))})",
        wanted,
    )
    kinds: dict[int, set[int]] = {set_id: set() for set_id in wanted}
    inactive = {set_id for set_id, _, active in rows if not active}
    for set_id, kind_id, _ in rows:
        kinds[set_id].add(kind_id)
    facts.update({set_id: SetFacts(frozenset(found), set_id not in inactive) for set_id, found in kinds.items()})
    return facts


def read_signatures(set_ids: Iterable[int]) -> dict[int, str]:
    """Return the signatures of stored sets."""
    wanted = sorted(set(set_ids) - {EMPTY_SET})
    found = {EMPTY_SET: ""}
    if wanted:
        places = ", ".join("?" * len(wanted))
        rows = fetch_all(f"SELECT id, signature FROM {{auxiliary_set}} WHERE id IN ({places})", wanted)
        found |= {int(set_id): str(signature) for set_id, signature in rows}
    return found
