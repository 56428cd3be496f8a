"""Versions of documents with lines, as texts that can be laid side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.ui.trade.line_model import GridColumn, LineSheet


def line_texts(
    sheet: LineSheet, rows: Iterable[int], columns: Sequence[GridColumn], left_out: Iterable[str] = ()
) -> list[str]:
    """Return each line as one text: its cells beside each other, figures with the name of their column."""
    skipped = set(left_out)
    texts = []
    for row in rows:
        cells = [(column, sheet.shown(row, column.name)) for column in columns if column.name not in skipped]
        texts.append(
            " · ".join(f"{column.title()} {text}" if column.is_figure else text for column, text in cells if text)
        )
    return texts
