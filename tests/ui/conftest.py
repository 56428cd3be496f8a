"""What tests of the window share: a place Qt is content with, a program below the window, and the window itself."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PyQt5 import sip
from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.bootstrap import Runtime
from app.settings import Settings
from app.storage.address import parse_address
from app.ui import second_start
from app.ui.shell import Shell
from app.ui.widgets import message_bar
from app.web.opening import create_book
from tests.ui.served import people_added

HERE = Path(__file__).parent
PATIENCE_MS = 60_000


class PatientBot(QtBot):
    """Waits for what has to come however slow the machine is: what comes at once costs nothing of it."""

    def waitUntil(self, callback: Callable[[], bool | None], *, timeout: int = PATIENCE_MS) -> None:  # noqa: N802
        """Go on with the window until a condition holds."""
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal: Any, *, timeout: int = PATIENCE_MS, **more: Any) -> Any:  # noqa: N802
        """Go on with the window, at the end of the block, until a signal has come."""
        return super().waitSignal(signal, timeout=timeout, **more)

    def waitExposed(self, widget: QWidget, *, timeout: int = PATIENCE_MS) -> Any:  # noqa: N802
        """Go on with the window, at the end of the block, until a widget is on the screen."""
        return super().waitExposed(widget, timeout=timeout)


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    """The hand and eye of a test at the window."""
    return PatientBot(request)


@pytest.fixture(autouse=True)
def nothing_goes_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """A message stays until somebody has read it, and a window that gets no time does not count as hanging."""
    monkeypatch.setattr(message_bar, "INFO_MS", 3_600_000)
    monkeypatch.setattr(second_start, "ANSWER_S", PATIENCE_MS / 1000)


@pytest.fixture(autouse=True, scope="session")
def runtime_dir(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Qt warns when there is no runtime folder of the user's, as on build machines."""
    folder = tmp_path_factory.mktemp("runtime")
    folder.chmod(0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))


@pytest.fixture(autouse=True, scope="session")
def old_objects_left_alone() -> Iterator[None]:
    """What is there before a test stays out of its collections, which would take a fifth of a second each."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True)
def collected_here(old_objects_left_alone: None) -> Iterator[None]:
    """Garbage that holds widgets is collected in the main thread only, as in the program (`app.ui.collector`)."""
    gc.disable()
    yield
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture(autouse=True)
def keys_released() -> Iterator[None]:
    """Ctrl that a test pressed with another key would be held in the next one, where it turns selections round."""
    yield
    if QApplication.instance() and QApplication.keyboardModifiers():
        QTest.keyRelease(QWidget(), Qt.Key.Key_Control)  # type: ignore[call-overload]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The offscreen platform says what it cannot do (size hints, raising windows); that is no fault of ours."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support", extend=True))


@pytest.fixture
def runtime() -> Iterator[Runtime]:
    """The real program below the window; what it opened is closed at the end."""
    made = Runtime(Settings(language="zh", theme="light", automatic_backups=False))
    yield made
    made.close_book()


@pytest.fixture(scope="session")
def finished_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small enterprise's book, made once; its name has no Chinese, so that tests can look for what is left of it."""
    path = tmp_path_factory.mktemp("book") / "shop.zhangfang"
    create_book(parse_address(str(path)), name="Shop", chart="small_enterprise_2013", start="2026-01", vat="general")
    return path


@pytest.fixture(scope="session")
def people_book(finished_book: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book two people log in to, closed."""
    return people_added(Path(shutil.copy(finished_book, tmp_path_factory.mktemp("people"))))


@pytest.fixture
def book_file(finished_book: Path, tmp_path: Path) -> Path:
    """A copy of that book, closed."""
    return Path(shutil.copy(finished_book, tmp_path))


@pytest.fixture
def shell(runtime: Runtime, qtbot: QtBot, qapp: QApplication) -> Iterator[Shell]:
    """The window, not yet showing a book."""
    font, palette, sheet = qapp.font(), qapp.palette(), qapp.styleSheet()
    made = Shell(runtime, qapp)
    made.window.resize(1200, 760)
    made.window.show()
    with qtbot.waitExposed(made.window):
        pass
    yield made
    made.window.hide()
    made.stop()
    made.language.use("zh")
    # At once: a window that waits to be deleted would meet the next test's style sheet.
    sip.delete(made.window)
    sip.delete(made)
    qapp.setStyleSheet(sheet)
    qapp.setPalette(palette)
    qapp.setFont(font)


@pytest.fixture
def at_rest(shell: Shell, qtbot: QtBot) -> Callable[[], None]:
    """Wait until nothing is under way any more."""

    def wait() -> None:
        qtbot.waitUntil(lambda: not shell.tasks.is_busy)

    return wait


@pytest.fixture
def opened(shell: Shell, book_file: Path, qtbot: QtBot, at_rest: Callable[[], None]) -> Shell:
    """The window with the book open and its first page shown."""
    with qtbot.waitSignal(shell.ready):
        shell.open_address(str(book_file))
    at_rest()
    return shell
