"""What the groups of endpoint methods share: the transport, and the key every POST carries."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel

from app.client.transport import Transport
from app.kernel.ids import new_request_id

Keyed = TypeVar("Keyed", bound=BaseModel)


class Calls:
    """Base of the groups of endpoint methods."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport


def keyed(body: Keyed) -> Keyed:
    """Return the body with a `request_id`, so that sending it again has the effect of once; one that is set is kept."""
    if getattr(body, "request_id", None):
        return body
    return body.model_copy(update={"request_id": new_request_id()})
