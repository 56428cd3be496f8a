"""A real MariaDB server for the tests, in a private folder; its user's password holds every awkward character."""

from __future__ import annotations

import itertools
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pymysql
import pytest

USER = "keeper"
PASSWORD = "p@ss:w/o%rd 账"
START_TIMEOUT_S = 60
PORT_VARIABLE = "ZHANGFANG_TEST_MARIADB_PORT"


class ServerMissing(RuntimeError):
    """There is no `mariadbd` on this machine."""


def go_without(missing: ServerMissing) -> NoReturn:
    """Leave out the tests that need a server, with the reason; fail where one is required, as in the final checks."""
    if os.environ.get("ZHANGFANG_REQUIRE_MARIADB") == "1":
        pytest.fail(str(missing))
    pytest.skip(str(missing))


@dataclass(frozen=True)
class MariaDBServer:
    """A running server: where it answers and who may log in."""

    host: str
    port: int
    user: str
    password: str

    def connect(self, database: str | None = None) -> pymysql.Connection[pymysql.cursors.Cursor]:
        """Return a plain connection, past the program."""
        return pymysql.connect(
            host=self.host,
            port=self.port,
            user=self.user,
            password=self.password.encode(),  # PyMySQL would encode text as Latin-1
            database=database,
            charset="utf8mb4",
            autocommit=True,
            ssl_disabled=True,  # else PyMySQL reads all certificates of the computer first, which takes 30 ms
        )

    def execute(self, *statements: str) -> None:
        """Run statements on a connection of their own."""
        with self.connect() as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def drop(self, *databases: str) -> None:
        """Drop databases, whatever their tables have pointing at each other."""
        self.execute("SET foreign_key_checks = 0", *(f"DROP DATABASE IF EXISTS {name}" for name in databases))

    def url(self, database: str, query: str = "") -> str:
        """Return the address of a database without the password."""
        return f"mysql://{self.user}@{self.host}:{self.port}/{database}" + (f"?{query}" if query else "")


@dataclass(frozen=True)
class EmptyTables:
    """How a database's tables are made, and which of them have rows from the start."""

    database: str
    statements: Mapping[str, str]
    """By table, its CREATE TABLE."""
    filled: tuple[str, ...]

    def copy_into(self, cursor: pymysql.cursors.Cursor, database: str) -> None:
        """Make the same tables with the same rows in an empty database."""
        _enter(cursor, database)
        for statement in self.statements.values():
            cursor.execute(statement)
        self._fill(cursor)

    def empty(self, cursor: pymysql.cursors.Cursor, database: str) -> None:
        """Bring a database with these tables back to where `copy_into` left it: rows, and the ids that come next."""
        _enter(cursor, database)
        has_rows = (f"SELECT '{name}' FROM DUAL WHERE EXISTS (SELECT 1 FROM `{name}`)" for name in self.statements)
        cursor.execute(
            " UNION ALL ".join(has_rows)
            + " UNION SELECT table_name FROM information_schema.tables WHERE table_schema = %s AND auto_increment > 1",
            [database],
        )
        for row in cursor.fetchall():
            cursor.execute(f"TRUNCATE `{row[0]}`")
        self._fill(cursor)

    def _fill(self, cursor: pymysql.cursors.Cursor) -> None:
        for table in self.filled:
            cursor.execute(f"INSERT INTO `{table}` SELECT * FROM `{self.database}`.`{table}`")


def _enter(cursor: pymysql.cursors.Cursor, database: str) -> None:
    """Use a database; its tables may come in any order, and the empty set keeps its id 0."""
    cursor.execute(f"USE `{database}`")
    cursor.execute("SET foreign_key_checks = 0, sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO')")


def read_tables(server: MariaDBServer, database: str) -> EmptyTables:
    """Read how a database's tables are made."""
    with server.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("SHOW TABLES")
        names = [str(row[0]) for row in cursor.fetchall()]
        statements, filled = {}, []
        for name in names:
            cursor.execute(f"SHOW CREATE TABLE `{name}`")
            made = cursor.fetchone()
            statements[name] = str(made[1]) if made else ""
            cursor.execute(f"SELECT COUNT(*) FROM `{name}`")
            count = cursor.fetchone()
            if count and count[0]:
                filled.append(name)
    return EmptyTables(database, statements, tuple(filled))


class KeptDatabase:
    """A database with the tables of an empty book, lent to one test after another.

    Making the tables takes longer than most tests, emptying those a test wrote into a tenth of that. A database whose
    tables were altered, or which somebody is still connected with, is not lent again.
    """

    def __init__(self, server: MariaDBServer, tables: EmptyTables) -> None:
        """Take the server and the tables of an empty book; nothing is made yet."""
        self.server = server
        self.tables = tables
        self._names = (f"kept_{number}" for number in itertools.count(1))
        self._name = ""

    @contextmanager
    def lent(self) -> Iterator[str]:
        """Lend the database under its name; what was written meanwhile is gone afterwards."""
        with self.server.connect() as connection, connection.cursor() as cursor:
            name, self._name = self._name or self._make(cursor), ""
            before = _alterations(cursor)
        yield name
        with self.server.connect() as connection, connection.cursor() as cursor:
            if _alterations(cursor) == before and not _is_in_use(cursor, name):
                self.tables.empty(cursor, name)
                self._name = name
            else:
                cursor.execute(f"DROP DATABASE IF EXISTS {name}")

    def _make(self, cursor: pymysql.cursors.Cursor) -> str:
        name = next(self._names)
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
        self.tables.copy_into(cursor, name)
        return name


def _alterations(cursor: pymysql.cursors.Cursor) -> list[tuple[object, ...]]:
    """Return how often anybody made, altered or dropped something since the server started."""
    cursor.execute("SHOW GLOBAL STATUS WHERE Variable_name REGEXP '^Com_(alter|create|drop|rename|truncate)'")
    return [row for row in cursor.fetchall() if "temporary" not in row[0]]


def _is_in_use(cursor: pymysql.cursors.Cursor, name: str) -> bool:
    cursor.execute("SELECT 1 FROM information_schema.processlist WHERE db = %s", [name])
    return bool(cursor.fetchone())


def start_server(
    folder: Path, port: int | None = None, more: tuple[str, ...] = ()
) -> tuple[MariaDBServer, subprocess.Popen[bytes]]:
    """Start a server in `folder`, with `more` options, and wait until it answers; one that was there keeps its data.

    Without `port` it listens on a free one. Raises `ServerMissing` and `RuntimeError`.
    """
    program = _find("mariadbd")
    data = folder / "data"
    is_new = not data.exists()
    port = port or _free_port()
    common = [
        "--no-defaults",
        f"--datadir={data}",
        f"--tmpdir={folder}",
        "--innodb-log-file-size=16M",
        "--innodb-buffer-pool-size=64M",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        common.append("--user=root")
    if is_new:
        _install(common)
    first_words = folder / "init.sql"
    first_words.write_text(
        f"CREATE USER IF NOT EXISTS '{USER}'@'127.0.0.1' IDENTIFIED BY '{PASSWORD}';\n"
        f"GRANT ALL PRIVILEGES ON *.* TO '{USER}'@'127.0.0.1' WITH GRANT OPTION;\n"
        "DROP USER IF EXISTS 'root'@'127.0.0.1', 'root'@'::1';\n",
        encoding="utf-8",
    )
    log = folder / "server.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [
                program,
                *common,
                "--bind-address=127.0.0.1",
                f"--port={port}",
                f"--socket={folder / 's'}",
                f"--pid-file={folder / 'pid'}",
                f"--init-file={first_words}",
                "--character-set-server=utf8mb4",
                "--skip-name-resolve",
                "--performance-schema=OFF",
                "--innodb-lock-wait-timeout=10",
                "--max-connections=200",
                *more,
            ],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    server = MariaDBServer("127.0.0.1", port, USER, PASSWORD)
    deadline = time.monotonic() + START_TIMEOUT_S
    try:
        while True:
            try:
                server.execute("SELECT 1")
                return server, process
            except pymysql.err.OperationalError as error:
                if process.poll() is not None or time.monotonic() > deadline:
                    said = log.read_text(errors="replace")
                    raise RuntimeError(f"mariadbd did not start: {error}\n{said}") from error
                time.sleep(0.02)
    except BaseException:
        stop_server(process)
        raise


def _install(common: list[str]) -> None:
    made = subprocess.run(
        [
            _find("mariadb-install-db"),
            *common,
            "--skip-test-db",
            "--force",  # also where no host name is known, not even localhost
            "--auth-root-authentication-method=normal",
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=START_TIMEOUT_S,
    )
    if made.returncode != 0:
        raise RuntimeError(f"mariadb-install-db failed: {made.stdout}{made.stderr}")


@contextmanager
def encrypting_server(folder: Path, certificate: Path, key: Path) -> Iterator[MariaDBServer]:
    """Start a server in `folder` that offers TLS; `FLUSH SSL` has it read another certificate from the same files."""
    server, process = start_server(folder, more=(f"--ssl-cert={certificate}", f"--ssl-key={key}"))
    try:
        yield server
    finally:
        stop_server(process)


@contextmanager
def running_server(folder: Path) -> Iterator[MariaDBServer]:
    """Start a server in `folder` and stop it at the end, whatever happens.

    Where `ZHANGFANG_TEST_MARIADB_PORT` says that somebody else started one like it on this computer, that one is used:
    Windows programs on Wine cannot start a Linux server themselves.
    """
    port = os.environ.get(PORT_VARIABLE)
    if port:
        yield MariaDBServer("127.0.0.1", int(port), USER, PASSWORD)
        return
    server, process = start_server(folder)
    try:
        yield server
    finally:
        stop_server(process)


def stop_server(process: subprocess.Popen[bytes]) -> None:
    """Stop the server: politely, then not."""
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _find(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin:/usr/local/bin")
    if found is None:
        raise ServerMissing(
            f"{name} is not installed (Debian: apt-get install mariadb-server-core mariadb-client-core)"
        )
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
