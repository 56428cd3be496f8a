"""The commands `serve`, `services` and `gateway`: servers without a window."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.backups import warn_of_place
from app.cli.console import Console
from app.cli.opening import UsageError, read_address
from app.kernel.errors import NotFound
from app.kernel.text import message

if TYPE_CHECKING:
    from app.web.serving import Serving

LAST_PORT = 65535


def serve(arguments: argparse.Namespace, console: Console) -> int:
    """Serve a book until stopped."""
    folder = _backup_folder(arguments)
    _check_port(arguments.port)
    address = read_address(arguments.book, console)
    warn_of_place(address, console)
    from app.web.serve import serve as run_server

    serving = _serving(arguments)
    return run_server(address, host=arguments.host, port=arguments.port, backup_folder=folder, serving=serving)


def services(arguments: argparse.Namespace, console: Console) -> int:
    """Run each service and the gateway as a process of its own until stopped."""
    folder = _backup_folder(arguments)
    if not 0 <= arguments.port <= LAST_PORT - 4:
        raise UsageError(
            "port_malformed",
            message("--port 应是 0，或 1 到 {last} 的数：后面的四个端口给各服务。", last=LAST_PORT - 4),
        )
    address = read_address(arguments.book, console)
    warn_of_place(address, console)
    from app.web.supervisor import run_services

    serving = _serving(arguments)
    return run_services(address, serving, host=arguments.host, port=arguments.port, backup_folder=folder)


def gateway(arguments: argparse.Namespace, _console: Console) -> int:
    """Run the gateway alone, before services that somebody else runs, until stopped."""
    _check_port(arguments.port)
    from app.web.gateway.serve import serve_gateway
    from app.web.gateway.settings import gateway_settings_from, read_places

    settings = gateway_settings_from()
    if arguments.upstream:
        settings = replace(settings, places={**settings.places, **read_places(tuple(arguments.upstream))})
    if arguments.trusted_proxy:
        settings = replace(settings, trusted_proxies=tuple(arguments.trusted_proxy))
    log_format = arguments.log_format or os.environ.get("ZHANGFANG_LOG_FORMAT", "") or "text"
    return serve_gateway(settings, host=arguments.host, port=arguments.port, log_format=log_format)


def _check_port(port: int) -> None:
    if not 0 <= port <= LAST_PORT:
        raise UsageError("port_malformed", message("--port 应是 0，或 1 到 {last} 的数。", last=LAST_PORT))


def _backup_folder(arguments: argparse.Namespace) -> Path | None:
    folder = None if arguments.backup_folder is None else Path(arguments.backup_folder).absolute()
    if folder is not None and not folder.is_dir():
        raise NotFound("folder_missing", message("没有文件夹“{path}”。", path=folder))
    return folder


def _serving(arguments: argparse.Namespace) -> Serving:
    """Return the settings: the environment's, and in their place what the command line says."""
    from app.web.serving import serving_from

    said: dict[str, Any] = {}
    if getattr(arguments, "services", None) is not None:
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
