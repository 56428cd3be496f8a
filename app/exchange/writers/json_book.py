"""Writes the whole book as one JSON document: amounts as decimal strings, dates as ISO text."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from app.exchange.writers.content import BookContent, quantity_text
from app.kernel.money import format_amount
from app.kernel.period import format_period
from app.ledger.queries.content import ContentAccount, ContentEntry, ContentVoucher

FORMAT = "zhangfang-book"
VERSION = 1


def write_json(content: BookContent, path: Path) -> None:
    """Write the document; vouchers are streamed, one a line."""
    with path.open("wb") as stream:
        head = {
            "name": content.name,
            "chart": content.chart,
            "start": format_period(content.start_period),
            "base_currency": content.base,
        }
        stream.write(b'{"format":%s,"version":%d,' % (orjson.dumps(FORMAT), VERSION))
        stream.write(b'"book":' + orjson.dumps(head) + b",\n")
        currencies = (
            {"code": c.code, "minor_digits": c.minor_digits, "is_money": bool(c.is_money)}
            for c in content.currencies.values()
        )
        _array(stream, "currencies", currencies)
        _array(stream, "accounts", (_account(content, account) for account in content.accounts.values()))
        items = ({"kind": kind, "name": name, "code": code} for kind, name, code in content.auxiliaries)
        _array(stream, "auxiliaries", items)
        _array(stream, "opening", (row.model_dump() for row in content.opening.rows))
        _array(stream, "opening_cash_flow", (row.model_dump() for row in content.opening.cash_flow))
        vouchers = (_voucher(content, voucher, entries) for voucher, entries in content.vouchers(by_chain=True))
        _array(stream, "vouchers", vouchers, last=True)
        stream.write(b"}\n")


def _array(stream: BinaryIO, name: str, items: Iterable[dict[str, Any]], *, last: bool = False) -> None:
    stream.write(orjson.dumps(name) + b":[")
    stream.writelines((b",\n" if number else b"\n") + orjson.dumps(item) for number, item in enumerate(items))
    stream.write(b"]\n" if last else b"],\n")


def _account(content: BookContent, account: ContentAccount) -> dict[str, Any]:
    parent, currency = account.parent_id, account.currency_id
    return {
        "code": account.code,
        "parent_code": None if parent is None else content.accounts[parent].code,
        "name_zh": account.name_zh,
        "name_en": account.name_en,
        "source_name": account.source_name,
        "category": account.category,
        "normal_side": account.normal_side,
        "level": account.level,
        "is_leaf": bool(account.is_leaf),
        "is_cash": bool(account.is_cash),
        "currency": None if currency is None else content.currencies[currency].code,
        "has_quantity": bool(account.has_quantity),
        "unit": account.unit,
        "auxiliaries": [{"kind": kind, "demanded": demanded} for kind, demanded in account.uses],
        "active": bool(account.active),
    }


def _voucher(content: BookContent, voucher: ContentVoucher, entries: list[ContentEntry]) -> dict[str, Any]:
    return {
        "period": format_period(voucher.period),
        "date": voucher.date,
        "word": voucher.word,
        "number": voucher.number,
        "state": voucher.state,
        "kind": voucher.kind,
        "attachment_count": voucher.attachment_count,
        "has_faults": bool(voucher.faults),
        "entries": [_entry(content, entry) for entry in entries],
    }


def _entry(content: BookContent, entry: ContentEntry) -> dict[str, Any]:
    currency = content.currencies[entry.currency_id]
    return {
        "line": entry.line,
        "summary": entry.summary,
        "account_code": content.accounts[entry.account_id].code,
        "side": "debit" if entry.side > 0 else "credit",
        "debit": content.money(entry.debit),
        "credit": content.money(entry.credit),
        "aux": content.aux_of[entry.auxiliary_set_id],
        "currency": currency.code,
        "foreign_amount": format_amount(entry.foreign_amount, currency.minor_digits) if entry.foreign_amount else "",
        "rate": entry.rate,
        "quantity": quantity_text(entry.quantity),
        "unit_price": quantity_text(entry.unit_price),
        "cash_flow_line": entry.cash_flow_line,
        "unvalued": bool(entry.unvalued),
    }
