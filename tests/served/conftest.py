"""Books for the tests of a server over several."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.web import further_book, served_books
from tests.calling import firm_file
from tests.served.several_books import PATIENCE_S, Server


@pytest.fixture(scope="session")
def pattern(tmp_path_factory: pytest.TempPathFactory, empty_file: Path) -> Path:
    """A book whose owner can log in, made once."""
    return firm_file(tmp_path_factory.mktemp("pattern") / "pattern.zhangfang", empty_file)


@pytest.fixture
def server(pattern: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(further_book, "RETRY_AFTER_S", 0.0)
    monkeypatch.setattr(served_books, "LOOK_EVERY_S", 0.0)
    for module, patience in ((further_book, "FIRST_WAIT_S"), (served_books, "LISTING_S")):
        monkeypatch.setattr(module, patience, PATIENCE_S)  # what opens a book may be slow
    made = Server(pattern, tmp_path)
    yield made
    made.stops.run()
