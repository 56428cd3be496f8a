"""What is in a built program and where each file of it came from, read from PyInstaller's own records.

The list of components (`sbom`), the table of sizes (`sizes`) and the checks of the build all ask here, so that they
tell of what was built and not of what was asked for.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from packaging.utils import canonicalize_name

# How an entry of a record names its kind when it is a file of the bundle.
FILES = ("BINARY", "EXTENSION", "DATA")


class Build(NamedTuple):
    """A finished build of one system: PyInstaller's records and the environment it took from."""

    system: str
    records: Path
    packages: Path
    python: Path
    root: Path


class Part(NamedTuple):
    """A file of the bundle or a module of its archive: its name there, its file here, and whose it is.

    `owner` is the name of a package, or `program`, `python`, or the path of a file of this system.
    """

    name: str
    source: Path
    owner: str
    kind: str


def parts(build: Build) -> list[Part]:
    """Return everything in the one-folder build, modules of the archive included, each with its owner.

    Raises:
        ValueError: something came from nowhere we know.
    """
    owners = package_files(build.packages)
    found: list[Part] = []
    for name, source, kind in sorted(_entries(build.records)):
        if source == "-":  # a folder of modules without a file of its own
            continue
        path = _spelled(_local(source))
        owned = owners.get(str(path).lower())
        place, owner = owned or (path, _other_owner(build, path))
        found.append(Part(name.replace("\\", "/"), place, owner, kind))
    return found


def _entries(records: Path) -> Iterator[tuple[str, str, str]]:
    """Yield name, source and kind of every file and every module."""
    for record in ("COLLECT-00.toc", "PYZ-00.toc"):
        for part in ast.literal_eval((records / record).read_text("utf-8")):
            if isinstance(part, list):
                yield from ((name, source, kind.partition("-")[0]) for name, source, kind in part if _counts(kind))


def _counts(kind: str) -> bool:
    return kind in FILES or kind.startswith("PYMODULE")


def _local(source: str) -> Path:
    """Return a source as a path of this machine; under Wine, drive Z is the root of the Linux files."""
    under_wine = os.name != "nt" and source[:2].lower() == "z:"
    return Path(source[2:].replace("\\", "/")) if under_wine else Path(source)


def _spelled(path: Path) -> Path:
    """Return a path as its file is really spelled: under Windows capitals do not count, and records differ in them."""
    if path.exists() or not path.parent.is_dir():
        return path
    return next((near for near in path.parent.iterdir() if near.name.lower() == path.name.lower()), path)


def _other_owner(build: Build, path: Path) -> str:
    """Return whose a file is that no package names."""
    folders = (
        (build.packages, None),
        (build.records, "program"),
        (build.python, "python"),
        (build.root / "out", None),
        (build.root, "program"),
    )
    for folder, owner in folders:
        if path.is_relative_to(folder):
            if owner is None:
                raise ValueError(f"{path} is in the bundle, but no package says that it is its own")
            return owner
    return str(path)


@cache
def package_files(folder: Path) -> dict[str, tuple[Path, str]]:
    """Return path and owner of every file of the packages installed in a folder, by its path in small letters.

    In small letters, since under Windows a record may spell a name in other capitals than the file has. The owner is
    the package's canonical name.
    """
    found: dict[str, tuple[Path, str]] = {}
    for distribution in metadata.distributions(path=[str(folder)]):
        name = canonicalize_name(distribution.metadata["Name"])
        for file in distribution.files or ():
            path = folder / file
            found[str(path).lower()] = (path, name)
    return found


@cache
def debian_package(path: Path) -> tuple[str, str] | None:
    """Return name and version of the Debian package a system's file belongs to, or None."""
    real = path.resolve()
    for spelling in (path, real, Path(re.sub(r"^/usr(?=/lib)", "", str(real)))):
        asked = subprocess.run(
            ["dpkg-query", "--search", spelling], capture_output=True, check=False, encoding="utf-8", timeout=60
        )
        if asked.returncode == 0:
            name = asked.stdout.split(": ")[0].split(",")[0]
            form = ["dpkg-query", "--show", "--showformat", "${Package}\t${Version}", name]
            package, _, version = subprocess.run(
                form, capture_output=True, check=True, encoding="utf-8", timeout=60
            ).stdout.partition("\t")
            return package, version
    return None
