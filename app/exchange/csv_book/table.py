"""One CSV file with named columns: rows as lists in the order of the columns asked for, each with its line."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from typing import TextIO

from app.exchange.errors import refused
from app.kernel.text import clean_text, message

MOST_CELL_CHARACTERS = 1 << 20


class Table:
    """A CSV file under way. `positions` says where a column stands, −1 where the file lacks it."""

    def __init__(self, stream: TextIO, file: str, columns: Sequence[str], needed: Sequence[str]) -> None:
        """Read the header. Raises `FileRefused` when a needed column is missing or one stands there twice."""
        self.file = file
        self._reader = csv.reader(stream, strict=True)
        header = [clean_text(cell).removeprefix("\ufeff").lower() for cell in self._next_row() or []]
        self.width = len(header)
        for name in needed:
            if name not in header:
                raise refused(file, 1, message("缺少列“{column}”。", column=name))
        for name in header:
            if name and header.count(name) > 1:
                raise refused(file, 1, message("列“{column}”出现了两次。", column=name))
        self.positions = [header.index(name) if name in header else -1 for name in columns]
        self.unknown = [name for name in header if name and name not in columns]

    @property
    def line(self) -> int:
        """Return the line the last row ended on."""
        return self._reader.line_num

    def _next_row(self) -> list[str] | None:
        try:
            return next(self._reader, None)
        except csv.Error as error:
            raise self.broken() from error

    def broken(self) -> Exception:
        """Return the error for a row that is no CSV."""
        return refused(self.file, self._reader.line_num, message("这一行不是完整的 CSV，请检查引号。"))

    def raw_rows(self) -> Iterator[list[str]]:
        """Yield every row that is not empty, as wide as the header, in the file's own order of columns."""
        width = self.width
        try:
            for row in self._reader:
                if len(row) != width:
                    if not any(cell.strip() for cell in row):
                        continue
                    row = self._fitted(row)  # noqa: PLW2901 - the same row, made as wide as the header
                yield row
        except csv.Error as error:
            raise self.broken() from error

    def _fitted(self, row: list[str]) -> list[str]:
        if any(cell.strip() for cell in row[self.width :]):
            raise refused(
                self.file,
                self._reader.line_num,
                message("这一行有 {count} 格，表头只有 {width} 列。", count=len(row), width=self.width),
            )
        return row[: self.width] + [""] * (self.width - len(row))

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield (line, cells in the order of the columns asked for); missing columns are empty text."""
        for row in self.raw_rows():
            cells = [clean_text(row[at]) if at >= 0 else "" for at in self.positions]
            if any(cells):
                yield self.line, cells
