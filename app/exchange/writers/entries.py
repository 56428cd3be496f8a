"""A line of a plain-text journal: an amount in the commodity it was booked in, with what it cost."""

from __future__ import annotations

from typing import NamedTuple

from app.exchange.writers.content import BookContent
from app.kernel.money import format_amount, format_quantity
from app.ledger.queries.content import ContentEntry


class JournalAmount(NamedTuple):
    """A signed amount (debit positive) as text, its currency's code, and its cost: `@@` in total, `@` for a unit."""

    text: str
    commodity: str
    cost_marker: str = ""
    cost: str = ""
    cost_commodity: str = ""


def amount_of(content: BookContent, entry: ContentEntry) -> JournalAmount:
    """Return an entry's amount. A foreign amount with a base value of the same sign carries it as its total cost."""
    base = entry.debit - entry.credit
    foreign = entry.foreign_amount * entry.side
    currency = content.currencies[entry.currency_id]
    if currency.id == content.base_id or not foreign or (base and (base > 0) != (foreign > 0)):
        return JournalAmount(content.money(base), content.base)
    text = plain(foreign, currency.minor_digits)
    if base:
        return JournalAmount(text, currency.code, "@@", content.money(abs(base)), content.base)
    price, _, commodity = entry.rate.partition(" ")
    if commodity:
        return JournalAmount(text, currency.code, "@", price, commodity)
    return JournalAmount(text, currency.code)


def plain(minor: int, digits: int) -> str:
    """Write an amount with the decimals of money, or as short as it is for what has more."""
    return format_amount(minor, digits) if digits <= 3 else format_quantity(minor, digits)


def opening_amounts(content: BookContent) -> list[tuple[int, JournalAmount, str]]:
    """Return (account id, amount, aux) of every opening balance that is not zero."""
    found: list[tuple[int, JournalAmount, str]] = []
    for row in content.opening.rows:
        base = row.opening_debit or (_negated(row.opening_credit) if row.opening_credit else "")
        amount = JournalAmount(base, content.base)
        if row.currency and row.opening_foreign:
            foreign = row.opening_foreign
            if base and foreign.startswith("-") == base.startswith("-"):
                amount = JournalAmount(foreign, row.currency, "@@", base.lstrip("-"), content.base)
            elif not base:
                amount = JournalAmount(foreign, row.currency)
        if amount.text:
            found.append((content.account_ids[row.account_code], amount, row.aux))
    return found


def _negated(text: str) -> str:
    return text[1:] if text.startswith("-") else f"-{text}"
