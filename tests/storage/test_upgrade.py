"""The upgrade of a book in a file: never worse off than before, whatever the migration, the disk or the power does."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from app.identity.queries.people import owner_actor
from app.kernel.errors import Conflict, EnvironmentFault
from app.kernel.text import Message
from app.ledger.service import states
from app.storage.address import BookAddress
from app.storage.database import fetch_all
from app.storage.lock import BookLock, lock_path
from app.storage.migrate import Step
from app.storage.progress import WorkCancelled
from app.storage.upgrade import file as file_module
from app.storage.upgrade.file import Upgraded, upgrade_file
from app.storage.upgrade.kept import go_back, kept_files, loss
from app.version import VERSION
from app.web.book_eyes import findings
from app.web.opening import StopRegister, open_for_serving
from app.web.upgrading import UpgradeWish
from tests.conftest import MEMORY_DISK
from tests.ledger.build import line, posted
from tests.storage.later_tables import GOOD, Breakdown, Does, become_later, fail, sql
from tests.storage.old_book import OLD_BOOKS, newest_book

ROOT = Path(__file__).parents[2]
OLDEST = OLD_BOOKS / "3.zhangfang"
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL, no fork and no limits")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """An old book in a folder of its own, whose name has spaces and Chinese."""
    folder = tmp_path / "我的 账本"
    folder.mkdir()
    return Path(shutil.copy(OLDEST, folder / "甲 公司.zhangfang"))


def rows(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return everything in a file, read past the program and without changing it."""
    with closing(sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True)) as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {table: sorted(connection.execute(f'SELECT * FROM "{table}"'), key=repr) for table in tables}


def beside(place: Path) -> list[str]:
    """Return the names of what lies beside a book."""
    return sorted(entry.name for entry in place.parent.iterdir() if entry != place)


def upgrade(place: Path, **more: Any) -> Upgraded:
    """Upgrade a book that needs it."""
    done = upgrade_file(place, findings, **more)
    assert done is not None
    return done


def work_on(place: Path, work: Callable[[], object]) -> None:
    """Do something in a book as the program does."""
    with StopRegister() as stops:
        book = open_for_serving(BookAddress("sqlite", path=place), stops)
        with book.session():
            work()


def test_the_upgraded_book_has_the_name_and_the_old_file_stays(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = rows(place)
    become_later(monkeypatch, *GOOD)
    done: list[Upgraded] = []
    with StopRegister() as stops:
        address = BookAddress("sqlite", path=place)
        book = open_for_serving(address, stops, UpgradeWish(done=done.append))
        with book.session():
            assert fetch_all("SELECT id, name FROM stamp") == [(1, "一"), (2, "二")]
            assert fetch_all("SELECT count(mood) FROM {voucher}") == [(0,)]
            assert findings() == []
            ((noted,),) = fetch_all("SELECT after_value FROM {audit_log} WHERE action = 'book:schema:upgrade'")
            assert json.loads(noted) == {"kept": done[0].kept, "old": "0.1.0", "new": VERSION}
    (kept,) = kept_files(place)
    assert done == [Upgraded(str(kept.path), "0.1.0")]
    assert kept.path.name.startswith("甲 公司.更新前-0.1.0-20")
    assert kept.version == "0.1.0"
    assert beside(place) == [kept.path.name]
    assert rows(kept.path) == before
    now = rows(place)
    assert {table: len(now[table]) for table in ("voucher", "entry", "balance", "account", "user")} == {
        table: len(before[table]) for table in ("voucher", "entry", "balance", "account", "user")
    }


def test_a_book_that_needs_nothing_is_left_alone(place: Path) -> None:
    shutil.copyfile(newest_book(), place)
    before = place.read_bytes()
    assert upgrade_file(place, findings) is None
    assert place.read_bytes() == before
    assert beside(place) == []


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([sql("DELETE FROM {entry} WHERE voucher_id = 1")], "entry 原来有"),
        ([sql("DELETE FROM {number_counter}", fills="number_counter")], "number_counter 原来有"),
        ([sql("INSERT INTO {fiscal_year} (year) VALUES (2031)")], "fiscal_year 原来有"),
        (
            [sql("UPDATE {entry} SET debit = debit + 1 WHERE voucher_id = 1 AND line = 1")],
            "debit 原来是 102010，现在是 102011",
        ),
        ([sql("UPDATE {balance} SET debit = debit + 1 WHERE period = 202601 AND account_id = 1")], "account 1001"),
        ([sql("UPDATE {entry} SET account_id = 2 WHERE voucher_id = 1 AND line = 1")], "account 1001, period 202601"),
        (
            [sql("UPDATE {voucher} SET state = 'draft' WHERE state = 'reviewed'")],
            "state draft, kind normal）的 rows 原来是 1，现在是 2",
        ),
        ([sql("UPDATE {chain_head} SET last_hash = 'x'")], "凭证链"),
        ([sql("ALTER TABLE {entry} RENAME COLUMN quantity TO amount_of_things")], "列 quantity 不见了"),
        ([sql("DROP TABLE {request}")], "request 不见了"),
    ],
)
def test_a_migration_that_changes_what_the_book_holds_is_refused(
    place: Path, monkeypatch: pytest.MonkeyPatch, steps: list[Step], said: str
) -> None:
    before = place.read_bytes()
    become_later(monkeypatch, *GOOD, *steps)
    with pytest.raises(Conflict) as refused:
        upgrade(place)
    assert refused.value.code == "upgrade_differs"
    assert said in str(refused.value)
    assert place.read_bytes() == before
    assert beside(place) == []


def test_a_migration_whose_outcome_does_not_verify_is_refused(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = place.read_bytes()
    become_later(monkeypatch, *GOOD, sql("UPDATE {voucher} SET summary = 'x' WHERE id = 1"))
    with pytest.raises(Conflict) as refused:
        upgrade(place)
    assert refused.value.code == "upgrade_faulty"
    assert place.read_bytes() == before
    assert beside(place) == []


def test_a_migration_that_breaks_down_changes_nothing(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = place.read_bytes()
    for position in range(len(GOOD) + 1):
        become_later(monkeypatch, *GOOD[:position], Does(fail), *GOOD[position:])
        with pytest.raises(Breakdown):
            upgrade(place)
        assert place.read_bytes() == before
        assert beside(place) == []
    become_later(monkeypatch, *GOOD)
    upgrade(place)


def test_it_can_be_cancelled_until_the_swap(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = place.read_bytes()
    become_later(monkeypatch, *GOOD)
    texts: list[str] = []
    upgraded: Upgraded | None = None
    refusals = 0
    while upgraded is None:
        answers = iter([False] * refusals + [True])
        try:
            upgraded = upgrade(
                place,
                progress=lambda _done, _total, text: texts.append(str(text)),
                cancelled=lambda answers=answers: next(answers, False),
            )
        except WorkCancelled:
            refusals += 1
            assert place.read_bytes() == before
            assert beside(place) == []
    assert refusals > 10
    assert [f"更新账簿，第 {step} 步，共 6 步" in "".join(texts) for step in range(1, 7)] == [True] * 6
    assert beside(place) == [Path(upgraded.kept).name]


HOLD = """
import sqlite3, sys
sys.path.insert(0, sys.argv[3])
from pathlib import Path
from app.storage.lock import BookLock, lock_path
if sys.argv[2] == "lock":
    BookLock(Path(sys.argv[1])).acquire()
else:
    connection = sqlite3.connect(sys.argv[1])
    connection.execute("PRAGMA journal_mode = wal")
    connection.execute("SELECT count(*) FROM voucher").fetchall()
sys.stdout.write("held\\n"); sys.stdout.flush()
sys.stdin.readline()
"""


@pytest.fixture(params=["lock", "connection"])
def held(request: pytest.FixtureRequest, place: Path) -> Iterator[Path]:
    """A book that another process has open; one that takes no lock file is an unknown program."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(place), request.param, str(ROOT)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield place
        process.communicate("\n")


def test_a_book_that_is_open_elsewhere_is_not_upgraded(held: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = rows(held)
    become_later(monkeypatch, *GOOD)
    with pytest.raises(Conflict) as refused:
        upgrade(held)
    assert refused.value.code == "book_in_use"
    assert rows(held) == before
    assert kept_files(held) == []


def test_nobody_gets_in_while_it_goes_on(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    become_later(monkeypatch, *GOOD)
    write = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0.1).execute('DELETE FROM request')"
    tries = 0

    def try_to_get_in(done: int, total: int, text: Message) -> None:
        nonlocal tries
        if total or done:
            return
        tries += 1
        with pytest.raises(Conflict) as refused:
            BookLock(place).acquire()
        assert refused.value.code == "book_in_use"
        older = subprocess.run([sys.executable, "-c", write, str(place)], capture_output=True, text=True, check=False)
        assert "database is locked" in older.stderr

    upgrade(place, progress=try_to_get_in)
    assert tries == 6


def test_a_book_that_another_computer_has_open_is_not_even_looked_into(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    become_later(monkeypatch, *GOOD)
    there = {"host": "另一台", "machine": "m", "processes": [{"id": 1, "started": "s", "token": "t"}]}
    lock_path(place).write_text(json.dumps(there), encoding="utf-8")
    log = place.with_name(f"{place.name}-wal")
    log.write_bytes(b"what the other computer has written")
    before = place.read_bytes()
    for act in (lambda: work_on(place, lambda: None), lambda: upgrade(place)):
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.code == "book_open_elsewhere"
    assert place.read_bytes() == before
    assert log.read_bytes() == b"what the other computer has written"


LATE = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
sys.stdout.write("open\\n"); sys.stdout.flush()
connection.execute("PRAGMA journal_mode = wal").fetchone()
connection.execute("INSERT INTO book_setting VALUES ('late', '1')")
"""


@posix_only
def test_an_older_program_that_waited_cannot_write_into_the_old_file(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    become_later(monkeypatch, *GOOD)
    late: list[subprocess.Popen[str]] = []

    def come_late(_done: int, _total: int, text: Message) -> None:
        if "第 6 步" in str(text) and not late:
            command = [sys.executable, "-c", LATE, str(place)]
            late.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
            assert late[0].stdout is not None
            assert late[0].stdout.readline() == "open\n"

    done = upgrade(place, progress=come_late)
    with late[0] as process:
        _out, said = process.communicate(timeout=60)
    assert "readonly database" in said
    assert beside(place) == [Path(done.kept).name]
    for path in (place, Path(done.kept)):
        assert "late" not in {name for name, _value in rows(path)["book_setting"]}


def test_a_log_of_a_crash_comes_along_without_what_was_not_committed(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(sqlite3.connect(place, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = wal")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("PRAGMA cache_size = 1")  # so that pages are written before they are committed
        connection.execute("INSERT INTO book_setting VALUES ('committed', '1')")
        connection.execute("BEGIN")
        for number in range(300):
            connection.execute("INSERT INTO book_setting VALUES (?, ?)", (f"lost {number}", "9" * 5000))
        crashed = tmp_path / "crashed"
        crashed.mkdir()
        for name in (place.name, f"{place.name}-wal"):
            shutil.copyfile(place.with_name(name), crashed / name)
    book = crashed / place.name
    assert book.with_name(f"{book.name}-wal").stat().st_size > 1_000_000
    become_later(monkeypatch, *GOOD)
    done = upgrade(book)
    for path in (book, Path(done.kept)):
        names = {name for name, _value in rows(path)["book_setting"]}
        assert "committed" in names
        assert not [name for name in names if name.startswith("lost")]
    assert beside(book) == [Path(done.kept).name]


LIMITED = """
import resource, sys
from pathlib import Path
from app.kernel.errors import EnvironmentFault
from app.storage import migrate
from app.storage.upgrade.file import upgrade_file
from tests.storage.later_tables import GOOD, later, sql
fill = sql("INSERT INTO upload VALUES ('x', 1, '', 0, '', 'open', 0, 0)",
           "INSERT INTO upload_part VALUES ('x', 0, 0, zeroblob(900000))", fills="upload")
migrations = later(*GOOD, fill)
migrate.carried_migrations = lambda: migrations
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
try:
    upgrade_file(Path(sys.argv[1]), lambda progress: [])
except EnvironmentFault as fault:
    sys.exit(fault.code)
"""


@posix_only
@pytest.mark.parametrize("room", [200_000, 600_000])
def test_a_disk_that_fills_up_changes_nothing(place: Path, room: int) -> None:
    before = place.read_bytes()
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(place), str(room)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stderr.strip() in {"disk_error", "disk_full"}
    assert place.read_bytes() == before
    assert beside(place) == []


def test_a_disk_without_room_is_seen_beforehand(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = place.read_bytes()
    become_later(monkeypatch, *GOOD)
    monkeypatch.setattr(
        file_module, "shutil", SimpleNamespace(disk_usage=lambda _path: SimpleNamespace(free=9_000_000))
    )
    with pytest.raises(EnvironmentFault) as refused:
        upgrade(place)
    assert refused.value.code == "disk_full"
    assert "只剩 9 MB" in str(refused.value)
    assert place.read_bytes() == before
    assert beside(place) == []


READ_ONLY = """
import os, sys
from pathlib import Path
from app.kernel.errors import ZhangfangError
from app.storage import migrate
from app.storage.upgrade.file import upgrade_file
from tests.storage.later_tables import GOOD, later
migrations = later(*GOOD)
migrate.carried_migrations = lambda: migrations
if os.geteuid() == 0:
    os.setuid(65534)
try:
    upgrade_file(Path(sys.argv[1]), lambda progress: [])
except ZhangfangError as fault:
    sys.exit(fault.code)
"""


@posix_only
def test_a_folder_that_cannot_be_written_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory() as folder:  # one that another user may enter
        place = Path(shutil.copy(OLDEST, folder))
        place.chmod(0o444)
        place.parent.chmod(0o555)
        before = place.read_bytes()
        done = subprocess.run(
            [sys.executable, "-c", READ_ONLY, str(place)], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.stderr.strip() == "book_unreachable"
        assert place.read_bytes() == before
        assert beside(place) == []
        place.parent.chmod(0o755)


def test_what_a_killed_upgrade_left_is_swept(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (f".{place.name}-upgrade-0a1b.part", f".{place.name}-upgrade-0a1b.part-wal"):
        place.with_name(name).write_bytes(b"half a book")
    others = place.with_name(f".{place.stem}的副本{place.suffix}-upgrade-0a1b.part")
    others.write_bytes(b"of another book")
    become_later(monkeypatch, *GOOD)
    done = upgrade(place)
    assert beside(place) == sorted([others.name, Path(done.kept).name])


def test_a_long_name_gets_a_kept_file_too(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = place.rename(place.with_name("账" * 66 + ".zhangfang"))
    become_later(monkeypatch, *GOOD)
    done = upgrade(long)
    assert [str(kept.path) for kept in kept_files(long)] == [done.kept]
    assert rows(Path(done.kept))["voucher"]


def test_one_goes_back_and_nothing_is_lost(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = rows(place)
    become_later(monkeypatch, *GOOD)
    kept = Path(upgrade(place).kept)
    assert loss(place, kept) == loss(place, kept)
    assert (loss(place, kept).new, loss(place, kept).changed) == (0, 0)

    def work() -> None:
        owner = owner_actor()
        assert owner is not None
        posted(owner, "2026-02-11", line("1001", "3"), line("3001", credit="3"))
        (reviewed,) = fetch_all("SELECT id FROM {voucher} WHERE state = 'reviewed'")
        states.post_voucher(owner, reviewed[0])

    work_on(place, work)
    assert (loss(place, kept).new, loss(place, kept).changed) == (1, 1)
    aside = go_back(place, kept)
    assert beside(place) == [aside.name]
    assert aside.name.startswith("甲 公司.更新后-")
    assert rows(place) == old
    assert len(rows(aside)["voucher"]) == len(old["voucher"]) + 1
    again = upgrade(place)
    assert Path(again.kept).exists()


def test_a_file_of_another_book_is_not_gone_back_to(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    become_later(monkeypatch, *GOOD)
    upgrade(place)
    other = place.with_name("乙.zhangfang")
    shutil.copy(place, other)
    with sqlite3.connect(other) as connection:
        connection.execute("UPDATE audit_log SET at = at + 1 WHERE id = 1")
    connection.close()
    before = beside(place)
    with pytest.raises(Conflict) as refused:
        go_back(place, other)
    assert refused.value.code == "another_book"
    assert beside(place) == before


def test_a_kept_file_that_was_upgraded_itself_is_no_way_back(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = rows(place)
    become_later(monkeypatch, *GOOD)
    kept = Path(upgrade(place).kept)
    older = Path(upgrade(kept).kept)  # as a double-click on it does
    with pytest.raises(Conflict) as refused:
        go_back(place, kept)
    assert refused.value.code == "kept_not_older"
    go_back(place, older)
    assert rows(place) == old


def test_a_name_with_an_impossible_moment_is_no_kept_file(place: Path) -> None:
    place.with_name(f"{place.stem}.更新前-0.1.0-20261399-093000-123.zhangfang").touch()
    assert kept_files(place) == []


def test_nobody_goes_back_while_the_book_is_open(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    become_later(monkeypatch, *GOOD)
    kept = Path(upgrade(place).kept)
    now = rows(place)

    def work() -> None:
        with pytest.raises(Conflict) as refused:
            go_back(place, kept)
        assert refused.value.code == "book_in_use"

    work_on(place, work)
    assert rows(place).keys() == now.keys()
    assert kept.exists()


@posix_only
@pytest.mark.parametrize(
    ("disk", "act"),
    [("links", "upgrade"), ("renames", "upgrade"), ("links", "back"), ("renames", "back"), ("links", "steps")],
)
def test_killed_at_any_moment_the_book_opens_and_balances(disk: str, act: str) -> None:
    with tempfile.TemporaryDirectory(dir=MEMORY_DISK if MEMORY_DISK.is_dir() else None) as folder:
        done = subprocess.run(
            [sys.executable, "-m", "tests.storage.killed_upgrades", folder, str(OLDEST), disk, act],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            env={**os.environ, "ZHANGFANG_DATA_DIR": folder},
        )
        assert done.returncode == 0, done.stderr
    moments = [json.loads(text) for text in done.stdout.splitlines()]
    assert [moment["ended"] for moment in moments[:-1]] == [-9] * (len(moments) - 1)
    assert moments[-1]["ended"] == (-9 if act == "steps" else 0)
    assert len(moments) == len(GOOD) + 1 if act == "steps" else len(moments) > 20
    for moment in moments:
        assert (moment["opened"], moment["debit"], moment["findings"], moment["stamps"]) == (0, 171400, 0, 2), moment
        names = [name for name in moment["beside"] if not name.endswith("-lock")]
        assert [name for name in names if "更新前-0.1.0-" in name or "更新后-0.1.0-" in name] == names
        assert len(names) >= 1
        assert len([name for name in names if "更新前" in name]) == 1
    if disk == "links":  # the name is never empty
        assert all(moment["named"] for moment in moments)
