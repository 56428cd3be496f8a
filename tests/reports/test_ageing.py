"""What is owed and owned, by how long: worked out from the ledger, and always adding up to it."""

from __future__ import annotations

import datetime
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.contract.ledger import AuxiliaryInput, Opening, OpeningRow, Reversal
from app.identity.actor import Actor
from app.identity.service.opening import ensure_owner
from app.kernel.errors import MalformedInput
from app.kernel.money import format_amount
from app.ledger.service import opening, states
from app.ledger.service.book import set_up_ledger
from app.ledger.service.sets import create_auxiliary
from app.reports.trade.ageing import AGE_BUCKETS, AMOUNTS, DUE_BUCKETS, age_bucket, due_bucket
from app.storage.creation import make_room
from app.storage.database import execute, open_database
from app.storage.migrate import migrate
from tests.ledger.build import draft, line, posted
from tests.reports.asking import ask, columns


def add_contacts(firm: Actor, kind: str, *names: str) -> list[int]:
    return [create_auxiliary(firm, AuxiliaryInput(kind=kind, name=name)).id for name in names]


def sale(firm: Actor, date: str, amount: str, name: str = "甲公司") -> int:
    return posted(firm, date, line("1122", amount, aux=f"客户:{name}"), line("5001", credit=amount)).id


def paid(firm: Actor, date: str, amount: str, name: str = "甲公司") -> int:
    return posted(firm, date, line("1002", amount), line("1122", credit=amount, aux=f"客户:{name}")).id


def test_the_latest_movements_are_what_is_open(firm: Actor) -> None:
    add_contacts(firm, "客户", "甲公司", "乙公司")
    sale(firm, "2026-01-05", "100")
    sale(firm, "2026-03-20", "50")
    paid(firm, "2026-04-02", "70")
    sale(firm, "2026-06-10", "8")
    sale(firm, "2026-06-30", "3", "乙公司")
    rows, totals = ask(firm, "ageing", last="2026-06")
    assert columns(rows, "account_code", "aux", "balance", *DUE_BUCKETS, "within_1_year") == [
        ("1122", "客户:乙公司", "3.00", "3.00", "0.00", "0.00", "0.00", "0.00", "3.00"),
        ("1122", "客户:甲公司", "88.00", "0.00", "8.00", "0.00", "0.00", "80.00", "88.00"),
    ]
    assert totals["balance"] == "91.00"
    assert totals["overdue_over_90"] == "80.00"
    in_may, _ = ask(firm, "ageing", last="2026-04")
    assert columns(in_may, "balance", *DUE_BUCKETS) == [("80.00", "0.00", "0.00", "50.00", "0.00", "30.00")]


def test_openings_are_items_of_the_day_before_the_book(june_firm: Actor) -> None:
    rows = [
        OpeningRow(account_code="1122", aux="客户:甲", year_begin_debit="30", ytd_debit="20", opening_debit="50"),
        OpeningRow(account_code="2202", aux="供应商:乙", year_begin_credit="50", opening_credit="50"),
        OpeningRow(account_code="3001", ytd_credit="20", opening_credit="0", year_begin_debit="20"),
    ]
    opening.replace_opening(june_firm, Opening(rows=rows), make_missing=True)
    posted(june_firm, "2026-07-01", line("1002", "15"), line("1122", credit="15", aux="客户:甲"))
    found, totals = ask(june_firm, "ageing", last="2027-05")
    assert columns(found, "account_code", "aux", "balance", *AGE_BUCKETS) == [
        ("1122", "客户:甲", "35.00", "35.00", "0.00", "0.00", "0.00"),
        ("2202", "供应商:乙", "50.00", "50.00", "0.00", "0.00", "0.00"),
    ]
    assert totals["balance"] == "-15.00"
    later, _ = ask(june_firm, "ageing", last="2027-06", account_code="2202")
    assert columns(later, "balance", *AGE_BUCKETS) == [("50.00", "0.00", "50.00", "0.00", "0.00")]


def test_advances_and_balances_on_the_other_side_age_too(firm: Actor) -> None:
    add_contacts(firm, "客户", "甲公司")
    add_contacts(firm, "供应商", "乙公司")
    sale(firm, "2026-01-05", "10")
    paid(firm, "2026-02-03", "25")
    posted(firm, "2026-02-10", line("1123", "40", aux="供应商:乙公司"), line("1002", credit="40"))
    posted(firm, "2026-02-11", line("1002", "7"), line("2203", credit="7", aux="客户:甲公司"))
    rows, _ = ask(firm, "ageing", last="2026-02")
    assert columns(rows, "account_code", "aux", "balance", "overdue_1_30", "not_due", "within_1_year") == [
        ("1122", "客户:甲公司", "-15.00", "-15.00", "0.00", "-15.00"),
        ("1123", "供应商:乙公司", "40.00", "0.00", "40.00", "40.00"),  # advances are owed in goods: never overdue
        ("2203", "客户:甲公司", "7.00", "0.00", "7.00", "7.00"),
    ]


def test_what_was_reversed_is_open_no_more_and_opens_again_what_it_paid(firm: Actor) -> None:
    add_contacts(firm, "客户", "甲公司")
    sale(firm, "2026-01-05", "100")
    wrong = sale(firm, "2026-02-05", "40")
    payment = paid(firm, "2026-02-06", "100")
    for voucher_id in (wrong, payment):
        states.reverse_voucher(firm, voucher_id, Reversal(date="2026-05-01", post=True))
    rows, _ = ask(firm, "ageing", last="2026-05")
    assert columns(rows, "balance", *DUE_BUCKETS) == [("100.00", "0.00", "0.00", "0.00", "0.00", "100.00")]


def test_drafts_count_when_asked_for_and_merged_contacts_as_their_survivor(firm: Actor) -> None:
    kept, gone = add_contacts(firm, "客户", "甲公司", "甲公司（旧）")
    sale(firm, "2026-01-05", "100")
    paid(firm, "2026-02-05", "30", "甲公司（旧）")
    draft(firm, "2026-03-05", line("1122", "5", aux="客户:甲公司"), line("5001", credit="5"))
    execute("UPDATE {auxiliary} SET merged_into = ? WHERE id = ?", (kept, gone))
    assert columns(ask(firm, "ageing", last="2026-03")[0], "aux", "balance") == [("客户:甲公司", "70.00")]
    rows, _ = ask(firm, "ageing", last="2026-03", include_unposted=True)
    assert columns(rows, "balance", "overdue_1_30") == [("75.00", "5.00")]


def test_buckets_end_where_the_notes_say() -> None:
    end = datetime.date(2028, 2, 29)
    assert [age_bucket(day, end) for day in ("2027-02-28", "2027-03-01", "2026-02-28", "2025-02-28", "2024-02-29")] == [
        "years_1_2",
        "within_1_year",
        "years_2_3",
        "over_3_years",
        "over_3_years",
    ]
    assert [due_bucket(day, end) for day in ("2028-03-31", "2028-02-29", "2028-02-28", "2028-01-30", "2028-01-29")] == [
        "not_due",
        "not_due",
        "overdue_1_30",
        "overdue_1_30",
        "overdue_31_60",
    ]


def test_a_statement_of_account_runs_from_the_opening_to_the_closing(firm: Actor) -> None:
    add_contacts(firm, "客户", "甲公司")
    sale(firm, "2026-01-05", "100")
    sale(firm, "2026-02-10", "50")
    paid(firm, "2026-02-20", "120")
    sale(firm, "2026-03-01", "9")
    rows, totals = ask(firm, "statement-of-account", "2026-02", "2026-02", aux="客户:甲公司")
    assert columns(rows, "date", "summary", "debit", "credit", "direction", "balance", "open") == [
        ("2026-02-01", "期初余额", "0.00", "0.00", "借", "100.00", "0.00"),
        ("2026-02-10", "业务", "50.00", "0.00", "借", "150.00", "30.00"),
        ("2026-02-20", "业务", "0.00", "120.00", "借", "30.00", "0.00"),
        ("2026-02-28", "期末余额", "0.00", "0.00", "借", "30.00", "0.00"),
    ]
    assert totals == {"debit": "50.00", "credit": "120.00"}
    later, _ = ask(firm, "statement-of-account", "2026-03", "2026-03", aux="客户:甲公司")
    assert columns(later, "summary", "balance", "open") == [
        ("期初余额", "30.00", "30.00"),
        ("业务", "39.00", "9.00"),
        ("期末余额", "39.00", "0.00"),
    ]
    with pytest.raises(MalformedInput):
        ask(firm, "statement-of-account", aux="客户")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book with two customers and a supplier, all with openings."""
    path = tmp_path_factory.mktemp("ageing") / "book.zhangfang"
    book = open_database(str(path))
    make_room(book)
    migrate(book)
    with book.session():
        owner = ensure_owner("王")
        set_up_ledger(name="甲", chart="small_enterprise_2013", start_period=202601)
        add_contacts(owner, "客户", "甲", "乙")
        add_contacts(owner, "供应商", "丙")
        rows = [
            OpeningRow(account_code="1122", aux="客户:甲", opening_debit="20", year_begin_debit="20"),
            OpeningRow(account_code="2202", aux="供应商:丙", opening_credit="20", year_begin_credit="20"),
        ]
        opening.replace_opening(owner, Opening(rows=rows))
    book.close()
    return path


MOVES = st.lists(
    st.tuples(
        st.sampled_from([("1122", "客户:甲"), ("1122", "客户:乙"), ("2202", "供应商:丙"), ("2203", "客户:甲")]),
        st.integers(-5000, 5000).filter(bool),
        st.dates(datetime.date(2026, 1, 1), datetime.date(2027, 12, 31)),
        st.booleans(),
    ),
    max_size=10,
)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(moves=MOVES, last=st.sampled_from(["2026-01", "2026-09", "2027-06", "2027-12"]))
def test_ageing_adds_up_to_the_ledger_whatever_was_booked(
    template: Path, tmp_path: Path, moves: list[tuple[tuple[str, str], int, datetime.date, bool]], last: str
) -> None:
    book = open_database(str(shutil.copyfile(template, tmp_path / "book.zhangfang")))
    with book.session():
        owner = ensure_owner("王")
        for (code, aux), minor, date, reverse in moves:
            amount = format_amount(minor, 2)
            made = posted(owner, date.isoformat(), line(code, amount, aux=aux), line("1002", credit=amount))
            if reverse:
                states.reverse_voucher(owner, made.id, Reversal(date=date.isoformat(), post=True))
        rows, _ = ask(owner, "ageing", last=last)
        ledger, _ = ask(owner, "auxiliary-balance", "2026-01", last)
        for row in rows:
            whole = {name: int(row[name].replace(".", "")) for name in AMOUNTS}
            assert sum(whole[name] for name in DUE_BUCKETS) == whole["balance"]
            assert sum(whole[name] for name in AGE_BUCKETS) == whole["balance"]
        shown = {(row["account_code"], row["aux"]): int(row["balance"].replace(".", "")) for row in rows}
        expected = {}
        for row in ledger:
            debit, credit = (int(row[key].replace(".", "")) for key in ("closing_debit", "closing_credit"))
            signed = debit - credit if row["account_code"] == "1122" else credit - debit
            if signed:
                expected[row["account_code"], row["aux"]] = signed
        assert shown == expected
    book.close()
