"""Whatever is booked, in whatever order: statements balance, agree, and survive close, reopening and export."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, multiple, rule

from app.contract.ledger import AuxiliaryInput, Opening, Reversal, VoucherInput
from app.exchange.exporting import export_book
from app.exchange.importing import import_paths
from app.identity.actor import Actor
from app.identity.service.opening import ensure_owner
from app.kernel.errors import UserError
from app.kernel.period import parse_period
from app.ledger.service import opening, periods, states, vouchers
from app.ledger.service.book import set_up_ledger
from app.ledger.service.sets import create_auxiliary
from app.ledger.verify import verify_book
from app.reports.statements.reading import StatementRequest
from app.reports.statements.statement import get_statement
from app.storage.creation import make_room
from app.storage.database import Book, fetch_all, open_database
from app.storage.migrate import migrate
from tests.reports.asking import ask
from tests.scenarios import random_books
from tests.scenarios.random_books import CHART, ITEMS, LEAVES, MONTHS, START
from tests.scenarios.slow_statements import SlowStatements, read_facts
from tests.scenarios.worked import COLUMNS, Lines

CENT = Decimal("0.01")


def make_book(path: Path, *, items: bool) -> None:
    """Make a firm's book without vouchers, with counterparties of every kind or without."""
    book = open_database(str(path))
    make_room(book)
    migrate(book)
    with book.session():
        ensure_owner("王")
        set_up_ledger(name="甲", chart=CHART, start_period=START)
        for kind in sorted({leaf.kind for leaf in LEAVES if leaf.kind and items}):
            for name in ITEMS:
                create_auxiliary(ensure_owner(), AuxiliaryInput(kind=kind, name=name))
    book.close()


def all_statements(actor: Actor, month: str, *, unposted: bool, checked: bool = False) -> dict[str, Lines]:
    """Return the amounts of every line of the four statements; `checked`: none of their checks may fail."""
    found: dict[str, Lines] = {}
    for name, columns in COLUMNS.items():
        request = StatementRequest(to_period=month, include_unposted=unposted)
        statement = get_statement(actor, name, request, checked=checked)
        broken = [check.message for check in statement.checks if not check.ok and check.severity == "error"]
        assert broken == [], (name, month)
        found[name] = {
            str(row.line): tuple(row.amounts[column] for column in columns) for row in statement.rows if row.line
        }
    return found


def profit_of_openings() -> Decimal:
    """Add up the real profit and loss of the months before the book's start."""
    rows = fetch_all("SELECT a.normal_side, o.ytd_pl_actual FROM {opening} o JOIN {account} a ON a.id = o.account_id")
    return CENT * int(sum(actual if side == "credit" else -actual for side, actual in rows))


def profit_of_entries(first: str, last: str, *, unposted: bool) -> Decimal:
    """Add up the net profit of some months from the entries alone, closing vouchers left out."""
    wanted = ("posted", "draft", "reviewed") if unposted else ("posted",) * 3
    rows = fetch_all(
        "SELECT e.debit, e.credit FROM {entry} e JOIN {voucher} v ON v.id = e.voucher_id"
        " JOIN {account} a ON a.id = e.account_id WHERE a.category = '损益' AND v.kind <> 'close_pl'"
        " AND v.faults = '' AND v.state IN (?, ?, ?) AND v.period BETWEEN ? AND ?",
        (*wanted, parse_period(first), parse_period(last)),
    )
    return CENT * int(sum(credit - debit for debit, credit in rows))


class BookYear(RuleBasedStateMachine):
    """A book lived with at random over a turn of the year."""

    template: Path
    empty: Path
    ids = Bundle("ids")

    @initialize(typed=random_books.openings())
    def open(self, typed: Opening) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="zhangfang-year-"))
        self.book: Book = open_database(str(shutil.copy(self.template, self.folder / "one.zhangfang")))
        self.session: Any = self.book.session()
        self.session.__enter__()
        self.actor = ensure_owner()
        opening.replace_opening(self.actor, typed, make_missing=True)

    def teardown(self) -> None:
        if not hasattr(self, "session"):
            return
        try:
            found = self.check_everything()
            target = self.folder / "out"
            export_book(self.actor, target, "csv-book")
        finally:
            self.session.__exit__(None, None, None)
            self.book.close()
        try:
            check_copy(self.folder, Path(shutil.copy(self.empty, self.folder / "two.zhangfang")), found)
        finally:
            shutil.rmtree(self.folder)

    def attempt(self, work: Callable[[], Any]) -> Any:
        """A refusal is fine; anything else that goes wrong is a bug."""
        try:
            return work()
        except UserError:
            return None

    @rule(target=ids, typed=random_books.vouchers(), post=st.booleans())
    def save(self, typed: VoucherInput, post: bool) -> Any:
        saved = self.attempt(lambda: vouchers.save_voucher(self.actor, typed))
        if saved is None:
            return multiple()
        if post and not saved.faults:
            self.attempt(lambda: states.review_and_post(self.actor, saved.id))
        return saved.id

    @rule(voucher_id=ids, typed=random_books.vouchers())
    def change(self, voucher_id: int, typed: VoucherInput) -> None:
        self.attempt(lambda: vouchers.save_voucher(self.actor, typed, voucher_id))

    @rule(voucher_id=consumes(ids))
    def delete(self, voucher_id: int) -> None:
        self.attempt(lambda: vouchers.delete_draft(self.actor, voucher_id))

    @rule(voucher_id=ids, step=st.sampled_from(("review", "unreview", "post", "void")))
    def advance(self, voucher_id: int, step: str) -> None:
        acts: dict[str, Callable[[Actor, int], object]] = {
            "review": states.review_voucher,
            "unreview": states.unreview_voucher,
            "post": states.post_voucher,
            "void": states.void_voucher,
        }
        self.attempt(lambda: acts[step](self.actor, voucher_id))

    @rule(target=ids, voucher_id=ids, post=st.booleans())
    def reverse(self, voucher_id: int, post: bool) -> Any:
        red = self.attempt(lambda: states.reverse_voucher(self.actor, voucher_id, Reversal(post=post)))
        return red.id if red else multiple()

    @rule(months=st.integers(1, 9))
    def close(self, months: int) -> None:
        """Close the next months, profit and loss carried forward: no statement may show it."""
        for _ in range(months):
            period = periods.first_open_period()
            month = f"{period // 100}-{period % 100:02}"
            if month > MONTHS[-1]:
                return
            self.tidy(period)
            before = all_statements(self.actor, month, unposted=False) if month in MONTHS else {}
            periods.close_period(self.actor, period, carry=True)
            if before:
                assert all_statements(self.actor, month, unposted=False) == before, month

    def tidy(self, period: int) -> None:
        """Post what is ready in a month and take the rest away, as one does before closing."""
        rows = fetch_all(
            "SELECT id, faults, number FROM {voucher} WHERE period = ? AND state IN ('draft', 'reviewed')"
            " ORDER BY number DESC",
            (period,),
        )
        for voucher_id, faults, number in rows:
            if number is None:
                vouchers.delete_draft(self.actor, voucher_id)
            elif faults:
                states.void_voucher(self.actor, voucher_id)
            else:
                states.review_and_post(self.actor, voucher_id)

    @rule()
    def reopen(self) -> None:
        closed = periods.latest_closed_period()
        if closed is not None:
            periods.reopen_period(self.actor, closed)

    def check_everything(self) -> dict[str, dict[str, Lines]]:
        """Check every month, two also without what is not posted; return the statements with it."""
        assert verify_book().findings == []
        found: dict[str, dict[str, Lines]] = {}
        for month in MONTHS:
            for unposted in (False, True) if month in {MONTHS[1], MONTHS[-1]} else (True,):
                statements = found[month] = all_statements(self.actor, month, unposted=unposted, checked=True)
                facts = read_facts(START, unposted=unposted)
                assert statements == SlowStatements(facts, parse_period(month)).lines(), month
                check_statements(statements, month, unposted=unposted)
                check_ledgers(self.actor, month, statements, unposted=unposted)
        return found


def check_statements(found: dict[str, Lines], month: str, *, unposted: bool) -> None:
    """Assets equal liabilities and equity, cash flow ends at the balance sheet's cash, profit is what was booked."""
    sheet, income, cash = found["balance-sheet"], found["income-statement"], found["cash-flow"]
    assert sheet["30"] == sheet["53"]
    assert cash["22"] == (sheet["1"][0],) * 2
    assert cash["21"][0] == sheet["1"][1]
    assert found["profit-appropriation"]["13"] == (sheet["51"][0],)
    year, alone = (Decimal(amount) for amount in income["32"])
    before = profit_of_openings() if int(month[:4]) == START // 100 else Decimal(0)
    assert year == before + profit_of_entries(f"{month[:4]}-01", month, unposted=unposted)
    assert alone == profit_of_entries(month, month, unposted=unposted)


def check_ledgers(actor: Actor, month: str, found: dict[str, Lines], *, unposted: bool) -> None:
    """Counterparties and ledgers add up to the accounts, and the accounts to the balance sheet's cash."""
    closing: dict[str, Decimal] = {}
    for row in ask(actor, "trial-balance", month, month, include_unposted=unposted)[0]:
        closing[row["code"]] = Decimal(row["closing_debit"]) - Decimal(row["closing_credit"])
    assert sum((closing.get(code, Decimal(0)) for code in ("1001", "1002", "1012")), Decimal(0)) == Decimal(
        found["balance-sheet"]["1"][0]
    )
    parties: dict[str, Decimal] = {}
    for row in ask(actor, "auxiliary-balance", month, month, include_unposted=unposted)[0]:
        amount = Decimal(row["closing_debit"]) - Decimal(row["closing_credit"])
        parties[row["account_code"]] = parties.get(row["account_code"], Decimal(0)) + amount
    for code in ("1122", "1123", "2202", "2203"):
        assert parties.get(code, Decimal(0)) == closing.get(code, Decimal(0)), code
    for name in ("general-ledger", "subsidiary-ledger"):
        ledger = ask(actor, name, month, month, include_unposted=unposted)[0]
        for code, row in {row["account_code"]: row for row in ledger}.items():
            sign = {"借": 1, "贷": -1, "平": 0}[row["direction"]]
            assert sign * Decimal(row["balance"]) == closing[code], (name, code)


def check_copy(folder: Path, path: Path, found: dict[str, dict[str, Lines]]) -> None:
    """Bring the export into an empty book, posted: the statements are equal, and that book is sound."""
    book = open_database(str(path))
    try:
        with book.session():
            actor = ensure_owner()
            import_paths(actor, [folder / "out"], post=True)
            assert verify_book().findings == []
            for month, statements in found.items():
                assert all_statements(actor, month, unposted=False) == statements, month
    finally:
        book.close()


@pytest.fixture(scope="module", autouse=True)
def template(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Make the book that every example starts with, and the one its export goes into."""
    folder = tmp_path_factory.mktemp("template")
    BookYear.template, BookYear.empty = folder / "book.zhangfang", folder / "empty.zhangfang"
    make_book(BookYear.template, items=True)
    make_book(BookYear.empty, items=False)


BookYear.TestCase.settings = settings(
    max_examples=10,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
TestBookYear = BookYear.TestCase
