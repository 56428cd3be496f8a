"""Upgrades killed at every moment at which they touch the disk; a program of its own, for it forks.

`python -m tests.storage.killed_upgrades FOLDER BOOK links|renames upgrade|back|steps` copies the book into a folder of
its own for each moment, ends a child by SIGKILL there, and has a second child open the book as the next start of the
program does. It prints one JSON line a moment with what was found; the last one got to its end. `steps` kills between
the migration's steps.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.ledger.verify import verify_book
from app.storage import migrate as migrate_module
from app.storage.address import BookAddress
from app.storage.database import fetch_all
from app.storage.migrate import Step
from app.storage.upgrade.file import upgrade_file
from app.storage.upgrade.kept import go_back, kept_files
from app.web.opening import StopRegister, open_for_serving
from app.web.upgrading import Consent, UpgradeWish
from tests.storage.later_tables import GOOD, Does, die, later

WATCHED = frozenset({"open", "os.link", "os.rename", "os.remove", "sqlite3.connect"})
"""Audit events of everything an upgrade does to files."""
KILLED = -signal.SIGKILL
NAME = "甲 公司.zhangfang"


def in_child(work: Callable[[], object]) -> int:
    """Run something in a child process and return how it ended; negative: by that signal."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - the child says so and ends, whatever it was
            sys.stderr.write(f"{error!r}\n")
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def kill_at(moment: int, folder: Path) -> None:
    """End this process at the n-th event from now on; a file opened for reading counts when the folder has changed."""
    seen = 0
    known = look_of(folder)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal seen, known
        if event in WATCHED:
            if only_reads(event, arguments) and known == (known := look_of(folder)):
                return
            seen += 1
            if seen == moment:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def only_reads(event: str, arguments: tuple[Any, ...]) -> bool:
    """Tell whether a file is opened for reading alone, as each module is that is loaded meanwhile."""
    flags = arguments[2] if event == "open" else os.O_RDWR
    return isinstance(flags, int) and not flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC)


def look_of(folder: Path) -> list[tuple[str, int, int]]:
    """Return what a kill would leave: the names in the folder, and how large and how old each file is."""
    with os.scandir(folder) as entries:
        return sorted((entry.name, entry.stat().st_size, entry.stat().st_mtime_ns) for entry in entries)


def no_links(*_arguments: object) -> None:
    """Be a disk without hard links."""
    raise PermissionError(1, "no links here")


def upgrade(place: Path) -> None:
    """Upgrade, checked by the ledger."""
    upgrade_file(place, lambda _progress: [finding.message for finding in verify_book().findings])  # type: ignore[misc]


def back(place: Path) -> None:
    """Go back to the file that was kept."""
    go_back(place, kept_files(place)[0].path)


def look(place: Path, report: Path) -> None:
    """Open the book as the next start does, and write down what it holds and what lies beside it."""
    with StopRegister() as stops:
        book = open_for_serving(BookAddress("sqlite", path=place), stops, UpgradeWish(consent=Consent()))
        with book.session():
            found = {
                "debit": fetch_all("SELECT sum(debit) FROM {entry}")[0][0],
                "findings": len(verify_book().findings),
                "stamps": fetch_all("SELECT count(*) FROM stamp")[0][0],
            }
    found["beside"] = sorted(entry.name for entry in place.parent.iterdir() if entry != place)
    report.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")


def become(*steps: Step) -> None:
    """Be a program that carries one more migration."""
    migrations = later(*steps)
    setattr(migrate_module, "carried_migrations", lambda: migrations)  # noqa: B010 - as a test does


def one_moment(folder: Path, book: Path, act: str, moment: int) -> dict[str, Any]:
    """Kill once, open again, and return what came of it."""
    place = Path(shutil.copytree(book.parent, folder / str(moment))) / NAME

    def work() -> None:
        if act == "steps":
            become(*GOOD[: moment - 1], Does(die), *GOOD[moment - 1 :])
        else:
            kill_at(moment, place.parent)
        (back if act == "back" else upgrade)(place)

    found: dict[str, Any] = {"ended": in_child(work), "named": place.exists()}
    report = folder / "report.json"
    report.unlink(missing_ok=True)
    found["opened"] = in_child(lambda: look(place, report))
    if report.exists():
        found |= json.loads(report.read_text(encoding="utf-8"))
    shutil.rmtree(place.parent)
    return found


def main(folder: Path, book: Path, disk: str, act: str) -> None:
    """Go through all moments."""
    become(*GOOD)
    first = folder / "before" / NAME
    first.parent.mkdir()
    shutil.copyfile(book, first)
    if act == "back":
        in_child(lambda: upgrade(first))
    if disk == "renames":
        setattr(os, "link", no_links)  # noqa: B010
    for moment in itertools.count(1):
        found = one_moment(folder, first, act, moment)
        sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
        if found["ended"] != KILLED or (act == "steps" and moment > len(GOOD)):
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4])
