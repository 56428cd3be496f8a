"""Many items at once, from a table of texts: all of them or none, and every row that cannot be taken is named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from app.contract.inventory import (
    Item,
    ItemCategoryInput,
    ItemChange,
    ItemImportError,
    ItemImportOutcome,
    ItemInput,
    ItemUnit,
)
from app.identity.actor import Actor
from app.inventory.errors import fields_wrong
from app.inventory.queries.item_texts import COSTING_NAMES, KIND_NAMES
from app.inventory.queries.items import category_names, get_item
from app.inventory.service.categories import create_category
from app.inventory.service.items import change_item, code_of_number, create_item, last_number
from app.kernel.errors import MalformedInput, PermissionDenied, UserError
from app.kernel.text import Message, clean_text, message
from app.storage.database import fetch_one, run_unit
from app.storage.progress import Progress, no_progress

MOST_ERRORS = 200
_TEXTS = ("name", "specification", "barcode", "unit", "tax_rate", "note")
_NUMBERS = ("sales_price", "purchase_price", "reorder_level")
_YES = frozenset({"y", "yes", "true", "1", "是", "在用", "启用", "√"})
_NO = frozenset({"n", "no", "false", "0", "否", "停用", "已停用"})
_UNITS = re.compile(r"[;；]")
_PARTS = re.compile(r"[=＝:：]")
_LEVELS = re.compile(r"\s*[/\\>]\s*")
_KIND_WORDS = {"商品": "goods", "存货": "goods", "货品": "goods", "劳务": "service"}
_COSTING_WORDS = {
    "移动加权": "moving",
    "移动平均": "moving",
    "加权平均": "monthly",
    "月末一次加权": "monthly",
    "月加权": "monthly",
    "个别计价法": "lot",
    "先进先出法": "fifo",
}
Shape = TypeVar("Shape", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class ItemRow:
    """A row of a table: its number in the file, and texts by column; what is missing or blank stays as it is."""

    row: int
    texts: Mapping[str, str]


class _GivenUp(Exception):
    """Takes back what was tried."""


def import_items(
    actor: Actor,
    rows: Iterable[ItemRow],
    *,
    dry_run: bool = False,
    progress: Progress = no_progress,
    english: Mapping[str, str] | None = None,
) -> ItemImportOutcome:
    """Add items, and change those whose code is there; units are replaced where the row names any.

    `english` is the catalogue whose words for kinds and costings are understood too. With any error nothing is kept; at
    most `MOST_ERRORS` are listed. Needs the rights to import, add and change, and for categories that are not there yet
    the one to keep categories.
    """
    actor.require("inventory:item:import")
    read = list(rows)
    if not read:
        raise MalformedInput("items_missing", message("没有找到商品：每行要有编码或名称。"))
    counts: dict[str, int] = {}
    errors: list[ItemImportError] = []

    def work() -> None:
        counts.update(added=0, changed=0, same=0)
        errors.clear()
        taking = _Taking(actor, english or {})
        for place, row in enumerate(read):
            if place % 100 == 0:
                progress(place, len(read), message("正在导入商品…"))
            try:
                counts[taking.take(row)] += 1
            except PermissionDenied:
                raise
            except UserError as error:
                errors.append(ItemImportError(row=row.row, reason=_reason(error)))
                if len(errors) == MOST_ERRORS:
                    break
        if errors or dry_run:
            raise _GivenUp

    try:
        run_unit(work)
    except _GivenUp:
        if errors:
            counts.update(added=0, changed=0, same=0)
    return ItemImportOutcome(**counts, errors=errors)


def _reason(error: UserError) -> str:
    sentences = list(dict.fromkeys(str(text) for text in error.fields.values()))
    return " ".join(sentences) if sentences else str(error.message)


class _Taking:
    """Takes one row after the other in."""

    def __init__(self, actor: Actor, english: Mapping[str, str]) -> None:
        self._actor = actor
        self._categories = {name: category_id for category_id, name in category_names().items()}
        self._rows: dict[str, int] = {}
        self._last_number: int | None = None
        self._kinds = _words(KIND_NAMES, english) | _KIND_WORDS
        self._costings = _words(COSTING_NAMES, english) | _COSTING_WORDS

    def take(self, row: ItemRow) -> str:
        """Add or change what a row names; return `added`, `changed` or `same`."""
        texts = {name: clean_text(text) for name, text in row.texts.items() if clean_text(text)}
        code = texts.get("code", "")
        if code:
            first = self._rows.setdefault(code, row.row)
            if first != row.row:
                raise fields_wrong({"code": message("编码“{code}”在第 {row} 行已经有了。", code=code, row=first)})
        values = self._values(texts)
        found = fetch_one("SELECT id FROM {item} WHERE code = ?", (code,)) if code else None
        if found is not None:
            return self._change(get_item(int(found[0])), values)
        active = values.pop("active", True)
        code = code or self._fresh_code()
        self._rows.setdefault(code, row.row)
        made = create_item(self._actor, _made(ItemInput, code=code, **{"name": "", **values}))
        if not active:
            change_item(self._actor, made.id, ItemChange(active=False))
        return "added"

    def _fresh_code(self) -> str:
        """Return the next number; asked of the book once, and from then on counted here."""
        if self._last_number is None:
            self._last_number = last_number()
        self._last_number += 1
        while code_of_number(self._last_number) in self._rows:
            self._last_number += 1
        return code_of_number(self._last_number)

    def _change(self, before: Item, values: dict[str, Any]) -> str:
        if values.get("kind", before.kind) != before.kind:
            raise fields_wrong({"kind": message("已有的商品不能改性质，请另建一个。")})
        values.pop("kind", None)
        differing = {key: value for key, value in values.items() if getattr(before, key) != value}
        if not differing:
            return "same"
        after = change_item(self._actor, before.id, _made(ItemChange, **differing))
        return "same" if after == before.model_copy(update={"version": after.version}) else "changed"

    def _values(self, texts: Mapping[str, str]) -> dict[str, Any]:
        values: dict[str, Any] = {name: texts[name] for name in (*_TEXTS, *_NUMBERS) if name in texts}
        if "kind" in texts:
            values["kind"] = _named(texts["kind"], self._kinds, "kind", message("性质"))
        if "costing" in texts:
            values["costing"] = _named(texts["costing"], self._costings, "costing", message("发出计价"))
        for name in ("tracks_lots", "tracks_expiry", "active"):
            if name in texts:
                values[name] = _yes_or_no(texts[name], name)
        if "units" in texts:
            values["units"] = read_units(texts["units"])
        if "category" in texts:
            values["category_id"] = self._category(texts["category"])
        return values

    def _category(self, text: str) -> int:
        """Return the category of a name or path (`文具/笔`); the names are the book's own, missing ones are made."""
        above: int | None = None
        for name in filter(None, (clean_text(part) for part in _LEVELS.split(text))):
            if name not in self._categories:
                new = _made(ItemCategoryInput, name=name, parent_id=above)
                self._categories[name] = create_category(self._actor, new).id
            above = self._categories[name]
        if above is None:
            raise fields_wrong({"category_id": message("类别“{text}”没有名称。", text=text)})
        return above


def _words(names: Mapping[Any, Message], english: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, name in names.items():
        found.update(dict.fromkeys((key, name.source.lower(), english.get(name.source, "").lower()), key))
    found.pop("", None)
    return found


def _named(text: str, words: Mapping[str, str], field: str, what: Message) -> str:
    found = words.get(text.lower())
    if found is None:
        raise fields_wrong({field: message("{what}“{text}”不认识。", what=what, text=text)})
    return found


def _yes_or_no(text: str, field: str) -> bool:
    word = text.lower()
    if word not in _YES | _NO:
        raise fields_wrong({field: message("“{text}”应填 是 或 否。", text=text)})
    return word in _YES


def read_units(text: str) -> list[ItemUnit]:
    """Read further units written as `箱=24;托=960=6901234567892`. Raises `MalformedInput`."""
    units: list[ItemUnit] = []
    for part in filter(None, (clean_text(one) for one in _UNITS.split(text))):
        parts = [clean_text(one) for one in _PARTS.split(part)]
        if len(parts) not in {2, 3}:
            sentence = message("其他单位“{text}”请写成 箱=24;托=960 的样子。", text=part)
            raise fields_wrong({"units": sentence})
        units.append(_made(ItemUnit, **dict(zip(("unit", "factor", "barcode"), parts, strict=False))))
    return units


def _made(shape: type[Shape], **values: Any) -> Shape:
    """Return a shape of what a row holds. Raises `MalformedInput` for texts that are far too long."""
    try:
        return shape(**values)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)[0]
        name = str(found["loc"][0]) if found["loc"] else ""
        limit = (found.get("ctx") or {}).get("max_length", "?")
        raise fields_wrong({name: message("“{name}”太长，最多 {limit} 个字。", name=name, limit=limit)}) from error
