"""How every file of a csv-book is written: UTF-8, a header, line feeds."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path


def write_rows(
    folder: Path, file: str, columns: tuple[str, ...], rows: Iterable[list[object]] | Iterable[list[str]]
) -> None:
    """Write one file."""
    with (folder / file).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
