"""The programs in out/dist hold all they need, nothing of the workshop, and prove themselves on a bare machine's terms.

`dev.py self-test` runs these after `dev.py build`; the other test runs leave them out.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from PyInstaller.archive.readers import CArchiveReader, ZlibArchiveReader

import bundle

ROOT = Path(__file__).parents[2]
DIST = ROOT / "out" / "dist"
NAME, SUFFIX = ("Zhangfang", ".exe") if sys.platform == "win32" else ("zhangfang", "")
ONE_FILE = DIST / f"{NAME}{SUFFIX}"
FOLDER = DIST / f"{NAME}-folder"
PROGRAMS = {"one-file": ONE_FILE, "one-folder": FOLDER / f"{NAME}{SUFFIX}"}

SIZE_BUDGET_MB = 145  # measured, plus a tenth: a new library that costs more than that is a decision, not an accident
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
    assert wanted <= files_in(program)


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


@pytest.mark.parametrize("program", PROGRAMS)
def test_it_proves_itself_and_leaves_nothing_behind(program: str, tmp_path: Path) -> None:
    """It runs in a folder with a Chinese name and a space, with an empty environment and no Python of ours near it."""
    assert PROGRAMS[program].is_file(), f"{PROGRAMS[program]} is not there: run dev.py build first"
    data, home, temp, session = (tmp_path / name for name in ("我的 数据", "home", "temp", "session"))
    for folder in (home, temp, session):
        folder.mkdir(mode=0o700)
    places = {"HOME": home, "USERPROFILE": home, "TMPDIR": temp, "TEMP": temp, "TMP": temp, "XDG_RUNTIME_DIR": session}
    places["ZHANGFANG_DATA_DIR"] = data
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "LANG") if name in os.environ}
    done = subprocess.run(
        [PROGRAMS[program], "--self-test"],
        capture_output=True,
        check=False,
        cwd=home,
        encoding="utf-8",
        env=kept | {name: str(path) for name, path in places.items()} | {"QT_QPA_PLATFORM": "offscreen"},
        timeout=SELF_TEST_LIMIT_S,
    )
    log = data / "logs" / "zhangfang.log"
    written = log.read_text(encoding="utf-8") if log.exists() else ""
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{written}"
    assert written, f"no log in {log}"
    assert [line for line in written.splitlines() if re.search(r" (WARNING|ERROR|CRITICAL) ", line)] == []
    assert "Traceback" not in done.stderr + written
    assert list(temp.iterdir()) == [], "what it unpacked or wrote for a while must be gone"
