"""Commands on months: posting what is ready, closing, reopening."""

from __future__ import annotations

import argparse

from app.cli.console import Console
from app.cli.opening import month_of, opened_book, who_acts
from app.kernel.errors import RuleBroken
from app.kernel.period import format_period
from app.kernel.text import message


def post(arguments: argparse.Namespace, console: Console) -> int:
    """Review and post what is ready; say what is not, and why. Exit 1 if something was not."""
    period = format_period(month_of(arguments.period)) if arguments.period else ""
    from app.contract.ledger import BatchSelection
    from app.ledger.service.states import post_batch

    with opened_book(arguments.book, console):
        result = post_batch(who_acts(console), BatchSelection(period=period), review=True)
    if console.as_json:
        refused = [{"id": one.id, "where": one.where, "reason": one.reason} for one in result.refused]
        console.print_json({"posted": result.done, "refused": refused})
    else:
        for one in result.refused:
            console.note(message("{where}：{reason}", where=one.where, reason=one.reason))
        console.say(message("已记账 {done} 张，未记账 {left} 张。", done=result.done, left=len(result.refused)))
    return 1 if result.refused else 0


def close(arguments: argparse.Namespace, console: Console) -> int:
    """Close a month."""
    period = month_of(arguments.period)
    if arguments.carry_forward:
        raise RuleBroken(
            "not_there_yet", message("自动结转损益尚未提供，请先自己填制并记账结转凭证，再不带 --carry-forward 结账。")
        )
    from app.ledger.service.periods import close_period

    with opened_book(arguments.book, console):
        close_period(who_acts(console), period)
    console.say(message("{period} 已结账。", period=format_period(period)))
    return 0


def reopen(arguments: argparse.Namespace, console: Console) -> int:
    """Reopen the last closed month, for new vouchers only."""
    period = month_of(arguments.period)
    from app.ledger.service.periods import reopen_period

    with opened_book(arguments.book, console):
        reopen_period(who_acts(console), period)
    console.say(message("{period} 已重新打开，只能补记新凭证。", period=format_period(period)))
    return 0
