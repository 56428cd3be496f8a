"""Opening, units of work and faults, on both databases where both have the thing."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import peewee
import pytest

from app.kernel.errors import EnvironmentFault, MalformedInput, NotFound
from app.storage.database import (
    Book,
    after_commit,
    execute,
    execute_many,
    fetch_all,
    fetch_one,
    insert_returning_id,
    lock_suffix,
    open_database,
    read_snapshot,
    run_unit,
    upsert_add,
)
from app.storage.engines import APPLICATION_ID, refuse_old_server
from app.storage.faults import RetryableFault
from app.storage.migrate import migrate, pending
from app.storage.models import BookSetting
from tests.mariadb import MariaDBServer

ROOT = Path(__file__).parents[2]
SETTING = "INSERT INTO {book_setting} (name, value) VALUES (?, ?)"


BALANCE_KEY = ["period", "layer", "account_id", "currency_id", "auxiliary_set_id"]


def execute_foreign_keys_off(book: Book) -> None:
    """Let a test write rows without the accounts they belong to."""
    execute("PRAGMA foreign_keys = 0" if book.is_sqlite else "SET SESSION foreign_key_checks = 0")


def run_threads(work: Callable[[int], None], count: int) -> list[BaseException]:
    """Run `work(0 … count-1)` in threads of their own and return what they raised."""
    raised: list[BaseException] = []

    def guarded(number: int) -> None:
        try:
            work(number)
        except BaseException as error:  # noqa: BLE001 - handed to the test
            raised.append(error)

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    return raised


def test_every_connection_of_a_file_is_durable_and_checked(sqlite_book: Book) -> None:
    found: list[tuple[object, ...]] = []
    barrier = threading.Barrier(4)

    def look(_number: int) -> None:
        with sqlite_book.session():
            barrier.wait(60)  # four connections at once
            names = ("journal_mode", "foreign_keys", "synchronous", "busy_timeout", "application_id")
            found.append(tuple(value for name in names if (value := fetch_all(f"PRAGMA {name}")[0][0]) is not None))

    assert run_threads(look, 4) == []
    assert found == [("wal", 1, 2, 5000, APPLICATION_ID)] * 4


def test_a_connection_is_used_again_by_other_threads(sqlite_book: Book) -> None:
    seen: set[int] = set()

    def look(_number: int) -> None:
        with sqlite_book.session():
            seen.add(id(sqlite_book.database.connection()))

    for _ in range(5):
        assert run_threads(look, 1) == []
    assert len(seen) == 1


def test_a_missing_file_is_not_made_by_looking(tmp_path: Path) -> None:
    book = open_database(str(tmp_path / "no.zhangfang"))
    with pytest.raises(NotFound) as refused:
        pending(book)
    assert refused.value.code == "book_missing"
    assert list(tmp_path.iterdir()) == []
    book.close()


def test_another_programs_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE t (a)")
    other.commit()
    other.close()
    before = path.read_bytes()
    book = open_database(str(path))
    for look in (pending, migrate):
        with pytest.raises(MalformedInput) as refused:
            look(book)
        assert refused.value.code == "not_a_book"
    book.close()
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["other.db"]


@pytest.mark.parametrize("content", [b"just a text\n" * 100, b"PK\x03\x04" + b"\0" * 2000])
def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "letter.zhangfang"
    path.write_bytes(content)
    book = open_database(str(path))
    with pytest.raises(MalformedInput) as refused:
        migrate(book)
    assert refused.value.code == "not_a_book"
    assert path.read_bytes() == content
    book.close()


def test_a_damaged_file_is_named_as_such(sqlite_book: Book) -> None:
    path = sqlite_book.address.path
    assert path is not None
    with sqlite_book.session():
        run_unit(lambda: execute_many(SETTING, [(f"n{i}", "x" * 900) for i in range(200)]))
    sqlite_book.close()
    data = bytearray(path.read_bytes())
    data[4096 * 3 : 4096 * 12] = b"\xff" * (4096 * 9)
    path.write_bytes(data)
    book = open_database(str(path))
    with pytest.raises(EnvironmentFault) as fault, book.session():
        fetch_all("SELECT * FROM {book_setting} ORDER BY value, name")
    assert fault.value.code == "book_damaged"
    book.close()


def test_a_full_disk_is_one_sentence_and_nothing_is_half_written(sqlite_book: Book) -> None:
    with sqlite_book.session():
        pages = fetch_all("PRAGMA page_count")[0][0]
        execute(f"PRAGMA max_page_count = {pages + 10}")
        with pytest.raises(EnvironmentFault) as fault:
            run_unit(lambda: execute_many(SETTING, [(f"n{i}", "x" * 4000) for i in range(100)]))
        assert fault.value.code == "disk_full"
        assert fetch_one("SELECT count(*) FROM {book_setting}") == (0,)
        execute("PRAGMA max_page_count = 1000000")
        run_unit(lambda: execute(SETTING, ("after", "1")))


def test_a_unit_that_fails_leaves_nothing(book: Book) -> None:
    def work() -> None:
        execute(SETTING, ("a", "1"))
        run_unit(lambda: execute(SETTING, ("b", "2")))  # joins
        raise LookupError

    def forgotten() -> None:
        after_commit(lambda: done.append("never"))
        raise ZeroDivisionError

    done: list[str] = []
    with book.session():
        with pytest.raises(LookupError):
            run_unit(work)
        with pytest.raises(peewee.IntegrityError):
            run_unit(lambda: execute_many(SETTING, [("a", "1"), ("a", "2")]))
        assert fetch_all("SELECT name FROM {book_setting}") == []
        run_unit(lambda: after_commit(lambda: done.append("step")))
        with pytest.raises(ZeroDivisionError):
            run_unit(forgotten)
    assert done == ["step"]


def test_rows_and_models_see_the_same_table(book: Book) -> None:
    with book.session():
        run_unit(lambda: execute(SETTING, ("名称%", "{?}%s")))
        assert BookSetting.get(BookSetting.name == "名称%").value == "{?}%s"
        BookSetting.create(name="b", value="2")
        assert fetch_all("SELECT name FROM {book_setting} WHERE name LIKE 'b%'") == [("b",)]


def test_text_is_compared_by_its_bytes(book: Book) -> None:
    names = ["A产品", "a产品", "𠮷", "𡃁", "Ä", "A"]
    with book.session():
        run_unit(lambda: execute_many(SETTING, [(name, "") for name in names]))
        for name in names:
            assert fetch_all("SELECT name FROM {book_setting} WHERE name = ?", (name,)) == [(name,)]
        ordered = [row[0] for row in fetch_all("SELECT name FROM {book_setting} ORDER BY name")]
    assert ordered == sorted(names)


def test_too_long_a_text_is_refused_by_both(book: Book) -> None:
    with book.session(), pytest.raises(peewee.PeeweeException):
        run_unit(lambda: execute(SETTING, ("好" * 101, "")))
    with book.session():
        run_unit(lambda: execute(SETTING, ("好" * 100, "")))


def test_upsert_add_sums_where_the_key_is(book: Book) -> None:
    with book.session():
        sql = upsert_add("balance", BALANCE_KEY, ["debit", "credit"])
        execute_foreign_keys_off(book)
        run_unit(lambda: execute_many(sql, [(202606, 0, 1, 1, 0, 5, 0), (202606, 0, 1, 1, 0, 7, -2)]))
        assert fetch_all("SELECT debit, credit FROM {balance}") == [(12, -2)]


def test_four_threads_that_read_then_write_lose_nothing(book: Book) -> None:
    rounds = 25
    with book.session():
        run_unit(lambda: execute(SETTING, ("counter", "0")))

    def count(_number: int) -> None:
        def work() -> None:
            row = fetch_one("SELECT value FROM {book_setting} WHERE name = 'counter'" + lock_suffix())
            assert row is not None
            execute("UPDATE {book_setting} SET value = ? WHERE name = 'counter'", (str(int(row[0]) + 1),))

        for _ in range(rounds):
            with book.session():
                run_unit(work)

    assert run_threads(count, 4) == []
    with book.session():
        assert fetch_one("SELECT value FROM {book_setting} WHERE name = 'counter'") == (str(4 * rounds),)


def test_two_units_that_lock_each_other_out_both_succeed(mariadb_book: Book) -> None:
    book = mariadb_book
    with book.session():
        run_unit(lambda: execute_many(SETTING, [("a", "0"), ("b", "0")]))
    met = threading.Barrier(2)
    attempts: list[int] = []

    def cross(number: int) -> None:
        first, second = ("a", "b") if number == 0 else ("b", "a")
        tries = 0

        def work() -> None:
            nonlocal tries
            tries += 1
            execute("UPDATE {book_setting} SET value = value + 1 WHERE name = ?", (first,))
            if tries == 1:
                met.wait(60)  # each holds what the other wants: the server must choose one to fail
            execute("UPDATE {book_setting} SET value = value + 1 WHERE name = ?", (second,))

        with book.session():
            run_unit(work)
        attempts.append(tries)

    assert run_threads(cross, 2) == []
    assert sorted(attempts) == [1, 2]
    with book.session():
        assert fetch_all("SELECT value FROM {book_setting} ORDER BY name") == [("2",), ("2",)]


def test_a_race_lost_again_and_again_ends_with_a_fault(mariadb_book: Book) -> None:
    runs: list[int] = []

    def work() -> None:
        runs.append(1)
        raise peewee.OperationalError(1213, "Deadlock found when trying to get lock")

    with mariadb_book.session(), pytest.raises(RetryableFault):
        run_unit(work)
    assert len(runs) == 8


def test_a_snapshot_does_not_move(book: Book) -> None:
    with book.session():
        run_unit(lambda: execute(SETTING, ("a", "1")))

    def write(_number: int) -> None:
        with book.session():
            run_unit(lambda: execute("UPDATE {book_setting} SET value = '2' WHERE name = 'a'"))
            run_unit(lambda: execute(SETTING, ("b", "1")))

    with book.session():
        with read_snapshot():
            assert fetch_all("SELECT name, value FROM {book_setting}") == [("a", "1")]
            assert run_threads(write, 1) == []
            assert fetch_all("SELECT name, value FROM {book_setting}") == [("a", "1")]
            with pytest.raises(RuntimeError):
                run_unit(lambda: execute(SETTING, ("c", "1")))
        assert fetch_all("SELECT name, value FROM {book_setting} ORDER BY name") == [("a", "2"), ("b", "1")]
        run_unit(lambda: execute(SETTING, ("c", "1")))


def test_one_process_holds_several_books(sqlite_book: Book, mariadb_book: Book) -> None:
    with sqlite_book.session():
        run_unit(lambda: execute(SETTING, ("where", "file")))
        with mariadb_book.session():
            run_unit(lambda: execute(SETTING, ("where", "server")))
            assert BookSetting.get().value == "server"
        assert BookSetting.get().value == "file"


def test_a_password_with_every_awkward_character_opens_the_book(
    mariadb_server: MariaDBServer, mariadb_database: str
) -> None:
    assert set("@:/% 账") <= set(mariadb_server.password)
    book = open_database(mariadb_server.url(mariadb_database), password=mariadb_server.password)
    migrate(book)
    book.close()
    wrong = open_database(mariadb_server.url(mariadb_database), password=mariadb_server.password + "x")
    with pytest.raises(EnvironmentFault) as fault:
        pending(wrong)
    assert fault.value.code == "database_refused"
    assert mariadb_server.password not in str(fault.value)


def test_a_connection_killed_while_idle_is_replaced_silently(mariadb_book: Book, mariadb_server: MariaDBServer) -> None:
    with mariadb_book.session():
        row = fetch_one("SELECT CONNECTION_ID()")
    assert row is not None
    mariadb_server.execute(f"KILL {row[0]}")
    with mariadb_book.session():
        assert fetch_one("SELECT CONNECTION_ID() <> ?", row) == (1,)


def test_a_connection_killed_between_two_reads_of_a_session_is_replaced(
    mariadb_book: Book, mariadb_server: MariaDBServer
) -> None:
    with mariadb_book.session():
        row = fetch_one("SELECT CONNECTION_ID()")
        assert row is not None
        mariadb_server.execute(f"KILL {row[0]}")
        run_unit(lambda: execute(SETTING, ("after", "1")))
        assert fetch_all("SELECT name FROM {book_setting}") == [("after",)]


def test_a_connection_killed_inside_a_unit_fails_the_whole_unit(
    mariadb_book: Book, mariadb_server: MariaDBServer
) -> None:
    def work() -> None:
        execute(SETTING, ("half", "1"))
        row = fetch_one("SELECT CONNECTION_ID()")
        assert row is not None
        mariadb_server.execute(f"KILL {row[0]}")
        execute(SETTING, ("other half", "1"))

    with mariadb_book.session(), pytest.raises(EnvironmentFault) as fault:
        run_unit(work)
    assert fault.value.code == "database_away"
    with mariadb_book.session():
        assert fetch_all("SELECT name FROM {book_setting}") == []
        run_unit(lambda: execute(SETTING, ("whole", "1")))


def test_a_server_that_is_not_there_is_one_sentence(mariadb_server: MariaDBServer) -> None:
    book = open_database(f"mysql://u@127.0.0.1:{mariadb_server.port - 1}/x", password="p")
    with pytest.raises(EnvironmentFault) as fault:
        pending(book)
    assert fault.value.code == "database_away"


def test_a_database_that_is_not_there_is_made_by_migrate_only(mariadb_server: MariaDBServer) -> None:
    book = open_database(mariadb_server.url("made_new"), password=mariadb_server.password)
    with pytest.raises(EnvironmentFault) as fault:
        pending(book)
    assert fault.value.code == "database_unknown"
    try:
        migrate(book)
        assert pending(book) == []
    finally:
        book.close()
        mariadb_server.execute("DROP DATABASE IF EXISTS made_new")


def test_each_slice_may_have_a_schema_of_its_own(mariadb_server: MariaDBServer) -> None:
    names = ("parts_main", "parts_people", "parts_ledger")
    address = mariadb_server.url("parts_main", "identity=parts_people&ledger=parts_ledger")
    book = open_database(address, password=mariadb_server.password)
    try:
        migrate(book)
        assert pending(book) == []
        with book.session():
            rows = fetch_all(
                "SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema LIKE 'parts%'"
            )
        assert {schema for schema, _ in rows} == set(names)
        assert ("parts_main", "job") in rows
        assert ("parts_people", "user") in rows
        assert ("parts_ledger", "voucher") in rows
    finally:
        book.close()
        mariadb_server.drop(*names)


@pytest.mark.parametrize(
    ("version", "good"),
    [
        ("8.0.16", True),
        ("8.0.15", False),
        ("5.7.44-log", False),
        ("9.1.0", True),
        ("10.5.20-MariaDB", False),
        ("5.5.5-10.6.1-MariaDB-log", True),
        ("11.4.2-MariaDB-ubu2404", True),
    ],
)
def test_servers_that_are_too_old_are_refused(version: str, good: bool) -> None:
    if good:
        refuse_old_server(version)
        return
    with pytest.raises(EnvironmentFault) as fault:
        refuse_old_server(version)
    assert fault.value.code == "database_too_old"


def test_a_full_pool_is_a_fault_that_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.storage.engines.POOL_WAIT_S", 1)
    book = open_database(str(tmp_path / "b.zhangfang"), max_connections=1)
    migrate(book)

    def look(_number: int) -> None:
        with book.session():
            pass

    with book.session():
        (fault,) = run_threads(look, 1)
    assert isinstance(fault, EnvironmentFault)
    assert fault.code == "database_busy"
    assert run_threads(look, 1) == []
    book.close()


def test_ids_are_never_given_twice(book: Book) -> None:
    sql = (
        "INSERT INTO {job} (kind, actor_id, state, message, process, created_at, heartbeat_at) "
        "VALUES ('k', 1, 'waiting', '', '', 0, 0)"
    )
    with book.session():
        ids = []
        for _ in range(3):
            ids.append(run_unit(lambda: insert_returning_id(sql)))
            run_unit(lambda: execute("DELETE FROM {job}"))
    assert ids == [1, 2, 3]


def test_a_file_book_needs_no_server_driver(tmp_path: Path) -> None:
    program = (
        "import sys; from app.storage.database import open_database; from app.storage.migrate import migrate\n"
        f"book = open_database({str(tmp_path / 'b.zhangfang')!r}); migrate(book); book.close()\n"
        "assert not {'pymysql', 'cryptography', 'ssl'} & set(sys.modules)\n"
        "import pymysql"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
