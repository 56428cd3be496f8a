"""Two builds compared byte by byte: which files differ and, inside a program, which entries of its archive.

.venv/bin/python build/compare.py FOLDER FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

from PyInstaller.archive.readers import ArchiveReadError, CArchiveReader, NotAnArchiveError

import archives


class Difference(NamedTuple):
    """A file that is not the same in two folders, and what is known of why."""

    name: str
    detail: str


def compare(first: Path, second: Path) -> list[Difference]:
    """Return how two folders differ; an empty list means that every byte is the same."""
    leaves = [(folder, path) for folder in (first, second) for path in folder.rglob("*") if is_leaf(path)]
    names = sorted({path.relative_to(folder).as_posix() for folder, path in leaves})
    if not names:
        raise ValueError(f"{first} and {second} hold no files")
    found: list[Difference] = []
    for name in names:
        one, other = first / name, second / name
        if not is_leaf(one) or not is_leaf(other):
            found.append(Difference(name, f"only in {first if is_leaf(one) else second}"))
        elif one.is_symlink() or other.is_symlink():
            if not (one.is_symlink() and other.is_symlink() and one.readlink() == other.readlink()):
                found.append(Difference(name, "links lead elsewhere"))
        elif archives.sha256(one) != archives.sha256(other):
            found.append(Difference(name, _why(one, other)))
    return found


def is_leaf(path: Path) -> bool:
    """Tell whether a path is a file or a link, also one that leads nowhere."""
    return path.is_symlink() or path.is_file()


def _why(one: Path, other: Path) -> str:
    """Return which entries of two built programs' archives differ, or where two other files do."""
    try:
        readers = [CArchiveReader(str(path)) for path in (one, other)]
    except (ArchiveReadError, NotAnArchiveError):
        return _first_difference(one.read_bytes(), other.read_bytes())
    differing: list[str] = []
    for name in sorted({name for reader in readers for name in reader.toc}):
        if any(name not in reader.toc for reader in readers):
            differing.append(f"{name} (in one only)")
        elif readers[0].extract(name) != readers[1].extract(name):
            differing.append(name)
    entries = ", ".join(differing) or "no entry of its archive, so its own head or order"
    return f"{_first_difference(one.read_bytes(), other.read_bytes())}; {entries}"


def _first_difference(one: bytes, other: bytes) -> str:
    if len(one) != len(other):
        return f"{len(one)} and {len(other)} bytes"
    differing = [place for place, (left, right) in enumerate(zip(one, other, strict=True)) if left != right]
    return f"{len(differing)} of {len(one)} bytes, the first at {differing[0]:#x}"


def main(folders: list[str]) -> int:
    """Compare two folders and say how they differ; 0 when they are the same."""
    first, second = map(Path, folders)
    found = compare(first, second)
    for difference in found:
        sys.stdout.write(f"{difference.name}: {difference.detail}\n")
    sys.stdout.write(f"{len(found)} files differ\n" if found else "every byte is the same\n")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
