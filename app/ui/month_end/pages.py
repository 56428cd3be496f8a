"""The pages of the month's end as the window knows them; each is built when first shown."""

from __future__ import annotations

from app.ui.page import PageEntry


def month_end_pages() -> list[PageEntry]:
    """Return the pages of the month's end in the order of the navigation."""
    return []
