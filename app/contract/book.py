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
    location: str
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


class VerificationInput(Contract):
    """A check of the whole book to make."""

    request_id: RequestId | None = None
