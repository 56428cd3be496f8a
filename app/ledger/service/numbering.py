"""Voucher numbers: per month and word from 1, without gaps or duplicates (guarantee 3; 《会计基础工作规范》 51)."""

from __future__ import annotations

from app.kernel.errors import RuleBroken
from app.kernel.text import message
from app.storage.database import current_book, execute, fetch_one, lock_suffix

WORDS = ("记", "收", "付", "转", "现收", "现付", "银收", "银付")
"""The usual words, for lists; a book may use others."""


def lock_counter(period: int, word: str) -> int:
    """Lock the counter of a month and word and return the last number given."""
    last = _counter(period, word)
    if last is None:
        verb = "INSERT OR IGNORE" if current_book().is_sqlite else "INSERT IGNORE"
        execute(f"{verb} INTO {{number_counter}} (period, word, last_number) VALUES (?, ?, 0)", (period, word))
        last = _counter(period, word) or 0
    return last


def _counter(period: int, word: str) -> int | None:
    row = fetch_one(
        f"SELECT last_number FROM {{number_counter}} WHERE period = ? AND word = ?{lock_suffix()}", (period, word)
    )
    return None if row is None else int(row[0])


def take_number(period: int, word: str) -> int:
    """Give the next number; the counter stays locked until the unit ends."""
    number = lock_counter(period, word) + 1
    set_counter(period, word, number)
    return number


def set_counter(period: int, word: str, last_number: int) -> None:
    """Write the last number of a locked counter."""
    execute("UPDATE {number_counter} SET last_number = ? WHERE period = ? AND word = ?", (last_number, period, word))


def give_back_number(period: int, word: str, number: int) -> None:
    """Take a draft's number out of its month: the drafts after it move up by one.

    The caller has already removed the number from its voucher. Raises `RuleBroken` when a later number is posted or
    void, for those never change: such a draft can only be voided.
    """
    last = lock_counter(period, word)
    if has_fixed_after(period, word, number):
        raise RuleBroken(
            "number_fixed",
            message(
                "{word}字第 {number} 号之后已有记账或作废的凭证，它只能作废，不能删除或改月份。",
                word=word,
                number=number,
            ),
        )
    # Two steps through negative numbers: the unique key is checked row by row.
    later = (period, word, number)
    execute(
        "UPDATE {voucher} SET number = -(number - 1), version = version + 1"
        " WHERE period = ? AND word = ? AND number > ?",
        later,
    )
    execute("UPDATE {voucher} SET number = -number WHERE period = ? AND word = ? AND number < 0", (period, word))
    set_counter(period, word, last - 1)


def has_fixed_after(period: int, word: str, number: int) -> bool:
    """Tell whether a posted or void voucher has a later number in this month and word."""
    row = fetch_one(
        "SELECT 1 FROM {voucher} WHERE period = ? AND word = ? AND number > ? AND state IN ('posted', 'void') LIMIT 1",
        (period, word, number),
    )
    return row is not None
