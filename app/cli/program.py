"""Running one command: its arguments, its language, its exit code. Nothing but this decides what ends how."""

from __future__ import annotations

import argparse
import contextlib
import errno
import importlib
import logging
import os
import sys
from collections.abc import Callable, Sequence

from app.cli.arguments import WRONG_USAGE, Grammar
from app.cli.console import Console, chosen_language, use_utf8
from app.cli.opening import UsageError
from app.kernel.errors import ZhangfangError
from app.kernel.text import message, speaking

DONE = 0
REFUSED = 1
INTERRUPTED = 130

Command = Callable[[argparse.Namespace, Console], int]

COMMANDS = {
    "serve": "app.cli.serving:serve",
    "gateway": "app.cli.serving:gateway",
    "services": "app.cli.serving:services",
    "new": "app.cli.books:new",
    "verify": "app.cli.books:verify",
    "backup": "app.cli.books:backup",
    "backups": "app.cli.backups:backups",
    "restore": "app.cli.books:restore",
    "copy": "app.cli.books:copy",
    "upgrade": "app.cli.upgrading:upgrade",
    "import": "app.cli.files:import_files",
    "export": "app.cli.files:export",
    "report": "app.cli.report:report",
    "print": "app.cli.printing:print_vouchers",
    "post": "app.cli.periods:post",
    "close": "app.cli.periods:close",
    "reopen": "app.cli.periods:reopen",
    "user": "app.cli.people:user",
    "token": "app.cli.people:token",
}
"""Where each command is; loaded only when it is called, so that a report starts fast."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 refused with one sentence, 2 wrong usage."""
    use_utf8()
    arguments = list(sys.argv[1:] if argv is None else argv)
    language = chosen_language()
    catalogue = None
    if language != "zh":
        from app.resources import catalogue as read_catalogue

        catalogue = read_catalogue(language)
    console = Console(catalogue, as_json="--json" in arguments)
    try:
        parsed = Grammar(console).parser.parse_args(arguments)
        with speaking(catalogue):
            code = _command(parsed.command)(parsed, console)
        sys.stdout.flush()
        return code
    except SystemExit as leaving:  # argparse has said why
        return leaving.code if isinstance(leaving.code, int) else WRONG_USAGE
    except UsageError as error:
        console.fail(error)
        return WRONG_USAGE
    except ZhangfangError as error:
        console.fail(error)
        return REFUSED
    except KeyboardInterrupt:
        console.note(message("已中断，没有完成。"))
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the one place where a bug of ours becomes a sentence
        if _reader_left(error):
            # whoever read us has enough; nothing more may be written, not even at the end of the program
            with contextlib.suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return REFUSED
        _report_bug(console, error)
        return REFUSED


def _command(name: str) -> Command:
    module, _, function = COMMANDS[name].partition(":")
    found: Command = getattr(importlib.import_module(module), function)
    return found


def _reader_left(error: Exception) -> bool:
    if sys.platform == "win32" and isinstance(error, OSError) and error.errno == errno.EINVAL:
        return error.filename is None  # what Windows says of a pipe without a reader
    return isinstance(error, BrokenPipeError)


def _report_bug(console: Console, error: Exception) -> None:
    from app.logs import start_logs, stop_logs
    from app.settings import data_folder

    try:
        path = start_logs(data_folder() / "logs")
        logging.getLogger(__name__).error("a command failed", exc_info=error)
        stop_logs()
    except OSError:
        console.note(message("程序出错：{error}。", error=repr(error)))
        return
    console.note(message("程序出错，没有完成；细节在 {path}。", path=path))
