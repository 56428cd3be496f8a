"""The bell that a service rings before an act that takes something away; who made it a book hangs somebody on it.

An act deserves a backup when no other act of the program brings back what it takes away. Where nobody hangs on the
bell, as in a test or a copy, nothing happens.
"""

from __future__ import annotations

from collections.abc import Callable

from app.storage.database import Book, current_book
from app.storage.progress import Progress, no_progress

Keep = Callable[[str, Progress], None]
"""Keeps a backup for a reason; raises nothing but `WorkCancelled`, through the progress."""


class Safeguard:
    """Who is called before such an act on one open book."""

    def __init__(self, _book: Book) -> None:
        """Nobody is called."""
        self.keep: Keep | None = None


def safeguard(reason: str, progress: Progress = no_progress) -> None:
    """Have a backup of the current book kept, unless its present state is kept already.

    Inside a unit nothing happens: the act around it has rung, and a copy must not hold the unit up.
    """
    book = current_book()
    keep = book.companion(Safeguard).keep
    if keep is not None and not book.database.in_transaction():
        keep(reason, progress)
