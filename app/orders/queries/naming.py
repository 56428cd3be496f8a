"""Names beside the ids of documents and lines, read for many rows at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from app.orders.queries.loading import CHUNK, StoredDocument, StoredLine, places
from app.storage.database import Row, fetch_all

_CONTACTS = (
    "SELECT a.id, COALESCE(s.name, a.name) FROM {auxiliary} a LEFT JOIN {auxiliary} s ON s.id = a.merged_into"
    " WHERE a.id IN @ids"
)
_TOGETHER = {
    "contact": _CONTACTS.replace("a.id, COALESCE(s.name, a.name)", "'contact', a.id, COALESCE(s.name, a.name), '', 0"),
    "person": "SELECT 'person', id, name, '', 0 FROM {user} WHERE id IN @ids",
    "item": "SELECT 'item', id, code, name, 0 FROM {item} WHERE id IN @ids",
    "warehouse": "SELECT 'warehouse', id, name, '', 0 FROM {warehouse} WHERE id IN @ids",
    "source": "SELECT 'source', l.id, COALESCE(d.number, ''), '', 0 FROM {document_line} l"
    " JOIN {document} d ON d.id = l.document_id WHERE l.id IN @ids",
    "move": "SELECT 'move', id, '', '', amount + recosted FROM {stock_move} WHERE amount IS NOT NULL AND id IN @ids",
}
"""By what it names: kind, id, a text, another, an amount."""


class Names(NamedTuple):
    """What stands beside the ids of documents and their lines.

    Contacts that were merged have their survivor's name; items have code and name; a line's source is the number of
    its document; moves have what they came to by now, those whose cost is still unknown are left out.
    """

    contacts: dict[int, str]
    people: dict[int, str]
    items: dict[int, tuple[str, str]]
    warehouses: dict[int, str]
    sources: dict[int, str]
    moves: dict[int, int]


def names_of(documents: Sequence[StoredDocument] = (), lines: Sequence[StoredLine] = ()) -> Names:
    """Return all names of documents and lines, asked for together."""
    found = _read_together(
        {
            "contact": (document.contact_id for document in documents),
            "person": (number for document in documents for number in (document.person_id, document.created_by)),
            "item": (line.item_id for line in lines),
            "warehouse": (line.warehouse_id for line in lines),
            "source": (line.source_line_id for line in lines),
            "move": (line.move_id for line in lines),
        }
    )
    texts = {kind: {int(row[1]): str(row[2]) for row in rows} for kind, rows in found.items()}
    return Names(
        contacts=texts["contact"],
        people=texts["person"],
        items={int(row[1]): (str(row[2]), str(row[3])) for row in found["item"]},
        warehouses=texts["warehouse"],
        sources=texts["source"],
        moves={int(row[1]): int(row[4]) for row in found["move"]},
    )


def _read_together(ids: Mapping[str, Iterable[int | None]]) -> dict[str, list[Row]]:
    """Run the queries of `_TOGETHER` for ids as one statement, or as many as the longest list has chunks."""
    waiting = {kind: sorted({number for number in wanted if number is not None}) for kind, wanted in ids.items()}
    found: dict[str, list[Row]] = {kind: [] for kind in waiting}
    while any(waiting.values()):
        now = {kind: wanted[:CHUNK] for kind, wanted in waiting.items() if wanted}
        parts = [_TOGETHER[kind].replace("@ids", f"({places(wanted)})") for kind, wanted in now.items()]
        for row in fetch_all(" UNION ALL ".join(parts), [number for wanted in now.values() for number in wanted]):
            found[row[0]].append(row)
        waiting = {kind: wanted[CHUNK:] for kind, wanted in waiting.items()}
    return found


def _read(sql: str, ids: Iterable[int | None]) -> list[Row]:
    """Run a query with `IN (…)` in place of `@ids` for all ids, in chunks."""
    wanted = sorted({number for number in ids if number is not None})
    rows: list[Row] = []
    for start in range(0, len(wanted), CHUNK):
        chunk: Sequence[int] = wanted[start : start + CHUNK]
        rows += fetch_all(sql.replace("@ids", f"({places(chunk)})"), chunk)
    return rows


def contact_names(ids: Iterable[int | None]) -> dict[int, str]:
    """Return the names of contacts; one that was merged into another is called by its survivor's."""
    return {int(row[0]): str(row[1]) for row in _read(_CONTACTS, ids)}


def contact_codes(ids: Iterable[int | None]) -> dict[int, str]:
    """Return the codes of contacts."""
    return {int(row[0]): str(row[1]) for row in _read("SELECT id, code FROM {auxiliary} WHERE id IN @ids", ids)}


def person_names(ids: Iterable[int | None]) -> dict[int, str]:
    """Return the names of people."""
    return {int(row[0]): str(row[1]) for row in _read("SELECT id, name FROM {user} WHERE id IN @ids", ids)}


def item_names(ids: Iterable[int | None]) -> dict[int, tuple[str, str]]:
    """Return code and name of items."""
    rows = _read("SELECT id, code, name FROM {item} WHERE id IN @ids", ids)
    return {int(row[0]): (str(row[1]), str(row[2])) for row in rows}


def account_names(ids: Iterable[int | None]) -> dict[int, tuple[str, str]]:
    """Return code and name of accounts."""
    rows = _read("SELECT id, code, name_zh FROM {account} WHERE id IN @ids", ids)
    return {int(row[0]): (str(row[1]), str(row[2])) for row in rows}


def item_units(ids: Iterable[int | None]) -> dict[int, str]:
    """Return the base units of items."""
    return {int(row[0]): str(row[1]) for row in _read("SELECT id, unit FROM {item} WHERE id IN @ids", ids)}
