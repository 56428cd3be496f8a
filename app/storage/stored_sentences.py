"""Sentences that are written down to be said later, by another process or in another language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from app.kernel.text import Message, Whereabouts


def sentence_to_json(sentence: Message) -> dict[str, Any]:
    """Return a sentence as JSON values; a reason in it is a sentence, too, and a place stays one."""
    return {"source": sentence.source, "params": {name: _to_json(value) for name, value in sentence.params.items()}}


def sentence_from_json(content: Mapping[str, Any]) -> Message:
    """Return a sentence that was written down.

    Raises `KeyError`, `TypeError`, `AttributeError` for what is none.
    """
    return Message(str(content["source"]), {name: _from_json(value) for name, value in content["params"].items()})


def _to_json(value: object) -> Any:
    if isinstance(value, Message):
        return sentence_to_json(value)
    if isinstance(value, PurePath | Whereabouts):  # a sentence of its own to programs that know no places
        return {"source": "{place}", "params": {"place": str(value)}, "name": value.name}
    return value if isinstance(value, int) else str(value)


def _from_json(value: Any) -> object:
    if not isinstance(value, dict):
        return value
    return _ToldPlace(value["params"]["place"], value["name"]) if "name" in value else sentence_from_json(value)


@dataclass(frozen=True, slots=True)
class _ToldPlace(Whereabouts):
    """Where something was when the sentence was written down."""

    text: str
    called: str

    @property
    def name(self) -> str:
        return self.called

    def __str__(self) -> str:
        return self.text
