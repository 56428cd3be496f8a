"""Tables of contacts: what is known of customers, suppliers and employees beside the ledger's auxiliaries."""

from __future__ import annotations

from app.storage.migrate import Step

STEPS: tuple[Step, ...] = ()
