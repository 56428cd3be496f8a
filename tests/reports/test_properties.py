"""Whatever was booked: reports equal a slow recomputation from the entries, and agree with each other."""

from __future__ import annotations

import shutil
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.contract.ledger import (
    AccountChange,
    AuxiliaryInput,
    AuxiliaryUse,
    EntryInput,
    Opening,
    OpeningRow,
    VoucherInput,
)
from app.identity.service.opening import ensure_owner
from app.kernel.money import format_amount
from app.ledger.queries.accounts import account_id_of
from app.ledger.service import opening, states, vouchers
from app.ledger.service.accounts import change_account
from app.ledger.service.book import set_up_ledger
from app.ledger.service.sets import create_auxiliary
from app.reports.catalogue import REPORTS
from app.reports.request import ReportRequest
from app.storage.creation import make_room
from app.storage.database import fetch_all, open_database
from app.storage.migrate import migrate
from tests.reports.asking import ask

CODES = ("1001", "1002", "560205", "560206", "2001", "22210101", "222102", "3001")
KINDS = ("entry", "day", "month")
MONTHS = ("2026-04", "2026-05", "2026-12", "2027-01", "2027-03", "2029-02")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book that starts in April, with year-to-date openings and a customer account."""
    path = tmp_path_factory.mktemp("template") / "book.zhangfang"
    book = open_database(str(path))
    make_room(book)
    migrate(book)
    with book.session():
        owner = ensure_owner("王")
        set_up_ledger(name="甲", chart="small_enterprise_2013", start_period=202604)
        change_account(
            owner, account_id_of("1002"), AccountChange(auxiliaries=[AuxiliaryUse(kind="客户", demanded=False)])
        )
        for name in ("甲", "乙"):
            create_auxiliary(owner, AuxiliaryInput(kind="客户", name=name))
        rows = [
            OpeningRow(account_code="1001", opening_debit="150", ytd_debit="100", ytd_credit="50"),
            OpeningRow(account_code="1002", aux="客户:甲", opening_debit="7", ytd_debit="7"),
            OpeningRow(account_code="3001", opening_credit="157", ytd_credit="57"),
        ]
        opening.replace_opening(owner, Opening(rows=rows))
    book.close()
    return path


@st.composite
def bookings(draw: st.DrawFn) -> list[tuple[VoucherInput, str]]:
    """Vouchers, and what becomes of each."""
    made = []
    for _ in range(draw(st.integers(0, 8))):
        amount = draw(st.integers(-300, 9000).filter(bool))
        part = draw(st.integers(-300, 9000))
        codes = [draw(st.sampled_from(CODES)) for _ in range(3)]
        lines = [(codes[0], amount, 0), (codes[1], 0, amount - part), (codes[2], 0, part)]
        entries = [
            EntryInput(
                summary="业务",
                account_code=code,
                debit=format_amount(debit, 2) if debit else "",
                credit=format_amount(credit, 2) if credit else "",
                aux=draw(st.sampled_from(("", "客户:甲", "客户:乙"))) if code == "1002" else "",
            )
            for code, debit, credit in lines
            if debit or credit
        ]
        date = f"{draw(st.sampled_from(MONTHS))}-{draw(st.integers(1, 28)):02}"
        made.append((VoucherInput(date=date, entries=entries), draw(st.sampled_from(("draft", "posted", "posted")))))
    return made


def slow_sums(first: str, last: str, unposted: bool) -> dict[str, list[Decimal]]:
    """Recompute opening, debit and credit, year-to-date sides per leaf code from openings and entries alone."""
    sums: dict[str, list[Decimal]] = {}
    begin_year, year = "2026", last[:4]
    for code, begin_debit, begin_credit, debit, credit in fetch_all(
        "SELECT a.code, o.year_begin_debit, o.year_begin_credit, o.ytd_debit, o.ytd_credit FROM {opening} o"
        " JOIN {account} a ON a.id = o.account_id"
    ):
        row = sums.setdefault(code, [Decimal(0)] * 5)
        row[0] += begin_debit - begin_credit + debit - credit
        if year == begin_year:
            row[3] += debit
            row[4] += credit
    states_wanted = ("posted", "draft") if unposted else ("posted", "posted")
    for code, date, debit, credit in fetch_all(
        "SELECT a.code, v.date, e.debit, e.credit FROM {entry} e JOIN {voucher} v ON v.id = e.voucher_id"
        " JOIN {account} a ON a.id = e.account_id WHERE v.state IN (?, ?) AND v.faults = ''",
        states_wanted,
    ):
        row = sums.setdefault(code, [Decimal(0)] * 5)
        if date[:7] < first:
            row[0] += debit - credit
        elif date[:7] <= last:
            row[1] += debit
            row[2] += credit
        if date[:4] == year and date[:7] <= last:
            row[3] += debit
            row[4] += credit
    return sums


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    made=bookings(),
    months=st.tuples(st.sampled_from(MONTHS), st.sampled_from(MONTHS)).map(sorted),
    unposted=st.booleans(),
)
def test_reports_equal_what_the_entries_add_up_to(
    template: Path, tmp_path: Path, made: list[tuple[VoucherInput, str]], months: list[str], unposted: bool
) -> None:
    path = tmp_path / "book.zhangfang"
    for left in tmp_path.glob("book.zhangfang*"):
        left.unlink()
    shutil.copy(template, path)
    book = open_database(str(path))
    try:
        with book.session():
            actor = ensure_owner()
            for typed, fate in made:
                saved = vouchers.save_voucher(actor, typed)
                if fate == "posted" and not saved.faults:
                    states.review_and_post(actor, saved.id)
            check(actor, months[0], months[1], unposted)
    finally:
        book.close()


def check(actor: Any, first: str, last: str, unposted: bool) -> None:
    rows, totals = ask(actor, "trial-balance", first, last, include_unposted=unposted)
    expected = slow_sums(first, last, unposted)
    by_code = {row["code"]: {key: as_decimal(value) for key, value in row.items()} for row in rows}
    for code, (begin, debit, credit, year_debit, year_credit) in expected.items():
        if code not in by_code:
            assert not any((begin, debit, credit, year_debit, year_credit)), code
            continue
        row = by_code[code]
        assert row["opening_debit"] - row["opening_credit"] == begin / 100
        assert (row["period_debit"], row["period_credit"]) == (debit / 100, credit / 100)
        assert (row["ytd_debit"], row["ytd_credit"]) == (year_debit / 100, year_credit / 100)
        assert row["closing_debit"] - row["closing_credit"] == (begin + debit - credit) / 100
    assert set(by_code) - set(expected) <= {"5602", "2221", "222101"}
    check_parents(by_code)
    for side in ("opening", "period", "ytd", "closing"):
        assert totals[f"{side}_debit"] == totals[f"{side}_credit"]
    check_books(actor, by_code, first, last, unposted)


def check_parents(by_code: dict[str, dict[str, Any]]) -> None:
    """Turnover is the sum of the children's, the balance their net, and never on both sides."""
    for parent in ("5602", "2221", "222101"):
        below = [row for code, row in by_code.items() if len(code) == len(parent) + 2 and code.startswith(parent)]
        if not below:
            continue
        row = by_code[parent]
        for key in ("period_debit", "period_credit", "ytd_debit", "ytd_credit"):
            assert row[key] == sum(child[key] for child in below)
        for side in ("opening", "closing"):
            net = sum(child[f"{side}_debit"] - child[f"{side}_credit"] for child in below)
            assert row[f"{side}_debit"] - row[f"{side}_credit"] == net
    for row in by_code.values():
        assert 0 in (row["opening_debit"], row["opening_credit"])
        assert 0 in (row["closing_debit"], row["closing_credit"])


def check_books(actor: Any, by_code: dict[str, dict[str, Any]], first: str, last: str, unposted: bool) -> None:
    """The journal, the ledgers and the auxiliaries end at the trial balance's figures."""
    lines, totals = ask(actor, "journal", first, last, include_unposted=unposted)
    for side in ("debit", "credit"):
        assert sum(as_decimal(row[side]) for row in lines) == as_decimal(totals[side])
    for name in ("general-ledger", "subsidiary-ledger"):
        ledger, _ = ask(actor, name, first, last, include_unposted=unposted)
        ends = {row["account_code"]: row for row in ledger}
        for code, row in ends.items():
            closing = by_code[code]["closing_debit"] - by_code[code]["closing_credit"]
            sign = {"借": 1, "贷": -1, "平": 0}[row["direction"]]
            assert sign * as_decimal(row["balance"]) == closing
    check_new_books(actor, by_code, first, last, unposted)
    by_customer, _ = ask(actor, "auxiliary-balance", first, last, include_unposted=unposted)
    plain = [row for row in lines if row["account_code"] == "1002" and not row["aux"]]
    debits = sum(as_decimal(row["period_debit"]) for row in by_customer) + sum(
        as_decimal(row["debit"]) for row in plain
    )
    if "1002" in by_code:
        assert debits == by_code["1002"]["period_debit"]


def check_new_books(actor: Any, by_code: dict[str, dict[str, Any]], first: str, last: str, unposted: bool) -> None:
    """Every book adds up to the trial balance, and those within a book to the book."""
    wish = {"include_unposted": unposted}
    _, journal = ask(actor, "journal", first, last, **wish)
    _, totals = ask(actor, "trial-balance", first, last, **wish)
    assert (journal["debit"], journal["credit"]) == (totals["period_debit"], totals["period_credit"])
    summary, summed = ask(actor, "voucher-summary", first, last, **wish)
    assert (summed["debit"], summed["credit"]) == (journal["debit"], journal["credit"])
    for row in summary:
        period = by_code[row["account_code"]]
        assert (as_decimal(row["debit"]), as_decimal(row["credit"])) == (
            period["period_debit"],
            period["period_credit"],
        )
    equalities, _ = ask(actor, "trial-balance-check", first, last, **wish)
    assert all(row["balanced"] for row in equalities)
    check_days(ask(actor, "cash-journal", first, last, **wish)[0], by_code)
    check_columns(actor, by_code, first, last, wish)
    balances, balance_totals = ask(actor, "auxiliary-balance", first, last, **wish)
    for order in ("account", "item"):
        ledger, turnover = ask(actor, "auxiliary-ledger", first, last, order=order, **wish)
        ends = {(row["account_code"], row["aux"]): row for row in ledger}
        for row in balances:
            closing = as_decimal(row["closing_debit"]) - as_decimal(row["closing_credit"])
            if (end := ends.get((row["account_code"], row["aux"]))) is None:
                assert not closing  # used before in this year, and nothing is left of it
            else:
                assert signed(end) == closing
        assert (turnover["debit"], turnover["credit"]) == (
            balance_totals["period_debit"],
            balance_totals["period_credit"],
        )


def check_days(rows: list[dict[str, Any]], by_code: dict[str, dict[str, Any]]) -> None:
    """The days of a journal add up to its months, and those to the trial balance."""
    for side in ("debit", "credit"):
        for code in {row["account_code"] for row in rows}:
            mine = [row for row in rows if row["account_code"] == code]
            sums = {kind: sum(as_decimal(row[side]) for row in mine if row["kind"] == kind) for kind in KINDS}
            assert sums["entry"] == sums["day"] == sums["month"] == by_code[code][f"period_{side}"]
    for row, following in pairwise(rows):
        if row["kind"] == "entry" and (following["kind"], following["date"]) != ("entry", row["date"]):
            assert (following["kind"], following["balance"]) == ("day", row["balance"])


def check_columns(actor: Any, by_code: dict[str, dict[str, Any]], first: str, last: str, wish: dict[str, Any]) -> None:
    """The columns of each line add up to the line, and the columns of the months to the accounts below."""
    for parent in ("5602", "2221"):
        report = REPORTS["multi-column"].run(
            actor, ReportRequest(from_period=first, to_period=last, account_code=parent, **wish)
        )
        rows = [dict(row) for row in report.rows]
        signs = {column.key: 1 if column.side == "debit" else -1 for column in report.analysis}
        for row in rows:
            net = sum(as_decimal(amount) * signs[key] for key, amount in row["amounts"].items())
            turned = as_decimal(row["debit"]) - as_decimal(row["credit"])
            assert net == (signed(row) if row["kind"] == "opening" else turned)
        for column in report.analysis:
            months = sum(as_decimal(row["amounts"][column.key]) for row in rows if row["kind"] == "month")
            below = by_code.get(column.account_code)
            if below is not None:
                assert months * signs[column.key] == below["period_debit"] - below["period_credit"]


def signed(row: dict[str, Any]) -> Decimal:
    return Decimal({"借": 1, "贷": -1, "平": 0}[row["direction"]]) * Decimal(row["balance"])


def as_decimal(value: Any) -> Any:
    return Decimal(value) if isinstance(value, str) and value.strip("-").replace(".", "").isdigit() else value
