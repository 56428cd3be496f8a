"""The book itself on the wire: making one, what it is, jobs and uploads."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from app.contract.base import Contract, PeriodText, RequestId

ChartName = Literal["small_enterprise_2013", "asbe_2006_2019", "household"]


class Health(Contract):
    """`GET /api/health`: who answers, which API, which book."""

    program: str
    api: int
    book: str
    version: str
    logins: bool = Field(description="true as soon as people log in to this book")


class BookInfo(Contract):
    """What a book is: its name, standard, start month and base currency, and where it lies."""

    name: str
    chart: str
    start: PeriodText
    base_currency: str
    vat: Literal["general", "small"]
    location: str = Field(
        description="where it lies, for this computer's window and who may make backups; else its name there"
    )
    database: str = Field(description="SQLite, MySQL or MariaDB with its version")
    review_by_other: bool = Field(description="who makes a voucher may not review it")


class Job(Contract):
    """Long work: where it stands, and what came of it."""

    id: int
    kind: str
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    done: int
    total: int
    text: str
    result: dict[str, Any] | None
    error: str | None


class ImportRequest(Contract):
    """Import of an uploaded file; `dry_run` only shows what would come."""

    upload_id: str = Field(max_length=64)
    format: str = Field("", max_length=40, description="empty: found from the content")
    account_code: str = Field("", max_length=40)
    post: bool = False
    renumber: bool = False
    dry_run: bool = False
    request_id: RequestId | None = None


class Skipped(Contract):
    """A row that was not imported, and why."""

    where: str
    reason: str


class ImportResult(Contract):
    """What an import did: `import --json`."""

    vouchers: int
    posted: int
    skipped: list[Skipped]
    warnings: list[str]


class UploadInput(Contract):
    """A file that is about to come up in parts of at most 4 MB, numbered from 0."""

    name: str = Field(max_length=255)
    size: int = Field(ge=0, description="bytes of the whole file")
    sha256: str = Field("", max_length=64, description="hex digits, checked when all parts are here; may be empty")
    request_id: RequestId | None = None


class Upload(Contract):
    """A file that comes up in parts: how much is here. It can be used once it is complete, until it expires."""

    id: str
    name: str
    size: int
    received: int
    complete: bool
    expires_at: int = Field(description="UTC milliseconds")


class BackupInput(Contract):
    """A backup to make: into a file of this computer (window only), or kept to be fetched as the job's file."""

    path: str = Field("", max_length=1000)
    request_id: RequestId | None = None


class KeptBackup(Contract):
    """A backup the program keeps: what it holds, and what proof it has passed."""

    name: str
    path: str
    made_at: int = Field(description="UTC milliseconds")
    reason: Literal["session", "daily", "start", "import", "opening", "upgrade", "manual", "other"] = Field(
        description="why it was made; `start`: made up for at the next opening; `other`: a file somebody put there"
    )
    size: int
    vouchers: int | None = Field(description="null: a file that has not been looked at yet")
    head: str = Field(description="count and last hash of its chain of vouchers")
    proof: Literal["none", "quick", "full"] = Field(
        description="`quick`: opened again, sound, and equal to the book in rows, balances and chain head; "
        "`full`: besides, every sum and hash in it recomputed"
    )
    proved_at: int = Field(description="UTC milliseconds, 0: never")
    seen_at: int = Field(description="UTC milliseconds; when its bytes were last compared with their hash")
    damage: str = Field(description="what is wrong with it, in one sentence; empty: nothing")
    is_present: bool = Field(description="it holds the book as it is now")


class BackupAdvice(Contract):
    """Something to mind about a book's backups or its place."""

    code: Literal["synchronised", "damaged", "trouble", "overdue", "folder_missing", "same_disk", "off"]
    text: str


class KeptBackups(Contract):
    """All backups the program keeps of the book, newest first."""

    folder: str = Field(description="where the next one goes")
    total_bytes: int
    limit_bytes: int
    is_kept: bool = Field(description="the book's present state is in one of them")
    advice: list[BackupAdvice]
    backups: list[KeptBackup]


class KeepInput(Contract):
    """A backup to keep now, fully proven."""

    request_id: RequestId | None = None


class BackupCheckInput(Contract):
    """Kept backups to be looked at again; an empty name means all of them."""

    name: str = Field("", max_length=255)
    request_id: RequestId | None = None


class VerificationInput(Contract):
    """A check of the whole book to make."""

    request_id: RequestId | None = None
