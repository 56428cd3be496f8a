"""From a double-click to the window and back: one window a person, an orderly end, and a word where it cannot be."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from app.bootstrap.diagnostics import log_folder, start_diagnostics
from app.bootstrap.instance import Claim, Instance
from app.bootstrap.leftovers import sweep_settings, sweep_unpacked
from app.bootstrap.telling import tell, tell_failure
from app.bootstrap.unpacking import end_with_unpacker
from app.kernel.text import Message, message
from app.logs import stop_logs
from app.settings import data_folder
from app.version import PROGRAM_NAME_EN

if TYPE_CHECKING:
    from app.ui.runtime import StartNotice
    from app.ui.shell import Shell

logger = logging.getLogger(__name__)

WINDOWS_IDENTITY = f"{PROGRAM_NAME_EN}.{PROGRAM_NAME_EN}"
"""What the taskbar knows the program by; the installer's shortcut bears the same."""
SWEEP_AFTER_S = 5.0
"""Leftovers wait until the window is up and the book is open."""


def run_window(book: str) -> int:
    """Show the window until it is closed, or hand the book to the window that is there already; return the exit code.

    `book` is an address, or empty for the last book. Whatever goes wrong before the window is there is told.
    """
    instance = Instance(data_folder())
    faults: list[OSError] = []
    try:
        claim = _claim(instance, complete_address(book), faults)
        if claim is Claim.SHOWN:
            return 0
        if claim is Claim.SILENT:
            tell(_not_answering(instance.process))
            return 1
        return _show(complete_address(book), instance, faults)
    except Exception as error:  # noqa: BLE001 - the last place that can tell the person who double-clicked
        tell_failure(error)
        return 1
    finally:
        instance.release()
        logger.info("end")
        stop_logs()


def _not_answering(process: int) -> Message:
    return message(
        "账房已经在运行（进程 {process}），但它的窗口没有反应。请稍后再试；一直没有反应时，请先结束那个进程。",
        process=process,
    )


def complete_address(book: str) -> str:
    """Return the address so that it means the same in a process that works in another folder."""
    if not book or "://" in book:
        return book
    try:
        return str(Path(os.path.abspath(Path(book).expanduser())))  # noqa: PTH100 - links stay as they were named
    except RuntimeError:  # `~somebody` whom this system does not know is taken as it stands
        return str(Path.cwd() / book)


def _claim(instance: Instance, address: str, faults: list[OSError]) -> Claim:
    from app.bootstrap.last_run import crash_bytes

    try:
        return instance.claim(address, crash_bytes(log_folder()))
    except OSError as error:  # nothing can be written there: each start is for itself, and the window says so
        faults.append(error)
        return Claim.APART


def _show(address: str, instance: Instance, faults: list[OSError]) -> int:
    from app.bootstrap.last_run import forget_old_reports, look_back

    _name_for_taskbar()
    _end_in_order()
    notices = look_back(instance.left, log_folder())
    forget_old_reports(log_folder())
    notices += _start_log(faults)
    for notice in notices:
        logger.info("notice of this start: %s", notice.kind)
    if instance.is_first:
        sweep_settings(data_folder())
    sweep = threading.Timer(SWEEP_AFTER_S, sweep_unpacked)
    sweep.daemon = True
    from app.bootstrap.runtime import Runtime

    runtime = Runtime()
    try:
        from app.ui.running import run_window as show
        from app.ui.runtime import WindowArguments

        def painted(shell: Shell) -> None:
            from app.ui.second_start import SecondStarts

            logger.info("window painted")
            instance.listen(SecondStarts(shell).show)
            end_with_unpacker()
            sweep.start()

        return show(
            runtime,
            WindowArguments(address, tuple(notices)),
            on_painted=painted,
            on_ready=lambda _shell: logger.info("pages shown"),
        )
    finally:
        sweep.cancel()
        instance.stop_listening()
        runtime.close_book()


def _start_log(faults: list[OSError]) -> list[StartNotice]:
    """Start the log; return what to say when it, or anything else, cannot be written."""
    from app.ui.runtime import StartNotice

    error = start_diagnostics()
    told = [*faults, *([] if error is None else [error])]
    for fault in told:
        logger.warning("the data folder cannot be written: %s", fault)
    return [StartNotice("unwritable", "\n".join(map(str, [log_folder(), *told])))] if told else []


def _name_for_taskbar() -> None:
    """Say who we are before the first window: windows and the pinned shortcut are one thing on the taskbar then."""
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.shell32.SetCurrentProcessExplicitAppUserModelID(WINDOWS_IDENTITY)


def _end_in_order() -> None:
    """Let a signal end the program through every `finally`, also before the window takes it over."""
    if sys.platform != "win32":
        for wanted in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(wanted, lambda _number, _frame: sys.exit(0))
