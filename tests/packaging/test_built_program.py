"""The programs in out/dist hold all they need, nothing of the workshop, and prove themselves on a bare machine's terms.

`dev.py self-test` runs these after `dev.py build`; the other test runs leave them out.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path

import pytest
from PyInstaller.archive.readers import CArchiveReader, ZlibArchiveReader

import bundle
from app.bootstrap.leftovers import MARK

ROOT = Path(__file__).parents[2]
DIST = ROOT / "out" / "dist"
NAME, SUFFIX = ("Zhangfang", ".exe") if sys.platform == "win32" else ("zhangfang", "")
ONE_FILE = DIST / f"{NAME}{SUFFIX}"
FOLDER = DIST / f"{NAME}-folder"
PROGRAMS = {"one-file": ONE_FILE, "one-folder": FOLDER / f"{NAME}{SUFFIX}"}

SIZE_BUDGET_MB = (
    150  # 137 measured, plus a tenth: a new library that costs more than that is a decision, not an accident
)
SELF_TEST_LIMIT_S = 100

pytestmark = [pytest.mark.built, pytest.mark.timeout(150)]


@cache
def archive() -> CArchiveReader:
    assert ONE_FILE.is_file(), f"{ONE_FILE} is not there: run dev.py build first"
    return CArchiveReader(str(ONE_FILE))


@cache
def modules_in(program: str) -> set[str]:
    reader = CArchiveReader(str(PROGRAMS[program]))
    name = next(name for name in reader.toc if name.startswith("PYZ"))
    embedded = reader.open_embedded_archive(name)
    assert isinstance(embedded, ZlibArchiveReader)
    return set(embedded.toc)


def files_in(program: str) -> set[str]:
    """Return the names of all files that lie beside the modules, with forward slashes."""
    if program == "one-file":
        return {name.replace("\\", "/") for name in archive().toc}
    inner = FOLDER / "_internal"
    return {path.relative_to(inner).as_posix() for path in inner.rglob("*") if path.is_file()}


@pytest.mark.parametrize("program", PROGRAMS)
def test_it_holds_every_module(program: str) -> None:
    assert set(bundle.program_modules(ROOT)) <= modules_in(program)


@pytest.mark.parametrize("program", PROGRAMS)
def test_it_holds_every_resource(program: str) -> None:
    wanted = {f"{folder}/{Path(file).name}".removeprefix("./") for file, folder in bundle.data_files(ROOT)}
    assert len(wanted) > 1
    page = "flask_openapi3_swagger/templates/swagger"
    assert wanted | {f"{page}/css/swagger-ui.css", f"{page}/js/swagger-ui-bundle.js"} <= files_in(program)


@pytest.mark.parametrize("program", PROGRAMS)
def test_it_holds_nothing_of_the_workshop(program: str) -> None:
    workshop = ("PyInstaller", "_pytest", "hypothesis", "mypy", "numpy", "pip", "pytest", "schemathesis", "setuptools")
    inside = {name.split(".")[0] for name in modules_in(program)}
    assert inside.isdisjoint({*workshop, "bundle", "dev", "tests", "tkinter"})
    unwanted = re.compile(r"libQt5(Qml|Quick|WebSockets|WaylandClient|Multimedia|Designer)|Qt5/qml/|\.py$")
    assert [name for name in files_in(program) if unwanted.search(name)] == []


def test_the_one_file_is_stored_not_compressed() -> None:
    """Decompressing would take four fifths of the start."""
    compressed = [name for name, (_, _, _, flag, kind) in archive().toc.items() if flag and kind not in "msz"]
    assert compressed == []


def test_the_programs_keep_their_weight() -> None:
    one_file_mb = ONE_FILE.stat().st_size / 1e6
    folder_mb = sum(path.lstat().st_size for path in FOLDER.rglob("*")) / 1e6
    assert max(one_file_mb, folder_mb) < SIZE_BUDGET_MB


def clean_environment(folder: Path) -> dict[str, str]:
    """Return an environment with nothing of ours in it, whose every place is a new folder below this one."""
    home, temp, session = (folder / name for name in ("home", "temp", "session"))
    for new in (home, temp, session):
        new.mkdir(mode=0o700)
    places = {"HOME": home, "USERPROFILE": home, "TMPDIR": temp, "TEMP": temp, "TMP": temp, "XDG_RUNTIME_DIR": session}
    places["ZHANGFANG_DATA_DIR"] = folder / "我的 数据"
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "LANG") if name in os.environ}
    return kept | {name: str(path) for name, path in places.items()} | {"QT_QPA_PLATFORM": "offscreen"}


def run(program: str, *arguments: str, folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Start a built program in a folder and wait for its end."""
    assert PROGRAMS[program].is_file(), f"{PROGRAMS[program]} is not there: run dev.py build first"
    return subprocess.run(
        [PROGRAMS[program], *arguments],
        capture_output=True,
        check=False,
        cwd=folder,
        encoding="utf-8",
        env=environment,
        timeout=SELF_TEST_LIMIT_S,
    )


@pytest.mark.parametrize("program", PROGRAMS)
def test_it_proves_itself_and_leaves_nothing_behind(program: str, tmp_path: Path) -> None:
    """Its data folder has a Chinese name with a space, and its environment leads to no Python of ours."""
    environment = clean_environment(tmp_path)
    done = run(program, "--self-test", folder=tmp_path, environment=environment)
    log = Path(environment["ZHANGFANG_DATA_DIR"]) / "logs" / "zhangfang.log"
    written = log.read_text(encoding="utf-8") if log.exists() else ""
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{written}"
    assert written, f"no log in {log}"
    assert [line for line in written.splitlines() if re.search(r" (WARNING|ERROR|CRITICAL) ", line)] == []
    assert "Traceback" not in done.stderr + written
    assert list((tmp_path / "temp").iterdir()) == [], "what it unpacked or wrote for a while must be gone"


def test_its_command_line_keeps_a_book_from_the_first_line_to_the_printed_page(tmp_path: Path) -> None:
    """Readers, reports and writers are loaded when asked for, so each is asked for once."""
    environment = clean_environment(tmp_path)

    def do(*arguments: str) -> str:
        done = run("one-folder", *arguments, folder=tmp_path, environment=environment)
        assert done.returncode == 0, f"{arguments}: {done.stdout}\n{done.stderr}"
        return done.stdout

    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "vouchers.csv").write_text(
        "date,word,number,line,summary,account_code,account_name,debit,credit,aux,quantity,cash_flow_line,kind\n"
        "2026-01-05,记,1,1,工资,1001,,100.00,,,,,\n"
        "2026-01-05,记,1,2,工资,4001,,,100.00,,,,\n",
        encoding="utf-8",
    )
    do("new", "家.zhangfang", "--chart", "household", "--start", "2026-01", "--name", "家")
    assert json.loads(do("import", "家.zhangfang", "book", "--post", "--json"))["posted"] == 1
    report = ("report", "家.zhangfang", "trial-balance", "--from", "2026-01", "--to", "2026-01")
    rows = json.loads(do(*report, "--json"))["rows"]
    assert [(row["code"], row["closing_debit"], row["closing_credit"]) for row in rows] == [
        ("1001", "100.00", "0.00"),
        ("4001", "0.00", "100.00"),
    ]
    do(*report, "--pdf", "page.pdf")
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF-")
    do(*report, "--xlsx", "sheet.xlsx")
    assert zipfile.is_zipfile(tmp_path / "sheet.xlsx")
    for form in ("csv-book", "beancount", "hledger", "xlsx", "json"):
        do("export", "家.zhangfang", f"out-{form}", "--as", form)
    do("backup", "家.zhangfang", "copy.zhangfang")
    assert json.loads(do("verify", "copy.zhangfang", "--json"))["findings"] == []


@pytest.mark.skipif(sys.platform == "win32", reason="a windowed program prints no address to wait for")
def test_it_serves_a_book_with_its_pages_and_ends_when_asked(tmp_path: Path) -> None:
    """Page templates, the API's document and the readable page come from inside the program."""
    environment = clean_environment(tmp_path)
    new = ("new", "家.zhangfang", "--chart", "household", "--start", "2026-01", "--name", "家")
    assert run("one-file", *new, folder=tmp_path, environment=environment).returncode == 0
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    process = subprocess.Popen(
        [ONE_FILE, "serve", "家.zhangfang", "--port", str(port)],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    )
    with process:
        try:
            assert process.stdout is not None
            assert f":{port}" in process.stdout.readline()
            answers = {}
            for path in ("/api/health", "/api/openapi.json", "/api/docs/", "/api/docs/swagger-ui.css", "/login"):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
                connection.request("GET", path)
                response = connection.getresponse()
                answers[path] = (response.status, len(response.read()) > 0)
                connection.close()
        finally:
            process.terminate()
        assert process.wait(30) == 0
    assert set(answers.values()) == {(200, True)}, answers


@pytest.mark.skipif(sys.platform == "win32", reason="a windowed program prints no address to wait for")
@pytest.mark.parametrize("program", PROGRAMS)
def test_its_services_run_behind_its_gateway_and_end_with_it(program: str, tmp_path: Path) -> None:
    """The program starts itself five times, and nothing of that is left: no process, no lock, no unpacked file."""
    environment = clean_environment(tmp_path)
    new = ("new", "家.zhangfang", "--chart", "household", "--start", "2026-01", "--name", "家")
    assert run("one-folder", *new, folder=tmp_path, environment=environment).returncode == 0
    log = tmp_path / "services.log"
    with (
        log.open("wb") as written,
        subprocess.Popen(
            [PROGRAMS[program], "services", "家.zhangfang", "--port", "0"],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=written,
            encoding="utf-8",
        ) as process,
    ):
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip().removeprefix("http://")
            assert address, log.read_text(encoding="utf-8")
            connection = http.client.HTTPConnection(address, timeout=20)
            connection.request("GET", "/readyz")
            response = connection.getresponse()
            ready = (response.status, json.loads(response.read()))
            connection.close()
        finally:
            process.terminate()
        assert process.wait(60) == 0, log.read_text(encoding="utf-8")
    services = dict.fromkeys(("identity", "orders", "inventory", "ledger"), True)
    assert ready == (200, {"ready": True, "services": services})
    said = log.read_text(encoding="utf-8")
    assert "Traceback" not in said
    numbers = {int(number) for number in re.findall(r" is process (\d+) at ", said)}
    assert len(numbers) == 5
    assert [number for number in numbers if Path(f"/proc/{number}").exists()] == []
    assert not (tmp_path / "家.zhangfang-lock").exists()
    assert list((tmp_path / "temp").iterdir()) == []


def test_its_mark_is_unpacked_before_anything_else() -> None:
    """By it a folder is known as ours that a killed run left behind, however early it was killed."""
    unpacked = [name for name, (_, _, _, _, kind) in archive().toc.items() if kind in "bx"]
    assert unpacked[0] == MARK
