"""Documents and their lines as they are stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from app.kernel.text import Message, message
from app.orders.errors import document_unknown
from app.orders.kinds import KINDS, Kind
from app.storage.database import fetch_all, lock_suffix


class StoredDocument(NamedTuple):
    """A row of `document`."""

    id: int
    kind: str
    number: str | None
    date: str
    state: str
    contact_id: int | None
    person_id: int | None
    reference: str
    due_date: str
    warehouse_id: int | None
    prices_include_tax: int
    deductible: int
    discount: int
    net: int
    tax: int
    gross: int
    settled: int
    note: str
    reason: str
    counter_of: int | None
    cancelled_by: int | None
    version: int
    created_by: int

    @property
    def nature(self) -> Kind:
        """Return what its kind does."""
        return KINDS[self.kind]

    @property
    def name(self) -> Message:
        """Return what people call it."""
        if self.number is None:
            return message("{kind}草稿（{id}）", kind=self.nature.name, id=self.id)
        return message("{kind} {number}", kind=self.nature.name, number=self.number)


class StoredLine(NamedTuple):
    """A row of `document_line`."""

    id: int
    document_id: int
    line: int
    item_id: int | None
    description: str
    quantity: int
    unit: str
    base_quantity: int
    unit_price: int
    discount_percent: str
    tax_rate: str
    net: int
    tax: int
    gross: int
    own_amounts: int
    cost: int | None
    estimate: int
    taken: int
    move_id: int | None
    warehouse_id: int | None
    lot: str
    expiry: str
    source_line_id: int | None
    ordered: int
    moved: int
    invoiced: int
    returned: int
    credited: int


DOCUMENT_COLUMNS = ", ".join(f"d.{name}" for name in StoredDocument._fields)
LINE_COLUMNS = ", ".join(f"l.{name}" for name in StoredLine._fields)
CHUNK = 500
"""How many values one list in SQL holds."""


def load_document(document_id: int) -> StoredDocument:
    """Return a document as stored. Raises `NotFound`."""
    return load_documents([document_id])[0]


def load_documents(ids: Sequence[int], *, lock: bool = False) -> list[StoredDocument]:
    """Return documents by ascending id, with `lock` held until the unit ends. Raises `NotFound` for a missing one."""
    wanted = sorted(set(ids))
    found: list[StoredDocument] = []
    for start in range(0, len(wanted), CHUNK):
        chunk = wanted[start : start + CHUNK]
        rows = fetch_all(
            f"SELECT {DOCUMENT_COLUMNS} FROM {{document}} d WHERE d.id IN ({places(chunk)}) ORDER BY d.id"
            f"{lock_suffix() if lock else ''}",
            chunk,
        )
        found += [StoredDocument(*row) for row in rows]
    missing = set(wanted) - {document.id for document in found}
    if missing:
        raise document_unknown(min(missing))
    return found


def load_lines(document_ids: Sequence[int]) -> list[StoredLine]:
    """Return the lines of documents, document by document in their order."""
    return _lines("document_id", document_ids)


def load_lines_by_id(line_ids: Sequence[int]) -> list[StoredLine]:
    """Return lines by their ids; those that do not exist are left out."""
    return _lines("id", line_ids)


def _lines(column: str, ids: Sequence[int]) -> list[StoredLine]:
    wanted = sorted(set(ids))
    found: list[StoredLine] = []
    for start in range(0, len(wanted), CHUNK):
        chunk = wanted[start : start + CHUNK]
        rows = fetch_all(
            f"SELECT {LINE_COLUMNS} FROM {{document_line}} l WHERE l.{column} IN ({places(chunk)})"
            " ORDER BY l.document_id, l.line",
            chunk,
        )
        found += [StoredLine(*row) for row in rows]
    return found


_FAMILY = (
    "WITH RECURSIVE family (id) AS (SELECT id FROM {document_line} WHERE document_id = ?"
    " UNION SELECT f.source_line_id FROM {document_line} f JOIN family ON family.id = f.id"
    f" WHERE f.source_line_id IS NOT NULL) SELECT {LINE_COLUMNS} FROM family JOIN {{document_line}} l"
    " ON l.id = family.id ORDER BY l.document_id, l.line"
)


def load_family_lines(document_id: int) -> list[StoredLine]:
    """Return the lines of a document and all lines they carry out, document by document in their order."""
    return [StoredLine(*row) for row in fetch_all(_FAMILY, (document_id,))]


def places(values: Sequence[object]) -> str:
    """Return the places of a list in SQL: `?, ?, ?`."""
    return ", ".join("?" * len(values))
