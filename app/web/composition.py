"""Where slices that know each other one way only are put together, for the server and the command line alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.ledger.service.closing import guests

if TYPE_CHECKING:
    from app.ledger.service.closing.guests import ClosingGuest


def _stock() -> ClosingGuest:
    # loaded when a month is looked at: most commands close none
    from app.inventory.service.closing_guest import GUEST

    return GUEST


def join_slices() -> None:
    """Let the ledger's closing ask stock; may be called again."""
    guests.welcome("stock", _stock)
