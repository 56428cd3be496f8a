"""Every route is guarded, and the rights that routes declare are those that services require."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.http.routes import PUBLIC, SIGNED_IN, Route, routes_of
from app.identity.right_names import APART, SLICES, THINGS
from app.storage.database import Book
from app.web.factory import create_app
from app.web.guard import PAGES, DesktopGuard, ServeGuard
from app.web.permissions import all_permissions
from tests.calling import Caller, caller_on

APP = Path(__file__).parents[2] / "app"

OPEN = {("POST", "/api/login"), ("GET", "/api/health"), ("GET", "/api/openapi.json"), ("GET", "/books")}
"""All that answers to people who have not said who they are."""
OPEN_PAGES = {"/", "/login", "/logout", "/password", "/style.css", "/api/docs/", "/api/docs/<name>"}
"""Of `serve` only: forms, their style, and the readable form of the OpenAPI document."""


@pytest.fixture
def routes(sqlite_book: Book) -> dict[str, Route]:
    return routes_of(create_app(sqlite_book, DesktopGuard(1, "x")))


def test_every_address_is_a_declared_route(sqlite_book: Book) -> None:
    app = create_app(sqlite_book, ServeGuard(), pages=True)
    declared = routes_of(app)
    undeclared = {rule.rule for rule in app.url_map.iter_rules() if rule.endpoint not in declared}
    assert undeclared == OPEN_PAGES
    assert all(rule.endpoint.startswith(f"{PAGES}.") for rule in app.url_map.iter_rules() if rule.rule in OPEN_PAGES)


def test_only_these_are_open(routes: dict[str, Route]) -> None:
    assert {(route.method, route.rule) for route in routes.values() if route.permission == PUBLIC} == OPEN


def concrete(route: Route) -> str:
    parts = [
        ("7" if part.startswith("<int:") else "x") if part.startswith("<") else part for part in route.rule.split("/")
    ]
    return "/".join(parts)


def test_no_route_answers_without_the_token_of_the_run(local_window: Caller, routes: dict[str, Route]) -> None:
    stranger = Caller(local_window.client, {"Host": local_window.headers["Host"]})
    for route in routes.values():
        assert stranger.call(route.method, concrete(route)).status == 401, route.rule


def test_no_route_of_serve_answers_to_strangers(served: Caller, routes: dict[str, Route]) -> None:
    for route in routes.values():
        if route.permission != PUBLIC:
            answer = served.call(route.method, concrete(route), None if route.method == "GET" else {})
            assert answer.status in {401, 415}, route.rule
            assert answer.status == 401 or route.raw_body


def test_no_route_answers_to_a_person_without_its_right(
    served: Caller, sqlite_book: Book, routes: dict[str, Route]
) -> None:
    window = caller_on(sqlite_book)
    token = window.post("/api/tokens", {"scope": []}).json["token"]
    nobody = served.as_token(token)
    for route in routes.values():
        if not route.is_open:
            answer = nobody.call(route.method, concrete(route), None if route.method == "GET" else {})
            assert (answer.status, answer.code) == (403, "permission_denied"), route.rule


def test_reading_never_takes_a_body(routes: dict[str, Route]) -> None:
    assert [route.rule for route in routes.values() if route.method == "GET" and (route.body or route.raw_body)] == []


# --- the same code on both ---


def required_codes(root: Path) -> Iterator[tuple[str, Path]]:
    """Yield every code that `….require("code")` or `….may("code")` names outside the routes, with its file."""
    for path in root.rglob("*.py"):
        if path.name == "api.py" or path.relative_to(APP).parts[0] in {"ui", "client", "http"}:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in {"require", "may"}:
                for inner in (inner for argument in node.args for inner in ast.walk(argument)):
                    if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
                        yield inner.value, path


def test_rights_are_declared_required_and_routed(routes: dict[str, Route]) -> None:
    declared = {permission.code for permission in all_permissions()}
    required = {code for code, _ in required_codes(APP)}
    routed = {right for route in routes.values() if not route.is_open for right in route.rights}
    assert required <= declared
    assert routed <= declared
    # reads without an actor are guarded by their route alone, and reports require the code of their catalogue
    unrequired = {code for code in routed - required if not code.endswith(":view")}
    assert unrequired == set()
    # one's own tokens need no right; finishing beyond a limit needs a further one
    unrouted = {"identity:token:remove", "identity:token:view", "orders:credit-limit:ignore"}
    assert declared - routed - unrouted == set()


def test_every_code_has_the_shape_slice_thing_verb() -> None:
    for permission in all_permissions():
        parts = permission.code.split(":")
        assert len(parts) == 3
        assert all(parts)


def test_the_tree_of_rights_has_a_name_for_everything_in_it() -> None:
    """A right in words of its own code would be a riddle; two of one name could not be told apart."""
    codes = {permission.code for permission in all_permissions()}
    assert {code.partition(":")[0] for code in codes} == SLICES.keys()
    assert {code.rpartition(":")[0] for code in codes} == THINGS.keys()
    assert codes >= APART
    names = Counter(permission.name.source for permission in all_permissions())
    assert [name for name, count in names.items() if count > 1] == []


def handler_of_something_else(other: int) -> int:
    return other


def test_a_route_that_does_not_fit_its_handler_is_refused() -> None:
    from app.http.routes import Routes

    routes = Routes("wrong")
    with pytest.raises(TypeError, match="does not take"):
        routes.get("/api/x/<int:id>", permission=SIGNED_IN)(lambda: None)
    with pytest.raises(TypeError, match="does not give"):
        routes.get("/api/x", permission=SIGNED_IN)(handler_of_something_else)


def test_every_route_stands_in_the_documentation_with_its_right(routes: dict[str, Route]) -> None:
    rows = {
        (cells[1], cells[2].strip("`"), cells[3].strip("`"))
        for line in (APP.parent / "docs" / "api.md").read_text(encoding="utf-8").splitlines()
        if len(cells := [cell.strip() for cell in line.split("|")]) == 6
    }
    open_to = {PUBLIC: "open", SIGNED_IN: "logged in"}
    for route in routes.values():
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"<\1>", route.rule)
        assert (route.method, path, open_to.get(route.permission, route.permission)) in rows
