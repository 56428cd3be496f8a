"""The command `serve`: the server without a window."""

from __future__ import annotations

import argparse
from pathlib import Path

from app.cli.backups import warn_of_place
from app.cli.console import Console
from app.cli.opening import read_address
from app.kernel.errors import NotFound, RuleBroken
from app.kernel.text import message


def serve(arguments: argparse.Namespace, console: Console) -> int:
    """Serve a book until stopped."""
    if arguments.services:
        raise RuleBroken("not_there_yet", message("分开的服务尚未提供，请不带 --services 启动，一个进程就够。"))
    folder = None if arguments.backup_folder is None else Path(arguments.backup_folder).absolute()
    if folder is not None and not folder.is_dir():
        raise NotFound("folder_missing", message("没有文件夹“{path}”。", path=folder))
    address = read_address(arguments.book, console)
    warn_of_place(address, console)
    from app.web.serve import serve as run_server

    return run_server(address, host=arguments.host, port=arguments.port, backup_folder=folder)


def services(arguments: argparse.Namespace, _console: Console) -> int:
    """Say that separate services are not there yet."""
    raise RuleBroken(
        "not_there_yet",
        message("services 尚未提供；现在请用 serve {book}，一个进程里有全部服务。", book=arguments.book),
    )
