"""How long work tells where it stands and learns that it should stop."""

from __future__ import annotations

from collections.abc import Callable

from app.kernel.errors import UserError
from app.kernel.text import Message

Progress = Callable[[int, int, Message], None]
"""Called with (done, total, what is being done). May raise `WorkCancelled` to stop the work."""

Cancelled = Callable[[], bool]
"""Asked between steps; true means stop, leaving nothing half done."""


class WorkCancelled(UserError):
    """The user stopped the work; nothing is left half done."""


def no_progress(_done: int, _total: int, _text: Message) -> None:
    """Take progress and show it nowhere."""


def never_cancelled() -> bool:
    """Go on to the end."""
    return False
