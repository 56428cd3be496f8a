"""Patterns for LIKE: what people type is taken as it is, `%` and `_` included. Write `LIKE ? ESCAPE '!'`."""

from __future__ import annotations


def contains(text: str) -> str:
    """Return the pattern of texts that contain this one."""
    return f"%{_escaped(text)}%"


def starts_with(text: str) -> str:
    """Return the pattern of texts that start with this one."""
    return f"{_escaped(text)}%"


def ends_with(text: str) -> str:
    """Return the pattern of texts that end with this one."""
    return f"%{_escaped(text)}"


def _escaped(text: str) -> str:
    return "".join("!" + c if c in "!%_" else c for c in text)
