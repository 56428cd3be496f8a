"""What documents and stock need to know of items, read for many at once, and quantities in base units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from app.contract.inventory import Costing
from app.inventory.errors import item_inactive, item_unknown
from app.kernel.errors import MalformedInput
from app.kernel.money import format_quantity
from app.kernel.text import Message, message
from app.storage.database import fetch_all, fetch_one, lock_suffix

SCALE = 100_000_000
"""Quantities, factors and unit prices are integers of a hundred-millionth."""
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """An item as documents and stock see it. `units` maps further units to their factor × 10^8."""

    id: int
    code: str
    name: str
    unit: str
    costing: Costing
    tracks_lots: bool
    tracks_expiry: bool
    kind: Literal["goods", "service"]
    category_id: int | None
    tax_rate: str
    """Per cent as typed, such as `13`; empty: the book's usual rate."""
    active: bool
    units: Mapping[str, int]
    specification: str = ""

    @property
    def shown(self) -> Message:
        """Return what people call the item."""
        return message("商品 {code} {name}", code=self.code, name=self.name)

    def factor(self, unit: str) -> int:
        """Return how many base units × 10^8 one `unit` is; empty is the base unit. Raises `MalformedInput`."""
        if not unit or unit == self.unit:
            return SCALE
        factor = self.units.get(unit)
        if factor is None:
            known = "、".join(filter(None, [self.unit, *self.units]))
            sentence = message("{item}没有单位“{unit}”，可用的是 {units}。", item=self.shown, unit=unit, units=known)
            raise MalformedInput("unit_unknown", sentence)
        return factor


def item_facts(ids: Iterable[int], *, lock: bool = False) -> dict[int, ItemFacts]:
    """Return the facts of items by id; ids nobody has are left out.

    With `lock` the rows of the items are locked, the lower id first, as the order of locks asks for (call inside
    `run_unit`).
    """
    wanted = sorted(set(ids))
    found: dict[int, ItemFacts] = {}
    for start in range(0, len(wanted), _CHUNK):
        chunk = wanted[start : start + _CHUNK]
        places = ", ".join("?" * len(chunk))
        suffix = lock_suffix() if lock else ""
        rows = fetch_all(
            "SELECT i.id, i.code, i.name, i.unit, i.costing, i.tracks_lots, i.tracks_expiry, i.kind, i.category_id,"
            " i.tax_rate, i.active, i.specification, u.unit, u.factor FROM {item} i"
            f" LEFT JOIN {{item_unit}} u ON u.item_id = i.id WHERE i.id IN ({places})"
            f" ORDER BY i.id, u.factor, u.unit{suffix}",
            chunk,
        )
        units: dict[int, dict[str, int]] = {}
        for item_id, *_, unit, factor in rows:
            if unit is not None:
                units.setdefault(int(item_id), {})[unit] = int(factor)
        for row in rows:
            if row[0] in found:
                continue
            found[row[0]] = ItemFacts(
                id=int(row[0]),
                code=row[1],
                name=row[2],
                unit=row[3],
                costing=row[4],
                tracks_lots=bool(row[5]),
                tracks_expiry=bool(row[6]),
                kind=row[7],
                category_id=None if row[8] is None else int(row[8]),
                tax_rate=row[9],
                active=bool(row[10]),
                units=units.get(row[0], {}),
                specification=row[11],
            )
    return found


def read_item(item_id: int, *, lock: bool = False) -> ItemFacts:
    """Return the facts of one item. Raises `NotFound`."""
    facts = item_facts([item_id], lock=lock).get(item_id)
    if facts is None:
        raise item_unknown(item_id)
    return facts


def chosen_items(ids: Iterable[int], *, lock: bool = False) -> dict[int, ItemFacts]:
    """Return the facts of items somebody chose for a document.

    Raises `NotFound` for one that is not there, `RuleBroken` for one that is not used any more.
    """
    wanted = set(ids)
    found = item_facts(wanted, lock=lock)
    for item_id in sorted(wanted):
        facts = found.get(item_id)
        if facts is None:
            raise item_unknown(item_id)
        if not facts.active:
            raise item_inactive(facts.shown)
    return found


def base_quantity(facts: ItemFacts, quantity: int, unit: str) -> int:
    """Return a quantity (× 10^8) of a unit in base units (× 10^8), exactly.

    Raises `MalformedInput` for a unit the item does not have, and where eight decimals cannot hold the outcome.
    """
    product = quantity * facts.factor(unit)
    base, rest = divmod(product, SCALE)
    if rest:
        sentence = message(
            "{item}：{quantity} {unit} 折成 {base} 除不尽，请改用 {base} 填写数量。",
            item=facts.shown,
            quantity=format_quantity(quantity),
            unit=unit,
            base=facts.unit or message("基本单位"),
        )
        raise MalformedInput("quantity_inexact", sentence)
    return base


def item_id_of_code(code: str) -> int | None:
    """Return the item with a code or, failing that, a barcode (of any unit)."""
    row = fetch_one("SELECT id FROM {item} WHERE code = ?", (code,)) or fetch_one(
        "SELECT item_id FROM {item_barcode} WHERE barcode = ?", (code,)
    )
    return None if row is None else int(row[0])
