"""What the gateway says itself: refusals in the one error shape or as a page, and how the services are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import orjson
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from app.http.errors import RETRY_AFTER_S, protocol_sentence
from app.kernel.text import Language, Message, message
from app.resources import catalogue
from app.web.factory import protecting_headers
from app.web.refusal_pages import PAGE_TYPE, refusal_page

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

REASONS = {
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    413: "Content Too Large",
    503: "Service Unavailable",
}
_NAMES: Mapping[str, Message] = {
    "identity": message("用户与往来单位"),
    "orders": message("订单"),
    "inventory": message("库存"),
    "ledger": message("总账与报表"),
}
Headers = list[tuple[str, str]]
JSON_TYPE = "application/json"
READ_BY_PEOPLE = "zhangfang.read_by_people"
"""In the WSGI environment: whether a refusal is to be a page."""


def name_of(service: str) -> Message:
    """Return what people call a service."""
    return _NAMES[service]


def send_json(
    environ: WSGIEnvironment,
    start_response: StartResponse,
    status: int,
    document: Any,
    headers: Iterable[tuple[str, str]] = (),
) -> list[bytes]:
    """Answer with a JSON document."""
    return send_bytes(environ, start_response, status, orjson.dumps(document), headers)


def send_bytes(
    environ: WSGIEnvironment,
    start_response: StartResponse,
    status: int,
    body: bytes,
    headers: Iterable[tuple[str, str]] = (),
    content_type: str = JSON_TYPE,
) -> list[bytes]:
    """Answer with what is written already; `headers` stand in place of the usual ones of the same name."""
    head = {
        "Content-Type": content_type,
        "Content-Length": str(len(body)),
        **protecting_headers(is_secure=environ["wsgi.url_scheme"] == "https"),
        **dict(headers),
    }
    start_response(f"{status} {REASONS[status]}", list(head.items()))
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def refuse(
    environ: WSGIEnvironment,
    start_response: StartResponse,
    status: int,
    code: str,
    sentence: Message,
    *,
    details: Mapping[str, object] | None = None,
    headers: Iterable[tuple[str, str]] = (),
) -> list[bytes]:
    """Answer with an error in the caller's language, a page where a person reads it; a 503 says when to come back."""
    language = parse_language(environ)
    problem = sentence.render(catalogue("en") if language == "en" else None)
    later = [("Retry-After", str(RETRY_AFTER_S))] if status == 503 else []
    if environ.get(READ_BY_PEOPLE):
        root = environ.get("SCRIPT_NAME", "")
        page = refusal_page(problem, status, language, root=root, home=f"{root}/")
        return send_bytes(environ, start_response, status, page.encode(), [*later, *headers], PAGE_TYPE)
    document = {"error": problem, "code": code, "fields": {}, "details": dict(details or {})}
    return send_json(environ, start_response, status, document, [*later, *headers])


def parse_language(environ: WSGIEnvironment) -> Language:
    """Return the language the caller asks for."""
    accepted = parse_accept_header(environ.get("HTTP_ACCEPT_LANGUAGE"), LanguageAccept)
    return "en" if accepted.best_match(["zh", "en"], default="zh") == "en" else "zh"


def refuse_protocol(
    environ: WSGIEnvironment, start_response: StartResponse, status: int, headers: Iterable[tuple[str, str]] = ()
) -> list[bytes]:
    """Answer a request that no service needs to see."""
    code, sentence = protocol_sentence(status)
    return refuse(environ, start_response, status, code, sentence, headers=headers)


def service_away(service: str) -> tuple[str, Message]:
    """Return code and sentence for a service that cannot be reached: nothing was sent."""
    return "service_away", message(
        "“{service}”服务暂时不在，这次操作没有送到；其他功能照常。请稍后再试。", service=name_of(service)
    )


def service_slow(service: str) -> tuple[str, Message]:
    """Return code and sentence for a service that does not answer in time."""
    return "service_slow", message(
        "“{service}”服务太忙，没有及时回答；请先看看操作是否已经完成，再重试。", service=name_of(service)
    )


def service_lost(service: str) -> tuple[str, Message]:
    """Return code and sentence for a service that broke off."""
    return "service_lost", message(
        "“{service}”服务中途断开了；请先看看操作是否已经完成，再重试。", service=name_of(service)
    )
