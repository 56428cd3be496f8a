"""Reclassifications as statements read them: which line of the balance sheet gets how much more."""

from __future__ import annotations

from typing import NamedTuple

from app.reports.statements.definition import Definition
from app.storage.database import fetch_all


class Move(NamedTuple):
    """What a reclassification does to one line; `other_line` is where it comes from or goes to."""

    line: int
    other_line: int
    effect: int
    reason: str


def read_moves(definition: Definition | None) -> dict[int, list[Move]]:
    """Return the reclassifications by month.

    Within one side the amount leaves a line and joins another; between the sides it is added to both, so that the sides
    stay equal (a payable's debit balance that is shown among the assets). Lines the form no longer has are left out.
    """
    if definition is None:
        return {}
    sides = {row.line: row.side for row in definition.rows if row.line is not None}
    moves: dict[int, list[Move]] = {}
    rows = fetch_all("SELECT period, from_line, to_line, amount, reason FROM {reclassification} ORDER BY period, id")
    for period, from_line, to_line, amount, reason in rows:
        if from_line in sides and to_line in sides:
            leaving = -amount if sides[from_line] == sides[to_line] else amount
            moves.setdefault(period, []).extend(
                (Move(from_line, to_line, leaving, reason), Move(to_line, from_line, amount, reason))
            )
    return moves
