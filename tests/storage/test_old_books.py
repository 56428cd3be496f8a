"""Books of every landed version of the tables open the way a user opens them, are upgraded, balance and verify."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from app.identity.queries.actors import owner_actor
from app.ledger.verify import verify_book
from app.reports.request import ReportRequest
from app.reports.trial_balance import trial_balance
from app.storage.address import BookAddress
from app.storage.book_settings import get_setting
from app.storage.database import fetch_all
from app.storage.migrate import known_migrations, pending
from app.storage.upgrade.kept import kept_files
from app.web.opening import StopRegister, open_for_serving
from tests.storage.later_tables import GOOD, become_later
from tests.storage.old_book import OLD_BOOKS, make_old_book

KEPT = sorted(OLD_BOOKS.glob("*.zhangfang"), key=lambda path: int(path.stem))

POSTED = [
    # code, debit and credit of January, debit and credit at its end
    ("1001", "1020.10", "710.00", "310.10", "0.00"),
    ("1002", "710.00", "0.00", "710.00", "0.00"),
    ("1122", "-20.10", "0.00", "0.00", "20.10"),
    ("3001", "0.00", "1000.00", "0.00", "1000.00"),
]
ALL = [
    ("1001", "1022.10", "710.00", "312.10", "0.00"),
    ("1002", "710.00", "0.00", "710.00", "0.00"),
    ("1122", "-20.10", "0.00", "0.00", "20.10"),
    ("3001", "0.00", "1002.00", "0.00", "1002.00"),
]
"""The trial balance of the kept books, by hand from the vouchers in `old_book.py`; the second with unposted ones."""
TRADE_SINCE = 12
"""From this number of migrations on the books trade, too. Prices include 13 % of tax:

Receipts 120 × 1.13 (net 120.00, 五金 on 1403), 10 × 2.26 (20.00), 5 × 11.3 (50.00), late 60 × 2.26 (120.00), all
against 暂估 on 2202. Of 180 screws worth 240.00 go 36 at 48.00, of which 12.00 only since the late receipt came.
Invoice 36 × 2.26 = 81.36 (72.00 and 9.36); one of 2.26 was taken back in red. Collected 100, of it 50 allocated and
10 of the advance later.
Counted 100 of 44 in the main store: 56 × 192.00 ÷ 144 = 74.67.
"""
TRADE = {
    "1002": ("810.00", "0.00", "810.00", "0.00"),
    "1122": ("61.26", "60.00", "1.26", "0.00"),
    "1403": ("314.67", "48.00", "266.67", "0.00"),
    "1405": ("70.00", "0.00", "70.00", "0.00"),
    "1901": ("0.00", "74.67", "0.00", "74.67"),
    "190101": ("0.00", "74.67", "0.00", "74.67"),
    "2202": ("0.00", "310.00", "0.00", "310.00"),
    "2203": ("10.00", "50.00", "0.00", "40.00"),
    "2221": ("0.00", "9.36", "0.00", "9.36"),
    "222101": ("0.00", "9.36", "0.00", "9.36"),
    "22210107": ("0.00", "9.36", "0.00", "9.36"),
    "5001": ("0.00", "72.00", "0.00", "72.00"),
    "5401": ("48.00", "0.00", "48.00", "0.00"),
}


def with_trade(rows: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Return what the trial balance is in a book that trades, too."""
    whole: dict[str, tuple[str, ...]] = {row[0]: row[1:] for row in rows}
    whole.update(TRADE)
    return [(code, *whole[code]) for code in sorted(whole)]


def figures(*, unposted: bool) -> list[tuple[str, ...]]:
    """Return the trial balance of the current book over all its months."""
    owner = owner_actor()
    assert owner is not None
    report = trial_balance(owner, ReportRequest(include_unposted=unposted))
    columns = ("code", "period_debit", "period_credit", "closing_debit", "closing_credit")
    return [tuple(row[name] for name in columns) for row in report.rows]


def check(path: Path, *, upgraded: bool) -> None:
    """Open a book as the window does, and look whether everything is there."""
    with StopRegister() as stops:
        book = open_for_serving(BookAddress("sqlite", path=path), stops)
        assert pending(book) == []
        with book.session():
            assert fetch_all("PRAGMA integrity_check") == [("ok",)]
            assert fetch_all("PRAGMA foreign_key_check") == []
            assert verify_book().findings == []
            trades = bool(fetch_all("SELECT 1 FROM {document} LIMIT 1"))
            assert trades == (not upgraded or int(path.name.split()[0].split(".")[0]) >= TRADE_SINCE)
            assert figures(unposted=False) == (with_trade(POSTED) if trades else POSTED)
            assert figures(unposted=True) == (with_trade(ALL) if trades else ALL)
            assert get_setting("made_for") == "tests of later programs"
            counts = fetch_all("SELECT state, count(*) FROM {voucher} GROUP BY state ORDER BY state")
            assert counts == [("draft", 1), ("posted", 16 if trades else 5), ("reviewed", 1), ("void", 1)]
    assert len(kept_files(path)) == (1 if upgraded else 0)


def migrations_in(path: Path) -> int:
    """Return how many migrations a file has, asked past the program."""
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT count(*) FROM schema_migration").fetchone()[0])


@pytest.mark.parametrize("kept", KEPT, ids=[path.stem for path in KEPT])
def test_books_of_landed_versions_open(kept: Path, tmp_path: Path) -> None:
    before = kept.read_bytes()
    path = Path(shutil.copyfile(kept, tmp_path / f"{kept.stem} 的副本.zhangfang"))
    check(path, upgraded=migrations_in(kept) < len(known_migrations()))
    assert kept.read_bytes() == before


@pytest.mark.parametrize("kept", KEPT, ids=[path.stem for path in KEPT])
def test_books_of_landed_versions_will_open_in_a_later_program(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    become_later(monkeypatch, *GOOD)
    check(Path(shutil.copyfile(kept, tmp_path / kept.name)), upgraded=True)


def test_the_book_that_will_be_kept_opens_too(tmp_path: Path) -> None:
    made = make_old_book(tmp_path)
    assert made.name == f"{len(known_migrations())}.zhangfang"
    assert [entry.name for entry in tmp_path.iterdir()] == [made.name]
    check(made, upgraded=False)


def test_every_state_of_the_tables_has_a_kept_book() -> None:
    assert not missing_books(), "run `python -m tests.storage.old_book` and commit what it makes with the migration"


def test_a_migration_without_a_kept_book_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    become_later(monkeypatch, *GOOD)
    assert missing_books() == [len(known_migrations())]


def missing_books() -> list[int]:
    """Return the states of the tables, by their number of migrations, that must have a book and have none.

    Each migration lands together with the book of the tables it makes, so that the state before the next one is always
    there already. Books that were kept stay; the first tables had three migrations.
    """
    kept = {migrations_in(path) for path in KEPT}
    assert [int(path.stem) for path in KEPT] == sorted(kept)
    return sorted({3, len(known_migrations())} - kept)
