"""The files of a csv-book: a folder, a zip, or a single CSV file. Nothing of a zip is ever unpacked to disk."""

from __future__ import annotations

import io
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from app.exchange.decoding import find_encoding
from app.exchange.errors import refused
from app.kernel.text import message

MOST_BYTES = 4 << 30
"""What one file may hold once it is unpacked."""
MOST_MEMBERS = 10_000
MOST_RATIO = 300
"""CSV seldom shrinks to less than a fiftieth; a zip bomb does by a thousand."""
RATIO_FREE_BYTES = 32 << 20
_MEMORY_BYTES = 64 << 20


class FileSet:
    """Named text files that lie together."""

    def __init__(self, path: Path, names: dict[str, str | Path]) -> None:
        self.path = path
        self._names = names
        """File name → path on disk, or name inside the zip."""

    def __contains__(self, name: str) -> bool:
        return name in self._names

    @contextmanager
    def text(self, name: str) -> Iterator[io.TextIOWrapper]:
        """Open a file as text, line ends untouched. Raises `FileRefused` for an unknown encoding or a broken zip."""
        with self._binary(name) as stream:
            encoding = find_encoding(stream, name)
            yield io.TextIOWrapper(stream, encoding=encoding, errors="strict", newline="")

    @contextmanager
    def _binary(self, name: str) -> Iterator[BinaryIO]:
        where = self._names[name]
        if isinstance(where, Path):
            try:
                stream = where.open("rb")
            except OSError as error:
                raise refused(name, 0, message("打不开文件“{path}”。", path=name)) from error
            with stream:
                yield stream
            return
        with open_zip(self.path) as archive, _unpacked(archive, archive.getinfo(where)) as unpacked:
            yield unpacked


@contextmanager
def open_zip(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a zip after checking its list of contents. Raises `FileRefused`."""
    try:
        with zipfile.ZipFile(path) as archive:
            _check_members(archive, path.name)
            yield archive
    except (zipfile.BadZipFile, EOFError) as error:
        raise refused(path.name, 0, message("压缩包不完整或已损坏，请重新复制或下载。"), code="zip_broken") from error
    except NotImplementedError as error:
        raise refused(path.name, 0, message("不支持这种压缩方法，请用普通的 zip。"), code="zip_broken") from error


def _check_members(archive: zipfile.ZipFile, name: str) -> None:
    members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise refused(name, 0, message("压缩包里的文件太多。"), code="zip_unsafe")
    for member in members:
        path = PurePosixPath(member.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or (path.parts and ":" in path.parts[0]):
            raise refused(
                name, 0, message("压缩包里的路径“{path}”指向包外，拒绝导入。", path=member.filename), code="zip_unsafe"
            )
        if member.flag_bits & 1:
            raise refused(name, 0, message("压缩包有密码，请先解开它。"), code="zip_encrypted")
        if member.file_size > MOST_BYTES or (
            member.file_size > RATIO_FREE_BYTES and member.file_size > MOST_RATIO * max(member.compress_size, 1)
        ):
            raise refused(name, 0, message("压缩包里的“{path}”解开后太大，拒绝导入。", path=member.filename))


@contextmanager
def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[BinaryIO]:
    """Unpack one member, into memory while it is small; it must be exactly as large as the zip says."""
    with tempfile.SpooledTemporaryFile(max_size=_MEMORY_BYTES) as target:
        done = 0
        try:
            with archive.open(member) as source:
                while chunk := source.read(1 << 20):
                    done += len(chunk)
                    if done > member.file_size:
                        break
                    target.write(chunk)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
            raise refused(
                member.filename, 0, message("压缩包不完整或已损坏，请重新复制或下载。"), code="zip_broken"
            ) from error
        if done != member.file_size:
            raise refused(member.filename, 0, message("压缩包不完整或已损坏，请重新复制或下载。"), code="zip_broken")
        target.seek(0)
        yield io.BufferedReader(_Raw(target))


class _Raw(io.RawIOBase):
    """A spooled file as a raw stream: text wrappers need one that knows whether it can be read and sought."""

    def __init__(self, target: tempfile.SpooledTemporaryFile[bytes]) -> None:
        self._target = target

    def readable(self) -> bool:
        """Reading is what it is for."""
        return True

    def seekable(self) -> bool:
        """The encoding is found in a first reading."""
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a position."""
        return self._target.seek(offset, whence)

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill a buffer."""
        data = self._target.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def find_files(path: Path, known: frozenset[str]) -> FileSet | None:
    """Return the known files of a folder or zip; in a zip they may lie in one folder. `None` when there is none."""
    if path.is_dir():
        found: dict[str, str | Path] = {entry.name: entry for entry in path.iterdir() if entry.name in known}
        return FileSet(path, found) if found else None
    if not is_zip(path):
        return None
    with open_zip(path) as archive:
        folders: dict[str, dict[str, str | Path]] = {}
        for member in archive.namelist():
            folder, _, name = member.replace("\\", "/").rpartition("/")
            if name in known:
                folders.setdefault(folder, {})[name] = member
    if not folders:
        return None
    nearest = min(folders, key=lambda folder: (folder.count("/") + bool(folder), folder))
    return FileSet(path, folders[nearest])


def is_zip(path: Path) -> bool:
    """Tell whether a file begins as a zip does."""
    with path.open("rb") as stream:
        return stream.read(2) == b"PK"
