"""Books of older tables as people meet them: in the window's program, on a shared server, on the command line."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.bootstrap.runtime import Runtime
from app.cli.program import main
from app.client.api import ApiClient
from app.client.transport import Transport
from app.contract.identity import UserInput
from app.identity.passwords import hash_password
from app.identity.queries.people import owner_actor
from app.identity.service.people import add_user
from app.kernel.errors import Conflict, NotAuthenticated, PermissionDenied
from app.ledger.verify import verify_book
from app.settings import Settings
from app.storage.copying import copy
from app.storage.database import Book, execute, fetch_all, open_database, run_unit
from app.storage.progress import WorkCancelled
from app.storage.upgrade.server import SETTING
from app.ui.runtime import UpgradeConsent
from app.web.opening import StopRegister, open_for_serving, prepare
from app.web.serve import serve
from tests.mariadb import MariaDBServer
from tests.storage.later_tables import GOOD, Breakdown, Does, become_later, fail, sql
from tests.storage.old_book import OLD_BOOKS, newest_book

ROOT = Path(__file__).parents[2]
OLDEST = OLD_BOOKS / "3.zhangfang"
YES = UpgradeConsent()
LEAVE_TIMEOUT_S = 60


class Told:
    """Takes the progress of an opening and cancels where a text comes up."""

    def __init__(self, cancel_at: str = "?") -> None:
        self.texts: list[str] = []
        self._cancel_at = cancel_at

    def __call__(self, _done: int, _total: int, text: str) -> bool:
        self.texts.append(text)
        return self._cancel_at in text


@dataclass
class Shared:
    """An old book on a server."""

    address: str
    password: str
    server: MariaDBServer

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the server past the program; afterwards nobody of this process is in the book through it."""
        with self.server.connect(self.address.rpartition("/")[2]) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            found, own_id = list(cursor.fetchall()), connection.thread_id()
        self.wait_for_end(f"id = {own_id}")
        return found

    def wait_for_end(self, which: str) -> None:
        """Wait until the server no longer lists these connections: their threads end after they were closed."""
        with self.server.connect() as connection, connection.cursor() as cursor:
            deadline = time.monotonic() + LEAVE_TIMEOUT_S
            while cursor.execute(f"SELECT 1 FROM information_schema.processlist WHERE {which}"):
                assert time.monotonic() < deadline, "the server keeps a closed connection"

    def book(self) -> Book:
        """Open it as one more program would."""
        return open_database(self.address, password=self.password)

    def has_new_tables(self) -> bool:
        """Tell whether the later migration was begun."""
        return bool(self.rows("SHOW TABLES LIKE 'stamp'"))


@pytest.fixture
def shared(
    mariadb_server: MariaDBServer, mariadb_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Shared:
    """A book of the present tables, shared on a server."""
    made = Shared(mariadb_server.url(mariadb_database), mariadb_server.password, mariadb_server)
    source, target = open_database(str(shutil.copy(newest_book(), tmp_path / "source.zhangfang"))), made.book()
    copy(source, target)
    with target.session():
        prepare()
    target.close()
    source.close()
    made.wait_for_end(f"db = '{mariadb_database}'")
    monkeypatch.setenv("ZHANGFANG_DB_PASSWORD", made.password)
    return made


@pytest.fixture
def runtime() -> Iterator[Runtime]:
    """What the window's program does."""
    made = Runtime(Settings(language="zh"))
    yield made
    made.close_book()


def safety_copies(data_dir: Path) -> list[Path]:
    """Return the books kept before upgrades of shared books."""
    return sorted((data_dir / "backups").glob("*更新前*.zhangfang"))


def test_the_window_upgrades_a_file_with_progress_and_says_where_the_old_one_is(
    runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Path(shutil.copy(OLDEST, tmp_path / "甲 公司.zhangfang"))
    become_later(monkeypatch, *GOOD)
    seen = Told()
    opened = runtime.open_book(str(place), report=seen)
    assert "更新账簿，第 6 步，共 6 步：正在换上更新好的账簿。" in seen.texts
    assert opened.kept_version == "0.1.0"
    assert [kept.path for kept in runtime.kept_files(str(place))] == [opened.kept_file]
    assert runtime.lost_by_going_back(str(place), opened.kept_file) == (0, 0)
    with closing(ApiClient(Transport(opened.url, opened.token))) as api:
        assert api.book().name == "甲𠮷公司"
    assert not runtime.open_book(str(place)).kept_file
    aside = runtime.go_back(str(place), opened.kept_file)
    assert Path(aside).is_file()
    assert not Path(opened.kept_file).exists()
    with pytest.raises(Conflict) as again:
        runtime.open_book(str(place))
    assert again.value.code == "upgrade_again"
    with pytest.raises(WorkCancelled):
        runtime.open_book(str(place), consent=YES, report=Told("第 1 步"))
    assert runtime.open_book(str(place), consent=YES).kept_file


def test_a_shared_book_waits_for_a_yes(
    shared: Shared, runtime: Runtime, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    become_later(monkeypatch, *GOOD)
    with pytest.raises(Conflict) as refused:
        runtime.open_book(shared.address, shared.password)
    assert refused.value.code == "upgrade_needed"
    assert f"upgrade {shared.address} --yes" in str(refused.value)
    plan = refused.value.details
    assert (plan["old"], plan["steps"], plan["logins"]) == ("0.1.0", len(GOOD), False)
    assert plan["folder"] == str(data_dir / "backups")
    assert not shared.has_new_tables()
    assert safety_copies(data_dir) == []

    seen = Told()
    opened = runtime.open_book(shared.address, shared.password, consent=YES, report=seen)
    (kept,) = safety_copies(data_dir)
    assert opened.kept_file == str(kept)
    assert any("第 6 步，共 6 步" in text for text in seen.texts)
    assert shared.has_new_tables()
    assert shared.rows(f"SELECT 1 FROM book_setting WHERE name = '{SETTING}'") == []
    runtime.close_book()
    monkeypatch.undo()
    monkeypatch.setenv("ZHANGFANG_DATA_DIR", str(data_dir))
    older = shared.book()
    with pytest.raises(Conflict) as newer, StopRegister() as stops:
        open_for_serving(older.address, stops)
    assert newer.value.code == "book_newer"
    older.close()
    copied = open_database(str(kept))
    with copied.session():
        assert verify_book().findings == []
        assert fetch_all("SELECT count(*) FROM {voucher}") == [(19,)]
    copied.close()


def test_only_an_owner_may_say_yes_where_people_log_in(
    shared: Shared, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = shared.book()
    with book.session():
        owner = owner_actor()
        assert owner is not None
        add_user(owner, UserInput(name="小李", age=30))
        change = "UPDATE {user} SET login_name = ?, login_key = ?, password_hash = ? WHERE is_owner = ?"
        for login, is_owner in (("wang", 1), ("li", 0)):
            values = (login, login, hash_password(f"{login}'s password"), is_owner)
            run_unit(lambda values=values: execute(change, values))  # type: ignore[misc]
    book.close()
    become_later(monkeypatch, *GOOD)
    wrong = {
        UpgradeConsent(): NotAuthenticated,
        UpgradeConsent("wang", "guessed"): NotAuthenticated,
        UpgradeConsent("nobody", "guessed"): NotAuthenticated,
        UpgradeConsent("li", "li's password"): PermissionDenied,
    }
    for consent, error in wrong.items():
        with pytest.raises(error):
            runtime.open_book(shared.address, shared.password, consent=consent)
    assert not shared.has_new_tables()
    assert runtime.open_book(
        shared.address, shared.password, consent=UpgradeConsent(" Wang ", "wang's password")
    ).kept_file
    outcomes = [row[0] for row in shared.rows("SELECT outcome FROM login_attempt ORDER BY id")]
    assert outcomes == ["wrong", "wrong", "ok", "ok"]


def test_it_waits_until_the_others_have_left(shared: Shared, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    become_later(monkeypatch, *GOOD)
    other = shared.book()
    with other.session():
        fetch_all("SELECT 1")
        with pytest.raises(Conflict) as refused:
            runtime.open_book(shared.address, shared.password, consent=YES)
        assert refused.value.code == "upgrade_others_connected"
        assert "127.0.0.1" in str(refused.value)
        assert not shared.has_new_tables()
        assert runtime.open_book(shared.address, shared.password, consent=UpgradeConsent(despite_others=True)).kept_file
    other.close()


def test_somebody_who_writes_meanwhile_stops_it(
    shared: Shared, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    become_later(monkeypatch, *GOOD)

    def write(_done: int, _total: int, text: str) -> bool:
        if "正在确认没有人在记账" in text:
            shared.rows("INSERT IGNORE INTO auxiliary_kind (name) VALUES ('项目之外')")
        return False

    with pytest.raises(Conflict) as refused:
        runtime.open_book(shared.address, shared.password, consent=YES, report=write)
    assert refused.value.code == "upgrade_meanwhile"
    assert not shared.has_new_tables()
    assert runtime.open_book(shared.address, shared.password, consent=YES).kept_file


def test_it_can_be_cancelled_until_the_first_change(
    shared: Shared, runtime: Runtime, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    become_later(monkeypatch, *GOOD)
    for step in (1, 2, 3):
        with pytest.raises(WorkCancelled):
            runtime.open_book(
                shared.address,
                shared.password,
                consent=YES,
                report=Told(f"第 {step} 步"),
            )
        assert not shared.has_new_tables()
        assert shared.rows(f"SELECT 1 FROM book_setting WHERE name = '{SETTING}'") == []
    opened = runtime.open_book(shared.address, shared.password, consent=YES, report=Told("第 4 步"))
    assert opened.kept_file, "who is past the first change is not asked any more"
    assert Path(opened.kept_file) in safety_copies(data_dir)


@pytest.mark.parametrize(
    ("step", "code"),
    [
        (sql("DELETE FROM {entry} WHERE voucher_id = 1"), "upgrade_differs"),
        (sql("UPDATE {balance} SET debit = debit + 1 WHERE period = 202601"), "upgrade_differs"),
        (sql("UPDATE {voucher} SET summary = 'x' WHERE id = 1"), "upgrade_faulty"),
    ],
)
def test_a_wrong_migration_is_told_and_the_book_stays_shut(
    shared: Shared, runtime: Runtime, data_dir: Path, monkeypatch: pytest.MonkeyPatch, step: Does, code: str
) -> None:
    become_later(monkeypatch, *GOOD, step)
    for _attempt in range(2):
        with pytest.raises(Conflict) as refused:
            runtime.open_book(shared.address, shared.password, consent=YES)
        assert refused.value.code == code
        assert str(safety_copies(data_dir)[0]) in str(refused.value)
    (kept,) = safety_copies(data_dir)
    with pytest.raises(Conflict) as shut:
        runtime.open_book(shared.address, shared.password)
    assert shut.value.code == "upgrade_needed"
    assert shut.value.details["kept"] == str(kept)
    copied = open_database(str(kept))
    with copied.session():
        assert fetch_all("SELECT sum(debit) FROM {entry}") == [(233803,)]
    copied.close()


def test_an_upgrade_that_broke_down_goes_on_where_it_was(
    shared: Shared, runtime: Runtime, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    become_later(monkeypatch, *GOOD[:3], Does(fail), *GOOD[3:])
    with pytest.raises(Breakdown):
        runtime.open_book(shared.address, shared.password, consent=YES)
    become_later(monkeypatch, *GOOD)
    with pytest.raises(Conflict):
        runtime.open_book(shared.address, shared.password)
    assert runtime.open_book(shared.address, shared.password, consent=YES).kept_file
    assert len(safety_copies(data_dir)) == 1


KILLED = """
import os, sys
from pathlib import Path
from app.storage import migrate
from app.storage.database import open_database
from app.storage.upgrade.server import upgrade_server
from tests.storage.later_tables import GOOD, Does, die, later
at = int(sys.argv[2])
migrations = later(*GOOD[:at], Does(die), *GOOD[at:])
migrate.carried_migrations = lambda: migrations
book = open_database(sys.argv[1], password=os.environ["ZHANGFANG_DB_PASSWORD"])
upgrade_server(book, Path(sys.argv[3]), lambda progress: [])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("position", range(len(GOOD) + 1))
def test_an_upgrade_that_was_killed_goes_on_from_another_computer(
    shared: Shared, runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, position: int
) -> None:
    there = tmp_path / "there"
    done = subprocess.run(
        [sys.executable, "-c", KILLED, shared.address, str(position), str(there)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env=dict(os.environ),
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    become_later(monkeypatch, *GOOD)
    opened = runtime.open_book(shared.address, shared.password, consent=UpgradeConsent(despite_others=True))
    assert Path(opened.kept_file).parent == there
    assert [tuple(row) for row in shared.rows("SELECT id, name FROM stamp ORDER BY id")] == [(1, "一"), (2, "二")]
    assert shared.rows("SELECT sum(debit) FROM entry")[0][0] == 233803


def test_the_command_line_names_the_command_and_asks(
    shared: Shared, data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ZHANGFANG_LANGUAGE", "zh")
    assert main(["upgrade", shared.address]) == 0
    assert "不需要更新" in capsys.readouterr().out
    become_later(monkeypatch, *GOOD, sql("INSERT INTO {auxiliary_kind} (name) VALUES ('项目之外')"))
    for command in (
        ["report", shared.address, "trial-balance"],
        ["verify", shared.address],
        ["upgrade", shared.address],
    ):
        assert main(command) == 1
        said = capsys.readouterr().err
        assert "--yes" in said
    with pytest.raises(Conflict):
        serve(shared.address, port=0, password=shared.password)
    assert not shared.has_new_tables()
    assert main(["upgrade", shared.address, "--yes"]) == 1
    assert "auxiliary_kind 原来有" in capsys.readouterr().err
    assert main(["upgrade", shared.address, "--yes", "--accept-differences"]) == 0
    (kept,) = safety_copies(data_dir)
    assert str(kept) in capsys.readouterr().out
    assert main(["verify", shared.address]) == 0
    assert main(["upgrade", shared.address, "--back"]) == 2


def test_the_command_line_upgrades_a_file_and_goes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ZHANGFANG_LANGUAGE", "zh")
    place = Path(shutil.copy(OLDEST, tmp_path / "甲 公司.zhangfang"))
    assert main(["upgrade", str(place), "--back"]) == 1
    assert "没有更新前留存的账簿" in capsys.readouterr().err
    become_later(monkeypatch, *GOOD)
    assert main(["report", str(place), "trial-balance", "--csv"]) == 0
    said = capsys.readouterr()
    (kept,) = tmp_path.glob("*更新前*.zhangfang")
    assert said.err == f"账簿已从 0.1.0 版更新到 0.1.0 版；更新前的账簿留存为“{kept}”。\n"
    assert "1001,库存现金" in said.out
    assert main(["upgrade", str(place)]) == 0
    assert main(["upgrade", str(place), "--back"]) == 0
    said = capsys.readouterr()
    assert "0 张后来的凭证" in said.out
    assert "会先问要不要再次更新" in said.err
    assert not kept.exists()
    assert main(["verify", str(place)]) == 1
    assert "换回过更新前的样子" in capsys.readouterr().err
    assert main(["upgrade", str(place)]) == 0
    assert "更新前的账簿留存为" in capsys.readouterr().err
