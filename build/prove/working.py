"""Steps about what the program does without being looked at: its self-test, books in files and on a server."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

from app.version import VERSION
from prove.record import require
from prove.stage import PROGRAM, Stage, environment_of
from tests.mariadb import PASSWORD, MariaDBServer

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT.parent / "shared" / "cases" / "household"
"""A month of a household with what its trial balance has to be."""

BOOKS = "C:\\我的 账本"
COMPANY = f"{BOOKS}\\甲公司.zhangfang"
HOUSEHOLD = f"{BOOKS}\\家庭.zhangfang"
PORTABLE = "C:\\便携"
SELF_TEST_S = 100.0
DATABASE = "proof"


# --- self-tests -------------------------------------------------------------------------------------------------------


def self_test_of_folder(stage: Stage) -> str:
    """Run --self-test of the installed program."""
    return _self_test(stage, stage.installed / PROGRAM)


def self_test_of_one_file(stage: Stage) -> str:
    """Run --self-test of the one-file program from a folder with a Chinese name; nothing unpacked may be left."""
    program = stage.wine.path(PORTABLE) / PROGRAM
    program.parent.mkdir(exist_ok=True)
    shutil.copyfile(stage.one_file, program)
    text = _self_test(stage, program)
    left = [path.name for path in stage.temporary.glob("_MEI*")]
    require(not left, f"left in the folder for temporary files: {left}")
    return text


def _self_test(stage: Stage, program: Path) -> str:
    data = stage.wine.drive_c / "自检 数据"
    shutil.rmtree(data, ignore_errors=True)
    done = stage.run(program, "--self-test", timeout_s=SELF_TEST_S, environment={"ZHANGFANG_DATA_DIR": "C:\\自检 数据"})
    require(done.code == 0 and "self-test passed" in done.output, f"code {done.code}:\n{done.output}")
    log = (data / "logs" / "zhangfang.log").read_text(encoding="utf-8")
    require(f" {VERSION}, Python" in log and "on win32" in log, f"its log does not say what ran:\n{log[:500]}")
    steps = [line for line in done.output.splitlines() if line.startswith("ok ")]
    require(len(steps) > 10, f"only {len(steps)} steps:\n{done.output}")
    return f"{len(steps)} steps, {steps[-1].split()[1]} s inside the program"


def closed(stage: Stage, book: str) -> str:
    """Say what a closed book is like: alone in its folder, and without findings."""
    path = stage.wine.path(book)
    beside = [other.name for other in path.parent.iterdir() if other.name.startswith(path.name) and other != path]
    require(not beside, f"beside the closed book lies {beside}")
    found = json.loads(stage.command("verify", book, "--json"))
    require(found["findings"] == [], f"verification: {found['findings'][:3]}")
    return f"closed, verified, {found['vouchers']} vouchers"


# --- commands ---------------------------------------------------------------------------------------------------------


def imports_by_command(stage: Stage) -> str:
    """Make a book with the console program, import the sample, compare its trial balance."""
    stage.wine.path(BOOKS).mkdir(exist_ok=True)
    stage.command("new", HOUSEHOLD, "--chart", "household", "--start", "2026-03", "--name", "家庭")
    done = json.loads(stage.command("import", HOUSEHOLD, SAMPLE, "--post", "--json", timeout_s=60))
    require(done["posted"] > 0 and done["skipped"] == [], f"import: {done}")
    rows = compare_with_case(stage.command("report", HOUSEHOLD, "trial-balance", "--csv"))
    return f"{done['posted']} vouchers posted, {rows} rows of the trial balance as expected; {closed(stage, HOUSEHOLD)}"


def compare_with_case(report: str) -> int:
    """Compare a trial balance with what the sample says it has to be; return the number of rows."""
    is_there = {row["code"]: row for row in csv.DictReader(io.StringIO(report))}
    with (SAMPLE / "expected_trial_balance.csv").open(encoding="utf-8") as file:
        wanted = [row for row in csv.DictReader(file) if row["code"] != "TOTAL"]
    for row in wanted:
        mine = is_there.get(row["code"])
        if mine is None:
            require(not any(Decimal(row[name] or 0) for name in row if name.startswith("closing")), f"no row {row}")
            continue
        for name in (
            "opening_debit",
            "opening_credit",
            "period_debit",
            "period_credit",
            "closing_debit",
            "closing_credit",
        ):
            require(
                Decimal(mine[name] or 0) == Decimal(row[name] or 0),
                f"{row['code']} {name}: {mine[name]}, not {row[name]}",
            )
    return len(wanted)


# --- a book on a server -----------------------------------------------------------------------------------------------


def keeps_book_on_server(stage: Stage, server: MariaDBServer) -> str:
    """Let the Windows program make, fill and verify a book on MariaDB; the Linux program must read the same there."""
    server.execute(f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4")
    book, secret = server.url(DATABASE), {"ZHANGFANG_DB_PASSWORD": PASSWORD}
    new = ("new", book, "--chart", "household", "--start", "2026-03", "--name", "家庭")
    stage.command(*new, timeout_s=60, environment=secret)
    before = connections(server)
    done = json.loads(stage.command("import", book, SAMPLE, "--json", timeout_s=60, environment=secret))
    require(done["vouchers"] > 0 and done["posted"] == 0, f"import: {done}")
    posted = json.loads(stage.command("post", book, "--json", timeout_s=60, environment=secret))
    require(posted["posted"] == done["vouchers"] and posted["refused"] == [], f"post: {posted}")
    verified = json.loads(stage.command("verify", book, "--json", timeout_s=60, environment=secret))
    require(verified["findings"] == [], f"verification: {verified['findings'][:3]}")
    report = stage.command("report", book, "trial-balance", "--csv", environment=secret)
    rows = compare_with_case(report)
    require(connections(server) > before, "the server saw no connection of the Windows program")
    require(_linux("report", book, "trial-balance", "--csv") == report, "the Linux program reports something else")
    theirs = json.loads(_linux("verify", book, "--json"))
    require(theirs == verified, f"the Linux program verifies {theirs}, the Windows program {verified}")
    log = stage.log
    stage.start(stage.installed / PROGRAM, "--book", book, environment=secret)
    stage.wait_for_log("pages shown", log)
    stage.picture("book-on-server")
    stage.close_window()
    return (
        f"{posted['posted']} vouchers posted on {version(server)}, verified, {rows} rows as expected, "
        "the Linux program reports and verifies the same, the window shows it"
    )


def _linux(*arguments: str) -> str:
    """Run a command of the program's Linux sources."""
    environment = environment_of({"ZHANGFANG_DB_PASSWORD": PASSWORD, "ZHANGFANG_LANGUAGE": "zh"})
    done = subprocess.run(
        [sys.executable, str(ROOT / "main.py"), *arguments],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env=environment,
        timeout=60,
    )
    require(done.returncode == 0, f"main.py {' '.join(arguments)}: {done.stderr}")
    return done.stdout


def connections(server: MariaDBServer) -> int:
    """Return how many connections the server has seen since its start."""
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SHOW GLOBAL STATUS LIKE 'Connections'")
        row = cursor.fetchone()
    return int(row[1]) if row else 0


def version(server: MariaDBServer) -> str:
    """Return the server's version."""
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT VERSION()")
        row = cursor.fetchone()
    number = re.match(r"[\d.]+", str(row[0])) if row else None
    return f"MariaDB {number[0] if number else '?'}"
