"""For gunicorn and other WSGI servers: `gunicorn "app.web.wsgi:application()"`, the book named by the environment."""

from __future__ import annotations

import atexit
import os
from typing import TYPE_CHECKING

from app.kernel.errors import MalformedInput
from app.kernel.text import message
from app.storage.address import parse_address
from app.web.opening import StopRegister, open_for_serving
from app.web.serving import BOOK, served_site, serving_from

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

PASSWORD = "ZHANGFANG_DB_PASSWORD"  # noqa: S105 - the variable's name


def application() -> WSGIApplication:
    """Return the application for the book in `ZHANGFANG_BOOK`; each worker process calls this once, after the fork.

    Raises `MalformedInput` without that variable, and as `open_for_serving`.
    """
    address = os.environ.get(BOOK, "")
    if not address:
        raise MalformedInput("book_not_named", message("请用环境变量 {name} 指明账簿。", name=BOOK))
    stops = StopRegister()
    try:
        book = open_for_serving(parse_address(address, os.environ.get(PASSWORD)), stops)
        site = served_site(book, serving_from(), stops)
    except BaseException:
        stops.run()
        raise
    atexit.register(stops.run)
    return site
