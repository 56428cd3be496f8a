"""What the window does while the server or its database is away: says so, tries again by itself, goes on afterwards."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt5 import sip
from PyQt5.QtCore import QEvent, QObject, QTimer
from PyQt5.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from app.kernel.errors import ZhangfangError
from app.ui.connection import AWAY_CODES, PERHAPS_ONE
from app.ui.language import tr
from app.ui.main_window import MainWindow
from app.ui.tasks import Change, Query, Runner, Topic
from app.ui.widgets.message_bar import MessageBar

if TYPE_CHECKING:
    from app.client.api import ApiClient

logger = logging.getLogger(__name__)

PAUSES_MS = (500, 1000, 2000, 3000, 5000)
"""Between two tries; the last one goes on."""
TRY_TIMEOUT_S = 5.0


class Reconnecting(QObject):
    """Shows the bar while nobody answers, tries again with growing pauses, and has everything asked anew afterwards."""

    def __init__(self, tasks: Runner, window: MainWindow) -> None:
        super().__init__(window)
        self._main = tasks
        self._window = window
        self.tasks = Runner(workers=1, parent=self)
        """Of its own: the main one may be busy waiting for answers that do not come."""
        self.bar: AwayBar | None = None
        self._tries = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.try_now)
        tasks.holds_questions = True
        tasks.connection.went_away.connect(self._went_away)
        tasks.connection.came_back.connect(self._came_back)
        tasks.connection.ended.connect(self._end)

    def try_now(self) -> None:
        """Ask whether somebody answers, without waiting any longer."""
        api = self._main.api
        if api is None or not self._main.connection.is_away:
            return
        if self.tasks.is_busy:
            self._timer.start(PAUSES_MS[0])  # a try of the time before this one still waits: its answer counts no more
            return
        self._timer.stop()
        from app.client.api import ApiClient

        self.tasks.connect_to(
            ApiClient(api.transport.twin(connect_timeout_s=TRY_TIMEOUT_S, read_timeout_s=TRY_TIMEOUT_S))
        )
        if self.bar is not None:
            self.bar.show_trying(trying=True)
        met = self._main.connection.error

        def work(other: ApiClient) -> None:
            other.health()
            if met is not None and met.code == PERHAPS_ONE:  # any service that lives answers for the health of all
                other.changes("")

        Query(work).slot("try").on_done(lambda _none: self._answered(None)).on_error(self._answered).run(self)

    def stop(self) -> None:
        """Try no more: the window closes."""
        self._timer.stop()
        self.tasks.stop()

    def _answered(self, error: ZhangfangError | None) -> None:
        connection = self._main.connection
        if not connection.is_away:
            return
        if error is None:
            connection.report(None)
            return
        if self.bar is not None:
            self.bar.show_trying(trying=False)
            self.bar.show_fault(error)
        self._wait()

    def _wait(self) -> None:
        self._timer.start(PAUSES_MS[min(self._tries, len(PAUSES_MS) - 1)])
        self._tries += 1

    def _went_away(self, error: ZhangfangError) -> None:
        logger.warning("the server is away: %s", error.code)
        self._forget_bar()
        self.bar = AwayBar(error, self.try_now, self._window)
        self._window.add_bar(self.bar)
        self._tries = 0
        self._wait()

    def _came_back(self) -> None:
        logger.info("the server is back")
        self._end()
        failed = [bar for bar in self._window.findChildren(MessageBar) if bar.error and bar.error.code in AWAY_CODES]
        self._main.ask_again()
        self._main.changed.emit(Change(frozenset(Topic)))
        for bar in failed:
            # What offers itself again, such as the saving of a voucher, goes out under the id it had: it happens once.
            if not bar.try_again():
                bar.show_warning(tr("又连上了。刚才没有得到回答的操作请再做一次：已经做成的不会重复。"))

    def _end(self) -> None:
        self._timer.stop()
        self._forget_bar()
        self.tasks.connect_to(None)

    def _forget_bar(self) -> None:
        bar, self.bar = self.bar, None
        if bar is not None and not sip.isdeleted(bar):
            bar.hide()
            bar.deleteLater()


class AwayBar(QFrame):
    """One line above everything: who is away, that nothing typed is lost, and a button that tries at once."""

    def __init__(self, error: ZhangfangError, try_now: Callable[[], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("messageBar")
        self.setProperty("kind", "warning")
        self._code = error.code
        self._trying = False
        self.label = QLabel(self)
        self.label.setWordWrap(True)
        self.label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.try_button = QPushButton(self)
        self.try_button.clicked.connect(lambda _checked: try_now())
        layout = QHBoxLayout(self)
        layout.addWidget(self.label, 1)
        layout.addWidget(self.try_button)
        self._retranslate()

    def show_fault(self, error: ZhangfangError) -> None:
        """Say what the last try met."""
        self._code = error.code
        self._retranslate()

    def show_trying(self, *, trying: bool) -> None:
        """Show that somebody is being asked just now."""
        self._trying = trying
        self._retranslate()

    def changeEvent(self, event: QEvent | None) -> None:
        """Follow the language."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        texts = {
            "server_away": tr("连不上服务器。"),
            "server_timeout": tr("服务器没有回答。"),
            "database_away": tr("服务器连不上数据库。"),
            PERHAPS_ONE: tr("服务器没有回答。"),
            "other_answers": tr("那里回答的不是账房，网络可能要先在浏览器里登录。"),
            "server_redirects": tr("那里回答的不是账房，网络可能要先在浏览器里登录。"),
        }
        what = texts.get(self._code, tr("服务器现在不能用。"))
        self.label.setText(what + tr("页面和没有保存的内容都还在；正在自动重试，连上后会接着工作。"))
        self.try_button.setText(tr("正在重试…") if self._trying else tr("现在重试"))
        self.try_button.setEnabled(not self._trying)
