"""多栏账: an account's entries with a column for each account below it, on the side it normally stands on."""

from __future__ import annotations

from typing import Any

from app.identity.actor import Actor
from app.kernel.errors import MalformedInput
from app.kernel.money import format_amount
from app.kernel.text import message
from app.reports.chart import Chart, Currencies, ReportAccount, read_chart, read_currencies, read_filter
from app.reports.figures import AccountMonths, read_months
from app.reports.general_ledger import turnover_totals
from app.reports.request import AnalysisColumn, Report, ReportRequest, Span, resolve_span
from app.reports.running import Line, Render, RunningBooks, Wish, entry_fields, three_columns, voucher_text
from app.reports.subsidiary_ledger import account_books
from app.storage.database import read_snapshot


def multi_column(actor: Actor, request: ReportRequest) -> Report:
    """Return the entries of one account, analysed by the accounts right below it.

    As the subsidiary ledger, and each row has under `amounts` an amount for each column that has any figures in the
    span or its year. A column belongs to the side its account normally stands on: what is booked on the other side
    stands in it in red (negative). So expenses have debit columns with credits in red, and 应交增值税 has a group of
    debit columns beside one of credit columns, which keep their balances while the account nets to nothing. In rows
    `opening` and `carried` the amounts are balances. Needs `reports:multi-column:view`; raises `MalformedInput` without
    an account, or for one that has none below it.
    """
    actor.require("reports:multi-column:view")
    with read_snapshot():
        span = resolve_span(request)
        chart, currencies = read_chart(), read_currencies()
        account = chart.selected(request.account_code)[0] if request.account_code else None
        children = chart.children.get(account.id, []) if account is not None else []
        if account is None or not children:
            sentence = message("多栏账按下级科目分栏，请选择一个有下级的科目。")
            raise MalformedInput("account_without_children", sentence, fields={"account_code": sentence})
        chosen = chart.selected(account.code)
        auxiliaries = read_filter(request.aux)
        months = read_months(span, chart, [below.id for below in chosen], auxiliaries)
        shown = [child for child in children if child.id in months and not months[child.id].is_empty()]
        shown.sort(key=lambda child: child.normal_side != "debit")
        columns = tuple(
            AnalysisColumn(f"{child.normal_side}_{child.code}", child.normal_side, child.code, child.name_zh)
            for child in shown
        )
        books = account_books(chart, [account], months, auxiliaries)
        running = RunningBooks(span, chart, currencies, Wish(request.limit, year_ends=request.year_ends))
        analysis = _Analysis(span, chart, shown, months)
        totals = turnover_totals(chosen, months, currencies.base_digits)
        report = running.report(books, request, totals, _lines(currencies, columns, analysis))
        report.analysis = columns
        return report


class _Analysis:
    """Knows what stands in the columns of a line."""

    def __init__(
        self, span: Span, chart: Chart, children: list[ReportAccount], months: dict[int, AccountMonths]
    ) -> None:
        self._span = span
        self._months = [months[child.id] for child in children]
        self._signs = [1 if child.normal_side == "debit" else -1 for child in children]
        self._places = {below.id: place for place, child in enumerate(children) for below in chart.selected(child.code)}

    def of(self, line: Line) -> list[int]:
        """Return the amounts in order of the columns, each in the sense of its column's side."""
        if line.entry is not None:
            amounts = [0] * len(self._signs)
            place = self._places.get(line.entry.account_id)
            if place is not None:
                amounts[place] = (line.debit - line.credit) * self._signs[place]
            return amounts
        if line.kind == "opening" and line.period == self._span.first:
            return [months.opening * sign for months, sign in zip(self._months, self._signs, strict=True)]
        stands = [months.at(self._span, line.period) for months in self._months]
        if line.kind == "month":
            net = [month.debit - month.credit for month in stands]
        elif line.kind == "year":
            net = [month.year_debit - month.year_credit for month in stands]
        else:
            net = [month.opening if line.kind == "opening" else month.closing for month in stands]
        return [amount * sign for amount, sign in zip(net, self._signs, strict=True)]


def _lines(currencies: Currencies, columns: tuple[AnalysisColumn, ...], analysis: _Analysis) -> Render:
    digits = currencies.base_digits
    keys = [column.key for column in columns]

    def render(line: Line) -> dict[str, Any]:
        amounts = (format_amount(amount, digits) for amount in analysis.of(line))
        return {
            "account_code": line.book.account.code,
            "account_name": line.book.account.name_zh,
            "date": line.date,
            "voucher": voucher_text(line),
            "summary": line.summary,
            **three_columns(line, digits),
            "amounts": dict(zip(keys, amounts, strict=True)),
            "kind": line.kind,
            **entry_fields(line, currencies),
        }

    return render
