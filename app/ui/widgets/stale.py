"""A change that was refused because somebody was faster: both versions side by side, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from PyQt5.QtWidgets import QWidget

from app.kernel.errors import ZhangfangError
from app.ui.errors_shown import show_error_at
from app.ui.language import tr
from app.ui.presence.differences import Difference, field_differences
from app.ui.tasks import Command, Topic
from app.ui.widgets.conflict_dialog import ConflictDialog

if TYPE_CHECKING:
    from pydantic import BaseModel

    from app.client.api import ApiClient

# by name: the window is painted before the contracts are loaded
T = TypeVar("T", bound="BaseModel")
K = TypeVar("K", bound="BaseModel")
C = TypeVar("C", bound="BaseModel")
UNKNOWN = "?"
"""Who changed something the log does not tell of."""


@dataclass(frozen=True)
class Stale(Generic[T]):
    """What stands at the server now, who left it so, and when."""

    theirs: T
    who: str
    at_ms: int | None

    def show(
        self,
        parent: QWidget,
        what: str,
        rows: Sequence[Difference],
        *,
        take: Callable[[T], object],
        keep: Callable[[T], object],
        is_act: bool = False,
    ) -> ConflictDialog:
        """Lay the versions side by side: `take` theirs and drop mine, or `keep` mine over theirs.

        `is_act`: nothing of it is changed here, something is done with it; `keep` does it nevertheless.
        """
        dialog = ConflictDialog(parent, what, self.who or tr("别人"), rows, at_ms=self.at_ms, is_act=is_act)

        def taken() -> None:
            take(self.theirs)

        def kept() -> None:
            keep(self.theirs)

        dialog.theirs_wanted.connect(taken)
        dialog.mine_wanted.connect(kept)
        dialog.open()
        return dialog


def read_stale(error: ZhangfangError, shape: type[T]) -> Stale[T] | None:
    """Return what a refusal tells of the version that was first; None for every other refusal."""
    if error.code != "stale_version":
        return None
    from pydantic import ValidationError

    try:
        theirs = shape.model_validate(error.details.get("current"), strict=False, extra="ignore")
    except ValidationError:
        return None
    at = error.details.get("changed_at")
    who = str(error.details.get("changed_by") or "")
    return Stale(theirs, "" if who == UNKNOWN else who, at if isinstance(at, int) else None)


def change_known(
    page: QWidget,
    known: K,
    change: C,
    send: Callable[[ApiClient, C], K],
    *topics: Topic,
    what: str,
    texts: Callable[[K], Mapping[str, str]],
    take: Callable[[K], object],
    done: Callable[[K], object] | None = None,
) -> None:
    """Change some values of a thing that is shown, at once, as a button does; let one choose when somebody was faster.

    `what` is what people call the thing, `texts` what they read of a version of it. `done` is told what came of it,
    `take` that the other person's version is wanted. Any other refusal is shown in the nearest message bar.
    """
    wish = change.model_copy(update={"version": getattr(known, "version", None)})

    def over(theirs: K) -> None:
        change_known(page, theirs, change, send, *topics, what=what, texts=texts, take=take, done=done)

    def refused(error: ZhangfangError) -> None:
        stale = read_stale(error, type(known))
        if stale is None:
            show_error_at(page, error)
            return
        wanted = change.model_dump(exclude_none=True, exclude={"version", "request_id"})
        mine = stale.theirs.model_copy(update=wanted)
        if mine == stale.theirs:  # both did the same
            done_with(stale.theirs)
            return
        rows = field_differences(texts(known), texts(known.model_copy(update=wanted)), texts(stale.theirs))
        stale.show(page, what, rows, take=take, keep=over)

    def done_with(stored: K) -> None:
        if done is not None:
            done(stored)

    Command(lambda api: send(api, wish), *topics).on_done(done_with).on_error(refused).run(page)
