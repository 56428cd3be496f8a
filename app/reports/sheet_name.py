"""Names of Excel sheets."""

from __future__ import annotations

import re


def sheet_name(title: str) -> str:
    """Return a title as the name of a sheet: Excel takes 31 characters, and some of them nowhere."""
    return re.sub(r"[\[\]:*?/\\]", "_", title)[:31].strip("' ") or "1"
