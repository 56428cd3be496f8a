"""The commands `import` and `export`."""

from __future__ import annotations

import argparse
from pathlib import Path

from app.cli.backups import guard_acts
from app.cli.console import Console
from app.cli.opening import UsageError, opened_book, who_acts
from app.kernel.text import message


def import_files(arguments: argparse.Namespace, console: Console) -> int:
    """Import files in one transaction: all of it or nothing."""
    from app.exchange.importing import import_paths

    with opened_book(arguments.book, console, changes=not arguments.dry_run) as book:
        if not arguments.dry_run:
            guard_acts(book, console)
        result = import_paths(
            who_acts(console),
            [Path(path) for path in arguments.paths],
            format_name=arguments.format,
            account_code=arguments.account,
            post=arguments.post,
            renumber=arguments.renumber,
            dry_run=arguments.dry_run,
            progress=console.progress,
            render=console.text,
        )
    if console.as_json:
        console.print_json(result.model_dump(mode="json"))
        return 0
    for warning in result.warnings:
        console.note(message("注意：{warning}", warning=warning))
    for skipped in result.skipped:
        console.note(message("跳过 {where}：{reason}", where=skipped.where, reason=skipped.reason))
    text = message("已导入 {vouchers} 张凭证，其中记账 {posted} 张。", vouchers=result.vouchers, posted=result.posted)
    if arguments.dry_run:
        text = message("试导入：会有 {vouchers} 张凭证，没有写入。", vouchers=result.vouchers)
    console.say(text)
    return 0


def export(arguments: argparse.Namespace, console: Console) -> int:
    """Export the book."""
    from app.exchange.exporting import export_book

    if not arguments.path.strip():  # it would be the folder one is in
        raise UsageError("path_not_named", message("没有写明导出到哪里：PATH 是空的。"))
    with opened_book(arguments.book, console):
        export_book(who_acts(console), Path(arguments.path), format_name=arguments.format, progress=console.progress)
    console.say(message("已导出到“{path}”。", path=arguments.path))
    return 0
