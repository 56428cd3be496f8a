"""Opaque cursors: where the next page goes on, as a text the client sends back unread."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence

import orjson

from app.kernel.errors import MalformedInput
from app.kernel.text import message

CursorValue = str | int | None


def encode_cursor(values: Sequence[CursorValue]) -> str:
    """Return the sort key of the last row shown as a cursor."""
    return base64.urlsafe_b64encode(orjson.dumps(list(values))).decode("ascii").rstrip("=")


def decode_cursor(cursor: str, *types: type) -> tuple[CursorValue, ...] | None:
    """Return the values of a cursor, or `None` for the empty one (first page).

    `types` are the types the values must have, in order (`type(None)` is never demanded but always allowed). Raises
    `MalformedInput` for anything this program did not make.
    """
    if not cursor:
        return None
    try:
        values = orjson.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        values = None
    fits = isinstance(values, list) and len(values) == len(types)
    if not fits or not all(v is None or type(v) is t for v, t in zip(values, types, strict=True)):
        raise MalformedInput("cursor_malformed", message("翻页标记不对，请从第一页重新开始。"))
    if any(isinstance(v, int) and not -(2**63) <= v < 2**63 for v in values):
        raise MalformedInput("cursor_malformed", message("翻页标记不对，请从第一页重新开始。"))
    return tuple(values)
