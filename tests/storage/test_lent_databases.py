"""A database that one test after another works in is to each of them a fresh one."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

import pymysql
import pytest

from tests.faults.processes import wait_until
from tests.mariadb import KeptDatabase, is_in_use


def state(kept: KeptDatabase, database: str, then: str = "SELECT 1") -> Sequence[object]:
    """Return what tells tables with other rows and other next ids apart; run a statement after that, and leave."""
    names = ", ".join(f"`{name}`" for name in kept.tables.statements)
    with kept.server.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, auto_increment FROM information_schema.tables WHERE table_schema = DATABASE()"
        )
        next_ids = sorted(cursor.fetchall())
        cursor.execute(f"CHECKSUM TABLE {names}")
        checksums = cursor.fetchall()
        with contextlib.suppress(pymysql.err.IntegrityError):
            cursor.execute(then)
    with kept.server.connect() as connection, connection.cursor() as cursor:
        wait_until(lambda: not is_in_use(cursor, database), "the server has seen the connection end")
    return next_ids, checksums


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO price_list (name, includes_tax, active, version) VALUES ('零售', 1, 1, 1)",
        pytest.param(
            "INSERT INTO warehouse (code, name, address, is_usual, active, version)"
            " SELECT code, name, address, is_usual, active, version FROM warehouse",
            id="refused, but it has taken an id",
        ),
        "INSERT INTO book_setting (name, value) SELECT seq, seq FROM seq_1_to_100",
        "UPDATE chain_head SET count = count + 1",
        "DELETE FROM schema_migration",
    ],
)
def test_it_is_lent_as_it_was_at_first(kept_database: KeptDatabase, statement: str) -> None:
    with kept_database.lent() as name:
        first = state(kept_database, name, statement)
    with kept_database.lent() as again:
        assert (again, state(kept_database, again)) == (name, first)
