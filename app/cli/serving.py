"""The command `serve`: the server without a window."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.backups import warn_of_place
from app.cli.console import Console
from app.cli.opening import read_address
from app.kernel.errors import NotFound, RuleBroken
from app.kernel.text import message

if TYPE_CHECKING:
    from app.web.serving import Serving


def serve(arguments: argparse.Namespace, console: Console) -> int:
    """Serve a book until stopped."""
    folder = None if arguments.backup_folder is None else Path(arguments.backup_folder).absolute()
    if folder is not None and not folder.is_dir():
        raise NotFound("folder_missing", message("没有文件夹“{path}”。", path=folder))
    address = read_address(arguments.book, console)
    warn_of_place(address, console)
    from app.web.serve import serve as run_server

    serving = _serving(arguments)
    return run_server(address, host=arguments.host, port=arguments.port, backup_folder=folder, serving=serving)


def _serving(arguments: argparse.Namespace) -> Serving:
    """Return the settings: the environment's, and in their place what the command line says."""
    from app.web.serving import serving_from

    said: dict[str, Any] = {}
    if arguments.services is not None:
        said["services"] = tuple(name.strip() for name in arguments.services.split(",") if name.strip())
    if arguments.books is not None:
        said["books"] = arguments.books
    if arguments.trusted_proxy:
        said["trusted_proxies"] = tuple(arguments.trusted_proxy)
    if arguments.allow_host:
        said["allowed_hosts"] = tuple(arguments.allow_host)
    if arguments.log_format is not None:
        said["log_format"] = arguments.log_format
    serving = replace(serving_from(), **said)
    serving.check()
    return serving


def services(arguments: argparse.Namespace, _console: Console) -> int:
    """Say that separate services are not there yet."""
    raise RuleBroken(
        "not_there_yet",
        message("services 尚未提供；现在请用 serve {book}，一个进程里有全部服务。", book=arguments.book),
    )
