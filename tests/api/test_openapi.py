"""The API is what its own document says: described completely, and without a crash whatever comes in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
from schemathesis import GenerationMode
from schemathesis import openapi as schemathesis_openapi
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from app.http.openapi import make_document
from app.http.routes import routes_of
from app.storage.database import Book, open_database
from app.storage.migrate import migrate
from app.web.factory import create_app
from app.web.guard import DesktopGuard
from tests.calling import PORT, RUN_TOKEN, Caller, caller_on, set_up

EXAMPLES = 12
HOST = f"127.0.0.1:{PORT}"


def test_the_document_describes_every_route(local_window: Caller, sqlite_book: Book) -> None:
    document = local_window.get("/api/openapi.json").json
    assert document["openapi"].startswith("3.1")
    described = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    routes = routes_of(create_app(sqlite_book, DesktopGuard(PORT, RUN_TOKEN))).values()
    declared = {(route.method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route.rule)) for route in routes}
    assert described == declared
    assert all(operation["summary"] for methods in document["paths"].values() for operation in methods.values())


def test_every_reference_leads_somewhere(local_window: Caller) -> None:
    document = local_window.get("/api/openapi.json").json

    def references(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            if isinstance(value.get("$ref"), str):
                yield value["$ref"]
            for item in value.values():
                yield from references(item)
        elif isinstance(value, list):
            for item in value:
                yield from references(item)

    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert set(references(document)) <= known


# --- fuzzed from the document ---


@pytest.fixture(scope="module")
def fuzzed_book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    folder: Path = tmp_path_factory.mktemp("fuzzed")
    address = folder / "book.zhangfang"
    book = open_database(str(address))
    migrate(book)
    set_up(book)
    yield book
    book.close()


@pytest.fixture(scope="module")
def api_schema(fuzzed_book: Book) -> Any:
    caller = caller_on(fuzzed_book, own_application=True)
    document = caller.get("/api/openapi.json").json
    schema = schemathesis_openapi.from_dict(document)
    schema.app = caller.client.application
    return schema


def operations() -> list[tuple[str, str, GenerationMode]]:
    """Return every operation twice, for good input and for bad; those that take none have no bad input."""
    app = create_app(open_database("nowhere.zhangfang"), DesktopGuard(PORT, RUN_TOKEN))
    document = make_document(routes_of(app).values(), "", "")
    return [
        (method, path, mode)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        for mode in GenerationMode
        if mode is GenerationMode.POSITIVE or operation["parameters"] or "requestBody" in operation
    ]


@pytest.mark.parametrize(("method", "path", "mode"), operations())
def test_no_request_crashes_the_server(api_schema: Any, method: str, path: str, mode: GenerationMode) -> None:
    headers = {"Host": HOST, "Authorization": f"Bearer {RUN_TOKEN}"}

    @hypothesis.given(case=api_schema[path][method].as_strategy(generation_mode=mode))
    @hypothesis.settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    def send(case: schemathesis.Case[Any]) -> None:
        response = case.call(headers=headers, base_url=f"http://{HOST}")
        checks = [not_a_server_error, status_code_conformance, response_schema_conformance]
        case.validate_response(response, checks=checks, headers=headers)

    send()
