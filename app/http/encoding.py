"""JSON on the wire: contract models through orjson."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response
from pydantic import BaseModel

JSON_TYPE = "application/json"


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.__dict__
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} does not go over the wire")


def encode_json(value: Any) -> bytes:
    """Return contract models, lists and plain values as JSON; dates become ISO text."""
    return orjson.dumps(value, default=_plain)


def json_response(value: Any, status: int = 200) -> Response:
    """Return an answer of a contract model."""
    return Response(encode_json(value), status=status, mimetype=JSON_TYPE)
