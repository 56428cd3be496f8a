"""The rows of a table that people made: a CSV or XLSX file, or pasted text."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from app.exchange.archive import is_zip
from app.exchange.decoding import decode
from app.exchange.spreadsheet import read_first_sheet
from app.kernel.text import clean_text

Rows = Iterable[tuple[int, list[str]]]
"""Row number in the file, counted from 1, and its cells."""


def rows_of_file(path: Path) -> Rows:
    """Yield the rows of a CSV or XLSX file that hold something. Raises `FileRefused`."""
    return read_first_sheet(path) if is_zip(path) else rows_of_text(decode(path.read_bytes(), path.name))


def rows_of_text(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a text parted by tabs, commas or semicolons: by what its first line has most of."""
    lines = text.lstrip("\ufeff").splitlines(keepends=True)
    first = next((line for line in lines if line.strip()), "")
    separator = max("\t,;", key=first.count)
    reader = csv.reader(lines, delimiter=separator)
    while True:
        try:
            row = next(reader, None)
        except csv.Error:
            yield reader.line_num, []
            return
        if row is None:
            return
        if any(cell.strip() for cell in row):
            yield reader.line_num, [clean_text(cell) for cell in row]
