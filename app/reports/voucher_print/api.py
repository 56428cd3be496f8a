"""Printed vouchers over HTTP: laid out for the window's printer, or as a PDF made in the background."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.contract.book import Job
from app.contract.printing import PrintLayout, VoucherLayoutQuery, VoucherPdfRequest
from app.http import Routes
from app.http.jobs import started_job
from app.http.language import request_language
from app.identity.actor import Actor
from app.reports.voucher_print.job import lay_out, plan_job
from app.resources import catalogue
from app.storage import jobs, uploads
from app.storage.database import current_book, read_snapshot

routes = Routes("printing")


def _catalogue() -> Mapping[str, str] | None:
    language = request_language()
    return None if language == "zh" else catalogue(language)


@routes.get("/api/voucher-prints", permission="reports:voucher:print", query=VoucherLayoutQuery, response=PrintLayout)
def get_voucher_layout(actor: Actor, query: VoucherLayoutQuery) -> PrintLayout:
    """Return some pages of printed vouchers as texts and rules."""
    return lay_out(actor, query, _catalogue())


@routes.post(
    "/api/voucher-prints", permission="reports:voucher:print", body=VoucherPdfRequest, response=Job, status=202
)
def start_voucher_pdf(actor: Actor, body: VoucherPdfRequest) -> Job:
    """Make a PDF of vouchers in the background; it is fetched from `/api/jobs/<id>/file`."""
    translations = _catalogue()
    plan_job(actor, body.wanted, translations)

    def work(job: jobs.Job) -> Mapping[str, Any]:
        from app.reports.voucher_print.pdf import write_voucher_pdf

        with tempfile.TemporaryDirectory(prefix="zhangfang-", ignore_cleanup_errors=True) as folder:
            path = Path(folder) / "vouchers.pdf"
            with read_snapshot():
                pages = write_voucher_pdf(plan_job(actor, body.wanted, translations), path, job.progress)
            kept = uploads.keep_file(path, actor.user_id)
        return {"upload_id": kept.id, "name": kept.name, "size": kept.size, "pages": pages}

    return started_job(jobs.start_job(current_book(), actor.user_id, "voucher-print", work))
