"""Endpoints of working together: what others changed, who works on what."""

from __future__ import annotations

from app.client.calls import Calls
from app.client.transport import encode
from app.contract.together import Changes, ChangesQuery, PresenceInput, PresenceLeave


class TogetherCalls(Calls):
    """The endpoints of several people on one book."""

    def changes(self, cursor: str = "", desk: str = "") -> Changes:
        """Return what happened since a cursor, and who is there but the window `desk` itself."""
        return self.transport.call("GET", "/api/changes", Changes, query=ChangesQuery(cursor=cursor, desk=desk))

    def be_present(self, presence: PresenceInput) -> None:
        """Say that this window is there, and what is being changed in it."""
        self.transport.send("PUT", "/api/presence", body=encode(presence), repeatable=True)

    def leave(self, desk: str) -> None:
        """Say that this window closes."""
        self.transport.send("POST", "/api/presence/leave", body=encode(PresenceLeave(desk=desk)), repeatable=True)
