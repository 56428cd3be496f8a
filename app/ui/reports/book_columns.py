"""What columns of books are made with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.ui.widgets.paged_table import Column, Kind

Row = Mapping[str, Any]
Columns = tuple[Column[Row], ...]


def text_column(key: str, title: Callable[[], str], chars: int = 12, kind: Kind = Kind.TEXT) -> Column[Row]:
    """Return a column that shows a text of the row."""
    return Column(title, lambda row: str(row[key]), kind, chars, key=key)


def amount_column(key: str, title: Callable[[], str], chars: int = 10) -> Column[Row]:
    """Return a column of amounts."""
    return Column(title, lambda row: str(row[key]), Kind.AMOUNT, chars)
