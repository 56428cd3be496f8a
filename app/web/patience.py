"""How long a server waits for callers who are slow, whichever program answers for it (`docs/serving.md`)."""

from __future__ import annotations

WHOLE_WITHIN_S = 30.0
"""So long a request may take from its first byte; a large one as much longer as the slowest rate allows."""
SLOWEST_BYTES_S = 1000
PATIENCE_S = 30.0
"""So long a thread waits for one piece of a body, or until one piece of an answer is taken."""
IDLE_S = 75.0
"""So long a connection stays open on which nothing is asked; longer than nginx keeps its own to us."""
