"""One server, several books: the default one at `/`, each other one below `/books/<slug>`.

One application answers for all of them: a request brings along the book it is for. So a further book costs no routes
of its own, and what holds below its prefix (sessions, tokens, cookies, jobs) is in that book alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from werkzeug.wsgi import ClosingIterator

from app.contract.serving import SLUG_PATTERN
from app.kernel.errors import ZhangfangError
from app.web.further_book import BOOK_KEY, REFUSAL_KEY, unknown_book
from app.web.served_books import FurtherBooks

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

BOOKS_PATH = "/books"
_SLUG = SLUG_PATTERN.strip("^$")
_PREFIX = re.compile(rf"{BOOKS_PATH}/({_SLUG})(/.*)?\Z", re.DOTALL)


def strip_book_prefix(path: str) -> tuple[str, str]:
    """Return the slug and the path within that book: `/books/shop/api/users` is `("shop", "/api/users")`.

    A path of the default book, and one that names no book as it should, comes back whole with an empty slug.
    """
    found = _PREFIX.match(path)
    return (found[1], found[3] or "/") if found else ("", path)


class Site:
    """A WSGI application over the application of the default book: it hands requests below a prefix their book."""

    def __init__(self, application: WSGIApplication, books: FurtherBooks) -> None:
        """Take what answers, and the books it answers for."""
        self._application = application
        self._books = books

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        slug, rest = strip_book_prefix(environ.get("PATH_INFO", ""))
        if not slug:
            return self._application(environ, start_response)
        is_literal = asks_literally(environ, slug)
        environ["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '')}{BOOKS_PATH}/{slug}"
        environ["PATH_INFO"] = rest
        try:
            if not is_literal:
                raise unknown_book(slug)
            environ[BOOK_KEY], lender = self._books.lend(slug)
        except ZhangfangError as refusal:
            environ[REFUSAL_KEY] = refusal
            return self._application(environ, start_response)
        return _given_back(lambda: self._application(environ, start_response), lender.give_back)


def _given_back(answer: Callable[[], Iterable[bytes]], give_back: Callable[[], None]) -> Iterable[bytes]:
    """Give the book back when the answer is sent, or when there is none."""
    try:
        parts = answer()
    except BaseException:
        give_back()
        raise
    return ClosingIterator(parts, give_back)


def asks_literally(environ: WSGIEnvironment, slug: str) -> bool:
    """Tell whether a book is asked for as its prefix stands, not in an encoding that something before us did not see.

    So `/books/shop%2Fapi/users` is no address of the book `shop`, whoever has decoded it on the way.
    """
    target = environ.get("REQUEST_URI") or environ.get("RAW_URI")  # waitress; gunicorn
    if not target:
        return True
    path = target if target.startswith("/") else urlsplit(target).path
    path = path.partition("?")[0]
    plain = f"{BOOKS_PATH}/{slug}"
    wanted = (plain, f"{environ.get('SCRIPT_NAME', '')}{plain}")
    return any(path == one or path.startswith(f"{one}/") for one in wanted)
