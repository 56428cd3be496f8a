"""The places a book moves from and to that lie behind a server of ours; all is done over its API."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.bootstrap.sharing_places import Place, Source, Target
from app.contract.book import BackupInput, Job
from app.contract.ledger import Verification
from app.contract.serving import BookIntake, BookMove, BookSums
from app.kernel.errors import (
    Conflict,
    MalformedInput,
    NotAuthenticated,
    NotFound,
    PermissionDenied,
    UserError,
    ZhangfangError,
)
from app.kernel.text import Message, message
from app.storage.progress import Progress

if TYPE_CHECKING:
    from app.client.api import ApiClient

logger = logging.getLogger(__name__)

ASK_EVERY_S = 0.2
OPENING_PAUSES_S = (0.5, 2.0)
"""So long it is waited before a book that has moved is opened for changes once more, when nobody answered."""
ADD_BOOK = "book:book:add"
"""The right to put a book on a server."""


class ServedPlace(Place):
    """A book behind a server of ours, over its API."""

    def __init__(self, api: ApiClient, name: str) -> None:
        self.api = api
        self.name = name

    def sums(self, progress: Progress) -> BookSums:
        """Let the server take the sums of all tables."""
        return BookSums.model_validate(await_job(self.api, self.api.start_sums(), progress))

    def prove(self, progress: Progress) -> Verification:
        """Let the server recompute every guarantee."""
        return Verification.model_validate(await_job(self.api, self.api.start_verification(), progress))

    def let_go(self) -> None:
        """Close the connections."""
        self.api.close()


class ServedSource(ServedPlace, Source):
    """A book on a server of ours moves away."""

    def begin(self, place: str) -> None:
        """Close the book for changes."""
        self.api.move_book(BookMove(place=place))

    def fetch(self, file: Path, progress: Progress) -> None:
        """Let the server make a backup, and fetch it."""
        job = self.api.start_backup(BackupInput())
        await_job(self.api, job, progress)
        text = message("正在下载账簿。")
        self.api.download_job_file(job.id, file, lambda done, total: progress(done, total, text))

    def mark(self) -> str:
        """Return a text that differs after every change."""
        return self.api.move_state().mark

    def stay(self) -> None:
        """Open the book for changes again."""
        self.api.stay()

    def finish(self, place: str) -> str:
        """Mark the book as moved."""
        self.api.move_book(BookMove(place=place, done=True))
        return ""


class ServedTarget(ServedPlace, Target):
    """A book comes to a server of ours, taken in by somebody who may do that there."""

    def __init__(self, door: ApiClient, url: str, slug: str, login: tuple[str, str], source: str) -> None:
        """Take the client of the server's root, and who logs in there; the book's own client comes with `enter`."""
        super().__init__(door, f"{url}/books/{slug}")
        self.door, self._slug, self._login, self._source = door, slug, login, source
        self._token_id = 0
        self._begun = self._filled = False
        self.is_closed = False

    def check(self) -> None:
        """The server must take books, the name be free there, and the login right."""
        for fault in self.faults():
            raise fault

    def faults(self) -> Iterator[ZhangfangError]:
        """Yield what speaks against it; a name that is taken keeps nobody from hearing that his password is wrong."""
        listed = self.door.served_books()
        if not listed.takes_books:
            yield Conflict("books_not_taken", message("这个服务器没有设置存放多本账的文件夹，不能接收账簿。"))
        if any(book.slug == self._slug for book in listed.books):
            sentence = message("服务器上已有名为“{slug}”的账，请换一个名字。", slug=self._slug)
            yield Conflict("slug_taken", sentence, fields={"slug": sentence})
        if not self.door.transport.session:
            try:
                session = self.door.log_in(*self._login)
            except ZhangfangError as refused:
                yield refused
                return
            if not session.user.is_owner and ADD_BOOK not in session.permissions:
                yield PermissionDenied(
                    "permission_denied",
                    message("您在这台服务器上没有添加账簿的权限，请向那里的管理员申请。"),
                    details={"permission": ADD_BOOK},
                )

    def enter(self, api: ApiClient, token_id: int) -> None:
        """Take the client by which the book is reached once it is there; its token is revoked at the end."""
        self.api, self._token_id = api, token_id

    def fill(self, file: Path, progress: Progress) -> None:
        """Send the book up, and let the server take it in and prove it."""
        self.check()
        text = message("正在上传账簿。")
        upload = self.door.upload_file(file, lambda done, total: progress(done, total, text))
        self._begun = True
        await_job(self.door, self._take_in(upload.id), progress)

    def _take_in(self, upload_id: str) -> Job:
        """Let the server make the book, closed for changes until the move is finished."""
        self.is_closed = True  # also when no answer comes
        try:
            return self.door.take_book_in(BookIntake(upload_id=upload_id, slug=self._slug, moving_to=self.name))
        except MalformedInput as refused:
            if "moving_to" not in refused.fields:
                raise
        logger.info("a server of an older program: the copy is open from the beginning")
        self.is_closed = False
        return self.door.take_book_in(BookIntake(upload_id=upload_id, slug=self._slug))

    def undo(self) -> None:
        """Take the copy off the server; where that cannot be, close it for good: it says that the book is where it was.

        Raises `EnvironmentFault` where nobody answers who could say whether there is one.
        """
        if not self._filled and not (self._begun and self._is_there()):
            return
        try:
            self._take_off()
        except NotFound:  # it is gone, only the answer was lost
            return
        except NotAuthenticated:
            if self._filled:
                raise
            return  # it does not know our token: somebody else's book came first under this name

    def _take_off(self) -> None:
        try:
            removed = self.api.remove_book()
        except (NotFound, NotAuthenticated):
            raise
        except ZhangfangError as refused:  # a server of an older program
            logger.info("the copy on the server cannot be taken off it: %s", refused.code)
            self.api.move_book(BookMove(place=self._source))
            self.api.move_book(BookMove(place=self._source, done=True))
            self._revoke()
        else:
            logger.info("the copy on the server was set aside as %s", removed.file)

    def _is_there(self) -> bool:
        """Tell whether the server has a book of this name: it may have taken ours in although it could not say so."""
        return any(book.slug == self._slug for book in self.door.served_books().books)

    def finish(self) -> None:
        """Let the book be changed there, and revoke the token by which it was proved.

        The move stands by now. Where the book could not be opened it says so, and its owner goes on there by a button.
        """
        if self.is_closed:
            self._open()
        self._revoke()
        self.let_go()

    def _open(self) -> None:
        for pause_s in (*OPENING_PAUSES_S, 0.0):
            try:
                self.api.stay()
            except ZhangfangError as error:
                logger.warning("the book cannot be opened for changes at its new place yet: %s", error.code)
                time.sleep(pause_s)
            else:
                return

    def _revoke(self) -> None:
        try:
            self.api.transport.send("DELETE", f"/api/tokens/{self._token_id}")
        except ZhangfangError as error:  # it expires within a day
            logger.warning("the token of a move was not revoked: %s", error.code)

    def let_go(self) -> None:
        """Log out and close the connections."""
        with contextlib.suppress(ZhangfangError):
            if self.door.transport.session:
                self.door.log_out()
        self.door.close()
        super().let_go()


def await_job(api: ApiClient, job: Job, progress: Progress) -> dict[str, Any]:
    """Wait for a job of a server and return its result; whoever cancels ends the job, too. Raises what it says."""
    try:
        while job.state in {"waiting", "running"}:
            progress(job.done, job.total, Message(job.text) if job.text else message("正在等待服务器。"))
            time.sleep(ASK_EVERY_S)
            job = api.job(job.id)
    except BaseException:
        with contextlib.suppress(ZhangfangError):
            api.cancel_job(job.id)
        raise
    if job.state != "done":
        raise UserError("job_failed", Message(job.error) if job.error else message("服务器没有做完这件事，请再试。"))
    return dict(job.result or {})
