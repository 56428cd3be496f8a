"""The log of changes as a file over HTTP, made as a job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.contract.book import Job
from app.contract.identity import AuditExport
from app.exchange.log import export_log
from app.http import Routes
from app.http.jobs import started_job
from app.http.language import request_language
from app.identity.actor import Actor
from app.resources import catalogue
from app.storage import jobs
from app.storage.database import current_book
from app.storage.job_files import keep_made

routes = Routes("log_files")


@routes.post("/api/audit/export", permission="identity:audit:export", body=AuditExport, response=Job, status=202)
def start_log_export(actor: Actor, body: AuditExport) -> Job:
    """Write the filtered log of changes in the background; fetched from `/api/jobs/<id>/file`."""
    translations = catalogue(request_language())

    def work(job: jobs.Job) -> Mapping[str, Any]:
        return keep_made(
            actor.user_id,
            f"log.{body.format}",
            lambda path: export_log(actor, body, path, lambda text: text.render(translations), job.progress),
        )

    return started_job(jobs.start_job(current_book(), actor.user_id, "log-export", work))
