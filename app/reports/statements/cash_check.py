"""Where the cash-flow statement and the cash accounts part, month by month, from the balances."""

from __future__ import annotations

from collections.abc import Iterator

from app.contract.statements import StatementCheck
from app.kernel.money import format_amount
from app.kernel.period import format_period, year_of
from app.kernel.text import Message, message, spoken_language
from app.reports.statements.cash_entries import missing_in
from app.reports.statements.reading import Reading

MOST_NAMED = 3


def cash_checks(reading: Reading) -> Iterator[StatementCheck]:
    """Yield one check for each month of the year in which cash moved otherwise than its cash-flow lines say.

    Without one, a single check that says so.
    """
    found = False
    for period, moved, tagged in _months(reading):
        if moved != tagged:
            found = True
            yield _check(reading, period, moved, tagged)
    if not found:
        zero = format_amount(0, reading.evaluation.digits)
        yield StatementCheck(
            code="cash-entries",
            ok=True,
            severity="error",
            message=str(message("各月现金的变动都有现金流量项目。")),
            lines=[],
            column="ytd",
            left=zero,
            right=zero,
            difference=zero,
        )


def _months(reading: Reading) -> Iterator[tuple[int, int, int]]:
    """Yield each month of the year to date, how much cash moved in it, and what its cash-flow lines add up to."""
    evaluation = reading.evaluation
    year = year_of(reading.last)
    flows = evaluation.balances.cash_flow_months(year)
    for period, accounts in sorted(evaluation.balances.months_of(year).items()):
        if period <= reading.last:
            moved = sum(
                debit - credit
                for account_id, (_, _, _, debit, credit, _, _) in accounts.items()
                if account_id in evaluation.tree.cash
            )
            yield period, moved, sum(debit - credit for debit, credit in flows.get(period, {}).values())


def _check(reading: Reading, period: int, moved: int, tagged: int) -> StatementCheck:
    digits = reading.evaluation.digits
    return StatementCheck(
        code="cash-entries",
        ok=False,
        severity="error",
        message=str(_text(reading, period, moved - tagged)),
        lines=[20, 22],
        column="ytd",
        left=format_amount(moved, digits),
        right=format_amount(tagged, digits),
        difference=format_amount(moved - tagged, digits),
    )


def _text(reading: Reading, period: int, difference: int) -> Message:
    amount = format_amount(difference, reading.evaluation.digits)
    if period % 100 == 0:
        return message("启用前各月：现金的变动与录入的现金流量差 {amount}，请核对期初的现金流量。", amount=amount)
    month = format_period(period)
    missing = missing_in(reading, period)
    if not missing.entries:
        return message("{month}：现金的变动与现金流量项目差 {amount}。", month=month, amount=amount)
    named = missing.vouchers[:MOST_NAMED]
    vouchers = (", " if spoken_language() != "zh" else "、").join(named)
    what = {"month": month, "amount": amount, "count": missing.entries, "vouchers": vouchers}
    if missing.more:
        return message("{month}：有 {count} 笔以上现金分录没有现金流量项目（{vouchers} 等），差 {amount}。", **what)
    if len(missing.vouchers) > len(named):
        return message("{month}：有 {count} 笔现金分录没有现金流量项目（{vouchers} 等），差 {amount}。", **what)
    return message("{month}：有 {count} 笔现金分录没有现金流量项目（{vouchers}），差 {amount}。", **what)
