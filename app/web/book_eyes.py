"""What backups are proven by: the ledger's own verification, the figures two copies share, the mark of a state."""

from __future__ import annotations

from collections.abc import Sequence

from app.kernel.text import Message, message
from app.ledger.verify import verify_book
from app.storage.copying import TRANSIENT_TABLES, row_counts
from app.storage.database import current_book, fetch_all, fetch_one
from app.storage.kept_backups import Eyes, Figures
from app.storage.progress import Progress, no_progress

BALANCE_SUMS = ("opening", "opening_foreign", "opening_quantity", "debit", "credit", "foreign_debit", "foreign_credit")
RECENT_CHANGES = 1000
"""So many last changes are counted: on a server, one may be committed after another with a later number."""


def findings(progress: Progress = no_progress) -> Sequence[Message]:
    """Verify the current book; return what is wrong with it, in sentences."""
    return [
        message("{where}：{finding}", where=finding.where, finding=finding.message)
        for finding in verify_book(progress).findings
    ]


def chain_head() -> str:
    """Return count and last hash of the current book's chain, the text that is printed with a backup."""
    row = fetch_one("SELECT count, last_hash FROM {chain_head} WHERE id = 1")
    return f"{row[0]} {row[1]}" if row else ""


def change_mark() -> str:
    """Return a text that differs after every change of the current book, cheap on both databases.

    Every change writes the log of changes in its own transaction (`app.identity.audit`), so the last rows of it, the
    chain head and the tables' versions tell one state from another. Logins and backups do not count. The moment of the
    last change is part of it, for a book that was restored goes on with numbers that were used before.
    """
    counted = "result = 'done' AND object_type NOT IN ('session', 'backup')"
    last = fetch_one(f"SELECT id, at FROM {{audit_log}} WHERE {counted} ORDER BY id DESC LIMIT 1") or (0, 0)
    recent = fetch_one(
        f"SELECT COUNT(*) FROM {{audit_log}} WHERE {counted} AND id > ?", (int(last[0]) - RECENT_CHANGES,)
    )
    tables = fetch_one("SELECT COUNT(*) FROM {schema_migration}") or (0,)
    return f"{chain_head()} {last[0]} {last[1]} {recent[0] if recent else 0} {tables[0]}"


def figures() -> Figures:
    """Return what a copy of the current book has in common with it: rows, balances by month, chain head, mark."""
    rows = {table: count for table, count in row_counts(current_book()).items() if table not in TRANSIENT_TABLES}
    sums = ", ".join(f"SUM({column})" for column in BALANCE_SUMS)
    balances = fetch_all(f"SELECT period, layer, {sums} FROM {{balance}} GROUP BY period, layer ORDER BY period, layer")
    return Figures(
        rows=rows,
        balances=tuple(tuple(int(value) for value in row) for row in balances),
        head=chain_head(),
        mark=change_mark(),
        vouchers=rows.get("voucher", 0),
    )


def is_worth_keeping() -> bool:
    """Tell whether the current book holds anything that could be lost: a voucher or an opening balance."""
    return any(fetch_one(f"SELECT 1 FROM {{{table}}} LIMIT 1") for table in ("voucher", "opening"))


EYES = Eyes(figures=figures, mark=change_mark, verify=findings)
