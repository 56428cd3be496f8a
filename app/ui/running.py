"""The window's whole life: made, shown, ended in order."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import QTimer

from app.ui.application import FileDialogMemory, make_application
from app.ui.orderly_end import OrderlyEnd
from app.ui.runtime import Runtime, WindowArguments
from app.ui.shell import Shell
from app.ui.start_notice import show_notices


def run_window(
    runtime: Runtime,
    arguments: WindowArguments,
    *,
    on_painted: Callable[[Shell], None] | None = None,
    on_ready: Callable[[Shell], None] | None = None,
) -> int:
    """Show the window until it is closed; return the exit code.

    `on_painted` is called once after the first paint, `on_ready` whenever a book's pages are shown. The book is closed
    when this returns.
    """
    application = make_application()
    memory = FileDialogMemory()
    shell = Shell(runtime, application)
    shell.hooks.install()
    end = OrderlyEnd(shell, application)
    try:
        opened = show_notices(shell.window, arguments.notices, runtime.log_folder())
        shell.ready.connect(lambda: opened(shell.book.name if shell.book is not None else ""))
        if on_ready is not None:
            shell.ready.connect(lambda: on_ready(shell))
        if on_painted is not None:
            shell.window.painted.connect(lambda: on_painted(shell))
        # Nothing slow begins before the window is on the screen.
        shell.window.painted.connect(lambda: QTimer.singleShot(0, lambda: shell.begin(arguments)))
        shell.window.show()
        end.begin()
        return application.exec()
    finally:
        end.stop()
        shell.stop()
        shell.hooks.remove()
        shell.window.deleteLater()
        memory.restore()
