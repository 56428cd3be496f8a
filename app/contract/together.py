"""Several people on one book, on the wire: what others changed, and who is working on what."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field

from app.contract.base import Contract, QueryContract, RequestId

TopicName = Literal[
    "accounts",
    "auxiliaries",
    "vouchers",
    "balances",
    "periods",
    "users",
    "rates",
    "assets",
    "contacts",
    "items",
    "documents",
    "stock",
    "book",
    "payments",
]
"""What a change touches, in the words pages subscribe by."""

EditedKind = Literal["voucher", "document", "stock_document", "payment", "contact", "item", "account", "asset"]
MAX_EDITED = 20


def _known_topics(topics: Any) -> Any:
    """Take what only a later program knows for anything: it may touch what is shown here."""
    if isinstance(topics, list) and set(map(str, topics)) - set(get_args(TopicName)):
        return list(get_args(TopicName))
    return topics


def _known_kinds(editing: Any) -> Any:
    """Leave out what only a later program knows: it cannot be shown here."""
    if isinstance(editing, list):
        known = set(get_args(EditedKind))
        return [one for one in editing if not isinstance(one, dict) or str(one.get("kind", "")) in {*known, ""}]
    return editing


Topics = Annotated[list[TopicName], BeforeValidator(_known_topics)]


class ChangesQuery(QueryContract):
    """Where to go on: `cursor` of the answer before; empty asks for the place to begin at, with nothing before it."""

    cursor: str = Field("", max_length=2000)
    desk: str = Field("", max_length=36, description="the caller's own window, which is left out of `present`")


class ChangedObject(Contract):
    """One change as the log of changes has it: who did what to which object. `at` is in UTC milliseconds.

    Of an object the caller may not view, only number, moment and topics are told; the rest is empty.
    """

    id: int
    at: int
    user_id: int | None
    user_name: str
    action: str
    object_type: str
    object_id: str
    topics: Topics


class EditedObject(Contract):
    """Something a person has open and is changing; `label` is what people call it, such as 记-12."""

    kind: EditedKind
    id: int
    label: str = Field(max_length=60)


class PresentPerson(Contract):
    """A window that is open on the book: whose it is, and what is being changed in it."""

    desk: str = Field(description="tells the windows of one person apart")
    user_id: int
    user_name: str
    seen_at: int = Field(description="UTC milliseconds")
    editing: Annotated[list[EditedObject], BeforeValidator(_known_kinds)]


class Changes(Contract):
    """What happened since a cursor: the topics touched, the latest changes themselves, and who is there."""

    cursor: str
    topics: Topics
    changes: list[ChangedObject] = Field(description="at most 200, the newest last; the topics are always complete")
    present: list[PresentPerson]


class PresenceInput(Contract):
    """What a window has open and is changing now; replaces what it said before, and lapses by itself."""

    desk: RequestId
    editing: list[EditedObject] = Field(default_factory=list, max_length=MAX_EDITED)


class PresenceLeave(Contract):
    """A window that closes."""

    desk: RequestId
