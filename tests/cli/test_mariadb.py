"""The same commands on a database server; the password comes from the environment only."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Command
from tests.mariadb import MariaDBServer


def test_a_book_on_a_server_and_its_copy_in_a_file(
    mariadb_server: MariaDBServer,
    mariadb_database: str,
    files: object,
    here: Command,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: object,
) -> None:
    address = mariadb_server.url(mariadb_database)
    monkeypatch.setenv("ZHANGFANG_DB_PASSWORD", mariadb_server.password)
    assert here("new", address, "--chart", "household", "--start", "2026-03").code == 0
    assert here("new", address, "--chart", "household", "--start", "2026-03").code == 1
    assert here("import", address, files, "--post", "--json").json["posted"] == 2
    report = here("report", address, "trial-balance", "--json")
    assert report.json["totals"]["period_debit"] == "586.50"
    copied = f"{tmp_path}/copy.zhangfang"
    assert here("copy", address, copied).code == 0
    assert here("report", copied, "trial-balance", "--json").json == report.json
    backup = f"{tmp_path}/backup.zhangfang"
    assert here("backup", address, backup).code == 0
    assert here("verify", backup).code == 0


def test_without_a_password_nobody_is_asked_in_vain(here: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.cli.opening._password_of_keyring", lambda _address: None)
    outcome = here("report", "mysql://u@127.0.0.1:1/db", "journal")
    assert outcome.code == 1
    assert "ZHANGFANG_DB_PASSWORD" in outcome.err
    monkeypatch.setenv("ZHANGFANG_DB_PASSWORD", "x")
    away = here("report", "mysql://u@127.0.0.1:1/db", "journal")
    assert away.code == 1
    assert "连不上" in away.err
