"""Text out of bytes: byte-order marks, then strict UTF-8, then strict GB18030; nothing is ever guessed or replaced."""

from __future__ import annotations

import codecs
import io
from typing import BinaryIO

from app.exchange.errors import refused
from app.kernel.text import message

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHUNK = 1 << 20


def find_encoding(stream: BinaryIO, file: str) -> str:
    """Return the encoding of a whole stream that can be read twice; it is left at its beginning.

    Raises `FileRefused` naming the line of the first bytes that are neither UTF-8 nor GB18030.
    """
    head = stream.read(4)
    stream.seek(0)
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            candidates = [encoding]
            break
    else:
        candidates = ["utf-8", "gb18030"]
    lines: list[int] = []
    for encoding in candidates:
        line = _first_bad_line(stream, encoding)
        stream.seek(0)
        if line == 0:
            return encoding
        lines.append(line)
    raise refused(
        file, lines[0], message("文字编码不是 UTF-8 也不是 GB18030，请另存为 UTF-8 后再导入。"), code="encoding_unknown"
    )


def _first_bad_line(stream: BinaryIO, encoding: str) -> int:
    """Return the line of the first undecodable bytes, or 0 when all can be decoded."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    line = 1
    while True:
        chunk = stream.read(_CHUNK)
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            return line + chunk[: max(error.start, 0)].count(b"\n")
        line += text.count("\n")
        if not chunk:
            return 0


def decode(data: bytes, file: str) -> str:
    """Return the text of a small file, without its byte-order mark. Raises `FileRefused`."""
    encoding = find_encoding(io.BytesIO(data), file)
    return data.decode(encoding).removeprefix("\ufeff")
