"""Addresses for new books on both databases, for scenarios that make their books through the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mariadb import MariaDBServer
from tests.scenarios.worked import WorkedBook


@pytest.fixture(params=["sqlite", "mariadb"])
def unmade(request: pytest.FixtureRequest, tmp_path: Path) -> WorkedBook:
    """Where a book may be made: a file, then a database on the server."""
    if request.param == "sqlite":
        return WorkedBook(str(tmp_path / "账.zhangfang"))
    server: MariaDBServer = request.getfixturevalue("mariadb_server")
    name = request.getfixturevalue("mariadb_database")
    return WorkedBook(server.url(name), {"ZHANGFANG_DB_PASSWORD": server.password})
