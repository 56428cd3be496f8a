"""Whole books worked out by hand are sound: the doctor has nothing to say of them, before the close and after it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.worked import BOOKS, WorkedBook


@pytest.mark.parametrize(
    ("name", "chart", "start", "months"),
    [
        ("month", "small_enterprise_2013", "2026-06", ["2026-06"]),
        ("loss", "small_enterprise_2013", "2026-11", ["2026-11", "2026-12"]),
        ("asbe", "asbe_2006_2019", "2026-04", ["2026-04", "2026-05", "2026-06"]),
    ],
)
def test_a_worked_book_lists_nothing(unmade: WorkedBook, name: str, chart: str, start: str, months: list[str]) -> None:
    unmade.do("new", "--chart", chart, "--start", start)
    unmade.do("import", BOOKS / name, "--post")
    assert listed(unmade) == ([], [])
    for month in months:
        unmade.do("close", month, "--carry-forward")
    assert listed(unmade) == ([], [])


def listed(book: WorkedBook) -> tuple[list[Any], list[Any]]:
    """Return what `verify` finds and what it warns of."""
    document = book.do("verify", "--json").json
    return document["findings"], document["warnings"]
