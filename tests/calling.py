"""Calling the application in-process, as the window or another program would."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from app.identity.actor import Actor
from app.identity.service.opening import ensure_owner
from app.ledger.service.book import set_up_ledger
from app.storage.database import Book, open_database
from app.web.factory import create_app
from app.web.further_book import BOOK_KEY
from app.web.guard import DesktopGuard
from app.web.limits import Limits, Rate
from app.web.opening import prepare
from app.web.serving import Serving, application_for
from tests.patterns import begin_with

PORT = 5555
RUN_TOKEN = "run-token-of-the-tests"
GENEROUS = Limits(strangers=Rate(10**6, 10**6), people=Rate(10**6, 10**6), at_once=1000)
"""For tests that ask more in a second than anybody who works."""
OWNER_PASSWORD = "owner-secret-1"


@dataclass
class Answer:
    """What came back."""

    status: int
    json: Any
    headers: dict[str, str]
    data: bytes

    @property
    def code(self) -> str:
        """Return the error's code."""
        return str(self.json["code"])


@dataclass
class Caller:
    """Sends calls with the headers of one kind of caller."""

    client: FlaskClient
    headers: dict[str, str] = field(default_factory=dict)

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> Answer:
        """Send a call; `body` as JSON."""
        headers = {**self.headers, **options.pop("headers", {})}
        if body is not None:
            options["json"] = body
        response = self.client.open(path, method=method, headers=headers, **options)
        return Answer(response.status_code, response.get_json(silent=True), dict(response.headers), response.data)

    def get(self, path: str, **options: Any) -> Answer:
        """Read."""
        return self.call("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> Answer:
        """Add."""
        return self.call("POST", path, body, **options)

    def patch(self, path: str, body: Any = None, **options: Any) -> Answer:
        """Change."""
        return self.call("PATCH", path, body, **options)

    def put(self, path: str, body: Any = None, **options: Any) -> Answer:
        """Replace."""
        return self.call("PUT", path, body, **options)

    def delete(self, path: str, **options: Any) -> Answer:
        """Delete."""
        return self.call("DELETE", path, **options)

    def as_session(self, token: str) -> Caller:
        """Return a caller who is logged in with this session."""
        return Caller(self.client, {**self.headers, "X-Zhangfang-Session": token})

    def as_token(self, token: str) -> Caller:
        """Return another program that has this API token."""
        return Caller(self.client, {"Authorization": f"Bearer {token}"})

    def log_in(self, login_name: str, password: str) -> Caller:
        """Log in; the test fails when that is refused."""
        answer = self.post("/api/login", {"login_name": login_name, "password": password})
        assert answer.status == 200, answer.json
        return self.as_session(answer.json["token"])


def set_up(book: Book, *, vat: str = "general") -> Actor:
    """Give a migrated, empty book its owner, rights and chart of accounts; return the owner."""

    def make() -> None:
        ensure_owner("掌柜")
        prepare()
        set_up_ledger(name="测试账", chart="small_enterprise_2013", start_period=202606, vat=vat)

    with book.session():
        begin_with(book, ("called", vat), make)
        return ensure_owner()


def caller_on(book: Book, *, serve: bool = False, own_application: bool = False) -> Caller:
    """Return the window of a book, or with `serve` a program over the network that has not said who it is.

    With `own_application` the caller's application has this book alone, for tests that take it elsewhere.
    """
    if serve:
        return Caller(application_for(book, Serving(limits=GENEROUS)).test_client())
    if own_application:
        client = create_app(book, DesktopGuard(PORT, RUN_TOKEN)).test_client()
    else:
        client = _application_for_all().test_client()
        with_book: dict[str, Any] = {**client.environ_base, BOOK_KEY: book}
        client.environ_base = with_book
    return Caller(client, {"Host": f"127.0.0.1:{PORT}", "Authorization": f"Bearer {RUN_TOKEN}"})


@cache
def _application_for_all() -> Flask:
    """Return the one application for all books, which come with the requests: mounting all routes takes a while."""
    return create_app(open_database("never-opened.zhangfang"), DesktopGuard(PORT, RUN_TOKEN))


def give_owner_login(window: Caller, login_name: str = "boss", password: str = OWNER_PASSWORD) -> None:
    """Let the owner of a book without logins log in from now on."""
    owner = window.get("/api/session").json["user"]
    assert window.patch(f"/api/users/{owner['id']}", {"login_name": login_name}).status == 200
    assert window.post("/api/session/password", {"new_password": password}).status == 200


def add_person(caller: Caller, name: str, roles: list[int] | None = None, **more: Any) -> dict[str, Any]:
    """Add a person who can log in with `<name>-secret` and need not change it."""
    body = {
        "name": name,
        "age": None,
        "login_name": name,
        "password": f"{name}-secret",
        "must_change_password": False,
        "roles": roles or [],
    }
    answer = caller.post("/api/users", body | more)
    assert answer.status == 201, answer.json
    user: dict[str, Any] = answer.json["user"]
    return user


def firm_file(path: Path, empty_file: Path, *names: str) -> Path:
    """Make a closed book whose owner can log in, and people of these names."""
    shutil.copyfile(empty_file, path)
    book = open_database(str(path))
    set_up(book)
    window = caller_on(book)
    give_owner_login(window)
    for name in names:
        add_person(window.log_in("boss", OWNER_PASSWORD), name)
    book.close()
    return path


def add_role(caller: Caller, name: str, permissions: list[str]) -> int:
    """Add a role and return its id."""
    answer = caller.post("/api/roles", {"name": name, "permissions": permissions})
    assert answer.status == 201, answer.json
    return int(answer.json["id"])
