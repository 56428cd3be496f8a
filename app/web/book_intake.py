"""Taking a book in: out of a backup that was sent here, proven, under a name nobody has.

The book comes with its people and their passwords. One that nobody could log in to would be closed to everyone over the
network, so it is refused: its owner sets his login name and password where the book is now. That way no password
travels with an intake, and he has tried it before the book is away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from app.contract.serving import BookIntake
from app.identity import audit
from app.identity.actor import Actor
from app.identity.queries.people import CAN_LOG_IN
from app.kernel.errors import Conflict, RuleBroken
from app.kernel.text import message
from app.storage import uploads
from app.storage.address import BookAddress
from app.storage.backup import BackupResult
from app.storage.database import current_book, execute, fetch_one, run_unit
from app.storage.jobs import Job, start_job
from app.web.book_work import restore_book
from app.web.moving import arrive, checked_place, forget_move
from app.web.served_books import FurtherBooks, slug_taken

JOB_KIND = "book-intake"


def start_intake(actor: Actor, intake: BookIntake) -> int:
    """Make a book of a finished upload in the background; the job's result says where it is. Return the job's id.

    One that moves here stays closed for changes until whoever moves it says that all is proved: when he is cut off
    before, nobody can go on in what he left behind. Raises `RuleBroken` (`books_not_taken`), `Conflict` (`slug_taken`,
    `upload_incomplete`), `MalformedInput` (`place_malformed`), `NotFound`.
    """
    actor.require("book:book:add")
    place = checked_place(intake.moving_to) if intake.moving_to else ""
    book = current_book()
    further = book.companion(FurtherBooks)
    folder = further.folder
    if folder is None or not further.takes_books:
        raise RuleBroken(
            "books_not_taken", message("这台服务器不接收别的账簿：启动时要用 --books 指明一个可写的文件夹。")
        )
    target = further.require_free(intake.slug)
    if not uploads.find_upload(intake.upload_id, actor.user_id).complete:
        raise uploads.incomplete()

    def work(job: Job) -> Mapping[str, Any]:
        with uploads.assembled(intake.upload_id, actor.user_id, folder.path, job.progress) as file:
            made = _restored(file, target, intake.slug, job, lambda: _adopt(place, actor.name))
        after = {"slug": intake.slug, "vouchers": made.rows.get("voucher", 0), "head": made.head}
        audit.record(actor, "book:book:add", "book", intake.slug, after=after)
        uploads.forget_upload(intake.upload_id, actor.user_id)
        further.look(at_once=True)
        return {**after, "path": f"/books/{intake.slug}"}

    return start_job(book, actor.user_id, JOB_KIND, work)


def _restored(file: Path, target: Path, slug: str, job: Job, adopt: Callable[[], None]) -> BackupResult:
    address = BookAddress("sqlite", path=target)
    try:
        return restore_book(file, address, job.progress, cancelled=lambda: job.cancelled, adopt=adopt)
    except Conflict as refused:
        if refused.code in {"backup_target_exists", "book_in_use"}:
            raise slug_taken(slug) from refused
        raise


def _adopt(place: str, by: str) -> None:
    """Make the current book, a copy, one that goes on here, with nobody logged in; with a place, once its move ends."""
    if fetch_one(f"SELECT 1 FROM {{user}} WHERE is_owner = 1 AND {CAN_LOG_IN} LIMIT 1") is None:
        raise RuleBroken(
            "logins_needed",
            message("这本账簿的所有者还没有登录名和密码，放到服务器上谁也进不去：请先在原处为他设好，再重新送来。"),
        )

    def work() -> None:
        execute("DELETE FROM {session}")
        if place:
            arrive(place, by)
        else:
            forget_move()

    run_unit(work)
