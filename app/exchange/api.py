"""Imports and exports over HTTP, as jobs: a file comes up first, and an export is fetched when its job is done."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from app.contract.book import ImportRequest, Job
from app.contract.exchange import ExportRequest
from app.contract.rates import ExchangeRateImport, ExchangeRateOutcome
from app.exchange.exporting import export_book, export_format
from app.exchange.importing import import_paths
from app.exchange.rates import import_rates
from app.http import Routes
from app.http.jobs import started_job
from app.http.language import request_language
from app.identity.actor import Actor
from app.kernel.errors import ZhangfangError
from app.ledger.word_index import continue_index
from app.resources import catalogue
from app.storage import jobs, uploads
from app.storage.database import current_book
from app.storage.job_files import keep_made

routes = Routes("exchange")


@routes.post("/api/imports", permission="exchange:file:import", body=ImportRequest, response=Job, status=202)
def start_import(actor: Actor, body: ImportRequest) -> Job:
    """Import an uploaded file in the background; the job's result is what `import --json` prints."""
    uploads.find_upload(body.upload_id, actor.user_id)
    translations = catalogue(request_language())

    def work(job: jobs.Job) -> Mapping[str, Any]:
        with uploads.assembled(body.upload_id, actor.user_id) as path:
            result = import_paths(
                actor,
                [path],
                format_name=body.format,
                account_code=body.account_code,
                post=body.post,
                renumber=body.renumber,
                dry_run=body.dry_run,
                progress=job.progress,
                render=lambda text: text.render(translations),
            )
        if not body.dry_run:
            # it is in the book: neither a late cancel nor a busy database makes it anything else; what is left undone
            # here is made up for, for files expire, and the index is continued at the next posting or opening
            with suppress(ZhangfangError):
                uploads.forget_upload(body.upload_id, actor.user_id)
            with suppress(ZhangfangError):
                continue_index(job.check_cancelled)
        return result.model_dump(mode="json")

    return started_job(jobs.start_job(current_book(), actor.user_id, "import", work))


@routes.post("/api/exports", permission="exchange:book:export", body=ExportRequest, response=Job, status=202)
def start_export(actor: Actor, body: ExportRequest) -> Job:
    """Export the book in the background; its file is fetched from `/api/jobs/<id>/file`."""
    suffix = export_format(body.format).suffix

    def work(job: jobs.Job) -> Mapping[str, Any]:
        return keep_made(
            actor.user_id,
            f"book{suffix}",
            lambda path: export_book(actor, path, format_name=body.format, progress=job.progress),
        )

    return started_job(jobs.start_job(current_book(), actor.user_id, "export", work))


@routes.post(
    "/api/exchange-rates/import",
    permission="ledger:rate:edit",
    body=ExchangeRateImport,
    response=ExchangeRateOutcome,
)
def import_exchange_rates(actor: Actor, body: ExchangeRateImport) -> ExchangeRateOutcome:
    """Import exchange rates from pasted text or an uploaded CSV or XLSX file, all or none."""
    return import_rates(actor, body)
