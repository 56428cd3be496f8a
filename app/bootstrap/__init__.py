"""The composition root: the only place that sees both wings, and puts a server behind the window."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from app.bootstrap.diagnostics import start_diagnostics
from app.bootstrap.leftovers import sign_unpacked_folder
from app.bootstrap.places import settle_places
from app.bootstrap.runtime import Runtime
from app.bootstrap.window import run_window
from app.kernel.text import message

__all__ = ["Runtime", "main", "run_window", "window_book"]

BOOK_SUFFIX = ".zhangfang"


def main(argv: Sequence[str]) -> int:
    """Run the program and return its exit code.

    Without arguments or with `--book` the window, with `--self-test` the self-test, else a command.
    """
    guard_streams()
    sign_unpacked_folder()
    book = window_book(argv)
    if book is not None and not has_display():
        sys.stderr.write(f"{message('这里没有屏幕，打不开窗口；没有窗口时请用命令行，--help 列出全部命令。')}\n")
        return 1
    if not settle_places(windowed=book is not None):
        return 1
    if book is not None:
        return run_window(book)
    if list(argv) == ["--self-test"]:
        from app.selftest import run_self_test

        return run_self_test(Runtime, start_diagnostics)
    from app.cli import main as run_command

    return run_command(list(argv))


def window_book(argv: Sequence[str]) -> str | None:
    """Return the book the window is to open (empty: the last one), or `None` when the arguments are no window's."""
    if not argv:
        return ""
    if len(argv) == 2 and argv[0] == "--book":
        return argv[1]
    if len(argv) == 1 and argv[0].startswith("--book=") and len(argv[0]) > len("--book="):
        return argv[0].removeprefix("--book=")
    if len(argv) == 1 and argv[0].endswith(BOOK_SUFFIX) and Path(argv[0]).is_file():
        return argv[0]  # what a double-click on a book's file passes
    return None


def has_display() -> bool:
    """Tell whether a window can be shown: on Linux Qt would end the process where there is no screen."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def guard_streams() -> None:
    """Make the streams UTF-8, and give a program without a console some that go nowhere: a write must not end it.

    Where the first three file numbers are closed, the next files opened would get them, and whatever a library writes
    to "standard error" would end up in a log or a book. So they are taken.
    """
    if sys.platform != "win32":
        taken = os.open(os.devnull, os.O_RDWR)
        while taken <= 2:
            taken = os.open(os.devnull, os.O_RDWR)
        os.close(taken)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123 - open to the end
        reconfigure = getattr(getattr(sys, name), "reconfigure", None)
        if reconfigure is not None:  # redirected on Windows, it has a code page, often without Chinese
            reconfigure(encoding="utf-8", errors="backslashreplace")
