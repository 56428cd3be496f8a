"""Tables of items over HTTP, as jobs: a file comes up first, and one that goes out is fetched from its job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.contract.book import Job
from app.contract.inventory import ItemExport, ItemImport
from app.exchange.items import export_items, import_item_file
from app.http import Routes
from app.http.jobs import started_job
from app.http.language import request_language
from app.identity.actor import Actor
from app.kernel.text import speaking
from app.resources import catalogue
from app.storage import jobs, uploads
from app.storage.database import current_book
from app.storage.job_files import keep_made

routes = Routes("item_files")


@routes.post("/api/items/import", permission="inventory:item:import", body=ItemImport, response=Job, status=202)
def start_item_import(actor: Actor, body: ItemImport) -> Job:
    """Import an uploaded table of items in the background; the job's result is an `ItemImportOutcome`."""
    uploads.find_upload(body.upload_id, actor.user_id)
    translations = catalogue(request_language())

    def work(job: jobs.Job) -> Mapping[str, Any]:
        with speaking(translations):
            outcome = import_item_file(actor, body, job.progress, english=catalogue("en"))
        return outcome.model_dump(mode="json")

    return started_job(jobs.start_job(current_book(), actor.user_id, "item-import", work))


@routes.post("/api/items/export", permission="inventory:item:export", body=ItemExport, response=Job, status=202)
def start_item_export(actor: Actor, body: ItemExport) -> Job:
    """Write the table of items, or its template, in the background; fetched from `/api/jobs/<id>/file`."""
    translations = catalogue(request_language())

    def work(_job: jobs.Job) -> Mapping[str, Any]:
        return keep_made(
            actor.user_id,
            f"items.{body.format}",
            lambda path: export_items(actor, body, path, lambda text: text.render(translations)),
        )

    return started_job(jobs.start_job(current_book(), actor.user_id, "item-export", work))
