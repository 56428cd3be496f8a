"""Which book a path belongs to."""

from __future__ import annotations

import pytest

from app.web.site import strip_book_prefix


@pytest.mark.parametrize(
    ("path", "slug", "rest"),
    [
        ("/books/shop/api/users", "shop", "/api/users"),
        ("/books/shop-2/", "shop-2", "/"),
        ("/books/shop", "shop", "/"),
        ("/books/a/books/b", "a", "/books/b"),
        ("/books/" + "a" * 40 + "/x", "a" * 40, "/x"),
        ("/api/users", "", "/api/users"),
        ("/books", "", "/books"),
        ("/books/", "", "/books/"),
        ("/", "", "/"),
    ],
)
def test_a_path_is_parted_into_book_and_rest(path: str, slug: str, rest: str) -> None:
    """What stands below `/books/<slug>` is that book's; all else is the default one's, whole."""
    assert strip_book_prefix(path) == (slug, rest)


@pytest.mark.parametrize(
    "path",
    [
        "/books/Shop/api/users",
        "/books/../api/users",
        "/books/./api/users",
        "/books/shop./api/users",
        "/books/-shop/api/users",
        "/books/shop-/api/users",
        "/books/shop%2Fapi/users",
        "/books/sh%6fp/api/users",
        "/books//shop/api/users",
        "/books/shop\n/api/users",
        "/books/shop\n",
        "/books/店/api/users",
        "/books/" + "a" * 41 + "/x",
        "//books/shop/api/users",
        "/BOOKS/shop/api/users",
    ],
)
def test_what_is_no_slug_names_no_book(path: str) -> None:
    """No trick with case, dots, encoding or slashes leads to a book."""
    assert strip_book_prefix(path) == ("", path)
