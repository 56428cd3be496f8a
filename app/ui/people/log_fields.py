"""How the fields of logged objects read: which are told, and what their values say."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

from app.ui.language import tr
from app.ui.people.log_field_names import field_name
from app.ui.presence.others import joined

UNTOLD = frozenset({"id", "version", "permission_version", "pinyin", "faults", "warnings", "request_id", "modified_ns"})
"""Fields that only the program reads; they differ with every change."""
_SAID_OTHERWISE = frozenset({"line", "side", "unvalued", "is_cash", "own_amounts", "base_quantity"})
"""Fields of a line that follow from its place and its other fields."""
_NOTHING = frozenset({"0", "0.00"})
_STATES = frozenset({"state"})


def value_text(name: str, value: Any) -> str:
    """Return a value as people read it; what has parts is written with the names of its fields."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return tr("是") if value else tr("否")
    if isinstance(value, int) and name.endswith("_at"):
        return moment_text(value)
    if isinstance(value, str):
        return _state_name(value) if name in _STATES else value
    if isinstance(value, dict):
        return "  ".join(_parts(value))
    if isinstance(value, list):
        return joined([value_text("", one) for one in value])
    return str(value)


def is_told(name: str, fields: Mapping[str, Any]) -> bool:
    """Tell whether a field is shown beside the others of its object: of a thing and its number, the thing is."""
    return name not in UNTOLD and not (name.endswith("_id") and name.removesuffix("_id") in fields)


def _parts(line: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a line says, field by field, without those that say nothing."""
    for name, value in line.items():
        if is_told(name, line) and name not in _SAID_OTHERWISE and value is not False:
            text = value_text(name, value)
            if text and text not in _NOTHING and not (name.endswith("_id") and f"{name[:-3]}_code" in line):
                yield f"{field_name(name)} {text}"


def moment_text(at_ms: int, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    """Return a moment in the time of this computer."""
    try:
        moment = datetime.datetime.fromtimestamp(at_ms / 1000, datetime.UTC).astimezone()
    except (ValueError, OverflowError, OSError):
        return str(at_ms)
    return moment.strftime(form)


def minute_text(at_ms: int | None) -> str:
    """Return a moment to the minute; nothing for none."""
    return "" if at_ms is None else moment_text(at_ms, "%Y-%m-%d %H:%M")


def _state_name(state: str) -> str:
    names = {
        "draft": tr("草稿"),
        "reviewed": tr("已审核"),
        "posted": tr("已记账"),
        "void": tr("作废"),
        "open": tr("未结"),
        "closed": tr("已结账"),
        "done": tr("已完成"),
        "cancelled": tr("已冲销"),
        "disposed": tr("已处置"),
        "in_use": tr("在用"),
    }
    return names.get(state, state)
