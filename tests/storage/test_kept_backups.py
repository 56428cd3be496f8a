"""Kept backups: made once a state, proven before they have a name, kept by a clear rule, damage found and said."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.contract.ledger import AccountInput, Opening, OpeningRow
from app.identity.actor import Actor
from app.identity.service.opening import ensure_owner
from app.kernel.clock import china_today, utc_ms
from app.kernel.errors import EnvironmentFault
from app.ledger.service.accounts import create_account
from app.ledger.service.book import set_up_ledger
from app.ledger.service.opening import replace_opening
from app.ledger.service.periods import close_period, reopen_period
from app.ledger.verify import verify_book
from app.storage import backup as backup_module
from app.storage.database import Book, execute, open_database, run_unit
from app.storage.kept_backups import Kept, Shelf, Wish, check_shelf, keep, keeping, shelf_folder
from app.storage.kept_backups import proof as proof_module
from app.storage.kept_backups.checking import SEEN_AGAIN_MS
from app.storage.kept_backups.keeping import Made
from app.storage.kept_backups.naming import REASONS, file_name, read_name
from app.storage.kept_backups.rotation import DAYS, superfluous
from app.storage.progress import WorkCancelled
from app.web.book_eyes import EYES, change_mark
from tests.ledger.build import draft, line, posted

DAY_MS = 86_400_000
NOW = 1_790_000_000_000
OPENING = [
    OpeningRow(account_code="1001", year_begin_debit="5"),
    OpeningRow(account_code="3001", year_begin_credit="5"),
]


@dataclass(frozen=True)
class Firm:
    """A book with some vouchers, and a shelf for it."""

    book: Book
    owner: Actor
    shelf: Shelf

    def keep(self, reason: str = "session", **wish: Any) -> Made:
        return keep(self.book, self.shelf, Wish("甲公司", reason, **wish), EYES)

    def post(self, day: int = 9) -> None:
        with self.book.session():
            posted(self.owner, f"2026-01-{day:02}", line("1001", "1"), line("3001", credit="1"))

    def files(self) -> set[str]:
        return {path.name for path in self.shelf.folder.iterdir()} - {"index.json", ".lock"}


@pytest.fixture
def firm(book: Book, tmp_path: Path) -> Firm:
    with book.session():
        owner = ensure_owner("王会计")
        set_up_ledger(name="甲公司", chart="small_enterprise_2013", start_period=202601)
        for day in range(1, 5):
            posted(owner, f"2026-01-{day:02}", line("1001", "10.50"), line("3001", credit="10.50"))
    return Firm(book, owner, Shelf(tmp_path / "kept", tmp_path / "kept"))


@pytest.fixture
def sqlite_firm(sqlite_book: Book, tmp_path: Path) -> Firm:
    with sqlite_book.session():
        owner = ensure_owner("王会计")
        set_up_ledger(name="甲公司", chart="small_enterprise_2013", start_period=202601)
        for day in range(1, 5):
            posted(owner, f"2026-01-{day:02}", line("1001", "10.50"), line("3001", credit="10.50"))
    return Firm(sqlite_book, owner, Shelf(tmp_path / "kept", tmp_path / "kept"))


# --- making one ------------------------------------------------------------------------------------------------------


def test_a_kept_backup_is_a_whole_book_and_says_what_it_holds(firm: Firm) -> None:
    made = firm.keep()
    assert made.is_new
    kept = made.kept
    assert firm.files() == {kept.name}
    assert firm.shelf.read() == [kept]
    assert (kept.proof, kept.damage, kept.vouchers, kept.reason) == ("quick", "", 4, "session")
    assert kept.head.startswith("4 ")
    assert kept.size == firm.shelf.path(kept).stat().st_size
    copied = open_database(str(firm.shelf.path(kept)))
    with copied.session():
        assert verify_book().findings == []
        assert change_mark() == kept.mark
    copied.close()


def test_one_state_is_kept_once_and_every_change_makes_another(firm: Firm) -> None:
    first = firm.keep().kept
    again = firm.keep()
    assert (again.is_new, again.kept) == (False, first)
    changes: list[Callable[[], object]] = [
        lambda: draft(firm.owner, "2026-02-01", line("1001", "1"), line("3001", credit="1")),
        lambda: posted(firm.owner, "2026-02-02", line("1001", "1"), line("3001", credit="1")),
        lambda: replace_opening(firm.owner, Opening(rows=OPENING, cash_flow=[])),
        lambda: create_account(firm.owner, AccountInput(code="100201", name_zh="工行", parent_code="1002")),
        lambda: close_period(firm.owner, 202601),
        lambda: reopen_period(firm.owner, 202601),
    ]
    for change in changes:
        with firm.book.session():
            change()
        assert firm.keep().is_new
    assert len(firm.files()) == 1 + len(changes)
    assert firm.keep(even_if_unchanged=True).is_new


def execute_unit(sql: str) -> None:
    run_unit(lambda: execute(sql))


def test_a_login_alone_is_no_change(firm: Firm) -> None:
    with firm.book.session():
        before = change_mark()
        execute_unit(
            "INSERT INTO {audit_log} (at, user_name, action, object_type, object_id, result, address) "
            "VALUES (1, '', 'identity:session:login', 'session', '1', 'done', '')"
        )
        assert change_mark() == before


def test_a_change_committed_late_under_an_earlier_number_is_a_change(firm: Firm) -> None:
    with firm.book.session():
        posted(firm.owner, "2026-02-02", line("1001", "1"), line("3001", credit="1"))
        execute_unit("DELETE FROM {audit_log} WHERE id = 2")
        before = change_mark()
        execute_unit(
            "INSERT INTO {audit_log} (id, at, user_name, action, object_type, object_id, result, address) "
            "VALUES (2, 1, '', 'ledger:account:edit', 'account', '1', 'done', '')"
        )
        assert change_mark() != before


def test_the_full_proof_is_noted(firm: Firm) -> None:
    assert firm.keep(proof="full").kept.is_proven


def test_a_book_whose_ledger_does_not_hold_is_kept_but_not_fully_proven(sqlite_firm: Firm) -> None:
    with sqlite_firm.book.session():
        execute_unit("UPDATE {voucher} SET summary = 'x' WHERE id = 1")
    kept = sqlite_firm.keep().kept
    (looked,) = check_shelf(sqlite_firm.shelf, EYES)
    assert looked.name == kept.name
    assert looked.damage == "faulty"
    assert not looked.is_sound


def test_a_copy_that_differs_gets_no_name(sqlite_firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    real = backup_module.make_single_file

    def lose_a_row(path: Path) -> None:
        with sqlite3.connect(path) as copied:
            copied.execute("DELETE FROM entry WHERE voucher_id = 1 AND line = 2")
        copied.close()
        real(path)

    monkeypatch.setattr(keeping, "make_single_file", lose_a_row)
    with pytest.raises(EnvironmentFault) as fault:
        sqlite_firm.keep()
    assert fault.value.code == "backup_differs"
    assert sqlite_firm.files() == set()


@pytest.mark.parametrize("patience", [0, 1, 5, 50])
def test_cancelling_leaves_nothing(firm: Firm, patience: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof_module, "INTERRUPTED_EVERY", 100)
    firm.keep()
    firm.post()
    before = firm.files()
    asked = iter(range(10_000))
    with pytest.raises(WorkCancelled):
        keep(firm.book, firm.shelf, Wish("甲公司", "session", "full"), EYES, cancelled=lambda: next(asked) >= patience)
    assert firm.files() == before


def test_a_second_program_waits_and_finds_the_state_kept(sqlite_firm: Firm) -> None:
    made: list[Made] = []
    other = open_database(str(sqlite_firm.book.address))

    def run(book: Book) -> None:
        made.append(keep(book, sqlite_firm.shelf, Wish("甲公司", "session"), EYES))

    threads = [threading.Thread(target=run, args=(book,)) for book in (sqlite_firm.book, other, sqlite_firm.book)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert sorted(one.is_new for one in made) == [False, False, True]
    assert len(sqlite_firm.files()) == 1


def test_what_a_killed_program_left_is_swept_away_and_nothing_else(sqlite_firm: Firm) -> None:
    folder = sqlite_firm.shelf.folder
    folder.mkdir()
    litter = [
        ".甲公司 2026-06-30 18-05-12 关闭.zhangfang-0123456789ab.part",
        ".甲公司 2026-06-30 18-05-12 关闭.zhangfang-0123456789ab.part-wal",
        ".甲公司 2026-06-30 18-05-12 关闭.zhangfang-0123456789ab.part-journal",
        ".index.json-abc123.part",
    ]
    others = ["我的笔记.txt", ".hidden.part", "copy.zhangfang.part"]
    for name in (*litter, *others):
        (folder / name).write_text("x")
    made = sqlite_firm.keep()
    assert sqlite_firm.files() == {made.kept.name, *others}


def test_a_folder_that_cannot_be_made_is_said_so(sqlite_firm: Firm) -> None:
    sqlite_firm.shelf.folder.write_text("a file is in the way")
    with pytest.raises(EnvironmentFault) as fault:
        sqlite_firm.keep()
    assert fault.value.code == "disk_error"


def test_a_full_disk_is_said_so_and_leaves_what_was_there(sqlite_firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    first = sqlite_firm.keep().kept
    sqlite_firm.post()

    def fail(_draft: Path, _target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup_module, "_rename", fail)
    with pytest.raises(EnvironmentFault) as fault:
        sqlite_firm.keep()
    assert fault.value.code == "disk_error"
    assert sqlite_firm.files() == {first.name}


def test_two_backups_of_one_second_have_two_names(sqlite_firm: Firm) -> None:
    names = [
        keep(
            sqlite_firm.book,
            sqlite_firm.shelf,
            Wish("甲公司", "manual", even_if_unchanged=True),
            EYES,
            clock=lambda: NOW,
        ).kept.name
        for _ in range(3)
    ]
    assert len(set(names)) == 3
    assert sqlite_firm.files() == set(names)


# --- names -----------------------------------------------------------------------------------------------------------


@given(
    st.text(max_size=80),
    st.integers(0, 4_000_000_000_000),
    st.sampled_from(sorted(REASONS)),
    st.integers(1, 20),
)
def test_a_name_says_book_time_and_reason_on_any_system(title: str, made_at: int, reason: str, number: int) -> None:
    name = file_name(title, made_at, reason, number)
    said = read_name(name)
    assert said is not None
    assert (said.made_at, said.reason) == (made_at // 1000 * 1000, reason)
    assert not set(name) & set('\\/:*?"<>|\n\r\t\0')
    assert len(name.encode("utf-8", "surrogatepass")) < 255
    assert name == name.strip(" .")


@pytest.mark.parametrize(
    "name", ["b.zhangfang", "甲 2026-13-40 18-05-12 关闭.zhangfang", "x 2026-06-30 关闭.zhangfang"]
)
def test_other_names_say_nothing(name: str) -> None:
    assert read_name(name) is None


def test_a_book_keeps_its_folder_when_it_is_called_otherwise(tmp_path: Path) -> None:
    folder = shelf_folder(tmp_path, "甲公司", "/a/b.zhangfang")
    folder.mkdir()
    assert shelf_folder(tmp_path, "乙公司", "/a/b.zhangfang") == folder
    assert shelf_folder(tmp_path, "甲公司", "/a/c.zhangfang") != folder


# --- the rule --------------------------------------------------------------------------------------------------------


@st.composite
def shelves(draw: st.DrawFn) -> list[Kept]:
    ages = draw(st.lists(st.integers(-3 * DAY_MS, 1500 * DAY_MS), max_size=40))
    damage = st.sampled_from(["", "", "", "changed"])
    proof = st.sampled_from(["none", "quick", "full"])
    return [
        Kept(f"{number}", NOW - age, "session", draw(st.integers(1, 100)), proof=draw(proof), damage=draw(damage))
        for number, age in enumerate(ages)
    ]


def left(backups: list[Kept], limit: int | None = None) -> list[Kept]:
    gone = superfluous(backups, NOW, limit)
    assert len(gone) == len(set(gone))
    return [kept for kept in backups if kept.name not in gone]


def newest(backups: list[Kept]) -> list[Kept]:
    return sorted(backups, key=lambda kept: (kept.made_at, kept.name))[-1:]


@given(shelves(), st.one_of(st.none(), st.integers(0, 2000)))
def test_the_newest_sound_and_the_newest_proven_are_never_given_up(backups: list[Kept], limit: int | None) -> None:
    stay = left(backups, limit)
    assert set(newest([kept for kept in backups if kept.is_sound])) <= set(stay)
    assert set(newest([kept for kept in backups if kept.is_proven])) <= set(stay)


@given(shelves(), st.integers(0, 2000))
def test_the_limit_holds_unless_only_those_are_left(backups: list[Kept], limit: int) -> None:
    stay = left(backups, limit)
    sound = [kept for kept in stay if kept.is_sound]
    last = {*newest(sound), *newest([kept for kept in stay if kept.is_proven])}
    assert sum(kept.size for kept in stay) <= limit or set(stay) == last


@given(shelves())
def test_days_months_and_years_keep_their_newest(backups: list[Kept]) -> None:
    stay = set(left(backups))
    sound = [kept for kept in backups if kept.is_sound]
    today = china_today(NOW)
    day_of = {kept: min(china_today(kept.made_at), today) for kept in sound}
    assert {kept for kept in sound if day_of[kept] == today} <= stay
    for day in set(day_of.values()):
        if (today - day).days < DAYS:
            assert set(newest([kept for kept in sound if day_of[kept] == day])) <= stay
        if (today.year - day.year) * 12 + today.month - day.month < 12:
            month = [kept for kept in sound if (day_of[kept].year, day_of[kept].month) == (day.year, day.month)]
            assert set(newest(month)) <= stay
        assert set(newest([kept for kept in sound if day_of[kept].year == day.year])) <= stay


@given(shelves(), st.one_of(st.none(), st.integers(0, 2000)))
def test_the_rule_is_at_rest_after_it_was_applied(backups: list[Kept], limit: int | None) -> None:
    assert superfluous(left(backups, limit), NOW, limit) == []


def test_three_years_of_work_leave_a_few_dozen_backups() -> None:
    backups: list[Kept] = []
    for day in range(3 * 365):
        now = NOW + day * DAY_MS
        for hour in range(3):
            backups.append(Kept(f"{day}-{hour}", now + hour * 1_000_000, "session", 1, proof="full"))
            gone = set(superfluous(backups, now + hour * 1_000_000, None))
            backups = [kept for kept in backups if kept.name not in gone]
    assert len(backups) <= 3 + 13 + 12 + 4
    assert {kept.name for kept in backups if kept.name.startswith("1094-")} == {"1094-0", "1094-1", "1094-2"}


def test_the_rule_is_applied_when_a_backup_is_made(sqlite_firm: Firm) -> None:
    old = [NOW - days * DAY_MS for days in (40, 39, 38, 3, 3)]
    for number, moment in enumerate(old):
        keep(
            sqlite_firm.book,
            sqlite_firm.shelf,
            Wish("甲公司", "session", even_if_unchanged=True),
            EYES,
            clock=lambda moment=moment, number=number: moment + number,  # type: ignore[misc]
        )
    made = keep(
        sqlite_firm.book, sqlite_firm.shelf, Wish("甲公司", "manual", even_if_unchanged=True), EYES, clock=lambda: NOW
    )
    ages = sorted((NOW - kept.made_at) // DAY_MS for kept in sqlite_firm.shelf.read())
    assert ages == [0, 2, 37]
    assert len(made.removed) == 1
    assert sqlite_firm.files() == {kept.name for kept in sqlite_firm.shelf.read()}


def test_a_clock_set_back_neither_hides_the_present_state_nor_costs_a_backup(sqlite_firm: Firm) -> None:
    def made_at(moment: int) -> Made:
        return keep(sqlite_firm.book, sqlite_firm.shelf, Wish("甲公司", "session"), EYES, clock=lambda: moment)

    future = made_at(NOW + 400 * DAY_MS)
    sqlite_firm.post()
    now = made_at(NOW)
    assert now.is_new
    assert not made_at(NOW).is_new
    assert {kept.name for kept in sqlite_firm.shelf.read()} == {future.kept.name, now.kept.name}


# --- what is known of them -------------------------------------------------------------------------------------------


def test_the_index_is_made_anew_from_the_files(sqlite_firm: Firm) -> None:
    kept = sqlite_firm.keep(proof="full").kept
    index = sqlite_firm.shelf.folder / "index.json"
    for spoil in (index.unlink, lambda: index.write_text("{"), lambda: index.write_text('{"backups": [{"name": 1}]}')):
        spoil()
        (found,) = sqlite_firm.shelf.read()
        assert (found.name, found.reason, found.proof, found.vouchers) == (kept.name, "session", "none", None)
        assert found.made_at == kept.made_at // 1000 * 1000
        check_shelf(sqlite_firm.shelf, EYES)
        (again,) = sqlite_firm.shelf.read()
        assert replace(again, made_at=0, proved_at=0, seen_at=0) == replace(kept, made_at=0, proved_at=0, seen_at=0)
        assert not sqlite_firm.keep().is_new


def test_a_book_somebody_put_there_is_taken_in(sqlite_firm: Firm) -> None:
    kept = sqlite_firm.keep().kept
    sqlite_firm.shelf.path(kept).rename(sqlite_firm.shelf.folder / "年底.zhangfang")
    (found,) = sqlite_firm.shelf.read()
    assert (found.name, found.reason) == ("年底.zhangfang", "other")
    (looked,) = check_shelf(sqlite_firm.shelf, EYES)
    assert looked.is_proven
    assert looked.vouchers == 4


def spoil_one_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    state = path.stat()
    path.write_bytes(data)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:8192])


def test_a_file_that_changed_is_found_and_never_counts_again(sqlite_firm: Firm) -> None:
    kept = sqlite_firm.keep(proof="full").kept
    assert check_shelf(sqlite_firm.shelf, EYES) == []  # seen a moment ago
    spoil_one_byte(sqlite_firm.shelf.path(kept))
    later = utc_ms() + SEEN_AGAIN_MS
    (found,) = check_shelf(sqlite_firm.shelf, EYES, clock=lambda: later)
    assert found.damage == "changed"
    assert [one.damage for one in sqlite_firm.shelf.read()] == ["changed"]
    assert sqlite_firm.keep().is_new


def test_a_file_that_was_cut_off_is_seen_at_once(sqlite_firm: Firm) -> None:
    kept = sqlite_firm.keep().kept
    cut_off(sqlite_firm.shelf.path(kept))
    assert [one.damage for one in sqlite_firm.shelf.read()] == ["changed"]
    assert sqlite_firm.keep().is_new


@pytest.mark.parametrize("content", [b"", b"not a book", b"SQLite format 3\0" + b"\x55" * 20_000])
def test_a_file_that_is_no_book_is_unreadable_and_looked_at_again(sqlite_firm: Firm, content: bytes) -> None:
    sqlite_firm.shelf.make()
    stray = sqlite_firm.shelf.folder / "stray.zhangfang"
    stray.write_bytes(content)
    (found,) = check_shelf(sqlite_firm.shelf, EYES)
    assert found.damage == "unreadable"
    assert stray.read_bytes() == content


def test_a_check_names_what_it_is_asked_and_bounds_what_takes_long(sqlite_firm: Firm) -> None:
    first = sqlite_firm.keep().kept
    sqlite_firm.post()
    second = sqlite_firm.keep().kept
    assert [kept.name for kept in check_shelf(sqlite_firm.shelf, EYES, most_proofs=1)] == [second.name]
    assert [kept.name for kept in check_shelf(sqlite_firm.shelf, EYES, names=[first.name])] == [first.name]
    assert all(kept.is_proven for kept in sqlite_firm.shelf.read())


def test_looking_through_a_backup_does_not_change_it(sqlite_firm: Firm) -> None:
    kept = sqlite_firm.keep().kept
    path = sqlite_firm.shelf.path(kept)
    before = path.read_bytes()
    check_shelf(sqlite_firm.shelf, EYES)
    assert path.read_bytes() == before
    assert sqlite_firm.files() == {kept.name}


def test_a_check_can_be_stopped_within_a_statement(sqlite_firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof_module, "INTERRUPTED_EVERY", 100)
    sqlite_firm.keep()
    asked: Iterator[int] = iter(range(1000))
    with pytest.raises(WorkCancelled):
        check_shelf(sqlite_firm.shelf, EYES, cancelled=lambda: next(asked) > 1)
    assert [kept.proof for kept in sqlite_firm.shelf.read()] == ["quick"]


def test_a_backup_that_is_gone_is_not_listed(sqlite_firm: Firm) -> None:
    kept = sqlite_firm.keep().kept
    sqlite_firm.shelf.path(kept).unlink()
    assert sqlite_firm.shelf.read() == []
    assert json.loads((sqlite_firm.shelf.folder / "index.json").read_text(encoding="utf-8"))["backups"]
    assert sqlite_firm.keep().is_new
