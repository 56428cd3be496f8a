"""Tables of the closing wizard: how far each step of a month is."""

from __future__ import annotations

from app.storage.migrate import Step

STEPS: tuple[Step, ...] = ()
