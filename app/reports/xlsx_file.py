"""A report as an Excel file: real numbers, headings that stay in view, totals below."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

from app.kernel.errors import RuleBroken
from app.kernel.text import message
from app.reports.catalogue import Column, ReportType
from app.reports.heading import Heading
from app.reports.print_layout import amount_columns
from app.reports.request import Report
from app.reports.sheet_name import sheet_name
from app.reports.target import written

LAST_ROW = 1_048_576
"""Excel has no more rows than these."""
WIDTHS = {"text": 16, "integer": 6, "amount": 16, "quantity": 14, "price": 14}
WIDE = {"summary": 36, "account_name": 24, "name_zh": 24, "source_name": 30, "aux": 30}


def write_xlsx(report: Report, kind: ReportType, heading: Heading, target: Path | BinaryIO) -> None:
    """Write the report into a file or a stream.

    Numbers are numbers: Excel keeps about 15 digits, which covers amounts to 9,999,999,999,999.99. Raises `RuleBroken`
    for more rows than a sheet has, and `EnvironmentFault` where the file cannot be written.
    """
    with written(target) as stream:
        _write_book(report, kind, heading, stream)


def _write_book(report: Report, kind: ReportType, heading: Heading, stream: BinaryIO) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook(stream, {"constant_memory": True})
    try:
        _write_sheet(report, kind, heading, book)
    finally:
        # also after a refusal: only closing takes its temporary files away
        book.close()


def _write_sheet(report: Report, kind: ReportType, heading: Heading, book: Any) -> None:
    sheet = book.add_worksheet(sheet_name(heading.text(kind.title)))
    formats = _formats(book)
    sheet.write_string(0, 0, heading.text(kind.title), formats["title"])
    sheet.write_string(1, 0, heading.line)
    columns = amount_columns(kind, kind.columns_of(report), heading.request.columns)
    for place, column in enumerate(columns):
        sheet.set_column(place, place, WIDE.get(column.key, WIDTHS[column.kind]))
        sheet.write_string(2, place, heading.text(column.title), formats["head"])
    sheet.freeze_panes(3, 0)
    sheet.repeat_rows(2)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    line = 3
    for row in report.rows:
        if line == LAST_ROW - 1:
            raise RuleBroken("report_too_long", message("报表超过 Excel 的行数，请缩短期间，或导出为 CSV。"))
        for place, column in enumerate(columns):
            _write_cell(sheet, line, place, column, column.read(row), formats)
        line += 1
    _write_totals(sheet, line, report, columns, heading, formats)


def _formats(book: Any) -> dict[str, Any]:
    return {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "head": book.add_format({"bold": True, "bottom": 1, "align": "center", "text_wrap": True}),
        "amount": book.add_format({"num_format": "#,##0.00;[Red]-#,##0.00"}),
        "quantity": book.add_format({"num_format": "#,##0.########;[Red]-#,##0.########"}),
        "price": book.add_format({"num_format": "#,##0.0###;[Red]-#,##0.0###"}),
        "total_text": book.add_format({"bold": True, "top": 1}),
        "total": book.add_format({"bold": True, "top": 1, "num_format": "#,##0.00;[Red]-#,##0.00"}),
    }


def _write_cell(sheet: Any, line: int, place: int, column: Column, value: Any, formats: dict[str, Any]) -> None:
    if column.kind == "text":
        sheet.write_string(line, place, str(value))
    elif column.kind == "integer":
        sheet.write_number(line, place, value)
    elif value:
        sheet.write_number(line, place, Decimal(value), formats[column.kind])


def _write_totals(
    sheet: Any, line: int, report: Report, columns: Sequence[Column], heading: Heading, formats: dict[str, Any]
) -> None:
    if not report.totals:
        return
    for place, column in enumerate(columns):
        if report.totals.get(column.key):
            sheet.write_number(line, place, Decimal(report.totals[column.key]), formats["total"])
        else:
            sheet.write_string(line, place, heading.text(message("合计")) if place == 0 else "", formats["total_text"])
