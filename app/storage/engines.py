"""The two databases a book can live in, configured the one way the ledger needs."""

from __future__ import annotations

from typing import Any

import peewee
from playhouse.pool import PooledMySQLDatabase, PooledSqliteDatabase
from playhouse.shortcuts import ReconnectMixin

from app.storage.address import BookAddress

APPLICATION_ID = 0x5A46414E  # "ZFAN": marks a SQLite file as a book
BUSY_TIMEOUT_MS = 5000
CONNECT_TIMEOUT_S = 10


def make_sqlite(address: BookAddress, max_connections: int) -> peewee.Database:
    """Configure a SQLite file: WAL for readers beside a writer, FULL so that what is acknowledged survives power loss."""
    return PooledSqliteDatabase(
        str(address.path),
        max_connections=max_connections,
        timeout=BUSY_TIMEOUT_MS // 1000,
        pragmas={
            "busy_timeout": BUSY_TIMEOUT_MS,
            "foreign_keys": 1,
            "journal_mode": "wal",
            "synchronous": "FULL",
            "cache_size": -32_000,
            "temp_store": "memory",
        },
    )


class ReconnectingMySQL(ReconnectMixin, PooledMySQLDatabase):  # type: ignore[misc]
    """MySQL or MariaDB through a pool; a connection that died while idle is replaced, one inside a unit fails it."""


def make_mysql(address: BookAddress, max_connections: int) -> peewee.Database:
    """Configure a MySQL 8 or MariaDB 10.6+ database: strict, READ COMMITTED, byte-wise text comparison."""
    parameters: dict[str, Any] = {
        "host": address.host,
        "port": address.port,
        "user": address.user,
        "password": (address.password or "").encode(),  # PyMySQL would encode text as Latin-1 and refuse the rest
        "charset": "utf8mb4",
        "collation": "utf8mb4_bin",
        "connect_timeout": CONNECT_TIMEOUT_S,
        "sql_mode": "STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,NO_AUTO_VALUE_ON_ZERO,ERROR_FOR_DIVISION_BY_ZERO",
        "init_command": "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
    }
    return ReconnectingMySQL(
        address.database, max_connections=max_connections, stale_timeout=300, timeout=10, **parameters
    )
