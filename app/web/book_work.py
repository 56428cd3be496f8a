"""Long work on the book as a whole: backups, verifications, restoring; and who may see a job."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.contract.book import Job as JobView
from app.http.jobs import job_view
from app.identity import audit
from app.identity.actor import Actor
from app.kernel.clock import CHINA_OFFSET, utc_ms
from app.kernel.errors import EnvironmentFault, MalformedInput, NotFound
from app.kernel.text import file_name_of, message
from app.reports.doctor.proof import prove_book
from app.storage import jobs
from app.storage.address import BookAddress
from app.storage.backup import Adopt, BackupResult, backup, restore
from app.storage.book_settings import get_setting
from app.storage.database import current_book, open_database
from app.storage.job_files import keep_made
from app.storage.jobs import Job
from app.storage.kept_backups.proof import FULL
from app.storage.progress import Cancelled, Progress, never_cancelled
from app.web.book_eyes import chain_head, findings
from app.web.keeping import keeper_of
from app.web.kept_list import backup_unknown

logger = logging.getLogger(__name__)


def start_backup(actor: Actor, path: str) -> int:
    """Make a backup in the background, into a file of this computer, or kept as the job's file; return the job's id."""
    actor.require("book:backup:add")
    target = Path(path).expanduser() if path.strip() else None
    if target is not None and not target.is_absolute():
        sentence = message("请写出备份文件的完整路径。")
        raise MalformedInput("path_not_absolute", sentence, fields={"path": sentence})
    name = f"{_file_name()}.zhangfang"
    book = current_book()

    def work(job: Job) -> Mapping[str, Any]:
        made: dict[str, Any] = {}

        def make(file: Path) -> None:
            done = backup(
                book, file, verify=findings, head=chain_head, progress=job.progress, cancelled=lambda: job.cancelled
            )
            made.update(asdict(done))

        if target is not None:
            make(target)
            audit.record(actor, "book:backup:add", "backup", target.name, after=made)
            return made
        kept = keep_made(actor.user_id, name, make)
        audit.record(actor, "book:backup:add", "backup", name, after=made)
        return {**made, **kept, "path": ""}

    return jobs.start_job(book, actor.user_id, "backup", work)


def start_keeping(actor: Actor) -> int:
    """Keep a backup now, in the background; the job's result tells what it holds. Return the job's id."""
    actor.require("book:backup:add")
    keeper = keeper_of(current_book())

    def work(job: Job) -> Mapping[str, Any]:
        shelf, made = keeper.keep(
            "manual",
            actor=actor,
            proof=FULL,
            even_if_unchanged=True,
            progress=job.progress,
            cancelled=lambda: job.cancelled,
        )
        kept = made.kept
        return {
            "path": str(shelf.path(kept)),
            "name": kept.name,
            "size": kept.size,
            "vouchers": kept.vouchers,
            "head": kept.head,
        }

    return jobs.start_job(current_book(), actor.user_id, "kept-backup", work)


def start_check(actor: Actor, name: str) -> int:
    """Look through one kept backup, or all, in the background; the job's result lists the damaged ones.

    Return the job's id. Raises `NotFound` (`backup_unknown`).
    """
    actor.require("book:backup:add")
    keeper = keeper_of(current_book())
    if name and not any(kept.name == name for _, kept in keeper.backups()):
        raise backup_unknown(name)

    def work(job: Job) -> Mapping[str, Any]:
        looked = keeper.check(name=name, everything=not name, progress=job.progress, cancelled=lambda: job.cancelled)
        audit.record(actor, "book:backup:check", "backup", name, after={"checked": [kept.name for kept in looked]})
        return {"checked": len(looked), "damaged": [kept.name for kept in looked if not kept.is_sound]}

    return jobs.start_job(current_book(), actor.user_id, "backup-check", work)


def start_verification(actor: Actor) -> int:
    """Verify the book in the background; the job's result is the `Verification`. Return the job's id."""
    actor.require("ledger:book:verify")
    return jobs.start_job(
        current_book(), actor.user_id, "verification", lambda job: prove_book(job.progress).model_dump()
    )


def view_job(actor: Actor, job_id: int) -> JobView:
    """Return where a job stands. One sees one's own; an owner sees all. Raises `NotFound`."""
    state = jobs.get_job(job_id)
    if state.actor_id != actor.user_id and not actor.is_owner:
        raise NotFound("job_unknown", message("没有编号为 {id} 的任务。", id=job_id))
    return job_view(state)


def cancel_job(actor: Actor, job_id: int) -> JobView:
    """Ask a job to stop; return where it stands. Raises `NotFound`."""
    view_job(actor, job_id)
    jobs.cancel_job(job_id)
    return view_job(actor, job_id)


def restore_book(
    file: Path,
    target: BookAddress,
    progress: Progress,
    *,
    cancelled: Cancelled = never_cancelled,
    adopt: Adopt | None = None,
) -> BackupResult:
    """Make a book out of a backup, checked with the ledger's own eyes; the restored book's log says what it came from.

    Parameters and errors are those of `app.storage.backup.restore`.
    """
    result = restore(
        file,
        target,
        verify=lambda: findings(progress),
        head=chain_head,
        progress=progress,
        cancelled=cancelled,
        adopt=adopt,
    )
    book = open_database(target)
    try:
        with book.session():
            after = {"file": str(file), "head": result.head, "set_aside": result.set_aside}
            audit.record(None, "book:backup:restore", "backup", file.name, after=after)
    except EnvironmentFault as fault:  # the book is restored, whether or not that can be written into it now
        logger.warning("a restore could not be written into the log: %s", fault.code)
    finally:
        book.close()
    return result


def _file_name() -> str:
    from datetime import datetime

    day = datetime.fromtimestamp(utc_ms() / 1000, CHINA_OFFSET).strftime("%Y%m%d-%H%M")
    return file_name_of(f"{get_setting('book_name', '')}-{day}").strip("-")
