"""Where an error is shown: in the nearest widget above whoever met it, as the sentence people can do something with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from PyQt5.QtCore import QObject

from app.kernel.errors import ZhangfangError


@runtime_checkable
class ShowsErrors(Protocol):
    """A widget that shows an error inline; `retry` asks the failed question again."""

    def show_error(self, error: ZhangfangError, retry: Callable[[], None] | None = None) -> None:
        """Show the sentence."""


def told(error: BaseException) -> BaseException:
    """Return an error as it is, or, when a contract refused what was typed, as the refusal that says so."""
    if not isinstance(error, ValueError):
        return error
    from app.client.refusals import as_refusal

    return as_refusal(error)


def show_error_at(owner: QObject, error: ZhangfangError, retry: Callable[[], None] | None = None) -> None:
    """Show an error in the nearest widget above `owner` that can show one; raise it where there is none."""
    current: QObject | None = owner
    while current is not None:
        if isinstance(current, ShowsErrors):
            current.show_error(error, retry)
            return
        current = current.parent()
    raise error
