"""The two bodies of a call: what the caller sends and what the service answers, piece by piece, never as a whole."""

from __future__ import annotations

import http.client
import logging
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

logger = logging.getLogger(__name__)

PIECE_BYTES = 1 << 16
BROKEN = (OSError, http.client.HTTPException)
"""What a connection to a service raises when it breaks."""


class BodyTooLargeError(Exception):
    """The caller sends more than any route takes."""


class CallerGoneError(Exception):
    """The caller went away while sending."""


class AnswerBrokenError(Exception):
    """A service stopped in the middle of its answer; the caller's connection is closed, so that he sees it."""


class RequestBody:
    """What a caller sends: of a length told before, or in chunks."""

    def __init__(self, environ: WSGIEnvironment, max_bytes: int) -> None:
        """Take the request; nothing is read yet."""
        self._input = environ["wsgi.input"]
        self._max_bytes = max_bytes
        self.is_chunked = "HTTP_TRANSFER_ENCODING" in environ
        self.has_length = bool(environ.get("CONTENT_LENGTH"))
        self.length = int(environ.get("CONTENT_LENGTH") or 0)
        self._began = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be sent."""
        return not self.is_chunked and self.length == 0

    @property
    def is_too_large(self) -> bool:
        """Whether more is announced than any route takes."""
        return self.length > self._max_bytes

    def pieces(self) -> Iterator[bytes]:
        """Yield the body. Raises `CallerGoneError`, and `BodyTooLargeError` for chunks without an end."""
        done = 0
        while self.is_chunked or done < self.length:
            piece = self._read(PIECE_BYTES if self.is_chunked else min(PIECE_BYTES, self.length - done))
            if not piece:
                if self.is_chunked:
                    return
                raise CallerGoneError
            done += len(piece)
            if done > self._max_bytes:
                raise BodyTooLargeError
            yield piece

    def _read(self, size: int) -> bytes:
        try:
            piece: bytes = self._input.read(size)
        except (OSError, ValueError, EOFError) as error:  # each server has errors of its own for a caller that left
            raise CallerGoneError from error
        return piece


class AnswerBody:
    """What a service answers, read as the caller takes it; `done` is called once, with whether all was read."""

    def __init__(self, response: http.client.HTTPResponse, service: str, done: Callable[[bool], None]) -> None:
        """Take an answer whose headers were read."""
        self._response = response
        self._service = service
        self._done: Callable[[bool], None] | None = done
        self._first = b""

    def begin(self) -> None:
        """Read the first piece, while the caller can still be told that there is none. Raises what `BROKEN` names."""
        self._first = self._response.read1(PIECE_BYTES)
        if not self._first and self._response.length:
            raise http.client.IncompleteRead(b"", self._response.length)

    def __iter__(self) -> Iterator[bytes]:
        """Yield the answer's body, which was begun."""
        piece, self._first = self._first, b""
        try:
            while piece:
                yield piece
                piece = self._response.read1(PIECE_BYTES)
        except BROKEN as error:
            raise AnswerBrokenError(f"{self._service} broke off its answer: {error}") from error
        # a connection that ended early reads as an end: only the length tells
        if self._response.length:
            raise AnswerBrokenError(f"{self._service} broke off its answer, {self._response.length} bytes are missing")
        self._finish(complete=True)

    def close(self) -> None:
        """Give the connection up when not everything was taken; servers call this at the end of every answer."""
        self._finish(complete=False)

    def _finish(self, *, complete: bool) -> None:
        done, self._done = self._done, None
        if done is not None:
            self._response.close()  # read1 leaves it open at its end, and with it the connection taken
            done(complete)
