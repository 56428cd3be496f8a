"""Printed documents as a PDF."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from app.kernel.text import message
from app.reports.document_print.drawing import SHEETS
from app.reports.document_print.job import DocumentJob
from app.reports.page_pdf import PagesPdf
from app.storage.progress import Progress, no_progress


def write_document_pdf(job: DocumentJob, target: Path | BinaryIO, progress: Progress = no_progress) -> int:
    """Write the documents of a job and return how many pages there are.

    `progress` counts documents and may raise to stop. Raises `EnvironmentFault` without a font or where writing fails.
    The same documents give the same bytes.
    """
    sheet = SHEETS[job.query.paper]
    made = PagesPdf(sheet.width, sheet.height, str(message("单据")), job.pictures)
    for page, done in job.pages():
        made.add(page)
        progress(done, len(job.ids), message("正在排版单据"))
    made.write(target)
    return made.pages
