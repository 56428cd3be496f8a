"""What each megabyte of the downloads is: a table made from the builds in out/, written into docs/windows.md.

    .venv/bin/python build/sizes.py        after `dev.py package`

"Raw" is what lies on the disk, modules uncompressed; "deflated" is each part compressed by itself, as in the
portable download. The installer's solid compression sees all parts as one and needs less.
"""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from PyInstaller.archive.readers import CArchiveReader, ZlibArchiveReader

import contents
import package

DOCUMENT = "docs/windows.md"
BEGIN, END = "<!-- sizes: written by build/sizes.py -->", "<!-- end of sizes -->"

# The first group that has a part's owner counts; files that are told apart by their name stand before.
GROUPS: tuple[tuple[str, frozenset[str]], ...] = (
    ("Qt: drawing, windows, pictures", frozenset({"pyqt5-qt5"})),
    ("PyQt5: Qt for Python", frozenset({"pyqt5", "pyqt5-sip"})),
    ("Python: interpreter and standard library", frozenset({"python", "base_library.zip"})),
    ("OpenSSL of Python: TLS to MySQL", frozenset({"libcrypto", "libssl"})),
    ("SQLite", frozenset({"sqlite3.dll", "libsqlite3-0"})),
    ("cryptography: passwords of MySQL 8, signed version file", frozenset({"cryptography"})),
    (
        "pydantic: what crosses the wire",
        frozenset({"pydantic", "pydantic-core", "annotated-types", "typing-inspection"}),
    ),
    ("PDF: reportlab, Pillow", frozenset({"reportlab", "pillow", "charset-normalizer"})),
    ("pypinyin: look-up by initials", frozenset({"pypinyin"})),
    ("readable page of the HTTP interface", frozenset({"flask-openapi3-swagger"})),
    (
        "server: Flask, Werkzeug, Jinja2, waitress, orjson",
        frozenset(
            {"flask", "werkzeug", "jinja2", "waitress", "orjson", "click", "blinker", "itsdangerous", "markupsafe"}
        ),
    ),
    ("database: peewee, PyMySQL", frozenset({"peewee", "pymysql"})),
    ("Excel: XlsxWriter", frozenset({"xlsxwriter"})),
    ("the program itself, with its texts and charts", frozenset({"program"})),
    ("licences", frozenset({"licences"})),
)
OTHERS = "others: keyring, argon2, platformdirs, …"
SYSTEM = "libraries of the Linux system: X11, fonts, TLS, …"


class Weight(NamedTuple):
    """Bytes of a part or of several: as they lie on the disk, and compressed."""

    raw: int
    packed: int


def weigh(build: contents.Build, program: Path) -> dict[str, Weight]:
    """Return the weight of each group of parts in a build.

    Args:
        build: a finished build.
        program: its program in the folder, whose archive holds the modules.
    """
    reader = CArchiveReader(str(program))
    modules = reader.open_embedded_archive(next(name for name in reader.toc if name.startswith("PYZ")))
    assert isinstance(modules, ZlibArchiveReader)  # noqa: S101 - tells the types
    folder = program.parent / "_internal"
    sums: dict[str, Weight] = {}
    for part in contents.parts(build):
        if part.kind == "PYMODULE":
            content = bytes(modules.extract(part.name, raw=True) or b"")
        else:
            content = (folder / part.name).read_bytes()
        group = group_of(part)
        before = sums.get(group, Weight(0, 0))
        sums[group] = Weight(before.raw + len(content), before.packed + len(zlib.compress(content, 9)))
    return sums


def group_of(part: contents.Part) -> str:
    """Return the group a part is counted in."""
    name = part.name.lower()
    told_apart = (
        ("licences/", "licences"),
        ("base_library.zip", "base_library.zip"),
        ("libcrypto", "libcrypto"),
        ("libssl", "libssl"),
        ("sqlite3.dll", "sqlite3.dll"),
    )
    key = next((owner for start, owner in told_apart if name.startswith(start)), part.owner)
    for group, owners in GROUPS:
        if key in owners:
            return group
    return SYSTEM if "/" in part.owner else OTHERS


def table(weights: Mapping[str, Weight]) -> list[str]:
    """Return the lines of a Markdown table, the heaviest group first, with the sum."""
    rows = sorted(weights.items(), key=lambda item: -item[1].packed)
    total = Weight(sum(weight.raw for _, weight in rows), sum(weight.packed for _, weight in rows))
    lines = ["| what | raw MB | deflated MB |", "| --- | ---: | ---: |"]
    return lines + [
        f"| {name} | {weight.raw / 1e6:.2f} | {weight.packed / 1e6:.2f} |"
        for name, weight in [*rows, ("**all**", total)]
    ]


def downloads(release: Path) -> list[str]:
    """Return the lines of a Markdown table of the files that are offered."""
    files = sorted(path for path in release.iterdir() if path.suffix in (".exe", ".zip", ".xz"))
    lines = ["| download | MB |", "| --- | ---: |"]
    return lines + [f"| `{path.name}` | {path.stat().st_size / 1e6:.2f} |" for path in files]


def replace_between(text: str, lines: Iterable[str]) -> str:
    """Return a document with what stands between the two marks replaced.

    Raises:
        ValueError: the marks are not in it.
    """
    pattern = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"{DOCUMENT} lacks the line {BEGIN}")
    return pattern.sub(lambda _: "\n".join([BEGIN, "", *lines, "", END]), text)


def main() -> int:
    """Weigh the builds that are there and write the tables."""
    where = package.places()
    lines = downloads(where.release)
    names = {"windows": (where.windows / "dist", "Zhangfang"), "linux": (where.out / "dist", "zhangfang")}
    for system, (dist, name) in names.items():
        program = dist / f"{name}-folder" / (f"{name}.exe" if system == "windows" else name)
        if program.exists():
            weights = weigh(package.finished_build(where, system), program)
            lines += ["", f"The folder build for {system.capitalize()}:", "", *table(weights)]
    document = where.root / DOCUMENT
    document.write_text(replace_between(document.read_text("utf-8"), lines), encoding="utf-8", newline="\n")
    sys.stdout.write("\n".join([*lines, ""]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
