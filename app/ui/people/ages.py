"""Reading an age as people type it."""

from __future__ import annotations

from app.kernel.errors import MalformedInput
from app.kernel.text import clean_number_text, message

OLDEST_AGE = 150


def read_age(text: str) -> int | None:
    """Read an age as typed; empty is unknown. Raises `MalformedInput`."""
    cleaned = clean_number_text(text)
    if not cleaned:
        return None
    if cleaned.isascii() and cleaned.isdigit() and int(cleaned) <= OLDEST_AGE:
        return int(cleaned)
    sentence = message("年龄“{text}”不对，请填 0 到 {oldest} 的整数。", text=text, oldest=OLDEST_AGE)
    raise MalformedInput("age_malformed", sentence, fields={"age": sentence})
