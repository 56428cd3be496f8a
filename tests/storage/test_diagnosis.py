"""What the diagnosis of a book's place on a database server names: real servers, real wrong settings."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from app.kernel.checking import CheckStep, unreached
from app.storage import reaching
from app.storage.address import BookAddress, parse_address
from app.storage.creation import make_room
from app.storage.database import Book, execute, open_database
from app.storage.diagnosis import diagnose
from app.storage.grants import MAKING, WORKING, missing_rights
from tests.mariadb import MariaDBServer

SECRET = "guest's 密"


@pytest.fixture
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """What never comes need not be waited for so long; what comes may take its time."""
    monkeypatch.setattr(reaching, "GREETING_TIMEOUT_S", 0.2)
    monkeypatch.setattr(reaching, "REACH_TIMEOUT_S", 0.3)


def outcome(address: BookAddress) -> tuple[list[str], CheckStep]:
    """Return the names of the steps that went well, and the last step."""
    steps = list(diagnose(address))
    assert all(not step.is_failed for step in steps[:-1])
    assert all(str(step.text) for step in steps)
    return [step.name for step in steps if not step.is_failed], steps[-1]


def at(port: int, host: str = "127.0.0.1") -> BookAddress:
    return parse_address(f"mysql://somebody@{host}:{port}/books", "secret")


@contextmanager
def listening(first_words: bytes) -> Iterator[int]:
    """A port whose program says this and then nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def welcome() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(first_words)
                with suppress(ConnectionResetError):
                    connection.recv(1)  # until the caller goes

        thread = threading.Thread(target=welcome)
        thread.start()
        yield int(server.getsockname()[1])
        thread.join(timeout=60)


@contextmanager
def guest(server: MariaDBServer, *grants: str) -> Iterator[BookAddress]:
    """A user who has only these rights."""
    server.execute(f"CREATE USER guest@'127.0.0.1' IDENTIFIED BY \"{SECRET}\"", *grants)
    try:
        yield parse_address(f"mysql://guest@{server.host}:{server.port}/guests", SECRET)
    finally:
        server.execute("DROP USER guest@'127.0.0.1'")


# --- the way there ---------------------------------------------------------------------------------------------------


def test_a_name_nobody_knows() -> None:
    assert outcome(at(3306, "no-such-host.invalid"))[1].code == "host_unknown"


def test_a_closed_port() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        done, last = outcome(at(port))
    assert (done, last.code) == (["name"], "port_closed")
    assert str(port) in str(last.text)


@pytest.mark.usefixtures("short_patience")
def test_a_computer_that_does_not_answer() -> None:
    # a queue that is full lets nobody in, as a wall that swallows packets does
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        assert outcome(at(full.getsockname()[1]))[1].code == "host_silent"
        for one in waiting:
            one.close()
    step = unreached(OSError(101, "Network is unreachable"), "10.0.0.9", 3306)
    assert step.code == "host_unreachable"


@pytest.mark.usefixtures("short_patience")
def test_a_web_server_in_place_of_a_database() -> None:
    web = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    thread = threading.Thread(target=web.serve_forever, args=(0.01,))
    thread.start()
    try:
        done, last = outcome(at(web.server_address[1]))
    finally:
        web.shutdown()
        thread.join(timeout=60)
        web.server_close()
    assert (done, last.code) == (["name", "reach"], "other_program")


@pytest.mark.parametrize(
    ("first_words", "code"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "other_program"),
        (b"\x45\x00\x00\x00\xff\x6a\x04Host '10.0.0.2' is not allowed to connect", "computer_refused"),
        (b"\x17\x00\x00\x00\xff\x10\x04Too many connections", "database_busy"),
    ],
)
def test_who_answers_is_told_by_his_first_words(first_words: bytes, code: str) -> None:
    with listening(first_words) as port:
        assert outcome(at(port))[1].code == code


def test_a_server_too_old_is_named(mariadb_server: MariaDBServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.storage.engines.OLDEST_MARIADB", (99, 0))
    with guest(mariadb_server, "GRANT ALL ON guests.* TO guest@'127.0.0.1'") as address:
        done, last = outcome(address)
    assert (done[-1], last.name, last.code) == ("database", "version", "database_too_old")


# --- user, database, rights ------------------------------------------------------------------------------------------


def test_a_wrong_password_and_a_wrong_user(mariadb_server: MariaDBServer) -> None:
    url = mariadb_server.url("books")
    done, last = outcome(parse_address(url, "wrong"))
    assert (done, last.code) == (["name", "reach", "server"], "login_refused")
    assert "keeper" in str(last.text)
    assert "wrong" not in str(last.text)
    assert outcome(parse_address(url.replace("keeper", "nobody"), "x"))[1].code == "login_refused"


def test_a_database_that_is_not_there_or_not_his(mariadb_server: MariaDBServer) -> None:
    with guest(mariadb_server) as address:
        assert outcome(address)[1].code == "database_refused"
    with guest(mariadb_server, "GRANT SELECT ON guests.* TO guest@'127.0.0.1'") as address:
        assert outcome(address)[1].code == "database_unknown"
    with guest(mariadb_server, "GRANT ALL ON `gue%`.* TO guest@'127.0.0.1'") as address:
        done, last = outcome(address)
    assert (last.outcome, last.code, "round_trip" in done) == ("offer", "database_missing", True)


def test_every_right_that_is_missing_is_named(mariadb_server: MariaDBServer) -> None:
    mariadb_server.execute("CREATE DATABASE guests CHARACTER SET latin1")
    try:
        some = "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, INDEX ON guests.* TO guest@'127.0.0.1'"
        with guest(mariadb_server, some) as address:
            done, last = outcome(address)
            assert (done[-1], last.code, last.facts["rights"]) == ("charset", "rights_missing", ["ALTER", "REFERENCES"])
        with guest(mariadb_server, "GRANT ALL ON guests.* TO guest@'127.0.0.1'") as address:
            steps = list(diagnose(address))
            assert (steps[-1].outcome, steps[-1].code) == ("offer", "book_absent")
            # another character set of the database is no obstacle, and is said
            assert any("latin1" in str(step.text) for step in steps if step.name == "charset")
    finally:
        mariadb_server.drop("guests")


def test_rights_are_read_as_the_server_grants_them() -> None:
    def lacking(grant: str, database: str = "my_books") -> list[str]:
        return missing_rights([grant], database, (*WORKING, *MAKING))

    assert lacking("GRANT ALL PRIVILEGES ON *.* TO `a`@`%` WITH GRANT OPTION") == []
    assert lacking("GRANT ALL PRIVILEGES ON `my\\_books`.* TO `a`@`%`") == []
    assert lacking("GRANT ALL PRIVILEGES ON `my%`.* TO `a`@`%`") == []
    assert lacking("GRANT ALL PRIVILEGES ON `my\\_books`.* TO `a`@`%`", "myxbooks") != []
    assert lacking("GRANT ALL PRIVILEGES ON `my_books`.`voucher` TO `a`@`%`") == [*WORKING, *MAKING]
    assert lacking("GRANT USAGE ON *.* TO `a`@`%`") == [*WORKING, *MAKING]
    assert lacking("GRANT SELECT, INSERT (id, name), UPDATE, DELETE ON `my_books`.* TO `a`@`%`") == list(MAKING)


# --- the book --------------------------------------------------------------------------------------------------------


def test_a_book_says_its_name_and_how_far_it_is(mariadb_book: Book) -> None:
    with mariadb_book.session():
        execute("INSERT INTO {book_setting} (name, value) VALUES ('book_name', '\"甲公司\"')")
        execute(
            "INSERT INTO {user} (name, is_owner, active, must_change_password, permission_version, version, created_at,"
            " updated_at)"
            " VALUES ('王', 1, 1, 0, 1, 1, 1, 1)"
        )
    done, last = outcome(mariadb_book.address)
    assert done == [
        "name",
        "reach",
        "server",
        "tls",
        "login",
        "database",
        "version",
        "charset",
        "rights",
        "round_trip",
        "book",
    ]
    assert (last.outcome, last.facts["name"]) == ("ok", "甲公司")
    assert "甲公司" in str(last.text)
    with mariadb_book.session():
        execute("UPDATE {schema_migration} SET applied_at = NULL WHERE slice = 'ledger' AND number = 2")
    assert outcome(mariadb_book.address)[1].code == "upgrade_needed"
    with mariadb_book.session():
        execute(
            "INSERT INTO {schema_migration} (slice, number, name, steps_done, program, applied_at)"
            " VALUES ('ledger', 999, 'later', 1, '9.9.9', 1)"
        )
    done, last = outcome(mariadb_book.address)
    assert (last.name, last.code, last.outcome) == ("book", "book_newer", "failed")


def test_a_table_of_another_collation_is_named(mariadb_server: MariaDBServer, mariadb_database: str) -> None:
    address = parse_address(mariadb_server.url(mariadb_database), mariadb_server.password)
    book = open_database(address)
    make_room(book)
    book.close()
    with mariadb_server.connect(mariadb_database) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE schema_migration (slice VARCHAR(9)) COLLATE utf8mb4_bin")
        cursor.execute("CREATE TABLE voucher (word VARCHAR(9)) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci")
    last = outcome(address)[1]
    assert last.code == "charset_changed"
    assert "voucher" in str(last.text)


def test_rights_for_daily_work_are_enough_for_a_book_that_is_there(
    mariadb_server: MariaDBServer, mariadb_book: Book
) -> None:
    database = mariadb_book.address.database
    grant = f"GRANT SELECT, INSERT, UPDATE, DELETE ON {database}.* TO guest@'127.0.0.1'"
    with guest(mariadb_server, grant) as address:
        steps = list(diagnose(parse_address(str(address).replace("/guests", f"/{database}"), SECRET)))
    found = [step for step in steps if step.name == "rights"]
    assert [(step.outcome, step.code) for step in found] == [("warning", "rights_for_upgrade")]
