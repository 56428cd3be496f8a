"""Every route, asked by everybody who could stand at the door: who comes in, who does not, and that nothing is told."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from app.http.decoding import RAW_TYPE
from app.http.routes import PUBLIC, Route, routes_of
from app.storage.database import Book, open_database
from app.web.services import SERVICES
from app.web.serving import Serving, application_for
from tests.calling import GENEROUS, Answer, Caller, caller_on, set_up
from tests.security.crowd import NOTHING_TO_TELL, Crowd, Visitor, admitted, changed, mark, rights_of
from tests.security.filled import fill
from tests.security.request_maker import RequestMaker

NOT_THERE = 9_000_000
KNOWS_PLACES = "book:backup:add"
"""Who makes backups of a served book may know where it and they lie."""
LEAVING = {"/api/logout"}
"""Who has called this is somebody else afterwards."""


@pytest.fixture(scope="module")
def filled_book(tmp_path_factory: pytest.TempPathFactory, empty_file: Path) -> Iterator[Book]:
    """A book with one of everything."""
    path = shutil.copyfile(empty_file, tmp_path_factory.mktemp("walk") / "book.zhangfang")
    book = open_database(str(path))
    set_up(book)
    fill(caller_on(book))
    yield book
    book.close()


@pytest.fixture(scope="module")
def crowd(filled_book: Book) -> Crowd:
    """Everybody who could call it."""
    return Crowd(filled_book, caller_on(filled_book, own_application=True))


def ordered(app: Flask) -> list[Route]:
    found = [route for route in routes_of(app).values() if route.rule not in LEAVING]
    return sorted(found, key=lambda route: route.permission)


def ask(caller: Caller, route: Route, number: int = NOT_THERE) -> Answer:
    """Call a route about something that is not there, with a body no route takes: admitted or not, nothing is done."""
    path = re.sub(r"<int:\w+>", str(number), route.rule)
    path = re.sub(r"<\w+>", "no-such", path)
    if route.raw_body:
        return caller.call(route.method, path, data=b"x", headers={"Content-Type": RAW_TYPE})
    return caller.call(route.method, path, {"no such field": 1} if route.body is not None else None)


def check(visitor: Visitor, route: Route, answer: Answer) -> None:
    where = f"{visitor.name}: {route.method} {route.rule} → {answer.status} {answer.data[:200]!r}"
    expected = visitor.expected(route)
    if expected is None:
        # a session is asked for again where the route itself logs in; nothing else may be refused at the door
        assert answer.status not in {401, 403} or answer.code == "login_refused", where
        assert answer.status < 500, where
        return
    assert (answer.status, answer.code) == expected, where
    assert set(answer.json) == {"error", "code", "fields", "details"}, where
    assert answer.json["fields"] == {}, where
    assert set(answer.json["details"]) <= {"permission"}, where
    text = answer.data.decode()
    assert not [word for word in NOTHING_TO_TELL if word in text], where


def all_routes(crowd: Crowd) -> list[Route]:
    return list(routes_of(crowd.served.client.application).values())


def walk(app: Flask, crowd: Crowd, visitors: list[Visitor], *, is_far: bool = False) -> int:
    """Ask every route by everybody; return how many answers that were. Who calls from far is told no places."""
    assert crowd.book.address.path is not None
    before, folder = mark(crowd.book), str(crowd.book.address.path.parent)
    routes = ordered(app)
    for route in routes:
        crowd.give(rights_of(route))
        for visitor in visitors:
            answer = ask(visitor.caller, route)
            check(visitor, route, answer)
            if is_far and visitor.name != "the owner" and KNOWS_PLACES not in rights_of(route):
                assert folder not in answer.data.decode("utf-8", "replace"), (visitor.name, route.rule)
    crowd.give(())
    assert changed(before, mark(crowd.book)) == []
    return len(routes) * len(visitors)


def test_a_served_copy_lets_in_exactly_who_may(crowd: Crowd) -> None:
    assert walk(crowd.served.client.application, crowd, crowd.at_served(), is_far=True) > 3000


def test_the_desktop_lets_in_exactly_who_may(crowd: Crowd) -> None:
    assert walk(crowd.window.client.application, crowd, crowd.at_desktop()) > 2500


def test_a_desktop_open_to_programs_lets_in_exactly_who_may(crowd: Crowd) -> None:
    visitors = crowd.at_open_desktop()
    assert walk(visitors[0].caller.client.application, crowd, visitors) > 1000


@pytest.mark.parametrize("service", [service.name for service in SERVICES])
def test_a_service_of_its_own_guards_what_it_has(crowd: Crowd, service: str) -> None:
    app = application_for(crowd.book, Serving(services=(service,), limits=GENEROUS))
    door = Caller(app.test_client(use_cookies=False))
    theirs = {
        visitor.name: replace(visitor, caller=replace(door, headers=visitor.caller.headers))
        for visitor in crowd.at_served()
    }
    visitors = [
        theirs[name] for name in ("nobody", "a wrong token", "a session without roles", "a browser's cookie alone")
    ]
    assert walk(app, crowd, visitors, is_far=True) > 4 * 15


def test_what_is_refused_is_refused_with_a_good_body_too(crowd: Crowd) -> None:
    """Refusals come before anything is done, also for a change that somebody else could make as it stands."""
    owner, before = crowd.served.as_token(crowd.tokens["owner"]), mark(crowd.book)
    maker = RequestMaker(owner.get("/api/openapi.json").json, seed=6)
    for method, path, _ in maker.operations:
        if method == "GET" and "{" not in path and path != "/api/openapi.json":
            maker.pool.learn(owner.get(path).json, path)
    refused = {visitor.name: visitor for visitor in crowd.at_served() if visitor.expected is not admitted}
    routes = {(route.method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route.rule)): route for route in all_routes(crowd)}
    for method, rule, operation in maker.operations:
        route = routes[method, rule]
        crowd.give(rights_of(route))
        if method == "GET" or route.permission == PUBLIC:
            continue
        request = maker.request(method, rule, operation, whole=True)
        for name in ("nobody", "a token whose scope lacks the right", "a browser's cookie alone"):
            visitor = refused[name]
            if visitor.expected(route) is not None:
                answer = visitor.caller.call(
                    method, f"{request['path']}?{request['query']}", data=request["body"], headers=request["headers"]
                )
                check(visitor, route, answer)
    crowd.give(())
    assert changed(before, mark(crowd.book)) == []


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "CONNECT", "PATCH", "DELETE", "PROPFIND"])
def test_other_methods_lead_nowhere(crowd: Crowd, method: str) -> None:
    before = mark(crowd.book)
    for path in ("/api/vouchers", "/api/users", "/api/openapi.json", "/login", "/users"):
        for caller in (crowd.served, crowd.served.as_token(crowd.tokens["owner"])):
            answer = caller.call(method, path)
            assert answer.status in {401, 405} or (method == "HEAD" and answer.status == 200), (path, answer.status)
            assert not [name for name in answer.headers if name.lower().startswith("access-control")]
            assert method != "HEAD" or answer.data == b""
    assert changed(before, mark(crowd.book)) == []


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_a_header_does_not_change_the_method(crowd: Crowd, header: str) -> None:
    owner, before = crowd.served.as_token(crowd.tokens["owner"]), mark(crowd.book)
    assert owner.get("/api/vouchers/1", headers={header: "DELETE"}).status == 200
    assert owner.get("/api/vouchers/1?_method=DELETE").status == 200
    assert changed(before, mark(crowd.book)) == []


@pytest.mark.parametrize("path", ["//api/health", "/api//health", "/api/health//", "/./api/health"])
def test_an_address_written_otherwise_is_none_and_redirects_nowhere(crowd: Crowd, path: str) -> None:
    for caller in (crowd.served, crowd.window):
        answer = caller.get(f"http://localhost{path}")
        assert (answer.status, answer.code) == (404, "no_such_path")
        assert "Location" not in answer.headers
