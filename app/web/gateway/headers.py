"""What goes along to a service and back: the caller's own words, minus what belongs to one connection only.

Hop-by-hop headers: RFC 9110 §7.6.1. A request that two servers could read as two different ones is refused.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from app.web.gateway.answers import Headers

_HOP_BY_HOP = frozenset(
    {
        *("connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization"),
        *("te", "trailer", "transfer-encoding", "upgrade"),
    }
)
_OURS = frozenset(
    {
        *("forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-port"),
        *("x-forwarded-prefix", "x-forwarded-server", "x-real-ip", "x-request-id", "content-length", "expect"),
    }
)
"""Said by the gateway anew, or for the gateway alone."""
_ESSENTIAL = frozenset({"authorization", "cookie", "host", "content-type", "x-zhangfang-session", "x-csrf-token"})
"""`Connection` may name any header as one for this hop; nobody's identity gets lost that way."""
_HOST = re.compile(r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_LENGTH = re.compile(r"[0-9]{1,18}")
_METHOD = re.compile(r"[A-Z]{1,20}")
_UNFIT = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_PLAIN_PATH = "/~:@!$&'()*+,;="
_PLAIN_QUERY = string.punctuation.replace("#", "").replace("<", "").replace(">", "").replace('"', "")


def is_sound(environ: WSGIEnvironment) -> bool:
    """Tell whether every server on the way reads this request as the same one."""
    length = environ.get("CONTENT_LENGTH") or ""
    coding = environ.get("HTTP_TRANSFER_ENCODING", "")
    if length and not _LENGTH.fullmatch(length):
        return False
    if coding and (length or coding.strip().lower() != "chunked"):
        return False
    if not _HOST.fullmatch(environ.get("HTTP_HOST", "")) or not _METHOD.fullmatch(environ["REQUEST_METHOD"]):
        return False
    return not any(
        _UNFIT.search(value) for name, value in environ.items() if name.startswith("HTTP_") and isinstance(value, str)
    )


def target_of(environ: WSGIEnvironment) -> str:
    """Return path and query as they go on: written anew from what was routed by, so that both are the same."""
    path = quote(environ.get("PATH_INFO", "").encode("latin-1"), safe=_PLAIN_PATH)
    query = quote(environ.get("QUERY_STRING", "").encode("latin-1"), safe=_PLAIN_QUERY)
    return (path or "/") + (f"?{query}" if query else "")


def headers_for_service(environ: WSGIEnvironment) -> Headers:
    """Return the headers of a request as they go on, with where it really came from: `Front` has settled that."""
    dropped = _HOP_BY_HOP | _OURS | _named_for_this_hop(environ.get("HTTP_CONNECTION", ""))
    headers = [
        (title, value)
        for name, value in environ.items()
        if name.startswith("HTTP_") and (title := name[5:].replace("_", "-").title()).lower() not in dropped
    ]
    content_type = environ.get("CONTENT_TYPE")
    if content_type:
        headers.append(("Content-Type", content_type))
    origin = {
        "X-Forwarded-For": environ.get("REMOTE_ADDR", ""),
        "X-Forwarded-Proto": environ["wsgi.url_scheme"],
        "X-Forwarded-Host": environ["HTTP_HOST"],
        "X-Forwarded-Prefix": environ.get("SCRIPT_NAME", ""),
        "X-Request-Id": environ.get("HTTP_X_REQUEST_ID", ""),
    }
    return [*headers, *((name, value) for name, value in origin.items() if value), ("Connection", "keep-alive")]


def headers_for_caller(headers: Iterable[tuple[str, str]]) -> Headers:
    """Return the headers of an answer as they go back; the request is named by `Front`."""
    given = list(headers)
    connection = ",".join(value for name, value in given if name.lower() == "connection")
    dropped = _HOP_BY_HOP | _named_for_this_hop(connection) | {"server", "date", "x-request-id"}
    return [(name, value) for name, value in given if name.lower() not in dropped]


def _named_for_this_hop(connection: str) -> frozenset[str]:
    return frozenset(word.strip().lower() for word in connection.split(",")) - _ESSENTIAL - {"content-length"}
