"""Making room for a new book: the file may come into being, or the databases of its slices are made on the server."""

from __future__ import annotations

from typing import Any

from app.storage.address import SLICES, BookAddress
from app.storage.database import Book
from app.storage.faults import driver_errors, translated_faults


def make_room(book: Book) -> None:
    """Allow a missing SQLite file to be made; make missing databases on a server, with bytewise comparison of text.

    Databases that exist are not touched, so a user without the right to make any can still use those he was given.
    Raises `EnvironmentFault` when the server is away or refuses.
    """
    if book.address.path is not None:
        file: Any = book.database
        file.may_create = True
        return
    with translated_faults(), driver_errors:
        _make_missing(book.address)


def _make_missing(address: BookAddress) -> None:
    from app.storage.server_connection import connection_parameters, open_connection

    wanted = dict.fromkeys([address.database, *filter(None, (address.schema_of(name) for name in SLICES))])
    connection = open_connection(connection_parameters(address))
    try:
        with connection.cursor() as cursor:
            places = ", ".join(["%s"] * len(wanted))
            cursor.execute(
                f"SELECT schema_name FROM information_schema.schemata WHERE schema_name IN ({places})", [*wanted]
            )
            there = {row[0] for row in cursor.fetchall()}
            for name in wanted:
                if name not in there:
                    cursor.execute(f"CREATE DATABASE IF NOT EXISTS `{name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
    finally:
        connection.close()
