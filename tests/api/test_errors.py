"""One shape for every error, in the caller's language, and never with what was sent in it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.contract.base import ErrorBody
from app.http.errors import STATUS
from app.http.routes import PUBLIC, Routes
from app.kernel import errors
from app.kernel.errors import Category, ZhangfangError
from app.kernel.text import message
from app.storage.database import Book
from app.web.factory import create_app
from app.web.guard import DesktopGuard
from tests.calling import PORT, RUN_TOKEN, Caller


@pytest.mark.parametrize(
    ("method", "path", "options", "status"),
    [
        ("POST", "/api/users", {"json": {}}, 400),
        ("POST", "/api/users", {"data": b"{", "content_type": "application/json"}, 400),
        ("POST", "/api/users", {"data": b'{"name":"\\ud800","age":1}', "content_type": "application/json"}, 400),
        ("POST", "/api/users", {"data": b"\xff\xfe", "content_type": "application/json"}, 400),
        ("POST", "/api/users", {"json": [1]}, 400),
        ("POST", "/api/users", {"json": "text"}, 400),
        ("GET", "/api/users?limit=0", {}, 400),
        ("GET", "/api/users?limit=" + "9" * 30, {}, 400),
        ("GET", "/api/users?unknown=1", {}, 400),
        ("GET", "/api/users", {"headers": {"Authorization": "Bearer wrong"}}, 401),
        ("GET", "/api/users", {"headers": {"Host": "evil.example"}}, 403),
        ("GET", "/nowhere", {}, 404),
        ("GET", "/api/users/0", {}, 404),
        ("GET", "/api/users/" + "9" * 40, {}, 404),
        ("GET", "/api/users/-1", {}, 404),
        ("DELETE", "/api/users", {}, 405),
        ("OPTIONS", "/api/users", {}, 405),
        ("POST", "/api/users", {"data": b"x" * 9_000_000, "content_type": "application/json"}, 413),
        ("POST", "/api/users", {"data": b"{}", "content_type": "text/plain"}, 415),
        ("PATCH", "/api/users/1", {"json": {"version": 2**64 - 1}}, 400),
    ],
)
def test_every_refusal_has_the_one_shape(
    local_window: Caller, method: str, path: str, options: dict[str, Any], status: int
) -> None:
    answer = local_window.call(method, path, **options)
    assert answer.status == status
    body = ErrorBody.model_validate(answer.json)
    assert body.error
    assert body.code
    assert set(answer.json) == {"error", "code", "fields", "details"}


def test_each_category_has_its_status() -> None:
    assert {category.name: STATUS[category] for category in Category} == {
        "MALFORMED": 400,
        "UNAUTHENTICATED": 401,
        "FORBIDDEN": 403,
        "NOT_FOUND": 404,
        "CONFLICT": 409,
        "TOO_LARGE": 413,
        "BROKEN_RULE": 422,
        "TOO_MANY": 429,
        "UNAVAILABLE": 503,
    }


def app_that_raises(book: Book, error: Exception) -> Caller:
    app: Flask = create_app(book, DesktopGuard(PORT, RUN_TOKEN))
    routes = Routes("broken")

    @routes.get("/api/broken", permission=PUBLIC)
    def broken() -> None:
        """Raise."""
        raise error

    routes.mount(app)
    return Caller(app.test_client(), {"Host": f"127.0.0.1:{PORT}", "Authorization": f"Bearer {RUN_TOKEN}"})


@pytest.mark.parametrize("family", [*ZhangfangError.__subclasses__(), *errors.UserError.__subclasses__()])
def test_each_family_answers_with_its_status(local_window: Caller, sqlite_book: Book, family: Any) -> None:
    answer = app_that_raises(sqlite_book, family("some_code", message("请先登录。"))).get("/api/broken")
    assert (answer.status, answer.code) == (STATUS[family.category], "some_code")
    assert ("Retry-After" in answer.headers) == (answer.status in {429, 503})


def test_a_bug_is_logged_and_tells_nothing(
    local_window: Caller, sqlite_book: Book, caplog: pytest.LogCaptureFixture
) -> None:
    answer = app_that_raises(sqlite_book, ValueError("inner secret")).get("/api/broken")
    assert (answer.status, answer.code) == (500, "internal_error")
    assert b"inner" not in answer.data
    assert b"Traceback" not in answer.data
    assert "inner secret" in caplog.text


def test_errors_speak_the_callers_language(local_window: Caller) -> None:
    body = {"name": 1, "age": None}
    chinese = local_window.post("/api/users", body)
    english = local_window.post("/api/users", body, headers={"Accept-Language": "en-GB,en;q=0.8,zh;q=0.2"})
    assert chinese.json["fields"] == {"name": "这里应是文字。"}
    assert english.json["fields"] == {"name": "This should be text."}
    assert local_window.post("/api/users", body, headers={"Accept-Language": "fr"}).json == chinese.json


def test_what_was_sent_does_not_come_back(local_window: Caller, caplog: pytest.LogCaptureFixture) -> None:
    for body in ({"name": "x", "age": "hunter2-hunter2"}, {"name": "x", "age": 1, "password": ["hunter2-hunter2"]}):
        answer = local_window.post("/api/users", body)
        assert answer.status == 400
        assert b"hunter2" not in answer.data
    assert "hunter2" not in caplog.text


def test_a_database_that_is_away_answers_503(sqlite_book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.kernel.errors import EnvironmentFault

    away = EnvironmentFault("database_away", message("请先登录。"))

    def refuse(*_: object, **__: object) -> bool:
        raise away

    caller = app_that_raises(sqlite_book, away)
    monkeypatch.setattr(sqlite_book.database, "connect", refuse)
    answer = caller.get("/api/users")
    assert (answer.status, answer.code) == (503, "database_away")
    assert int(answer.headers["Retry-After"]) > 0
