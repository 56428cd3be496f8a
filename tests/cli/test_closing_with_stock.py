"""Stock takes part in closing a month, on the command line and in the server alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.identity.queries.actors import owner_actor
from app.ledger.service.closing import guests
from app.storage.database import Book, open_database
from tests.calling import caller_on, set_up
from tests.cli.conftest import Command
from tests.inventory.warehouse import Desk, line


@pytest.fixture(autouse=True)
def nobody_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a process that has just started."""
    monkeypatch.setattr(guests, "_loaders", {})


def trade(month: str) -> None:
    """Let goods with the month's average come and go in the current book."""
    owner = owner_actor()
    assert owner is not None
    desk = Desk(owner)
    item = desk.item("M", "monthly")
    desk.done("other_in", f"{month}-05", line(item, "4", "100"))
    desk.done("other_out", f"{month}-06", line(item, "1"))


def test_the_command_costs_the_month_before_it_closes(path: Path, here: Command) -> None:
    assert here("new", path, "--chart", "small_enterprise_2013", "--start", "2026-11").code == 0
    book = open_database(str(path))
    with book.session():
        trade("2026-11")
    book.close()
    refused = here("close", path, "2026-11")
    assert refused.code == 1
    assert "还没有结转出库成本：M M货" in refused.err
    done = here("close", path, "2026-11", "--carry-forward")
    assert done.code == 0
    assert "结转 2026-11 出库成本 25.00" in done.out
    assert here("verify", path).code == 0


def test_the_server_shows_the_step(sqlite_book: Book) -> None:
    set_up(sqlite_book)
    window = caller_on(sqlite_book, own_application=True)
    with sqlite_book.session():
        trade("2026-06")
    steps = {step["key"]: step for step in window.get("/api/closing/2026-06").json["steps"]}
    assert (steps["stock_cost"]["title"], steps["stock_cost"]["state"]) == ("结转出库成本", "due")
    assert window.post("/api/periods/2026-06/close", {}).status == 422
