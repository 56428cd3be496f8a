"""Books worked out by hand: a csv-book with the figures it must lead to, driven through the real command line."""

from __future__ import annotations

import contextlib
import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from app.bootstrap import Runtime
from app.cli import main
from app.client.api import ApiClient
from app.client.transport import Transport
from app.contract.statements import StatementQuery
from app.settings import Settings
from tests.cli.running import Outcome

BOOKS = Path(__file__).parent / "books"
Lines = dict[str, tuple[str, ...]]
"""The amounts of a statement by what names the row."""

COLUMNS = {
    "balance-sheet": ("closing", "year_begin"),
    "income-statement": ("ytd", "month"),
    "cash-flow": ("ytd", "month"),
    "profit-appropriation": ("current_year",),
}


def expected(folder: Path, name: str) -> list[dict[str, str]]:
    """Return the rows of `expected_<name>.csv`."""
    with (folder / f"expected_{name.replace('-', '_')}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@dataclass(frozen=True)
class WorkedBook:
    """A book at an address, and the command line to work on it."""

    address: str
    environment: Mapping[str, str] = field(default_factory=dict)

    def command(self, *arguments: object) -> Outcome:
        """Run a command on the book (the verb, the book, the rest) within the test, which spares its start."""
        verb, *rest = arguments
        printed, noted = io.StringIO(), io.StringIO()
        with (
            pytest.MonkeyPatch.context() as patch,
            contextlib.redirect_stdout(printed),
            contextlib.redirect_stderr(noted),
        ):
            for name, value in self.environment.items():
                patch.setenv(name, value)
            code = main([str(part) for part in (verb, self.address, *rest)])
        return Outcome(code, printed.getvalue(), noted.getvalue())

    def do(self, *arguments: object) -> Outcome:
        """Run a command that must not be refused."""
        outcome = self.command(*arguments)
        assert outcome.code == 0, (arguments, outcome.err)
        return outcome

    def found(self, name: str, period: str, *, first: str = "", unposted: bool = False) -> list[dict[str, Any]]:
        """Return the rows of a report at the end of a month."""
        more = ["--include-unposted"] if unposted else []
        answer = self.do("report", name, "--from", first or period, "--to", period, "--json", *more)
        rows: list[dict[str, Any]] = answer.json["rows"]
        return rows

    def accounts(self, period: str) -> dict[str, dict[str, Any]]:
        """Return the trial balance by code."""
        return {row["code"]: row for row in self.found("trial-balance", period)}

    def check(self, folder: Path, period: str, *names: str) -> None:
        """Compare every line of statements with the literal figures of a folder: number, wording, amounts."""
        for name in names or COLUMNS:
            columns = ("line", "name_zh", *COLUMNS[name])
            found = [tuple(str(row[key]) for key in columns) for row in self.found(name, period) if row["line"]]
            assert found == [tuple(row[key] for key in columns) for row in expected(folder, name)], name

    @contextlib.contextmanager
    def client(self) -> Iterator[ApiClient]:
        """Open the book as the window does and talk to its server."""
        runtime = Runtime(Settings())
        try:
            opened = runtime.open_book(self.address, self.environment.get("ZHANGFANG_DB_PASSWORD"))
            with contextlib.closing(ApiClient(Transport(opened.url, opened.token))) as api:
                yield api
        finally:
            runtime.close_book()


def statements(api: ApiClient, period: str, *names: str, unposted: bool = False) -> dict[str, Lines]:
    """Return the amounts of statements by line over HTTP, all four unless they are named."""
    found: dict[str, Lines] = {}
    for name in names or COLUMNS:
        statement = api.get_statement(name, StatementQuery(to_period=period, include_unposted=unposted))
        assert [check.message for check in statement.checks if not check.ok] == []
        columns = COLUMNS[name]
        found[name] = {
            str(row.line): tuple(row.amounts[column] for column in columns) for row in statement.rows if row.line
        }
    return found


def literal(folder: Path, *names: str) -> dict[str, Lines]:
    """Return the figures worked out by hand in the shape of `statements`."""
    return {
        name: {row["line"]: tuple(row[column] for column in COLUMNS[name]) for row in expected(folder, name)}
        for name in names or COLUMNS
    }
