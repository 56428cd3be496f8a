"""Two versions of one thing beside what it was: which fields and lines differ; no Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from app.ui.language import tr


@dataclass(frozen=True)
class Difference:
    """A field or line in three versions: as it was when it was opened, as it is here, as the other person left it."""

    label: str
    was: str
    mine: str
    theirs: str

    @property
    def is_mine(self) -> bool:
        """Whether it was changed here."""
        return self.mine != self.was

    @property
    def is_theirs(self) -> bool:
        """Whether the other person changed it."""
        return self.theirs != self.was


def field_differences(was: Mapping[str, str], mine: Mapping[str, str], theirs: Mapping[str, str]) -> list[Difference]:
    """Return the fields that are not the same in all three."""
    labels = dict.fromkeys((*was, *mine, *theirs))
    rows = [Difference(label, was.get(label, ""), mine.get(label, ""), theirs.get(label, "")) for label in labels]
    return [row for row in rows if row.is_mine or row.is_theirs]


def line_differences(
    was: Sequence[str], mine: Sequence[str], theirs: Sequence[str], *, table: str = ""
) -> list[Difference]:
    """Return the lines that differ; a line put in between leaves those after it what they were.

    `table` names what the lines are of, where there are several.
    """
    return [row for row in lines_beside(was, mine, theirs, table=table) if row.is_mine or row.is_theirs]


def lines_beside(
    was: Sequence[str], mine: Sequence[str], theirs: Sequence[str], *, table: str = ""
) -> list[Difference]:
    """Return every line beside what became of it, new ones where they stand; see `line_differences`."""
    before = f"{table} · " if table else ""
    my_lines, my_new = _matched(was, mine)
    their_lines, their_new = _matched(was, theirs)
    found: list[Difference] = []
    for place in range(len(was) + 1):
        mine_here, theirs_here = my_new.get(place, []), their_new.get(place, [])
        found += [
            Difference(before + tr("新的一行"), "", _at(mine_here, number), _at(theirs_here, number))
            for number in range(max(len(mine_here), len(theirs_here)))
        ]
        if place < len(was):
            label = before + tr("第 {number} 行", number=place + 1)
            found.append(Difference(label, was[place], my_lines[place], their_lines[place]))
    return found


def _matched(was: Sequence[str], now: Sequence[str]) -> tuple[list[str], dict[int, list[str]]]:
    """Return what became of each line, empty where it is gone, and the new lines by the place they stand before."""
    became = [""] * len(was)
    new: dict[int, list[str]] = {}
    for tag, first, end, now_first, now_end in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        if tag in {"equal", "replace"}:
            paired = min(end - first, now_end - now_first)
            became[first : first + paired] = now[now_first : now_first + paired]
            if now_end - now_first > paired:
                new[end] = list(now[now_first + paired : now_end])
        elif tag == "insert":
            new[first] = list(now[now_first:now_end])
    return became, new


def _at(lines: Sequence[str], number: int) -> str:
    return lines[number] if number < len(lines) else ""
