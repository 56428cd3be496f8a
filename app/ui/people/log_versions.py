"""An object before and after a change, field by field and line by line; no Qt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.ui.people.log_field_names import field_name
from app.ui.people.log_fields import is_told, value_text
from app.ui.presence.differences import Difference, lines_beside


def version_rows(before: Any, after: Any) -> list[Difference]:
    """Return every field of either version, before (`was`) and after (`mine`)."""
    old, new = _fields(before), _fields(after)
    rows: list[Difference] = []
    for name in dict.fromkeys((*old, *new)):
        if not is_told(name, new or old):
            continue
        was, now = old.get(name), new.get(name)
        if _is_table(was) or _is_table(now):
            rows += _lines(name, was, now)
        else:
            old_text, text = value_text(name, was), value_text(name, now)
            rows.append(Difference(field_name(name), old_text, text, text))
    return rows


def _fields(version: Any) -> Mapping[str, Any]:
    if isinstance(version, Mapping):
        return version
    return {} if version is None else {"": version}


def _is_table(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(one, dict) for one in value)


def _lines(name: str, was: Any, now: Any) -> list[Difference]:
    old, new = ([value_text("", one) for one in value or ()] for value in (was, now))
    return lines_beside(old, new, new, table=field_name(name))
