"""对账单: what went on with one contact, over all accounts that are kept by open items."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from app.identity.actor import Actor
from app.kernel.errors import MalformedInput
from app.kernel.money import format_amount
from app.kernel.period import first_day, last_day
from app.kernel.text import message
from app.orders.queries.origins import document_numbers
from app.reports.chart import Chart, read_chart, read_currencies, read_filter, read_set_texts
from app.reports.general_ledger import direction_of
from app.reports.request import LAYER_UNPOSTED, Report, ReportRequest, ReportRow, Span, marks, resolve_span
from app.reports.trade.open_accounts import contact_of, open_accounts
from app.reports.trade.open_items import OpenItem, read_open_items
from app.reports.trade.partners import aux_of_roles
from app.storage.book_settings import get_setting
from app.storage.database import fetch_all, read_snapshot

OPENING, CLOSING = "期初余额", "期末余额"


class _Entry(NamedTuple):
    date: str
    word: str
    number: int
    voucher_id: int
    line: int
    summary: str
    account_id: int
    set_id: int
    debit: int
    credit: int


def statement_of_account(actor: Actor, request: ReportRequest) -> Report:
    """Return the opening, every entry and the closing of one contact, in order of dates; balances debit positive.

    `aux` names the contact in any of its roles; all of them count. A line also says what of it is still open at the
    end, the opening what of all that was before; together that is the closing. Needs
    `reports:statement-of-account:view`; raises `MalformedInput` where no contact is named.
    """
    actor.require("reports:statement-of-account:view")
    if ":" not in request.aux.replace("：", ":"):
        raise MalformedInput("contact_missing", message("对账单要指明往来单位，例如 客户:甲公司。"))
    with read_snapshot():
        span = resolve_span(request)
        chart, digits = read_chart(), read_currencies().base_digits
        wanted = {account.id for account in chart.selected(request.account_code)}
        accounts = [account.id for account in open_accounts(chart) if account.id in wanted]
        entries: list[_Entry] = []
        items: list[OpenItem] = []
        opening = 0
        for aux in aux_of_roles(request.aux):
            sets = read_filter(aux)
            found = _read_entries(span.layers, span.last, accounts, sets.sql, sets.params)
            entries += found
            opening += _opening(span.layers, accounts, sets.sql, sets.params)
            items += read_open_items(span.last, span.layers, chart, accounts=accounts, auxiliaries=sets)
        texts = read_set_texts({entry.set_id for entry in entries})
        numbers = document_numbers([entry.voucher_id for entry in entries])
    entries.sort(key=lambda entry: (entry.date, entry.word, entry.number, entry.voucher_id, entry.line))
    return _made(span, chart, digits, opening, entries, items, texts, numbers)


def _made(
    span: Span,
    chart: Chart,
    digits: int,
    opening: int,
    entries: Iterable[_Entry],
    items: Iterable[OpenItem],
    texts: dict[int, str],
    numbers: dict[int, str],
) -> Report:
    begin = first_day(span.first).isoformat()
    open_of: dict[tuple[int | None, int, str], OpenItem] = {
        (item.voucher_id, item.account_id, item.contact): item for item in items
    }
    before = [entry for entry in entries if entry.date < begin]
    balance = opening + sum(entry.debit - entry.credit for entry in before)
    rows: list[ReportRow] = [_row(digits, begin, OPENING, balance, kind="opening")]
    debit = credit = 0
    for entry in entries:
        if entry.date < begin:
            continue
        balance += entry.debit - entry.credit
        debit, credit = debit + entry.debit, credit + entry.credit
        item = open_of.pop((entry.voucher_id, entry.account_id, contact_of(texts.get(entry.set_id, ""))), None)
        account = chart.by_id[entry.account_id]
        rows.append(
            _row(
                digits,
                entry.date,
                entry.summary,
                balance,
                voucher=f"{entry.word}-{entry.number}",
                document=numbers.get(entry.voucher_id, ""),
                account_code=account.code,
                account_name=account.name_zh,
                debit=format_amount(entry.debit, digits),
                credit=format_amount(entry.credit, digits),
                due_date=item.due if item else "",
                open=format_amount(item.amount if item else 0, digits),
                voucher_id=entry.voucher_id,
            )
        )
    older = sum(item.amount for item in open_of.values())
    rows[0] = {**rows[0], "open": format_amount(older, digits)}
    rows.append(_row(digits, last_day(span.last).isoformat(), CLOSING, balance, kind="closing"))
    totals = {"debit": format_amount(debit, digits), "credit": format_amount(credit, digits)}
    return Report(rows, totals)


def _row(digits: int, date: str, summary: str, balance: int, **more: Any) -> dict[str, Any]:
    nothing = format_amount(0, digits)
    row: dict[str, Any] = {
        "date": date,
        **dict.fromkeys(("voucher", "document"), ""),
        "summary": summary,
        **dict.fromkeys(("account_code", "account_name"), ""),
        **dict.fromkeys(("debit", "credit"), nothing),
        "direction": direction_of(balance),
        "balance": format_amount(abs(balance), digits),
        "due_date": "",
        "open": nothing,
        "kind": "entry",
    }
    return {**row, **more}


def _read_entries(
    layers: tuple[int, ...], last: int, accounts: list[int], condition: str, params: tuple[int, ...]
) -> list[_Entry]:
    unposted = " OR (v.state IN ('draft', 'reviewed') AND v.faults = '')" if LAYER_UNPOSTED in layers else ""
    rows = fetch_all(
        "SELECT v.date, v.word, COALESCE(v.number, 0), e.voucher_id, e.line, e.summary, e.account_id,"
        " e.auxiliary_set_id, e.debit, e.credit FROM {entry} e CROSS JOIN {voucher} v ON v.id = e.voucher_id"
        # one customer has few entries, an account with all its customers many: the sum hides the account's index
        f" WHERE e.period <= ? AND e.account_id + 0 IN ({marks(accounts) or 'NULL'})"
        f" AND (v.state = 'posted'{unposted}){condition.replace('auxiliary_set_id IN', 'e.auxiliary_set_id IN')}",
        [last, *accounts, *params],
    )
    return [_Entry(*row) for row in rows]


def _opening(layers: tuple[int, ...], accounts: list[int], condition: str, params: tuple[int, ...]) -> int:
    year = int(get_setting("start_period")) // 100 * 100
    rows = fetch_all(
        "SELECT COALESCE(SUM(opening + debit - credit), 0) FROM {balance}"
        f" WHERE layer IN ({marks(layers)}) AND period = ? AND account_id IN ({marks(accounts) or 'NULL'}){condition}",
        [*layers, year, *accounts, *params],
    )
    return int(rows[0][0])
