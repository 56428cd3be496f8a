"""What importers refuse: one sentence that names file, line and reason, and nothing was changed."""

from __future__ import annotations

from app.kernel.errors import UserError
from app.kernel.text import Message, message


class FileRefused(UserError):
    """A file is broken or half wrong; the import changed nothing."""


def place_of(file: str, line: int = 0) -> Message | str:
    """Return where something stands, for messages: `vouchers.csv` or `vouchers.csv 第 12 行`."""
    return message("{file} 第 {line} 行", file=file, line=line) if line else file


def refused(file: str, line: int, reason: Message, *, code: str = "file_refused") -> FileRefused:
    """Make the error for one place in a file. `line` counts from 1; 0 means the file as a whole."""
    return FileRefused(
        code,
        message("{where}：{reason}", where=place_of(file, line), reason=reason),
        details={"file": file, "line": line},
    )
