"""Ids made outside the database."""

from __future__ import annotations

import uuid


def new_request_id() -> str:
    """Return a fresh UUID text; a client keeps it while it retries the same POST."""
    return str(uuid.uuid4())


def is_request_id(value: str) -> bool:
    """Tell whether the text is a UUID in its usual form."""
    try:
        return str(uuid.UUID(value)) == value.lower()
    except ValueError:
        return False
