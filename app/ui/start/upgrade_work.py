"""The work of opening a book, told and cancelled through the progress of the window."""

from __future__ import annotations

from collections.abc import Callable

from app.ui.progress import Progress
from app.ui.runtime import OpenedBook, Runtime, UpgradeConsent


def opening(
    runtime: Runtime,
    address: str,
    password: str | None = None,
    *,
    remember_password: bool = False,
    consent: UpgradeConsent | None = None,
) -> Callable[[object, Progress], OpenedBook]:
    """Return the work of a `LongCommand` that opens a book."""

    def work(_api: object, progress: Progress) -> OpenedBook:
        def report(done: int, total: int, text: str) -> bool:
            progress.report(done, total, text)
            return progress.cancelled

        return runtime.open_book(address, password, remember_password=remember_password, consent=consent, report=report)

    return work
