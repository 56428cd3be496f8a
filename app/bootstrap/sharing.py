"""Moving a book: from a file to a database or a server of ours and back, proved equal, or everything as it was.

The order is the same in all directions. The source is closed for changes, copied into a file beside nothing else, and
compared with it; the target is made of that file, and compared with it in turn; both are verified as a whole. Only then
is the source marked as moved. What fails or is cancelled before that is undone, at the target first, so that no moment
has two books that can be changed.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from app.bootstrap.passwords import keep_password, with_password
from app.bootstrap.sharing_places import (
    DatabaseTarget,
    FileTarget,
    OpenedSource,
    Place,
    Source,
    Target,
)
from app.bootstrap.sharing_served import ServedSource, ServedTarget
from app.client.addresses import is_web_address
from app.client.api import ApiClient
from app.client.server_diagnosis import ServerFound, diagnose_server
from app.client.transport import Transport
from app.contract.identity import ApiTokenInput, PasswordReset, SessionInfo, UserChange
from app.contract.ledger import Verification
from app.contract.serving import BookSums
from app.identity import permissions
from app.identity.queries.people import count_logins, owner_actor, read_user
from app.identity.right_names import listing
from app.identity.service.people import change_user, reset_password
from app.identity.service.tokens import create_token
from app.kernel.checking import CheckStep
from app.kernel.clock import utc_ms
from app.kernel.errors import Conflict, EnvironmentFault, PermissionDenied, ZhangfangError
from app.kernel.text import Message, message
from app.ledger.permissions import PERMISSIONS as LEDGER_RIGHTS
from app.logs import hide_secret
from app.storage.address import BookAddress, parse_address
from app.storage.database import execute, open_database, run_unit
from app.storage.diagnosis import diagnose
from app.storage.progress import Progress, WorkCancelled
from app.storage.workrooms import workroom
from app.ui.runtime import MovedBook, MoveWish, OpenedBook
from app.web import moving

if TYPE_CHECKING:
    from collections.abc import Sequence

logger = logging.getLogger(__name__)

Report = Callable[[int, int, str], bool]
_NEEDED = ("book:book:move", "book:backup:add", "ledger:book:verify")
RIGHTS = {right.code: right.name for right in (*permissions.PERMISSIONS, *LEDGER_RIGHTS) if right.code in _NEEDED}
"""What whoever moves a book must be allowed, with its name."""
STEPS = 8
STEP = 1000
TOKEN_LIFE_MS = 24 * 3600 * 1000
DATABASES = ("mysql://", "mariadb://")


@dataclass
class Mover:
    """One move, from looking at both sides to the end."""

    opened: OpenedBook
    session: str
    wish: MoveWish
    address: BookAddress | None
    """Of the open book with its password, where this program opened it itself."""
    render: Callable[[Message], str]
    ca_file: str = ""
    """Certificates that are trusted besides the computer's, for a server it moves to."""
    _step: int = 0
    _report: Report = field(default=lambda _done, _total, _text: False)

    def look(self) -> Iterator[CheckStep]:
        """Look at the way there and at both ends, and yield each step; nothing is changed.

        What can be told together is: rights that are missing keep nobody from hearing that the database is not empty.
        """
        told: set[str] = set()
        for step in self._way():
            yield step
            if step.is_failed:
                told.add(step.code)
                if step.name != "rights":
                    return
        for fault in self._faults():
            if fault.code not in told:
                told.add(fault.code)
                yield CheckStep("move", "failed", fault.message, fault.code, fields=frozenset(fault.fields))
        if not told:
            yield CheckStep("move", "ok", message("可以迁到这里。"))

    def _way(self) -> Iterator[CheckStep]:
        if is_web_address(self.wish.place):
            return diagnose_server(self.wish.place, ServerFound(), ca_file=self.ca_file)
        if self.wish.place.lower().startswith(DATABASES):
            return diagnose(with_password(self.wish.place, self.wish.password), for_move=True)
        return iter(())

    def _faults(self) -> Iterator[ZhangfangError]:
        try:
            with contextlib.closing(_client(self.opened, self.session)) as api:
                self._check(api)
        except ZhangfangError as fault:
            yield fault
        try:
            with self._target() as target:
                yield from target.faults()
        except ZhangfangError as fault:
            yield fault

    def move(self, close_book: Callable[[Report], object], report: Report) -> MovedBook:
        """Move the book; `close_book` closes the program's own server before it is copied."""
        self._report = report
        with contextlib.ExitStack() as stack:
            api = stack.enter_context(contextlib.closing(_client(self.opened, self.session)))
            session = self._check(api)
            target = stack.enter_context(self._target())
            target.check()
            if isinstance(target, ServedTarget):
                _require_login(session, self.wish)
            if self.address is not None:
                close_book(report)
                self._look_up()
            source = self._source(api, session)
            stack.callback(source.let_go)
            _begin(source, target.told)
            try:
                return self._copy_and_prove(source, target)
            except BaseException as error:
                left = self._undo(source, target, error)
                if left and isinstance(error, ZhangfangError):
                    raise _copy_left(error, target) from error
                raise

    # --- the steps ---------------------------------------------------------------------------------------------------

    def _copy_and_prove(self, source: Source, target: Target) -> MovedBook:
        before = source.sums(self._next())
        with workroom() as folder:
            staged = folder / "book.zhangfang"
            source.fetch(staged, self._next())
            _require_equal(before, _sums_of(staged, self._next()))
            proved = _require_sound(source.prove(self._next()))
            people = self._make_ready(staged, target)
            ready = _sums_of(staged, self._next())
            target.fill(staged, self._next())
        _require_equal(ready, target.sums(self._next()))
        _require_same(proved, _require_sound(target.prove(self._next())))
        if source.mark() != before.mark:
            raise Conflict("source_changed", message("迁移期间账里又有改动（可能来自旧版程序），没有迁移；请再试。"))
        self._look_up()
        kept_file = self._finish(source, target)
        rows = sum(table.rows for table in before.tables.values())
        return MovedBook(target.name, proved.vouchers, proved.chain_count, proved.chain_hash, rows, kept_file, people)

    def _finish(self, source: Source, target: Target) -> str:
        """Mark the source as moved. When the answer is lost, ask whether it is, for then there is no way back."""
        try:
            kept_file = source.finish(target.told)
        except EnvironmentFault:
            if not _is_done(source):
                raise
            kept_file = ""
        target.finish()
        if isinstance(target, DatabaseTarget) and self.wish.remember_password:
            keep_password(target.address, self.wish.password)
        logger.info("a book has moved to %s", target.name)
        return kept_file

    def _make_ready(self, staged: Path, target: Target) -> int:
        """Make the copy the book that goes on: no move, no sessions, its owner's login; return how many can log in."""
        book = open_database(str(staged))
        try:
            with book.session():
                moving.forget_move()
                run_unit(lambda: execute("DELETE FROM {session}"))
                if self.wish.owner_login:
                    _give_owner_login(self.wish)
                if isinstance(target, ServedTarget):
                    self._make_token(target)
                return count_logins()
        finally:
            book.close()

    def _make_token(self, target: ServedTarget) -> None:
        """Make the token by which the copy is proved on the server; nobody's password is needed for that."""
        owner = owner_actor()
        if owner is None:
            raise Conflict("owner_missing", message("账簿没有在用的所有者，请从备份恢复。"))
        made = create_token(owner, ApiTokenInput(name="迁移时核对", expires_at=utc_ms() + TOKEN_LIFE_MS))
        hide_secret(made.token)
        target.enter(ApiClient(Transport(target.name, made.token, ca_file=self.ca_file)), made.id)

    def _undo(self, source: Source, target: Target, error: BaseException) -> bool:
        """Take away what was made, then let the source be changed again; tell whether something may be left there.

        What cannot be done at the source now is said at its next opening.
        """
        logger.info("a move is taken back: %s", getattr(error, "code", type(error).__name__))
        failed = []
        for name, step in (("target", target.undo), ("source", source.stay)):
            try:
                step()
            except ZhangfangError as fault:
                logger.warning("a move could not be taken back at its %s: %s", name, fault.code)
                failed.append(name)
        return "target" in failed

    # --- both sides --------------------------------------------------------------------------------------------------

    def _check(self, api: ApiClient) -> SessionInfo:
        session = api.session()
        missing = [right for right in RIGHTS if not session.user.is_owner and right not in session.permissions]
        if missing:
            names = listing([RIGHTS[right] for right in missing])
            raise PermissionDenied(
                "permission_denied",
                message("您没有“{permission}”的权限，请向管理员申请。", permission=names),
                details={"permission": missing[0]},
            )
        state = api.move_state()
        if state.place:
            raise moving.moved(state.model_dump())
        return session

    def _source(self, api: ApiClient, session: SessionInfo) -> Source:
        if self.address is None:
            return ServedSource(api, self.opened.address)
        return OpenedSource(self.address, session.user.id)

    @contextmanager
    def _target(self) -> Iterator[Target]:
        target = self._new_target()
        try:
            yield target
        finally:
            target.let_go()

    def _new_target(self) -> Target:
        wish = self.wish
        if is_web_address(wish.place):
            url = wish.place.rstrip("/")
            return ServedTarget(
                ApiClient(Transport(url, ca_file=self.ca_file)),
                url,
                wish.slug,
                (wish.login, wish.password),
                self.opened.address,
            )
        if wish.place.lower().startswith(DATABASES):
            return DatabaseTarget(with_password(wish.place, wish.password))
        return FileTarget(parse_address(wish.place))

    # --- progress ----------------------------------------------------------------------------------------------------

    def _next(self) -> Progress:
        """Return what the next step tells its progress to; it stops there when somebody cancelled."""
        self._look_up()
        begun, self._step = self._step * STEP, self._step + 1

        def progress(done: int, total: int, text: Message) -> None:
            part = STEP * min(done, total) // total if total else 0
            if self._report(begun + part, STEPS * STEP, self.render(text)):
                raise _cancelled()

        return progress

    def _look_up(self) -> None:
        if self._report(self._step * STEP, STEPS * STEP, ""):
            raise _cancelled()


def _begin(source: Source, place: str) -> None:
    """Close the source for changes; where the answer is lost, it may be closed, so it is opened again."""
    try:
        source.begin(place)
    except EnvironmentFault:
        with contextlib.suppress(ZhangfangError):
            source.stay()
        raise


def _require_login(session: SessionInfo, wish: MoveWish) -> None:
    if not (session.logins or session.user.has_password or wish.owner_login):
        sentence = message("放到服务器上的账要登录：请给所有者起一个登录名和密码。")
        raise Conflict("owner_needs_password", sentence, fields={"owner_login": sentence})


def _cancelled() -> WorkCancelled:
    return WorkCancelled("cancelled", message("已取消。"))


def _client(opened: OpenedBook, session: str) -> ApiClient:
    transport = Transport(opened.url, opened.token, ca_file=opened.ca_file)
    transport.session = session
    return ApiClient(transport)


def _sums_of(file: Path, progress: Progress) -> BookSums:
    book = open_database(str(file))
    try:
        with book.session():
            return moving.sums(progress)
    finally:
        book.close()


def _give_owner_login(wish: MoveWish) -> None:
    owner = owner_actor()
    if owner is None or count_logins():
        return
    version = read_user(owner.user_id).version
    change_user(owner, owner.user_id, UserChange(login_name=wish.owner_login, version=version))
    reset_password(owner, owner.user_id, PasswordReset(password=wish.owner_password, must_change_password=False))


def _copy_left(error: ZhangfangError, target: Target) -> EnvironmentFault:
    """Return what is to be said where a copy may have stayed behind: unless it is closed, it could be changed, too."""
    values = {"reason": error.message, "place": target.name}
    if target.is_closed:
        sentence = message(
            "{reason}账还在原来的地方，可以接着用。“{place}”那里可能留下了一份副本，只能查看，这次没能清除：连得上时，请在“连接”的名单里选它，点“从服务器撤下”。",
            **values,
        )
        return EnvironmentFault("copy_left", sentence)
    return EnvironmentFault(
        "copy_left",
        message(
            "{reason}账还在原来的地方，可以接着用。“{place}”那里可能留下了一份副本，这次没能清除：请让管理员删掉它，不要使用。",
            **values,
        ),
    )


def _require_equal(one: BookSums, other: BookSums) -> None:
    """Raise `EnvironmentFault` (`copy_differs`) unless two copies hold the same.

    Where the other program has newer tables, only the rows of those with further columns can be compared.
    """
    for table, total in one.tables.items():
        there = other.tables.get(table)
        same = there is not None and there.rows == total.rows
        if there is not None and there.columns == total.columns:
            same = there == total
        if not same:
            raise EnvironmentFault(
                "copy_differs",
                message("复制后的表“{table}”与原来的不一致，已撤销。请检查磁盘后再试。", table=table),
                details={"table": table},
            )


def _require_sound(proof: Verification) -> Verification:
    if proof.findings:
        first = proof.findings[0]
        raise Conflict(
            "book_faulty",
            message(
                "核验发现 {count} 处不对，没有迁移；请先在“账簿体检”里看一看。第一处：{where}：{finding}",
                count=len(proof.findings),
                where=first.where,
                finding=first.message,
            ),
            details={"findings": [one.model_dump() for one in proof.findings[:20]]},
        )
    return proof


def _require_same(one: Verification, other: Verification) -> None:
    def told(proof: Verification) -> Sequence[object]:
        return proof.vouchers, proof.entries, proof.chain_count, proof.chain_hash

    if told(one) != told(other):
        raise EnvironmentFault("copy_differs", message("两边核验的结果不同，已撤销。请再试一次。"))


def _is_done(source: Place) -> bool:
    try:
        if isinstance(source, ServedSource):
            return source.api.move_state().done
        if isinstance(source, OpenedSource):
            with source.open().session():
                return moving.move_state().done
    except ZhangfangError as fault:
        logger.warning("whether a move was marked as done cannot be asked: %s", fault.code)
    return False
