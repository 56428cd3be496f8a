"""Endpoints of the book itself: who answers, and what it is."""

from __future__ import annotations

from app.client.calls import Calls
from app.contract.book import BookInfo, Health
from app.kernel.errors import EnvironmentFault
from app.kernel.text import message
from app.version import API_MAJOR, PROGRAM


class BookCalls(Calls):
    """The endpoints of the book."""

    def health(self) -> Health:
        """Ask who answers. Raises `EnvironmentFault`: another program, or another version of the API."""
        health = self.transport.call("GET", "/api/health", Health)
        if health.program != PROGRAM:
            raise EnvironmentFault("other_program", message("那里的程序不是账房：请检查网址和端口号。"))
        if health.api != API_MAJOR:
            raise EnvironmentFault(
                "api_version",
                message("服务器的版本是 {version}，与本程序不配套，请使用相同版本的程序。", version=health.version),
            )
        return health

    def book(self) -> BookInfo:
        """Return what the book is and where it lies."""
        return self.transport.call("GET", "/api/book", BookInfo)
