"""Commands on whole books: making, proving, saving, bringing back and copying them."""

from __future__ import annotations

import argparse
import contextlib
from dataclasses import asdict
from pathlib import Path

from app.cli.backups import warn_of_place
from app.cli.console import Console
from app.cli.opening import hold, month_of, open_address, opened_book, read_address, spare_the_mysql_driver, who_acts
from app.kernel.errors import Conflict
from app.kernel.period import format_period
from app.kernel.text import message


def new(arguments: argparse.Namespace, console: Console) -> int:
    """Make a book: its file or tables, its owner, its chart of accounts."""
    start = format_period(month_of(arguments.start))
    address = read_address(arguments.book, console)
    if address.kind == "sqlite":
        spare_the_mysql_driver()
    from app.web.opening import create_book

    name = arguments.name or (address.path.stem if address.path is not None else address.database)
    create_book(address, name=name, chart=arguments.chart, start=start, vat=arguments.vat, base_currency=arguments.base)
    warn_of_place(address, console)
    console.say(message("已建立账簿“{name}”（{address}），从 {start} 开始。", name=name, address=address, start=start))
    return 0


def _remove(path: Path) -> None:
    """Take away the file of a book that did not come into being."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def verify(arguments: argparse.Namespace, console: Console) -> int:
    """Recompute every guarantee; exit 1 with the findings if one does not hold. Warnings are told, exit stays 0."""
    from app.reports.doctor.proof import prove_book

    with opened_book(arguments.book, console) as book:
        warn_of_place(book.address, console)
        who_acts(console).require("ledger:book:verify")
        outcome = prove_book(console.progress)
    if console.as_json:
        console.print_json(outcome.model_dump(mode="json"))
    else:
        for finding in outcome.findings:
            console.note(message("{where}：{text}", where=finding.where, text=finding.message))
        for warning in outcome.warnings:
            console.note(message("提醒　{where}：{text}", where=warning.where, text=warning.message))
        if not outcome.findings:
            console.say(
                message(
                    "账簿无误：{vouchers} 张凭证，{entries} 行分录，链上 {count} 张，最后的哈希 {hash}。",
                    vouchers=outcome.vouchers,
                    entries=outcome.entries,
                    count=outcome.chain_count,
                    hash=outcome.chain_hash,
                )
            )
    if outcome.findings:
        console.note(message("核验发现 {count} 处不对。", count=len(outcome.findings)))
        return 1
    return 0


def backup(arguments: argparse.Namespace, console: Console) -> int:
    """Write a checked copy of the book into a new file."""
    with opened_book(arguments.book, console) as book:
        from app.identity import audit
        from app.storage.backup import backup as write_backup
        from app.web.book_eyes import chain_head, findings

        actor = who_acts(console)
        actor.require("book:backup:add")
        target = Path(arguments.file)
        result = write_backup(book, target, verify=findings, head=chain_head, progress=console.progress)
        audit.record(actor, "book:backup:add", "backup", target.name, after=asdict(result))
    console.say(message("已备份到“{path}”，{size} 字节；{head}", path=result.path, size=result.size, head=result.head))
    return 0


def restore(arguments: argparse.Namespace, console: Console) -> int:
    """Make a book out of a backup; the one that was there is set aside."""
    address = read_address(arguments.book, console)
    if address.kind == "sqlite":
        spare_the_mysql_driver()
    from app.web.book_work import restore_book

    result = restore_book(Path(arguments.file), address, console.progress)
    if result.set_aside:
        console.say(message("原来的账簿留存为“{path}”。", path=result.set_aside))
    console.say(message("已恢复到“{path}”；{head}", path=result.path, head=result.head))
    return 0


def copy(arguments: argparse.Namespace, console: Console) -> int:
    """Copy a book into an empty one, ids kept."""
    target = read_address(arguments.target, console)
    if target.path is not None and target.path.exists():
        raise Conflict("book_exists", message("“{path}”已存在，没有改动它；请另起一个名字。", path=target.path))
    with opened_book(arguments.book, console, alongside=target) as source:
        who_acts(console).require("book:backup:add")
        from app.storage.copying import copy as copy_rows
        from app.storage.creation import make_room

        copied = open_address(target, alongside=source.address)
        with contextlib.ExitStack() as stack:
            if target.path is not None:
                hold(stack, target.path)
            unfinished = stack.enter_context(contextlib.ExitStack())
            if target.path is not None:
                unfinished.callback(_remove, target.path)
            stack.callback(copied.close)
            make_room(copied)
            rows = copy_rows(source, copied, console.progress)
            unfinished.pop_all()
    console.say(message("已复制到“{target}”，共 {rows} 行。", target=target, rows=sum(rows.values())))
    return 0
