"""A book behind the program's own server, called over HTTP as the window calls it."""

from __future__ import annotations

import http.client
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from app.storage.address import parse_address
from app.storage.database import open_database
from app.web.factory import create_app
from app.web.guard import DesktopGuard
from app.web.opening import StopRegister, open_for_serving
from app.web.server import LocalServer


class Client:
    """One keep-alive connection with the window's token."""

    def __init__(self, port: int, token: str) -> None:
        """Connect to a local port."""
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str, **query: Any) -> Any:
        """Return the parsed answer."""
        target = quote(path) + ("?" + urlencode(query) if query else "")
        return self._call("GET", target, None)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """Return the parsed answer of a POST."""
        return self._call("POST", path, orjson.dumps(body))

    def patch(self, path: str, body: dict[str, Any]) -> Any:
        """Return the parsed answer of a PATCH."""
        return self._call("PATCH", path, orjson.dumps(body))

    def delete(self, path: str) -> Any:
        """Return the parsed answer of a DELETE."""
        return self._call("DELETE", path, None)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _call(self, method: str, target: str, body: bytes | None) -> Any:
        headers = self._headers | ({"Content-Type": "application/json"} if body is not None else {})
        self._connection.request(method, target, body=body, headers=headers)
        answer = self._connection.getresponse()
        data = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {target}: {answer.status} {data.decode(errors='replace')}")
        return orjson.loads(data) if data else None


@contextmanager
def served(address: Path | str, password: str = "", *, prepared: bool = False) -> Iterator[Client]:
    """Serve a book in a thread, as the desktop does, and yield a client of it.

    `prepared` opens it as the program does, with what is done in the background after that.
    """
    stops = StopRegister()
    if prepared:
        book = open_for_serving(parse_address(str(address), password or None), stops)
    else:
        book = open_database(str(address), password=password or None)
        stops.push("book", book.close)
    server = LocalServer()
    token = secrets.token_urlsafe(32)
    port = server.bind()
    server.start(create_app(book, DesktopGuard(port, token)))
    client = Client(port, token)
    try:
        client.get("/api/health")
        yield client
    finally:
        client.close()
        server.stop()
        stops.run()
