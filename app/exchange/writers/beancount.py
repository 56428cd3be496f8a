"""Writes a Beancount file: the same balances, with names that Beancount allows and the book's own as metadata."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

from app.exchange.writers.accounts import beancount_names
from app.exchange.writers.content import BookContent, quantity_text, voucher_name
from app.exchange.writers.entries import JournalAmount, amount_of, opening_amounts
from app.kernel.period import first_day

_CURRENCY = re.compile(r"[A-Z][A-Z0-9'._-]{0,22}[A-Z0-9]")
_FLAGS = {"posted": "*", "reviewed": "!", "draft": "!"}


def write_beancount(content: BookContent, path: Path) -> None:
    """Write the file. Unposted vouchers are flagged `!`; void ones and drafts with faults stand in comments."""
    names = beancount_names(content.accounts)
    codes = currency_names(content)
    opened = first_day(content.start_period) - datetime.timedelta(days=1)
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(f'option "title" {_quoted(content.name)}\n')
        stream.write(f'option "operating_currency" "{codes[content.base]}"\n\n')
        for code, name in codes.items():
            stream.write(f"{opened.isoformat()} commodity {name}\n  code: {_quoted(code)}\n")
        for account in content.accounts.values():
            if account.is_leaf:
                stream.write(f"{opened.isoformat()} open {names[account.id]}\n  code: {_quoted(account.code)}\n")
                stream.write(f"  name: {_quoted(account.source_name or account.name_zh)}\n")
        openings = opening_amounts(content)
        if openings:
            stream.write(f'\n{opened.isoformat()} * "期初余额"\n')
            stream.writelines(_posting(names[account], amount, codes) for account, amount, _ in openings)
        for voucher, entries in content.vouchers():
            flag = _FLAGS.get(voucher.state, "!")
            summary = entries[0].summary if entries else ""
            lines = [f"{voucher.date} {flag} {_quoted(summary)}\n  voucher: {_quoted(voucher_name(voucher))}\n"]
            for entry in entries:
                lines.append(_posting(names[entry.account_id], amount_of(content, entry), codes))
                lines.append(f"    summary: {_quoted(entry.summary)}\n" if entry.summary != summary else "")
                aux = content.aux_of[entry.auxiliary_set_id]
                lines.append(f"    aux: {_quoted(aux)}\n" if aux else "")
                quantity = quantity_text(entry.quantity * entry.side)
                lines.append(f"    quantity: {_quoted(quantity)}\n" if quantity else "")
            text = "".join(lines)
            if voucher.state == "void" or voucher.faults or not entries:
                text = "".join(f"; {line}\n" for line in text.splitlines())
            stream.write(f"\n{text}")


def currency_names(content: BookContent) -> dict[str, str]:
    """Return Beancount's name of each currency by code: the code where it is allowed, else one made from its signs."""
    found: dict[str, str] = {}
    for currency in content.currencies.values():
        name = currency.code
        if not _CURRENCY.fullmatch(name):
            name = "X" + "-".join(f"{ord(sign):X}" for sign in name)[:20]
        while name in found.values():
            name = f"{name[:20]}X{len(found)}"
        found[currency.code] = name
    return found


def _posting(name: str, amount: JournalAmount, codes: dict[str, str]) -> str:
    text = f"  {name}  {amount.text} {codes[amount.commodity]}"
    if amount.cost_marker:
        text += f" {amount.cost_marker} {amount.cost} {codes[amount.cost_commodity]}"
    return f"{text}\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
