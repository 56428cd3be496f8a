"""Reading what a server answers: within bounds, for whatever stands at an address may send without end.

An answer that is an error becomes the error the service raised.
"""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from app.kernel.errors import (
    Conflict,
    EnvironmentFault,
    MalformedInput,
    NotAuthenticated,
    NotFound,
    PermissionDenied,
    RuleBroken,
    TooLarge,
    TooManyRequests,
    ZhangfangError,
)
from app.kernel.text import Message, message

MAX_ANSWER_BYTES = 128 << 20
"""Larger than any list or page the server has; files are read into files, not into memory."""
MAX_ERROR_BYTES = 32 << 20
"""A refusal may hold a whole thing as it stands there, such as a voucher of two thousand lines."""
LONGEST_READ_S = 600.0
"""How long an answer may take from its first byte to its last, when it comes in drops."""
_PIECE_BYTES = 1 << 18
_LONGEST_NUMBER = 10
_SAID_BY_PROXIES = frozenset({502, 503, 504})
_ERRORS: dict[int, type[ZhangfangError]] = {
    400: MalformedInput,
    401: NotAuthenticated,
    403: PermissionDenied,
    404: NotFound,
    409: Conflict,
    413: TooLarge,
    422: RuleBroken,
    429: TooManyRequests,
    503: EnvironmentFault,
}


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """What came back: the status, the content type and all bytes."""

    status: int
    content_type: str
    body: bytes
    retry_after_s: int = 0
    """How long the server wants to be left alone before the same is asked again; 0 where it does not say."""

    @property
    def is_good(self) -> bool:
        """Tell whether the server did what it was asked; a redirect is none of its answers and is never followed."""
        return 200 <= self.status < 300


def read_whole(response: http.client.HTTPResponse) -> RawAnswer:
    """Read an answer into memory. Raises `EnvironmentFault` (`answer_too_large`), `TimeoutError`, `HTTPException`."""
    good = 200 <= response.status < 300
    limit = MAX_ANSWER_BYTES if good else MAX_ERROR_BYTES
    if response.length is not None and response.length > limit:
        raise _too_large()
    deadline = time.monotonic() + LONGEST_READ_S
    pieces, size = [], 0
    while piece := response.read1(_PIECE_BYTES):
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            raise _too_large()
        if time.monotonic() > deadline:
            raise TimeoutError
    response.read()  # nothing is left: this sets the connection free for the next call
    if response.length:  # the connection ended before the answer did
        raise http.client.IncompleteRead(b"", response.length)
    later = response.headers.get("Retry-After", "")
    return RawAnswer(
        response.status,
        response.headers.get("Content-Type", ""),
        b"".join(pieces),
        int(later) if later.isascii() and later.isdecimal() and len(later) < _LONGEST_NUMBER else 0,
    )


def read_into(response: http.client.HTTPResponse, target: Path, report: Callable[[int, int], None]) -> RawAnswer:
    """Write an answer's bytes into a file as they come; `report` is told bytes done and in all, and may raise.

    Anything but a good answer is read into memory. Raises `EnvironmentFault` when the file cannot be written, and
    `HTTPException` when less came than was announced.
    """
    if not 200 <= response.status < 300:
        return read_whole(response)
    total = response.length or 0
    done = 0
    try:
        file = target.open("wb")
    except OSError as error:
        raise _unwritable(target) from error
    with file:
        while part := response.read(_PIECE_BYTES):
            try:
                file.write(part)
            except OSError as error:
                raise _unwritable(target) from error
            done += len(part)
            report(done, total)
    if done < total:
        raise http.client.IncompleteRead(b"", total - done)
    return RawAnswer(response.status, response.headers.get("Content-Type", ""), b"")


def error_of(raw: RawAnswer) -> ZhangfangError:
    """Turn an error answer into the error the service raised: same code, sentence, fields and family."""
    if 300 <= raw.status < 400:
        return EnvironmentFault(
            "server_redirects",
            message("这个地址把请求转到了别处，没有跟过去。如果服务器用 https，请把地址写成 https:// 开头。"),
        )
    try:
        parsed = orjson.loads(raw.body)
    except orjson.JSONDecodeError:
        parsed = None
    if not isinstance(parsed, dict) or not isinstance(parsed.get("error"), str):
        return unreadable(raw)
    family = _ERRORS.get(raw.status, EnvironmentFault)
    return family(
        str(parsed.get("code", "unknown")),
        Message(parsed["error"]),
        fields=dict(_field_messages(parsed.get("fields"))),
        details=parsed.get("details") if isinstance(parsed.get("details"), dict) else {},
    )


def _field_messages(fields: object) -> Iterator[tuple[str, Message]]:
    if isinstance(fields, dict):
        for name, text in fields.items():
            yield str(name), Message(str(text))


def unreadable(raw: RawAnswer) -> EnvironmentFault:
    """Return the error for an answer that is none of ours: a proxy's, a portal's, or one of another version."""
    if raw.status in _SAID_BY_PROXIES:
        return EnvironmentFault(
            "service_away",
            message("服务器前面的代理在，服务器自己没有回答（状态 {status}）：请稍后再试。", status=raw.status),
            details={"status": raw.status},
        )
    if raw.content_type.lower().startswith("text/html"):
        return EnvironmentFault(
            "other_answers",
            message(
                "那里回答的是一个网页，不是账房（状态 {status}）："
                "网络可能要先在浏览器里登录（酒店、公共无线网），或者这个网址上换了别的程序。",
                status=raw.status,
            ),
            details={"status": raw.status},
        )
    return EnvironmentFault(
        "answer_unreadable",
        message("服务器的回答看不懂（状态 {status}）：两边的版本可能不同。", status=raw.status),
        details={"status": raw.status},
    )


def _too_large() -> EnvironmentFault:
    return EnvironmentFault("answer_too_large", message("服务器的回答大得不合情理，没有读完：请检查服务器地址对不对。"))


def _unwritable(target: Path) -> EnvironmentFault:
    sentence = message("写不了文件“{path}”，请检查文件夹的权限和磁盘空间。", path=str(target))
    return EnvironmentFault("file_unwritable", sentence)
