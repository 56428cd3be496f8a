"""Writes csv-book: a folder of CSV files from which an equal book can be made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from app.exchange.csv_book import columns as names
from app.exchange.csv_book.vouchers import INCOMPLETE
from app.exchange.writers.content import BookContent, quantity_text
from app.exchange.writers.csv_assets import write_assets_and_rates
from app.exchange.writers.csv_contacts import write_contacts
from app.exchange.writers.csv_rows import write_rows
from app.kernel.cells import guarded
from app.kernel.period import format_period
from app.ledger.queries.content import ContentAccount, ContentEntry, ContentVoucher


def write_csv_book(content: BookContent, folder: Path) -> None:
    """Write all files of a csv-book into an existing folder."""
    write_rows(folder, names.BOOK_FILE, names.BOOK_COLUMNS, [_book_row(content)])
    currencies = ([guarded(c.code), c.minor_digits, _flag(c.is_money)] for c in content.currencies.values())
    write_rows(folder, names.CURRENCIES_FILE, names.CURRENCY_COLUMNS, currencies)
    accounts = (_account_row(content, account) for account in content.accounts.values())
    write_rows(folder, names.ACCOUNTS_FILE, names.ACCOUNT_COLUMNS, accounts)
    items = ([guarded(cell) for cell in item] for item in content.auxiliaries)
    write_rows(folder, names.AUXILIARIES_FILE, names.AUXILIARY_COLUMNS, items)
    rows = (_opening_row(row.model_dump()) for row in content.opening.rows)
    write_rows(folder, names.OPENING_FILE, names.OPENING_COLUMNS, rows)
    flows = ([flow.cash_flow_line, flow.ytd_amount] for flow in content.opening.cash_flow)
    write_rows(folder, names.OPENING_CASH_FLOW_FILE, names.CASH_FLOW_COLUMNS, flows)
    write_rows(folder, names.VOUCHERS_FILE, names.VOUCHER_COLUMNS, _voucher_rows(content))
    write_assets_and_rates(folder)
    write_contacts(folder)


def _flag(value: object) -> str:
    return "Y" if value else ""


def _book_row(content: BookContent) -> list[object]:
    return [guarded(content.name), content.chart, format_period(content.start_period), content.base]


def _account_row(content: BookContent, account: ContentAccount) -> list[object]:
    parent = content.accounts[account.parent_id].code if account.parent_id is not None else ""
    currency = content.currencies[account.currency_id].code if account.currency_id is not None else ""
    return [
        account.code,
        parent,
        guarded(account.name_zh),
        account.category,
        "借" if account.normal_side == "debit" else "贷",
        "Y" if account.is_leaf else "N",
        "Y" if account.is_cash else "N",
        guarded(";".join(kind for kind, demanded in account.uses if demanded)),
        _flag(account.has_quantity),
        guarded(account.name_en),
        guarded(account.source_name or ""),
        guarded(currency),
        guarded(account.unit),
        guarded(";".join(kind for kind, demanded in account.uses if not demanded)),
        "Y" if account.active else "N",
    ]


def _opening_row(row: dict[str, str]) -> list[str]:
    texts = ("account_name", "aux", "currency")
    return [guarded(row[name]) if name in texts else row[name] for name in names.OPENING_COLUMNS]


def _voucher_rows(content: BookContent) -> Iterator[list[object]]:
    accounts = {key: (account.code, guarded(account.name_zh)) for key, account in content.accounts.items()}
    aux = {key: guarded(text) for key, text in content.aux_of.items()}
    codes = {key: guarded(content.currency_code(key)) for key in content.currencies}
    for voucher, entries in content.vouchers(by_chain=True):
        state = INCOMPLETE if voucher.faults and voucher.state == "draft" else voucher.state
        head = (voucher.date, guarded(voucher.word), "" if voucher.number is None else voucher.number)
        if not entries:  # a draft that was only begun keeps its number, so its head stands alone
            row: dict[str, object] = dict.fromkeys(names.VOUCHER_COLUMNS, "")
            row.update(date=head[0], word=head[1], number=head[2], kind=voucher.kind)
            row.update(attachments=_attachments(voucher), state=state)
            yield list(row.values())
        for entry in entries:
            yield [
                *head,
                entry.line,
                guarded(entry.summary),
                *accounts[entry.account_id],
                *_sides(content, entry),
                aux[entry.auxiliary_set_id],
                quantity_text(entry.quantity),
                "" if entry.cash_flow_line is None else entry.cash_flow_line,
                voucher.kind,
                codes[entry.currency_id],
                content.foreign(entry),
                guarded(entry.rate),
                quantity_text(entry.unit_price),
                _attachments(voucher),
                state,
            ]


def _attachments(voucher: ContentVoucher) -> object:
    return voucher.attachment_count or ""


def _sides(content: BookContent, entry: ContentEntry) -> tuple[str, str]:
    """Return debit and credit: the side used is written even when it is zero, so that an unvalued line keeps it."""
    amount = content.money(entry.debit + entry.credit)
    return (amount, "") if entry.side > 0 else ("", amount)
