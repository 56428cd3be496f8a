"""The Windows downloads as they are offered: what they weigh, what Windows shows of them, that nothing foreign is in.

`dev.py package` ends with these; the other test runs leave them out.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
import sys
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from PyInstaller.archive.readers import CArchiveReader

import bundle
import contents
import icon
import inputs
import package
import windows_program
import windows_python
from app.version import COPYRIGHT, PROGRAM_NAME_EN, PROGRAM_NAME_ZH, VERSION

WHERE = package.places()
DIST = WHERE.windows / "dist"
FOLDER = DIST / "Zhangfang-folder"
PROGRAMS = {
    "Zhangfang.exe": DIST / "Zhangfang.exe",
    "Zhangfang-folder/Zhangfang.exe": FOLDER / "Zhangfang.exe",
    "Zhangfang-folder/zhangfang-cli.exe": FOLDER / "zhangfang-cli.exe",
}
SETUP = WHERE.release / f"Zhangfang-{VERSION}-windows-x64-setup.exe"
PORTABLE = WHERE.release / f"Zhangfang-{VERSION}-windows-x64-portable.zip"
LARGEST_DOWNLOAD = 40_000_000
ENGLISH, CHINESE = "040904B0", "080404B0"

pytestmark = [pytest.mark.packaged, pytest.mark.timeout(300)]


@cache
def parts() -> list[contents.Part]:
    return contents.parts(package.finished_build(WHERE, "windows"))


def form_of_components() -> Any:
    spec = importlib.util.spec_from_file_location("cyclonedx", Path(__file__).with_name("cyclonedx.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", PROGRAMS)
def test_windows_shows_both_names_the_version_the_icon_and_the_licence(name: str) -> None:
    shown = windows_program.describe(PROGRAMS[name])
    for language, product in ((ENGLISH, PROGRAM_NAME_EN), (CHINESE, PROGRAM_NAME_ZH)):
        text = shown.texts[language]
        assert (text["ProductName"], text["FileDescription"]) == (product, product)
        assert (text["ProductVersion"], text["FileVersion"], text["LegalCopyright"]) == (VERSION, VERSION, COPYRIGHT)
        assert text["OriginalFilename"] == PROGRAMS[name].name
    assert shown.version == (*map(int, VERSION.split(".")), 0)
    assert shown.icon_sizes == icon.SIZES


@pytest.mark.parametrize("name", PROGRAMS)
def test_it_asks_for_no_rights_and_is_sharp_and_takes_long_paths(name: str) -> None:
    manifest = windows_program.describe(PROGRAMS[name]).manifest
    assert 'level="asInvoker"' in manifest
    for setting, value in (("longPathAware", "true"), ("dpiAware", "true/pm"), ("dpiAwareness", "permonitor")):
        assert re.search(rf"<{setting}\b[^>]*>{value}</{setting}>", manifest)


@pytest.mark.parametrize("name", PROGRAMS)
def test_it_carries_the_one_time_of_the_build(name: str) -> None:
    assert windows_program.describe(PROGRAMS[name]).built_at == package.source_epoch(WHERE.root)


def test_only_the_command_line_program_has_a_console() -> None:
    consoles = {name for name, path in PROGRAMS.items() if windows_program.describe(path).is_console}
    assert consoles == {"Zhangfang-folder/zhangfang-cli.exe"}


def test_each_download_weighs_at_most_forty_megabytes() -> None:
    assert {
        path.name: path.stat().st_size for path in (SETUP, PORTABLE) if path.stat().st_size > LARGEST_DOWNLOAD
    } == {}


def test_the_portable_download_holds_the_one_file_program() -> None:
    with zipfile.ZipFile(PORTABLE) as archive:
        assert archive.testzip() is None
        files = {name.partition("/")[2]: name for name in archive.namelist()}
        assert set(files) == {"Zhangfang.exe", "LICENSE.txt", "portable.txt", "说明.txt"}
        assert archive.read(files["Zhangfang.exe"]) == PROGRAMS["Zhangfang.exe"].read_bytes()
        assert VERSION.encode("utf-16-le") in archive.read(files["Zhangfang.exe"])


def test_the_one_file_is_stored_not_compressed() -> None:
    """It unpacks itself at each start, and decompressing would take most of that."""
    entries = CArchiveReader(str(PROGRAMS["Zhangfang.exe"])).toc.items()
    assert [name for name, (_, _, _, flag, kind) in entries if flag and kind not in "msz"] == []


def test_everything_comes_from_the_pinned_packages_and_python_unchanged() -> None:
    """No library of Wine, none of this machine: every file of the folder is byte for byte the one it came from."""
    inner = FOLDER / "_internal"
    sources = {part.name: part for part in parts() if part.kind != "PYMODULE"}
    assert {path.relative_to(inner).as_posix() for path in inner.rglob("*") if path.is_file()} == set(sources)
    packages = {package.name for package in inputs.read_lock(WHERE.root / inputs.LOCKS["windows"])}
    assert {part.owner for part in parts()} <= packages | {"python", "program"}
    differing = [name for name, part in sources.items() if (inner / name).read_bytes() != part.source.read_bytes()]
    assert differing == []
    libraries = [part for name, part in sources.items() if name.lower().endswith((".dll", ".pyd", ".exe"))]
    assert len(libraries) > 40
    assert {part.owner for part in libraries} <= packages | {"python"}


def test_the_installed_packages_are_those_of_the_wheels() -> None:
    """The folder they were installed to lies between two builds; nobody changed what the build took from it."""
    files = inputs.fetch(WHERE.root, "windows", WHERE.downloads)
    hashes: dict[str, str] = {}
    for wheel in files.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            hashes |= {entry: hashlib.sha256(archive.read(entry)).hexdigest() for entry in archive.namelist()}
    packages = WHERE.windows / "python" / "Lib" / "site-packages"
    taken = [part.source for part in parts() if part.source.is_relative_to(packages)]
    assert len(taken) > 500
    changed = [
        str(path)
        for path in taken
        if hashes.get(path.relative_to(packages).as_posix()) != hashlib.sha256(path.read_bytes()).hexdigest()
    ]
    assert changed == []


def test_the_interpreter_is_signed_by_its_makers() -> None:
    assert windows_python.verify(WHERE.windows / "python").endswith("are signed by the Python Software Foundation")


def test_an_interpreter_that_was_changed_is_not_taken_for_theirs(tmp_path: Path) -> None:
    for name in windows_python.SIGNED:
        content = bytearray((WHERE.windows / "python" / name).read_bytes())
        content[0x1000] ^= 1
        (tmp_path / name).write_bytes(content)
    with pytest.raises(inputs.InputError, match="the signature"):
        windows_python.verify(tmp_path)


def test_nothing_that_windows_does_not_need_is_in() -> None:
    names = {part.name for part in parts()}
    assert [name for name in names if not bundle.is_wanted(name)] == []
    unwanted = re.compile(
        r"Qt5(Qml|Quick|DBus|Network|WebSockets|Designer|Multimedia)|opengl32|libx|^setuptools|^cffi\b"
    )
    assert [name for name in names if unwanted.search(name)] == []


def test_the_password_store_and_the_databases_of_windows_are_in() -> None:
    names = {part.name for part in parts()}
    modules = {"keyring.backends.Windows", "win32ctypes.core", "sqlite3", "pymysql", "argon2"}
    libraries = {"sqlite3.dll", "libcrypto-3.dll", "libssl-3.dll", "PyQt5/Qt5/plugins/platforms/qwindows.dll"}
    assert modules | libraries <= names
    assert set(bundle.program_modules(WHERE.root)) <= names
    # Windows itself has it, and the one in Wine's prefix is ours
    assert "bcryptprimitives.dll" not in names


def test_the_list_of_components_covers_the_whole_bundle() -> None:
    document = json.loads((WHERE.release / "sbom.cdx.json").read_text("utf-8"))
    form_of_components().assert_valid(document)
    here = [one for one in document["components"] if {"name": "zhangfang:in", "value": "windows"} in one["properties"]]
    names = {component["name"] for component in here}
    owners = {part.owner for part in parts()} - {"python", "program"}
    assert owners | {"CPython", "Qt", "pyinstaller", "SQLite (sqlite3.dll)", "OpenSSL (libssl-3.dll)"} <= names
    locked = {one.name: one for one in inputs.read_lock(WHERE.root / inputs.LOCKS["windows"])}
    for component in here:
        if component["purl"].startswith("pkg:pypi/"):
            assert component["version"] == locked[component["name"]].version
            assert component["hashes"][0]["content"] in locked[component["name"]].hashes


def test_the_sums_are_right_and_name_every_download() -> None:
    lines = (WHERE.release / "SHA256SUMS").read_text("utf-8").splitlines()
    named = {name: digest for digest, name in (line.split("  ") for line in lines)}
    offered = {path.name for path in WHERE.release.iterdir()} - {"SHA256SUMS"}
    assert set(named) == offered
    assert {SETUP.name, PORTABLE.name, "sbom.cdx.json"} <= offered
    for name, digest in named.items():
        assert hashlib.sha256((WHERE.release / name).read_bytes()).hexdigest() == digest


def test_nothing_tells_where_it_was_built() -> None:
    """Neither the folder of the sources nor the home of who built it."""
    places = {str(WHERE.root), str(WHERE.root).replace("/", "\\"), str(Path.home()) + "/", sys.prefix}
    patterns = [place.encode(form) for place in places for form in ("utf-8", "utf-16-le")]
    for path in [*PROGRAMS.values(), *(FOLDER / "_internal").rglob("*")]:
        content = path.read_bytes() if path.is_file() else b""
        assert [pattern for pattern in patterns if pattern in content] == [], path
