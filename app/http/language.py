"""The caller's language, and sentences in it."""

from __future__ import annotations

from collections.abc import Mapping

from flask import has_request_context, request

from app.kernel.text import Language, Message
from app.resources import catalogue


def request_language() -> Language:
    """Return the language asked for by Accept-Language: English where it is preferred, else Chinese, the source."""
    if not has_request_context():
        return "zh"
    return "en" if request.accept_languages.best_match(["zh", "en"], default="zh") == "en" else "zh"


def request_catalogue() -> Mapping[str, str] | None:
    """Return the translations for the language asked for; none for Chinese. Work in the background takes them along."""
    language = request_language()
    return None if language == "zh" else catalogue(language)


def render(sentence: Message) -> str:
    """Return a sentence in the caller's language."""
    translations = request_catalogue()
    return str(sentence) if translations is None else sentence.render(translations)
