"""Requests made up from the program's own OpenAPI document and from what a filled book holds.

Half of a request is usually good (ids that exist, codes that are known), so that the bad half reaches the rules and not
only the door. `fuzz_campaign.py` does this for as long as wanted.
"""

from __future__ import annotations

import json
import logging
import random
import re
import time
import traceback
import urllib.parse
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient

from app.contract.identity import ApiTokenInput
from app.identity.queries.people import owner_actor
from app.identity.service.tokens import create_token
from app.reports.doctor.proof import prove_book
from app.storage.database import Book
from tests.calling import caller_on
from tests.security.hostile import CONTENT_TYPES, HEADERS, HOSTILE, QUERIES, RAW_BODIES, TEXTS

Schema = dict[str, Any]

WHOLE = 0.35
"""How many requests are meant to be good as a whole."""


@dataclass
class Finding:
    """A request that was answered in a way no request may be."""

    what: str
    request: dict[str, Any]
    trace: str = ""

    @property
    def key(self) -> str:
        """Return what tells this finding from others of another cause."""
        return f"{self.what} {self.request['rule']} {self.trace.strip().splitlines()[-1][:150] if self.trace else ''}"


class CaughtErrors(logging.Handler):
    """Collects what the program logs as errors: bugs in requests, and in jobs that run behind them."""

    def __init__(self) -> None:
        """Start empty."""
        super().__init__(logging.ERROR)
        self.traces: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep an error's traceback."""
        error = record.exc_info[1] if record.exc_info else None
        trace = "".join(traceback.format_exception(error)) if error else ""
        self.traces.append(trace or record.getMessage())


@dataclass
class Pool:
    """What the book holds: values by the name of their field, and ids by the path they are listed at."""

    values: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    ids: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def learn(self, value: Any, path: str = "") -> None:
        """Remember the fields of an answer."""
        if isinstance(value, dict):
            for name, item in value.items():
                if isinstance(item, (str, int)) and not isinstance(item, bool):
                    _remember(self.values[name], item)
                    if name == "id" and isinstance(item, int) and path:
                        _remember(self.ids[path], item)
                else:
                    self.learn(item, path)
        elif isinstance(value, list):
            for item in value[:50]:
                self.learn(item, path)


def _remember(known: list[Any], value: Any) -> None:
    if value not in known:
        known.append(value)
        if len(known) > 40:
            known.pop(0)


class RequestMaker:
    """Makes requests for the operations of an OpenAPI document."""

    def __init__(self, document: Schema, seed: int, whole: float = WHOLE) -> None:
        """Take the document; the same seed makes the same requests. `whole`: which part is meant to be good."""
        self.random = random.Random(seed)
        self.whole = whole
        self.schemas: dict[str, Schema] = document["components"]["schemas"]
        self.pool = Pool()
        self.operations = [
            (method.upper(), path, operation)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
        ]

    def make(self) -> dict[str, Any]:
        """Return a request for any operation."""
        return self.request(*self.random.choice(self.operations), whole=self.random.random() < self.whole)

    def request(self, method: str, rule: str, operation: Schema, *, whole: bool) -> dict[str, Any]:
        """Return a request, good as a `whole` or not: method, rule, path, query, headers, body."""
        parameters = operation["parameters"]
        headers: dict[str, str] = {}
        body: bytes | None = None
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" in content:
            headers["Content-Type"] = "application/json"
            body = self._json_body(content["application/json"]["schema"], whole=whole)
        elif content:
            headers["Content-Type"] = "application/octet-stream"
            body = self.random.choice((b"x", b"", b"%PDF-1.7 x", b"\0" * 1000))
        if not whole:
            body = self._spoil(headers, body)
        return {
            "method": method,
            "rule": rule,
            "path": self._path(rule, parameters, whole=whole),
            "query": self._query(parameters, whole=whole),
            "headers": headers,
            "body": body,
        }

    def _spoil(self, headers: dict[str, str], body: bytes | None) -> bytes | None:
        chance = self.random.random()
        if chance < 0.1:
            headers.setdefault("Content-Type", "application/json")
            return self.random.choice(RAW_BODIES)
        if chance < 0.15:
            headers["Content-Type"] = self.random.choice(CONTENT_TYPES)
        elif chance < 0.25:
            headers.update(self.random.choice(HEADERS))
        elif chance < 0.3 and body:
            place = self.random.randrange(len(body))
            return body[:place] + bytes([self.random.randrange(256)]) + body[place + 1 :]
        return body

    def _path(self, rule: str, parameters: list[Schema], *, whole: bool) -> str:
        kinds = {one["name"]: one["schema"]["type"] for one in parameters if one["in"] == "path"}

        def place(found: re.Match[str]) -> str:
            name, base = found[1], rule[: found.start()].rstrip("/")
            if not whole and self.random.random() < 0.25:
                return urllib.parse.quote(str(self.random.choice(HOSTILE)), safe="", errors="surrogatepass")
            held = self.pool.ids[base] if kinds[name] == "integer" else self.pool.values[_singular(name)]
            known = [value for value in held if value != ""]
            if known and self.random.random() < 0.9:
                return urllib.parse.quote(str(self.random.choice(known)), safe="", errors="replace")
            return str(self.random.randrange(1, 12))

        return re.sub(r"{(\w+)}", place, rule)

    def _query(self, parameters: list[Schema], *, whole: bool) -> str:
        pairs: list[tuple[str, str]] = []
        for one in parameters:
            if one["in"] != "query" or (not one["required"] and self.random.random() < 0.5):
                continue
            hostile = not whole and self.random.random() < 0.4
            value = self.random.choice(HOSTILE) if hostile else self.good(one["schema"], one["name"])
            pairs.append((one["name"], str(value).lower() if isinstance(value, bool) else str(value)))
        if not whole and self.random.random() < 0.1:
            pairs.append(self.random.choice(QUERIES))
        if not whole and pairs and self.random.random() < 0.1:
            pairs += pairs
        return urllib.parse.urlencode(pairs, errors="surrogatepass")

    def _json_body(self, schema: Schema, *, whole: bool) -> bytes:
        value = self.good(schema, "")
        if not whole:
            for _ in range(self.random.randrange(1, 3)):
                value = self._mutate(value)
        return json.dumps(value, ensure_ascii=self.random.random() < 0.5).encode("utf-8", "surrogatepass")

    def _mutate(self, value: Any) -> Any:
        """Spoil one place somewhere in a value."""
        if isinstance(value, dict) and value and self.random.random() < 0.9:
            name = self.random.choice(list(value))
            chance = self.random.random()
            if chance < 0.1:
                return {key: item for key, item in value.items() if key != name}
            if chance < 0.15:
                return value | {self.random.choice(TEXTS)[:200]: self.random.choice(HOSTILE)}
            return value | {name: self._mutate(value[name])}
        if isinstance(value, list) and value and self.random.random() < 0.9:
            place = self.random.randrange(len(value))
            if self.random.random() < 0.1:
                return value * self.random.choice((2, 50))
            return [*value[:place], self._mutate(value[place]), *value[place + 1 :]]
        return self.random.choice(HOSTILE)

    def good(self, schema: Schema, name: str, depth: int = 0) -> Any:
        """Return a value the schema allows, from what the book holds where it holds such a field."""
        if "$ref" in schema:
            return self.good(self.schemas[schema["$ref"].rpartition("/")[2]], name, depth)
        if "anyOf" in schema:
            return self.good(self.random.choice(schema["anyOf"]), name, depth)
        if "enum" in schema or "const" in schema:
            return self.random.choice(schema.get("enum") or [schema["const"]])
        makers: dict[str, Callable[[Schema, str, int], Any]] = {
            "object": self._object,
            "array": self._array,
            "integer": self._integer,
            "string": self._text,
        }
        kind = schema.get("type", "null")
        if kind == "boolean":
            return self.random.random() < 0.5
        if kind == "number":
            return self.random.choice((0.5, 1, -3))
        return makers[kind](schema, name, depth) if kind in makers else None

    def _object(self, schema: Schema, _name: str, depth: int) -> Any:
        required = schema.get("required", [])
        chance = 0.5 if depth < 2 else 0.2
        return {
            key: self.good(item, key, depth + 1)
            for key, item in schema.get("properties", {}).items()
            if key in required or self.random.random() < chance
        }

    def _array(self, schema: Schema, name: str, depth: int) -> Any:
        count = max(schema.get("minItems", 0), self.random.choice((0, 1, 1, 2, 3)))
        return [self.good(schema.get("items", {}), _singular(name), depth + 1) for _ in range(count)]

    def _integer(self, schema: Schema, name: str, _depth: int) -> Any:
        known = [one for one in self.pool.values[_singular(name)] if isinstance(one, int)]
        if known and self.random.random() < 0.7:
            return self.random.choice(known)
        least = schema.get("minimum", 0)
        return self.random.randrange(least, min(schema.get("maximum", 20), least + 20) + 1)

    def _text(self, schema: Schema, name: str, _depth: int) -> Any:
        if name == "request_id":
            return str(uuid.UUID(int=self.random.getrandbits(128)))
        known = [one for one in self.pool.values[_singular(name)] if isinstance(one, str)]
        if known and self.random.random() < 0.75:
            return self.random.choice(known)
        if "date" in name or name in {"from", "to"}:
            return self.random.choice(("2026-06-05", "2026-06-30", "2026-07-01", "2026-06", "2027-01-31"))
        if "period" in name:
            return self.random.choice(("2026-06", "2026-07", "2026-12", "2027-01"))
        if self.random.random() < 0.4:
            return self.random.choice(("1", "5", "100", "12.50", "0", "-3", "0.13"))
        return self.random.choice(TEXTS)[: schema.get("maxLength", 300)]


def _singular(name: str) -> str:
    """Return what one of `ids`, and what an `item_id`, is called where it is listed."""
    if name == "upload_id":
        return name
    return "id" if name in {"ids", "source_ids", "roles"} or name.endswith("_id") else name


class Fuzzer:
    """Sends made-up requests to an application as somebody with all rights, and keeps what must not be."""

    def __init__(
        self, client: FlaskClient, headers: Callable[[], dict[str, str]], seed: int = 0, whole: float = WHOLE
    ) -> None:
        """Take a client and what makes the headers of somebody who has every right, anew when he lost them."""
        self.client = client
        self.new_headers = headers
        self.headers = headers()
        self.maker = RequestMaker(client.get("/api/openapi.json", headers=self.headers).get_json(), seed, whole)
        self.findings: dict[str, Finding] = {}
        self.statuses: Counter[int] = Counter()
        self.slowest: list[tuple[float, str]] = []
        self.log = CaughtErrors()

    def learn(self) -> None:
        """Read every list the book has."""
        for method, path, _ in self.maker.operations:
            if method == "GET" and "{" not in path and path != "/api/openapi.json":
                answer = self.client.get(path, headers=self.headers)
                if answer.is_json:
                    self.maker.pool.learn(answer.get_json(), path)

    def run(self, count: int) -> None:
        """Send so many requests."""
        logging.getLogger().addHandler(self.log)
        try:
            self.learn()
            for number in range(count):
                if number % 2000 == 1999:
                    self.learn()
                self.send(self.maker.make())
        finally:
            logging.getLogger().removeHandler(self.log)

    def send(self, request: dict[str, Any]) -> None:
        """Send one request and look at the answer."""
        began = time.monotonic()
        address = request["path"] + (f"?{request['query']}" if request["query"] else "")
        try:
            answer = self.client.open(
                address, method=request["method"], headers=self.headers | request["headers"], data=request["body"]
            )
            status, data, kind = answer.status_code, answer.get_data(), answer.mimetype or ""
        except Exception as error:  # noqa: BLE001 - whatever leaves the application is what is looked for
            status, data, kind = 500, b"", "".join(traceback.format_exception(error))
            self.log.traces.append(kind)
        self.statuses[status] += 1
        self.slowest = sorted([*self.slowest, (time.monotonic() - began, f"{request['method']} {address[:200]}")])[-5:]
        if status in {401, 403}:
            self.headers = self.new_headers()
        if b'"book_moved"' in data or b'"book_moving"' in data:
            self.client.delete("/api/book/move", headers=self.headers)
        problem = _problem(status, data, kind)
        traces, self.log.traces = self.log.traces, []
        for trace in traces or ([""] if problem else []):
            found = Finding(problem or "logged as an error", request, trace)
            self.findings.setdefault(found.key, found)
        if status < 300 and kind == "application/json" and request["method"] != "GET":
            self.maker.pool.learn(json.loads(data or b"null"), request["path"])


def _problem(status: int, data: bytes, kind: str) -> str:
    if status >= 500 and status != 503:
        return str(status)
    if status >= 400:
        try:
            shaped = kind == "application/json" and set(json.loads(data)) == {"error", "code", "fields", "details"}
        except ValueError:
            shaped = False
        if not shaped:
            return f"{status} in another shape"
        if b"Traceback" in data or b"Error(" in data or b"SELECT " in data:
            return f"{status} tells too much"
    return ""


def fuzz(book: Book, seed: int, count: int, *, whole: float = WHOLE, at_once: int = 1) -> Fuzzer:
    """Send so many requests to the served copy of a filled book, prove the book, and return what was found.

    With `at_once` several callers share them, each with requests of his own.
    """
    site = caller_on(book, serve=True).client.application
    callers = [
        Fuzzer(site.test_client(use_cookies=False), lambda: owner_headers(book), seed * 100 + number, whole)
        for number in range(at_once)
    ]
    with ThreadPoolExecutor(at_once) as pool:
        for done in [pool.submit(caller.run, count // at_once) for caller in callers]:
            done.result()
    found = callers[0]
    for caller in callers[1:]:
        found.findings |= caller.findings
        found.statuses += caller.statuses
        found.slowest = sorted(found.slowest + caller.slowest)[-5:]
    with book.session():
        proof = prove_book()
    for finding in proof.findings:
        found.findings[f"verify {finding}"] = Finding(f"verify: {finding}", {"rule": "", "seed": seed})
    return found


def owner_headers(book: Book) -> dict[str, str]:
    """Return the headers of a new token with all the rights of the book's first owner."""
    with book.session():
        owner = owner_actor()
        if owner is None:
            raise RuntimeError("the book has lost its owners")
        return {"Authorization": f"Bearer {create_token(owner, ApiTokenInput()).token}"}
