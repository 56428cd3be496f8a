"""The cash entries behind a cash-flow line, and those that have none and should, in pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from app.contract.statements import CashFlowEntry, CashFlowEntryPage
from app.identity.actor import Actor
from app.kernel.money import format_amount
from app.reports.chart import read_set_texts
from app.reports.request import LAYER_UNPOSTED, marks
from app.reports.statements.balances import covers
from app.reports.statements.basis import Basis
from app.reports.statements.reading import Reading, StatementRequest, read_statement
from app.storage.database import Row, fetch_all, read_snapshot

POSITION_TYPES = (int, int, int)
"""period, voucher, line"""
WITHOUT_LINE = 0
LOOKED_AT = 200
"""How many entries of a month are looked at to say how many have no line."""

_MISSING = (
    " AND e.cash_flow_line IS NULL AND EXISTS (SELECT 1 FROM {entry} o JOIN {account} a ON a.id = o.account_id"
    " WHERE o.voucher_id = e.voucher_id AND a.is_cash = 0)"
)
"""Cash to cash has no line (小企业会计准则 art. 82); every other movement of cash needs one."""


class Missing(NamedTuple):
    """Cash entries of a month without a line: how many (at least, where `more`), and some of their vouchers."""

    entries: int
    more: bool
    vouchers: list[str]


def cash_flow_entries(
    actor: Actor, line: int, request: StatementRequest, *, limit: int, after: Sequence[Any] | None
) -> tuple[CashFlowEntryPage, tuple[int, ...] | None]:
    """Return one page of a line's entries in some months (line 0: those without a line), and where to go on.

    Needs `reports:statement:view`; raises `NotFound` in a book without a cash-flow statement.
    """
    actor.require("reports:statement:view")
    with read_snapshot():
        reading = read_statement("cash-flow", request)
        evaluation = reading.evaluation
        first, last = reading.first, reading.last
        rows = _read(reading, line, first, last, limit + 1, after)
        texts = read_set_texts({row[9] for row in rows})
        sign = evaluation.flow_sign(line)
        digits = evaluation.digits
        opening = sum(
            debit - credit
            for year in range(first // 100, last // 100 + 1)
            for period, lines in evaluation.balances.cash_flow_months(year).items()
            if period % 100 == 0 and covers(first, last, period)
            for debit, credit in [lines.get(line, (0, 0))]
        )
        total = evaluation.cash_flow(line, Basis(last, first, last))
    entries = [
        CashFlowEntry(
            voucher_id=row[1],
            line=row[2],
            date=row[3],
            voucher=f"{row[4]}-{row[5]}",
            summary=row[6],
            account_code=row[7],
            account_name=row[8],
            aux=texts[row[9]],
            debit=format_amount(row[10], digits),
            credit=format_amount(row[11], digits),
            amount=format_amount(sign * (row[10] - row[11]), digits),
            cash_flow_line=row[12],
        )
        for row in rows[:limit]
    ]
    page = CashFlowEntryPage(
        entries=entries,
        total=format_amount(total, digits),
        opening_amount=format_amount(sign * opening, digits),
        next=None,
    )
    return page, (tuple(rows[limit - 1][:3]) if len(rows) > limit else None)


def _read(reading: Reading, line: int, first: int, last: int, limit: int, after: Sequence[Any] | None) -> list[Row]:
    """Read the entries month by month until there are enough."""
    rows: list[Row] = []
    for period in _months(reading, first, last):
        if after is not None and period < after[0]:
            continue
        rows.extend(_read_month(reading, line, period, limit - len(rows), after))
        if len(rows) >= limit:
            break
    return rows


def _months(reading: Reading, first: int, last: int) -> list[int]:
    years = range(first // 100, last // 100 + 1)
    periods = [year * 100 + month for year in years for month in range(1, 13)]
    return [period for period in periods if max(first, reading.start) <= period <= last]


def _read_month(reading: Reading, line: int, period: int, limit: int, after: Sequence[Any] | None) -> list[Row]:
    evaluation = reading.evaluation
    cash = sorted(account.id for account in evaluation.tree.accounts if account.is_cash)
    if not cash:
        return []
    sql = (
        "SELECT e.period, e.voucher_id, e.line, v.date, v.word, COALESCE(v.number, 0), e.summary, c.code, c.name_zh,"
        " e.auxiliary_set_id, e.debit, e.credit, e.cash_flow_line"
        " FROM {entry} e JOIN {voucher} v ON v.id = e.voucher_id JOIN {account} c ON c.id = e.account_id"
        f" WHERE e.period = ? AND {_counted(evaluation.balances.layers)}"
    )
    params: list[Any] = [period]
    if line == WITHOUT_LINE:
        sql += f" AND e.account_id IN ({marks(cash)})" + _MISSING
        params += cash
    else:
        sql += f" AND e.account_id IN ({marks(cash)}) AND e.cash_flow_line = ?"
        params += [*cash, line]
    if after is not None and period == after[0]:
        sql += " AND (e.voucher_id > ? OR (e.voucher_id = ? AND e.line > ?))"
        params += [after[1], after[1], after[2]]
    return fetch_all(sql + " ORDER BY e.voucher_id, e.line LIMIT ?", [*params, limit])


def _counted(layers: Sequence[int]) -> str:
    """Return the condition on a voucher's state, written so that no database starts from all vouchers of a state."""
    if LAYER_UNPOSTED in layers:
        return (
            "(COALESCE(v.state, '') = 'posted' OR (COALESCE(v.state, '') IN ('draft', 'reviewed') AND v.faults = ''))"
        )
    return "COALESCE(v.state, '') = 'posted'"


def missing_in(reading: Reading, period: int) -> Missing:
    """Return how many cash entries of a month have no line, as far as the first few hundred tell.

    A statement is read often and must not grow with its vouchers, so not every entry is looked at.
    """
    layers = reading.evaluation.balances.layers
    cash = sorted(reading.evaluation.tree.cash)
    if not cash:
        return Missing(0, False, [])
    rows = fetch_all(
        "SELECT v.word, COALESCE(v.number, 0), e.voucher_id FROM {entry} e JOIN {voucher} v ON v.id = e.voucher_id"
        f" WHERE e.period = ? AND e.account_id IN ({marks(cash)}) AND {_counted(layers)}{_MISSING} LIMIT ?",
        [period, *cash, LOOKED_AT + 1],
    )
    vouchers = dict.fromkeys(f"{word}-{number}" for word, number, _ in sorted(rows[:LOOKED_AT], key=lambda r: r[1]))
    return Missing(min(len(rows), LOOKED_AT), len(rows) > LOOKED_AT, list(vouchers))
