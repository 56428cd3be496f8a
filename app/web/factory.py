"""One application over all slices of one book: routes, guard, errors, headers."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, nullcontext
from typing import Any

from flask import Flask, Response, current_app, g, request

from app.contract.change_numbers import CHANGES_HEADER, number_ranges
from app.http.caller import actor_or_none, set_actor
from app.http.encoding import json_response
from app.http.errors import register_error_handlers
from app.http.language import request_language
from app.http.openapi import make_document
from app.http.routes import PUBLIC, SIGNED_IN, IdConverter, ReadRule, Route, Routes, routes_of
from app.identity import audit
from app.identity.actor import Actor
from app.kernel.errors import EnvironmentFault, NotAuthenticated, PermissionDenied
from app.kernel.text import message, speaking
from app.resources import catalogue, resource_path
from app.storage.database import Book, guarded_units
from app.version import PROGRAM_NAME_ZH, VERSION
from app.web.composition import join_slices
from app.web.further_book import BOOK_KEY, REFUSAL_KEY
from app.web.guard import PAGES, SAFE_METHODS, Guard, Visitor, check_body
from app.web.health_api import routes as health_routes
from app.web.keeping import keeper_of
from app.web.moving import staying
from app.web.pages import STYLE, add_pages

logger = logging.getLogger(__name__)

SLICES = (
    "app.identity.api",
    "app.ledger.api",
    "app.ledger.work_api",
    "app.ledger.asset_api",
    "app.ledger.closing_api",
    "app.contacts.api",
    "app.inventory.api",
    "app.inventory.stock_api",
    "app.orders.api",
    "app.orders.payment_api",
    "app.reports.api",
    "app.reports.trade_api",
    "app.reports.voucher_print.api",
    "app.reports.document_print.api",
    "app.reports.statements.api",
    "app.exchange.api",
    "app.exchange.contact_api",
    "app.exchange.item_api",
    "app.exchange.log_api",
    "app.web.book_api",
    "app.web.books_api",
    "app.web.moving_api",
    "app.web.together_api",
)
OPENAPI_PATH = "/api/openapi.json"
MAX_REQUEST_BYTES = 9 << 20
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
}
HTTPS_ONLY = "max-age=31536000"
"""A browser that was here by https comes by nothing else for a year."""
CALLER = "zhangfang.user_id"
"""In the WSGI environment: who was found to call, for the line in the log."""
CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


def create_app(book: Book, guard: Guard, *, pages: bool = False, slices: Sequence[str] = SLICES) -> Flask:
    """Return the application for an open, migrated book, or for the one that `BOOK_KEY` gives with a request.

    `guard` decides who comes in; `pages` adds the browser's login and the readable API pages of `serve`.
    """
    app = Flask("zhangfang", static_folder=None, template_folder=str(resource_path("pages")))
    app.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST_BYTES
    app.url_rule_class = ReadRule
    app.url_map.converters["int"] = IdConverter
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False  # else `//` is answered by a redirect to an address made from the Host header
    register_error_handlers(app)
    _guard_requests(app, book, guard)
    join_slices()
    for name in slices:
        routes: Routes = importlib.import_module(name).routes
        routes.mount(app)
    health_routes.mount(app)
    document_routes().mount(app)
    if pages:
        add_pages(app)
    return app


def _guard_requests(app: Flask, book: Book, guard: Guard) -> None:
    @app.before_request
    def begin() -> None:
        route = _route(app)
        guard.check_door()
        if request.endpoint == STYLE:
            return
        if request.blueprint != PAGES:
            check_body(route)
        stack = ExitStack()
        g.stack = stack
        language = request_language()
        stack.enter_context(speaking(None if language == "zh" else catalogue(language)))
        stack.enter_context(audit.occasion(request.remote_addr or "", guard.counted_as()))
        asked = _asked_book(book)
        visitor = _come_in(asked, guard, route, stack)
        _let_in(asked, visitor, route, stack)

    @app.after_request
    def finish(response: Response) -> Response:
        for name, value in protecting_headers(is_secure=request.is_secure).items():
            response.headers.setdefault(name, value)
        if request.method not in SAFE_METHODS:
            _tell_changes(response)
            if response.status_code >= 400:
                _note_refusal(_route(app))
        return response

    @app.teardown_request
    def end(_error: BaseException | None) -> None:
        stack: ExitStack | None = g.pop("stack", None)
        if stack is not None:
            stack.close()


def _tell_changes(response: Response) -> None:
    """Say which rows of the log the request wrote, so that its window does not take them for somebody else's."""
    if own := number_ranges(audit.committed_rows()):
        response.headers[CHANGES_HEADER] = own


def _come_in(book: Book, guard: Guard, route: Route | None, stack: ExitStack) -> Visitor:
    """Open the book for a request and find out who calls. Who waits for his own other calls has nothing of it open."""
    is_public = _is_public(route)
    with ExitStack() as inside:
        inside.enter_context(book.request_session())
        visitor = guard.identify(is_public=is_public)
        place = guard.under_way(visitor)
        if place is None or place.take():
            inside.enter_context(place or nullcontext())
            stack.enter_context(inside.pop_all())
            return visitor
    stack.enter_context(place)
    stack.enter_context(book.request_session())
    return guard.identify(is_public=is_public)  # he may have been logged out meanwhile


def _is_public(route: Route | None) -> bool:
    return route is not None and route.permission == PUBLIC


def _let_in(book: Book, visitor: Visitor, route: Route | None, stack: ExitStack) -> None:
    """Note who calls, and refuse who may not call this."""
    set_actor(visitor.actor, visitor.session_token)
    if visitor.actor is not None:
        request.environ[CALLER] = visitor.actor.user_id
    keeper_of(book).see(visitor.actor)
    stack.enter_context(staying(request.method, request.url_rule.rule if request.url_rule else ""))
    if route is None or _is_public(route):
        return
    if visitor.actor is None:
        raise NotAuthenticated("login_required", message("请先登录。"))
    if visitor.must_change_password and route.permission != SIGNED_IN:
        raise PermissionDenied("password_change_required", message("请先修改初始密码。"))


def _asked_book(default: Book) -> Book:
    """Return the book a request is for, or raise why it cannot be had."""
    refusal: Exception | None = request.environ.get(REFUSAL_KEY)
    if refusal is not None:
        raise refusal
    asked: Book = request.environ.get(BOOK_KEY, default)
    return asked


def _route(app: Flask) -> Route | None:
    return routes_of(app).get(request.endpoint or "")


def _note_refusal(route: Route | None) -> None:
    """Write into the log that somebody's change was refused or failed; the log of failed logins is identity's own."""
    actor = actor_or_none()
    if not isinstance(actor, Actor) or route is None:
        return
    values = request.view_args or {}
    action = route.permission if route.permission not in {PUBLIC, SIGNED_IN} else f"{route.method} {route.rule}"
    object_id = next((str(value) for value in values.values()), "")
    try:
        with guarded_units(None):
            audit.record_refusal(actor, action, "request", object_id, g.get("error_code", "refused"))
    except EnvironmentFault as fault:
        logger.warning("a refusal could not be written into the log: %s", fault)


def protecting_headers(*, is_secure: bool) -> dict[str, str]:
    """Return what stands in the head of every answer, so that a browser keeps, embeds, runs and guesses nothing."""
    headers = {**_HEADERS, "Content-Security-Policy": CONTENT_POLICY}
    return {**headers, "Strict-Transport-Security": HTTPS_ONLY} if is_secure else headers


def document_routes() -> Routes:
    """Return the route of the OpenAPI document of the application it is mounted in."""
    routes = Routes("openapi")

    @routes.get(OPENAPI_PATH, permission=PUBLIC, response=dict)
    def openapi_document() -> Response:
        """Return this API's OpenAPI 3.1 document."""
        if "zhangfang_openapi" not in current_app.extensions:
            current_app.extensions["zhangfang_openapi"] = api_document(routes_of(current_app).values())
        document = current_app.extensions["zhangfang_openapi"]
        if request.script_root:  # one of several books: its paths stand below it
            document = {**document, "servers": [{"url": request.script_root}]}
        return json_response(document)

    return routes


def api_document(routes: Iterable[Route]) -> dict[str, Any]:
    """Return the OpenAPI document of these routes as plain data."""
    return make_document(routes, f"{PROGRAM_NAME_ZH} API", VERSION)
