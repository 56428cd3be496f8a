"""The command `report`: rows as a table, as JSON, as CSV, or in a file."""

from __future__ import annotations

import argparse
import json
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.arguments import REPORT_NAMES
from app.cli.console import Console
from app.cli.opening import UsageError, month_of, opened_book, who_acts
from app.kernel.text import message

if TYPE_CHECKING:
    from app.reports.catalogue import Column, ReportType
    from app.reports.request import Report

ROWS_AT_ONCE = 200


def report(arguments: argparse.Namespace, console: Console) -> int:
    """Print a report, or write it into a file."""
    is_known = arguments.name in REPORT_NAMES
    if not is_known and "://" not in arguments.book and not Path(arguments.book).exists():
        raise _unknown(arguments.name)  # only a book that is there can have statements of its own
    for text in filter(None, (arguments.first, arguments.last)):
        month_of(text)
    with opened_book(arguments.book, console):
        from app.reports.catalogue import own_statement, report_type
        from app.reports.request import ReportRequest
        from app.storage.database import read_snapshot

        actor = who_acts(console)
        kind = report_type(arguments.name) if is_known else own_statement(arguments.name)
        if kind is None:
            raise _unknown(arguments.name)
        request = ReportRequest(
            from_period=arguments.first,
            to_period=arguments.last,
            include_unposted=arguments.include_unposted,
            account_code=arguments.account,
            aux=arguments.aux,
            order=arguments.order,
            word=arguments.word,
            from_number=arguments.numbers[0],
            to_number=arguments.numbers[1],
            level=arguments.level,
            columns=arguments.columns,
            new_page=not arguments.same_page,
            item=arguments.item,
            warehouse=arguments.warehouse,
            category=arguments.category,
            date=arguments.date,
        )
        if target := arguments.xlsx or arguments.pdf:
            from app.reports.report_file import write_report

            file = "xlsx" if arguments.xlsx else "pdf"
            write_report(actor, kind, request, file, Path(target), console.catalogue, console.progress)
            console.say(message("已写入“{path}”。", path=Path(target)))
            return 0
        with read_snapshot():
            _print(kind.run(actor, request), kind, arguments, console)
    return 0


def _unknown(name: str) -> UsageError:
    known = "、".join(REPORT_NAMES)
    return UsageError("report_unknown", message("没有报表“{name}”，有的是：{names}。", name=name, names=known))


def _print(made: Report, kind: ReportType, arguments: argparse.Namespace, console: Console) -> None:
    if arguments.json:
        _print_json(made, has_columns=kind.has_analysis)
    elif arguments.csv:
        from app.reports.csv_file import write_csv

        write_csv(made, kind, sys.stdout)
    else:
        for line in _table(made, kind, console):
            print(line)


def _print_json(made: Report, *, has_columns: bool) -> None:
    """Print `{"rows": […], "totals": {…}}` row by row: a journal of millions of lines fits in no memory."""
    write = sys.stdout.write
    encode = json.JSONEncoder(ensure_ascii=False).encode
    write('{"rows": [')
    separator = ""
    for row in made.rows:
        write(separator + encode(row))
        separator = ",\n"
    columns = f', "columns": {encode([column._asdict() for column in made.analysis])}' if has_columns else ""
    write(f'], "totals": {encode(made.totals)}{columns}}}\n')


def _table(made: Report, kind: ReportType, console: Console) -> Iterator[str]:
    """Yield a table for the eye: columns as wide as the first rows need, numbers to the right, zero blank."""
    columns = kind.columns_of(made)
    titles = [console.text(column.title) for column in columns]
    numeric = [column.kind != "text" for column in columns]
    rows = iter(made.rows)
    first = [_shown(row, columns) for _, row in zip(range(ROWS_AT_ONCE), rows, strict=False)]
    totals = [_blank_zero(made.totals.get(column.key, "")) for column in columns]
    if made.totals:
        totals[0] = console.text(message("合计"))
    widths = [max(map(_width, cells)) for cells in zip(titles, totals, *first, strict=True)]
    kept = [place for place in range(len(columns)) if not first or any(cells[place] for cells in first)]

    def line(cells: list[str]) -> str:
        padded = (_pad(cells[place], widths[place], right=numeric[place]) for place in kept)
        return "  ".join(padded).rstrip()

    yield line(titles)
    yield "  ".join("-" * widths[place] for place in kept)
    yield from map(line, _all(first, rows, columns))
    if made.totals:
        yield "  ".join("-" * widths[place] for place in kept)
        yield line(totals)


def _all(first: list[list[str]], rest: Iterable[Any], columns: Sequence[Column]) -> Iterator[list[str]]:
    return chain(first, (_shown(row, columns) for row in rest))


def _shown(row: Any, columns: Sequence[Column]) -> list[str]:
    return [_blank_zero(str(column.read(row))) for column in columns]


def _blank_zero(text: str) -> str:
    return "" if text in {"0.00", "0"} else text


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _pad(text: str, width: int, *, right: bool) -> str:
    space = " " * max(width - _width(text), 0)
    return space + text if right else text + space
