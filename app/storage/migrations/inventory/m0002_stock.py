"""Tables of stock: documents, moves, balances, lots, posting rules."""

from __future__ import annotations

from app.storage.migrate import Step

STEPS: tuple[Step, ...] = ()
