"""Commands as processes: exit codes, one JSON document and nothing else, no traceback, whatever happens."""

from __future__ import annotations

import ctypes
import http.client
import json
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import MAIN, TIMEOUT_S, environment, run

TRIAL_BALANCE = {
    "code": "1001",
    "name_zh": "现金",
    "source_name": "",
    "level": 1,
    "opening_debit": "800.00",
    "opening_credit": "0.00",
    "period_debit": "0.00",
    "period_credit": "586.50",
    "ytd_debit": "0.00",
    "ytd_credit": "586.50",
    "closing_debit": "213.50",
    "closing_credit": "0.00",
    "year_begin_debit": "800.00",
    "year_begin_credit": "0.00",
}


def test_from_nothing_to_a_trial_balance(tmp_path: Path, files: Path) -> None:
    book = tmp_path / "new.zhangfang"
    made = run("new", book, "--chart", "household", "--start", "2026-03")
    assert (made.code, made.err) == (0, "")
    imported = run("import", book, files, "--post", "--json")
    assert imported.json == {"vouchers": 2, "posted": 2, "skipped": [], "warnings": []}
    assert (imported.code, imported.err) == (0, "")
    report = run("report", book, "trial-balance", "--from", "2026-03", "--to", "2026-03", "--json")
    assert report.json["rows"][0] == TRIAL_BALANCE
    assert report.json["totals"]["period_debit"] == "586.50"
    verified = run("verify", book, "--json")
    assert verified.code == 0
    assert verified.json["findings"] == []
    token = run("token", book, "create", "--json")
    assert set(token.json) == {"id", "token"}


def test_exit_codes_and_sentences_of_a_process(filled: Path) -> None:
    wrong = run("report", filled, "bogus", "--json")
    assert (wrong.code, wrong.out) == (2, "")
    assert wrong.err.startswith("没有报表")
    unnamed = run("verify", "")  # as of a script's variable that is not set
    assert (unnamed.code, unnamed.err.startswith("没有写明")) == (2, True)
    assert run("serve", filled, "--port", "70000").code == 2
    grammar = run("close", filled)
    assert (grammar.code, grammar.out) == (2, "")
    refused = run("close", filled, "2026-04", LANG="en_GB.UTF-8")
    assert (refused.code, refused.out) == (1, "")
    assert refused.err.isascii()
    assert refused.err.count("\n") == 1


def test_english_where_the_environment_says_so(tmp_path: Path) -> None:
    assert run("report", tmp_path / "x", "journal", LANG="en_GB.UTF-8").err.startswith("There is no book")
    assert run("report", tmp_path / "x", "journal", LANG="zh_CN.UTF-8").err.startswith("没有账簿")
    assert run("report", tmp_path / "x", "journal", LANG="en_GB.UTF-8", ZHANGFANG_LANGUAGE="zh").err[:2] == "没有"
    assert "usage:" in run("bogus", LC_ALL="en_US").err


def test_output_is_utf8_whatever_the_console(filled: Path) -> None:
    report = run("report", filled, "trial-balance", PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C")
    assert report.code == 0
    assert "现金" in report.out


def test_a_reader_that_leaves_early_is_no_error(filled: Path) -> None:
    command = [sys.executable, str(MAIN), "report", str(filled), "journal", "--csv"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(TIMEOUT_S) in {0, 1}


def test_verify_names_what_was_tampered_with(filled: Path) -> None:
    with sqlite3.connect(filled) as connection:
        connection.execute("UPDATE entry SET summary = '买肉' WHERE voucher_id = 1 AND line = 1")
    connection.close()
    outcome = run("verify", filled, "--json")
    assert outcome.code == 1
    assert outcome.json["findings"]
    assert {"check", "where", "message"} == set(outcome.json["findings"][0])
    spoken = run("verify", filled)
    assert spoken.code == 1
    assert spoken.out == ""
    assert "1" in spoken.err


if sys.platform == "win32":
    # Ctrl+C goes to all processes of a console there; Ctrl+Break goes to one that heads a group of its own
    OWN_GROUP, STOPS = subprocess.CREATE_NEW_PROCESS_GROUP, [signal.CTRL_BREAK_EVENT]
else:
    OWN_GROUP, STOPS = 0, [signal.SIGINT, signal.SIGHUP]


@pytest.mark.parametrize("stop", STOPS)
def test_ctrl_c_and_a_terminal_that_closes_leave_cleanly(filled: Path, stop: signal.Signals) -> None:
    """The server is stopped like a person would; its last word is not a traceback."""
    if sys.platform == "win32" and not ctypes.windll.kernel32.GetConsoleWindow():
        pytest.skip("no console here whose keys could be pressed")
    command = [sys.executable, str(MAIN), "serve", str(filled), "--port", "0"]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(PYTHONUNBUFFERED="1"),
        text=True,
        encoding="utf-8",
        creationflags=OWN_GROUP,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        url = process.stdout.readline().strip()
        host, _, port = url.removeprefix("http://").partition(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=TIMEOUT_S)
        connection.request("GET", "/api/health")
        health = json.loads(connection.getresponse().read())
        connection.close()
        assert (health["program"], health["api"]) == ("zhangfang", 1)
        process.send_signal(stop)
        assert process.wait(TIMEOUT_S) == 0
        assert "Traceback" not in process.stderr.read()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()
