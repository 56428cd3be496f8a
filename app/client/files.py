"""Endpoints of files and long work: uploads in parts, imports, exports, backups, verifications and their jobs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from app.client.calls import Calls, keyed
from app.contract.book import (
    BackupCheckInput,
    BackupInput,
    ImportRequest,
    Job,
    KeepInput,
    KeptBackups,
    Upload,
    UploadInput,
    VerificationInput,
)
from app.contract.exchange import ExportRequest
from app.kernel.errors import NotFound
from app.kernel.text import message

PART_BYTES = 4 << 20
RAW_TYPE = "application/octet-stream"

Report = Callable[[int, int], None]
"""Told bytes done and bytes in all; may raise to end the transfer."""


class FileCalls(Calls):
    """The endpoints that take or give files, and those that start jobs."""

    def upload_file(self, path: Path, report: Report) -> Upload:
        """Send a file up in parts and return it complete. Raises `NotFound` when it cannot be read."""
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                size = file.tell()
                new = UploadInput(name=path.name, size=size, sha256=digest)
                upload = self.transport.call("POST", "/api/uploads", Upload, body=keyed(new))
                file.seek(0)
                number = 0
                while part := file.read(PART_BYTES):
                    report(number * PART_BYTES, size)
                    upload = self.upload_part(upload.id, number, part)
                    number += 1
        except OSError as error:
            raise NotFound("file_unreadable", message("读不了文件“{path}”。", path=str(path))) from error
        report(size, size)
        return upload

    def upload_part(self, upload_id: str, number: int, part: bytes) -> Upload:
        """Send one part; sent again it replaces itself."""
        path = f"/api/uploads/{upload_id}/{number}"
        raw = self.transport.send("PUT", path, body=part, content_type=RAW_TYPE, repeatable=True)
        return Upload.model_validate_json(raw.body, extra="ignore")

    def start_import(self, request: ImportRequest) -> Job:
        """Import an uploaded file; the job's result is an `ImportResult`."""
        return self.transport.call("POST", "/api/imports", Job, body=keyed(request))

    def start_export(self, request: ExportRequest) -> Job:
        """Export the whole book; the job's file is fetched with `download_job_file`."""
        return self.transport.call("POST", "/api/exports", Job, body=keyed(request))

    def start_backup(self, request: BackupInput) -> Job:
        """Back the book up; the job's result tells what the backup holds."""
        return self.transport.call("POST", "/api/backups", Job, body=keyed(request))

    def kept_backups(self) -> KeptBackups:
        """Return the backups the program keeps of the book, and what to mind about them."""
        return self.transport.call("GET", "/api/backups", KeptBackups)

    def download_kept_backup(self, name: str, target: Path, report: Report) -> None:
        """Write one of the kept backups to `target`. Raises `EnvironmentFault`, `NotFound`, `Conflict`."""
        self.transport.download(f"/api/backups/kept/{quote(name, safe='')}/file", target, report)

    def start_keeping(self) -> Job:
        """Keep a backup now, fully proven; the job's result tells what it holds."""
        return self.transport.call("POST", "/api/backups/kept", Job, body=keyed(KeepInput()))

    def start_backup_check(self, name: str = "") -> Job:
        """Look through one kept backup, or all; the job's result lists the damaged ones."""
        return self.transport.call("POST", "/api/backups/checks", Job, body=keyed(BackupCheckInput(name=name)))

    def start_verification(self) -> Job:
        """Verify the whole book; the job's result is a `Verification`."""
        return self.transport.call("POST", "/api/verifications", Job, body=keyed(VerificationInput()))

    def job(self, job_id: int) -> Job:
        """Return where a job stands."""
        return self.transport.call("GET", f"/api/jobs/{job_id}", Job)

    def cancel_job(self, job_id: int) -> None:
        """Ask a job to end; what it did is rolled back."""
        self.transport.send("DELETE", f"/api/jobs/{job_id}")

    def download_job_file(self, job_id: int, target: Path, report: Report) -> None:
        """Write a job's file to `target`, without holding it in memory. Raises `EnvironmentFault`, `NotFound`."""
        self.transport.download(f"/api/jobs/{job_id}/file", target, report)
