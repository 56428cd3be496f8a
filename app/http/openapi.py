"""The OpenAPI 3.1 document, made from the declared routes and the contract models the first time it is asked for."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from app.contract.base import ErrorBody
from app.http.decoding import RAW_TYPE
from app.http.encoding import JSON_TYPE
from app.http.errors import STATUS
from app.http.routes import PUBLIC, Route

REF = "#/components/schemas/{model}"
Schema = dict[str, Any]
_Refs = dict[Any, Schema]

_ERRORS = {
    400: "malformed",
    401: "not logged in",
    403: "no right to",
    404: "no such thing",
    405: "not this method",
    409: "conflict or stale",
    413: "too large",
    415: "not JSON",
    422: "broken rule",
    429: "too many tries",
    503: "database away, see Retry-After",
}
assert set(STATUS.values()) <= set(_ERRORS)  # noqa: S101


def make_document(routes: Iterable[Route], title: str, version: str) -> Schema:
    """Return the document for these routes as plain data."""
    listed = [route for route in routes if route.rule.startswith("/")]
    keys: list[tuple[type[BaseModel], JsonSchemaMode]] = [(ErrorBody, "serialization")]
    for route in listed:
        keys += [(model, "validation") for model in (route.body,) if model is not None]
        keys += [(model, "serialization") for model in _models(route.response)]
    refs, definitions = models_json_schema(list(dict.fromkeys(keys)), ref_template=REF)
    paths: Schema = {}
    for route in listed:
        path = "".join(_path_parts(route))
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, refs)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version},
        "paths": paths,
        "components": {
            "schemas": definitions.get("$defs", {}),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }


def _path_parts(route: Route) -> Iterable[str]:
    for part in route.rule.split("/"):
        if not part:
            continue
        yield "/" + ("{" + part.strip("<>").rpartition(":")[2] + "}" if part.startswith("<") else part)


def _operation(route: Route, refs: _Refs) -> Schema:
    lines = (inspect.getdoc(route.handler) or "").splitlines()
    operation: Schema = {
        "operationId": route.name.replace(".", "_"),
        "summary": lines[0] if lines else route.name,
        "tags": [route.tag],
        "parameters": [*_path_parameters(route), *_query_parameters(route)],
        "responses": _responses(route, refs),
        "x-permission": route.permission,
    }
    if route.permission == PUBLIC:
        operation["security"] = []
    if route.raw_body:
        operation["requestBody"] = {"required": True, "content": {RAW_TYPE: {}}}
    elif route.body is not None:
        required = any(field.is_required() for field in route.body.model_fields.values())
        schema = refs[route.body, "validation"]
        operation["requestBody"] = {"required": required, "content": {JSON_TYPE: {"schema": schema}}}
    return operation


def _path_parameters(route: Route) -> list[Schema]:
    found = []
    for part in route.rule.split("/"):
        if part.startswith("<"):
            kind, _, name = part.strip("<>").rpartition(":")
            schema: Schema = {"type": "string", "minLength": 1}
            if kind == "int":
                schema = {"type": "integer", "minimum": 0, "maximum": 2**63 - 1}
            found.append({"name": name, "in": "path", "required": True, "schema": schema})
    return found


def _query_parameters(route: Route) -> list[Schema]:
    if route.query is None:
        return []
    schema = route.query.model_json_schema(ref_template=REF)
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _without_null(property_)}
        for name, property_ in schema.get("properties", {}).items()
    ]


def _without_null(schema: Schema) -> Schema:
    """Return a query property's schema without null: what is left out of a query string is simply not there."""
    choices = [choice for choice in schema.get("anyOf", []) if choice.get("type") != "null"]
    if not choices:
        return schema
    rest = {name: value for name, value in schema.items() if name not in {"anyOf", "default"}}
    return {**rest, **choices[0]} if len(choices) == 1 else {**rest, "anyOf": choices}


def _responses(route: Route, refs: _Refs) -> Schema:
    answer: Schema = {"description": "done"}
    status = route.status
    if route.response is None:
        status = 204
    elif route.response is bytes:
        answer["content"] = {RAW_TYPE: {}}
    else:
        answer["content"] = {JSON_TYPE: {"schema": _answer_schema(route.response, refs)}}
    error = {JSON_TYPE: {"schema": refs[ErrorBody, "serialization"]}}
    responses: Schema = {str(status): answer}
    for code, description in _ERRORS.items():
        responses[str(code)] = {"description": description, "content": error}
    return responses


def _answer_schema(response: Any, refs: _Refs) -> Schema:
    if inspect.isclass(response) and issubclass(response, BaseModel):
        return refs[response, "serialization"]
    origin, arguments = typing.get_origin(response), typing.get_args(response)
    if origin is list:
        return {"type": "array", "items": _answer_schema(arguments[0], refs)}
    if origin in {typing.Union, types.UnionType}:
        return {"anyOf": [_answer_schema(argument, refs) for argument in arguments]}
    return {}


def _models(response: Any) -> list[type[BaseModel]]:
    if inspect.isclass(response) and issubclass(response, BaseModel):
        return [response]
    return [model for argument in typing.get_args(response) for model in _models(argument)]
