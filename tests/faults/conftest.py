"""One office for all faults: a database server, a book in it, gunicorn with two workers on it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.faults.clients import Told, at_work
from tests.faults.firm import Firm, found_firm
from tests.faults.oracle import shortcomings
from tests.faults.processes import (
    Database,
    WebServer,
    address_of,
    gunicorn,
    running,
    running_database,
    server_environment,
    told_of_bugs,
)
from tests.mariadb import ServerMissing, go_without

REQUEST_TIMEOUT_S = "2"
"""In place of twenty seconds, so that a pause can be short."""


@dataclass
class Office:
    """What can fail, and what must hold nevertheless."""

    database: Database
    web: WebServer
    firm: Firm
    timeout_s: str
    """What a statement of a request may take there."""
    told: list[Told] = field(default_factory=list)
    """What the clients of each test were told: the stock at the end is what all of them left."""

    @contextmanager
    def at_work(self, count: int = 8, **wishes: int) -> Iterator[Told]:
        """Let clients work while the body runs."""
        self.told.append(Told())
        with at_work(self.firm, self.web.url, count=count, told=self.told[-1], **wishes) as told:
            yield told

    def shortcomings(self) -> list[str]:
        """Return what is not as the clients were told."""
        return [*told_of_bugs(self.web.written()), *shortcomings(self.firm, *self.told)]


@pytest.fixture(scope="session")
def database() -> Iterator[Database]:
    """MariaDB, for all faults."""
    try:
        with running_database() as database:
            yield database
    except ServerMissing as missing:
        go_without(missing)


@pytest.fixture(scope="session")
def office(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A book in it, two gunicorn workers."""
    folder: Path = tmp_path_factory.mktemp("office")
    firm = found_firm(address_of(database.server, "firm"), database.server.password)
    timeout_s = os.environ.get("ZHANGFANG_FAULTS_TIMEOUT_S", REQUEST_TIMEOUT_S)
    environment = server_environment(
        folder,
        ZHANGFANG_BOOK=firm.address,
        ZHANGFANG_DB_PASSWORD=firm.password,
        ZHANGFANG_DB_TIMEOUT_S=timeout_s,
    )
    with running(gunicorn(), folder, environment) as web:
        yield Office(database, web, firm, timeout_s)
