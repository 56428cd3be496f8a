"""An item as it was typed, read into what its table holds; every wrong field is named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from app.contract.inventory import ItemInput, ItemUnit
from app.kernel.errors import MalformedInput
from app.kernel.money import QUANTITY_DIGITS, format_quantity, parse_amount
from app.kernel.text import Message, clean_text, message
from app.ledger.pinyin import pinyin_of

_UNIT_SEPARATORS = frozenset(":;：；")
"""They part units and factors in files, so that a unit's name cannot hold them."""
HUNDRED_PER_CENT = 100 * 10**QUANTITY_DIGITS


@dataclass(slots=True)
class ReadItem:
    """Columns of the item, its further units as (unit, factor × 10^8, barcode), and what is wrong by field."""

    columns: dict[str, Any]
    units: list[tuple[str, int, str]]
    wrong: dict[str, Message] = field(default_factory=dict)

    @property
    def barcodes(self) -> list[tuple[str, str]]:
        """Return every barcode with the unit it stands for."""
        own = self.columns["barcode"]
        found = [(own, self.columns["unit"])] if own else []
        return found + [(barcode, unit) for unit, _, barcode in self.units if barcode]


def read_fields(new: ItemInput) -> ReadItem:
    """Read an item. Nothing is looked up: whether codes are free and the category is there is judged elsewhere."""
    wrong: dict[str, Message] = {}
    name = clean_text(new.name)
    code = clean_text(new.code)
    unit = clean_text(new.unit)
    if not name:
        wrong["name"] = message("请填写商品名称。")
    if new.kind == "goods" and not unit:
        wrong["unit"] = message("请填写计量单位，如 个、箱、千克。")
    elif _UNIT_SEPARATORS & set(unit):
        wrong["unit"] = message("单位里不能有冒号和分号。")
    columns: dict[str, Any] = {
        "code": code,
        "name": name,
        "specification": clean_text(new.specification),
        "barcode": clean_text(new.barcode),
        "kind": new.kind,
        "category_id": new.category_id,
        "unit": unit,
        "costing": new.costing,
        "tracks_lots": int(new.tracks_lots),
        "tracks_expiry": int(new.tracks_expiry),
        "tax_rate": _rate(new.tax_rate, wrong),
        "note": clean_text(new.note),
    }
    for column, text in (
        ("sales_price", new.sales_price),
        ("purchase_price", new.purchase_price),
        ("reorder_level", new.reorder_level),
    ):
        columns[column] = _number(text, column, wrong)
    _check_lots(new, wrong)
    read = ReadItem(columns, _units(new.units, unit, wrong), wrong)
    seen = [barcode for barcode, _ in read.barcodes]
    if len(seen) != len(set(seen)):
        wrong["barcode"] = message("同一商品的几个条码不能相同。")
    initials, _ = pinyin_of(name)
    columns["pinyin"] = initials
    return read


def search_words(read: ReadItem) -> bytes:
    """Return what look-ups go through: one value, so that a key typed costs one comparison a row."""
    columns = read.columns
    parts = [columns["code"], columns["name"], columns["pinyin"], columns["specification"]]
    parts += [barcode for barcode, _ in read.barcodes]
    return "\n".join(part for part in parts if part).lower().encode()


def _check_lots(new: ItemInput, wrong: dict[str, Message]) -> None:
    if new.kind == "service" and (new.tracks_lots or new.tracks_expiry):
        wrong["tracks_lots"] = message("服务没有库存，不分批次。")
    elif new.tracks_expiry and not new.tracks_lots:
        wrong["tracks_expiry"] = message("有效期按批次登记，请同时启用批次管理。")
    elif new.costing == "lot" and not new.tracks_lots:
        wrong["costing"] = message("个别计价按批次计算成本，请同时启用批次管理。")


def _rate(text: str, wrong: dict[str, Message]) -> str:
    cleaned = clean_text(text).removesuffix("%").removesuffix("％")
    if not cleaned:
        return ""
    try:
        rate = parse_amount(cleaned, QUANTITY_DIGITS)
    except MalformedInput:
        rate = -1
    if not 0 <= rate <= HUNDRED_PER_CENT:
        wrong["tax_rate"] = message("“{text}”不是税率，请写成 13 或 6 的样子（百分数）。", text=text)
    return format_quantity(rate)


def _number(text: str, name: str, wrong: dict[str, Message]) -> int | None:
    if not text.strip():
        return None
    try:
        value = parse_amount(text, QUANTITY_DIGITS)
    except MalformedInput as error:
        wrong[name] = error.message
        return None
    if value < 0:
        wrong[name] = message("不能小于零。")
        return None
    return value


def _units(units: Sequence[ItemUnit], base: str, wrong: dict[str, Message]) -> list[tuple[str, int, str]]:
    read: list[tuple[str, int, str]] = []
    seen = {base}
    for position, typed in enumerate(units):
        unit = clean_text(typed.unit)
        if not unit:
            wrong[f"units.{position}.unit"] = message("请填写单位。")
        elif _UNIT_SEPARATORS & set(unit):
            wrong[f"units.{position}.unit"] = message("单位里不能有冒号和分号。")
        elif unit in seen:
            wrong[f"units.{position}.unit"] = message("单位“{unit}”重复了。", unit=unit)
        seen.add(unit)
        factor = _number(typed.factor, f"units.{position}.factor", wrong)
        if not factor and f"units.{position}.factor" not in wrong:
            wrong[f"units.{position}.factor"] = message("请填写一个{unit}等于多少基本单位，大于零。", unit=unit)
        read.append((unit, factor or 0, clean_text(typed.barcode)))
    return read
