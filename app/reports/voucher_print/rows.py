"""A voucher cut into printed rows and sheets: nothing typed is ever cut off, a long voucher goes on over sheets."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from app.contract.ledger import Entry, Voucher
from app.kernel.money import parse_amount
from app.reports.voucher_print.paper import Sheet

TEXT_SIZE = 85
"""Tenths of a point."""
EM = TEXT_SIZE * 2540 // 720
"""Width of a Chinese character in hundredths of a millimetre."""
PADDING = 100
LINES_PER_ROW = 2


class PrintedRow(NamedTuple):
    """One entry as printed: its texts in lines, its sides in minor units, and how many rows high it is."""

    summary: list[str]
    account: list[str]
    debit: int
    credit: int
    height: int


class PrintedSheet(NamedTuple):
    """What stands on one sheet of a voucher; sums are those of its rows."""

    sheet_number: int
    sheet_count: int
    rows: list[PrintedRow]
    debit: int
    credit: int


def sheets_of(voucher: Voucher, names: dict[int, str], digits: int, sheet: Sheet) -> list[PrintedSheet]:
    """Return a voucher's sheets. `names` are full names of accounts by id, `digits` those of the base currency."""
    rows = [_row(entry, names, digits, sheet) for entry in voucher.entries]
    parts = _parts(rows, sheet.rows)
    return [
        PrintedSheet(number, len(parts), part, sum(row.debit for row in part), sum(row.credit for row in part))
        for number, part in enumerate(parts, start=1)
    ]


def _parts(rows: Sequence[PrintedRow], room: int) -> list[list[PrintedRow]]:
    """Put rows on sheets; what is higher than a whole sheet has been cut by `_row` before."""
    parts: list[list[PrintedRow]] = [[]]
    used = 0
    for row in rows:
        if used + row.height > room and parts[-1]:
            parts.append([])
            used = 0
        parts[-1].append(row)
        used += row.height
    return parts


def _row(entry: Entry, names: dict[int, str], digits: int, sheet: Sheet) -> PrintedRow:
    summary = wrap(entry.summary, sheet.summary_width - 2 * PADDING)
    account = wrap(f"{entry.account_code} {names[entry.account_id]}", sheet.account_width - 2 * PADDING)
    for more in (entry.aux.replace(";", "；"), _foreign(entry), _quantity(entry)):
        if more:
            account += wrap(more, sheet.account_width - 2 * PADDING)
    lines = max(len(summary), len(account))
    height = min(-(-lines // LINES_PER_ROW), sheet.rows)
    return PrintedRow(summary, account, parse_amount(entry.debit, digits), parse_amount(entry.credit, digits), height)


def _foreign(entry: Entry) -> str:
    if not entry.foreign_amount:
        return ""
    return f"{entry.currency} {entry.foreign_amount}" + (f" × {entry.rate}" if entry.rate else "")


def _quantity(entry: Entry) -> str:
    if not entry.quantity:
        return ""
    return f"{entry.quantity} × {entry.unit_price}" if entry.unit_price else entry.quantity


def text_width(text: str, em: int = EM) -> int:
    """Return about how wide a text is: Chinese characters are one em, others a little over half."""
    wide = sum(1 for character in text if unicodedata.east_asian_width(character) in "WFA")
    return wide * em + (len(text) - wide) * em * 56 // 100


def wrap(text: str, width: int) -> list[str]:
    """Break a text into lines of at most `width`; Chinese may break anywhere, other words rather at spaces."""
    lines, current = list[str](), ""
    for character in text:
        if current and text_width(current + character) > width:
            space = current.rfind(" ")
            broken_word = character.isascii() and character.isalnum() and space > len(current) // 2
            head, current = (current[:space], current[space + 1 :]) if broken_word else (current, "")
            lines.append(head.rstrip())
        if current or not character.isspace():
            current += character
    return [*lines, current.rstrip()] if current.strip() or not lines else lines
