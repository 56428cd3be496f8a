"""The two databases a book can live in, configured the one way the ledger needs and checked on every new connection."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import peewee
from playhouse.pool import PooledSqliteDatabase

from app.kernel.errors import EnvironmentFault, MalformedInput, NotFound
from app.kernel.text import message
from app.storage.address import BookAddress
from app.storage.faults import driver_errors
from app.storage.server_pool import ConnectionPool, Patience, ServerAway, patience_from, says_timeout

APPLICATION_ID = 0x5A46414E  # "ZFAN": marks a SQLite file as a book
BUSY_TIMEOUT_MS = 5000
POOL_WAIT_S = 10
LOCK_WAIT_S = 10
CACHE_KIB = 32_000

SQLITE_SYNCHRONOUS_FULL = 2
OLDEST_MYSQL = (8, 0, 16)
OLDEST_MARIADB = (10, 6)
VERSION = re.compile(r"(?:5\.5\.5-)?(\d+)\.(\d+)(?:\.(\d+))?")


class BookFile(PooledSqliteDatabase):  # type: ignore[misc]
    """A SQLite file: WAL for readers beside a writer, FULL so that what is acknowledged survives power loss."""

    may_create = False
    """Whether a missing file is made. Off, so that a mistyped name does not leave an empty file behind."""

    def _connect(self) -> Any:
        if not self.may_create and not Path(self.database).exists():
            raise NotFound("book_missing", message("没有账簿文件“{path}”。", path=Path(self.database)))
        return super()._connect()

    def _add_conn_hooks(self, conn: sqlite3.Connection) -> None:
        # first of all, because journal_mode would already change a file that is not ours
        refuse_other_file(conn, self.database)
        super()._add_conn_hooks(conn)
        settings = [
            conn.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "foreign_keys", "synchronous")
        ]
        if settings != ["wal", 1, SQLITE_SYNCHRONOUS_FULL]:
            raise EnvironmentFault(
                "book_place_unfit",
                message(
                    "“{path}”所在的磁盘不支持账簿需要的写入方式，请把账簿放到本机的磁盘上。", path=Path(self.database)
                ),
            )


def refuse_other_file(conn: sqlite3.Connection, path: str) -> None:
    """Raise `MalformedInput` unless the file is a book or still empty. Reads only."""
    try:
        mark = conn.execute("PRAGMA application_id").fetchone()[0]
        if mark == APPLICATION_ID:
            return
        foreign = mark != 0 or conn.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] > 0
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_NOTADB:
            raise
        foreign = True
    if foreign:
        raise MalformedInput("not_a_book", message("“{path}”不是账房的账簿。", path=Path(path)))


def make_sqlite(address: BookAddress, max_connections: int) -> peewee.Database:
    """Configure a SQLite file. Connections are shared by the pool between threads, one thread at a time."""
    database: peewee.Database = BookFile(
        str(address.path),
        max_connections=max_connections,
        timeout=POOL_WAIT_S,
        autoconnect=False,
        check_same_thread=False,
        pragmas={
            "busy_timeout": BUSY_TIMEOUT_MS,
            "foreign_keys": 1,
            "journal_mode": "wal",
            "synchronous": "FULL",
            "cache_size": -CACHE_KIB,
            "temp_store": "memory",
        },
    )
    return database


class BookServer(peewee.MySQLDatabase):
    """MySQL or MariaDB through a pool; a connection that died while idle is replaced, one inside a unit fails it.

    The driver and TLS are imported only when a book lives on a server.
    """

    _state: Any
    _execute_cursor: Any
    _set_server_version: Any

    def __init__(self, address: BookAddress, max_connections: int, patience: Patience) -> None:
        """Prepare; nothing is connected yet. Raises `EnvironmentFault` (`ca_unreadable`)."""
        from app.storage.server_connection import connection_parameters

        super().__init__(address.database, autoconnect=False, **connection_parameters(address))
        self._patience = patience
        self.pool = ConnectionPool(self._open, max_connections, patience)

    def connect(self, reuse_if_open: bool = False, *, for_request: bool = False) -> bool:
        """Take a connection for this thread. What a request waits for is bounded by its patience, also later."""
        if not self._state.closed:
            if reuse_if_open:
                return False
            raise peewee.OperationalError("Connection already opened.")
        self._state.reset()
        with driver_errors:
            connection = self.pool.take(for_request=for_request)
        self._state.set_connection(connection)
        self._state.for_request = for_request
        self._state.was_lost = False
        if self.server_version is None:
            self._set_server_version(connection)
        return True

    def _close(self, conn: Any) -> None:
        self.pool.give_back(conn)

    def close_all(self) -> None:
        """Close every connection of this process."""
        self.close()
        self.pool.close_all()

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        """Run a statement. Only reads are run again on a new connection: a write may have happened already."""
        if sql.lstrip()[:6].upper() != "SELECT":
            return self._noting(lambda: self._execute_cursor(sql, params))
        return self._again_if_lost(lambda: self._execute_cursor(sql, params))

    def begin(self, isolation_level: str | None = None) -> None:
        """Begin a transaction, on a new connection if the one in hand died."""
        self._again_if_lost(lambda: super(BookServer, self).begin(isolation_level))

    def commit(self) -> Any:
        """Commit. When the answer does not come, nobody here knows whether it happened."""
        return self._noting(super().commit)

    def _noting(self, step: Callable[[], Any]) -> Any:
        try:
            return step()
        except peewee.PeeweeException as error:
            self.pool.note_error(error)
            raise

    def _again_if_lost(self, step: Callable[[], Any]) -> Any:
        try:
            return self._noting(step)
        except peewee.PeeweeException as error:
            if self.in_transaction() or self.is_closed() or self.pool.is_away or not _is_lost(error):
                raise
        for_request: bool = self._state.for_request
        self.close()
        self._state.was_lost = True  # until there is another one
        self.connect(for_request=for_request)
        return self._noting(step)

    def cursor(self, named_cursor: Any = None) -> Any:
        """Return a cursor. What still asks after the connection was lost and not replaced is told so again."""
        if self._state.closed and getattr(self._state, "was_lost", False):
            raise ServerAway
        return super().cursor(named_cursor)  # type: ignore[no-untyped-call]

    def _open(self, timeout_s: float) -> Any:
        from app.storage.server_connection import open_connection

        times = {"connect_timeout": timeout_s, "read_timeout": timeout_s, "write_timeout": timeout_s}
        connection = open_connection({"database": self.database, **self.connect_params, **times})
        try:
            refuse_old_server(connection.get_server_info())
            with connection.cursor() as cursor:
                cursor.execute(f"SET SESSION innodb_lock_wait_timeout = {LOCK_WAIT_S}")
        except BaseException:
            connection.close()
            raise
        return connection

    def get_binary_type(self) -> type[bytes]:
        """Return the type of BLOB parameters."""
        return bytes


_LOST = frozenset({2006, 2013, 2014, 4031})
"""The connection is gone, was lost, is out of step, was closed for being idle."""


def _is_lost(error: BaseException) -> bool:
    """Tell whether only the connection is gone, so that another may serve; waiting twice in vain serves nobody."""
    if says_timeout(error):
        return False
    number = error.args[0] if error.args else None
    return number in _LOST or (isinstance(error, peewee.InterfaceError) and number == 0)


def refuse_old_server(version: str) -> None:
    """Raise `EnvironmentFault` for a server older than MySQL 8.0.16, which ignores CHECK, or MariaDB 10.6."""
    found = VERSION.match(version)
    numbers = tuple(int(part or 0) for part in found.groups()) if found else (0, 0, 0)
    mariadb = "mariadb" in version.lower()
    oldest = OLDEST_MARIADB if mariadb else OLDEST_MYSQL
    if numbers < oldest:
        raise EnvironmentFault(
            "database_too_old",
            message(
                "数据库服务器的版本是 {version}，太旧了；需要 MySQL 8.0.16 或 MariaDB 10.6 以上。",
                version=version.removeprefix("5.5.5-"),
            ),
        )


def make_mysql(address: BookAddress, max_connections: int) -> peewee.Database:
    """Configure a MySQL 8 or MariaDB 10.6+ database: strict, READ COMMITTED, byte-wise text comparison."""
    return BookServer(address, max_connections, patience_from())
