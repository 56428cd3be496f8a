"""For gunicorn and other WSGI servers: `gunicorn "app.web.wsgi:application()"`, the book named by the environment."""

from __future__ import annotations

import atexit
import logging
import os
import random
import time
from pathlib import Path

from app.kernel.errors import Conflict, EnvironmentFault, MalformedInput
from app.kernel.text import message
from app.logs import start_console_logs
from app.storage.address import BookAddress, parse_address
from app.storage.database import Book
from app.web.front import Front
from app.web.looking_after import look_after
from app.web.opening import StopRegister, open_for_serving
from app.web.serving import BOOK, Serving, served_site, serving_from

PASSWORD = "ZHANGFANG_DB_PASSWORD"  # noqa: S105 - the variable's name
BACKUP_FOLDER = "ZHANGFANG_BACKUP_FOLDER"
LAST_BACKUP_LIMIT_S = 15.0
"""gunicorn kills a worker some time after it asked it to stop; what is not backed up by then is at the next start."""
OTHERS_UPGRADE_LIMIT_S = 60.0
"""One worker upgrades the file of a book, and has it alone meanwhile; the others wait so long for it."""

logger = logging.getLogger(__name__)


class Site(Front):
    """What a worker process answers with, and how it lets go of its book."""

    def __init__(self, front: Front, stops: StopRegister) -> None:
        """Take what was opened, and the steps that close it."""
        super().__init__(front.application, front.proxies, front.readiness)
        self._stops = stops

    def close(self) -> None:
        """Close the book; harmless when it is closed. Other servers than gunicorn have it done at their exit."""
        self.readiness.stop()
        self._stops.run()


def application() -> Site:
    """Return the application for the book in `ZHANGFANG_BOOK`; each worker process calls this once, after the fork.

    Raises `MalformedInput` without that variable, and as `open_for_serving` and `Serving.check`.
    """
    serving = serving_from()
    serving.check()
    # several processes: one file that each of them would set aside when it is full is no place for their lines
    start_console_logs(form=serving.log_format)
    address = os.environ.get(BOOK, "")
    if not address:
        raise MalformedInput("book_not_named", message("请用环境变量 {name} 指明账簿。", name=BOOK))
    stops = StopRegister()
    try:
        site = _open(parse_address(address, os.environ.get(PASSWORD)), serving, stops)
    except BaseException:
        stops.run()
        raise
    atexit.register(site.close)
    return site


def _open(address: BookAddress, serving: Serving, stops: StopRegister) -> Site:
    book = _open_book(address, stops)
    folder = os.environ.get(BACKUP_FOLDER, "")
    # daemons: what runs at the end of the interpreter runs after it has waited for all other threads
    look_after(book, stops, Path(folder).absolute() if folder else None, LAST_BACKUP_LIMIT_S, daemon=True)
    return Site(served_site(book, serving, stops), stops)


def _open_book(address: BookAddress, stops: StopRegister) -> Book:
    """Open the book, waiting for another worker that upgrades it at this moment."""
    give_up_at = time.monotonic() + OTHERS_UPGRADE_LIMIT_S
    while True:
        try:
            return open_for_serving(address, stops)
        except (Conflict, EnvironmentFault) as refused:
            if refused.code not in {"book_in_use", "database_busy"} or time.monotonic() > give_up_at:
                raise
            stops.run()
            logger.info("another process has the book to itself, trying again")
            # random, so that workers that want it for themselves do not meet again
            time.sleep(random.uniform(0.05, 0.3))  # noqa: S311
