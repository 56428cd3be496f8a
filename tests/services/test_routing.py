"""Every address belongs to exactly one service, and the gateway finds it as the application does."""

from __future__ import annotations

import importlib
import json
import re
import timeit

import pytest
from werkzeug.exceptions import HTTPException

from app.http.routes import Routes, routes_of
from app.storage.database import Book
from app.web.factory import SLICES, create_app
from app.web.gateway import gateway_for
from app.web.gateway.routing import HERE, WHICHEVER_LIVES, RoutingTable, page_rules, routing_table
from app.web.gateway.settings import GatewaySettings
from app.web.guard import ServeGuard
from app.web.services import SERVICES
from tests.calling import caller_on, set_up

OWN = {"/healthz", "/readyz"}
"""What the gateway says of itself."""


def concrete(rule: str) -> str:
    return re.sub(r"<\w+>", "x", re.sub(r"<int:\w+>", "7", rule))


def test_every_part_of_the_program_is_one_service_s() -> None:
    parts = [name for service in SERVICES for name in service.slices]
    assert sorted(parts) == sorted(SLICES)
    assert len(set(parts)) == len(parts)


def test_every_route_belongs_to_exactly_one_service() -> None:
    owners: dict[str, set[str]] = {}
    for service in SERVICES:
        for name in service.slices:
            routes: Routes = importlib.import_module(name).routes
            for route in routes.routes:
                owners.setdefault(route.rule, set()).add(service.name)
    shared = {rule: names for rule, names in owners.items() if len(names) > 1}
    assert shared == {}, (
        "an address may be no two services': a proxy that looks at no methods could not tell them apart"
    )


def test_the_table_finds_every_address_of_the_whole_application(sqlite_book: Book) -> None:
    app = create_app(sqlite_book, ServeGuard(), pages=True)
    rules = {rule.rule for rule in app.url_map.iter_rules()} - OWN
    table = routing_table()
    assert rules == set(table.rules)
    for rule, service in table.rules.items():
        assert table.service_of(concrete(rule)) == service, rule
        assert table.service_of("/books/second" + concrete(rule)) == service, rule


def test_it_matches_what_the_application_matches_and_nothing_else(sqlite_book: Book) -> None:
    app = create_app(sqlite_book, ServeGuard(), pages=True)
    found_by_app = app.url_map.bind("localhost")
    table = routing_table()
    odd = ["x", "7", "", "-7", "/", "库存", "%2F", "..", "export", "document"]
    for rule in sorted(table.rules):
        path = concrete(rule)
        for part in odd:
            for asked in (f"{path}/{part}", path.rpartition("/")[0] + f"/{part}"):
                try:
                    endpoint: str | None = found_by_app.match(asked or "/", method="GET")[0]
                except HTTPException as refusal:
                    endpoint = "other" if refusal.code in {405, 308} else None
                if asked.startswith("/books/") or (endpoint is None and "//" in asked):
                    continue
                assert (table.service_of(asked) is None) == (endpoint is None), asked


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/", "identity"),
        ("/login", "identity"),
        ("/logout", "identity"),
        ("/password", "identity"),
        ("/style.css", HERE),
        ("/books/shop/style.css", HERE),
        ("/api/docs/", "identity"),
        ("/api/docs", "identity"),
        ("/api/docs/docs.js", "identity"),
        ("/api/users", "identity"),
        ("/users", "identity"),
        ("/orders", "orders"),
        ("/inventory", "inventory"),
        ("/inventory/笔", "inventory"),
        ("/api/vouchers/7", "ledger"),
        ("/api/vouchers/choices", "ledger"),
        ("/api/vouchers/7/document", "inventory"),
        ("/books/shop/api/vouchers/7/document", "inventory"),
        ("/books/shop/", "identity"),
        ("/books/shop", "identity"),
        ("/api/health", WHICHEVER_LIVES),
        ("/api/openapi.json", HERE),
        ("/books/shop/api/health", WHICHEVER_LIVES),
        ("/inventory/a/b", None),
        ("/api", None),
        ("/api/vouchers/x/document", None),
        ("/api/nothing", None),
        ("/books/a/b/api/users", None),
    ],
)
def test_addresses_of_note(path: str, service: str | None) -> None:
    assert routing_table().service_of(path) == service


def test_pages_are_told_from_what_programs_ask() -> None:
    table = routing_table()
    assert all(table.is_page(path) for path in ("/", "/login", "/books/shop/password", "/api/docs/", "/style.css"))
    assert not any(table.is_page(path) for path in ("/api/users", "/users", "/books/shop/orders", "/nowhere"))


def test_a_longer_way_round_is_found() -> None:
    table = RoutingTable({"/a/<x>/c": "one", "/a/b/d": "two", "/a/<int:n>/c/e": "three"})
    assert table.service_of("/a/b/c") == "one"
    assert table.service_of("/a/b/d") == "two"
    assert table.service_of("/a/5/c") == "one"
    assert table.service_of("/a/5/c/e") == "three"
    assert table.service_of("/a/x/c/e") is None


def test_finding_takes_microseconds() -> None:
    table = routing_table()
    runs = 2000
    took_s = min(timeit.repeat(lambda: table.service_of("/api/vouchers/123/document"), number=runs, repeat=3))
    assert took_s / runs < 50e-6


def test_pages_are_known_from_the_application() -> None:
    assert {"/", "/login", "/api/docs/<name>"} <= set(page_rules())


def test_the_gateway_describes_the_whole_program(sqlite_book: Book) -> None:
    set_up(sqlite_book)
    whole = caller_on(sqlite_book, serve=True).get("/api/openapi.json").json
    described = json.loads(gateway_for(GatewaySettings()).gateway._document)
    assert described["components"] == whole["components"]
    assert described["paths"] == whole["paths"]
    assert described["info"] == whole["info"]


def test_each_service_describes_its_own(sqlite_book: Book) -> None:
    paths: set[str] = set()
    for service in SERVICES:
        app = create_app(sqlite_book, ServeGuard(), slices=service.slices)
        own = {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route.rule) for route in routes_of(app).values()}
        assert {"/api/health", "/api/openapi.json"} <= own
        paths |= own
    assert paths == set(json.loads(gateway_for(GatewaySettings()).gateway._document)["paths"])
