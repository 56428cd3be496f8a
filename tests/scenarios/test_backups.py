"""Backups that keep themselves, in real processes: closing, killing, two at once, folders that go away, going back."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.bootstrap import Runtime
from app.client.api import ApiClient
from app.client.transport import Transport
from app.contract.book import KeptBackups
from app.contract.ledger import Opening, OpeningRow
from app.identity.service.opening import ensure_owner
from app.kernel.clock import utc_ms
from app.kernel.errors import EnvironmentFault
from app.kernel.text import message
from app.ledger.service.book import set_up_ledger
from app.ledger.service.opening import replace_opening
from app.ledger.verify import verify_book
from app.settings import Settings, save_settings
from app.storage.database import Book, fetch_all, open_database
from app.storage.kept_backups import shelf
from app.ui.runtime import OpenedBook
from app.web import keeping, kept_list
from app.web.keeping import DAY_MS, Keeper, keeper_of
from tests.cli.running import Outcome, run
from tests.ledger.build import line, posted
from tests.mariadb import MariaDBServer

ROOT = Path(__file__).resolve().parents[2]
KILLS = 6


def fill(book: Book, days: int = 3) -> None:
    """Make a small firm's book."""
    with book.session():
        owner = ensure_owner("王会计")
        set_up_ledger(name="甲公司", chart="small_enterprise_2013", start_period=202601)
        for day in range(1, days + 1):
            posted(owner, f"2026-01-{day:02}", line("1001", "10"), line("3001", credit="10"))


def change(book: Book) -> None:
    """Post one more voucher."""
    with book.session():
        posted(ensure_owner(""), "2026-01-20", line("1001", "1"), line("3001", credit="1"))


def kept_files(data_dir: Path) -> list[str]:
    """Return the names of all backups, and of whatever else lies beside them."""
    found = [path.name for path in (data_dir / "backups").rglob("*") if path.is_file()]
    return sorted(name for name in found if name not in {"index.json", ".lock"})


def listed(path: Path) -> KeptBackups:
    """Return the list of a book's backups."""
    book = open_database(str(path))
    with book.session():
        found = kept_list.kept_backups(ensure_owner(""))
    book.close()
    return found


@pytest.fixture
def closed_book(sqlite_book: Book) -> Path:
    """A firm's book that nobody has open."""
    fill(sqlite_book)
    sqlite_book.close()
    assert sqlite_book.address.path is not None
    return sqlite_book.address.path


# --- the program of a desk -------------------------------------------------------------------------------------------


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[Runtime]:
    """What a window runs on: no backup soon after the start, time for the last one, however slow the machine is."""
    monkeypatch.setattr(keeping, "FIRST_LOOK_AFTER_S", 3600.0)
    monkeypatch.setattr(keeping, "UNSEEN_LIMIT_S", 60.0)
    made = Runtime(Settings(language="zh"))
    yield made
    made.close_book()


def client_of(opened: OpenedBook) -> ApiClient:
    return ApiClient(Transport(opened.url, opened.token))


def test_closing_keeps_a_backup_of_what_changed_and_only_then(
    runtime: Runtime, closed_book: Path, data_dir: Path
) -> None:
    runtime.open_book(str(closed_book))
    steps: list[tuple[int, int, str]] = []
    runtime.close_book(lambda *step: steps.append(step) is not None)  # type: ignore[func-returns-value]
    (first,) = kept_files(data_dir)
    assert first.startswith("甲公司 ")
    assert first.endswith(" 关闭.zhangfang")
    assert {text for _, _, text in steps} == {"正在备份…"}
    runtime.open_book(str(closed_book))
    runtime.close_book(lambda *_: False)
    assert kept_files(data_dir) == [first]
    other = open_database(str(closed_book))
    change(other)
    other.close()
    runtime.open_book(str(closed_book))
    runtime.close_book()
    assert len(kept_files(data_dir)) == 2


def test_skipping_closes_without_a_backup_and_the_next_opening_makes_up_for_it(
    runtime: Runtime, closed_book: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime.open_book(str(closed_book))
    runtime.close_book(lambda *_: True)
    assert kept_files(data_dir) == []
    monkeypatch.setattr(keeping, "FIRST_LOOK_AFTER_S", 0.0)
    client = client_of(runtime.open_book(str(closed_book)))
    wait_for(lambda: [one.proof for one in client.kept_backups().backups] == ["full"])
    (made,) = client.kept_backups().backups
    assert (made.reason, made.is_present, made.vouchers) == ("start", True, 3)
    client.close()


def wait_for(happened: Callable[[], bool], timeout_s: float = 60) -> None:
    deadline = time.monotonic() + timeout_s
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_switched_off_nothing_is_made_unasked_and_that_is_said(closed_book: Path, data_dir: Path) -> None:
    runtime = Runtime(Settings(language="zh", automatic_backups=False))
    client = client_of(runtime.open_book(str(closed_book)))
    assert [one.code for one in client.kept_backups().advice] == ["off"]
    client.close()
    runtime.close_book()
    assert kept_files(data_dir) == []


def test_new_opening_balances_and_imports_keep_what_was_before(
    runtime: Runtime, closed_book: Path, tmp_path: Path
) -> None:
    runtime.open_book(str(closed_book))
    journal = tmp_path / "more.journal"
    journal.write_text("2026-02-06 rent\n    assets:bank  -1.00 CNY\n    expenses:rent  1.00 CNY\n", encoding="utf-8")
    outcome = run("import", closed_book, journal)
    assert outcome.code == 0, outcome.err
    book = open_database(str(closed_book))
    keeper_of(book).answer_bell()
    with book.session():
        owner = ensure_owner("")
        rows = [
            OpeningRow(account_code="1001", year_begin_debit="5"),
            OpeningRow(account_code="3001", year_begin_credit="5"),
        ]
        replace_opening(owner, Opening(rows=rows, cash_flow=[]))
        assert reasons(closed_book) == ["import"]  # there were no amounts that could be lost
        replace_opening(owner, Opening(rows=[], cash_flow=[]))
    book.close()
    assert reasons(closed_book) == ["opening", "import"]
    assert [one.vouchers for one in listed(closed_book).backups] == [4, 3]


def reasons(book: Path) -> list[str]:
    return [one.reason for one in listed(book).backups]


def test_a_backup_of_the_list_is_restored_and_the_present_book_set_aside(runtime: Runtime, closed_book: Path) -> None:
    client = client_of(runtime.open_book(str(closed_book)))
    job = client.start_keeping()
    wait_for(lambda: client.job(job.id).state == "done")
    (old,) = client.kept_backups().backups
    assert old.proof == "full"
    client.close()
    other = open_database(str(closed_book))
    change(other)
    other.close()
    runtime.restore_book(Path(old.path), str(closed_book), lambda *_: False)
    assert count(closed_book) == 3
    assert last_change(closed_book) == ("book:backup:restore", old.name)
    (aside,) = closed_book.parent.glob("book.恢复前-*.zhangfang")
    assert count(aside) == 4
    backups = listed(closed_book).backups  # closing kept the present one before it was set aside
    assert [(one.vouchers, one.is_present) for one in backups] == [(4, False), (3, True)]


def last_change(path: Path) -> tuple[Any, ...]:
    book = open_database(str(path))
    with book.session():
        found = fetch_all("SELECT action, object_id FROM {audit_log} ORDER BY id DESC LIMIT 1")[0]
    book.close()
    return found


def count(path: Path) -> int:
    book = open_database(str(path))
    with book.session():
        found = len(fetch_all("SELECT id FROM {voucher}"))
        assert verify_book().findings == []
    book.close()
    return found


def test_a_damaged_backup_is_found_and_said(runtime: Runtime, closed_book: Path) -> None:
    client = client_of(runtime.open_book(str(closed_book)))
    job = client.start_keeping()
    wait_for(lambda: client.job(job.id).state == "done")
    (kept,) = client.kept_backups().backups
    data = bytearray(Path(kept.path).read_bytes())
    data[len(data) // 2] ^= 0xFF
    Path(kept.path).write_bytes(data)
    job = client.start_backup_check(kept.name)
    wait_for(lambda: client.job(job.id).state == "done")
    assert client.job(job.id).result == {"checked": 1, "damaged": [kept.name]}
    told = client.kept_backups()
    assert [one.code for one in told.advice if one.code == "damaged"] == ["damaged"]
    assert told.backups[0].damage.startswith("文件与写入时不一样")
    assert not told.is_kept
    client.close()


def test_opening_sweeps_away_what_a_killed_program_left(runtime: Runtime, closed_book: Path, data_dir: Path) -> None:
    book = open_database(str(closed_book))
    home = keeper_of(book).home()
    book.close()
    home.mkdir(parents=True)
    (home / ".甲公司 2026-06-30 18-05-12 关闭.zhangfang-0123456789ab.part").write_text("half")
    runtime.open_book(str(closed_book))
    wait_for(lambda: kept_files(data_dir) == [])


# --- where they go ---------------------------------------------------------------------------------------------------


def test_a_chosen_folder_is_used_and_when_it_is_gone_that_is_said(
    closed_book: Path, data_dir: Path, tmp_path: Path
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    save_settings(Settings(backup_folder=str(stick)))
    first = run("backups", closed_book, "--keep", "--json")
    assert first.json["folder"].startswith(str(stick))
    assert len(list(stick.rglob("*.zhangfang"))) == 1
    assert kept_files(data_dir) == []
    stick.rename(tmp_path / "away")
    second = run("backups", closed_book, "--keep", "--json")
    assert "不在" in second.err
    assert len(kept_files(data_dir)) == 2  # the backup, and the note of what was wrong
    assert {one["code"] for one in second.json["advice"]} >= {"trouble"}
    (tmp_path / "away").rename(stick)
    third = run("backups", closed_book, "--keep", "--json")
    assert "trouble" not in {one["code"] for one in third.json["advice"]}
    assert len(third.json["backups"]) == 3


def test_a_folder_that_cannot_be_written_gives_way_to_the_usual_one(
    closed_book: Path, data_dir: Path, tmp_path: Path
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    save_settings(Settings(backup_folder=str(stick)))
    book = open_database(str(closed_book))
    keeper = keeper_of(book)
    keeper.shelves()[0].folder.write_text("in the way")
    keeper.at_closing()
    with book.session():
        keeper.keep("manual", even_if_unchanged=True)
    book.close()
    told = listed(closed_book)
    assert "没能存到" in next(one.text for one in told.advice if one.code == "trouble")
    assert len(told.backups) == 2


def test_when_nothing_can_be_written_closing_goes_on_and_the_next_opening_says_so(
    sqlite_book: Book, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(sqlite_book)
    keeper = keeper_of(sqlite_book)

    def full(*_: object) -> None:
        raise EnvironmentFault("disk_full", message("磁盘已满，没有保存。请腾出空间后再试。"))

    monkeypatch.setattr(shelf.Shelf, "make", full)
    keeper.at_closing()
    assert kept_files(data_dir) == ["trouble.json"]
    with sqlite_book.session():
        assert "磁盘已满" in str(dict(kept_list.advice(keeper))["trouble"])


def test_a_book_in_a_synchronised_folder_is_warned_about(tmp_path: Path) -> None:
    folder = tmp_path / "OneDrive - 甲公司"
    folder.mkdir()
    link = tmp_path / "账"
    if sys.platform == "win32":  # where links need a right of their own
        link = folder
    else:
        link.symlink_to(folder)
    made = run("new", link / "b.zhangfang", "--chart", "household", "--start", "2026-01")
    assert made.code == 0
    assert "OneDrive" in made.err
    proven = run("verify", link / "b.zhangfang", "--json")
    assert "OneDrive" in proven.err
    assert proven.json["findings"] == []
    assert listed(link / "b.zhangfang").advice[0].code == "synchronised"


def test_an_old_backup_is_said_to_be_old_only_when_something_changed_since(
    sqlite_book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(sqlite_book)
    keeper = keeper_of(sqlite_book)
    keeper.settings = lambda: replace(Settings(), backup_reminder_days=5)
    keeper.keep("session")
    now = utc_ms()
    monkeypatch.setattr(kept_list, "utc_ms", lambda: now + 6 * DAY_MS)
    with sqlite_book.session():
        assert "overdue" not in [code for code, _ in kept_list.advice(keeper)]
    change(sqlite_book)
    with sqlite_book.session():
        said = dict(kept_list.advice(keeper))
    assert "6 天" in str(said["overdue"])


# --- real processes --------------------------------------------------------------------------------------------------


def serve(book: Path, *more: str) -> subprocess.Popen[str]:
    """Start `serve` and wait until it answers."""
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "main.py"), "serve", str(book), "--port", "0", *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=dict(os.environ),
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("http://")
    return process


def end(process: subprocess.Popen[str]) -> None:
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors


def test_two_programs_that_close_at_once_keep_one_backup(closed_book: Path, tmp_path: Path) -> None:
    folder = tmp_path / "second disk"
    folder.mkdir()
    programs = [serve(closed_book, "--backup-folder", str(folder)) for _ in range(2)]
    for program in programs:
        program.send_signal(signal.SIGTERM)
    for program in programs:
        end(program)
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert sorted(path.suffix for path in files) == [".json", ".zhangfang"]


def test_a_kill_leaves_earlier_backups_whole_and_no_litter_after_the_next_start(
    closed_book: Path, data_dir: Path
) -> None:
    choice = random.Random(2026)
    promised: set[str] = set()
    for _ in range(KILLS):
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.scenarios.keeper", str(closed_book)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            cwd=ROOT,
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        )
        assert process.stdout is not None
        first = process.stdout.readline()
        deadline = time.monotonic() + choice.random() * 0.08
        while time.monotonic() < deadline:
            pass
        process.kill()
        rest = process.stdout.read()  # `communicate` would leave out what was read ahead with the first line
        _, errors = process.communicate()
        assert not errors, errors
        promised |= {text for text in (first + rest).splitlines(keepends=True) if text.endswith("\n")}
    answer = run("backups", closed_book, "--check", "--keep", "--json")
    assert answer.code == 0, answer.err
    found = {one["name"]: one for one in answer.json["backups"]}
    assert {name.removesuffix("\n") for name in promised} <= set(found)
    assert {one["proof"] for one in found.values()} == {"full"}
    assert not [one for one in found.values() if one["damage"]]
    assert set(kept_files(data_dir)) == set(found)


def test_what_is_kept_is_restored_by_the_command(closed_book: Path, tmp_path: Path) -> None:
    kept = run("backups", closed_book, "--keep", "--json").json["backups"][0]
    outcome: Outcome = run("restore", kept["path"], tmp_path / "back.zhangfang")
    assert outcome.code == 0, outcome.err
    assert count(tmp_path / "back.zhangfang") == 3
    english = run("backups", closed_book, LANG="en_US.UTF-8")
    assert "by hand" in english.out.lower()
    assert "fully checked" in english.out
    assert "恢复" not in english.out + english.err


def test_a_damaged_backup_is_told_by_the_exit_code(closed_book: Path) -> None:
    kept = run("backups", closed_book, "--keep", "--json").json["backups"][0]
    Path(kept["path"]).write_bytes(b"x")
    told = run("backups", closed_book)
    assert told.code == 1
    assert kept["name"] in told.err


# --- a book on a server ----------------------------------------------------------------------------------------------


def test_a_book_on_a_server_is_backed_up_where_its_owner_works_once_a_day(
    mariadb_book: Book, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(mariadb_book)
    with mariadb_book.session():
        owner = ensure_owner("")

    def session(*actors: Any) -> None:
        keeper = Keeper(mariadb_book)
        for actor in actors:
            keeper.see(actor)
        keeper.closing_limit_s = 60
        keeper.at_closing()

    session(None, replace(owner, is_owner=False))
    assert kept_files(data_dir) == []
    session(owner)
    assert len(kept_files(data_dir)) == 1
    change(mariadb_book)
    session(owner)
    assert len(kept_files(data_dir)) == 1
    now = utc_ms()
    monkeypatch.setattr(keeping, "utc_ms", lambda: now + DAY_MS)
    session(owner)
    assert len(kept_files(data_dir)) == 2


def test_a_backup_of_a_book_on_a_server_passes_the_full_proof(
    mariadb_book: Book, mariadb_server: MariaDBServer
) -> None:
    fill(mariadb_book)
    answer = run("backups", mariadb_book.address, "--keep", "--json", ZHANGFANG_DB_PASSWORD=mariadb_server.password)
    told = KeptBackups.model_validate(json.loads(answer.out))
    assert [(one.proof, one.vouchers, one.is_present) for one in told.backups] == [("full", 3, True)]
    assert "same_disk" not in [one.code for one in told.advice]
