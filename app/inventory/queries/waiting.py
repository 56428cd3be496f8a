"""What waits to be recosted; apart from the rest, so that opening a book loads nothing else for asking."""

from __future__ import annotations

from app.storage.database import fetch_one


def waits_for_recosting() -> bool:
    """Tell whether a recosting was left to a job and is not done."""
    return fetch_one("SELECT 1 FROM {item_cost} WHERE pending_date IS NOT NULL LIMIT 1") is not None
