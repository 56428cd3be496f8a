"""The composition root: the only place that sees both wings, and puts a server behind the window."""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import os
import secrets
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.kernel.errors import EnvironmentFault
from app.kernel.text import Message, message
from app.logs import hide_secret, start_logs, stop_logs
from app.settings import Settings, data_folder, load_settings, save_settings
from app.version import PROGRAM, VERSION

if TYPE_CHECKING:
    from app.storage.address import BookAddress
    from app.storage.database import Book
    from app.ui.runtime import NewBook, OpenedBook
    from app.web.opening import StopRegister

logger = logging.getLogger(__name__)

KEYRING_SERVICE = "zhangfang"
BOOK_SUFFIX = ".zhangfang"
SWITCH_INTERVAL_S = 0.0005
"""How soon a busy thread lets another run: with Python's default of 5 ms a call from window to server takes 12 ms."""


class Runtime:
    """Opens and closes books for the window; the heavy half of the program is imported with the first one.

    All but `settings` and `log_folder` block. One book is open at a time.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        """Read the settings; nothing is opened."""
        self._settings = load_settings() if settings is None else settings
        self._lock = threading.RLock()
        self._stops: StopRegister | None = None

    @property
    def settings(self) -> Settings:
        """The settings of this person on this computer."""
        return self._settings

    def change_settings(self, settings: Settings) -> None:
        """Keep these settings; they count for this run even where they cannot be written."""
        self._settings = settings
        try:
            save_settings(settings)
        except OSError as error:
            logger.warning("settings could not be written: %s", error)

    def log_folder(self) -> Path:
        """Return where the log lies."""
        return log_folder()

    def open_book(self, address: str, password: str | None = None, *, remember_password: bool = False) -> OpenedBook:
        """Lock, open, migrate, start the server; a book that was open is closed first. Returns when it answers.

        Raises `UserError` and `EnvironmentFault` as `open_for_serving`, with `password_needed` where a server's
        password is neither given nor kept; what was started is stopped again.
        """
        from app.web.opening import StopRegister, open_for_serving

        with self._lock:
            self.close_book()
            parsed = _with_password(address, password)
            stops = StopRegister()
            try:
                book = open_for_serving(parsed, stops)
                opened = self._serve(book, str(parsed), stops)
            except BaseException:
                stops.run()
                raise
            self._stops = stops
        if remember_password and password is not None:
            _keep_password(parsed, password)
        return opened

    def _serve(self, book: Book, address: str, stops: StopRegister) -> OpenedBook:
        from app.client.api import ApiClient
        from app.client.transport import Transport
        from app.ui.runtime import OpenedBook
        from app.web.factory import create_app
        from app.web.guard import DesktopGuard
        from app.web.server import LocalServer

        others = self._settings.other_programs
        server = LocalServer()
        port = server.bind(self._settings.other_programs_port if others else 0)
        stops.push("server", server.stop)
        token = secrets.token_urlsafe(32)
        hide_secret(token)
        server.start(create_app(book, DesktopGuard(port, token, other_programs=others)))
        probe = ApiClient(Transport(server.url, token))
        try:
            probe.health()
        finally:
            probe.close()
        return OpenedBook(server.url, token, address)

    def create_book(self, book: NewBook, password: str | None = None, *, remember_password: bool = False) -> OpenedBook:
        """Make a book that does not exist yet and open it. Raises as `create_book` and `open_book`."""
        from app.web.opening import create_book

        with self._lock:
            create_book(
                _with_password(book.address, password),
                name=book.name,
                chart=book.chart,
                start=book.start,
                vat=book.vat,
                base_currency=book.base_currency,
            )
            return self.open_book(book.address, password, remember_password=remember_password)

    def restore_book(self, backup: Path, address: str, report: Callable[[int, int, str], bool]) -> str:
        """Make a book from a backup and verify it; return its address. A book that was there is set aside."""
        from app.storage.progress import WorkCancelled
        from app.web.book_work import restore_book

        with self._lock:
            self.close_book()
            parsed = _with_password(address, None)

            def progress(done: int, total: int, text: Message) -> None:
                if report(done, total, self._text(text)):
                    raise WorkCancelled("cancelled", message("已取消。"))

            restore_book(backup, parsed, progress)
            return str(parsed)

    def test_database(self, address: str, password: str | None) -> str:
        """Connect to a server, and return its database's name and version. Raises `EnvironmentFault`."""
        from app.storage.database import open_database
        from app.web.book_api import database_version

        book = open_database(_with_password(address, password))
        try:
            with book.session():
                return database_version()
        finally:
            book.close()

    def close_book(self) -> None:
        """Stop the server, close the book, release its lock; bounded, and harmless when none is open."""
        with self._lock:
            stops, self._stops = self._stops, None
            if stops is not None:
                stops.run()

    def _text(self, sentence: Message) -> str:
        from app.resources import catalogue

        return sentence.render(catalogue("en") if self._settings.language == "en" else None)


def log_folder() -> Path:
    """Return where the log lies."""
    return data_folder() / "logs"


def _with_password(address: str, password: str | None) -> BookAddress:
    from app.storage.address import parse_address

    parsed = parse_address(address, password)
    if parsed.kind == "sqlite" or parsed.password is not None:
        return parsed
    kept = os.environ.get("ZHANGFANG_DB_PASSWORD") or _kept_password(parsed)
    if kept is None:
        raise EnvironmentFault("password_needed", message("请输入数据库 {address} 的密码。", address=parsed))
    return parse_address(address, kept)


def _kept_password(address: BookAddress) -> str | None:
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(KEYRING_SERVICE, str(address))
    except (KeyringError, RuntimeError, OSError) as error:  # no store on this system, or it stays locked
        logger.info("the system's password store does not answer: %s", error)
        return None


def _keep_password(address: BookAddress, password: str) -> None:
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(KEYRING_SERVICE, str(address), password)
    except (KeyringError, RuntimeError, OSError) as error:
        logger.info("the system's password store did not keep the password: %s", error)


def main(argv: Sequence[str]) -> int:
    """Run the program and return its exit code.

    Without arguments or with `--book` the window, with `--self-test` the self-test, else a command.
    """
    guard_streams()
    book = window_book(argv)
    if book is not None and not has_display():
        sys.stderr.write(f"{message('这里没有屏幕，打不开窗口；没有窗口时请用命令行，--help 列出全部命令。')}\n")
        return 1
    if book is not None:
        return run_window(book)
    if list(argv) == ["--self-test"]:
        from app.selftest import run_self_test

        return run_self_test(Runtime, start_diagnostics)
    from app.cli import main as run_command

    return run_command(list(argv))


def window_book(argv: Sequence[str]) -> str | None:
    """Return the book the window is to open (empty: the last one), or `None` when the arguments are no window's."""
    if not argv:
        return ""
    if len(argv) == 2 and argv[0] == "--book":
        return argv[1]
    if len(argv) == 1 and argv[0].startswith("--book=") and len(argv[0]) > len("--book="):
        return argv[0].removeprefix("--book=")
    if len(argv) == 1 and argv[0].endswith(BOOK_SUFFIX) and Path(argv[0]).is_file():
        return argv[0]  # what a double-click on a book's file passes
    return None


def has_display() -> bool:
    """Tell whether a window can be shown: on Linux Qt would end the process where there is no screen."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def guard_streams() -> None:
    """Give a program without a console streams that go nowhere: a stray write must not end it."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123 - open to the end


def run_window(book: str) -> int:
    """Show the window until it is closed: logs first, then settings, hooks, the shell; the server joins later."""
    start_diagnostics()
    runtime = Runtime()
    try:
        from app.ui.runtime import WindowArguments
        from app.ui.shell import run_window as show

        return show(runtime, WindowArguments(book))
    finally:
        runtime.close_book()
        logger.info("end")
        stop_logs()


def start_diagnostics() -> None:
    """Begin to note what happens: crashes of the interpreter, uncaught exceptions of any thread, the log."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_uncaught_in_thread
    try:
        start_logs(log_folder())
        crashes = (log_folder() / "crash.log").open("a", encoding="utf-8")
    except OSError as error:  # the program is of more use without a log than not at all
        print(f"{PROGRAM}: no log: {error}", file=sys.stderr)  # noqa: T201
        with contextlib.suppress(OSError, ValueError, AttributeError):  # a stream that has no file
            faulthandler.enable()
        return
    faulthandler.enable(crashes)
    logger.info("%s %s, Python %s on %s", PROGRAM, VERSION, sys.version.split()[0], sys.platform)


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: object) -> None:
    del kind, trace
    logger.critical("uncaught", exc_info=error)


def _log_uncaught_in_thread(uncaught: threading.ExceptHookArgs) -> None:
    if uncaught.exc_value is not None:
        logger.critical("uncaught in thread %s", getattr(uncaught.thread, "name", "?"), exc_info=uncaught.exc_value)
