"""The program's window: menus, status bar, and in its middle the start page, the login or the open book."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping

from PyQt5.QtCore import QByteArray, QEvent, Qt, QTimer, pyqtSignal
from PyQt5.QtGui import QCloseEvent, QKeySequence, QPaintEvent
from PyQt5.QtWidgets import (
    QAction,
    QActionGroup,
    QLabel,
    QMainWindow,
    QMenu,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.kernel.errors import ZhangfangError
from app.ui.errors_shown import ShowsErrors
from app.ui.icons import app_icon
from app.ui.language import tr
from app.ui.presence.others import Others
from app.ui.presence.presence_label import PresenceLabel
from app.ui.progress import Progress, ProgressStep
from app.ui.tasks import Runner
from app.ui.widgets.message_bar import MessageBar

_MIN_EM = (24, 18)
_FIRST_EM = (76, 46)
_ACTIVITY_DELAY_MS = 300


def _skip() -> str:
    return tr("跳过")


class BusyPage(QWidget):
    """Stands in the middle while a book is being opened."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._say: Callable[[], str] = str
        self._say_stop: Callable[[], str] = _skip
        em = self.fontMetrics().height()
        layout = QVBoxLayout(self)
        layout.addStretch(2)
        logo = QLabel(self)
        logo.setPixmap(app_icon().pixmap(em * 4, em * 4))
        logo.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._text = QLabel(self)
        self._text.setObjectName("muted")
        self._text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._bar = QProgressBar(self)
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(em * 14)
        self._progress: Progress | None = None
        self.skip_button = QPushButton(self)
        self.skip_button.clicked.connect(lambda _checked: self._skip())
        self.skip_button.hide()
        layout.addWidget(logo)
        layout.addSpacing(em)
        layout.addWidget(self._text)
        layout.addSpacing(em // 2)
        layout.addWidget(self._bar, 0, Qt.AlignmentFlag.AlignCenter)
        layout.addSpacing(em)
        layout.addWidget(self.skip_button, 0, Qt.AlignmentFlag.AlignCenter)
        layout.addStretch(3)

    def set_text(self, text: Callable[[], str], *, stop: Callable[[], str] | None = None) -> None:
        """Say what is going on, in whatever language the window speaks, and how the button is called that stops it."""
        self._say, self._say_stop = text, stop or _skip
        self._text.setText(text())
        self.skip_button.setText(self._say_stop())

    def begin(self, progress: Progress, _text: str = "") -> None:
        """Show the progress of long work that may be skipped; the button comes with its first step."""
        self._progress = progress

    def show_step(self, step: ProgressStep) -> None:
        """Show how far it is; `total` 0 shows that it goes on, not how far."""
        if step.text:
            self._text.setText(step.text)
        self._bar.setRange(0, 1000 if step.total else 0)
        if step.total:
            self._bar.setValue(step.done * 1000 // step.total)
        self.skip_button.setVisible(self._progress is not None and not self._progress.cancelled)

    def finish(self) -> None:
        """The work has ended."""
        self._progress = None
        self.skip_button.hide()
        self._bar.setRange(0, 0)

    def changeEvent(self, event: QEvent | None) -> None:
        """Retranslate."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.LanguageChange:
            self._text.setText(self._say())
            self.skip_button.setText(self._say_stop())

    def _skip(self) -> None:
        if self._progress is not None:
            self._progress.cancel()
        self.skip_button.hide()


class MainWindow(QMainWindow):
    """Holds widgets and menus; what they do is the shell's."""

    close_wanted = pyqtSignal()
    """Somebody wants to close the window; `allow_close` lets it happen."""
    painted = pyqtSignal()
    """The window was painted for the first time."""

    def __init__(self, tasks: Runner) -> None:
        super().__init__()
        self.tasks = tasks
        self.setObjectName("mainWindow")
        self._may_close = False
        self._was_painted = False
        self._actions: dict[str, tuple[QAction, Callable[[], str]]] = {}
        self._menus: list[tuple[QMenu, Callable[[], str]]] = []
        self._stack = QStackedWidget(self)
        holder = QWidget(self)
        column = self._column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.message_bar = MessageBar(holder)
        column.addWidget(self.message_bar)
        column.addWidget(self._stack, 1)
        self.setCentralWidget(holder)
        self.busy_page = BusyPage(self)
        self._stack.addWidget(self.busy_page)
        self._make_status_bar(tasks.others)
        em = self.fontMetrics().height()
        self.setMinimumSize(em * _MIN_EM[0], em * _MIN_EM[1])
        self.resize(em * _FIRST_EM[0], em * _FIRST_EM[1])
        # Most answers come at once; a bar that only flickers tells nothing.
        self._activity_timer = QTimer(self)
        self._activity_timer.setSingleShot(True)
        self._activity_timer.setInterval(_ACTIVITY_DELAY_MS)
        self._activity_timer.timeout.connect(self._activity.show)
        tasks.busy_changed.connect(self._show_activity)

    # --- the middle --------------------------------------------------------------------------------------------------

    def show_middle(self, widget: QWidget) -> None:
        """Bring a widget to the middle."""
        if self._stack.indexOf(widget) < 0:
            self._stack.addWidget(widget)
        self._stack.setCurrentWidget(widget)

    def remove_middle(self, widget: QWidget) -> None:
        """Take a widget out of the middle for good."""
        self._stack.removeWidget(widget)
        widget.deleteLater()

    @property
    def middle(self) -> QWidget | None:
        """The widget in the middle."""
        return self._stack.currentWidget()

    def add_bar(self, bar: QWidget) -> None:
        """Show a bar above everything else, until it deletes itself."""
        self._column.insertWidget(0, bar)

    def show_error(self, error: ZhangfangError, retry: Callable[[], None] | None = None) -> None:
        """Show an error where the user is looking."""
        middle = self.middle
        if isinstance(middle, ShowsErrors):
            middle.show_error(error, retry)
        else:
            self.message_bar.show_error(error, retry)

    # --- menus -------------------------------------------------------------------------------------------------------

    def add_menu(self, title: Callable[[], str]) -> QMenu:
        """Add a menu to the bar."""
        bar = self.menuBar()
        menu = QMenu(title(), self)
        if bar is not None:
            bar.addMenu(menu)
        self.name_menu(menu, title)
        return menu

    def name_menu(self, menu: QMenu, title: Callable[[], str]) -> None:
        """Give a menu a title that follows the language."""
        menu.setTitle(title())
        self._menus.append((menu, title))

    def add_action(
        self,
        menu: QMenu,
        name: str,
        title: Callable[[], str],
        run: Callable[[], None],
        *,
        shortcut: str = "",
        group: QActionGroup | None = None,
    ) -> QAction:
        """Add an action to a menu; in a group it can be checked."""
        action = QAction(title(), self)
        action.triggered.connect(lambda _checked=False: run())
        if shortcut:
            action.setShortcut(QKeySequence(shortcut))
        if group is not None:
            action.setCheckable(True)
            group.addAction(action)
        menu.addAction(action)
        self._actions[name] = (action, title)
        return action

    def action(self, name: str) -> QAction:
        """Return an action by name."""
        return self._actions[name][0]

    def remove_actions(self, prefix: str) -> None:
        """Take out the actions whose names begin so."""
        for name in [name for name in self._actions if name.startswith(prefix)]:
            action, _title = self._actions.pop(name)
            action.deleteLater()

    # --- status bar --------------------------------------------------------------------------------------------------

    def set_status(self, place: str, database: str, user: str) -> None:
        """Say which book this is, on which database, and who works."""
        self._place.setText(place)
        self._place.setToolTip(place)
        self._database.setText(database)
        self._user.setText(user)
        self._user.setVisible(bool(user))

    @property
    def user_button(self) -> QPushButton:
        """The button with the user's name and his menu."""
        return self._user

    # --- geometry and closing ----------------------------------------------------------------------------------------

    def remember(self) -> dict[str, str]:
        """Return where the window is, as text for the settings."""
        return {"geometry": base64.b64encode(bytes(self.saveGeometry())).decode("ascii")}

    def restore(self, values: Mapping[str, str]) -> None:
        """Put the window where it was; Qt moves it back onto a screen that is still there."""
        geometry = values.get("geometry", "")
        if geometry:
            self.restoreGeometry(QByteArray(base64.b64decode(geometry.encode("ascii"), validate=False)))

    @property
    def is_closing(self) -> bool:
        """Whether the window closes for real, or is closed."""
        return self._may_close

    def allow_close(self) -> None:
        """Close for real."""
        self._may_close = True
        self.close()

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Ask the shell first."""
        if event is None:
            return
        if not self._may_close:
            self.close_wanted.emit()
        # The shell may have allowed it at once; its own close() counts for nothing while this one goes on.
        event.setAccepted(self._may_close)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Tell once that the window is on the screen."""
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            self.painted.emit()

    def changeEvent(self, event: QEvent | None) -> None:
        """Retranslate the menus."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.LanguageChange:
            for menu, title in self._menus:
                menu.setTitle(title())
            for action, name in self._actions.values():
                action.setText(name())

    def _make_status_bar(self, others: Others) -> None:
        bar = self.statusBar()
        self._activity = QProgressBar(self)
        self._activity.setRange(0, 0)
        self._activity.setTextVisible(False)
        self._activity.setFixedWidth(self.fontMetrics().height() * 4)
        self._activity.setVisible(False)
        self._place, self._database = QLabel(self), QLabel(self)
        for label in (self._place, self._database):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._user = QPushButton(self)
        self._user.setProperty("flat", True)
        self._user.setVisible(False)
        if bar is not None:
            bar.setSizeGripEnabled(False)
            bar.addWidget(self._place, 1)
            bar.addPermanentWidget(self._activity)
            bar.addPermanentWidget(PresenceLabel(others, self))
            bar.addPermanentWidget(self._database)
            bar.addPermanentWidget(self._user)

    def _show_activity(self, busy: bool) -> None:
        if busy:
            self._activity_timer.start()
        else:
            self._activity_timer.stop()
            self._activity.hide()
