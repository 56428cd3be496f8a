"""Which service answers which address, read off the routes that the services declare: nothing is kept twice.

An address is matched as the application does: a written-out part goes before a placeholder, `<int:…>` takes digits
only, a trailing slash does not count. Doubled slashes do not either: what they name is left to the service. What stands
below `/books/<slug>` is answered as the same address of the default book is.
"""

from __future__ import annotations

import importlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cache

from flask import Flask

from app.http.routes import Route, Routes
from app.web.factory import OPENAPI_PATH, document_routes
from app.web.health_api import routes as health_routes
from app.web.pages import STYLE_PATH, add_pages
from app.web.services import SERVICES, Service

HEALTH_PATH = "/api/health"
WHICHEVER_LIVES = "(whichever lives)"
"""Stands for a service at an address that every process answers alike."""
HERE = "(here)"
"""Stands for a service at what the gateway has itself: the description of all routes, for a service describes its own
only, and the style sheet, which its own pages need when the service of the pages is away.
"""
PAGES_SERVICE = "identity"
"""The pages of a browser are logins and passwords first of all."""
BOOKS = "books"


@dataclass(slots=True)
class _Node:
    """One place in the tree of addresses: what may come next, and who answers when nothing does."""

    named: dict[str, _Node] = field(default_factory=dict)
    number: _Node | None = None
    anything: _Node | None = None
    service: str = ""
    is_page: bool = False


class RoutingTable:
    """Finds the service of an address."""

    def __init__(self, rules: dict[str, str], pages: Collection[str] = ()) -> None:
        """Take the service of each rule, such as `/api/vouchers/<int:id>`, and which rules are pages of a browser."""
        self.rules = rules
        self._root = _Node()
        for rule, service in rules.items():
            node = self._root
            for part in _parts(rule):
                node = _below(node, part)
            node.service = service
            node.is_page = rule in pages

    def service_of(self, path: str) -> str | None:
        """Return the name of the service that answers a path, or `None` where no route is."""
        found = self._found(path)
        return None if found is None else found.service

    def is_page(self, path: str) -> bool:
        """Tell whether a path is a page of a browser, to be read by people."""
        found = self._found(path)
        return found is not None and found.is_page

    def _found(self, path: str) -> _Node | None:
        parts = _parts(path)
        found = _find(self._root, parts, 0)
        if found is None and len(parts) >= 2 and parts[0] == BOOKS:
            found = _find(self._root, parts, 2)
        return found


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part]


def _below(node: _Node, part: str) -> _Node:
    if part.startswith("<int:"):
        node.number = node.number or _Node()
        return node.number
    if part.startswith("<"):
        node.anything = node.anything or _Node()
        return node.anything
    return node.named.setdefault(part, _Node())


def _find(node: _Node, parts: list[str], at: int) -> _Node | None:
    if at == len(parts):
        return node if node.service else None
    part = parts[at]
    choices = (node.named.get(part), node.number if part.isdecimal() else None, node.anything)
    for choice in choices:
        if choice is not None and (found := _find(choice, parts, at + 1)) is not None:
            return found
    return None


def routes_of_service(service: Service) -> Iterator[Route]:
    """Yield the routes a service declares."""
    for name in service.slices:
        routes: Routes = importlib.import_module(name).routes
        yield from routes.routes


def page_rules() -> list[str]:
    """Return the addresses of the browser's pages."""
    app = Flask("pages", static_folder=None)
    add_pages(app)
    return sorted({rule.rule for rule in app.url_map.iter_rules()})


def all_routes() -> list[Route]:
    """Return every route of the whole program."""
    declared = [route for service in SERVICES for route in routes_of_service(service)]
    return [*declared, *health_routes.routes, *document_routes().routes]


@cache
def routing_table() -> RoutingTable:
    """Return the table of the program's services; the first call loads all of them."""
    pages = page_rules()
    rules = dict.fromkeys(pages, PAGES_SERVICE)
    for service in SERVICES:
        for route in routes_of_service(service):
            rules[route.rule] = service.name
    rules[HEALTH_PATH] = WHICHEVER_LIVES
    rules[OPENAPI_PATH] = rules[STYLE_PATH] = HERE
    return RoutingTable(rules, pages)
