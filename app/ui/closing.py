"""Closing a book from the window: off its thread, with a backup that shows how far it is and can be skipped."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from app.kernel.errors import ZhangfangError
from app.ui.progress import Progress
from app.ui.tasks import LongCommand

if TYPE_CHECKING:
    from app.ui.main_window import MainWindow
    from app.ui.runtime import Runtime


def close_with_backup(
    runtime: Runtime, window: MainWindow, then: Callable[[], None], failed: Callable[[ZhangfangError], None]
) -> None:
    """Close the open book while the busy page shows how far its backup is, then go on.

    Whoever closes the window meanwhile skips the backup: work that shows progress ends with the window.
    """

    def work(_api: object, progress: Progress) -> None:
        def report(done: int, total: int, text: str) -> bool:
            progress.report(done, total, text)
            return progress.cancelled

        runtime.close_book(report)

    window.message_bar.clear()  # what it says is about the book
    LongCommand(work).slot("open").shown_by(window.busy_page, "").on_done(lambda _none: then()).on_error(failed).run(
        window
    )
