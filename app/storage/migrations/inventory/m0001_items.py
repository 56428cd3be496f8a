"""Tables of items, units, categories, warehouses and prices."""

from __future__ import annotations

from app.storage.migrate import Step

STEPS: tuple[Step, ...] = ()
