"""What every export writes: the book read once, with names and digits at hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from app.contract.ledger import Opening
from app.kernel.money import format_amount, format_quantity
from app.kernel.text import message
from app.ledger.queries.content import (
    ContentAccount,
    ContentCurrency,
    ContentEntry,
    ContentVoucher,
    all_accounts,
    all_auxiliaries,
    all_currencies,
    count_vouchers,
    used_set_ids,
    vouchers_by_chain,
    vouchers_by_number,
)
from app.ledger.queries.opening import get_opening
from app.ledger.queries.vouchers import aux_texts
from app.ledger.service.book import book_facts
from app.storage.book_settings import get_setting
from app.storage.progress import Progress

REPORT_EVERY = 2_000


@dataclass(slots=True)
class BookContent:
    """The book as an export sees it; vouchers come from `vouchers()`, one at a time."""

    name: str
    chart: str
    start_period: int
    base: str
    base_id: int
    base_digits: int
    accounts: dict[int, ContentAccount]
    currencies: dict[int, ContentCurrency]
    auxiliaries: list[tuple[str, str, str]]
    opening: Opening
    aux_of: dict[int, str]
    progress: Progress
    account_ids: dict[str, int] = field(default_factory=dict)

    def vouchers(self, *, by_chain: bool = False) -> Iterator[tuple[ContentVoucher, list[ContentEntry]]]:
        """Yield every voucher with its entries, by number or in the order they were posted, telling the progress."""
        total = count_vouchers()
        for done, pair in enumerate(vouchers_by_chain() if by_chain else vouchers_by_number()):
            if done % REPORT_EVERY == 0:
                self.progress(done, total, message("正在导出凭证"))
            yield pair

    def money(self, minor: int) -> str:
        """Write an amount of the base currency."""
        return format_amount(minor, self.base_digits)

    def foreign(self, entry: ContentEntry) -> str:
        """Write an entry's foreign amount, or nothing when it has none."""
        if not entry.foreign_amount:
            return ""
        return format_amount(entry.foreign_amount, self.currencies[entry.currency_id].minor_digits)

    def currency_code(self, currency_id: int) -> str:
        """Return a currency's code, empty for the base currency."""
        return "" if currency_id == self.base_id else self.currencies[currency_id].code


def read_content(progress: Progress) -> BookContent:
    """Read all but the vouchers. Call inside `read_snapshot`, and write inside it too."""
    facts = book_facts()
    accounts = {account.id: account for account in all_accounts()}
    return BookContent(
        name=facts["book_name"],
        chart=facts["chart"],
        start_period=int(facts["start_period"]),
        base=facts["base_currency"],
        base_id=int(get_setting("base_currency_id")),
        base_digits=int(get_setting("base_digits", 2)),
        accounts=accounts,
        currencies={currency.id: currency for currency in all_currencies()},
        auxiliaries=all_auxiliaries(),
        opening=get_opening(),
        aux_of=aux_texts(used_set_ids()),
        progress=progress,
        account_ids={account.code: account.id for account in accounts.values()},
    )


def quantity_text(scaled: int) -> str:
    """Write a quantity or unit price, or nothing when there is none."""
    return format_quantity(scaled) if scaled else ""


def voucher_name(voucher: ContentVoucher) -> str:
    """Return `记-1`, or the word alone for a draft without a number."""
    return voucher.word if voucher.number is None else f"{voucher.word}-{voucher.number}"
