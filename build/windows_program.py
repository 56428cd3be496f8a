"""What Windows shows and obeys of a program file: names, version, icon, manifest; read back from the file itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pefile

CONSOLE = 3
VERSION_TYPE, ICON_GROUP_TYPE, MANIFEST_TYPE = 16, 14, 24


class Description(NamedTuple):
    """What a program file says of itself.

    `texts` has, for each language and code page as eight hexadecimal digits, what Explorer shows under Details.
    """

    texts: dict[str, dict[str, str]]
    version: tuple[int, int, int, int] | None
    icon_sizes: tuple[int, ...]
    manifest: str
    is_console: bool
    built_at: int


def describe(path: Path) -> Description:
    """Read a program or library. Raises `pefile.PEFormatError` when it is none."""
    with pefile.PE(str(path), fast_load=True) as program:
        program.parse_data_directories(directories=[pefile.DIRECTORY_ENTRY["IMAGE_DIRECTORY_ENTRY_RESOURCE"]])
        manifest = b"".join(_resources(program, MANIFEST_TYPE)).decode("utf-8")
        groups = b"".join(_resources(program, ICON_GROUP_TYPE))
        return Description(
            texts=_texts(program),
            version=_version(program),
            icon_sizes=tuple(groups[start] or 256 for start in range(6, len(groups), 14)),
            manifest=manifest,
            is_console=program.OPTIONAL_HEADER.Subsystem == CONSOLE,
            built_at=program.FILE_HEADER.TimeDateStamp,
        )


def file_version(path: Path) -> str | None:
    """Return a library's version as its maker writes it, e.g. "3.0.13", or None when it says none."""
    for table in describe(path).texts.values():
        if version := table.get("ProductVersion"):
            return version.strip()
    return None


def _texts(program: pefile.PE) -> dict[str, dict[str, str]]:
    return {
        table.LangID.decode("ascii").upper(): {
            key.decode("utf-8"): value.decode("utf-8") for key, value in table.entries.items()
        }
        for block in getattr(program, "FileInfo", [])
        for kind in block
        if kind.Key == b"StringFileInfo"
        for table in kind.StringTable
    }


def _version(program: pefile.PE) -> tuple[int, int, int, int] | None:
    for fixed in getattr(program, "VS_FIXEDFILEINFO", []):
        high, low = fixed.FileVersionMS, fixed.FileVersionLS
        return (high >> 16, high & 0xFFFF, low >> 16, low & 0xFFFF)
    return None


def _resources(program: pefile.PE, wanted: int) -> Iterator[bytes]:
    """Yield the content of every resource of a type."""
    found: Any = getattr(program, "DIRECTORY_ENTRY_RESOURCE", None)
    for kind in found.entries if found else ():
        if kind.id == wanted:
            for name in kind.directory.entries:
                for language in name.directory.entries:
                    place = language.data.struct
                    yield bytes(program.get_data(place.OffsetToData, place.Size))
