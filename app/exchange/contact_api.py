"""Tables of contacts over HTTP, as jobs: a file comes up first, and one that goes out is fetched from its job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.contract.book import Job
from app.contract.contacts import ContactExport, ContactImport
from app.exchange.contacts import export_contacts, import_contact_file
from app.http import Routes
from app.http.jobs import started_job
from app.http.language import request_language
from app.identity.actor import Actor
from app.kernel.text import speaking
from app.resources import catalogue
from app.storage import jobs, uploads
from app.storage.database import current_book
from app.storage.job_files import keep_made

routes = Routes("contact_files")


@routes.post("/api/contacts/import", permission="contacts:contact:import", body=ContactImport, response=Job, status=202)
def start_contact_import(actor: Actor, body: ContactImport) -> Job:
    """Import an uploaded table of contacts in the background; the job's result is a `ContactImportOutcome`."""
    uploads.find_upload(body.upload_id, actor.user_id)
    translations = catalogue(request_language())

    def work(job: jobs.Job) -> Mapping[str, Any]:
        with speaking(translations):
            outcome = import_contact_file(actor, body, job.progress, english=catalogue("en"))
        return outcome.model_dump(mode="json")

    return started_job(jobs.start_job(current_book(), actor.user_id, "contact-import", work))


@routes.post("/api/contacts/export", permission="contacts:contact:export", body=ContactExport, response=Job, status=202)
def start_contact_export(actor: Actor, body: ContactExport) -> Job:
    """Write the table of contacts, or its template, in the background; fetched from `/api/jobs/<id>/file`."""
    translations = catalogue(request_language())

    def work(_job: jobs.Job) -> Mapping[str, Any]:
        return keep_made(
            actor.user_id,
            f"contacts.{body.format}",
            lambda path: export_contacts(actor, body, path, lambda text: text.render(translations)),
        )

    return started_job(jobs.start_job(current_book(), actor.user_id, "contact-export", work))
