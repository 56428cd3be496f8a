"""The summaries prescribed for correcting vouchers (《会计基础工作规范》 art. 51(5)).

They are texts of the book, so they are never translated.
"""

from __future__ import annotations


def reversal_summary(date: str, word: str, number: int | None, new_date: str = "") -> str:
    """Return the summary of a red reversal: `注销3月5日记字12号凭证`; with the year where the red one is of another."""
    return f"注销{_voucher(date, word, number, new_date)}"


def correction_summary(date: str, word: str, number: int | None, new_date: str = "") -> str:
    """Return the summary of the blue voucher after it, or of a difference: `订正3月5日记字12号凭证`."""
    return f"订正{_voucher(date, word, number, new_date)}"


def _voucher(date: str, word: str, number: int | None, new_date: str) -> str:
    year, month, day = date.split("-")
    of_year = f"{int(year)}年" if new_date and new_date[:4] != year else ""
    return f"{of_year}{int(month)}月{int(day)}日{word}字{number}号凭证"
