"""Routes with their right: what a slice's `api.py` declares, and how a declared route is carried out.

    routes = Routes("ledger")

    @routes.post("/api/vouchers/<int:id>/post", permission="ledger:voucher:post", body=Change, response=Voucher)
    def post(actor: Actor, id: int, body: Change) -> Voucher:
        return service.vouchers.post_voucher(actor, id, body.version)

A handler takes what it names: `actor`, the path's values, `query`, `body`. It returns the contract model (or list, or a
ready Flask response for files). It holds no rule and no try/except.
"""

from __future__ import annotations

import hashlib
import inspect
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Final, TypeVar

import orjson
from flask import Flask, Response, request
from pydantic import BaseModel
from werkzeug.routing import IntegerConverter, Rule

from app.http.caller import actor_or_none, current_actor
from app.http.decoding import MAX_JSON_BYTES, MAX_PART_BYTES, read_body, read_query, read_raw_body
from app.http.encoding import JSON_TYPE, encode_json, json_response
from app.http.idempotency import run_once
from app.kernel.ids import is_request_id

Handler = TypeVar("Handler", bound=Callable[..., Any])

PUBLIC: Final = "(public)"
"""Marks the few routes anybody may call who reaches the program; the actor may be `None`."""
SIGNED_IN: Final = "(signed in)"
"""Marks routes everybody who is logged in may call, on himself."""

ANY_OF: Final = " or "
"""Stands between the rights of a route that serves several sides: `orders:sales:view or orders:purchase:view`."""

_PLACE = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True, slots=True)
class Route:
    """One declared route: what the guard, the OpenAPI document and the tests read."""

    name: str
    method: str
    rule: str
    permission: str
    handler: Callable[..., Any]
    takes: frozenset[str]
    """What the handler names of the actor, the path's values, the query and the body."""
    response: Any
    query: type[BaseModel] | None
    body: type[BaseModel] | None
    raw_body: bool
    status: int
    secret_answer: bool
    tag: str

    @property
    def is_open(self) -> bool:
        """Tell whether the route needs no right of its own."""
        return self.permission in {PUBLIC, SIGNED_IN}

    @property
    def rights(self) -> tuple[str, ...]:
        """Return the rights of which one lets a person in; the service then asks for the one the thing itself needs."""
        return tuple(self.permission.split(ANY_OF))

    @property
    def places(self) -> list[str]:
        """Return the names of the values in the path."""
        return _PLACE.findall(self.rule)

    @property
    def max_body_bytes(self) -> int:
        """Return how large a body may be."""
        return MAX_PART_BYTES if self.raw_body else MAX_JSON_BYTES


class ReadRule(Rule):
    """A rule that calls are matched with; what writes addresses from it is compiled when that is asked for.

    Nothing here asks, and for all routes together it would take as long as a tenth of a start. What a rule's text says
    is read once in a process, for it is the same in each of its applications.
    """

    _read: ClassVar[dict[tuple[str, str | None, bool | None], tuple[Any, ...]]] = {}

    def compile(self) -> None:
        """Take what the same text said before, else read it."""
        key = (self.rule, self.subdomain, self.merge_slashes)
        if key not in self._read:
            super().compile()
            self._read[key] = (self._parts, self._trace, self._converters, frozenset(self.arguments))
            return
        self._parts, self._trace, self._converters, named = self._read[key]
        self.arguments |= named
        self._build = self._compile_builder(append_unknown=False).__get__(self)
        self._build_unknown = self._compile_builder().__get__(self)

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compiled: list[Callable[..., tuple[str, str]]] = []

        def build(rule: Rule, *values: Any, **named: Any) -> tuple[str, str]:
            if not compiled:
                compiled.append(super(ReadRule, self)._compile_builder(append_unknown))
            return compiled[0](rule, *values, **named)

        return build


class IdConverter(IntegerConverter):
    """`<int:id>`: a number the databases can hold; others match no path."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Bound the number, as every id column does."""
        kwargs.setdefault("max", 2**63 - 1)
        super().__init__(*args, **kwargs)


class Routes:
    """The routes one slice declares; `mount` puts them into an application."""

    def __init__(self, name: str) -> None:
        """Start an empty list; `name` groups the routes in the OpenAPI document."""
        self.name = name
        self.routes: list[Route] = []

    def get(self, rule: str, **options: Any) -> Callable[[Handler], Handler]:
        """Declare a read; see `add` for the options."""
        return self.add("GET", rule, **options)

    def post(self, rule: str, **options: Any) -> Callable[[Handler], Handler]:
        """Declare a POST; with `request_id` in the body it is carried out once."""
        return self.add("POST", rule, **options)

    def put(self, rule: str, **options: Any) -> Callable[[Handler], Handler]:
        """Declare a replacement; with `request_id` in the body it is carried out once."""
        return self.add("PUT", rule, **options)

    def patch(self, rule: str, **options: Any) -> Callable[[Handler], Handler]:
        """Declare a change of some fields; with `request_id` in the body it is carried out once."""
        return self.add("PATCH", rule, **options)

    def delete(self, rule: str, **options: Any) -> Callable[[Handler], Handler]:
        """Declare a deletion."""
        return self.add("DELETE", rule, **options)

    def add(  # noqa: PLR0913 - a declaration, always with names
        self,
        method: str,
        rule: str,
        *,
        permission: str,
        response: Any = None,
        query: type[BaseModel] | None = None,
        body: type[BaseModel] | None = None,
        raw_body: bool = False,
        status: int = 200,
        secret_answer: bool = False,
    ) -> Callable[[Handler], Handler]:
        """Declare a route.

        `response` is the contract model (or `list[Model]`) that is answered with `status`; `None` answers 204, and
        `bytes` or `dict` say that the handler returns a ready Flask response. `raw_body` hands the body over as bytes.
        A `secret_answer` is never kept for a repetition.
        """

        def declare(handler: Handler) -> Handler:
            wanted = set(_PLACE.findall(rule))
            named = frozenset(inspect.signature(handler).parameters)
            if unknown := named - wanted - {"actor", "query", "body"}:
                raise TypeError(f"{rule}: the handler names {sorted(unknown)}, which the route does not give")
            if missing := wanted - named:
                raise TypeError(f"{rule}: the handler does not take {sorted(missing)}")
            name = f"{self.name}.{handler.__name__}"
            if any(route.name == name for route in self.routes):
                raise TypeError(f"{name} is declared twice")
            self.routes.append(
                Route(
                    name=name,
                    method=method,
                    rule=rule,
                    permission=permission,
                    handler=handler,
                    takes=named,
                    response=response,
                    query=query,
                    body=body,
                    raw_body=raw_body,
                    status=status,
                    secret_answer=secret_answer,
                    tag=self.name,
                )
            )
            return handler

        return declare

    def mount(self, app: Flask) -> None:
        """Put the routes into an application; `route_of` finds them there."""
        table: dict[str, Route] = app.extensions.setdefault("zhangfang_routes", {})
        for route in self.routes:
            endpoint = route.name.replace(".", ":")
            table[endpoint] = route
            app.add_url_rule(
                route.rule, endpoint, _view(route), methods=[route.method], provide_automatic_options=False
            )


def routes_of(app: Flask) -> dict[str, Route]:
    """Return every mounted route by endpoint."""
    table: dict[str, Route] = app.extensions.get("zhangfang_routes", {})
    return table


def _view(route: Route) -> Callable[..., Response]:
    def view(**values: Any) -> Response:
        actor = actor_or_none() if route.permission == PUBLIC else current_actor()
        if actor is not None and not route.is_open and not any(actor.may(right) for right in route.rights):
            actor.require(route.rights[0])
        if "actor" in route.takes:
            values["actor"] = actor
        if route.query is not None:
            query = read_query(route.query)
            if "query" in route.takes:
                values["query"] = query
        body = None
        if route.raw_body:
            values["body"] = read_raw_body(route.max_body_bytes)
        elif route.body is not None:
            body = read_body(route.body)
            if "body" in route.takes:
                values["body"] = body
        request_id = getattr(body, "request_id", None)
        if request_id is None or actor is None:
            return _answer(route, route.handler(**values))
        return _answer_once(route, request_id, actor.user_id, values)

    view.__name__ = route.handler.__name__
    view.__doc__ = route.handler.__doc__
    return view


def _answer(route: Route, result: Any) -> Response:
    if isinstance(result, Response):
        return result
    if route.response is None:
        return Response(status=204)
    return json_response(result, route.status)


def _answer_once(route: Route, request_id: str, user_id: int, values: dict[str, Any]) -> Response:
    content = orjson.dumps([request.method, request.path]) + _canonical(request.get_data())
    if request.method != "POST":
        request_id = _id_of_change(request_id, content)

    def work() -> tuple[int, bytes]:
        result = route.handler(**values)
        return (204, b"") if route.response is None else (route.status, encode_json(result))

    status, answer = run_once(request_id, user_id, content, work, keep_answer=not route.secret_answer)
    return Response(answer, status=status, mimetype=JSON_TYPE if answer else None)


def _id_of_change(request_id: str, content: bytes) -> str:
    """Return what a change is kept under: its id together with what it says.

    Programs send back the body a thing was made with, `request_id` and all, for one change after another: those are
    different requests, and `version` keeps them apart.
    """
    if not is_request_id(request_id):  # refused, then
        return request_id
    return str(uuid.uuid5(uuid.UUID(request_id), hashlib.sha256(content).hexdigest()))


def _canonical(data: bytes) -> bytes:
    """Return a JSON body with sorted keys: a client that encodes anew on retry still sends the same content.

    Passwords stay out, for a quick hash over one would undo its slow hash.
    """
    value = orjson.loads(data) if data else {}
    return orjson.dumps(value | {"password": ""} if "password" in value else value, option=orjson.OPT_SORT_KEYS)
