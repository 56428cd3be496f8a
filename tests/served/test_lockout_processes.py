"""Wrong passwords at a server of several processes: counted together and exactly, and remembered over a restart."""

from __future__ import annotations

import http.client
import json
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.identity.service.attempts import FREE_FAILURES, LOCK_AFTER
from app.storage.database import fetch_all, open_database
from tests.calling import OWNER_PASSWORD, firm_file
from tests.faults.processes import gunicorn, running, server_environment, wait_until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="gunicorn runs on Linux only")

AT_ONCE = 8


def log_in(port: int, name: str, password: str) -> int:
    """Return the status of a login on a connection of its own, which any worker may take."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        body = json.dumps({"login_name": name, "password": password})
        connection.request("POST", "/api/login", body, {"Content-Type": "application/json"})
        return connection.getresponse().status
    finally:
        connection.close()


def test_two_workers_count_together_and_a_restart_forgets_nothing(tmp_path: Path, empty_file: Path) -> None:
    path = firm_file(tmp_path / "firm.zhangfang", empty_file, "liu")
    environment = server_environment(tmp_path, ZHANGFANG_BOOK=str(path))
    with running(gunicorn(), tmp_path / "first", environment) as server:
        wait_until(server.has_begun, "both workers have opened the book")
        assert len(server.workers()) == 2
        with ThreadPoolExecutor(AT_ONCE) as pool:
            ends = Counter(pool.map(lambda _: log_in(server.port, "liu", "guess"), range(LOCK_AFTER + AT_ONCE)))
        assert ends == {401: FREE_FAILURES, 429: LOCK_AFTER + AT_ONCE - FREE_FAILURES}
    with running(gunicorn(), tmp_path / "second", environment) as server:
        assert log_in(server.port, "liu", "liu-secret") == 429
        assert log_in(server.port, "boss", OWNER_PASSWORD) == 200
    book = open_database(str(path))
    with book.session():
        outcomes = Counter(row[0] for row in fetch_all("SELECT outcome FROM {login_attempt} WHERE login_key = 'liu'"))
    book.close()
    assert outcomes["wrong"] == FREE_FAILURES
    assert outcomes["locked"] >= 1
