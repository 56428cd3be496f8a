"""Several people on one book over HTTP: what others changed, and who works on what."""

from __future__ import annotations

from app.contract.together import Changes, ChangesQuery, PresenceInput, PresenceLeave
from app.http import SIGNED_IN, Routes
from app.identity.actor import Actor
from app.identity.queries.changes import read_changes
from app.identity.service import presence

routes = Routes("together")


@routes.get("/api/changes", permission=SIGNED_IN, query=ChangesQuery, response=Changes)
def changes(actor: Actor, query: ChangesQuery) -> Changes:
    """Return what was changed since a cursor, and who is there; cheap enough to be asked each second."""
    found = read_changes(actor, query.cursor)
    return found.model_copy(update={"present": presence.list_present(actor, query.desk)})


@routes.put("/api/presence", permission=SIGNED_IN, body=PresenceInput)
def be_present(actor: Actor, body: PresenceInput) -> None:
    """Say that a window is there, and what is being changed in it; said again within 30 seconds."""
    presence.be_present(actor, body)


@routes.post("/api/presence/leave", permission=SIGNED_IN, body=PresenceLeave)
def leave(actor: Actor, body: PresenceLeave) -> None:
    """Say that a window closes."""
    presence.leave(actor, body.desk)
