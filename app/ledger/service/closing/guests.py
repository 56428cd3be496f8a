"""What upper slices bring to the closing of a month: checks, a step of their own, and reasons to refuse.

The ledger knows no slice above it. Whoever puts the program together registers the guests once
(`app.web.composition`), for the server and the command line alike; without one nothing changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from app.contract.closing import PreCheck
from app.identity.actor import Actor
from app.kernel.errors import RuleBroken
from app.kernel.text import Message
from app.ledger.service.closing.scene import Computation, Scene


@dataclass(frozen=True, slots=True)
class ClosingGuest:
    """A slice's part in closing a month; the periods are months such as 202606.

    `concerned` says whether the month has anything for its step, `compute` what the step would book, `carry_out` books
    it as part of the unit under way and returns the vouchers (with `post` they are posted at once), `checks` are rows
    for the list before closing, and `refusal` is why the month may not be closed now.
    """

    concerned: Callable[[int], bool]
    compute: Callable[[Scene], Computation]
    carry_out: Callable[[Actor, int, bool], list[int]]
    checks: Callable[[int], Iterable[PreCheck]]
    refusal: Callable[[int], Message | None]


_loaders: dict[str, Callable[[], ClosingGuest]] = {}


def welcome(name: str, load: Callable[[], ClosingGuest]) -> None:
    """Register a guest by its name; it is loaded when a month is looked at. Registering again changes nothing."""
    _loaders.setdefault(name, load)


def _guests() -> list[ClosingGuest]:
    return [load() for load in _loaders.values()]


def concerned(period: int) -> bool:
    """Tell whether a guest has something for its step in a month."""
    return any(guest.concerned(period) for guest in _guests())


def compute(scene: Scene) -> Computation:
    """Return what the guests' step would book."""
    found = Computation()
    for guest in _guests():
        part = guest.compute(scene)
        found.drafts += part.drafts
        found.rows += part.rows
        found.warnings += part.warnings
        found.note = found.note or part.note
        found.blocked = found.blocked or part.blocked
    return found


def carry_out(actor: Actor, period: int, *, post: bool) -> list[int]:
    """Book what the guests' step is missing and return the vouchers; part of the unit under way."""
    return [voucher for guest in _guests() for voucher in guest.carry_out(actor, period, post)]


def checks(period: int) -> list[PreCheck]:
    """Return what guests found in a month."""
    return [check for guest in _guests() for check in guest.checks(period)]


def require_leave(period: int) -> None:
    """Raise `RuleBroken` when a guest says that the month may not be closed yet."""
    for guest in _guests():
        reason = guest.refusal(period)
        if reason is not None:
            raise RuleBroken("closing_guest_waits", reason)
