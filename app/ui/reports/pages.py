"""The pages of books and statements as the window knows them; each is built when first shown."""

from __future__ import annotations

from app.ui.page import PageEntry


def report_pages() -> list[PageEntry]:
    """Return the pages of books and statements in the order of the navigation."""
    return []
