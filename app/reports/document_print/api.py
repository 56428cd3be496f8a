"""Printed documents over HTTP: laid out for the window's printer, or as a PDF; and what the book prints on them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.contract.book import Job
from app.contract.document_printing import (
    DocumentLayout,
    DocumentLayoutQuery,
    DocumentPdfRequest,
    DocumentPrintSettings,
    DocumentPrintSettingsInput,
)
from app.http import Routes
from app.http.jobs import started_job
from app.http.language import request_catalogue
from app.identity.actor import Actor
from app.kernel.text import speaking
from app.reports.document_print.job import lay_out, plan_job
from app.reports.document_print.settings import change_settings, read_settings
from app.storage import jobs
from app.storage.database import current_book, read_snapshot
from app.storage.job_files import keep_made

routes = Routes("document-printing")


@routes.get(
    "/api/document-prints", permission="reports:document:print", query=DocumentLayoutQuery, response=DocumentLayout
)
def get_document_layout(actor: Actor, query: DocumentLayoutQuery) -> DocumentLayout:
    """Return the pages of some documents as texts, rules and pictures."""
    return lay_out(actor, query)


@routes.post(
    "/api/document-prints", permission="reports:document:print", body=DocumentPdfRequest, response=Job, status=202
)
def start_document_pdf(actor: Actor, body: DocumentPdfRequest) -> Job:
    """Make a PDF of documents in the background; it is fetched from `/api/jobs/<id>/file`."""
    translations = request_catalogue()
    with read_snapshot():
        plan_job(actor, body.wanted)

    def work(job: jobs.Job) -> Mapping[str, Any]:
        from app.reports.document_print.pdf import write_document_pdf

        pages = 0

        def make(path: Path) -> None:
            nonlocal pages
            with read_snapshot(), speaking(translations):
                pages = write_document_pdf(plan_job(actor, body.wanted), path, job.progress)

        return {**keep_made(actor.user_id, "documents.pdf", make), "pages": pages}

    return started_job(jobs.start_job(current_book(), actor.user_id, "document-print", work))


@routes.get("/api/document-print-settings", permission="reports:document:print", response=DocumentPrintSettings)
def get_document_print_settings() -> DocumentPrintSettings:
    """Return what the book prints on its documents."""
    return read_settings()


@routes.patch(
    "/api/document-print-settings",
    permission="reports:document-print:edit",
    body=DocumentPrintSettingsInput,
    response=DocumentPrintSettings,
)
def change_document_print_settings(actor: Actor, body: DocumentPrintSettingsInput) -> DocumentPrintSettings:
    """Change what the book prints on its documents; fields left out stay."""
    return change_settings(actor, body)
