"""The clock of a book: several computers write into one database, and their clocks differ, by a year when one is wrong.

Whatever one of them decides about what another one wrote (is it still there, may it be forgotten) goes by the time of
the database. A file has one computer's programs, which share its clock.
"""

from __future__ import annotations

from app.kernel import clock
from app.storage.database import current_book, fetch_one

_NOW_MS = "CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)"


def book_now_ms() -> int:
    """Return the present time of the current book in UTC milliseconds."""
    term, values = now_term()
    row = None if values else fetch_one(f"SELECT {term}")
    return int(row[0]) if row else clock.utc_ms()


def now_term() -> tuple[str, tuple[int, ...]]:
    """Return the same as a term of a statement and its parameters, which saves a way to the database and back."""
    return ("?", (clock.utc_ms(),)) if current_book().is_sqlite else (_NOW_MS, ())
