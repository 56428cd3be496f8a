"""Getting the version file: one GET that tells nothing, bounded in time and size, without Qt.

No proxy, no cookies, no name or version of this program's user in the headers. The whole of it, looking up the host
included, ends within the time limit, because the waiting is done apart from the thread that talks.
"""

from __future__ import annotations

import contextlib
import http.client
import queue
import socket
import ssl
import threading
import urllib.parse

from app.client.update_notice import MAX_FILE_BYTES, checked_url, is_near, split_url
from app.kernel.errors import EnvironmentFault, ZhangfangError
from app.kernel.text import message
from app.tls import trusting_the_system

TIME_LIMIT_S = 15.0
MAX_REDIRECTS = 3
HEADERS = {"User-Agent": "zhangfang", "Accept": "*/*", "Connection": "close"}

_PIECE_BYTES = 8192
_REDIRECTS = {301, 302, 303, 307, 308}


class Fetch:
    """One attempt. `run` blocks for `time_limit_s` at most; `cancel` ends it from any thread."""

    def __init__(self, url: str, *, time_limit_s: float = TIME_LIMIT_S) -> None:
        self._url = checked_url(url)
        self._time_limit_s = time_limit_s
        self._outcome: queue.SimpleQueue[bytes | Exception] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._ended = False

    def run(self) -> bytes:
        """Return the file's bytes.

        Raises `EnvironmentFault`: `update_unreachable`, `update_certificate`, `update_answer` (no file there),
        `update_redirect`, `update_too_large`.
        """
        # A daemon: looking up a host cannot be interrupted, and must not keep the program from ending.
        threading.Thread(target=self._talk, name="update-fetch", daemon=True).start()
        try:
            outcome = self._outcome.get(timeout=self._time_limit_s)
        except queue.Empty:
            outcome = unreachable(self._url)
        finally:
            self._hang_up()
        if isinstance(outcome, bytes):
            return outcome
        raise outcome

    def cancel(self) -> None:
        """End it; `run` raises `EnvironmentFault` (`update_unreachable`) at once."""
        self._outcome.put(unreachable(self._url))

    def _talk(self) -> None:
        try:
            self._outcome.put(self._follow())
        except ssl.SSLCertVerificationError:
            host = urllib.parse.urlsplit(self._url).hostname
            self._outcome.put(
                EnvironmentFault(
                    "update_certificate",
                    message("服务器“{host}”的证书没有通过检查：已过期，或者不是这个网址的。", host=str(host)),
                )
            )
        except (OSError, UnicodeError, http.client.HTTPException):  # UnicodeError: no name of a host
            self._outcome.put(unreachable(self._url))
        except Exception as error:  # noqa: BLE001  # handed to the thread that waits, which raises it
            self._outcome.put(error)

    def _follow(self) -> bytes:
        url = self._url
        for _turn in range(MAX_REDIRECTS + 1):
            answer = self._get(url)
            if isinstance(answer, bytes):
                return answer
            url = _next_url(url, answer)
        raise _redirect_refused()

    def _get(self, url: str) -> bytes | str:
        """Return the bytes at a URL, or where it says they are."""
        parts = urllib.parse.urlsplit(url)
        connection = self._connect(parts)
        try:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("GET", target, headers=HEADERS)
            # The response is closed apart: the connection lets go of one that is to be its last.
            with connection.getresponse() as response:
                if response.status in _REDIRECTS:
                    return response.getheader("Location") or ""
                if response.status != 200:
                    raise EnvironmentFault(
                        "update_answer",
                        message("那个地址上没有版本文件（服务器回答 {status}）。", status=response.status),
                    )
                return _read_bounded(response)
        finally:
            connection.close()

    def _connect(self, parts: urllib.parse.SplitResult) -> http.client.HTTPConnection:
        host, timeout_s = parts.hostname or "", self._time_limit_s
        made: http.client.HTTPConnection
        if parts.scheme == "https":
            made = http.client.HTTPSConnection(host, parts.port, timeout=timeout_s, context=trusting_the_system())
        else:
            made = http.client.HTTPConnection(host, parts.port, timeout=timeout_s)
        made.connect()
        with self._lock:
            if self._ended:
                made.close()
                raise ConnectionAbortedError("nobody waits any more")
            self._socket = made.sock
        return made

    def _hang_up(self) -> None:
        """Wake the thread that talks, wherever it waits for the server."""
        with self._lock:
            self._ended = True
            if self._socket is not None:
                with contextlib.suppress(OSError):  # it is over already
                    # Not the TLS socket's own method, which would take the connection apart under the other's hands.
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def unreachable(url: str) -> ZhangfangError:
    """Return the error for a server that does not answer."""
    host = urllib.parse.urlsplit(url).hostname
    return EnvironmentFault("update_unreachable", message("连不上“{host}”，请检查网络和地址。", host=str(host)))


def _read_bounded(response: http.client.HTTPResponse) -> bytes:
    pieces, length = [], 0
    while piece := response.read1(_PIECE_BYTES):
        pieces.append(piece)
        length += len(piece)
        if length > MAX_FILE_BYTES:
            raise EnvironmentFault("update_too_large", message("那个地址上的文件太大，不是版本文件。"))
    if response.length:
        raise http.client.IncompleteRead(b"".join(pieces), response.length)
    return b"".join(pieces)


def _next_url(url: str, location: str) -> str:
    """Return where a redirect leads. Only to https, and from the internet never into the local network."""
    target = urllib.parse.urldefrag(urllib.parse.urljoin(url, location)).url
    parts = split_url(target)
    if not location or parts is None or parts.scheme != "https" or parts.username is not None:
        raise _redirect_refused()
    if is_near(parts.hostname or "") and not is_near(urllib.parse.urlsplit(url).hostname or ""):
        raise _redirect_refused()
    return target


def _redirect_refused() -> ZhangfangError:
    return EnvironmentFault("update_redirect", message("那个地址转到了别处，没有跟过去；请填写版本文件最终的地址。"))
