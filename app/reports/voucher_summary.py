"""凭证汇总表: what the vouchers of a range come to by account, and how many they and their attachments are."""

from __future__ import annotations

from app.identity.actor import Actor
from app.kernel.errors import MalformedInput
from app.kernel.money import format_amount
from app.kernel.text import clean_text, message
from app.reports.chart import read_chart, read_currencies
from app.reports.figures import AccountMonths, read_months
from app.reports.request import LAYER_UNPOSTED, Report, ReportRequest, ReportRow, Span, resolve_span
from app.storage.database import fetch_all, fetch_one, read_snapshot


def voucher_summary(actor: Actor, request: ReportRequest) -> Report:
    """Return both sides by account of the vouchers of some months, of one word or of a range of numbers in a month.

    Parents are the sums of their children; `level` leaves out what is below it. Void vouchers and drafts with faults do
    not count. Totals add one level, and have `vouchers` and `attachments`, how many there are of each. Whole months are
    read from the balances. Needs `reports:voucher-summary:view`; raises `MalformedInput` for numbers over several
    months.
    """
    actor.require("reports:voucher-summary:view")
    with read_snapshot():
        span = resolve_span(request)
        chart, currencies = read_chart(), read_currencies()
        chosen = chart.selected(request.account_code)
        condition, params = _vouchers(request, span)
        if request.word or request.from_number or request.to_number:
            sides = {}
            for account_id, debit, credit in fetch_all(
                "SELECT e.account_id, SUM(e.debit), SUM(e.credit)"
                " FROM {voucher} v JOIN {entry} e ON e.voucher_id = v.id"
                f" WHERE {condition} GROUP BY e.account_id",
                params,
            ):
                sides[account_id] = (int(debit), int(credit))
        else:
            sides = _turnover(read_months(span, chart), [account.id for account in chart.accounts if account.is_leaf])
        counted = fetch_one(f"SELECT COUNT(*), SUM(v.attachment_count) FROM {{voucher}} v WHERE {condition}", params)
    for account in reversed(chart.accounts):
        if account.parent_id is not None and account.id in sides:
            above, mine = sides.get(account.parent_id, (0, 0)), sides[account.id]
            sides[account.parent_id] = (above[0] + mine[0], above[1] + mine[1])
    digits = currencies.base_digits
    chosen_ids = {account.id for account in chosen}
    rows: list[ReportRow] = []
    totals = [0, 0]
    for account in chosen:
        if account.id not in sides:
            continue
        debit, credit = sides[account.id]
        if account.parent_id not in chosen_ids:
            totals = [totals[0] + debit, totals[1] + credit]
        if not request.level or account.level <= request.level:
            rows.append(
                {
                    "account_code": account.code,
                    "name_zh": account.name_zh,
                    "level": account.level,
                    "debit": format_amount(debit, digits),
                    "credit": format_amount(credit, digits),
                }
            )
    vouchers, attachments = counted or (0, 0)
    shown = {
        "debit": format_amount(totals[0], digits),
        "credit": format_amount(totals[1], digits),
        "vouchers": str(int(vouchers)),
        "attachments": str(int(attachments or 0)),
    }
    return Report(rows, shown)


def _vouchers(request: ReportRequest, span: Span) -> tuple[str, list[int | str]]:
    """Return the condition on the vouchers that count."""
    unposted = " OR (v.state IN ('draft', 'reviewed') AND v.faults = '')" if LAYER_UNPOSTED in span.layers else ""
    condition, params = f"v.period BETWEEN ? AND ? AND (v.state = 'posted'{unposted})", list[int | str]()
    params += [span.first, span.last]
    if word := clean_text(request.word):
        condition += " AND v.word = ?"
        params.append(word)
    if request.from_number or request.to_number:
        if span.first != span.last:
            sentence = message("凭证号每月从 1 开始，按号汇总时请只选一个月。")
            raise MalformedInput("numbers_need_a_month", sentence, fields={"from_number": sentence})
        condition += " AND v.number BETWEEN ? AND ?"
        params += [request.from_number, request.to_number or 2**31]
    return condition, params


def _turnover(months: dict[int, AccountMonths], leaf_ids: list[int]) -> dict[int, tuple[int, int]]:
    return {
        leaf_id: (
            sum(debit for debit, _ in months[leaf_id].months.values()),
            sum(credit for _, credit in months[leaf_id].months.values()),
        )
        for leaf_id in leaf_ids
        if leaf_id in months and months[leaf_id].months
    }
