"""A text field that finds things by code, name or pinyin initials while one types."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PyQt5.QtCore import QModelIndex, QPoint, Qt, QTimer, pyqtSignal
from PyQt5.QtGui import QFocusEvent, QKeyEvent, QStandardItem, QStandardItemModel
from PyQt5.QtWidgets import QCompleter, QLineEdit, QToolTip, QWidget

from app.client.api import ApiClient
from app.ui.language import tr
from app.ui.tasks import Query
from app.ui.widgets.form_dialog import mark_wrong
from app.ui.widgets.limits import limit_length

_VALUE = Qt.ItemDataRole.UserRole
_TYPING_MS = 120
LONGEST = 200


@dataclass(frozen=True)
class Choice:
    """Something to choose: its value, what stands in the field once chosen, and how the list shows it."""

    value: Any
    text: str
    detail: str = ""
    keys: tuple[str, ...] = ()
    """What else names it exactly, such as its code."""
    adds: str = ""
    """Set when choosing it makes something new of this name; `value` is None then."""

    @property
    def line(self) -> str:
        """The line in the list."""
        return f"{self.text}    {self.detail}" if self.detail else self.text


LocalSource = Callable[[str], Sequence[Choice]]
"""Finds choices at once, from what the window holds already."""
ServerSource = Callable[[ApiClient, str], Sequence[Choice]]
"""Asks the server; runs off the UI thread a moment after the last key."""


class LookupEdit(QLineEdit):
    """Offers choices in a list below; F7 or Down opens it, Enter takes the marked one, Escape leaves what was typed."""

    chosen = pyqtSignal(object)
    """The value chosen; None when the field was emptied."""

    offers_near = False
    """Enter before the answer: what fits nearly is offered, too. Never for what scanners type into."""

    def __init__(
        self, parent: QWidget | None = None, *, local: LocalSource | None = None, server: ServerSource | None = None
    ) -> None:
        super().__init__(parent)
        limit_length(self, LONGEST)
        self._local = local
        self._server = server
        self._value: Any = None
        self._value_text = ""
        self._answered: str | None = None
        """The text the choices in the list belong to."""
        self._entered = False
        """Enter was pressed, or the field left, before the server had answered: what fits is taken when it has."""
        self._found = QStandardItemModel(self)
        self._list = QCompleter(self._found, self)
        self._list.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._list.setMaxVisibleItems(12)
        self._list.setWidget(self)
        self._list.activated[QModelIndex].connect(self._take)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_TYPING_MS)
        self._timer.timeout.connect(self._ask)
        self._taken: Choice | None = None
        self._outdated: str | None = None
        self._take_timer = QTimer(self)
        self._take_timer.setSingleShot(True)
        self._take_timer.setInterval(0)
        self._take_timer.timeout.connect(self._choose_taken)
        self.textEdited.connect(self._typed)

    @property
    def value(self) -> Any:
        """The value chosen, or None while what is typed names nothing."""
        return self._value if self.text() == self._value_text else None

    def set_choice(self, choice: Choice | None) -> None:
        """Show a choice without telling anybody."""
        self._value = choice.value if choice is not None else None
        self._value_text = choice.text if choice is not None else ""
        self.setText(self._value_text)
        self.home(False)  # what is too long for the field is cut at its end: the code stays in sight
        mark_wrong(self, False)

    def look_up(self) -> None:
        """Open the list for what is typed, or with everything when nothing is."""
        self._ask()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Open the list with F7 or Down."""
        if event is not None and event.key() in {Qt.Key.Key_F7, Qt.Key.Key_Down}:
            self.look_up()
            return
        if event is not None and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.value is None:
            if self._waits_for_answer():
                event.accept()
                return
            self._take_exact()
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        """Take the only choice that fits exactly when the field is left."""
        super().focusOutEvent(event)
        left = event is not None and event.reason() != Qt.FocusReason.PopupFocusReason
        if left and self.value is None and not self._waits_for_answer():
            self._take_exact()

    def _waits_for_answer(self) -> bool:
        """Ask at once where the list is not of what is typed: a scanner types faster than one can ask."""
        if self._server is None or not self.text().strip() or self._answered == self.text():
            return False
        self._timer.stop()
        self._entered = True
        self._ask()
        return True

    def _typed(self, text: str) -> None:
        mark_wrong(self, False)
        self._entered = False
        if not text and self._value is not None:
            self._value, self._value_text = None, ""
            self.chosen.emit(None)
        if self._server is not None:
            self._timer.start()
        else:
            self._ask()

    def _ask(self) -> None:
        typed = self.text() if self.text() != self._value_text else ""
        if self._local is not None:
            self._offer(self._local(typed))
            return
        server = self._server
        if server is not None:
            Query(lambda api: server(api, typed)).slot("look-up").on_done(
                lambda choices: self._arrived(typed, choices)
            ).run(self)

    def _arrived(self, typed: str, choices: Sequence[Choice]) -> None:
        self._answered = typed
        entered, self._entered = self._entered, False
        if entered and typed == self.text():
            self._fill(choices)
            if self.offers_near and self.hasFocus() and not self._exact() and any(not c.adds for c in choices):
                self._offer(choices)  # Enter once more takes the first
                return
            popup = self._list.popup()
            if popup is not None:
                popup.hide()
            self._take_exact()
        else:
            self._offer(choices)

    def _fill(self, choices: Sequence[Choice]) -> None:
        self._found.clear()
        for choice in choices:
            item = QStandardItem(choice.line)
            item.setData(choice, _VALUE)
            self._found.appendRow(item)

    def _offer(self, choices: Sequence[Choice]) -> None:
        self._fill(choices)
        popup = self._list.popup()
        if not choices or not self.hasFocus():
            if popup is not None:
                popup.hide()
            return
        self._list.complete()
        if popup is not None:
            popup.setMinimumWidth(popup.sizeHintForColumn(0) + self.fontMetrics().height() * 2)
            first = self._list.completionModel().index(0, 0)  # type: ignore[union-attr]  # it has one
            # Enter alone never makes something new: it must be marked first.
            popup.setCurrentIndex(QModelIndex() if choices[0].adds else first)

    def _take(self, index: QModelIndex) -> None:
        choice = index.data(_VALUE)
        if isinstance(choice, Choice):
            # QCompleter writes the list's line into the field after this signal; ours replaces it.
            self._taken = choice
            # Enter took a line of a list that is of an older text: ask rather than take the wrong thing.
            self._outdated = self.text() if self._timer.isActive() and self._answered != self.text() else None
            self._take_timer.start()

    def _choose_taken(self) -> None:
        taken, self._taken = self._taken, None
        if self._outdated is not None:
            self.setText(self._outdated)
            self._outdated = None
            self._waits_for_answer()
        elif taken is not None:
            self._choose(taken)

    def _choose(self, choice: Choice) -> None:
        if choice.adds:
            self.setText(choice.adds)
            self.add_new(choice.adds)
            return
        self.set_choice(choice)
        self.chosen.emit(choice.value)

    def add_new(self, name: str) -> None:
        """Make something new; fields that offer to (`Choice.adds`) say how."""

    def _exact(self) -> list[Choice]:
        """Return the choices that are called just what is typed."""
        typed = self.text().strip().casefold()
        fitting = []
        for row in range(self._found.rowCount()):
            choice = self._found.item(row).data(_VALUE)  # type: ignore[union-attr]  # rows are never empty
            names = {choice.text, str(choice.value), *choice.keys}
            if typed and not choice.adds and typed in {name.casefold() for name in names if name}:
                fitting.append(choice)
        return fitting

    def _take_exact(self) -> None:
        fitting = self._exact()
        if len(fitting) == 1:
            self._choose(fitting[0])
        elif self.text().strip():
            # What names nothing changes nothing: it must not look as if it did.
            mark_wrong(self, True)
            place = self.mapToGlobal(QPoint(0, self.height()))
            QToolTip.showText(place, tr("没有找到“{text}”。", text=self.text().strip()), self)
