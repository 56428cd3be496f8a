"""Exporting the current book as a whole, from one state of it, into a new file or folder."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from app.exchange.csv_book.columns import KNOWN_FILES
from app.exchange.sniffing import EXPORT_FORMATS
from app.exchange.writers.beancount import write_beancount
from app.exchange.writers.content import BookContent, read_content
from app.exchange.writers.csv_book import write_csv_book
from app.exchange.writers.hledger import write_hledger
from app.exchange.writers.json_book import write_json
from app.exchange.writers.xlsx_book import write_xlsx
from app.identity.actor import Actor
from app.kernel.errors import Conflict, EnvironmentFault, MalformedInput
from app.kernel.text import message
from app.storage.database import read_snapshot
from app.storage.progress import Progress, no_progress


class ExportFormat(NamedTuple):
    """A format: its name, and the end of its files' names. csv-book is a folder, or a zip where the name says so."""

    name: str
    suffix: str


_SUFFIXES = {"csv-book": ".zip", "beancount": ".beancount", "hledger": ".journal", "xlsx": ".xlsx", "json": ".json"}


def export_format(name: str) -> ExportFormat:
    """Return a format by its name. Raises `MalformedInput` with the list of those there are."""
    if name not in EXPORT_FORMATS:
        known = "、".join(EXPORT_FORMATS)
        raise MalformedInput(
            "format_unknown", message("没有格式“{format}”，能导出的是 {formats}。", format=name, formats=known)
        )
    return ExportFormat(name, _SUFFIXES[name])


def export_book(
    actor: Actor, target: Path | str, format_name: str = "csv-book", progress: Progress | None = None
) -> None:
    """Write the whole book to `target`, which must not exist yet (an empty folder will do for csv-book).

    What is written comes from one state of the book; a failure leaves nothing behind. Raises `PermissionDenied`,
    `MalformedInput` for an unknown format, `Conflict` when something is there already, `EnvironmentFault` when it
    cannot be written.
    """
    actor.require("exchange:book:export")
    wanted = export_format(format_name)
    path = Path(target)
    as_folder = wanted.name == "csv-book" and path.suffix.lower() != ".zip"
    _require_free(path, as_folder=as_folder)
    writers: dict[str, Callable[[BookContent, Path], None]] = {
        "beancount": write_beancount,
        "hledger": write_hledger,
        "json": write_json,
        "xlsx": lambda content, file: write_xlsx(content, file, actor),
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".export-", dir=path.parent) as scratch:
            made = Path(scratch) / "made"
            with read_snapshot():
                content = read_content(progress or no_progress)
                if wanted.name == "csv-book":
                    made.mkdir()
                    write_csv_book(content, made)
                else:
                    writers[wanted.name](content, made)
            if wanted.name == "csv-book" and not as_folder:
                made = _zipped(made, Path(scratch) / "made.zip")
            _put(made, path)
    except OSError as error:
        raise EnvironmentFault(
            "file_unwritable", message("写不了文件“{path}”，请检查文件夹，并关闭正打开它的程序。", path=path)
        ) from error


def _require_free(path: Path, *, as_folder: bool) -> None:
    if as_folder and path.is_dir():
        if any((path / name).exists() for name in KNOWN_FILES):
            raise Conflict("target_exists", message("“{path}”里已有导出的文件，请另选一个文件夹。", path=path))
    elif path.exists():
        raise Conflict("target_exists", message("“{path}”已存在，没有改动它；请另起一个名字。", path=path))


def _zipped(folder: Path, target: Path) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, file.name)
    return target


def _put(made: Path, target: Path) -> None:
    """Bring what was made to its place, which a folder may already be."""
    if made.is_dir() and target.is_dir():
        for file in made.iterdir():
            shutil.move(file, target / file.name)
    else:
        shutil.move(made, target)
