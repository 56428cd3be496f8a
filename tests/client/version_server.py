"""A server for version files on this machine, honest or not, and the keys and certificates it needs."""

from __future__ import annotations

import base64
import datetime
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.client.update_notice import FIRST_LINE, signed_bytes
from tests.certificates import certificate

SIGNER = Ed25519PrivateKey.from_private_bytes(b"zhangfang tests sign with this..")
TODAY = datetime.date(2026, 12, 5)
OFFER: dict[str, Any] = {
    "program": "zhangfang",
    "version": "0.2.0",
    "released": "2026-12-01",
    "expires": "2027-12-01",
    "changes": {"zh": ["结账更快", "导入更稳"], "en": ["Closing is faster"]},
    "link": "https://example.com/zhangfang/0.2.0",
}


def public_key(signer: Ed25519PrivateKey = SIGNER) -> str:
    """Return the public half as the settings take it."""
    return base64.b64encode(signer.public_key().public_bytes_raw()).decode("ascii")


def signed(payload: bytes, signer: Ed25519PrivateKey = SIGNER) -> bytes:
    """Return a version file whose payload may be anything."""
    return FIRST_LINE + base64.b64encode(signer.sign(signed_bytes(payload))) + b"\n" + payload


def version_file(**changed: Any) -> bytes:
    """Return a good version file, some of its values changed."""
    return signed(json.dumps(OFFER | changed, ensure_ascii=False).encode("utf-8"))


def write_certificate(folder: Path, *, days_left: int) -> tuple[Path, Path]:
    """Write a certificate for localhost that vouches for itself, and its key; return both files."""
    public = certificate(folder, days=days_left)
    return public, public.with_suffix(".key")


class VersionServer:
    """Answers every GET as `answer` says, and remembers what it was told."""

    def __init__(self, public_and_key: tuple[Path, Path] | None = None) -> None:
        self.requests: list[str] = []
        self.answer: Callable[[BaseHTTPRequestHandler], None] = send(version_file())
        self.stopping = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.requests.append(f"{self.requestline}\r\n{self.headers}")
                outer.answer(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                return

        class Quiet(ThreadingHTTPServer):
            daemon_threads = False

            def handle_error(self, request: object, client_address: object) -> None:
                return  # a client that hangs up or does not trust the certificate

        self._server = Quiet(("127.0.0.1", 0), Handler)
        if public_and_key is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*public_and_key)
            # The handshake belongs to the thread of the connection, not to the one that accepts.
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        scheme = "https" if public_and_key else "http"
        self.url = f"{scheme}://127.0.0.1:{self._server.server_port}/version.txt"

    @contextmanager
    def running(self) -> Iterator[VersionServer]:
        """Serve until the end of the block."""
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield self
        finally:
            self.stopping.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join()


def send(
    body: bytes, *, status: int = 200, length: int | None = None, cookie: str = "", location: str = ""
) -> Callable[..., None]:
    """Return an answer with this body, and another length than it has, if one is given."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body) if length is None else length))
        if cookie:
            handler.send_header("Set-Cookie", cookie)
        if location:
            handler.send_header("Location", location)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def drip(stopping: threading.Event, *, headers_too: bool) -> Callable[..., None]:
    """Return an answer that never ends: a byte now and then, from the first header or from the body on."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        if not headers_too:
            handler.send_response(200)
            handler.end_headers()
        piece = b"HTTP/1.1 200 OK\r\nX-Slow: "
        while not stopping.wait(0.03):
            handler.wfile.write(piece if headers_too else b".")
            handler.wfile.flush()
            piece = b"."

    return answer
