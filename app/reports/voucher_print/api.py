"""Printed vouchers over HTTP: laid out for the window's printer, or as a PDF made in the background."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.contract.book import Job
from app.contract.printing import PrintLayout, VoucherLayoutQuery, VoucherPdfRequest
from app.http import Routes
from app.http.jobs import started_job
from app.http.language import request_catalogue
from app.identity.actor import Actor
from app.reports.voucher_print.job import lay_out, plan_job
from app.storage import jobs
from app.storage.database import current_book, read_snapshot
from app.storage.job_files import keep_made

routes = Routes("printing")


@routes.get("/api/voucher-prints", permission="reports:voucher:print", query=VoucherLayoutQuery, response=PrintLayout)
def get_voucher_layout(actor: Actor, query: VoucherLayoutQuery) -> PrintLayout:
    """Return some pages of printed vouchers as texts and rules."""
    return lay_out(actor, query, request_catalogue())


@routes.post(
    "/api/voucher-prints", permission="reports:voucher:print", body=VoucherPdfRequest, response=Job, status=202
)
def start_voucher_pdf(actor: Actor, body: VoucherPdfRequest) -> Job:
    """Make a PDF of vouchers in the background; it is fetched from `/api/jobs/<id>/file`."""
    translations = request_catalogue()
    plan_job(actor, body.wanted, translations)

    def work(job: jobs.Job) -> Mapping[str, Any]:
        from app.reports.voucher_print.pdf import write_voucher_pdf

        pages = 0

        def make(path: Path) -> None:
            nonlocal pages
            with read_snapshot():
                pages = write_voucher_pdf(plan_job(actor, body.wanted, translations), path, job.progress)

        return {**keep_made(actor.user_id, "vouchers.pdf", make), "pages": pages}

    return started_job(jobs.start_job(current_book(), actor.user_id, "voucher-print", work))
