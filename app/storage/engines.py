"""The two databases a book can live in, configured the one way the ledger needs and checked on every new connection."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import Any

import peewee
from playhouse.pool import PooledMySQLDatabase, PooledSqliteDatabase
from playhouse.shortcuts import ReconnectMixin

from app.kernel.errors import EnvironmentFault, MalformedInput, NotFound
from app.kernel.text import message
from app.storage.address import BookAddress

APPLICATION_ID = 0x5A46414E  # "ZFAN": marks a SQLite file as a book
BUSY_TIMEOUT_MS = 5000
CONNECT_TIMEOUT_S = 10
READ_TIMEOUT_S = 600
POOL_WAIT_S = 10
LOCK_WAIT_S = 10
STALE_AFTER_S = 300
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
            raise NotFound("book_missing", message("没有账簿文件“{path}”。", path=self.database))
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
                message("“{path}”所在的磁盘不支持账簿需要的写入方式，请把账簿放到本机的磁盘上。", path=self.database),
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
        raise MalformedInput("not_a_book", message("“{path}”不是账房的账簿。", path=path))


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


class _ServerDoor(peewee.MySQLDatabase):
    """Opens connections with PyMySQL, which is imported only when a book lives on a server."""

    def _connect(self) -> Any:
        import pymysql

        connection = pymysql.connect(database=self.database, autocommit=True, **self.connect_params)
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


class BookServer(ReconnectMixin, PooledMySQLDatabase, _ServerDoor):  # type: ignore[misc]
    """MySQL or MariaDB through a pool; a connection that died while idle is replaced, one inside a unit fails it."""

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        """Run a statement. Only reads are run again on a new connection: a write may have happened already."""
        if sql.lstrip()[:6].upper() == "SELECT":
            return super().execute_sql(sql, params)  # type: ignore[no-untyped-call]
        return self._execute_cursor(sql, params)


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
    database: peewee.Database = BookServer(
        address.database,
        max_connections=max_connections,
        stale_timeout=STALE_AFTER_S,
        timeout=POOL_WAIT_S,
        autoconnect=False,
        **connection_parameters(address),
    )
    return database


class _RefusedInClear:
    """Answers a server that asks for the password as it is: somebody on the way, or posing as it, would read it.

    Made by PyMySQL with its connection; `authenticate` is where it would have the answer from.
    """

    def __init__(self, connection: object) -> None:
        """Keep nothing of the connection."""
        del connection

    def authenticate(self, packet: object) -> None:
        """Raise `EnvironmentFault` (`password_in_clear`) instead of sending anything."""
        del packet
        raise EnvironmentFault(
            "password_in_clear",
            message("数据库服务器要求明文发送密码，没有发送。请让管理员给这个用户换成加密的验证方式。"),
        )


def connection_parameters(address: BookAddress) -> dict[str, Any]:
    """Return what `pymysql.connect` takes for a book on a server, its database aside."""
    return {
        "host": address.host,
        "port": address.port,
        "user": address.user,
        "password": (address.password or "").encode(),  # PyMySQL would encode text as Latin-1 and refuse the rest
        "charset": "utf8mb4",
        "collation": "utf8mb4_bin",
        "auth_plugin_map": dict.fromkeys(("mysql_clear_password", "dialog", "mysql_old_password"), _RefusedInClear),
        "connect_timeout": CONNECT_TIMEOUT_S,
        "read_timeout": READ_TIMEOUT_S,
        "write_timeout": READ_TIMEOUT_S,
        "sql_mode": "STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,NO_AUTO_VALUE_ON_ZERO,ERROR_FOR_DIVISION_BY_ZERO",
        "init_command": "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
    }
