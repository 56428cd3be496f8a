"""How the window talks to the server: questions and commands run off the UI thread, their answers arrive on it.

    Query(lambda api: api.list_periods()).on_done(self._show_periods).run(self)
    Command(lambda api: api.post_voucher(7), Topic.VOUCHERS, Topic.BALANCES).on_done(self._posted).run(self)

The function gets the `ApiClient` as an argument, so no page can call the server on the UI thread by mistake.
`run(owner)` finds the `Runner` by walking from the owner up its parents. An answer is dropped when the owner is gone,
when the window is closing, or when the same owner has asked a newer question in the same slot.
"""

from __future__ import annotations

import concurrent.futures
import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, cast

from PyQt5 import sip
from PyQt5.QtCore import QObject, pyqtSignal

from app.kernel.errors import EnvironmentFault, NotAuthenticated, ZhangfangError
from app.ui.connection import AWAY_CODES, Connection
from app.ui.errors_shown import show_error_at, told
from app.ui.presence.others import Others
from app.ui.progress import Progress, ProgressStep, ShowsProgress, TaskCancelled

if TYPE_CHECKING:
    from app.client.api import ApiClient  # its contracts take time to import; the window is painted before
    from app.contract.together import ChangedObject

T = TypeVar("T")
logger = logging.getLogger(__name__)

LOGIN_REFUSED = "login_refused"
"""Code of a wrong name or password: the login page shows it, nobody is sent there because of it."""


class Topic(Enum):
    """What a command may have changed; pages look at it to decide whether to ask again."""

    ACCOUNTS = "accounts"
    AUXILIARIES = "auxiliaries"
    VOUCHERS = "vouchers"
    BALANCES = "balances"
    PERIODS = "periods"
    USERS = "users"
    RATES = "rates"
    ASSETS = "assets"
    CONTACTS = "contacts"
    ITEMS = "items"
    DOCUMENTS = "documents"
    STOCK = "stock"
    BOOK = "book"
    PAYMENTS = "payments"


@dataclass(frozen=True)
class Change:
    """What changed, and which widget made the change (it has the answer already).

    `by_others` are the changes themselves, as far as one may know them, when somebody else made them.
    """

    topics: frozenset[Topic]
    origin: QObject | None = None
    by_others: tuple[ChangedObject, ...] = ()

    def touches(self, *topics: Topic) -> bool:
        """Tell whether any of these changed."""
        return not self.topics.isdisjoint(topics)

    def of(self, object_type: str, object_id: int | None) -> ChangedObject | None:
        """Return what somebody else did to an object last, None when nobody did anything to it."""
        here = (one for one in reversed(self.by_others) if one.object_type == object_type)
        return next((one for one in here if one.object_id == str(object_id)), None)


@dataclass
class _Ticket:
    """One run: who asked, what is called back, and what came of it."""

    owner: QObject
    slot: str
    number: int
    work: Callable[[ApiClient], Any]
    on_done: Callable[[Any], None] | None
    on_error: Callable[[ZhangfangError], None] | None
    on_always: Callable[[], None] | None
    topics: frozenset[Topic]
    retry: Callable[[], None] | None
    api: ApiClient | None = None
    result: Any = None
    error: BaseException | None = None
    progress: Progress | None = None
    on_progress: Callable[[ProgressStep], None] | None = None
    delivered: bool = field(default=False)


class Runner(QObject):
    """Runs tickets on worker threads and delivers on the thread it lives in."""

    changed = pyqtSignal(object)
    """A `Change`: a command succeeded."""
    login_needed = pyqtSignal()
    """The server does not know the session (any more)."""
    busy_changed = pyqtSignal(bool)

    _arrived = pyqtSignal(object)
    _progressed = pyqtSignal(object, object)

    def __init__(self, api: ApiClient | None = None, workers: int = 4, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._api = api
        self._pool = concurrent.futures.ThreadPoolExecutor(workers, thread_name_prefix="window-task")
        self._futures: set[concurrent.futures.Future[None]] = set()
        self._newest: dict[tuple[int, str], int] = {}
        self._next_number = 0
        self._running: dict[int, _Ticket] = {}
        self._closing = False
        self._held: list[_Ticket] = []
        self.holds_questions = False
        """Whether questions that nobody can answer now wait for `ask_again` instead of failing where they were asked:
        somebody says then, for all of them, that the server is away or that one has to log in again."""
        self.connection = Connection(self)
        self.others = Others(self)
        if api is not None:
            self.connection.begin()
        self._arrived.connect(self._deliver)
        self._progressed.connect(self._show_progress)

    @property
    def api(self) -> ApiClient | None:
        """The client of the open book, or None."""
        return self._api

    def connect_to(self, api: ApiClient | None) -> None:
        """Work with another server from now on, or with none; what was asked of the old one is dropped."""
        for ticket in self._running.values():
            if ticket.api is not None:
                ticket.delivered = True
                if ticket.progress is not None:
                    ticket.progress.cancel()
        self._held.clear()
        old, self._api = self._api, api
        if old is not None:
            old.close()
        if api is None:
            self.connection.end()
        else:
            self.connection.begin()

    def start(self, ticket: _Ticket) -> None:
        """Run a ticket; after `stop()` nothing is run any more."""
        if self._closing:
            return
        self._next_number += 1
        ticket.number = self._next_number
        ticket.api = self._api
        if ticket.slot:
            self._newest[id(ticket.owner), ticket.slot] = ticket.number
        self._running[ticket.number] = ticket
        if len(self._running) == 1:
            self.busy_changed.emit(True)
        self._launch(ticket)

    def stop(self, timeout_s: float = 5.0) -> bool:
        """Take no new work, cancel what can be cancelled, close the client; return whether all ended in time."""
        self._closing = True
        for ticket in self._running.values():
            if ticket.progress is not None:
                ticket.progress.cancel()
        self._pool.shutdown(wait=False, cancel_futures=True)
        quick = concurrent.futures.wait(self._futures, timeout=timeout_s / 2)
        if self._api is not None:
            self._api.close()
        late = concurrent.futures.wait(quick.not_done, timeout=timeout_s / 2)
        if late.not_done:
            logger.warning("%d window tasks did not end within %.0f s", len(late.not_done), timeout_s)
        self._running.clear()
        return not late.not_done

    def forget(self, owner: QObject) -> None:
        """Drop the answers of everything this owner has asked so far."""
        for ticket in self._running.values():
            if ticket.owner is owner:
                ticket.delivered = True
                if ticket.progress is not None:
                    ticket.progress.cancel()

    @property
    def is_busy(self) -> bool:
        """Whether anything is under way."""
        return bool(self._running)

    def report_progress(self, ticket: _Ticket, step: ProgressStep) -> None:
        """Pass a step on to the UI thread (called on the worker)."""
        self._progressed.emit(ticket, step)

    def _launch(self, ticket: _Ticket) -> None:
        future = self._pool.submit(self._work, ticket)
        self._futures.add(future)
        future.add_done_callback(self._futures.discard)

    def _work(self, ticket: _Ticket) -> None:
        self._execute(ticket)
        # Emitted from the worker, received in our thread: Qt queues it. After the window is gone there is no receiver.
        if not self._closing and not sip.isdeleted(self):
            self._arrived.emit(ticket)

    def _execute(self, ticket: _Ticket) -> None:
        try:
            # Before a book is open there is no client; work that needs none (opening the book) ignores it.
            ticket.result = ticket.work(cast("ApiClient", ticket.api))
        except BaseException as error:  # noqa: BLE001  # it is handed to the UI thread, which shows or raises it
            ticket.error = told(error)

    def _deliver(self, ticket: _Ticket) -> None:
        self._running.pop(ticket.number, None)
        if not self._running:
            self.busy_changed.emit(False)
        if self._closing:
            return
        if ticket.error is None and ticket.topics and ticket.api is self._api:
            # The change is real even if nobody waits for the answer any more.
            origin = None if sip.isdeleted(ticket.owner) else ticket.owner
            self.changed.emit(Change(ticket.topics, origin))
        if isinstance(ticket.error, ZhangfangError) and ticket.api is self._api:
            self.connection.report(ticket.error)  # also of what nobody waits for any more
        if self._is_dropped(ticket):
            return
        ticket.delivered = True
        try:
            self._call_back(ticket)
        finally:
            if ticket.on_always is not None and not sip.isdeleted(ticket.owner):
                ticket.on_always()

    def _is_dropped(self, ticket: _Ticket) -> bool:
        place = id(ticket.owner), ticket.slot
        is_newest = self._newest.get(place) == ticket.number
        if ticket.delivered or sip.isdeleted(ticket.owner):
            if is_newest:  # a newer question's answer is still to come
                del self._newest[place]
            return True
        return bool(ticket.slot) and not is_newest

    def _call_back(self, ticket: _Ticket) -> None:
        error = ticket.error
        if error is None:
            if ticket.on_done is not None:
                ticket.on_done(ticket.result)
        elif isinstance(error, TaskCancelled):
            return
        elif isinstance(error, ZhangfangError):
            if isinstance(error, NotAuthenticated) and error.code != LOGIN_REFUSED:
                self.login_needed.emit()
            if ticket.on_error is not None:
                ticket.on_error(error)
            elif self.holds_questions and ticket.retry is not None and self._may_wait(error):
                self._held.append(ticket)
            else:
                show_error_at(ticket.owner, error, ticket.retry if isinstance(error, EnvironmentFault) else None)
        else:
            sys.excepthook(type(error), error, error.__traceback__)

    def _may_wait(self, error: ZhangfangError) -> bool:
        if isinstance(error, NotAuthenticated):
            return error.code != LOGIN_REFUSED
        return self.connection.is_away and error.code in AWAY_CODES

    def ask_again(self) -> None:
        """Ask what was held back, unless who asked is gone or has asked something newer since."""
        held, self._held = self._held, []
        for ticket in held:
            newer = ticket.slot and self._newest.get((id(ticket.owner), ticket.slot)) != ticket.number
            if ticket.retry is not None and not newer and not sip.isdeleted(ticket.owner):
                ticket.retry()

    def _show_progress(self, ticket: _Ticket, step: ProgressStep) -> None:
        if ticket.on_progress is None or self._closing or ticket.delivered or sip.isdeleted(ticket.owner):
            return
        ticket.on_progress(step)


class _Task(Generic[T]):
    """What `Query` and `Command` share."""

    def __init__(self, work: Callable[[ApiClient], T]) -> None:
        self._work = work
        self._done: Callable[[T], None] | None = None
        self._error: Callable[[ZhangfangError], None] | None = None
        self._always: Callable[[], None] | None = None
        self._slot = ""
        self._topics: frozenset[Topic] = frozenset()

    def on_done(self, callback: Callable[[T], None]) -> Self:
        """Call this with the result."""
        self._done = callback
        return self

    def on_error(self, callback: Callable[[ZhangfangError], None]) -> Self:
        """Call this instead of showing the error in the nearest message bar. Bugs are reported, not passed here."""
        self._error = callback
        return self

    def always(self, callback: Callable[[], None]) -> Self:
        """Call this last, whatever happened, unless the answer is dropped."""
        self._always = callback
        return self

    def slot(self, name: str) -> Self:
        """Name the place the answer belongs to: a newer question of the same owner and slot drops this answer."""
        self._slot = name
        return self

    def run(self, owner: QObject) -> None:
        """Run it for a widget, dialog, model or page that lives below one that has `tasks`."""
        runner_of(owner).start(self._ticket(owner))

    def _ticket(self, owner: QObject) -> _Ticket:
        return _Ticket(
            owner=owner,
            slot=self._slot,
            number=0,
            work=self._work,
            on_done=self._done,
            on_error=self._error,
            on_always=self._always,
            topics=self._topics,
            retry=lambda: None if sip.isdeleted(owner) else self.run(owner),
        )


class Query(_Task[T]):
    """A question that changes nothing."""


class Command(_Task[T]):
    """A change. When it succeeds, every page is told which `topics` changed."""

    def __init__(self, work: Callable[[ApiClient], T], *topics: Topic) -> None:
        super().__init__(work)
        self._topics = frozenset(topics)

    def _ticket(self, owner: QObject) -> _Ticket:
        ticket = super()._ticket(owner)
        # Whoever sees a command fail decides with open eyes whether to give it again.
        ticket.retry = None
        return ticket


class LongCommand(_Task[T]):
    """Long work that reports progress and can be cancelled: the function gets the client and a `Progress`."""

    def __init__(self, work: Callable[[ApiClient, Progress], T], *topics: Topic) -> None:
        super().__init__(lambda api: work(api, Progress(lambda _step: None)))
        self._long_work = work
        self._topics = frozenset(topics)
        self._progress: Callable[[ProgressStep], None] | None = None
        self._strip: ShowsProgress | None = None
        self._strip_text = ""

    def on_progress(self, callback: Callable[[ProgressStep], None]) -> Self:
        """Call this, on the UI thread, as the work goes on."""
        self._progress = callback
        return self

    def shown_by(self, strip: ShowsProgress, text: str) -> Self:
        """Show the work in a strip from its beginning to its end."""
        self._strip, self._strip_text = strip, text
        return self.on_progress(strip.show_step)

    def begin(self, owner: QObject) -> Progress:
        """Run it and return its `Progress`, whose `cancel()` ends it."""
        runner = runner_of(owner)
        ticket = self._ticket(owner)
        progress = Progress(lambda step: runner.report_progress(ticket, step))
        ticket.work = lambda api: self._long_work(api, progress)
        ticket.progress = progress
        ticket.on_progress = self._progress
        ticket.retry = None
        if self._strip is not None:
            self._strip.begin(progress, self._strip_text)
            ticket.on_always = self._finish_strip
        runner.start(ticket)
        return progress

    def run(self, owner: QObject) -> None:
        """Run it; who shows it keeps the way to cancel."""
        self.begin(owner)

    def _finish_strip(self) -> None:
        if self._strip is not None:
            self._strip.finish()
        if self._always is not None:
            self._always()


def runner_of(owner: QObject) -> Runner:
    """Return the runner of the nearest ancestor that has one as `tasks`. Raises `LookupError`: a bug."""
    current: QObject | None = owner
    while current is not None:
        tasks = getattr(current, "tasks", None)
        if isinstance(tasks, Runner):
            return tasks
        current = current.parent()
    raise LookupError(f"no task runner above {owner!r}")
