"""A report as CSV: the promised columns, one header line, no totals line, UTF-8."""

from __future__ import annotations

import csv
from typing import TextIO

from app.reports.catalogue import ReportType
from app.reports.request import Report


def write_csv(report: Report, kind: ReportType, target: TextIO) -> None:
    """Write the header and all rows; `target` must not translate line ends itself.

    Texts that a spreadsheet would take for a formula are not changed: programs read these files too.
    """
    writer = csv.writer(target, lineterminator="\n")
    columns = kind.columns_of(report)
    writer.writerow([column.key for column in columns])
    writer.writerows([column.read(row) for column in columns] for row in report.rows)
