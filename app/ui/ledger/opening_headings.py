"""Recognising the columns of a table of opening balances by their headings, in Chinese or English; no Qt."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from app.ui.ledger.opening_line import PART_OF, OpeningColumn, Part

FURTHEST_HEADING = 8
"""Titles, company and month stand above the headings in so many rows at most."""

CODES = ("科目编码", "科目代码", "科目编号", "编码", "代码", "accountcode", "accountno", "accountnumber", "code")
NAMES = ("科目名称", "科目", "名称", "accountname", "account", "name")
AUXILIARIES = ("辅助核算", "辅助项目", "辅助", "核算项目", "aux", "auxiliary", "auxiliaries")
CURRENCIES = ("币种", "币别", "currency", "foreigncurrency")
DIRECTIONS = ("方向", "direction", "side", "dc")
PLAIN = frozenset(
    (
        "借方",
        "贷方",
        "借方金额",
        "贷方金额",
        "借方余额",
        "贷方余额",
        "余额",
        "金额",
        "debit",
        "credit",
        "balance",
        "amount",
    )
)


@dataclass(frozen=True)
class Heading:
    """A column with amounts: its place in the table, and the grid's column, or the balance it is and its direction."""

    place: int
    part: Part | None
    column: OpeningColumn | None = None
    direction: int | None = None


@dataclass
class Headings:
    """Where things stand in a table."""

    first_row: int
    code: int | None = None
    name: int | None = None
    aux: int | None = None
    currency: int | None = None
    kinds: dict[str, int] = field(default_factory=dict)
    amounts: list[Heading] = field(default_factory=list)
    unknown: list[tuple[int, str]] = field(default_factory=list)
    """Columns that mean none of the grid's: their place and heading."""


def find_headings(grid: Sequence[Sequence[str]], kinds: Collection[str]) -> Headings | None:
    """Return the headings of a table, or None where no account and amount is named among its first rows."""
    for row in range(min(len(grid), FURTHEST_HEADING)):
        upper = list(grid[row])
        if row + 1 < len(grid):
            # Floors first: `期初余额` above `借方 | 贷方` would be taken for a single column otherwise.
            found = _read(_floors(upper, grid[row + 1]), row + 2, kinds) if _has_sides(grid[row + 1]) else None
            if found is not None:
                return found
        found = _read(upper, row + 1, kinds)
        if found is not None:
            return found
    return None


def _has_sides(cells: Sequence[str]) -> bool:
    texts = [_squeezed(cell) for cell in cells]
    filled = [text for text in texts if text]
    return bool(filled) and sum(_side(text) is not None and len(text) <= 12 for text in filled) * 2 >= len(filled)


def _floors(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """Return one heading a column: a cell merged over several columns stands in the first of them only."""
    width = max(len(upper), len(lower))
    texts: list[str] = []
    group = ""
    for place in range(width):
        above = upper[place].strip() if place < len(upper) else ""
        below = lower[place].strip() if place < len(lower) else ""
        group = above or (group if below else "")
        texts.append(f"{group} {below}".strip())
    return texts


def _read(texts: Sequence[str], first_row: int, kinds: Collection[str]) -> Headings | None:
    found = Headings(first_row)
    directions: list[int] = []
    balances: list[tuple[int, Part]] = []
    for place, text in enumerate(_as_opening(texts)):
        squeezed = _squeezed(text)
        if not squeezed:
            continue
        if squeezed.endswith(DIRECTIONS):
            directions.append(place)
        elif squeezed in CODES and found.code is None:
            found.code = place
        elif squeezed in CURRENCIES:
            found.currency = place
        elif squeezed in AUXILIARIES:
            found.aux = place
        elif text.strip() in kinds:
            found.kinds[text.strip()] = place
        elif squeezed in NAMES and found.name is None:
            found.name = place
        else:
            column, part = _amount(squeezed)
            if column is not None:
                found.amounts.append(Heading(place, PART_OF.get(column), column))
            elif part is not None:
                balances.append((place, part))
            else:
                found.unknown.append((place, text.strip()))
    for place, part in balances:
        nearest = min(directions, key=lambda one: (abs(one - place), one > place), default=None)
        found.amounts.append(Heading(place, part, None, nearest))
    has_account = found.code is not None or found.name is not None
    return found if has_account and found.amounts else None


def _amount(squeezed: str) -> tuple[OpeningColumn | None, Part | None]:
    """Return the column a heading means, or the balance it means when it names no side."""
    if any(word in squeezed for word in ("实际损益", "损益实际", "实际发生", "ytdpl", "plactual", "profit")):
        return OpeningColumn.PROFIT_TO_DATE, None
    group, side = _group(squeezed), _side(squeezed) or ""
    if any(word in squeezed for word in ("数量", "quantity", "qty")):
        return _QUANTITIES.get((group, side if group == "ytd" else "")), None
    if any(word in squeezed for word in ("原币", "外币", "foreign")):
        return _FOREIGN.get(group), None
    if group == "ytd":
        return {"debit": OpeningColumn.YTD_DEBIT, "credit": OpeningColumn.YTD_CREDIT}.get(side), None
    part = {"begin": Part.BEGIN, "opening": Part.OPENING}.get(group)
    if part is None or not side:
        return None, part
    return part.value[0 if side == "debit" else 1], part


_QUANTITIES = {
    ("begin", ""): OpeningColumn.YEAR_BEGIN_QUANTITY,
    ("ytd", "debit"): OpeningColumn.YTD_DEBIT_QUANTITY,
    ("ytd", "credit"): OpeningColumn.YTD_CREDIT_QUANTITY,
    ("opening", ""): OpeningColumn.QUANTITY,
    ("", ""): OpeningColumn.QUANTITY,
}
_FOREIGN = {
    "begin": OpeningColumn.YEAR_BEGIN_FOREIGN,
    "opening": OpeningColumn.OPENING_FOREIGN,
    "": OpeningColumn.OPENING_FOREIGN,
}


def _group(squeezed: str) -> str:
    for group, words in (
        ("ytd", ("累计", "本年借", "本年贷", "本年发生", "ytd", "yeartodate", "todate")),
        ("begin", ("年初", "yearbegin", "beginningofyear", "yearopening")),
        ("opening", ("期初", "opening")),
    ):
        if any(word in squeezed for word in words):
            return group
    return ""


def _as_opening(texts: Sequence[str]) -> list[str]:
    """Return headings in which the balances a book starts with are called so.

    The old program's trial balance of the month before ends with what the new book opens with (期末余额); a plain list
    has nothing but 借方 and 贷方, or one balance.
    """
    squeezed = [_squeezed(text) for text in texts]
    closing = [any(word in text for word in ("期末", "closing", "ending")) for text in squeezed]
    if any(closing):
        return [
            f"期初{text}" if ends else ("" if _group(text) == "opening" else original)
            for text, ends, original in zip(squeezed, closing, texts, strict=True)
        ]
    if any(_group(text) in ("opening", "begin") for text in squeezed):
        return list(texts)
    return [f"期初{text}" if text in PLAIN else original for text, original in zip(squeezed, texts, strict=True)]


def _side(squeezed: str) -> str | None:
    if any(word in squeezed for word in ("借", "debit")) or squeezed.endswith("dr"):
        return "debit"
    if any(word in squeezed for word in ("贷", "credit")) or squeezed.endswith("cr"):
        return "credit"
    return None


def _squeezed(text: str) -> str:
    """Return a heading without blanks, signs and capitals: `Year-begin (debit)` is `yearbegindebit`."""
    return "".join(character for character in text.casefold() if character.isalnum())


def names_side(heading: str) -> bool:
    """Tell whether a heading speaks of debit or credit."""
    return _side(_squeezed(heading)) is not None
