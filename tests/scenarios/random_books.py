"""Random books: openings and vouchers over the whole chart, and the accounts they may use."""

from __future__ import annotations

import csv
from typing import NamedTuple

from hypothesis import strategies as st

from app.contract.ledger import CashFlowOpening, EntryInput, Opening, OpeningRow, VoucherInput
from app.kernel.money import format_amount
from app.resources import resource_path

CHART = "small_enterprise_2013"
START = 202604
MONTHS = ("2026-04", "2026-05", "2026-06", "2026-12", "2027-01")
EQUITY_BY_RULE = ("3103", "3104", "310102")
"""Only closing, the appropriation of profit and the openings move these; the statements' identities presume it."""


class Leaf(NamedTuple):
    """An account that entries may use."""

    code: str
    is_income: bool
    is_profit_and_loss: bool
    is_cash: bool
    kind: str
    demanded: bool
    counts: bool


def _read(name: str) -> list[dict[str, str]]:
    with resource_path("charts", name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def leaves() -> list[Leaf]:
    """Return the chart's leaves but those that only rules move."""
    rows = _read(f"{CHART}.csv")
    attributes = {row["code"]: row for row in _read(f"{CHART}_attrs.csv")}
    parents = {row["parent"] for row in rows}
    return [
        Leaf(
            code=row["code"],
            is_income=row["category"] == "损益" and row["normal_side"] == "贷",
            is_profit_and_loss=row["category"] == "损益",
            is_cash=attributes[row["code"]]["is_cash"] == "Y",
            kind=attributes[row["code"]]["aux"],
            demanded=attributes[row["code"]]["aux_required"] == "Y",
            counts=attributes[row["code"]]["quantity"] == "Y",
        )
        for row in rows
        if row["code"] not in parents and not row["code"].startswith(EQUITY_BY_RULE)
    ]


LEAVES = leaves()
USUAL = [
    leaf
    for leaf in LEAVES
    if leaf.code in {"1001", "1002", "101211", "1405", "5001", "560302", "571103", "5801", "2241", "190101"}
    or leaf.code.startswith(("1122", "1123", "2202", "2203", "222101", "222102"))
]
ITEMS = ("甲", "乙", "丙")
SPECIALS = ("distribution", "carried by hand")
accounts = st.one_of(st.sampled_from(USUAL), st.sampled_from(LEAVES))
amounts = st.integers(-20_000, 200_000).filter(bool)


def text(minor: int) -> str:
    """Write an amount; nothing for zero."""
    return format_amount(minor, 2) if minor else ""


@st.composite
def entries(draw: st.DrawFn, leaf: Leaf, minor: int, on_debit: bool) -> EntryInput:
    """One line: counterparty where the account has one, sometimes dollars, pieces, red."""
    aux = ""
    if leaf.kind and (leaf.demanded or draw(st.booleans())):
        aux = f"{leaf.kind}:{draw(st.sampled_from(ITEMS))}"
    foreign = draw(st.integers(1, 9_000)) if draw(st.integers(0, 5)) == 0 else 0
    pieces = draw(st.integers(1, 50)) if leaf.counts else 0
    sign = 1 if minor > 0 else -1
    return EntryInput(
        summary="业务",
        account_code=leaf.code,
        debit=text(minor) if on_debit else "",
        credit="" if on_debit else text(minor),
        aux=aux,
        currency="USD" if foreign else None,
        foreign_amount=text(foreign * sign),
        quantity=str(pieces * sign) if pieces else "",
    )


@st.composite
def vouchers(draw: st.DrawFn) -> VoucherInput:
    """A voucher of two to four lines that balances; now and then one that only rules make, or one with a fault."""
    date = f"{draw(st.sampled_from(MONTHS))}-{draw(st.integers(1, 28)):02}"
    special = draw(st.integers(0, 9))
    share = text(draw(amounts)) if special < len(SPECIALS) else ""
    if share and SPECIALS[special] == "carried by hand":
        leaf = draw(st.sampled_from([leaf for leaf in LEAVES if leaf.is_profit_and_loss]))
        debited, credited = (leaf.code, "3103") if leaf.is_income else ("3103", leaf.code)
        lines = [
            EntryInput(summary="结转损益", account_code=debited, debit=share),
            EntryInput(summary="结转损益", account_code=credited, credit=share),
        ]
        return VoucherInput(date=date, entries=lines, kind="close_pl")
    if share:
        lines = [
            EntryInput(summary="分配利润", account_code="310404", debit=share),
            EntryInput(summary="分配利润", account_code="2232", credit=share),
        ]
        return VoucherInput(date=date, entries=lines)
    parts = draw(st.lists(amounts, min_size=1, max_size=3))
    on_debit = draw(st.booleans())
    lines = [draw(entries(draw(accounts), part, on_debit)) for part in parts]
    total = sum(parts)
    if total:
        lines.append(draw(entries(draw(accounts), total, not on_debit)))
    if draw(st.integers(0, 14)) == 0:
        lines.append(EntryInput(summary="", account_code="1001", debit="0.01"))
    return VoucherInput(date=date, entries=lines, word=draw(st.sampled_from(("记", "记", "转"))))


@st.composite
def openings(draw: st.DrawFn) -> Opening:
    """Openings in the middle of the year: balances, both sides to date, real profit and loss, cash flow."""
    rows: list[OpeningRow] = []
    begin_off = turnover_off = cash = profit_debit = profit_credit = 0
    for leaf in draw(st.lists(accounts, max_size=8, unique_by=lambda leaf: leaf.code)):
        begin, debit, credit = (draw(st.integers(-90_000, 90_000)) for _ in range(3))
        if leaf.is_profit_and_loss:
            actual = debit
            rows.append(
                OpeningRow(
                    account_code=leaf.code, ytd_debit=text(actual), ytd_credit=text(actual), ytd_pl_actual=text(actual)
                )
            )
            profit_debit, profit_credit = (
                (profit_debit, profit_credit + actual) if leaf.is_income else (profit_debit + actual, profit_credit)
            )
            continue
        dollars = leaf.is_cash and draw(st.booleans())
        begin_off += begin
        turnover_off += debit - credit
        cash += debit - credit if leaf.is_cash else 0
        rows.append(
            OpeningRow(
                account_code=leaf.code,
                aux=f"{leaf.kind}:{draw(st.sampled_from(ITEMS))}" if leaf.kind else "",
                year_begin_debit=text(begin),
                ytd_debit=text(debit),
                ytd_credit=text(credit),
                year_begin_quantity="3" if leaf.counts else "",
                **({"currency": "USD", "year_begin_foreign": "5", "opening_foreign": "7"} if dollars else {}),
            )
        )
    rows.append(OpeningRow(account_code="3103", ytd_debit=text(profit_debit), ytd_credit=text(profit_credit)))
    turnover_off += profit_debit - profit_credit
    rows.append(OpeningRow(account_code="310415", year_begin_credit=text(begin_off)))
    rows.append(OpeningRow(account_code="310102", ytd_credit=text(turnover_off)))
    received = draw(st.integers(-50_000, 50_000))
    flows = [(1, received), (3, received - cash)]
    return Opening(
        rows=rows,
        cash_flow=[CashFlowOpening(cash_flow_line=line, ytd_amount=text(amount)) for line, amount in flows if amount],
    )
