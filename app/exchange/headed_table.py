"""A table with headings, as people fill it in: found columns by name in a file, and written with a template."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from app.exchange.errors import refused
from app.exchange.sheet_rows import Rows
from app.exchange.writers.sheet import Cell, Column, SheetWriter
from app.kernel.cells import guarded, unguarded
from app.kernel.text import Message, message

MOST_ROWS = 100_000


class Heading(NamedTuple):
    """A column: its key, what stands above it, its width in characters, and what others call it."""

    key: str
    title: Message
    width: int = 14
    aliases: tuple[str, ...] = ()

    def names(self, english: Mapping[str, str]) -> set[str]:
        """Return every name it goes by, in lower case."""
        return {
            name.lower() for name in (self.key, self.title.source, english.get(self.title.source, ""), *self.aliases)
        }


def headed_rows(
    file: str, rows: Rows, headings: Sequence[Heading], *, needed: str, english: Mapping[str, str]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield row number and texts by key of the rows below the headings. Raises `FileRefused` without a needed column.

    `english` is the catalogue whose headings are understood too; `needed` is the key of the column that must be there.
    """
    positions: dict[str, int] | None = None
    count = 0
    for number, cells in rows:
        if positions is None:
            positions = _positions(file, number, cells, headings, needed, english)
            continue
        texts = {key: unguarded(cells[at]) for key, at in positions.items() if at < len(cells)}
        if any(text.strip() for text in texts.values()):
            count += 1
            if count > MOST_ROWS:
                raise refused(file, number, message("一次最多导入 {count} 行。", count=MOST_ROWS))
            yield number, texts


def _positions(
    file: str, number: int, cells: Sequence[str], headings: Sequence[Heading], needed: str, english: Mapping[str, str]
) -> dict[str, int]:
    lowered = [cell.strip().lower() for cell in cells]
    found: dict[str, int] = {}
    for heading in headings:
        names = heading.names(english)
        place = next((at for at, cell in enumerate(lowered) if cell in names and at not in found.values()), None)
        if place is not None:
            found[heading.key] = place
    if needed not in found:
        title = next(heading.title for heading in headings if heading.key == needed)
        raise refused(file, number, message("第一行应是表头，其中要有“{column}”一列；可以先下载模板。", column=title))
    return found


def write_table(path: Path, kind: str, name: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> None:
    """Write a table as a workbook (`xlsx`), or as CSV (`csv`) in UTF-8 with a byte order mark."""
    if kind == "csv":
        with path.open("w", encoding="utf-8-sig", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\r\n")
            writer.writerow([column.title for column in columns])
            writer.writerows(["" if cell is None else guarded(str(cell)) for cell in row] for row in rows)
        return
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False}) as book:
        SheetWriter(book).write(name, columns, rows)
