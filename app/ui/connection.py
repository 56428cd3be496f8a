"""Whether the server and the database behind an open book answer; whoever talks to them reports here."""

from __future__ import annotations

from enum import Enum

from PyQt5.QtCore import QObject, pyqtSignal

from app.kernel.errors import ZhangfangError

PERHAPS_ONE = "service_away"
"""Said by what stands before a server: it may be the whole one, or one of its services while the others go on."""
AWAY_CODES = frozenset(
    {"server_away", "server_timeout", "database_away", "other_answers", "server_redirects", PERHAPS_ONE}
)
"""Codes of errors that say that nobody of ours answers: the server, the database behind it, or a portal before it."""


class LinkState(Enum):
    """Where a connection stands."""

    CLOSED = "closed"
    CONNECTED = "connected"
    AWAY = "away"


class Connection(QObject):
    """The state of the window's one connection; lives on the window's thread.

    `Runner` reports what its calls meet, the watcher of others' changes what it meets, the bar that tries again whether
    somebody answers. Other errors are no news: who refuses is there, but perhaps not his database.
    """

    went_away = pyqtSignal(object)
    """A `ZhangfangError`: nobody answers any more. Emitted once, until `came_back` or `ended`."""
    came_back = pyqtSignal()
    ended = pyqtSignal()
    """The book is closed, or another one is opened."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = LinkState.CLOSED
        self._error: ZhangfangError | None = None

    @property
    def state(self) -> LinkState:
        """Where it stands now."""
        return self._state

    @property
    def is_away(self) -> bool:
        """Whether nobody answers."""
        return self._state is LinkState.AWAY

    @property
    def error(self) -> ZhangfangError | None:
        """What was met when nobody answered; None while somebody does."""
        return self._error

    def begin(self) -> None:
        """A book is open behind a server."""
        self.end()
        self._state = LinkState.CONNECTED

    def end(self) -> None:
        """No book is open any more."""
        was, self._state, self._error = self._state, LinkState.CLOSED, None
        if was is not LinkState.CLOSED:
            self.ended.emit()

    def report(self, error: ZhangfangError | None, *, by_watch: bool = False) -> None:
        """Tell what a call met: None when the book answered as it should.

        What may be away as one service only counts where the watch of others' changes meets it: without the service
        that answers that, nobody works.
        """
        if self._state is LinkState.CLOSED:
            return
        if error is None:
            if self._state is LinkState.AWAY:
                self._state, self._error = LinkState.CONNECTED, None
                self.came_back.emit()
        elif error.code == PERHAPS_ONE and not by_watch:
            return
        elif error.code in AWAY_CODES and self._state is LinkState.CONNECTED:
            self._state, self._error = LinkState.AWAY, error
            self.went_away.emit(error)
