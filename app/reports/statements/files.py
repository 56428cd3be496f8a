"""A statement as a file: CSV for programs, XLSX and PDF in the layout of the form."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from app.contract.statements import Statement
from app.reports.statements.form_pdf import write_form_pdf
from app.reports.statements.form_xlsx import write_form_xlsx
from app.reports.target import written


def write_file(statement: Statement, kind: str, target: Path | BinaryIO) -> None:
    """Write a statement as `csv`, `xlsx` or `pdf`; raises `EnvironmentFault` where a file cannot be written."""
    if kind == "xlsx":
        write_form_xlsx(statement, target)
    elif kind == "pdf":
        write_form_pdf(statement, target)
    else:
        with written(target) as stream:
            stream.write(_csv(statement).encode("utf-8"))


def _csv(statement: Statement) -> str:
    """Return the numbered rows: line, code, name and the columns by their keys."""
    return csv_of(
        {"line": row.line, "code": row.code, "name_zh": row.name_zh, **row.amounts}
        for row in statement.rows
        if row.amounts
    )


def csv_of(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return rows as CSV under the keys of the first one."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    for number, row in enumerate(rows):
        if number == 0:
            writer.writerow(row)
        writer.writerow(row.values())
    return text.getvalue()
