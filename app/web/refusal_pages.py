"""A browser's pages that cannot be had: the refusal as a page people can read, with the status it has anyway.

Programs get the one error shape, and so does everything below `/api`. A page needs no book and no application, for
what is missing may be the book, or the service that a gateway stands before.
"""

from __future__ import annotations

from functools import cache
from http import HTTPStatus

from flask import Flask, request
from jinja2 import Environment, FileSystemLoader
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header
from werkzeug.wrappers import Response

from app.http.language import request_language
from app.kernel.text import Language, message
from app.resources import catalogue, resource_path
from app.web.further_book import BOOK_KEY, REFUSAL_KEY
from app.web.guard import PAGES

PAGE_TYPE = "text/html; charset=utf-8"
_LATER = frozenset({HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_TEXTS = {
    "title": message("账房"),
    "again": message("再试一次"),
    "home": message("到首页"),
}


def is_read_by_people(accept: str | None, path: str, *, is_page: bool, is_route: bool) -> bool:
    """Tell whether a person waits for a page: at one of our pages, or at an address that is none.

    `accept` is the header of the request, `path` the one within the book.
    """
    accepted = parse_accept_header(accept, MIMEAccept)
    is_address_of_people = is_page or (not is_route and not path.startswith("/api"))
    return is_address_of_people and accepted["text/html"] > accepted["application/json"]


def refusal_page(problem: str, status: int, language: Language, *, root: str, home: str) -> str:
    """Return a refusal as HTML.

    `problem` is the sentence in that language, `root` the address below which the style sheet is, `home` the address of
    the server's own page.
    """
    translations = catalogue(language) if language != "zh" else None
    return (
        _templates()
        .get_template("refusal.html")
        .render(
            t={name: sentence.render(translations) for name, sentence in _TEXTS.items()},
            root=root,
            home=home,
            language=language,
            problem=problem,
            may_help_later=status in _LATER,
        )
    )


@cache
def _templates() -> Environment:
    return Environment(loader=FileSystemLoader(resource_path("pages")), autoescape=True)


def show_refusals(app: Flask) -> None:
    """Let an application answer browsers with pages where it refuses."""
    app.after_request(_shown)


def _shown(response: Response) -> Response:
    """Return a refusal as a page where a person reads it, anything else as it is."""
    if response.status_code < HTTPStatus.BAD_REQUEST or response.mimetype != "application/json":
        return response
    is_page, is_route = request.blueprint == PAGES, request.url_rule is not None
    if not is_read_by_people(request.headers.get("Accept"), request.path, is_page=is_page, is_route=is_route):
        return response
    problem: str = response.get_json()["error"]
    status, language = response.status_code, request_language()
    response.set_data(refusal_page(problem, status, language, root=request.script_root, home=_home()))
    response.content_type = PAGE_TYPE
    return response


def _home() -> str:
    """Return where the server's own page is: it lists the books where there are several."""
    is_below = BOOK_KEY in request.environ or REFUSAL_KEY in request.environ
    return (request.script_root.rpartition("/books/")[0] if is_below else request.script_root) + "/"
