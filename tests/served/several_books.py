"""A server over several books, as `serve --books` makes it, without a socket; what the tests of it share."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

from werkzeug.test import Client, TestResponse

from app.storage.address import parse_address
from app.storage.database import Book
from app.web.limits import Limits
from app.web.opening import StopRegister, open_for_serving
from app.web.served_books import FurtherBooks
from app.web.serving import Serving, served_site
from tests.calling import Caller

PATIENCE_S = 60.0


class BufferedClient(Client):
    """Takes an answer as a whole and closes it, as a server does."""

    def open(self, *given: Any, **options: Any) -> TestResponse:
        """Send a request."""
        return super().open(*given, **{"buffered": True, **options})


class Server:
    """A site over a default book and a folder, as `serve --books` makes it, without a socket."""

    def __init__(self, pattern: Path, place: Path) -> None:
        self.pattern = pattern
        self.folder = place / "books"
        self.folder.mkdir()
        self.default_path = Path(shutil.copyfile(pattern, place / "default.zhangfang"))
        self.stops = StopRegister()
        self.default: Book | None = None
        self.site: Any = None

    def add(self, slug: str, name: str = "") -> Path:
        """Put a book into the folder; it is there as a whole at once."""
        draft = self.folder / f".{slug}-draft"
        shutil.copyfile(self.pattern, draft)
        if name:
            with sqlite3.connect(draft) as connection:
                connection.execute(
                    "UPDATE book_setting SET value = ? WHERE name = 'book_name'",
                    (json.dumps(name, ensure_ascii=False),),
                )
            connection.close()
        draft.rename(self.folder / f"{slug}.zhangfang")
        return self.folder / f"{slug}.zhangfang"

    def start(self, *, books: bool = True, limits: Limits | None = None) -> Server:
        self.default = open_for_serving(parse_address(str(self.default_path)), self.stops)
        serving = Serving(books=str(self.folder) if books else "", limits=limits or Limits())
        self.site = served_site(self.default, serving, self.stops)
        return self

    @property
    def further(self) -> FurtherBooks:
        assert self.default is not None
        return self.default.companion(FurtherBooks)

    def caller(self) -> Caller:
        return Caller(self.browser())  # type: ignore[arg-type]

    def browser(self) -> Client:
        """Return a client that keeps its cookies."""
        return BufferedClient(self.site)

    def states(self) -> dict[str, str]:
        listed = self.caller().get("/books").json["books"]
        return {book["slug"]: book["state"] for book in listed}
