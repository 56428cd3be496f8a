"""What every importer is asked for, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.kernel.text import Message
from app.storage.progress import Progress


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the caller asked for. `origin` is what the vouchers remember of where they came from."""

    post: bool
    renumber: bool
    origin: str
    progress: Progress


@dataclass(slots=True)
class Outcome:
    """What an import did. `skipped` holds (place, reason) of everything that is in the file and not in the book."""

    vouchers: int = 0
    posted: int = 0
    skipped: list[tuple[str, Message]] = field(default_factory=list)
    warnings: list[Message] = field(default_factory=list)

    def add(self, other: Outcome) -> None:
        """Add what the next source did."""
        self.vouchers += other.vouchers
        self.posted += other.posted
        self.skipped.extend(other.skipped)
        self.warnings.extend(other.warnings)
