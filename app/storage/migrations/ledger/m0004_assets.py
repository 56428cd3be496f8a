"""Tables of fixed assets, intangibles and deferred expenses, and of exchange rates."""

from __future__ import annotations

from app.storage.migrate import Step

STEPS: tuple[Step, ...] = ()
