"""What a process that serves a book does beside answering: kept backups, and what nobody asks for any more."""

from __future__ import annotations

import functools
from dataclasses import replace
from pathlib import Path

from app.settings import load_settings
from app.storage.chores import chores_turn
from app.storage.database import Book
from app.storage.jobs import recover_jobs
from app.web.keeping import keeper_of
from app.web.opening import StopRegister, forget_the_old


def look_after(
    book: Book, stops: StopRegister, folder: Path | None, closing_limit_s: float, *, daemon: bool = False
) -> None:
    """Keep backups while the book is served and at the end; here, whoever started the server decides, not who works.

    Of several processes on one book, one at a time does what comes by the hour. At the end each of them asks for a
    backup, the last one's holds everything, and one that would hold nothing new is not made.
    """
    keeper = keeper_of(book)
    if folder is not None:
        keeper.settings = lambda: replace(load_settings(), backup_folder=str(folder))
    keeper.may_by_itself = True
    keeper.closing_limit_s = closing_limit_s
    keeper.turn = functools.partial(chores_turn, book)
    keeper.chores = (functools.partial(recover_jobs, book), forget_the_old)
    keeper.start(daemon=daemon)
    stops.push("kept backup", keeper.at_closing)
