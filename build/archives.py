"""Archives whose bytes depend on the files' names and contents alone: one time for all, no owners, sorted."""

from __future__ import annotations

import hashlib
import io
import lzma
import os
import tarfile
import time
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

# The x86 filter makes calls of one function look alike; the dictionary spans the larger part of an archive. Preset 6
# would take half as long again for two per cent.
XZ_FILTERS: list[dict[str, int]] = [
    {"id": lzma.FILTER_X86},
    {"id": lzma.FILTER_LZMA2, "preset": 4, "dict_size": 64 << 20},
]
PROGRAM_MODE = 0o755
FILE_MODE = 0o644


def files_below(folder: Path, name: str) -> dict[str, Path]:
    """Return every file and link below a folder by the name it gets in an archive, under a folder called `name`."""
    found = [path for path in folder.rglob("*") if path.is_symlink() or path.is_file()]
    return {f"{name}/{path.relative_to(folder).as_posix()}": path for path in found}


def write_zip(output: Path, files: Mapping[str, Path | bytes], epoch: int) -> None:
    """Write a .zip that Explorer opens by double-click: deflate only, names in UTF-8.

    Args:
        output: the archive.
        files: name in the archive -> a file, or its content.
        epoch: the time all entries get, in seconds since 1970, UTC.
    """
    moment = time.gmtime(epoch)[:6]
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, source in sorted(files.items()):
            entry = zipfile.ZipInfo(name, moment)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0  # as Windows does: no Unix rights, so nothing depends on this machine's
            archive.writestr(entry, source if isinstance(source, bytes) else source.read_bytes())


def write_tar_xz(output: Path, files: Mapping[str, Path | bytes], epoch: int) -> None:
    """Write a .tar.xz for Linux; programs stay programs, links stay links. The arguments are those of `write_zip`."""
    with (
        lzma.open(output, "wb", check=lzma.CHECK_CRC64, filters=XZ_FILTERS) as compressed,
        tarfile.open(fileobj=compressed, mode="w", format=tarfile.GNU_FORMAT) as archive,
    ):
        for name, source in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.mtime = epoch
            if isinstance(source, Path) and source.is_symlink():
                entry.type, entry.linkname, entry.mode = tarfile.SYMTYPE, str(source.readlink()), 0o777
                archive.addfile(entry)
                continue
            content = source if isinstance(source, bytes) else source.read_bytes()
            entry.size = len(content)
            runs = isinstance(source, Path) and os.access(source, os.X_OK)
            entry.mode = PROGRAM_MODE if runs else FILE_MODE
            archive.addfile(entry, io.BytesIO(content))


def sha256(path: Path) -> str:
    """Return a file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_sums(output: Path, files: Iterable[Path]) -> None:
    """Write SHA256SUMS, which `sha256sum --check` reads, for files that lie beside it."""
    lines = [f"{sha256(path)}  {path.name}\n" for path in sorted(files, key=lambda path: path.name)]
    output.write_text("".join(lines), encoding="utf-8", newline="\n")
