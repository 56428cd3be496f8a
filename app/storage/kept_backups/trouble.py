"""What last kept the program from making a backup, so that the next one who opens the book hears of it."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.kernel.text import Message
from app.storage.places import make_private

logger = logging.getLogger(__name__)

FILE_NAME = "trouble.json"


@dataclass(frozen=True, slots=True)
class Trouble:
    """When it happened (UTC ms), and the sentence."""

    at: int
    sentence: Message


def note_trouble(home: Path, at: int, sentence: Message) -> None:
    """Write down what went wrong; where even that cannot be written, the log has it."""
    logger.info("a backup was not made as wished: %s", sentence)
    content = {"at": at, **_stored(sentence)}
    try:
        make_private(home)
        (home / FILE_NAME).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    except OSError as error:
        logger.info("it could not be written down either: %s", error)


def read_trouble(home: Path) -> Trouble | None:
    """Return what went wrong last, or `None` when the last backup was made as wished."""
    try:
        content = json.loads((home / FILE_NAME).read_text(encoding="utf-8"))
        trouble = Trouble(int(content["at"]), _read(content))
        trouble.sentence.render()
    except (OSError, ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError):
        return None  # torn, or written by something else
    return trouble


def forget_trouble(home: Path) -> None:
    """A backup was made as wished."""
    try:
        (home / FILE_NAME).unlink(missing_ok=True)
    except OSError as error:
        logger.info("an old note could not be removed: %s", error)


def _stored(sentence: Message) -> dict[str, Any]:
    """Return a sentence so that it can be said in another language later; a reason in it is a sentence, too."""
    return {"source": sentence.source, "params": {name: _value(value) for name, value in sentence.params.items()}}


def _value(value: object) -> Any:
    if isinstance(value, Message):
        return _stored(value)
    return value if isinstance(value, int) else str(value)


def _read(content: dict[str, Any]) -> Message:
    params = {name: _read(value) if isinstance(value, dict) else value for name, value in content["params"].items()}
    return Message(str(content["source"]), params)
