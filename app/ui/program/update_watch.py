"""Looks at the version file once a day, when the user has asked for it; what was found waits here for whoever shows it.

The work has a thread of its own instead of a place among the window's tasks: those belong to the open book, and end
with it.
"""

from __future__ import annotations

import datetime
import logging
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PyQt5.QtCore import QObject, QTimer, pyqtSignal

from app.kernel.errors import ZhangfangError
from app.settings import Settings, data_folder
from app.version import VERSION

if TYPE_CHECKING:
    from app.client.update_check import UpdateSource
    from app.client.update_fetch import Fetch
    from app.client.update_notice import VersionNotice

logger = logging.getLogger(__name__)

FIRST_LOOK_MS = 8_000
"""How long after its start the window is left alone."""
NEXT_LOOK_MS = 3_600_000
"""How often a window that stays open asks whether a new day has come."""
_STOP_LIMIT_S = 2.0


class KeepsSettings(Protocol):
    """Who keeps the settings; the shell is one."""

    @property
    def settings(self) -> Settings:
        """The settings now."""

    def change_settings(self, settings: Settings) -> None:
        """Keep and follow settings."""


@dataclass
class _Look:
    """One round of work: what to do, and what came of it."""

    source: UpdateSource
    folder: Path
    today: datetime.date
    fetch: Fetch | None
    by_hand: bool
    notice: VersionNotice | None = None
    trouble: ZhangfangError | None = None
    bug: BaseException | None = None


class UpdateWatch(QObject):
    """Knows whether there is a newer version, as far as a signed file has said so."""

    changed = pyqtSignal()
    """Something to show has changed."""
    found = pyqtSignal(object)
    """A `VersionNotice` of a version not heard of before came in by itself, without anybody waiting for it."""

    _arrived = pyqtSignal(object)

    def __init__(
        self,
        keeper: KeepsSettings,
        parent: QObject | None = None,
        *,
        today: Callable[[], datetime.date] = lambda: datetime.datetime.now(datetime.UTC).date(),
    ) -> None:
        super().__init__(parent)
        self._keeper = keeper
        self._today = today
        self._newest: VersionNotice | None = None
        self._look: _Look | None = None
        self._thread: threading.Thread | None = None
        self._stopped = False
        self.trouble: ZhangfangError | None = None
        """Why the last look in this run brought nothing."""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._look_if_due)
        self._arrived.connect(self._take)

    @property
    def notice(self) -> VersionNotice | None:
        """What is offered, when it is newer than this program."""
        from app.client.update_notice import is_newer

        newest = self._newest
        return newest if newest is not None and is_newer(newest.version, VERSION) else None

    @property
    def is_looking(self) -> bool:
        """Whether an answer is awaited."""
        return self._look is not None

    def begin(self) -> None:
        """Look after a while, and then every day, if the settings say so at that time."""
        self._timer.start(FIRST_LOOK_MS)

    def check_now(self) -> None:
        """Look at once, on the user's word; harmless while a look is under way."""
        self._start(ask_server=True, by_hand=True)

    def forget(self) -> None:
        """Drop what is known: the address or the key has changed."""
        self._newest, self.trouble = None, None
        if self._look is not None:
            self._drop(self._look)
        self.changed.emit()

    def stop(self) -> None:
        """End what is under way; bounded, and harmless when nothing is."""
        self._stopped = True
        self._timer.stop()
        if self._look is not None:
            self._drop(self._look)
        if self._thread is not None:
            self._thread.join(_STOP_LIMIT_S)

    def _look_if_due(self) -> None:
        settings = self._keeper.settings
        if settings.update_check:
            due = settings.update_day != self._today().isoformat()
            if due or self._newest is None:
                self._start(ask_server=due, by_hand=False)
        self._timer.start(NEXT_LOOK_MS)

    def _start(self, *, ask_server: bool, by_hand: bool) -> None:
        from app.client.update_check import UpdateSource
        from app.client.update_fetch import Fetch
        from app.client.update_notice import BUILT_IN_KEY

        settings = self._keeper.settings
        if self._look is not None or self._stopped:
            return
        source = UpdateSource(settings.update_url, settings.update_key or BUILT_IN_KEY, settings.update_seen)
        try:
            fetch = Fetch(source.url) if ask_server else None
        except ZhangfangError as error:  # somebody wrote another address into the settings file
            self.trouble = error
            self.changed.emit()
            return
        self._look = look = _Look(source, data_folder(), self._today(), fetch, by_hand)
        if ask_server:
            # Noted before: a program that is ended while it waits has looked all the same.
            self._keeper.change_settings(replace(settings, update_day=look.today.isoformat(), update_failed=True))
        self._thread = threading.Thread(target=self._work, args=(look,), name="update-check", daemon=True)
        self._thread.start()
        self.changed.emit()

    def _work(self, look: _Look) -> None:
        """Do the slow part, in the thread."""
        from app.client import update_check

        try:
            look.notice = update_check.kept_notice(look.source, look.folder, look.today)
            if look.fetch is not None:
                look.notice = update_check.look(look.fetch, look.source, look.folder, look.today)
        except ZhangfangError as error:
            look.trouble = error
        except BaseException as error:  # noqa: BLE001  # it is handed to the UI thread, which raises it
            look.bug = error
        if not self._stopped:
            self._arrived.emit(look)

    def _take(self, look: _Look) -> None:
        if look is not self._look:
            return
        self._look = None
        if look.bug is not None:
            sys.excepthook(type(look.bug), look.bug, look.bug.__traceback__)
            return
        self._newest = look.notice or self._newest
        if look.fetch is not None:
            self._remember(look)
        self.changed.emit()

    def _remember(self, look: _Look) -> None:
        from app.client.update_notice import is_newer

        self.trouble = look.trouble
        settings, seen = self._keeper.settings, look.source.seen
        if look.trouble is not None:
            logger.info("no version file: %s", look.trouble.code)
            return
        unheard = look.notice is not None and (not seen or is_newer(look.notice.version, seen))
        if look.notice is not None and unheard:
            seen = look.notice.version
        self._keeper.change_settings(replace(settings, update_seen=seen, update_failed=False))
        if unheard and not look.by_hand and self.notice is not None:
            self.found.emit(self.notice)

    def _drop(self, look: _Look) -> None:
        self._look = None
        if look.fetch is not None:
            look.fetch.cancel()
