"""What the rule must never take: another book's backups, people's own files, a backup somebody worked in."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app.identity.service.opening import ensure_owner
from app.kernel.errors import Conflict
from app.kernel.text import message
from app.ledger.service.book import set_up_ledger
from app.resources import catalogue
from app.settings import Settings
from app.storage.address import BookAddress
from app.storage.database import Book, open_database
from app.storage.kept_backups import Kept, Shelf, Wish, keep
from app.storage.kept_backups.keeping import Made
from app.storage.kept_backups.trouble import note_trouble, read_trouble
from app.storage.migrate import migrate
from app.web.book_eyes import EYES
from app.web.keeping import Keeper, keeper_of
from app.web.opening import StopRegister, open_for_serving
from tests.ledger.build import line, posted

DAY_MS = 86_400_000
NOW = 1_790_000_000_000


def fill(book: Book) -> None:
    """Make a firm's book with one voucher."""
    with book.session():
        owner = ensure_owner("王会计")
        set_up_ledger(name="甲公司", chart="small_enterprise_2013", start_period=202601)
        posted(owner, "2026-01-01", line("1001", "1"), line("3001", credit="1"))


@pytest.fixture
def firm(sqlite_book: Book) -> Book:
    fill(sqlite_book)
    return sqlite_book


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "kept", tmp_path / "kept")


def kept_at(book: Book, shelf: Shelf, moment: int, limit: int | None = None) -> Made:
    """Keep a backup as if it were that moment."""
    wish = Wish("甲公司", "session", even_if_unchanged=True, limit_bytes=limit)
    return keep(book, shelf, wish, EYES, clock=lambda: moment)


def test_a_new_book_at_the_same_place_has_a_folder_of_its_own(firm: Book, data_dir: Path) -> None:
    del data_dir
    before = keeper_of(firm).home()
    path = firm.address.path
    assert path is not None
    firm.close()
    path.unlink()
    later = open_database(str(path))
    migrate(later)
    fill(later)
    assert keeper_of(later).home() != before
    again = Keeper(later)
    assert again.home() == keeper_of(later).home()
    later.close()


def test_what_was_just_made_stays_whatever_the_clock_says(firm: Book, shelf: Shelf) -> None:
    kept_at(firm, shelf, NOW)
    made = kept_at(firm, shelf, NOW - 3000 * DAY_MS, limit=1)
    assert made.removed == ()
    assert shelf.path(made.kept).is_file()


def test_files_people_put_there_stay_and_take_no_place(firm: Book, shelf: Shelf) -> None:
    old = kept_at(firm, shelf, NOW).kept
    for number in range(3):
        own = shelf.folder / f"自己的{number}.zhangfang"
        own.write_bytes(shelf.path(old).read_bytes())
        os.utime(own, ((NOW + number + 1) / 1000,) * 2)
    later = kept_at(firm, shelf, NOW + 40 * DAY_MS, limit=1)
    assert later.removed == (old.name,)
    assert {kept.name for kept in shelf.read()} == {later.kept.name, *(f"自己的{n}.zhangfang" for n in range(3))}


def worked_in(path: Path) -> None:
    """Open a file as a book and post in it."""
    book = open_database(str(path))
    with book.session():
        posted(ensure_owner(""), "2026-01-02", line("1001", "1"), line("3001", credit="1"))
    book.close()


def open_now(path: Path) -> None:
    """Leave a file as it looks while a program has it open."""
    path.with_name(path.name + "-lock").write_text("{}")


def touched(path: Path) -> None:
    """Give a file another moment, and nothing else."""
    os.utime(path, (1, 1))


@pytest.mark.parametrize(("what", "stays"), [(worked_in, True), (open_now, True), (touched, False)])
def test_a_backup_somebody_works_in_is_not_taken_away(
    firm: Book, shelf: Shelf, what: Callable[[Path], None], stays: bool
) -> None:
    old = kept_at(firm, shelf, NOW).kept
    what(shelf.path(old))
    later = kept_at(firm, shelf, NOW + 40 * DAY_MS, limit=1)
    assert (old.name in later.removed, shelf.path(old).is_file()) == (not stays, stays)


@pytest.mark.parametrize("chosen", ["the usual one", "/" + "长" * 300])
def test_any_folder_may_be_chosen_and_no_backup_is_listed_twice(firm: Book, data_dir: Path, chosen: str) -> None:
    keeper = keeper_of(firm)
    usual = chosen == "the usual one"
    folder = str(data_dir / "backups") if usual else chosen
    (data_dir / "backups").mkdir(parents=True)
    told: list[str] = []
    keeper.tell = lambda sentence: told.append(str(sentence))
    keeper.settings = lambda: replace(Settings(), backup_folder=folder)
    keeper.at_closing()
    found: list[Kept] = [kept for _, kept in keeper.backups()]
    assert len(found) == 1
    assert bool(told) is not usual


def test_a_kept_backup_is_restored_and_not_worked_in(firm: Book, data_dir: Path, tmp_path: Path) -> None:
    del data_dir
    keeper = keeper_of(firm)
    shelf, made = keeper.keep("manual")
    path = shelf.path(made.kept)
    with pytest.raises(Conflict) as refused, StopRegister() as stops:
        open_for_serving(BookAddress("sqlite", path=path), stops)
    assert refused.value.code == "book_is_backup"
    elsewhere = tmp_path / path.name
    elsewhere.write_bytes(path.read_bytes())
    with StopRegister() as stops:
        open_for_serving(BookAddress("sqlite", path=elsewhere), stops)
    if os.name == "posix":
        for folder in (keeper.home(), keeper.home().parent):  # copies of shared books lie in the latter
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "torn", ["", "{", "[]", '{"at": 1, "source": "{missing}", "params": {"other": 1}}', "[" * 50_000]
)
def test_trouble_is_told_later_in_the_language_of_that_day(tmp_path: Path, torn: str) -> None:
    sentence = message("没能自动备份：{reason}", reason=message("磁盘已满，没有保存。请腾出空间后再试。"))
    note_trouble(tmp_path, NOW, sentence)
    told = read_trouble(tmp_path)
    assert told is not None
    assert told.sentence == sentence
    assert told.sentence.render(catalogue("en")).isascii()
    (tmp_path / "trouble.json").write_text(torn, encoding="utf-8")
    assert read_trouble(tmp_path) is None
