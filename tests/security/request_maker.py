"""Makes requests out of an OpenAPI document and of what a book holds, good ones and spoilt ones."""

from __future__ import annotations

import json
import random
import re
import urllib.parse
import uuid
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.security.hostile import CONTENT_TYPES, HEADERS, HOSTILE, QUERIES, RAW_BODIES, TEXTS

Schema = dict[str, Any]

WHOLE = 0.35
"""How many requests are meant to be good as a whole."""


@dataclass
class Pool:
    """What the book holds: values by the name of their field, and ids by the path they are listed at."""

    values: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    ids: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    names: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    objects: dict[str, Schema] = field(default_factory=dict)
    """Things as they stand, by the address they are read at."""

    def learn(self, value: Any, path: str = "") -> None:
        """Remember the fields of an answer."""
        if isinstance(value, dict):
            for name, item in value.items():
                if isinstance(item, (str, int)) and not isinstance(item, bool):
                    _remember(self.values[name], item)
                    if name == "id" and isinstance(item, int) and path:
                        _remember(self.ids[path], item)
                    if name == "name" and isinstance(item, str) and path:
                        _remember(self.names[path], item)
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
        self.careful = False
        """Whether the request under way is meant to be good."""
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
        self.careful = whole
        parameters = operation["parameters"]
        headers: dict[str, str] = {}
        body: bytes | None = None
        content = operation.get("requestBody", {}).get("content", {})
        path = self._path(rule, parameters, whole=whole)
        if "application/json" in content:
            headers["Content-Type"] = "application/json"
            body = self._json_body(content["application/json"]["schema"], path, whole=whole)
        elif content:
            headers["Content-Type"] = "application/octet-stream"
            body = self.random.choice((b"x", b"", b"%PDF-1.7 x", b"\0" * 1000))
        if not whole:
            body = self._spoil(headers, body)
        return {
            "method": method,
            "rule": rule,
            "path": path,
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
            named = self.pool.names[base] if name == "name" else self.pool.values[_singular(name)]
            held: list[Any] = list(self.pool.ids[base] if kinds[name] == "integer" else named)
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

    def _json_body(self, schema: Schema, path: str, *, whole: bool) -> bytes:
        value = self._as_it_stands(schema, path) if self.random.random() < 0.7 else self.good(schema, "")
        if not whole:
            for _ in range(self.random.randrange(1, 3)):
                value = self._mutate(value)
        return json.dumps(value, ensure_ascii=self.random.random() < 0.5).encode("utf-8", "surrogatepass")

    def _as_it_stands(self, schema: Schema, path: str) -> Any:
        """Return the thing at an address, or one like those below it, as a body with a field changed."""
        below = [place for place in self.pool.objects if place.startswith(f"{path}/")]
        place = path if path in self.pool.objects or not below else self.random.choice(below)
        found = self.pool.objects.get(place) or self.pool.objects.get(path.rpartition("/")[0])
        if found is None:
            return self.good(schema, "")
        value = self._fit(schema, found)
        changed = self.good(schema, "")
        if changed and self.random.random() < 0.7:
            name = self.random.choice(list(changed))
            value[name] = changed[name]
        return value

    def _fit(self, schema: Schema, value: Any) -> Any:
        """Return as much of a value as a schema takes."""
        if "$ref" in schema:
            return self._fit(self.schemas[schema["$ref"].rpartition("/")[2]], value)
        if isinstance(value, dict):
            known = schema.get("properties", {})
            return {name: self._fit(known[name], item) for name, item in value.items() if name in known}
        if isinstance(value, list):
            return [self._fit(schema.get("items", {}), item) for item in value[:20]]
        return value

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
        if schema.get("minLength") == 36:
            return str(uuid.UUID(int=self.random.getrandbits(128)))
        known = [one for one in self.pool.values[_singular(name)] if isinstance(one, str)]
        if known and self.random.random() < 0.75:
            return self.random.choice(known)
        if "date" in name or name in {"from", "to"}:
            return self.random.choice(("2026-06-05", "2026-06-30", "2026-07-01", "2026-06", "2027-01-31"))
        if "period" in name:
            return self.random.choice(("2026-06", "2026-07", "2026-12", "2027-01"))
        if self.careful or self.random.random() < 0.4:
            return self.random.choice(("1", "5", "100", "12.50", "0", "-3", "0.13", ""))
        return self.random.choice(TEXTS)[: schema.get("maxLength", 300)]


def _singular(name: str) -> str:
    """Return what one of `ids`, and what an `item_id`, is called where it is listed."""
    if name in {"upload_id", "step"}:
        return {"step": "key"}.get(name, name)
    return "id" if name in {"ids", "source_ids", "roles"} or name.endswith("_id") else name
