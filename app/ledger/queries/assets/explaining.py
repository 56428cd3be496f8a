"""What to say about a card: how a month's charge comes about, and what to mind."""

from __future__ import annotations

from app.kernel.money import format_amount, group_thousands
from app.kernel.period import format_period
from app.kernel.text import Message, message
from app.ledger.asset_plan import DEFERRED_SHORTEST, YEAR, PlannedMonth, rule_start
from app.ledger.queries.assets.loading import LoadedCard


def _money(minor: int, digits: int) -> str:
    return group_thousands(format_amount(minor, digits))


def explain(month: PlannedMonth, digits: int) -> Message:
    """Return how a month's charge comes about."""
    leg = month.leg
    index = month.months - 1 - leg.offset
    params = {"base": _money(leg.base, digits), "residual": _money(leg.residual, digits), "months": leg.months}
    if index >= leg.months - 1:
        text = message("最后一个月，提足余下的金额")
    elif leg.method == "straight_line":
        text = message("直线法：({base} − {residual}) ÷ {months} 个月", **params)
    elif leg.method == "sum_of_years":
        text = message(
            "年数总和法第 {year} 年：({base} − {residual}) 按 {months} 个月的年数总和分摊，再按月平均",
            year=index // YEAR + 1,
            **params,
        )
    else:
        text = message(
            "双倍余额递减法第 {year} 年：年初账面价值 × 2 ÷ {months} 个月（最后两年平均）",
            year=index // YEAR + 1,
            months=leg.months,
        )
    if month.made_good and month.amount:
        text = message("{text}；含补提以前月份 {amount}", text=text, amount=_money(month.made_good, digits))
    if month.charged:
        text = message("{text}；已计提 {amount}", text=text, amount=_money(month.charged, digits))
    return text


def card_warnings(loaded: LoadedCard, digits: int) -> list[Message]:
    """Return what an accountant should look at on a card; nothing of it is forbidden."""
    card = loaded.card
    facts = card.facts(loaded.book_start)
    term = loaded.terms[-1].term
    warnings: list[Message] = []
    if card.kind == "deferred" and term.life_months < DEFERRED_SHORTEST:
        warnings.append(message("其他长期待摊费用的摊销期不得少于 3 年（小企业会计准则第四十四条）。"))
    begin = rule_start(card.kind, facts.in_use_on)
    if begin < loaded.book_start:
        due = min(_months_between(begin, loaded.book_start), term.life_months)
        if card.opening_months != due:
            warnings.append(
                message(
                    "到账簿启用时按规定应已计提 {due} 个月，卡片上是 {months} 个月。",
                    due=due,
                    months=card.opening_months,
                )
            )
    straight = term.method == "straight_line" and len(loaded.terms) == 1
    expected = min((term.original_value - term.residual_value) * card.opening_months // term.life_months, 10**18)
    if straight and abs(card.opening_accumulated - expected) > card.opening_months:
        warnings.append(
            message(
                "按直线法 {months} 个月应已计提约 {expected}，卡片上是 {amount}；差额在最后一个月提足。",
                months=card.opening_months,
                expected=_money(expected, digits),
                amount=_money(card.opening_accumulated, digits),
            )
        )
    plan = loaded.plan()
    coming = next((month for month in plan if month.period > loaded.closed_until), None)
    if coming is not None and coming.made_good and not coming.charged:
        before = [month for month in plan if month.period < coming.period]
        charged = [number for number, month in enumerate(before) if month.charged]
        missed = before[charged[-1] + 1 :] if charged else before
        first, count = format_period(missed[0].period), len(missed)
        warnings.append(
            message("{first} 起有 {count} 个已结账的月份没有计提，会在下一次计提时补提。", first=first, count=count)
        )
    return warnings


def _months_between(first: int, last: int) -> int:
    return (last // 100 - first // 100) * 12 + last % 100 - first % 100
