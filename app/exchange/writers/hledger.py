"""Writes an hledger journal: one transaction a voucher, the same balance in every account and commodity."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from pathlib import Path

from app.exchange.journal.commodities import NO_COMMODITY
from app.exchange.journal.vouchers import NO_SUMMARY
from app.exchange.writers.accounts import HLEDGER_TYPES, class_of, hledger_names
from app.exchange.writers.content import BookContent, quantity_text, voucher_name
from app.exchange.writers.entries import JournalAmount, amount_of, opening_amounts
from app.kernel.period import first_day
from app.ledger.queries.content import ContentEntry, ContentVoucher

_SIMPLE = re.compile(r'[^\s\d"+\-.,;*={}\[\]()@]+')
_MARKS = {"posted": "*", "reviewed": "!", "draft": "!"}


def write_hledger(content: BookContent, path: Path) -> None:
    """Write the journal. Unposted vouchers are pending (`!`); void ones and drafts with faults stand in comments."""
    names = hledger_names(content.accounts)
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(f"; {_clean(content.name)}\n\n")
        for account in sorted(content.accounts.values(), key=lambda each: each.code):
            if account.is_leaf:
                stream.write(f"account {names[account.id]}  ; type:{HLEDGER_TYPES[class_of(account)]}\n")
        openings = opening_amounts(content)
        if openings:
            day = first_day(content.start_period) - datetime.timedelta(days=1)
            stream.write(f"\n{day.isoformat()} * 期初余额\n")
            stream.writelines(_posting(names[account], amount, [aux]) for account, amount, aux in openings)
        for voucher, entries in content.vouchers():
            stream.write("\n")
            lines = [_head(voucher, entries), *_postings(content, names, voucher, entries)]
            if voucher.state == "void" or voucher.faults or not entries:
                lines = [f"; {voucher.state if not voucher.faults else 'incomplete'}: {line}" for line in lines]
            stream.writelines(lines)


def _clean(text: str) -> str:
    return " ".join(text.replace(";", "；").split())


def _head(voucher: ContentVoucher, entries: list[ContentEntry]) -> str:
    summary = entries[0].summary if entries else ""
    description = "" if summary == NO_SUMMARY else _clean(summary)
    mark = _MARKS.get(voucher.state, "!")
    return f"{voucher.date} {mark} ({_clean(voucher_name(voucher))}) {description}".rstrip() + "\n"


def _postings(
    content: BookContent, names: dict[int, str], voucher: ContentVoucher, entries: list[ContentEntry]
) -> Iterable[str]:
    for entry in entries:
        notes = [] if entry.summary == entries[0].summary else [entry.summary]
        notes.append(content.aux_of[entry.auxiliary_set_id].replace(";", ", "))
        if entry.quantity:
            notes.append(f"quantity: {quantity_text(entry.quantity * entry.side)}")
        if voucher.kind != "normal":
            notes.append(f"kind: {voucher.kind}")
        yield _posting(names[entry.account_id], amount_of(content, entry), notes)


def _posting(name: str, amount: JournalAmount, notes: list[str]) -> str:
    text = f"    {name}  {amount.text}{_symbol(amount.commodity)}"
    if amount.cost_marker:
        text += f" {amount.cost_marker} {amount.cost}{_symbol(amount.cost_commodity)}"
    comment = _clean(", ".join(note for note in notes if note))
    return f"{text}  ; {comment}\n" if comment else f"{text}\n"


def _symbol(commodity: str) -> str:
    if commodity == NO_COMMODITY:
        return ""
    return f" {commodity}" if _SIMPLE.fullmatch(commodity) else f' "{commodity}"'
