"""Keeps the window up to date with what others do, and tells them what is being changed here.

Asks each second, off the window's thread, one question at a time. What this window changed itself is left out: its
pages know it already. Pages hear of the rest as of a command of their own, and go through their own `refresh`.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt5.QtCore import QObject, QTimer, pyqtSignal
from PyQt5.QtWidgets import QWidget

from app.kernel.errors import MalformedInput, ZhangfangError
from app.ui.runtime import OpenedBook
from app.ui.start.book_kinds import is_server_address
from app.ui.tasks import Change, Query, Runner, Topic

if TYPE_CHECKING:
    from app.client.api import ApiClient
    from app.contract.identity import SessionInfo
    from app.contract.together import ChangedObject, Changes, EditedObject

logger = logging.getLogger(__name__)

EVERY_MS = 1000
LOCAL_EVERY_MS = 2000
"""A book nobody else opens: only commands beside the window change it."""
HIDDEN_EVERY_MS = 5000
AWAY_EVERY_MS = 3000
LOOK_EVERY_MS = 250
"""So soon others are told that something else is being changed here."""
SAY_AGAIN_S = 10.0
LEAVE_WAIT_MS = 2000
LISTED = 200


class Watcher(QObject):
    """Watches the open book from `begin` to `stop`."""

    answered = pyqtSignal()
    """The server told what there is to know."""

    def __init__(self, main: Runner, window: QWidget) -> None:
        super().__init__(window)
        # a runner of its own: its questions neither show as work nor wait behind work
        self.tasks = Runner(workers=1, parent=self)
        self.tasks.login_needed.connect(main.login_needed)
        self._main = main
        self._window = window
        self._api: ApiClient | None = None
        self._editing: Callable[[], list[EditedObject]] = list
        self._user_id = 0
        self.is_shared = False
        self.desk = ""
        self._cursor = ""
        self._unsure: list[ChangedObject] = []
        self._said: list[EditedObject] | None = None
        self._said_at = 0.0
        self._under_way = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._ask)
        self._look = QTimer(self)
        self._look.setInterval(LOOK_EVERY_MS)
        self._look.timeout.connect(self._look_for_edits)

    def begin(self, editing: Callable[[], list[EditedObject]], session: SessionInfo, opened: OpenedBook | None) -> None:
        """Watch the book that is open now, for who works; `editing` tells what is being changed in this window."""
        self.stop()
        self._api, self._editing, self._user_id = self._main.api, editing, session.user.id
        self.is_shared = session.logins or (opened is not None and _is_elsewhere(opened.address))
        self._main.others.own_user_id = self._user_id
        # made up anew: a desk belongs to the person who sat down at it
        self.desk, self._cursor, self._unsure = str(uuid.uuid4()), "", []
        self._said, self._under_way = None, False
        self._ask()
        if self.is_shared:
            self._look.start()

    def stop(self) -> None:
        """Ask no more, and show nobody any more; harmless when done already."""
        self._api, self._editing = None, list
        self._timer.stop()
        self._look.stop()
        self.tasks.forget(self)
        self._main.others.show([])

    def leave(self, then: Callable[[], None]) -> None:
        """Stop, tell the others that this window closes, and go on, soon even when nobody answers."""
        self.stop()
        api, desk = self._main.api, self.desk
        was_there, self._said = self._said is not None, None
        if not was_there or api is None or self._main.connection.is_away:
            then()
            return
        waiting = [then]

        def go_on(*_: object) -> None:
            if waiting:
                waiting.pop()()

        Query(lambda _none: api.leave(desk)).on_done(go_on).on_error(go_on).run(self)
        QTimer.singleShot(LEAVE_WAIT_MS, go_on)

    def close(self, timeout_s: float = 2.0) -> None:
        """End for good, after the client was closed."""
        self.stop()
        self.tasks.stop(timeout_s)

    # --- asking ------------------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        api = self._api
        if self._under_way or api is None or api is not self._main.api:
            return
        self._under_way = True
        editing = self._editing() if self.is_shared else []
        says = self.is_shared and (editing != self._said or time.monotonic() - self._said_at > SAY_AGAIN_S)
        cursor, desk = self._cursor, self.desk if self.is_shared else ""

        def work(_none: ApiClient) -> Changes:
            if says:
                _say(api, desk, editing)
            return api.changes(cursor, desk)

        def told(found: Changes) -> None:
            if says:
                self._said, self._said_at = editing, time.monotonic()
            self._take(found, api)

        Query(work).on_done(told).on_error(self._failed).always(self._wait).run(self)

    def _wait(self) -> None:
        self._under_way = False
        if self._api is not None:
            self._timer.start(self._pause_ms())

    def _pause_ms(self) -> int:
        if self._main.connection.is_away:
            return AWAY_EVERY_MS
        if self._window.isMinimized() or not self._window.isVisible():
            return HIDDEN_EVERY_MS
        return EVERY_MS if self.is_shared else LOCAL_EVERY_MS

    def _look_for_edits(self) -> None:
        """What is being changed here is told at once; and who comes back to the window sees it fresh at once."""
        slow = self._timer.remainingTime() > EVERY_MS and self._pause_ms() <= EVERY_MS
        if not self._under_way and (slow or (self._said is not None and self._editing() != self._said)):
            self._timer.stop()
            self._ask()

    def _failed(self, error: ZhangfangError) -> None:
        if self._api is not None:
            if error.code == "cursor_malformed":
                self._cursor = ""  # the server was replaced by one that counts otherwise
            self._main.connection.report(error, by_watch=True)

    # --- what was told -----------------------------------------------------------------------------------------------

    def _take(self, found: Changes, api: ApiClient) -> None:
        if self._api is not api:
            return
        self._main.connection.report(None)
        self._cursor = found.cursor
        own = api.transport.own_changes
        changes, self._unsure = [*self._unsure, *found.changes], []
        others: list[ChangedObject] = []
        topics: set[str] = set()
        for change in changes:
            if change.id in own:
                continue
            if change.user_id == self._user_id and own.are_under_way:
                self._unsure.append(change)  # its answer, which says whose it is, is on its way
                continue
            topics.update(change.topics)
            if change.user_id != self._user_id or not api.transport.awaits_answers:
                others.append(change)
            # else it may be what got no answer here: pages show it, nobody is warned of himself
        if found.topics and not found.changes:
            own.forget()  # the book was restored: its log gives the same numbers to other changes now
        if found.topics and (len(found.changes) >= LISTED or not found.changes):
            topics |= set(found.topics)  # more than was listed
        self._main.others.show(found.present)
        if topics:
            self._main.changed.emit(Change(frozenset(Topic(topic) for topic in topics), None, tuple(others)))
        self.answered.emit()


def _is_elsewhere(address: str) -> bool:
    """Tell whether others may open the book, too: it lies at a database server, or behind a server of ours."""
    return is_server_address(address) or address.startswith(("http://", "https://"))


def _say(api: ApiClient, desk: str, editing: list[EditedObject]) -> None:
    from app.contract.together import MAX_EDITED, PresenceInput

    try:
        api.be_present(PresenceInput(desk=desk, editing=editing[:MAX_EDITED]))
    except MalformedInput as refused:  # an older server knows no such things; what others do is asked for all the same
        logger.info("what is being changed here was not told: %s", refused.code)
