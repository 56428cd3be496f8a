"""Programs of later tables: migrations good, wrong, failing or deadly, put in the place of the program's own."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from app.storage import migrate as migrate_module
from app.storage.database import Book, execute, register_table
from app.storage.migrate import Migration, Step, add_column, create_index, create_table, insert_rows

GOOD: tuple[Step, ...] = (
    create_table("stamp", {"id": "{id}", "name": "{text:20} NOT NULL UNIQUE"}),
    insert_rows("stamp", ["id", "name"], [(1, "一"), (2, "二")]),
    add_column("voucher", "mood", "{text:10}"),
    create_index("voucher_by_mood", "voucher", ["mood"]),
    insert_rows(
        "currency",
        ["id", "code", "name_zh", "name_en", "minor_digits"],
        [(9001, "XTS", "试验币", "Test currency", 2)],
    ),
)
"""What a usual migration does: a table, rows in it, a column, an index, further rows in a table that was there."""


@dataclass(frozen=True)
class Does:
    """A step of one's own: runs SQL or code, and may say which table it fills."""

    what: Callable[[Book], object]
    filled_table: str | None = None
    text: str = "something of its own"
    new_table: str | None = None

    def apply(self, book: Book) -> None:
        self.what(book)


def sql(*statements: str, fills: str | None = None) -> Does:
    """Return a step that runs statements."""
    return Does(lambda _book: [execute(statement) for statement in statements], fills)


def die(_book: Book) -> None:
    """End this process as a power failure would."""
    os.kill(os.getpid(), signal.SIGKILL)


class Breakdown(Exception):
    """A step that fails."""


def fail(_book: Book) -> None:
    """Fail like a bug would."""
    raise Breakdown


OWN = migrate_module.carried_migrations()


def later(*steps: Step) -> tuple[Migration, ...]:
    """Return the program's migrations and one more of the ledger, made of these steps."""
    for step in steps:
        if step.new_table is not None:
            register_table(step.new_table, "ledger")
    number = sum(1 for known in OWN if known.slice == "ledger") + 1
    return (*OWN, Migration("ledger", number, "later", tuple(steps)))


def become_later(monkeypatch: pytest.MonkeyPatch, *steps: Step) -> None:
    """Make this process a program that carries one more migration; given again, it is another such program."""
    migrations = later(*steps)
    monkeypatch.setattr(migrate_module, "carried_migrations", lambda: migrations)
