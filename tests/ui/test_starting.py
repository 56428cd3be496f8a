"""The window at its start and end: a second start, what the last run left to say, signals, the end of the session."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PyQt5.QtCore import QTimer
from PyQt5.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from app.bootstrap import Runtime
from app.kernel.text import message
from app.ui.error_dialog import ErrorDialog
from app.ui.navigation import ShowPage
from app.ui.orderly_end import OrderlyEnd
from app.ui.running import run_window
from app.ui.runtime import StartNotice, WindowArguments
from app.ui.second_start import SecondStarts
from app.ui.shell import Shell
from app.ui.start_failure import show_failure
from app.ui.start_notice import StartNoticeBar, show_notices

Wait = Callable[[], None]


def asked(starts: SecondStarts, address: str, qtbot: QtBot) -> bool:
    """Ask from another thread, as the listener does, while the window's thread goes on; return the answer."""
    answers: list[bool] = []
    thread = threading.Thread(target=lambda: answers.append(starts.show(address)))
    thread.start()
    qtbot.waitUntil(lambda: bool(answers))
    thread.join()
    return answers[0]


def boxes() -> list[QMessageBox]:
    return [box for box in QApplication.topLevelWidgets() if isinstance(box, QMessageBox) and box.isVisible()]


@pytest.fixture
def other_book(finished_book: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(finished_book, tmp_path / "乙 公司.zhangfang"))


def type_something(shell: Shell, qtbot: QtBot, at_rest: Wait) -> None:
    """Leave something unsaved on the voucher's page."""
    assert shell.workspace is not None
    shell.workspace.open_target(ShowPage("voucher"))
    at_rest()
    page = shell.workspace.show_page("voucher")
    assert page is not None
    qtbot.keyClicks(page.focusWidget() or page, "x")
    qtbot.waitUntil(lambda: bool(shell.workspace and shell.workspace.unsaved_titles()))


# --- a second start ---------------------------------------------------------------------------------------------------


def test_a_second_start_brings_a_minimised_window_back(shell: Shell, qtbot: QtBot) -> None:
    shell.begin(WindowArguments())
    shell.window.showMinimized()
    assert asked(SecondStarts(shell), "", qtbot)
    assert not shell.window.isMinimized()
    assert shell.window.middle is shell.start_page


def test_a_second_start_with_a_book_opens_it(opened: Shell, other_book: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(opened.ready):
        assert asked(SecondStarts(opened), str(other_book), qtbot)
    assert opened.opened is not None
    assert opened.opened.address == str(other_book)


def test_a_second_start_with_the_open_book_disturbs_nothing(opened: Shell, book_file: Path, qtbot: QtBot) -> None:
    workspace = opened.workspace
    assert asked(SecondStarts(opened), str(book_file), qtbot)
    assert opened.workspace is workspace
    assert not opened.tasks.is_busy


def test_a_second_start_asks_about_unsaved_things(opened: Shell, other_book: Path, qtbot: QtBot, at_rest: Wait) -> None:
    """The question comes once; a third start waits for its answer, and the book asked for last is the one opened."""
    type_something(opened, qtbot, at_rest)
    starts = SecondStarts(opened)
    first = opened.opened
    assert asked(starts, str(other_book), qtbot)
    qtbot.waitUntil(lambda: len(boxes()) == 1)
    assert asked(starts, str(other_book), qtbot)
    assert len(boxes()) == 1
    boxes()[0].reject()  # stay: the waiting third start asks again
    assert opened.opened is first
    qtbot.waitUntil(lambda: len(boxes()) == 1)
    with qtbot.waitSignal(opened.ready):
        next(button for button in boxes()[0].buttons() if button is not boxes()[0].defaultButton()).click()
    assert opened.opened is not None
    assert opened.opened.address == str(other_book)


def test_a_window_that_hangs_does_not_answer(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.ui.second_start.ANSWER_S", 0.1)
    starts = SecondStarts(shell)
    answers: list[bool] = []
    thread = threading.Thread(target=lambda: answers.append(starts.show("")))
    thread.start()
    thread.join()  # this thread is the window's, and it waits here
    assert answers == [False]


# --- what the last run left to say ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "words"), [("crashed", "崩溃"), ("cut_off", "断电"), ("unwritable", "不能写入")])
def test_a_notice_says_it_once_with_details_to_copy(shell: Shell, kind: str, words: str, qtbot: QtBot) -> None:
    notice = StartNotice(kind, "Fatal Python error: Segmentation fault")  # type: ignore[arg-type]
    show_notices(shell.window, [notice], Path("/logs"))
    bar = shell.window.findChild(StartNoticeBar)
    qtbot.waitUntil(bar.isVisible)
    assert words in bar.text
    bar.copy_button.click()
    clipboard = QApplication.clipboard()
    assert clipboard is not None
    assert "Segmentation fault" in clipboard.text()
    assert bar.folder_button.isVisible() == (kind != "unwritable")
    shell.language.use("en")
    qtbot.waitUntil(lambda: all(sign.isascii() for sign in bar.text))
    bar.close_button.click()
    qtbot.waitUntil(lambda: shell.window.findChild(StartNoticeBar) is None)


def test_once_a_book_is_open_the_notice_says_so(runtime: Runtime, book_file: Path, qapp: QApplication) -> None:
    texts: list[str] = []

    def ready(shell: Shell) -> None:
        bar = shell.window.findChild(StartNoticeBar)
        texts.append(bar.text)
        shell.close_window()

    arguments = WindowArguments(str(book_file), (StartNotice("cut_off", "process 7"),))
    assert run_window(runtime, arguments, on_ready=ready) == 0
    assert "“Shop”已经正常打开" in texts[0]


def test_a_failure_before_the_window_is_a_dialog_with_details(qapp: QApplication, qtbot: QtBot) -> None:
    seen: list[str] = []

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, ErrorDialog)
        dialog.copy_details()
        seen.append(dialog.details)
        dialog.accept()

    QTimer.singleShot(100, look)
    show_failure(message("日志在“{folder}”里。", folder="/logs"), "Traceback: no such module", "zh")
    assert seen == ["Traceback: no such module"]


# --- the end ----------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no signals")
@pytest.mark.parametrize("number", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_signal_ends_the_program_in_order(runtime: Runtime, book_file: Path, qapp: QApplication, number: str) -> None:
    before = signal.getsignal(getattr(signal, number))
    lock = book_file.with_name(book_file.name + "-lock")
    there: list[bool] = []

    def ready(_shell: Shell) -> None:
        there.append(lock.exists())
        os.kill(os.getpid(), getattr(signal, number))

    assert run_window(runtime, WindowArguments(str(book_file)), on_ready=ready) == 0
    assert there == [True]
    assert not lock.exists()
    assert signal.getsignal(getattr(signal, number)) is before


class Session:
    """Stands for the computer's session: whether one may ask, and what was answered."""

    def __init__(self, *, may_ask: bool = True) -> None:
        self.may_ask = may_ask
        self.cancelled = False

    def allowsInteraction(self) -> bool:  # noqa: N802 - Qt's name
        return self.may_ask

    def cancel(self) -> None:
        self.cancelled = True


def test_the_session_ends_unless_something_would_be_lost(
    opened: Shell, qapp: QApplication, qtbot: QtBot, at_rest: Wait
) -> None:
    end = OrderlyEnd(opened, qapp)
    calm = Session()
    end.session_ends(calm)  # type: ignore[arg-type]
    assert not calm.cancelled
    type_something(opened, qtbot, at_rest)
    hurried = Session(may_ask=False)
    end.session_ends(hurried)  # type: ignore[arg-type]
    assert not hurried.cancelled
    asking = Session()
    end.session_ends(asking)  # type: ignore[arg-type]
    assert asking.cancelled
    assert len(boxes()) == 1
    boxes()[0].reject()


def test_leaving_the_session_closes_the_book(runtime: Runtime, book_file: Path, qapp: QApplication) -> None:
    """On Windows the process is ended as soon as `aboutToQuit` was sent: all must be done by then."""
    lock = book_file.with_name(book_file.name + "-lock")
    left: list[bool] = []

    def ready(_shell: Shell) -> None:
        qapp.aboutToQuit.emit()
        left.append(lock.exists())
        qapp.quit()

    assert run_window(runtime, WindowArguments(str(book_file)), on_ready=ready) == 0
    assert left == [False]
