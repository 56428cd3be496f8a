"""Saving something new without ever making it twice; no Qt."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from app.kernel.errors import RuleBroken, ZhangfangError, leaves_open
from app.kernel.ids import new_request_id
from app.kernel.text import message

if TYPE_CHECKING:
    from pydantic import BaseModel

    from app.client.api import ApiClient

# by name: the window is painted before the contracts are loaded
Wish = TypeVar("Wish", bound="BaseModel")
Kept = TypeVar("Kept")
SHOWN_ONCE = "answer_shown_once"
"""What the server says of a first try that was carried out and whose answer, a secret, it does not repeat."""


class PendingSave(Generic[Wish, Kept]):
    """Keeps something new as it was sent until the server has answered; contents carry no `request_id` of their own.

    After an answer was lost nobody knows whether it exists: the same content is sent again under the same `request_id`;
    if more was typed meanwhile, the first content is settled first (as it was, under its id) and then changed.
    """

    def __init__(
        self,
        add: Callable[[ApiClient, Wish], Kept],
        change: Callable[[ApiClient, Kept, Wish], Kept] | None = None,
        *,
        fixed: Iterable[str] = (),
        take_back: Callable[[ApiClient, Kept], object] | None = None,
    ) -> None:
        """Take how it is made, and how what was made is changed into another content, based on its version.

        `fixed` are fields that cannot change any more. What can only be `taken back` is, and made anew.
        """
        self._add = add
        self._change = change
        self._fixed = tuple(fixed)
        self._take_back = take_back
        self.sent: Wish | None = None
        """What was sent and is not answered yet, with its `request_id`."""
        self.made: Kept | None = None
        """What a first try turned out to have made, where the change that was to follow is not answered yet."""

    def work(self, stored: Kept | None, content: Wish) -> Callable[[ApiClient], Kept]:
        """Return the call that saves the content, whatever became of a first try."""
        known = stored if stored is not None else self.made
        if known is not None:
            return lambda api: self._changed(api, known, content)
        settle, differing = self.settle(content), self.fixed_differing(content)
        if settle is None:
            return self.first(content)

        def settle_then_save(api: ApiClient) -> Kept:
            made = settle(api)
            if made is None:
                return self.first(content)(api)
            if differing:
                raise RuleBroken(
                    "made_already", message("先前那次新增其实已经成功，请先在列表里查看；有的内容建好后不能再改。")
                )
            return self._changed(api, made, content)

        return settle_then_save

    def first(self, content: Wish) -> Callable[[ApiClient], Kept]:
        """Return the call that makes it; for what was sent in vain, under the id of that time."""
        sent = self.sent
        keyed = sent if sent is not None and _is_same(sent, content) else _keyed(content)
        self.sent = keyed
        return lambda api: self._add(api, keyed)

    def settle(self, content: Wish) -> Callable[[ApiClient], Kept | None] | None:
        """Return the call that finds out what a first try with another content made; None where there is none.

        Its answer is None when nothing was made, or what was made is taken back.
        """
        sent = self.sent
        if sent is None or _is_same(sent, content):
            return None

        def ask(api: ApiClient) -> Kept | None:
            try:
                made = self._add(api, sent)
            except ZhangfangError as refused:
                if leaves_open(refused) or refused.code == SHOWN_ONCE:
                    raise
                self.sent = None
                return None
            if self._take_back is not None:
                self._take_back(api, made)
                self.sent = None
                return None
            self.sent, self.made = None, made
            return made

        return ask

    def fixed_differing(self, content: Wish) -> list[str]:
        """Return which fields of a first try cannot be changed into what they are now."""
        sent = self.sent
        return [] if sent is None else [one for one in self._fixed if getattr(sent, one) != getattr(content, one)]

    def refused(self, error: ZhangfangError) -> None:
        """The server said no; what became of the first try may be as open as before."""
        if not leaves_open(error):
            self.sent = None

    def settled(self) -> None:
        """It is saved, or something else is typed from now on."""
        self.sent = self.made = None

    def _changed(self, api: ApiClient, known: Kept, content: Wish) -> Kept:
        if self._change is None:
            raise TypeError("this kind cannot be changed")
        return self._change(api, known, content)


def _keyed(content: Wish) -> Wish:
    return content.model_copy(update={"request_id": new_request_id()})


def _is_same(sent: Any, content: Any) -> bool:
    return bool(sent.model_copy(update={"request_id": None}) == content)
