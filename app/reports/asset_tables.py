"""固定资产台账 and 折旧计算表: the cards as they stand at a month's end, and what a span charges on each."""

from __future__ import annotations

from typing import NamedTuple

from app.identity.actor import Actor
from app.kernel.money import format_amount, format_quantity
from app.kernel.period import last_day
from app.ledger.asset_plan import PlannedMonth, Term
from app.ledger.queries.assets.loading import LoadedCard, load_cards
from app.reports.chart import Chart, read_chart, read_currencies, read_filter, read_set_texts
from app.reports.request import Report, ReportRequest, ReportRow, Span, resolve_span
from app.storage.database import fetch_all, read_snapshot

KIND_NAMES = {"fixed": "固定资产", "biological": "生产性生物资产", "intangible": "无形资产", "deferred": "长期待摊费用"}
METHOD_NAMES = {
    "straight_line": "年限平均法",
    "double_declining": "双倍余额递减法",
    "sum_of_years": "年数总和法",
}
REGISTER_SUMS = ("original_value", "residual_value", "accumulated", "carrying")
DEPRECIATION_SUMS = (
    "original_value",
    "residual_value",
    "opening_accumulated",
    "charged",
    "due",
    "closing_accumulated",
    "carrying",
)


class _Reading(NamedTuple):
    span: Span
    chart: Chart
    digits: int
    cards: list[LoadedCard]
    aux: dict[int, str]


def asset_register(actor: Actor, request: ReportRequest) -> Report:
    """Return one row per card that is there at the end of the span's last month, by code.

    A card disposed of by then is not there any more. `accumulated` holds what vouchers charged for the months up to it,
    before the book included, whether they are posted or not. An account limits the cards to those booked on it, an
    auxiliary to those it uses. Needs `reports:asset-register:view`.
    """
    actor.require("reports:asset-register:view")
    reading = _read(request)
    end = last_day(reading.span.last).isoformat()
    rows: list[ReportRow] = []
    totals = dict.fromkeys(REGISTER_SUMS, 0)
    for loaded in reading.cards:
        card = loaded.card
        if card.disposed_on is not None and card.disposed_on <= end:
            continue
        term = _term_at(loaded, reading.span.last)
        accumulated = _charged_until(loaded, reading.span.last)
        amounts = {
            "original_value": term.original_value,
            "residual_value": term.residual_value,
            "accumulated": accumulated,
            "carrying": term.original_value - accumulated,
        }
        rows.append(
            {
                **_head(loaded, reading),
                "specification": card.specification,
                "location": card.location,
                "quantity": format_quantity(card.quantity),
                "unit": card.unit,
                "user": reading.aux[card.user_set_id],
                "acquired_on": card.acquired_on,
                "in_use_on": card.in_use_on,
                "life_months": term.life_months,
                "method": METHOD_NAMES[term.method],
                **{key: format_amount(amount, reading.digits) for key, amount in amounts.items()},
            }
        )
        for key, amount in amounts.items():
            totals[key] += amount
    return Report(rows, {key: format_amount(total, reading.digits) for key, total in totals.items()})


def depreciation(actor: Actor, request: ReportRequest) -> Report:
    """Return what the span charges on each card: by vouchers (`charged`), and what is still to be charged (`due`).

    One row per card that was kept in the span; the expense account is that of the span's last month. The closing
    figures count both. Needs `reports:depreciation:view`.
    """
    actor.require("reports:depreciation:view")
    reading = _read(request)
    first, last = reading.span.first, reading.span.last
    rows: list[ReportRow] = []
    totals = dict.fromkeys(DEPRECIATION_SUMS, 0)
    for loaded in reading.cards:
        card = loaded.card
        if card.disposed_on is not None and card.disposed_on < f"{first // 100}-{first % 100:02d}-01":
            continue
        plan = loaded.plan(last)
        term = _term_at(loaded, last)
        opening = card.opening_accumulated + sum(amount for month, amount in loaded.charged.items() if month < first)
        opening += sum(month.amount for month in plan if month.period < first and not month.charged)
        charged = sum(amount for month, amount in loaded.charged.items() if first <= month <= last)
        due = sum(month.amount for month in plan if first <= month.period and not month.charged)
        amounts = {
            "original_value": term.original_value,
            "residual_value": term.residual_value,
            "opening_accumulated": opening,
            "charged": charged,
            "due": due,
            "closing_accumulated": opening + charged + due,
            "carrying": term.original_value - opening - charged - due,
        }
        expense = reading.chart.by_id[term.expense_account_id]
        rows.append(
            {
                **_head(loaded, reading),
                "life_months": term.life_months,
                "months_charged": _months(plan, card.opening_months),
                "method": METHOD_NAMES[term.method],
                "expense_account_code": expense.code,
                "expense_account_name": expense.name_zh,
                "expense_aux": reading.aux[term.expense_set_id],
                **{key: format_amount(amount, reading.digits) for key, amount in amounts.items()},
            }
        )
        for key, amount in amounts.items():
            totals[key] += amount
    return Report(rows, {key: format_amount(total, reading.digits) for key, total in totals.items()})


def _read(request: ReportRequest) -> _Reading:
    with read_snapshot():
        span = resolve_span(request)
        chart, currencies = read_chart(), read_currencies()
        condition, params = "acquired_on <= ?", list[object]([last_day(span.last).isoformat()])
        if request.account_code:
            accounts = [account.id for account in chart.selected(request.account_code)]
            condition += f" AND asset_account_id IN ({', '.join('?' * len(accounts))})"
            params.extend(accounts)
        wanted = read_filter(request.aux)
        if wanted.sql:
            sql = wanted.sql.replace("auxiliary_set_id", "id")
            sets = [row[0] for row in fetch_all(f"SELECT id FROM {{auxiliary_set}} WHERE 1 = 1{sql}", wanted.params)]
            condition += f" AND user_set_id IN ({', '.join('?' * len(sets)) or 'NULL'})"
            params.extend(sets)
        cards = load_cards(condition, params)
        aux = read_set_texts()
    return _Reading(span, chart, currencies.base_digits, cards, aux)


def _head(loaded: LoadedCard, reading: _Reading) -> dict[str, object]:
    card = loaded.card
    return {
        "asset_id": card.id,
        "code": card.code,
        "name": card.name,
        "kind": KIND_NAMES[card.kind],
        "category": card.category,
        "account_code": reading.chart.by_id[card.asset_account_id].code,
    }


def _term_at(loaded: LoadedCard, period: int) -> Term:
    terms = [stored.term for stored in loaded.terms if stored.term.from_period <= period]
    return terms[-1] if terms else loaded.terms[0].term


def _charged_until(loaded: LoadedCard, period: int) -> int:
    charged = sum(amount for month, amount in loaded.charged.items() if month <= period)
    return loaded.card.opening_accumulated + charged


def _months(plan: list[PlannedMonth], before: int) -> int:
    return plan[-1].months if plan else before
