"""A runner that runs everything at once, where a test has no worker threads to wait for."""

from __future__ import annotations

from app.ui.tasks import Runner, _Ticket


class InlineRunner(Runner):
    """Runs every ticket in the calling thread."""

    def _launch(self, ticket: _Ticket) -> None:
        self._execute(ticket)
        self._deliver(ticket)
