"""How opening balances come in from outside: from the clipboard and from files; and how they go out as files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError
from PyQt5.QtCore import QObject
from PyQt5.QtGui import QGuiApplication

from app.client.refusals import refusal_of
from app.kernel.text import Message
from app.ui.language import tr, tr_message
from app.ui.ledger.opening_files import Grid, ask_files, ask_where, read_files, write_files
from app.ui.ledger.opening_line import OpeningColumn
from app.ui.ledger.opening_paste import PasteReport, is_table, paste_block, paste_table, read_grid
from app.ui.tasks import Query

if TYPE_CHECKING:
    from app.ui.ledger.opening_desk import OpeningDesk

MOST_NAMED = 8
MOST_PASTED = 4_000_000
"""Longer texts on the clipboard are no opening balances."""


class OpeningIntake(QObject):
    """Takes tables and blocks of figures into the page's sheet, where they can be looked at before they are saved."""

    def __init__(self, page: OpeningDesk) -> None:
        super().__init__(page)
        self._page = page

    def paste(self) -> None:
        """Take what the clipboard holds: a table with headings, or a block of figures at the current cell."""
        page = self._page
        clipboard = QGuiApplication.clipboard()
        text = clipboard.text() if clipboard is not None else ""
        if not page.may_change() or not text.strip():
            return
        if len(text) > MOST_PASTED:
            page.message_bar.show_warning(tr("剪贴板里的内容太长，不像一张期初余额表。"))
            return
        grid = read_grid(text)
        if page.on_cash_flow:
            page.cash_table.paste(grid)
        else:
            self.take(grid)

    def take(self, grid: Grid) -> None:
        """Put a table or a block into the sheet and say what came of it."""
        page = self._page
        if is_table(page.model.sheet, grid):
            report = page.model.change(lambda sheet: paste_table(sheet, grid))
        else:
            index = page.table.currentIndex()
            if not index.isValid():
                index = page.model.index(0, OpeningColumn.OPENING_DEBIT)
            rows, columns = page.table.shown_from(index)
            report = page.model.change(lambda sheet: paste_block(sheet, grid, rows, columns))
        page.show_rows()
        self._say(report)

    def _say(self, report: PasteReport) -> None:
        page = self._page
        if report.first is not None:
            at = page.table.currentIndex()
            column = at.column() if at.isValid() else int(OpeningColumn.OPENING_DEBIT)
            page.table.setCurrentIndex(page.model.index(report.first, column))
        if report.left_out:
            page.message_bar.show_warning(
                "\n".join([tr("粘贴了 {count} 处，有些没有填入：", count=report.taken), *_named(report.left_out)])
            )
        elif not page.model.sheet.unread_cells():
            page.show_info(tr("粘贴了 {count} 处；Ctrl+Z 可以撤销。", count=report.taken))

    # --- files -------------------------------------------------------------------------------------------------------

    def ask_files(self) -> None:
        """Ask which files to read."""
        ask_files(self._page, self.read_files)

    def ask_where(self) -> None:
        """Ask where to write what is typed."""
        ask_where(self._page, self._page.title(), self.write_files)

    def read_files(self, paths: Sequence[Path]) -> None:
        """Take balances (and cash flow) from CSV files; nothing is saved yet."""

        def done(grids: tuple[Grid | None, Grid | None]) -> None:
            balances, flows = grids
            if flows is not None:
                self._page.cash_table.paste(flows)
            if balances is not None:
                self.take(balances)

        Query(lambda _api: read_files(paths)).slot("file").on_done(done).run(self._page)

    def write_files(self, path: Path) -> None:
        """Write what is typed, balanced or not, as csv-book's `opening.csv` (and the cash flow beside it)."""
        page = self._page
        try:
            opening = page.model.sheet.to_input()
        except ValidationError as error:
            page.show_error(refusal_of(error))
            return
        Query(lambda _api: write_files(path, opening)).slot("file").on_done(
            lambda _nothing: page.show_info(tr("已导出到 {path}", path=str(path)))
        ).run(page)


def _named(texts: Sequence[Message]) -> list[str]:
    """Return sentences for the message bar: the first ones, each once, and how many more there are."""
    sentences = list(dict.fromkeys(tr_message(text) for text in texts))
    more = len(sentences) - MOST_NAMED
    return sentences[:MOST_NAMED] + ([tr("……另有 {count} 处", count=more)] if more > 0 else [])
