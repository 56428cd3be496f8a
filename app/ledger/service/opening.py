"""Opening balances per leaf × auxiliary × currency: year-begin, year-to-date, opening; frozen by the first close."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from functools import cache

from app.contract.ledger import CashFlowOpening, Opening
from app.identity import audit
from app.identity.actor import Actor
from app.identity.service.versions import check_version
from app.kernel.errors import MalformedInput, RuleBroken
from app.kernel.money import format_amount, parse_amount
from app.kernel.text import Message, message
from app.ledger.errors import fields_wrong
from app.ledger.models import LAYER_POSTED
from app.ledger.queries.opening import VERSION_SETTING, get_opening
from app.ledger.queries.vouchers import base_digits
from app.ledger.service.balancing import CASH_KEYS, CASH_SUMS, KEYS, OPENINGS, TURNOVERS
from app.ledger.service.locks import lock_years, start_period
from app.ledger.service.opening_rows import COLUMNS, OpeningAmounts, read_rows
from app.ledger.service.periods import latest_closed_period
from app.resources import resource_path
from app.storage.book_settings import get_setting, lock_setting, set_setting
from app.storage.database import execute, execute_many, fetch_all, fetch_one, run_unit, upsert_add
from app.storage.kept_backups import safeguard

CHART_OF_FORM = "small_enterprise_2013"
"""The chart whose cash-flow statement has the lines of 会小企03表; books of other charts number theirs as they like."""


def replace_opening(actor: Actor, opening: Opening, *, make_missing: bool = False) -> Opening:
    """Replace all opening balances of the book.

    Opening = year-begin + debit − credit to date; what is left out is derived, what disagrees is refused. Raises
    `MalformedInput` with `rows.N.column` and `cash_flow.N.column` fields, `RuleBroken` when debits and credits differ
    or a month is closed, `Conflict` for a stale version. `make_missing` (imports) or `opening.make_missing` adds items
    of auxiliaries that are unknown; the latter needs the right to add them.
    """
    actor.require("ledger:opening:edit")

    def work() -> Opening:
        lock_years()
        closed = latest_closed_period()
        if closed is not None:
            raise RuleBroken("opening_frozen", message("已有月份结账，期初余额不能再改。"))
        version = lock_setting(VERSION_SETTING, 1)
        before = get_opening()
        check_version(opening.version, version, "opening", start_period(), lambda: before, message("期初余额"))
        rows, made = read_rows(opening.rows, make_missing or opening.make_missing)
        if made and not make_missing:
            actor.require("ledger:auxiliary:add")
        _check_sums(rows)
        _write(rows, read_cash_flow(opening.cash_flow))
        set_setting(VERSION_SETTING, version + 1)
        after = get_opening()
        audit.record(
            actor,
            "ledger:opening:edit",
            "opening",
            start_period(),
            before={"rows": len(before.rows)} if len(before.rows) > 200 else before.model_dump(),
            after={"rows": len(after.rows)} if len(after.rows) > 200 else after.model_dump(),
        )
        return after

    if fetch_one("SELECT 1 FROM {opening} LIMIT 1"):
        safeguard("opening")  # the amounts that are replaced are nowhere else
    return run_unit(work)


def _check_sums(rows: Sequence[OpeningAmounts]) -> None:
    digits = base_digits()
    differences = (
        (message("年初余额"), sum(row.year_begin_debit - row.year_begin_credit for row in rows)),
        (message("本年累计"), sum(row.ytd_debit - row.ytd_credit for row in rows)),
    )
    for name, off in differences:
        if off:
            raise RuleBroken(
                "opening_unbalanced",
                message("{name}借贷不平，差额 {amount}，请核对。", name=name, amount=format_amount(off, digits)),
            )


def _write(rows: Sequence[OpeningAmounts], cash_flow: Mapping[int, int]) -> None:
    start_year = start_period() // 100
    later = [row[0] for row in fetch_all("SELECT year FROM {fiscal_year} WHERE year > ?", (start_year,))]
    sides = {row[0]: row[1] == "credit" for row in fetch_all("SELECT id, normal_side FROM {account}")}
    deltas: dict[tuple[int, int, int], list[int]] = {}
    old = [OpeningAmounts(*row) for row in fetch_all(f"SELECT {', '.join(COLUMNS)} FROM {{opening}}")]
    for sign, amounts in [*((-1, row) for row in old), *((1, row) for row in rows)]:
        sums = deltas.setdefault(amounts[:3], [0] * 11)
        for index, value in enumerate(amounts.balance(sides[amounts.account_id])):
            sums[index] += sign * value
    start_key = (start_year * 100, LAYER_POSTED)
    changed = {key: sums for key, sums in deltas.items() if any(sums)}
    execute_many(
        upsert_add("balance", KEYS, (*OPENINGS, *TURNOVERS)),
        sorted((*start_key, *key, *sums) for key, sums in changed.items()),
    )
    carried = [
        (year * 100, LAYER_POSTED, *key, s[0] + s[3] - s[4], s[1] + s[5] - s[6], s[2] + s[7] - s[8])
        for year in later
        for key, s in changed.items()
    ]
    if carried:
        execute_many(upsert_add("balance", KEYS, OPENINGS), sorted(carried))
    execute("DELETE FROM {opening}")
    execute_many(
        f"INSERT INTO {{opening}} ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})",
        [tuple(row) for row in rows],
    )
    _write_cash_flow(start_key, cash_flow)


def read_cash_flow(flows: Sequence[CashFlowOpening]) -> dict[int, int]:
    """Return the elapsed months' cash flow by line, in minor units. Raises `MalformedInput` with fields.

    Only lines that count receipts or payments can be entered: totals follow from them (会小企03表).
    """
    digits = base_digits()
    has_months_before = start_period() % 100 > 1
    known = cash_flow_lines() if get_setting("chart") == CHART_OF_FORM else None
    wrong: dict[str, Message] = {}
    amounts: dict[int, int] = {}
    for index, flow in enumerate(flows):
        line, place = flow.cash_flow_line, f"cash_flow.{index}"
        if known is not None and line not in known:
            wrong[f"{place}.cash_flow_line"] = message("现金流量表第 {line} 行不能填金额，它由别的行算出。", line=line)
        elif line in amounts:
            wrong[f"{place}.cash_flow_line"] = message("现金流量表第 {line} 行填了两次。", line=line)
        try:
            amounts[line] = parse_amount(flow.ytd_amount or "0", digits)
        except MalformedInput as error:
            wrong[f"{place}.ytd_amount"] = error.message
            continue
        if amounts[line] and not has_months_before:
            wrong[f"{place}.ytd_amount"] = message("账簿从 1 月开始，没有前几个月的现金流量。")
    if wrong:
        raise fields_wrong(wrong)
    return amounts


def _write_cash_flow(start_key: tuple[int, int], new: Mapping[int, int]) -> None:
    """Keep the elapsed months' cash flow; in the balances it counts on the side of cash it moved."""
    outflows = outflow_lines()
    sums: dict[int, int] = {}
    for row in fetch_all("SELECT cash_flow_line, ytd_amount FROM {opening_cash_flow}"):
        sums[row[0]] = -row[1]
    for line, amount in new.items():
        sums[line] = sums.get(line, 0) + amount
    execute("DELETE FROM {opening_cash_flow}")
    execute_many("INSERT INTO {opening_cash_flow} (cash_flow_line, ytd_amount) VALUES (?, ?)", list(new.items()))
    changed = [
        (*start_key, line, 0 if line in outflows else amount, amount if line in outflows else 0)
        for line, amount in sorted(sums.items())
        if amount
    ]
    if changed:
        execute_many(upsert_add("cash_flow_balance", CASH_KEYS, CASH_SUMS), changed)


@cache
def cash_flow_lines() -> Mapping[int, str]:
    """Return the lines of the cash-flow statement that are entered (会小企03表), each `inflow` or `outflow`."""
    with resource_path("charts", "small_enterprise_cash_flow.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {int(row["line"]): row["kind"] for row in rows if row["kind"] in ("inflow", "outflow")}


def outflow_lines() -> frozenset[int]:
    """Return the cash-flow lines that count payments: their amounts stand on the credit side of cash."""
    return frozenset(line for line, kind in cash_flow_lines().items() if kind == "outflow")
