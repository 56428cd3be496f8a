"""One server, several books: the default one at `/`, each other one below `/books/<slug>`."""

from __future__ import annotations

import re

from app.contract.serving import SLUG_PATTERN

BOOKS_PATH = "/books"
_SLUG = SLUG_PATTERN.strip("^$")
_PREFIX = re.compile(rf"{BOOKS_PATH}/({_SLUG})(/.*)?\Z", re.DOTALL)


def strip_book_prefix(path: str) -> tuple[str, str]:
    """Return the slug and the path within that book: `/books/shop/api/users` is `("shop", "/api/users")`.

    A path of the default book, and one that names no book as it should, comes back whole with an empty slug.
    """
    found = _PREFIX.match(path)
    return (found[1], found[3] or "/") if found else ("", path)
