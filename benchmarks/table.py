"""The figures as a table for people, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.measuring import Figure

BEGIN = "<!-- figures: begin -->"
END = "<!-- figures: end -->"


def write_json(figures: Sequence[Figure], machine: dict[str, str], path: Path) -> None:
    """Write all figures and what they were measured on."""
    document = {"machine": machine, "figures": [figure.as_json() for figure in figures]}
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def read_json(path: Path) -> tuple[list[Figure], dict[str, str]]:
    """Read what `write_json` wrote."""
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    figures = []
    for values in document["figures"]:
        values.pop("holds")
        figures.append(Figure(**values))
    return figures, document["machine"]


def merged(old: Iterable[Figure], new: Sequence[Figure]) -> list[Figure]:
    """Return all figures, the new in place of old ones of the same name and book; books from small to large."""
    by_key = {(figure.name, figure.book): figure for figure in [*old, *new]}
    return sorted(by_key.values(), key=lambda figure: _vouchers(figure.book))


def _vouchers(book: str) -> tuple[int, int]:
    """Return how large a book of this name is; what is no size comes last."""
    vouchers, _, counterparties = book.partition("+")
    factor = {"k": 1_000, "M": 1_000_000}
    if not vouchers.rstrip("kM").isdigit():
        return (10**12, 0)
    return int(vouchers.rstrip("kM")) * factor.get(vouchers[-1], 1), len(counterparties)


def as_markdown(figures: Iterable[Figure], machine: dict[str, str]) -> str:
    """Return tables of the books without and with counterparties and of the rest, and what was measured on."""
    groups: dict[str, list[Figure]] = {}
    for figure in figures:
        groups.setdefault(_group(figure.book), []).append(figure)
    measured = " · ".join(f"{key} {value}" for key, value in machine.items())
    return "\n\n".join([*map(_table, groups.values()), f"Measured on: {measured}."]) + "\n"


def _group(book: str) -> str:
    return "rest" if " " in book else "counterparties" if "+" in book else "plain"


def _table(figures: Sequence[Figure]) -> str:
    """Return one row a measured thing, one column a book; bar and neighbour are those of the largest book."""
    books = list(dict.fromkeys(figure.book for figure in figures))
    head = ["what", *books, "beside it", "bar", "holds"]
    rows = [head, ["---"] * len(head)]
    for name in dict.fromkeys(figure.name for figure in figures):
        of_name = {figure.book: figure for figure in figures if figure.name == name}
        last = of_name[next(book for book in reversed(books) if book in of_name)]
        cells = [_with_unit(of_name[book].value, last.unit) if book in of_name else "" for book in books]
        beside = "" if last.beside_value is None else f"{last.beside}: {_with_unit(last.beside_value, last.unit)}"
        verdicts = [figure.holds for figure in of_name.values() if figure.holds is not None]
        verdict = "" if not verdicts else "yes" if all(verdicts) else "**no**"
        rows.append([name, *cells, beside, last.bar, verdict])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def put_into(page: Path, table: str) -> None:
    """Replace the table in a page, between its two marks."""
    text = page.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n{table}{END}{after}", encoding="utf-8")


def _with_unit(value: float, unit: str) -> str:
    if not unit:
        return f"{value:g}"
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:.{digits}f} {unit}"
