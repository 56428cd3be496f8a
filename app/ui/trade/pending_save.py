"""Saving something new without ever making it twice; no Qt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from app.client.api import ApiClient
from app.contract.base import Change
from app.kernel.ids import new_request_id


class Numbered(Protocol):
    """What the server answers: an id, and a version to change it by."""

    @property
    def id(self) -> int:
        """Which one it is."""

    @property
    def version(self) -> int:
        """The version the next change is based on."""


Wish = TypeVar("Wish", bound=Change)
Kept = TypeVar("Kept", bound=Numbered)


class PendingSave(Generic[Wish, Kept]):
    """Keeps something new as it was sent until the server has answered.

    After an answer was lost nobody knows whether it exists: the same content is sent again under the same `request_id`;
    if more was typed meanwhile, the first content is settled first and then changed.
    """

    def __init__(self, add: Callable[[ApiClient, Wish], Kept], change: Callable[[ApiClient, int, Wish], Kept]) -> None:
        self._add = add
        self._change = change
        self._sent: Wish | None = None

    def work(self, stored: Kept | None, content: Wish) -> Callable[[ApiClient], Kept]:
        """Return the call that saves the content."""
        if stored is not None:
            number = stored.id
            return lambda api: self._change(api, number, content)
        sent = self._sent
        if sent is None or sent.model_copy(update={"request_id": None}) == content:
            keyed = sent or content.model_copy(update={"request_id": new_request_id()})
            self._sent = keyed
            return lambda api: self._add(api, keyed)

        def settle_then_change(api: ApiClient) -> Kept:
            saved = self._add(api, sent)
            return self._change(api, saved.id, content.model_copy(update={"version": saved.version}))

        return settle_then_change

    def settled(self) -> None:
        """The server has answered: saved, or refused for good."""
        self._sent = None
