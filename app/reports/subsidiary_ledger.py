"""明细账: an account's entries in order of date, with a running balance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from app.identity.actor import Actor
from app.kernel.money import format_amount
from app.kernel.period import first_day, last_day
from app.reports.chart import (
    AuxiliaryFilter,
    Chart,
    Currencies,
    ReportAccount,
    read_chart,
    read_currencies,
    read_filter,
    read_set_texts,
)
from app.reports.figures import AccountMonths, MonthToDate, read_months
from app.reports.general_ledger import CARRIED_FORWARD, YEAR_TO_DATE, brought_forward, direction_of, turnover_totals
from app.reports.journal import measures, paged
from app.reports.request import LAYER_UNPOSTED, Position, Report, ReportRequest, ReportRow, Span, marks, resolve_span
from app.storage.database import fetch_all, read_snapshot

MONTH_TOTAL = "本月合计"
POSITION_TYPES = (str, int, int, str, str, int, int, int, int)
"""account code, period, stage, date, word, number, voucher, line, running balance"""

STAGE_OPENING, STAGE_LINES, STAGE_MONTH, STAGE_YEAR = range(4)


class _Place(NamedTuple):
    code: str
    period: int = 0
    stage: int = STAGE_OPENING
    date: str = ""
    word: str = ""
    number: int = 0
    voucher_id: int = 0
    line: int = 0
    balance: int = 0


class _Entry(NamedTuple):
    date: str
    word: str
    number: int
    voucher_id: int
    line: int
    summary: str
    set_id: int
    side: int
    debit: int
    credit: int
    currency_id: int
    foreign_amount: int
    quantity: int


def subsidiary_ledger(actor: Actor, request: ReportRequest) -> Report:
    """Return the entries of one account with all below it, or of every leaf in turn, each with a running balance.

    A line for what was brought forward, then for each month with turnover its entries by date and voucher, 本月合计 and
    本年累计. `kind` says which of these a row is (`opening`, `entry`, `month`, `year`); rows of entries also carry
    `voucher_id`, `line`, `aux` and, where they have them, `currency`, `foreign_amount` and `quantity`.
    `contra_accounts` are the codes on the other side of the voucher. Totals are the span's turnover. Needs
    `reports:subsidiary-ledger:view`.
    """
    actor.require("reports:subsidiary-ledger:view")
    with read_snapshot():
        span = resolve_span(request)
        chart, currencies = read_chart(), read_currencies()
        chosen = chart.selected(request.account_code)
        account_ids = [account.id for account in chosen] if request.account_code else None
        auxiliaries = read_filter(request.aux)
        months = read_months(span, chart, account_ids, auxiliaries)
        totals = turnover_totals(chosen, months, currencies.base_digits)
        shown = chosen[:1] if request.account_code else [account for account in chosen if account.is_leaf]
        books = [account for account in shown if account.id in months]
        reader = _Reader(span, chart, currencies, auxiliaries, request.limit)
        after = _Place(*request.after) if request.after else None  # type: ignore[arg-type]
        rows = reader.rows(books, months, after)
        if request.limit is None:
            return Report((row for row, _ in rows), totals)
        return paged(rows, request.limit, totals)


class _Reader:
    """Makes the rows of one request."""

    def __init__(
        self, span: Span, chart: Chart, currencies: Currencies, auxiliaries: AuxiliaryFilter, limit: int | None
    ) -> None:
        self._span = span
        self._chart = chart
        self._currencies = currencies
        self._auxiliaries = auxiliaries
        self._limit = limit

    def rows(
        self, books: Sequence[ReportAccount], months: dict[int, AccountMonths], after: _Place | None
    ) -> Iterator[tuple[ReportRow, Position]]:
        """Yield the rows after a place, each with its own place."""
        waiting = after is not None
        for account in books:
            if after is not None and waiting:
                if account.code != after.code:
                    continue
                waiting = False
                yield from self._account_rows(account, months[account.id], after)
            else:
                yield from self._account_rows(account, months[account.id], None)

    def _account_rows(
        self, account: ReportAccount, figures: AccountMonths, after: _Place | None
    ) -> Iterator[tuple[ReportRow, Position]]:
        first = self._span.first
        if after is None:
            if not figures.opening and not figures.months and not (figures.year_debit or figures.year_credit):
                return
            date = first_day(first).isoformat()
            row = self._row(account, "opening", date, brought_forward(first), 0, 0, figures.opening)
            yield row, _Place(account.code)
        account_ids = [below.id for below in self._chart.selected(account.code)]
        for month in figures.months_to_date(self._span):
            if after is not None and month.period < after.period:
                continue
            here = after if after is not None and month.period == after.period else None
            yield from self._month_rows(account, account_ids, month, here)

    def _month_rows(
        self, account: ReportAccount, account_ids: list[int], month: MonthToDate, after: _Place | None
    ) -> Iterator[tuple[ReportRow, Position]]:
        period = month.period
        done = -1 if after is None else after.stage
        if month.begins_year and done < STAGE_OPENING:
            date = first_day(period).isoformat()
            row = self._row(account, "opening", date, CARRIED_FORWARD, 0, 0, month.opening)
            yield row, _Place(account.code, period, STAGE_OPENING)
        if done <= STAGE_LINES:
            yield from self._entry_rows(account, account_ids, month, after if done == STAGE_LINES else None)
        date = last_day(period).isoformat()
        if done < STAGE_MONTH:
            row = self._row(account, "month", date, MONTH_TOTAL, month.debit, month.credit, month.closing)
            yield row, _Place(account.code, period, STAGE_MONTH)
        if done < STAGE_YEAR:
            row = self._row(account, "year", date, YEAR_TO_DATE, month.year_debit, month.year_credit, month.closing)
            yield row, _Place(account.code, period, STAGE_YEAR)

    def _entry_rows(
        self, account: ReportAccount, account_ids: list[int], month: MonthToDate, after: _Place | None
    ) -> Iterator[tuple[ReportRow, Position]]:
        balance = month.opening if after is None else after.balance
        entries = self._read_entries(account_ids, month.period, after)
        contra = self._read_contra([entry.voucher_id for entry in entries])
        texts = read_set_texts({entry.set_id for entry in entries})
        for entry in entries:
            balance += entry.debit - entry.credit
            row = self._row(account, "entry", entry.date, entry.summary, entry.debit, entry.credit, balance)
            row["voucher"] = f"{entry.word}-{entry.number}"
            row["contra_accounts"] = ";".join(contra.get((entry.voucher_id, -entry.side), ()))
            row["aux"] = texts[entry.set_id]
            row["voucher_id"] = entry.voucher_id
            row["line"] = entry.line
            row.update(measures(entry.currency_id, entry.foreign_amount, entry.quantity, self._currencies))
            key = (entry.date, entry.word, entry.number, entry.voucher_id, entry.line)
            yield row, _Place(account.code, month.period, STAGE_LINES, *key, balance)

    def _read_entries(self, account_ids: Sequence[int], period: int, after: _Place | None) -> list[_Entry]:
        """Read a month's entries of some accounts after a place, one page and one more where pages are wanted."""
        unposted = (
            " OR (v.state IN ('draft', 'reviewed') AND v.faults = '')" if LAYER_UNPOSTED in self._span.layers else ""
        )
        sql = (
            "SELECT v.date, v.word, COALESCE(v.number, 0), e.voucher_id, e.line, e.summary, e.auxiliary_set_id, e.side,"
            " e.debit, e.credit, e.currency_id, e.foreign_amount, e.quantity"
            " FROM {entry} e JOIN {voucher} v ON v.id = e.voucher_id"
            f" WHERE e.period = ? AND e.account_id IN ({marks(account_ids)}) AND (v.state = 'posted'{unposted})"
        )
        params: list[Any] = [period, *account_ids]
        sql += self._auxiliaries.sql.replace("auxiliary_set_id IN", "e.auxiliary_set_id IN")
        params.extend(self._auxiliaries.params)
        if after is not None:
            sql += " AND (v.date, v.word, COALESCE(v.number, 0), e.voucher_id, e.line) > (?, ?, ?, ?, ?)"
            params.extend((after.date, after.word, after.number, after.voucher_id, after.line))
        sql += " ORDER BY v.date, v.word, COALESCE(v.number, 0), e.voucher_id, e.line"
        if self._limit is not None:
            sql += " LIMIT ?"
            params.append(self._limit + 1)
        return [_Entry(*row) for row in fetch_all(sql, params)]

    def _read_contra(self, voucher_ids: Sequence[int]) -> dict[tuple[int, int], list[str]]:
        """Return the account codes on each side of some vouchers, each once, in order of their lines."""
        contra: dict[tuple[int, int], list[str]] = {}
        wanted = sorted(set(voucher_ids))
        for start in range(0, len(wanted), 500):
            part = wanted[start : start + 500]
            rows = fetch_all(
                "SELECT voucher_id, side, account_id FROM {entry}"
                f" WHERE voucher_id IN ({marks(part)}) ORDER BY voucher_id, line",
                part,
            )
            for voucher_id, side, account_id in rows:
                codes = contra.setdefault((voucher_id, side), [])
                code = self._chart.by_id[account_id].code
                if code not in codes:
                    codes.append(code)
        return contra

    def _row(
        self, account: ReportAccount, kind: str, date: str, summary: str, debit: int, credit: int, balance: int
    ) -> dict[str, Any]:
        digits = self._currencies.base_digits
        return {
            "account_code": account.code,
            "account_name": account.name_zh,
            "date": date,
            "voucher": "",
            "summary": summary,
            "contra_accounts": "",
            "debit": format_amount(debit, digits),
            "credit": format_amount(credit, digits),
            "direction": direction_of(balance),
            "balance": format_amount(abs(balance), digits),
            "kind": kind,
        }
