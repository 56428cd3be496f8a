"""Opening balances as files of csv-book: read into the sheet, and written as they are typed."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path

from PyQt5.QtWidgets import QFileDialog, QWidget

from app.contract.ledger import CashFlowOpening, Opening, OpeningRow
from app.kernel.cells import guarded
from app.kernel.errors import EnvironmentFault, MalformedInput
from app.kernel.text import message
from app.ui.language import tr
from app.ui.ledger.opening_paste import read_grid

CASH_FLOW_HEADING = "cash_flow_line"
CASH_FLOW_SUFFIX = "_cash_flow"
LARGEST_FILE = 32_000_000
TEXT_FIELDS = frozenset({"account_name", "aux", "currency"})

Grid = list[list[str]]


def ask_files(parent: QWidget, then: Callable[[list[Path]], None]) -> None:
    """Ask for CSV files to read."""
    dialog = QFileDialog(parent, tr("从 CSV 文件读入…"), "", "*.csv *.txt")
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    dialog.filesSelected.connect(lambda paths: then([Path(path) for path in paths]))
    dialog.open()


def ask_where(parent: QWidget, title: str, then: Callable[[Path], None]) -> None:
    """Ask for the file's name and place."""
    dialog = QFileDialog(parent, title, "opening.csv", "*.csv")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix("csv")
    dialog.fileSelected.connect(lambda path: then(Path(path)))
    dialog.open()


def read_files(paths: Sequence[Path]) -> tuple[Grid | None, Grid | None]:
    """Return the cells of a table of balances and of one of cash flows, told apart by their headings.

    Raises `EnvironmentFault` for a file that cannot be read, `MalformedInput` for one that is no text.
    """
    balances: Grid | None = None
    flows: Grid | None = None
    for path in paths:
        try:
            if path.stat().st_size > LARGEST_FILE:
                raise MalformedInput("file_too_large", message("文件 {path} 太大。", path=path.name))
            content = path.read_bytes()
        except OSError as error:
            raise EnvironmentFault(
                "file_not_read",
                message("读不了文件 {path}：{reason}", path=str(path), reason=error.strerror or str(error)),
            ) from error
        text = _decoded(path, content)
        grid = read_grid(text, "\t" if "\t" in text.split("\n", 1)[0] else ",")
        if grid and CASH_FLOW_HEADING in grid[0]:
            flows = grid
        else:
            balances = grid
    return balances, flows


def _decoded(path: Path, content: bytes) -> str:
    """Excel writes CSV in the computer's own encoding unless told otherwise; in China that is GB 18030."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise MalformedInput("file_no_text", message("文件 {path} 不是文本，请存为 CSV 文件。", path=path.name))


def write_files(path: Path, opening: Opening) -> None:
    """Write `opening.csv`, and the cash flow beside it when there is any. Raises `EnvironmentFault`."""
    rows = [_guarded(row) for row in opening.rows]
    _write(path, list(OpeningRow.model_fields), rows)
    if opening.cash_flow:
        beside = path.with_name(f"{path.stem}{CASH_FLOW_SUFFIX}{path.suffix}")
        flows = [[str(flow.cash_flow_line), flow.ytd_amount] for flow in opening.cash_flow]
        _write(beside, list(CashFlowOpening.model_fields), flows)


def _guarded(row: OpeningRow) -> list[str]:
    """Return the cells of a row; texts are kept from being taken for formulas, as in csv-book."""
    values: dict[str, str] = row.model_dump()
    return [guarded(value) if name in TEXT_FIELDS else value for name, value in values.items()]


def _write(path: Path, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    try:
        path.write_text(text.getvalue(), encoding="utf-8-sig", newline="")
    except OSError as error:
        raise EnvironmentFault(
            "file_not_written",
            message("写不了文件 {path}：{reason}", path=str(path), reason=error.strerror or str(error)),
        ) from error
