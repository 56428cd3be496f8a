"""Tables of statements: definitions changed or made by users, and reclassifications."""

from __future__ import annotations

from app.storage.migrate import Step

STEPS: tuple[Step, ...] = ()
