"""Commands on months: posting what is ready, closing, reopening."""

from __future__ import annotations

import argparse

from app.cli.console import Console
from app.cli.opening import month_of, opened_book, who_acts
from app.kernel.period import format_period
from app.kernel.text import message


def post(arguments: argparse.Namespace, console: Console) -> int:
    """Review and post what is ready; say what is not, and why. Exit 1 if something was not."""
    period = format_period(month_of(arguments.period)) if arguments.period else ""
    from app.contract.ledger import BatchSelection
    from app.ledger.service.states import post_batch

    with opened_book(arguments.book, console, changes=True):
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
    """Close a month; with `--carry-forward` make and post what is missing of 结转损益 first."""
    period = month_of(arguments.period)
    from app.ledger.service.periods import close_period
    from app.web.composition import join_slices

    join_slices()
    with opened_book(arguments.book, console, changes=True):
        closed = close_period(who_acts(console), period, carry=arguments.carry_forward)
    if console.as_json:
        console.print_json(closed.model_dump())
        return 0
    for voucher in closed.made:
        console.say(
            message(
                "已生成并记账：{word}字第 {number} 号 {summary} {amount}",
                word=voucher.word,
                number=voucher.number,
                summary=voucher.summary,
                amount=voucher.amount,
            )
        )
    for note in closed.notes:
        console.note(message("注意：{note}", note=note))
    console.say(message("{period} 已结账。", period=format_period(period)))
    return 0


def reopen(arguments: argparse.Namespace, console: Console) -> int:
    """Reopen the last closed month, for new vouchers only."""
    period = month_of(arguments.period)
    from app.ledger.service.periods import reopen_period

    with opened_book(arguments.book, console, changes=True):
        reopen_period(who_acts(console), period)
    console.say(message("{period} 已重新打开，只能补记新凭证。", period=format_period(period)))
    return 0
