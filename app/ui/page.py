"""What every page of the window is, and how the window knows its pages."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from PyQt5.QtCore import QEvent, Qt
from PyQt5.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from app.contract.book import BookInfo
from app.contract.together import EditedObject
from app.kernel.errors import ZhangfangError
from app.ui.navigation import Target
from app.ui.tasks import Change, Runner
from app.ui.widgets.message_bar import MessageBar


@dataclass(frozen=True)
class PageContext:
    """What a page gets: the runner, the book it works on, who works, and the way to other pages."""

    tasks: Runner
    book: BookInfo
    user_id: int
    user_name: str
    permissions: frozenset[str]
    is_owner: bool
    open_target: Callable[[Target], None]
    today: Callable[[], datetime.date] = field(default=datetime.date.today)
    place: str = ""
    """The address of a server elsewhere that has the book; empty when this window opened it itself."""

    @property
    def is_remote(self) -> bool:
        """Whether paths that the server names lie on another computer than this window."""
        return bool(self.place)

    def may(self, permission: str) -> bool:
        """Tell whether the user has a right (the server decides; the window only hides what would be refused)."""
        return self.is_owner or permission in self.permissions


class Page(QWidget):
    """Base of all pages: a message bar at the top, the page's own content in `self.body` below it.

    Subclasses build their widgets in `__init__`, put them into `self.body`, then call `retranslate()`; they ask for
    their data in `activate()`.
    """

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.tasks = context.tasks
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self.message_bar = MessageBar(self)
        outer.addWidget(self.message_bar)
        # Where the window is too small for the page, at 300 % for one, it scrolls instead of being squeezed.
        scroll = QScrollArea(self)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidgetResizable(True)
        content = QWidget(scroll)
        content.setObjectName("scrolled")
        self.body = QVBoxLayout(content)
        self._space_out()
        scroll.setWidget(content)
        outer.addWidget(scroll, 1)

    def title(self) -> str:
        """Return the page's name in the window's language."""
        raise NotImplementedError

    def activate(self) -> None:
        """The page has come to the front: the first time, ask for the data; later, where that is cheap."""

    def retranslate(self) -> None:
        """Set every text anew; called after building and whenever the language changes."""

    def refresh(self, change: Change) -> None:
        """Something changed; called at once on the page in front, on others when they come to the front."""

    def open(self, target: Target) -> None:
        """Show a target this page declared in its `PageEntry`."""

    def has_unsaved(self) -> bool:
        """Tell whether something typed would be lost if the page went away."""
        return False

    def editing(self) -> list[EditedObject]:
        """Return the stored objects that are being changed here, for the other people who have the book open."""
        return []

    def first_focus(self) -> QWidget | None:
        """Return the widget that takes the keyboard when the page comes to the front."""
        return None

    def show_error(self, error: ZhangfangError, retry: Callable[[], None] | None = None) -> None:
        """Show an error in the message bar; nothing typed is touched."""
        self.message_bar.show_error(error, retry)

    def show_info(self, text: str) -> None:
        """Show that something was done; it goes away by itself."""
        self.message_bar.show_info(text)

    def changeEvent(self, event: QEvent | None) -> None:
        """Retranslate when the language changes."""
        super().changeEvent(event)
        if event is None:
            return
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        elif event.type() in {QEvent.Type.FontChange, QEvent.Type.StyleChange}:
            self._space_out()

    def _space_out(self) -> None:
        em = self.fontMetrics().height()
        self.body.setContentsMargins(em * 5 // 4, em // 4, em * 5 // 4, em)
        self.body.setSpacing(em * 5 // 8)


@dataclass(frozen=True)
class PageEntry:
    """A page as the shell knows it before it is built: pages are built when first shown."""

    key: str
    title: Callable[[], str]
    icon: str
    build: Callable[[PageContext], Page]
    group: str = ""
    accepts: tuple[type[Target], ...] = ()
    permission: str = ""
    shortcut: str = ""


def entry_for(entries: Sequence[PageEntry], target: Target) -> PageEntry | None:
    """Return the page that shows a target, or None."""
    for entry in entries:
        if isinstance(target, entry.accepts):
            return entry
    return None
