"""What a page does when somebody else changes the object it shows: nothing typed is lost, nothing overwritten unseen.

While nothing is typed, the page shows what is new, where the cursor stays. While something is typed, a bar says who was
there, and both versions can be looked at side by side; a save that was refused opens that at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

from pydantic import BaseModel
from PyQt5 import sip
from PyQt5.QtWidgets import QWidget

from app.client.api import ApiClient
from app.kernel.errors import NotFound, ZhangfangError
from app.ui.language import tr
from app.ui.presence.differences import Difference
from app.ui.tasks import Change, Query
from app.ui.widgets.conflict_dialog import ConflictDialog
from app.ui.widgets.meanwhile_bar import MeanwhileBar
from app.ui.widgets.stale import read_stale

GONE = frozenset({"voucher_unknown", "document_unknown", "payment_unknown"})
"""What the server says of a sheet that was deleted, or is not in the backup the book was restored from."""
T = TypeVar("T", bound=BaseModel)
T_contra = TypeVar("T_contra", bound=BaseModel, contravariant=True)


class MeanwhileDesk(Protocol[T_contra]):
    """What a page or desk does for `Meanwhile`."""

    def stored_state(self) -> tuple[int, int] | None:
        """Return id and version of what is shown, None for what is not stored yet."""

    def has_unsaved(self) -> bool:
        """Tell whether something was typed."""

    def name_of_shown(self) -> str:
        """Return what people call the object shown."""

    def is_same(self, theirs: T_contra) -> bool:
        """Tell whether a stored version holds exactly what stands here."""

    def differences(self, theirs: T_contra) -> list[Difference]:
        """Return how what stands here and a stored version differ from what it was."""

    def show_theirs(self, theirs: T_contra) -> None:
        """Show a stored version; what was typed is dropped."""

    def keep_over(self, theirs: T_contra) -> None:
        """Know a version as the stored one; what is typed stays, and the next save replaces it."""

    def keep_as_new(self) -> None:
        """What is stored is gone; what is typed stays, and the next save makes a new one of it."""

    def settle(self, theirs: T_contra) -> None:
        """What the server has is what stands here: the answer to an earlier save was lost."""

    def save(self) -> None:
        """Save what is typed."""


class Stored(Protocol):
    """What the server keeps under a number, in versions."""

    @property
    def id(self) -> int:
        """Its number."""

    @property
    def version(self) -> int:
        """How often it was saved."""


S = TypeVar("S", bound=Stored)


class ShownVersions(Generic[S]):
    """The part of a `MeanwhileDesk` that every page with a sheet answers alike."""

    def __init__(self, stored: Callable[[], S | None], name: Callable[[S], str], unsaved: Callable[[], bool]) -> None:
        """Take how the page tells what is stored of what it shows, what people call it, whether something is typed."""
        self._stored_of_page = stored
        self._name = name
        self._unsaved = unsaved

    def stored_state(self) -> tuple[int, int] | None:
        """Return id and version of what is shown, None for what is not stored yet."""
        stored = self._stored_of_page()
        return None if stored is None else (stored.id, stored.version)

    def has_unsaved(self) -> bool:
        """Tell whether something was typed."""
        return self._unsaved()

    def name_of_shown(self) -> str:
        """Return what people call the object shown."""
        stored = self._stored_of_page()
        return "" if stored is None else self._name(stored)


class Meanwhile(Generic[T]):
    """Watches over one shown object; `bar` stands above it."""

    def __init__(
        self,
        page: QWidget,
        desk: MeanwhileDesk[T],
        object_type: str,
        shape: type[T],
        read: Callable[[ApiClient, int], T],
        bar: MeanwhileBar[T],
    ) -> None:
        self.bar = bar
        self._page = page
        self._desk = desk
        self._object_type = object_type
        self._shape = shape
        self._read = read
        self._at_ms: int | None = None
        self._is_refused = False
        self._gone = ""
        self._dialog: ConflictDialog | None = None
        bar.compare.clicked.connect(lambda _checked: self.compare())
        bar.reload.clicked.connect(lambda _checked: self._take())
        bar.keep.clicked.connect(lambda _checked: self._keep())

    def begin(self) -> None:
        """Another object is shown, or a fresh state of it."""
        self._close_dialog()
        self.bar.hide()
        self._gone = ""

    def note(self, change: Change) -> None:
        """Somebody else changed something: say so when it is what is being typed into."""
        state = self._desk.stored_state()
        made = change.of(self._object_type, state[0]) if state is not None else None
        if state is None or made is None or not self._desk.has_unsaved():
            return
        number, who, at_ms = state[0], made.user_name, made.at

        def arrived(theirs: T) -> None:
            now = self._desk.stored_state()
            if now is None or now[0] != number or now[1] == getattr(theirs, "version", None):
                return  # another object by now, or it was this window that saved
            if not self._desk.has_unsaved():
                self._desk.show_theirs(theirs)
                return
            self._at_ms, self._is_refused = at_ms, False
            self.bar.show_changed(theirs, who)

        def failed(error: ZhangfangError) -> None:
            now = self._desk.stored_state()
            if isinstance(error, NotFound) and now is not None and now[0] == number and self._desk.has_unsaved():
                self._say_gone(tr("{who} 已删除 {what}", who=who, what=self._desk.name_of_shown()))

        Query(lambda api: self._read(api, number)).slot("meanwhile").on_done(arrived).on_error(failed).run(self._page)

    def refused(self, error: ZhangfangError) -> bool:
        """Take over a save that was refused because somebody was faster; False for every other refusal."""
        state = self._desk.stored_state()
        if isinstance(error, NotFound) and error.code in GONE:
            if state is not None:
                self._look_whether_gone(state[0], error)
                return True
            if self._was_said():
                return True
        stale = read_stale(error, self._shape)
        if stale is None:
            return False
        if self._desk.is_same(stale.theirs):
            self._desk.settle(stale.theirs)
            return True
        self._at_ms, self._is_refused = stale.at_ms, True
        self.bar.show_conflict(stale.theirs, stale.who)
        self.compare()
        return True

    def compare(self) -> None:
        """Show both versions side by side."""
        theirs = self.bar.theirs
        if theirs is None:
            return
        self._close_dialog()
        rows = self._desk.differences(theirs)
        dialog = ConflictDialog(
            *(self._page, self._desk.name_of_shown(), self.bar.who or tr("别人"), rows),
            at_ms=self._at_ms,
            is_refused=self._is_refused,
        )
        dialog.theirs_wanted.connect(self._take)
        dialog.mine_wanted.connect(self._save_over)
        self._dialog = dialog
        dialog.open()

    def _take(self) -> None:
        theirs = self.bar.theirs
        self._close_dialog()
        if theirs is not None:
            self._desk.show_theirs(theirs)

    def _keep(self) -> None:
        """From here on the user knows both: the next save replaces the other's version."""
        theirs = self.bar.theirs
        self._close_dialog()
        self.bar.hide()
        if theirs is not None:
            self._desk.keep_over(theirs)

    def _save_over(self) -> None:
        self._keep()
        self._desk.save()

    def _close_dialog(self) -> None:
        dialog, self._dialog = self._dialog, None
        if dialog is not None and not sip.isdeleted(dialog):
            dialog.close()

    def _look_whether_gone(self, number: int, error: ZhangfangError) -> None:
        """What is missing may be another thing this one speaks of: only what cannot be read any more is gone."""

        def not_read(why: ZhangfangError) -> None:
            now = self._desk.stored_state()
            if isinstance(why, NotFound) and now is not None and now[0] == number:
                self._say_gone(tr("{what} 已经不在了", what=self._desk.name_of_shown()))
            elif now is not None or not self._was_said():
                self._show(error)

        Query(lambda api: self._read(api, number)).slot("gone").on_done(lambda _there: self._show(error)).on_error(
            not_read
        ).run(self._page)

    def _show(self, error: ZhangfangError) -> None:
        bar: Any = getattr(self._page, "message_bar", None)
        if bar is not None:
            bar.show_error(error)

    def _say_gone(self, what: str) -> None:
        self._desk.keep_as_new()
        self._gone = tr("{what}；您录入的内容仍在这里，再保存时存为新的一张。", what=what)
        self._warn(self._gone)

    def _was_said(self) -> bool:
        """Say it again, once, to a save that was under way when the watch said it; return whether there was one."""
        said, self._gone = self._gone, ""
        if said:
            self._warn(said)
        return bool(said)

    def _warn(self, text: str) -> None:
        bar: Any = getattr(self._page, "message_bar", None)
        if bar is not None:
            bar.show_warning(text)
