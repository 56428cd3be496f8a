"""The caller's language, and sentences in it."""

from __future__ import annotations

from flask import has_request_context, request

from app.kernel.text import Language, Message
from app.resources import catalogue


def request_language() -> Language:
    """Return the language asked for by Accept-Language: English where it is preferred, else Chinese, the source."""
    if not has_request_context():
        return "zh"
    return "en" if request.accept_languages.best_match(["zh", "en"], default="zh") == "en" else "zh"


def render(sentence: Message) -> str:
    """Return a sentence in the caller's language."""
    language = request_language()
    return sentence.render(catalogue(language)) if language != "zh" else str(sentence)
