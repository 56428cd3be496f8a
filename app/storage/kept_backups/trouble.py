"""What last kept the program from making a backup, so that the next one who opens the book hears of it."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path

from app.kernel.text import Message
from app.storage.places import make_private
from app.storage.stored_sentences import sentence_from_json, sentence_to_json

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
    content = {"at": at, **sentence_to_json(sentence)}
    try:
        make_private(home)
        (home / FILE_NAME).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    except OSError as error:
        logger.info("it could not be written down either: %s", error)


def read_trouble(home: Path) -> Trouble | None:
    """Return what went wrong last, or `None` when the last backup was made as wished."""
    try:
        content = json.loads((home / FILE_NAME).read_text(encoding="utf-8"))
        trouble = Trouble(int(content["at"]), sentence_from_json(content))
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
