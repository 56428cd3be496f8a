"""The window over an open book: pages at the left to go to, the page in front, and what keeps them up to date."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PyQt5.QtCore import QEvent, Qt, pyqtSignal
from PyQt5.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.contract.together import EditedObject
from app.kernel.errors import ZhangfangError
from app.ui.icons import icon
from app.ui.language import tr
from app.ui.navigation import ShowPage, Target
from app.ui.navigation_list import NavigationList
from app.ui.page import Page, PageContext, PageEntry, entry_for
from app.ui.tasks import Change, Runner
from app.ui.widgets.form_dialog import FormDialog

if TYPE_CHECKING:
    from app.contract.identity import SessionInfo

MOST_STEPS_BACK = 50
"""So many pages on the way are remembered."""
MOST_KEPT = 500
"""So many of others' changes are remembered for a page that is not in front."""


def _holds_something(page: Page) -> bool:
    """Tell whether something typed would go with a page, in itself or in a form above it."""
    return page.has_unsaved() or any(form.isVisible() for form in page.findChildren(FormDialog))


class Workspace(QWidget):
    """Builds pages when they are first shown, and tells them what changed."""

    page_shown = pyqtSignal(str)
    """The key of the page in front."""
    search_wanted = pyqtSignal()

    def __init__(self, context: PageContext, entries: Sequence[PageEntry], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("shell")
        self.tasks: Runner = context.tasks
        self.context = replace(context, open_target=self.open_target)
        self._all_entries = entries
        self.entries = [e for e in entries if not e.permission or context.may(e.permission)]
        self._pages: dict[str, Page] = {}
        self._pending: dict[str, Change] = {}
        self._current = ""
        self._came_from: list[str] = []
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._make_navigation())
        layout.addWidget(self._make_page_area(), 1)
        self.tasks.changed.connect(self._note_change)
        self.retranslate()
        self._fit()

    @property
    def current_key(self) -> str:
        """The key of the page in front."""
        return self._current

    @property
    def current_page(self) -> Page | None:
        """The page in front."""
        return self._pages.get(self._current)

    def pages(self) -> dict[str, Page]:
        """Return the pages built so far, by key."""
        return dict(self._pages)

    def show_page(self, key: str) -> Page | None:
        """Bring a page to the front; None when this user has no such page."""
        entry = next((e for e in self.entries if e.key == key), None)
        if entry is None:
            return None
        page = self._pages.get(key)
        if page is None:
            page = entry.build(self.context)
            self._pages[key] = page
            self._stack.addWidget(page)
        self._current = key
        self._stack.setCurrentWidget(page)
        self._title.setText(page.title())
        self._navigation.mark(key)
        pending = self._pending.pop(key, None)
        page.activate()
        if pending is not None:
            page.refresh(pending)
        focus = page.first_focus()
        if focus is not None:
            focus.setFocus(Qt.FocusReason.OtherFocusReason)
        self.page_shown.emit(key)
        return page

    def open_target(self, target: Target) -> None:
        """Go to what a page or the search wants to show."""
        if isinstance(target, ShowPage):
            self.show_page(target.key)
            return
        entry = entry_for(self.entries, target)
        if entry is None:
            return
        before = self._current
        page = self.show_page(entry.key)
        if page is not None:
            if before and before != entry.key:
                self._came_from = [*self._came_from[1 - MOST_STEPS_BACK :], before]
            page.open(target)

    def return_to_last(self) -> None:
        """Go back to the page that led here: from a voucher to its ledger, from there to the statement."""
        while self._came_from:
            key = self._came_from.pop()
            if key != self._current:
                self.show_page(key)
                return

    def unsaved_titles(self) -> list[str]:
        """Return the titles of pages that hold something typed and not saved."""
        return [page.title() for page in self._pages.values() if page.has_unsaved()]

    def editing(self) -> list[EditedObject]:
        """Return what is being changed on the pages and in the dialogs above them."""
        dialogs = [dialog for dialog in self.findChildren(FormDialog) if dialog.isVisible() and dialog.edited]
        found = [dialog.edited for dialog in dialogs if dialog.edited is not None]
        return [*found, *(thing for page in self._pages.values() for thing in page.editing())]

    def follow_rights(self, session: SessionInfo) -> bool:
        """Show what this person may do now; return whether that is something else than before.

        Pages that hold something typed, or a form above them does, stay as they are, with the new rights, also where
        the page itself is not this person's any more; all others are made anew when shown.
        """
        old = self.context
        rights = frozenset(session.permissions)
        user = session.user
        if (rights, user.is_owner, user.name) == (old.permissions, old.is_owner, old.user_name):
            return False
        self.context = replace(old, permissions=rights, is_owner=user.is_owner, user_name=user.name)
        allowed = {e.key for e in self._all_entries if not e.permission or self.context.may(e.permission)}
        typed = {key for key, page in self._pages.items() if _holds_something(page)}
        self.entries = [entry for entry in self._all_entries if entry.key in allowed | typed]
        keys = {entry.key for entry in self.entries}
        for key, page in list(self._pages.items()):
            if key in typed:
                page.context = self.context
                continue
            del self._pages[key]
            self._pending.pop(key, None)
            self._stack.removeWidget(page)
            page.deleteLater()
        self._came_from = [key for key in self._came_from if key in keys]
        self._navigation.list_entries(self.entries)
        self._navigation.retranslate()
        shown = self._current if self._current in keys else next(iter(self.entries)).key if self.entries else ""
        self._current = ""
        if shown:
            self.show_page(shown)
        for key in typed - allowed:
            self._pages[key].message_bar.show_warning(
                tr(
                    "您不再有这一页的权限，现在不能保存；没有保存的内容还在这里，可以抄下来，或者请管理员给回权限后再保存。"
                )
            )
        return True

    def show_error(self, error: ZhangfangError, retry: Callable[[], None] | None = None) -> None:
        """Show an error on the page in front."""
        page = self.current_page
        if page is not None:
            page.show_error(error, retry)

    def retranslate(self) -> None:
        """Set the texts that are not a page's own."""
        self._book.setText(self.context.book.name)
        self._search.setText(tr("搜索") + "  Ctrl+K")
        self._search.setToolTip(tr("查找页面、科目和凭证"))
        self._navigation.setAccessibleName(tr("页面"))
        self._navigation.retranslate()
        page = self.current_page
        if page is not None:
            self._title.setText(page.title())
        self._fit()

    def changeEvent(self, event: QEvent | None) -> None:
        """Follow language and font."""
        super().changeEvent(event)
        if event is None:
            return
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        elif event.type() in {QEvent.Type.FontChange, QEvent.Type.StyleChange}:
            self._fit()

    def _make_navigation(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(0)
        self._book = QLabel(self)
        self._book.setObjectName("bookName")
        self._book.setWordWrap(True)
        self._book.setTextFormat(Qt.TextFormat.PlainText)
        self._navigation = NavigationList(self.entries, self)
        self._navigation.chosen.connect(self._chosen)
        self._navigation.entered.connect(self._enter_page)
        column.addWidget(self._book)
        column.addWidget(self._navigation, 1)
        return column

    def _make_page_area(self) -> QWidget:
        area = QWidget(self)
        area.setObjectName("pageArea")
        column = QVBoxLayout(area)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        head = QWidget(area)
        head.setObjectName("pageHead")
        self._head = QHBoxLayout(head)
        self._title = QLabel(head)
        self._title.setObjectName("pageTitle")
        self._search = QPushButton(icon("search"), "", head)
        self._search.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._search.clicked.connect(lambda _checked: self.search_wanted.emit())
        self._head.addWidget(self._title, 1)
        self._head.addWidget(self._search)
        self._stack = QStackedWidget(area)
        column.addWidget(head)
        column.addWidget(self._stack, 1)
        return area

    def _fit(self) -> None:
        em = self.fontMetrics().height()
        self._head.setContentsMargins(em * 5 // 4, em * 3 // 4, em * 5 // 4, em // 2)
        self._navigation.retranslate()
        self._book.setFixedWidth(self._navigation.width())

    def _chosen(self, key: str) -> None:
        if key == self._current:
            return
        had_keyboard = self._navigation.hasFocus()
        self.show_page(key)
        if had_keyboard:
            # Somebody walking through the list with the arrow keys stays in it; Enter goes into the page.
            self._navigation.setFocus()

    def _enter_page(self) -> None:
        page = self.current_page
        if page is not None:
            focus = page.first_focus()
            if focus is not None:
                focus.setFocus(Qt.FocusReason.TabFocusReason)
            else:
                page.focusNextChild()

    def _note_change(self, change: Change) -> None:
        for key, page in self._pages.items():
            if key == self._current:
                page.refresh(change)
            else:
                before = self._pending.get(key)
                self._pending[key] = _joined(before, change) if before else change


def _joined(before: Change, change: Change) -> Change:
    return Change(before.topics | change.topics, change.origin, (*before.by_others, *change.by_others)[-MOST_KEPT:])
