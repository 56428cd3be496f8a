"""Brings a journal into the current book, inside the importer's unit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from app.exchange.errors import refused
from app.exchange.journal.accounts import AccountMapper
from app.exchange.journal.balancing import BookedTransaction, balance_journal
from app.exchange.journal.commodities import CommodityMapper
from app.exchange.journal.model import DeclaredAccount, Dialect, Journal, Place
from app.exchange.journal.parser import parse_journal
from app.exchange.journal.vouchers import VIRTUAL_ACCOUNT, Conversion
from app.exchange.outcome import Outcome, Wishes
from app.identity.actor import Actor
from app.kernel.period import format_period
from app.kernel.text import Message, message
from app.ledger.service.bulk import import_vouchers
from app.storage.book_settings import get_setting


def read_journal(path: Path, dialect: Dialect) -> tuple[Journal, list[BookedTransaction]]:
    """Read and balance a journal; needs no book. Raises `FileRefused`."""
    journal = parse_journal(path, dialect)
    return journal, balance_journal(journal)


def import_journal(
    actor: Actor, journal: Journal, transactions: Sequence[BookedTransaction], wishes: Wishes
) -> Outcome:
    """Import what `read_journal` gave. Raises `FileRefused` and what the ledger refuses."""
    actor.require("ledger:account:add")
    _require_dates(transactions)
    accounts, commodities = AccountMapper(), CommodityMapper()
    posted: dict[str, Place] = {}
    for transaction in transactions:
        for row in transaction.postings:
            posted.setdefault(row.account, row.place)
    declared = list(journal.accounts)
    virtual = next((r.place for t in transactions for r in t.postings if r.virtual == "(" and r.quantity), None)
    if virtual is not None:
        posted.setdefault(VIRTUAL_ACCOUNT, virtual)
        declared.append(DeclaredAccount(VIRTUAL_ACCOUNT, "E", virtual))
    accounts.add(posted, declared)
    commodities.add(row for transaction in transactions for row in transaction.postings)
    conversion = Conversion(accounts, commodities, wishes.origin)
    outcome = Outcome()
    done = import_vouchers(
        actor,
        conversion.vouchers(transactions),
        post=wishes.post,
        renumber=wishes.renumber,
        origin=wishes.origin,
        total=len(transactions),
        progress=wishes.progress,
    )
    for where, reason in done.faulty:
        file, _, line = where.rpartition(":")
        raise refused(file, int(line), reason)
    outcome.vouchers, outcome.posted = done.vouchers, done.posted
    outcome.skipped = [(str(place), reason) for place, reason in journal.skipped] + conversion.skipped
    outcome.warnings = [*accounts.warnings, *commodities.warnings, *_notices(journal, conversion)]
    return outcome


def _require_dates(transactions: Sequence[BookedTransaction]) -> None:
    start = int(get_setting("start_period"))
    for transaction in transactions:
        if transaction.date.year * 100 + transaction.date.month < start:
            raise transaction.place.refuse(
                message(
                    "日期 {date} 早于账套的启用月份 {start}。",
                    date=transaction.date.isoformat(),
                    start=format_period(start),
                )
            )


def _notices(journal: Journal, conversion: Conversion) -> list[Message]:
    """Return one sentence for each kind of thing that was understood and has no place in a book."""
    counts = {kind: journal.notices.get(kind, 0) for kind in ("price", "second_date", "own_date", "lot", "tag")}
    sentences = (
        (counts["price"], message("{count} 条行情（P）没有导入：账簿没有行情表。", count=counts["price"])),
        (
            counts["second_date"],
            message("{count} 个第二日期没有导入：凭证只有一个日期。", count=counts["second_date"]),
        ),
        (
            counts["own_date"],
            message("{count} 个分录自己的日期没有导入：凭证只有一个日期。", count=counts["own_date"]),
        ),
        (counts["lot"], message("{count} 个批次价格没有导入：账簿不分批次。", count=counts["lot"])),
        (counts["tag"], message("{count} 个 apply tag 没有导入：账簿没有标签。", count=counts["tag"])),
    )
    notices = [sentence for count, sentence in sentences if count]
    if conversion.shortened:
        notices.append(message("{count} 条摘要长于 200 字，已截短。", count=conversion.shortened))
    if conversion.virtual:
        notices.append(
            message(
                "{count} 条圆括号里的虚拟分录没有对方，对方记在科目“{account}”。",
                count=conversion.virtual,
                account=VIRTUAL_ACCOUNT,
            )
        )
    return notices
