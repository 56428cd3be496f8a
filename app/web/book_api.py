"""The book as a whole over HTTP: what it is, jobs, uploads, backups, verifications."""

from __future__ import annotations

from flask import Response

from app.contract.book import (
    BackupCheckInput,
    BackupInput,
    BookInfo,
    Job,
    KeepInput,
    KeptBackups,
    Upload,
    UploadInput,
    VerificationInput,
)
from app.http import SIGNED_IN, Routes
from app.http.caller import is_window
from app.http.files import opened_file, stored_file
from app.identity.actor import Actor
from app.kernel.errors import Conflict, NotFound
from app.kernel.period import format_period
from app.kernel.text import message
from app.ledger.service.book import book_facts
from app.ledger.service.review_rule import review_by_other
from app.storage import uploads
from app.storage.database import current_book, fetch_one
from app.storage.job_files import FILE_ID
from app.web import book_work
from app.web.guard import require_window
from app.web.kept_list import kept_backups, kept_file

routes = Routes("book")


@routes.get("/api/book", permission=SIGNED_IN, response=BookInfo)
def book_info(actor: Actor) -> BookInfo:
    """Tell what the book is, and where it lies."""
    facts = book_facts()
    address = current_book().address
    may_know_where = is_window() or actor.may("book:backup:add")
    return BookInfo(
        name=facts["book_name"],
        chart=facts["chart"],
        start=format_period(facts["start_period"]),
        base_currency=facts["base_currency"],
        vat=facts["vat"],
        location=str(address) if may_know_where else address.name,
        database=database_version(),
        review_by_other=review_by_other(),
    )


def database_version() -> str:
    """Return the database's name and version, such as `SQLite 3.40.1` or `MariaDB 10.11.14`."""
    if current_book().is_sqlite:
        row = fetch_one("SELECT sqlite_version()")
        return f"SQLite {row[0]}" if row else "SQLite"
    row = fetch_one("SELECT VERSION()")
    version = str(row[0]) if row else ""
    return ("MariaDB " if "MariaDB" in version else "MySQL ") + version.partition("-")[0]


@routes.post("/api/backups", permission="book:backup:add", body=BackupInput, response=Job, status=202)
def add_backup(actor: Actor, body: BackupInput) -> Job:
    """Make a checked backup in the background."""
    if body.path:
        require_window()
    return book_work.view_job(actor, book_work.start_backup(actor, body.path))


@routes.get("/api/backups", permission="book:backup:add", response=KeptBackups)
def list_backups(actor: Actor) -> KeptBackups:
    """Return the backups the program keeps of the book, and what to mind about them."""
    return kept_backups(actor)


@routes.post("/api/backups/kept", permission="book:backup:add", body=KeepInput, response=Job, status=202)
def keep_backup(actor: Actor) -> Job:
    """Keep a backup now, fully proven, in the background."""
    return book_work.view_job(actor, book_work.start_keeping(actor))


@routes.get("/api/backups/kept/<name>/file", permission="book:backup:add", response=bytes)
def get_kept_backup(actor: Actor, name: str) -> Response:
    """Send one of the kept backups, to be saved elsewhere."""
    return opened_file(name, kept_file(actor, name))


@routes.post("/api/backups/checks", permission="book:backup:add", body=BackupCheckInput, response=Job, status=202)
def check_backups(actor: Actor, body: BackupCheckInput) -> Job:
    """Look through one kept backup or all of them in the background; the job's result lists what is damaged."""
    return book_work.view_job(actor, book_work.start_check(actor, body.name))


@routes.post("/api/verifications", permission="ledger:book:verify", body=VerificationInput, response=Job, status=202)
def add_verification(actor: Actor) -> Job:
    """Recompute every guarantee in the background; the job's result lists what fails."""
    return book_work.view_job(actor, book_work.start_verification(actor))


@routes.get("/api/jobs/<int:id>", permission=SIGNED_IN, response=Job)
def get_job(actor: Actor, id: int) -> Job:  # noqa: A002
    """Tell where long work stands."""
    return book_work.view_job(actor, id)


@routes.delete("/api/jobs/<int:id>", permission=SIGNED_IN, response=Job)
def cancel_job(actor: Actor, id: int) -> Job:  # noqa: A002
    """Ask long work to stop; nothing is left half done."""
    return book_work.cancel_job(actor, id)


@routes.get("/api/jobs/<int:id>/file", permission=SIGNED_IN, response=bytes)
def get_job_file(actor: Actor, id: int) -> Response:  # noqa: A002
    """Send the file that long work made."""
    job = book_work.view_job(actor, id)
    if job.state != "done":
        raise Conflict("job_not_done", message("任务还没有完成。"))
    file_id = (job.result or {}).get(FILE_ID)
    if not isinstance(file_id, str):
        raise NotFound("job_without_file", message("这个任务没有文件。"))
    file = uploads.find_upload(file_id, actor.user_id)
    return stored_file(file.name, file.size, lambda: uploads.read_parts(file.id))


@routes.post("/api/uploads", permission=SIGNED_IN, body=UploadInput, response=Upload, status=201)
def begin_upload(actor: Actor, body: UploadInput) -> Upload:
    """Begin a file that comes up in parts."""
    return _upload(uploads.begin_upload(actor.user_id, body.name, body.size, body.sha256))


@routes.put("/api/uploads/<id>/<int:part>", permission=SIGNED_IN, raw_body=True, response=Upload)
def put_part(actor: Actor, id: str, part: int, body: bytes) -> Upload:  # noqa: A002
    """Send one part, at most 4 MB; sent again it replaces itself."""
    return _upload(uploads.put_part(id, actor.user_id, part, body))


@routes.get("/api/uploads/<id>", permission=SIGNED_IN, response=Upload)
def get_upload(actor: Actor, id: str) -> Upload:  # noqa: A002
    """Tell how much of a file is here."""
    return _upload(uploads.find_upload(id, actor.user_id))


@routes.delete("/api/uploads/<id>", permission=SIGNED_IN)
def delete_upload(actor: Actor, id: str) -> None:  # noqa: A002
    """Drop a file."""
    uploads.forget_upload(id, actor.user_id)


def _upload(upload: uploads.Upload) -> Upload:
    return Upload(
        id=upload.id,
        name=upload.name,
        size=upload.size,
        received=upload.received,
        complete=upload.complete,
        expires_at=upload.expires_at,
    )
