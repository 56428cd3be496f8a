"""Importing files into the current book: everything or nothing, and every row that does not come is listed."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from app.contract.book import ImportResult, Skipped
from app.exchange.archive import FileSet, find_files, is_zip
from app.exchange.csv_book.columns import KNOWN_FILES, TELLING_FILES
from app.exchange.csv_book.reading import import_csv_book
from app.exchange.errors import refused
from app.exchange.journal.importing import import_journal, read_journal
from app.exchange.outcome import Outcome, Wishes
from app.exchange.sniffing import IMPORT_FORMATS, csv_file_at, known_formats
from app.exchange.sniffing import sniff as sniff_path
from app.identity import audit
from app.identity.actor import Actor
from app.kernel.errors import MalformedInput
from app.kernel.text import Message, message
from app.storage.database import run_unit
from app.storage.kept_backups import safeguard
from app.storage.progress import Cancelled, Progress, WorkCancelled, never_cancelled, no_progress

Render = Callable[[Message], str]


class _DryRun(Exception):
    """Rolls the unit of a trial run back."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


def sniff(path: Path | str) -> str:
    """Return the format of a file or folder by its content. Raises `FileRefused` with the list of known ones."""
    return sniff_path(Path(path))


def import_paths(  # noqa: PLR0913 - the options of the command, all by name
    actor: Actor,
    paths: Sequence[Path | str],
    *,
    format_name: str = "",
    account_code: str = "",
    post: bool = False,
    renumber: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
    render: Render = str,
) -> ImportResult:
    """Import files and folders in one transaction, in the order given.

    `format_name` is one of `IMPORT_FORMATS`, empty: found from the content. `post` also reviews and posts what comes;
    `renumber` gives new numbers; `dry_run` does everything and takes it back. `account_code` names the account of a
    statement; whole books have none. `render` writes messages in the caller's language. Raises `FileRefused` (file,
    line, reason), what the ledger refuses, `PermissionDenied`, `WorkCancelled`; then nothing has changed.
    """
    actor.require("exchange:file:import")
    if account_code:
        raise MalformedInput("account_not_wanted", message("导入整本账时不用 --account：科目已写在文件里。"))
    sources = [_Source.at(Path(path), format_name) for path in paths]
    report = _watched(progress or no_progress, cancelled or never_cancelled)

    def work() -> Outcome:
        total = Outcome()
        for source in sources:
            wishes = Wishes(post, renumber, f"import:{source.path.name}"[:200], report)
            total.add(source.bring_in(actor, wishes))
        after = {
            "files": [source.path.name for source in sources],
            "vouchers": total.vouchers,
            "posted": total.posted,
            "skipped": len(total.skipped),
        }
        audit.record(actor, "exchange:file:import", "import", sources[0].path.name, after=after)
        if dry_run:
            raise _DryRun(total)
        return total

    if not dry_run:
        safeguard("import", report)  # what is posted can only be reversed, not taken back
    try:
        with _collector_at_rest():
            outcome = run_unit(work)
    except _DryRun as trial:
        outcome = trial.outcome
    return ImportResult(
        vouchers=outcome.vouchers,
        posted=outcome.posted,
        skipped=[Skipped(where=where, reason=render(reason)) for where, reason in outcome.skipped],
        warnings=[render(warning) for warning in outcome.warnings],
    )


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Keep the garbage collector from walking the rows on their way in: they make no circles, and it costs a tenth."""
    was_at_work = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_at_work:
            gc.enable()


def _watched(progress: Progress, cancelled: Cancelled) -> Progress:
    """Return a progress that stops the work when somebody asked for it."""

    def report(done: int, total: int, text: Message) -> None:
        if cancelled():
            raise WorkCancelled("cancelled", message("已取消。"))
        progress(done, total, text)

    return report


class _Source:
    """One path to import, read as far as that needs no book."""

    def __init__(self, path: Path, bring_in: Callable[[Actor, Wishes], Outcome]) -> None:
        self.path = path
        self.bring_in = bring_in

    @classmethod
    def at(cls, path: Path, wanted: str) -> _Source:
        if wanted and wanted not in IMPORT_FORMATS:
            raise MalformedInput(
                "format_unknown",
                message("没有格式“{format}”，能导入的是 {formats}。", format=wanted, formats=known_formats()),
            )
        if not path.exists():
            name = path.name or str(path)
            raise refused(name, 0, message("打不开文件“{path}”。", path=path), code="file_missing")
        found = wanted or sniff_path(path)
        if found == "csv-book":
            files = _csv_files(path)
            return cls(path, lambda actor, wishes: import_csv_book(actor, files, wishes))
        journal, transactions = read_journal(path, "ledger" if found == "ledger" else "hledger")
        return cls(path, lambda actor, wishes: import_journal(actor, journal, transactions, wishes))


def _csv_files(path: Path) -> FileSet:
    """Return the files of a csv-book: a folder, a zip, or a single file known by its header."""
    if path.is_dir() or is_zip(path):
        found = find_files(path, KNOWN_FILES)
        if found is not None and any(name in found for name in TELLING_FILES):
            return found
        listed = "、".join(sorted(TELLING_FILES))
        raise refused(path.name, 0, message("里面没有 csv-book 的文件（{files}）。", files=listed))
    name = csv_file_at(path)
    if name is None:
        raise refused(path.name, 1, message("表头不是 csv-book 的任何一个文件。"))
    return FileSet(path, {name: path})
