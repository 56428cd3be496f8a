"""The command `backups`, and what other commands say and do about backups and a book's place."""

from __future__ import annotations

import argparse
import datetime
from typing import TYPE_CHECKING

from app.cli.console import Console
from app.cli.opening import opened_book, who_acts
from app.kernel.clock import CHINA_OFFSET
from app.kernel.text import Message, message
from app.storage.address import BookAddress
from app.storage.places import synchronised_folder_warning

if TYPE_CHECKING:
    from app.contract.book import KeptBackup
    from app.storage.database import Book


def backups(arguments: argparse.Namespace, console: Console) -> int:
    """List the kept backups, after making or checking some where asked; exit 1 when one is damaged."""
    with opened_book(arguments.book, console) as book:
        from app.identity import audit
        from app.storage.kept_backups.proof import FULL
        from app.web.keeping import keeper_of
        from app.web.kept_list import kept_backups

        actor = who_acts(console)
        actor.require("book:backup:add")
        keeper = keeper_of(book)
        keeper.tell = console.note
        if arguments.keep:
            keeper.keep("manual", actor=actor, proof=FULL, even_if_unchanged=True, progress=console.progress)
        if arguments.check:
            looked = keeper.check(everything=True, progress=console.progress)
            audit.record(actor, "book:backup:check", "backup", "", after={"checked": [kept.name for kept in looked]})
        listed = kept_backups(actor)
    if console.as_json:
        console.print_json(listed.model_dump(mode="json"))
    for advice in listed.advice:
        console.note(message("注意：{warning}", warning=advice.text))
    for kept in listed.backups:
        console.say(
            message(
                "{at}  {reason}  {size} KB  {vouchers} 张凭证  {proof}  {path}",
                at=f"{datetime.datetime.fromtimestamp(kept.made_at / 1000, CHINA_OFFSET):%Y-%m-%d %H:%M:%S}",
                reason=_reason(kept.reason),
                size=f"{kept.size // 1024:,}",
                vouchers="?" if kept.vouchers is None else f"{kept.vouchers:,}",
                proof=kept.damage or _proof(kept),
                path=kept.path,
            )
        )
    if not listed.backups:
        console.say(message("“{folder}”里还没有备份。", folder=listed.folder))
    return 1 if any(kept.damage for kept in listed.backups) else 0


def warn_of_place(address: BookAddress, console: Console) -> None:
    """Say on standard error when a service synchronises the folder the book lies in."""
    warning = None if address.path is None else synchronised_folder_warning(address.path)
    if warning is not None:
        console.note(message("注意：{warning}", warning=warning))


def guard_acts(book: Book, console: Console) -> None:
    """Have a backup kept before the command takes something away; whoever may run it decides, not who is logged in."""
    from app.web.keeping import keeper_of

    keeper = keeper_of(book)
    keeper.may_by_itself = True
    keeper.tell = console.note
    keeper.answer_bell()


def _reason(reason: str) -> Message:
    reasons = {
        "session": message("关闭账簿时"),
        "daily": message("每日"),
        "start": message("打开时补做"),
        "import": message("导入前"),
        "opening": message("改期初前"),
        "upgrade": message("更新前"),
        "manual": message("手工"),
    }
    return reasons.get(reason, message("自行放入"))


def _proof(kept: KeptBackup) -> Message:
    if kept.proof == "full":
        return message("已完整检查")
    return message("已打开核对") if kept.proof == "quick" else message("还没有检查")
