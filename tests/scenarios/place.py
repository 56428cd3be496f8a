"""The places one person's starts of the program touch, and a look at what is left there."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from app.ledger.verify import verify_book
from app.storage.database import fetch_all, open_database

ROOT = Path(__file__).resolve().parents[2]


class Place:
    """Everything one person's starts touch: data, temporary files, a book."""

    def __init__(self, folder: Path, book: Path) -> None:
        """Make the folders and copy the book."""
        self.data, self.temporary, session = (folder / name for name in ("我的 数据", "tmp", "session"))
        for new in (self.temporary, session):
            new.mkdir(parents=True, mode=0o700)
        self.book = Path(shutil.copy(book, folder / "甲 公司.zhangfang"))
        self.environment = {
            **os.environ,
            "QT_QPA_PLATFORM": "offscreen",
            "TMPDIR": str(self.temporary),
            "XDG_RUNTIME_DIR": str(session),
            "ZHANGFANG_DATA_DIR": str(self.data),
        }

    def start(self, *arguments: str, busy: bool = False, program: Path | None = None) -> subprocess.Popen[str]:
        """Start the program, or with `busy` the one that saves vouchers and talks about it, or a built one."""
        what = ["-m", "tests.scenarios.busy_window"] if busy else [str(ROOT / "main.py")]
        command = [sys.executable, *what] if program is None else [str(program)]
        return subprocess.Popen(
            [*command, *arguments],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def running(self) -> list[int]:
        """Return the processes whose data lie here."""
        mark = f"ZHANGFANG_DATA_DIR={self.data}".encode()
        found = []
        for process in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if process.name.isdigit() and mark in (process / "environ").read_bytes():
                    found.append(int(process.name))
        return found

    def leftovers(self) -> list[str]:
        """Return what should not be there when nothing runs: files beside the book, locks, temporary files."""
        found = [path.name for path in self.book.parent.iterdir() if path.name.startswith(self.book.name)]
        found.remove(self.book.name)
        found += [f"tmp/{path.name}" for path in self.temporary.iterdir()]
        known = {"logs", "settings.toml", "backups"}
        found += [f"data/{path.name}" for path in self.data.iterdir() if path.name not in known]
        kept = (path for path in (self.data / "backups").rglob("*") if path.is_file())
        shelved = {".zhangfang", ".json", ".lock"}
        return found + [f"data/backups/{path.name}" for path in kept if not shelved & {path.suffix, path.name}]

    def log(self) -> str:
        """Return what the log says; its last line may be being written."""
        return (self.data / "logs" / "zhangfang.log").read_text(encoding="utf-8", errors="replace")


def verified(book: Path) -> set[int]:
    """Check a closed book; return the ids of its posted vouchers."""
    opened = open_database(str(book))
    try:
        with opened.session():
            assert verify_book().findings == []
            return {row[0] for row in fetch_all("SELECT id FROM {voucher} WHERE state = 'posted'")}
    finally:
        opened.close()
