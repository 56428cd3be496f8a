"""What somebody changes behind the program's back is named by the verification, and nothing else is."""

from __future__ import annotations

import sqlite3

import pytest

from app.contract.ledger import AuxiliaryInput, Finding, Opening, OpeningRow
from app.identity.actor import Actor
from app.identity.service.opening import ensure_owner
from app.kernel.errors import EnvironmentFault
from app.ledger.queries.vouchers import get_voucher
from app.ledger.service.book import set_up_ledger
from app.ledger.service.opening import replace_opening
from app.ledger.service.sets import create_auxiliary
from app.ledger.verify import verify_book
from app.storage.database import Book, execute
from tests.ledger.build import line, posted


@pytest.fixture
def file_book(sqlite_book: Book) -> Book:
    """A book file with openings and five posted vouchers of three months with auxiliaries."""
    with sqlite_book.session():
        actor = ensure_owner("王会计")
        set_up_ledger(name="甲公司", chart="small_enterprise_2013", start_period=202601)
        fill(actor)
    return sqlite_book


def fill(actor: Actor) -> None:
    rows = [
        OpeningRow(account_code="1001", year_begin_debit="500"),
        OpeningRow(account_code="3001", year_begin_credit="500"),
    ]
    replace_opening(actor, Opening(rows=rows))
    create_auxiliary(actor, AuxiliaryInput(kind="客户", name="甲公司"))
    for date in ("2026-01-05", "2026-01-06", "2026-02-07", "2026-03-08", "2026-03-09"):
        posted(actor, date, line("1122", "80", aux="客户:甲公司"), line("560205", credit="80"))


def alter(book: Book, *statements: str) -> None:
    """Change the file as the sqlite3 shell would: checks and references off."""
    connection = sqlite3.connect(str(book.address.path))
    connection.execute("PRAGMA ignore_check_constraints = ON")
    with connection:
        for statement in statements:
            assert connection.execute(statement).rowcount > 0
    connection.close()


def findings(book: Book) -> list[Finding]:
    with book.session():
        return verify_book().findings


def checks(book: Book) -> set[tuple[str, str]]:
    return {(finding.check, finding.where) for finding in findings(book)}


THIRD = "2026-02 记字第 1 号（id 3）"
DAMAGED = "CAST(x'ff41' AS TEXT)"


@pytest.mark.parametrize("column", ["word", "date", "state", "kind", "origin", "summary", "faults", "hash"])
def test_a_text_that_is_no_utf_8_any_more_is_named(file_book: Book, column: str) -> None:
    alter(file_book, f"UPDATE voucher SET {column} = {DAMAGED} WHERE id = 3")
    assert "id 3）" in " ".join(finding.where for finding in findings(file_book))


@pytest.mark.parametrize("column", ["summary", "rate"])
def test_a_damaged_text_of_an_entry_is_named_with_its_voucher(file_book: Book, column: str) -> None:
    alter(file_book, f"UPDATE entry SET {column} = {DAMAGED} WHERE voucher_id = 3 AND line = 2")
    assert checks(file_book) == {("hash", THIRD)}


def test_a_damaged_text_is_elsewhere_a_sentence_and_the_connection_stays_strict(file_book: Book) -> None:
    alter(file_book, f"UPDATE entry SET summary = {DAMAGED} WHERE voucher_id = 3 AND line = 2")
    with file_book.session():
        assert verify_book().findings
        with pytest.raises(EnvironmentFault) as refused:
            get_voucher(3)
    assert refused.value.code == "text_damaged"


@pytest.mark.parametrize("date", ["", "2026-02-30", "2026-02-7", "x"])
def test_a_date_that_is_none_is_named(file_book: Book, date: str) -> None:
    alter(file_book, f"UPDATE voucher SET date = '{date}' WHERE id = 3")
    assert checks(file_book) == {("period", THIRD), ("hash", THIRD)}


@pytest.mark.parametrize("position", [2**62, -4, 0])
def test_a_position_no_chain_has_is_named_at_once(file_book: Book, position: int) -> None:
    alter(file_book, f"UPDATE voucher SET chain_position = {position} WHERE id = 3")
    assert checks(file_book) == {("hash", THIRD), ("chain", "3")}


def test_an_altered_hash_accuses_its_own_voucher_only(file_book: Book) -> None:
    alter(file_book, f"UPDATE voucher SET hash = '{'0' * 64}' WHERE id = 3")
    assert checks(file_book) == {("hash", THIRD)}


def test_two_altered_vouchers_in_a_row_are_both_named(file_book: Book) -> None:
    alter(file_book, "UPDATE voucher SET attachment_count = 9 WHERE id IN (3, 4)")
    assert checks(file_book) == {("hash", THIRD), ("hash", "2026-03 记字第 1 号（id 4）")}


def test_a_chain_head_of_an_empty_book_is_checked(file_book: Book) -> None:
    alter(file_book, "DELETE FROM entry", "DELETE FROM voucher", "UPDATE chain_head SET count = 0")
    assert ("chain", "chain_head") in checks(file_book)


@pytest.mark.parametrize(
    ("sql", "where"),
    [
        ("UPDATE period SET state = 'closed' WHERE period = 202602", "2026-02"),
        ("INSERT INTO period VALUES (202613, 'open', NULL, NULL)", "202613"),
        ("INSERT INTO period VALUES (202512, 'open', NULL, NULL)", "202512"),
        ("DELETE FROM period WHERE period = 0", "0"),
        ("DELETE FROM book_setting WHERE name = 'start_period'", "start_period"),
        ("UPDATE book_setting SET value = '{' WHERE name = 'start_period'", "start_period"),
    ],
)
def test_months_that_cannot_be_are_named(file_book: Book, sql: str, where: str) -> None:
    alter(file_book, sql)
    assert checks(file_book) == {("period", where)}


@pytest.mark.parametrize(
    ("statements", "found"),
    [
        (["DELETE FROM auxiliary_set_item"], ("auxiliary", "auxiliary_set 1")),
        (["UPDATE auxiliary SET kind_id = kind_id + 1"], ("auxiliary", "auxiliary 1")),
        (["UPDATE account SET level = 3 WHERE code = '1001'"], ("account", "1001")),
        (
            [
                "UPDATE opening SET year_begin_debit = year_begin_debit + 5 WHERE year_begin_debit > 0",
                "UPDATE balance SET opening = opening + 5 WHERE opening > 0",
            ],
            ("opening", "opening"),
        ),
    ],
)
def test_what_vouchers_stand_on_is_checked(file_book: Book, statements: list[str], found: tuple[str, str]) -> None:
    alter(file_book, *statements)
    assert checks(file_book) == {found}


def test_rows_without_a_row_id_are_named_by_what_they_miss(file_book: Book) -> None:
    alter(file_book, "DELETE FROM voucher WHERE id = 3")
    assert ("foreign_key", "entry.voucher_id = 3") in checks(file_book)


def test_a_sound_book_has_no_finding(file_book: Book) -> None:
    assert findings(file_book) == []


def test_the_same_checks_on_both_databases(owner: Actor) -> None:
    fill(owner)
    assert verify_book().findings == []
    execute("UPDATE {period} SET state = 'closed' WHERE period = 202602")
    execute("UPDATE {auxiliary_set_item} SET kind_id = kind_id + 1")
    assert {finding.check for finding in verify_book().findings} == {"period", "auxiliary"}
