"""A report as a file, made at once or in the background: the one place that knows which writer makes what."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from app.identity.actor import Actor
from app.kernel.text import message, speaking
from app.reports.catalogue import ReportType
from app.reports.request import ReportRequest
from app.reports.target import written
from app.storage import jobs
from app.storage.database import current_book, read_snapshot
from app.storage.job_files import keep_made
from app.storage.progress import Progress, no_progress


def write_report(
    actor: Actor,
    kind: ReportType,
    request: ReportRequest,
    file: str,
    target: Path | BinaryIO,
    catalogue: Mapping[str, str] | None = None,
    progress: Progress = no_progress,
) -> None:
    """Write a whole report as `csv`, `xlsx` or `pdf`, from one state of the book.

    `catalogue` holds the reader's language (none: Chinese). Raises what the report refuses, `EnvironmentFault` where a
    file cannot be written, and what `progress` raises to stop; then nothing is left behind.
    """
    if kind.is_statement and file != "csv":
        from app.reports.statements.files import write_file
        from app.reports.statements.fixed import wanted
        from app.reports.statements.statement import get_statement

        statement = get_statement(actor, kind.name, wanted(request), checked=False)
        with speaking(catalogue):
            write_file(statement, file, target)
        return
    asked = dataclasses.replace(request, limit=None, after=None, year_ends=file == "pdf")
    with read_snapshot():
        report = kind.run(actor, asked)
        report.rows = _told(report.rows, progress) if file != "pdf" else report.rows
        if file == "csv":
            from app.reports.csv_file import write_csv

            with written(target) as stream:
                text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
                write_csv(report, kind, text)
                text.detach()
            return
        from app.reports.heading import read_heading

        heading = read_heading(asked, catalogue, names_account=not kind.book_keys)
        if file == "xlsx":
            from app.reports.xlsx_file import write_xlsx

            write_xlsx(report, kind, heading, target)
        else:
            from app.reports.pdf_file import write_pdf

            write_pdf(report, kind, heading, target, progress)


def _told(rows: Any, progress: Progress) -> Any:
    """Yield rows and tell every thousand how far it is."""
    for number, row in enumerate(rows):
        if number % 1000 == 0:
            progress(number, 0, message("已写 {rows} 行", rows=number))
        yield row


def start_report_file(
    actor: Actor, kind: ReportType, request: ReportRequest, file: str, catalogue: Mapping[str, str] | None = None
) -> int:
    """Make a report's file in the background and keep it for its actor; return the job's id.

    The job's result names the file that `GET /api/jobs/<id>/file` sends. Needs the right to see the report.
    """
    actor.require(kind.permission)

    def work(job: jobs.Job) -> Mapping[str, Any]:
        def make(path: Path) -> None:
            write_report(actor, kind, request, file, path, catalogue, job.progress)
            job.check_cancelled()

        return keep_made(actor.user_id, f"{kind.name}.{file}", make)

    return jobs.start_job(current_book(), actor.user_id, "report-file", work)
