"""Changing many rows, each to something of its own: one statement for a server, which is asked once a statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.storage.database import current_book, execute, execute_many

CHUNK = 200
"""How many rows one statement changes on a server."""


def update_rows(table: str, columns: Sequence[str], rows: Mapping[int, Sequence[Any]], *, add: bool = False) -> None:
    """Write the columns of rows by their `id`; with `add` the values are added to what is there.

    A file takes one short statement after another faster than one long one.
    """
    if not rows:
        return
    ordered = sorted(rows.items())
    if current_book().is_sqlite or len(ordered) == 1:
        sets = ", ".join(f"{column} = {column} + ?" if add else f"{column} = ?" for column in columns)
        execute_many(f"UPDATE {{{table}}} SET {sets} WHERE id = ?", [(*values, row_id) for row_id, values in ordered])
        return
    for start in range(0, len(ordered), CHUNK):
        _update_together(table, columns, ordered[start : start + CHUNK], add=add)


def _update_together(
    table: str, columns: Sequence[str], rows: Sequence[tuple[int, Sequence[Any]]], *, add: bool
) -> None:
    cases = "CASE id" + " WHEN ? THEN ?" * len(rows) + " END"
    sets = ", ".join(f"{column} = {column} + {cases}" if add else f"{column} = {cases}" for column in columns)
    places = ", ".join("?" * len(rows))
    values = [part for index in range(len(columns)) for row_id, row in rows for part in (row_id, row[index])]
    execute(f"UPDATE {{{table}}} SET {sets} WHERE id IN ({places})", [*values, *(row_id for row_id, _ in rows)])
