"""What docs/compliance.md says is shown by tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "compliance.md").read_text(encoding="utf-8")
ROWS = [
    cells
    for line in TEXT.splitlines()
    if len(cells := [cell.strip() for cell in line.strip().strip("|").split("|")]) == 5 and "号" in cells[0] + cells[1]
]
STATES = {"有", "部分", "没有", "不适用"}


def named_tests() -> set[str]:
    return {name for row in ROWS for name in re.findall(r"`([^`]+)`", row[4])}


@pytest.mark.parametrize("name", sorted(named_tests()))
def test_a_named_test_exists(name: str) -> None:
    if name.startswith("tests/"):
        assert (ROOT / name).is_file()
        return
    places = [path for path in (ROOT / "tests").rglob("test_*.py") if f"def {name}(" in path.read_text("utf-8")]
    assert places, f"docs/compliance.md names {name}, which is nowhere in tests/"


def test_every_item_has_a_state_and_what_is_claimed_is_shown() -> None:
    assert len(ROWS) >= 25
    for article, _demand, state, done, tests in ROWS:
        assert state in STATES, article
        assert done, article
        if state == "有" and article != "12 号 39":
            assert tests, f"{article} is claimed without a test"
