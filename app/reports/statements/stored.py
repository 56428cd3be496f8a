"""The definitions a book has: built in, changed, its own. Stored as JSON only where they are not the built-in ones."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from app.contract.statements import (
    DefinitionCheck,
    DefinitionRow,
    StatementDefinition,
    StatementHead,
    StatementSettings,
    VatPresentation,
)
from app.reports.statements.definition import (
    Check,
    Definition,
    Row,
    book_chart,
    builtin_definitions,
    mark_exact,
    statement_unknown,
)
from app.storage.book_settings import get_setting
from app.storage.database import fetch_all, fetch_one, lock_suffix, register_table

register_table("statement_definition", "ledger")
register_table("reclassification", "ledger")

VAT_SETTING = "vat_presentation"
VAT_DEFAULT: VatPresentation = "text_2011"
VERSION_SETTING = "statement_settings_version"
"""Counts the changes of `VAT_SETTING`."""


class Stored(NamedTuple):
    """Who changed a definition last, and which change it was."""

    id: int
    version: int
    changed_by: str | None
    changed_at: int


def read_definitions() -> dict[str, Definition]:
    """Return all definitions of the book: the forms of its standard in their order, then its own by name."""
    builtin = builtin_definitions(book_chart())
    found = dict(builtin)
    for name, content, version in fetch_all("SELECT name, content, version FROM {statement_definition} ORDER BY name"):
        found[name] = _decoded(name, json.loads(content), int(version), builtin.get(name))
    return found


def definition_called(name: str, definitions: Mapping[str, Definition]) -> Definition:
    """Return a definition by name. Raises `NotFound` that says which the book has."""
    if name not in definitions:
        raise statement_unknown(name, definitions)
    return definitions[name]


def read_stored(name: str, *, lock: bool = False) -> Stored | None:
    """Return who changed a definition last; `None` for one that is as it was built in.

    `lock` keeps others from changing it until the unit ends.
    """
    if lock:
        fetch_one(f"SELECT id FROM {{statement_definition}} WHERE name = ?{lock_suffix()}", (name,))
    row = fetch_one(
        "SELECT d.id, d.version, u.name, d.changed_at FROM {statement_definition} d"
        " LEFT JOIN {user} u ON u.id = d.changed_by WHERE d.name = ?",
        (name,),
    )
    return None if row is None else Stored(*row)


def vat_presentation() -> VatPresentation:
    """Return how the book presents VAT debit balances; the 2011 text's way until it chooses."""
    return "reclass_2016" if get_setting(VAT_SETTING, VAT_DEFAULT) == "reclass_2016" else VAT_DEFAULT


def statement_settings() -> StatementSettings:
    """Return how the book presents its statements."""
    return StatementSettings(vat_presentation=vat_presentation(), version=get_setting(VERSION_SETTING, 1))


def encoded(definition: Definition) -> str:
    """Return a definition as it is stored."""
    content = dataclasses.asdict(definition)
    for name in ("name", "origin", "version"):
        del content[name]
    for row in content["rows"]:
        del row["exact"]
    return json.dumps(content, ensure_ascii=False)


def _decoded(name: str, content: Mapping[str, Any], version: int, builtin: Definition | None) -> Definition:
    definition = Definition(
        name=name,
        title_zh=content["title_zh"],
        title_en=content["title_en"],
        form=content["form"],
        layout=content["layout"],
        rows=tuple(Row(**row) for row in content["rows"]),
        checks=tuple(Check(**{**check, "columns": tuple(check["columns"])}) for check in content["checks"]),
        origin="own" if builtin is None else "changed",
        version=version,
    )
    return mark_exact(definition, builtin)


# --- on the wire ---


def head_of(definition: Definition) -> StatementHead:
    """Return a definition as it stands in a list."""
    return StatementHead(
        name=definition.name,
        title_zh=definition.title_zh,
        title_en=definition.title_en,
        form=definition.form,
        origin=definition.origin,
    )


def shown_definition(definition: Definition, stored: Stored | None) -> StatementDefinition:
    """Return a definition whole."""
    names = list(DefinitionRow.model_fields)
    return StatementDefinition(
        name=definition.name,
        title_zh=definition.title_zh,
        title_en=definition.title_en,
        form=definition.form,
        layout=definition.layout,
        origin=definition.origin,
        rows=[DefinitionRow(**{name: getattr(row, name) for name in names}) for row in definition.rows],
        checks=[
            DefinitionCheck(left=check.left, relation=check.relation, right=check.right, columns=list(check.columns))
            for check in definition.checks
        ],
        version=definition.version,
        changed_by=stored.changed_by if stored else None,
        changed_at=stored.changed_at if stored else None,
    )
