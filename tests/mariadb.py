"""A real MariaDB server for the tests, in a private folder; its user's password holds every awkward character."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pymysql
import pytest

from tests.ports import free_ports

USER = "keeper"
PASSWORD = "p@ss:w/o%rd 账"
START_TIMEOUT_S = 60
FEW_ROWS = 50
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
class Written:
    """What was written into a database's tables since `KeptDatabase` had the server count."""

    rows: Mapping[str, int]
    """By table, how many rows were inserted, changed or deleted."""
    next_ids: Mapping[str, int]
    """By table, the id that comes next; an insert that failed has taken one, too."""

    @classmethod
    def read(cls, cursor: pymysql.cursors.Cursor, database: str) -> Written:
        """Ask the server."""
        cursor.execute(
            "SELECT table_name, rows_changed FROM information_schema.table_statistics WHERE table_schema = %s",
            [database],
        )
        rows = {str(row[0]): int(row[1]) for row in cursor.fetchall()}
        cursor.execute(
            "SELECT SUBSTR(name, %s), autoinc FROM information_schema.innodb_sys_tablestats WHERE name LIKE %s",
            [len(database) + 2, f"{database}/%"],
        )
        return cls(rows, {str(row[0]): int(row[1]) for row in cursor.fetchall()})

    def since(self, before: Written, table: str) -> tuple[int, int]:
        """Return how many rows of a table were written since, and how many ids were taken."""
        return (
            self.rows.get(table, 0) - before.rows.get(table, 0),
            self.next_ids.get(table, 0) - before.next_ids.get(table, 0),
        )


@dataclass(frozen=True)
class EmptyTables:
    """How a database's tables are made, and which of them have rows from the start."""

    database: str
    statements: Mapping[str, str]
    """By table, its CREATE TABLE."""
    filled: frozenset[str]

    def copy_into(self, cursor: pymysql.cursors.Cursor, database: str) -> None:
        """Make the same tables with the same rows in an empty database."""
        cursor.execute(f"USE `{database}`")
        for table, statement in self.statements.items():
            cursor.execute(statement)
            self._fill(cursor, database, table)
        cursor.execute(f"USE `{self.database}`")

    def empty(self, cursor: pymysql.cursors.Cursor, database: str, before: Written) -> None:
        """Bring a database back to where it was before: rows, and the ids that come next."""
        now = Written.read(cursor, database)
        for table in self.statements:
            rows, ids = now.since(before, table)
            if rows or ids:  # TRUNCATE makes the table anew, which takes longer than a few rows
                words = "DELETE FROM" if rows <= FEW_ROWS and not ids else "TRUNCATE"
                cursor.execute(f"{words} `{database}`.`{table}`")
                self._fill(cursor, database, table)

    def _fill(self, cursor: pymysql.cursors.Cursor, database: str, table: str) -> None:
        if table in self.filled:
            cursor.execute(f"INSERT INTO `{database}`.`{table}` SELECT * FROM `{self.database}`.`{table}`")


def read_tables(server: MariaDBServer, database: str) -> EmptyTables:
    """Read how a database's tables are made."""
    with server.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("SHOW TABLES")
        names = [str(row[0]) for row in cursor.fetchall()]
        statements, filled = {}, set()
        for name in names:
            cursor.execute(f"SHOW CREATE TABLE `{name}`")
            made = cursor.fetchone()
            statements[name] = str(made[1]) if made else ""
            cursor.execute(f"SELECT COUNT(*) FROM `{name}`")
            count = cursor.fetchone()
            if count and count[0]:
                filled.add(name)
    return EmptyTables(database, statements, frozenset(filled))


class KeptDatabase:
    """A database with the tables of an empty book, lent to one test after another.

    Making the tables takes longer than most tests, emptying those a test wrote into a tenth of that. A database whose
    tables were altered, or which somebody is still connected with, is not lent again.
    """

    def __init__(self, server: MariaDBServer, tables: EmptyTables) -> None:
        """Take the server, which counts rows from now on, and the tables of an empty book; nothing is made yet."""
        self.server = server
        self.tables = tables
        self._names = (f"kept_{number}" for number in itertools.count(1))
        self._name = ""
        # what it knows of tables for its plans may be gone after a restart, else TRUNCATE writes that as well
        server.execute("SET GLOBAL userstat = 1, innodb_stats_persistent = 0")

    @contextmanager
    def lent(self) -> Iterator[str]:
        """Lend the database under its name; what was written meanwhile is gone afterwards."""
        with self._cursor() as cursor:
            name, self._name = self._name or self._make(cursor), ""
            altered, written = _alterations(cursor), Written.read(cursor, name)
        yield name
        with self._cursor() as cursor:
            if _alterations(cursor) == altered and not is_in_use(cursor, name):
                self.tables.empty(cursor, name, written)
                self._name = name
            else:
                cursor.execute(f"DROP DATABASE IF EXISTS {name}")

    @contextmanager
    def _cursor(self) -> Iterator[pymysql.cursors.Cursor]:
        """Tables may come in any order here, and the empty set keeps its id 0."""
        with self.server.connect() as connection, connection.cursor() as cursor:
            cursor.execute("SET foreign_key_checks = 0, sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO')")
            yield cursor

    def _make(self, cursor: pymysql.cursors.Cursor) -> str:
        name = next(self._names)
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
        self.tables.copy_into(cursor, name)
        return name


def _alterations(cursor: pymysql.cursors.Cursor) -> list[tuple[object, ...]]:
    """Return how often anybody made, altered or dropped something since the server started."""
    cursor.execute("SHOW GLOBAL STATUS WHERE Variable_name REGEXP '^Com_(alter|create|drop|rename|truncate)'")
    return [row for row in cursor.fetchall() if "temporary" not in row[0]]


def is_in_use(cursor: pymysql.cursors.Cursor, name: str) -> bool:
    """Tell whether somebody is connected to a database; whoever just left may be so for a moment yet."""
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
    if port is None:
        (port,) = free_ports(1)
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
