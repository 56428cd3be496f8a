"""A browser's pages that cannot be had: the refusal as a page people can read, with the status it has anyway.

Programs get the one error shape, and so does everything below `/api`. A page needs no book, for the book may be what is
missing.
"""

from __future__ import annotations

from http import HTTPStatus

from flask import Flask, render_template, request
from werkzeug.wrappers import Response

from app.http.language import render, request_language
from app.kernel.text import message
from app.web.further_book import BOOK_KEY, REFUSAL_KEY
from app.web.guard import PAGES

_LATER = frozenset({HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_TEXTS = {
    "title": message("账房"),
    "again": message("再试一次"),
    "home": message("到首页"),
}


def show_refusals(app: Flask) -> None:
    """Let an application answer browsers with pages where it refuses."""
    app.after_request(_shown)


def _shown(response: Response) -> Response:
    """Return a refusal as a page where a person reads it, anything else as it is."""
    if response.status_code < HTTPStatus.BAD_REQUEST or response.mimetype != "application/json" or not _is_read():
        return response
    problem = response.get_json()["error"]
    texts = {name: render(sentence) for name, sentence in _TEXTS.items()}
    response.set_data(
        render_template(
            "refusal.html",
            t=texts,
            root=request.script_root,
            home=_home(),
            language=request_language(),
            problem=problem,
            may_help_later=response.status_code in _LATER,
        )
    )
    response.content_type = "text/html; charset=utf-8"
    return response


def _is_read() -> bool:
    """Tell whether a person waits for a page: at one of our pages, or at an address that is none."""
    is_page = request.blueprint == PAGES or (request.url_rule is None and not request.path.startswith("/api"))
    accepted = request.accept_mimetypes
    return is_page and accepted["text/html"] > accepted["application/json"]


def _home() -> str:
    """Return where the server's own page is: it lists the books where there are several."""
    is_below = BOOK_KEY in request.environ or REFUSAL_KEY in request.environ
    return (request.script_root.rpartition("/books/")[0] if is_below else request.script_root) + "/"
