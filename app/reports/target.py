"""Where a report's file goes: a stream, or a path that gets the file only once it is whole."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from app.kernel.errors import EnvironmentFault
from app.kernel.text import message


@contextlib.contextmanager
def written(target: Path | BinaryIO) -> Iterator[BinaryIO]:
    """Yield a stream to write into. A file that was there stays until the new one is whole.

    Raises `EnvironmentFault` (`file_unwritable`) where the file cannot be written.
    """
    if not isinstance(target, Path):
        yield target
        return
    draft = target.with_name(target.name + ".part")
    try:
        with draft.open("wb") as stream:
            yield stream
        draft.replace(target)
    except OSError as error:
        _forget(draft)
        raise EnvironmentFault(
            "file_unwritable", message("写不了文件“{path}”，请检查文件夹，并关闭正打开它的程序。", path=target)
        ) from error
    except BaseException:
        _forget(draft)
        raise


def _forget(draft: Path) -> None:
    with contextlib.suppress(OSError):
        draft.unlink()
