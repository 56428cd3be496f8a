"""Sums over all of a book's tables, equal in two copies on whatever database: what proves that nothing got lost."""

from __future__ import annotations

import hashlib
from typing import Any

from app.kernel.text import message
from app.storage.copying import TRANSIENT_TABLES, TableSum, add_rows, read_sum, row_counts
from app.storage.database import current_book, fetch_all, fetch_one, read_snapshot
from app.storage.progress import Progress, no_progress
from app.storage.schema import column_names

LIVING_TABLES = frozenset(
    {
        *TRANSIENT_TABLES,
        *("session", "login_attempt", "api_token", "job", "request", "schema_migration", "permission"),
        "summary_gram",  # the index of words follows from the vouchers, and is caught up with in the background
    }
)
"""What goes on changing in a copy as soon as somebody works with it: who is logged in, what runs, which program."""
MOVE = "book_move"
COUNTED_CHANGES = "result = 'done' AND object_type NOT IN ('session', 'backup', 'book_move')"


def book_sums(progress: Progress = no_progress) -> dict[str, dict[str, Any]]:
    """Return by table the rows, the columns and a sum over all values of the current book, at one moment.

    Left out: tables that live on (`LIVING_TABLES`), the mark of a move, and changes logged after it began.
    """
    book = current_book()
    with read_snapshot():
        counts = row_counts(book)
        total, done = sum(counts.values()), 0
        found = {}
        for table, rows in counts.items():
            progress(done, total, message("正在核对（{table}）。", table=table))
            done += rows
            if table in LIVING_TABLES:
                continue
            columns = sorted(column_names(book, table))  # tables that were altered have another order
            found[table] = _written(_sum(table, columns), columns)
    return found


def _sum(table: str, columns: list[str]) -> TableSum:
    if table == "book_setting":
        return add_rows(TableSum(0, 0), fetch_all("SELECT name, value FROM {book_setting} WHERE name <> ?", (MOVE,)))
    if table == "audit_log":
        last = fetch_one("SELECT MAX(id) FROM {audit_log} WHERE object_type = 'book_move'")
        until = int((last and last[0]) or 0)
        names = ", ".join(columns)
        rows = fetch_all(f"SELECT {names} FROM {{audit_log}} WHERE id < ? AND {COUNTED_CHANGES}", (until,))
        return add_rows(TableSum(0, 0), rows)
    return read_sum(current_book(), table, columns)


def _written(total: TableSum, columns: list[str]) -> dict[str, Any]:
    named = hashlib.blake2b(" ".join(columns).encode(), digest_size=8).hexdigest()
    return {"rows": total.rows, "columns": named, "checksum": f"{total.checksum:032x}"}
