"""Printed vouchers as a PDF."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from app.kernel.text import message
from app.reports.page_pdf import PagesPdf
from app.reports.voucher_print.job import PrintJob
from app.reports.voucher_print.paper import FORMS
from app.storage.progress import Progress, no_progress


def write_voucher_pdf(job: PrintJob, target: Path | BinaryIO, progress: Progress = no_progress) -> int:
    """Write the vouchers of a job and return how many pages there are.

    `progress` counts vouchers and may raise to stop. Raises `EnvironmentFault` without a font or where
    writing fails. The same vouchers give the same bytes.
    """
    form = FORMS[job.query.paper]
    made = PagesPdf(form.width, form.height, job.words.text(message("记账凭证")))
    for page, place in job.pages():
        made.add(page)
        progress(place.voucher, len(job.ids), message("正在排版凭证"))
    made.write(target)
    return made.pages
