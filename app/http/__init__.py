"""What every `api.py` uses: routes with their right, decoding, encoding, paging, one error shape."""

from __future__ import annotations

from app.http.caller import Caller, current_actor, session_token
from app.http.language import render
from app.http.paging import decode_cursor, encode_cursor
from app.http.routes import PUBLIC, SIGNED_IN, Route, Routes

__all__ = [
    "PUBLIC",
    "SIGNED_IN",
    "Caller",
    "Route",
    "Routes",
    "current_actor",
    "decode_cursor",
    "encode_cursor",
    "render",
    "session_token",
]
