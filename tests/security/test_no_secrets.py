"""No secret in any log: a whole day's logins, tokens and accidents, then every place they could have got into."""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.identity.service import people
from app.kernel.errors import MalformedInput
from app.logs import start_logs, stop_logs
from app.storage.address import parse_address
from app.storage.database import Book, fetch_all
from tests.calling import Caller, add_person, caller_on, give_owner_login, set_up
from tests.mariadb import PASSWORD
from tests.security.sites import JSON, Site, served_site

SECRETS = {
    "owner": "owner-pass-7Qx!",
    "wrong": "wrong-guess-8Wy!",
    "first": "first-pass-9Ez!",
    "chosen": "chosen-pass-1Ra!",
    "reset": "reset-pass-2Tb!",
    "uploaded": "uploaded-body-3Yc",
    "form": "form-guess-4Ud!",
    "nowhere": "nowhere-5If!",
}
"""Typed or sent in the course of the scenario; tokens and sessions it is given are added to them."""


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    """The program's log at its most talkative."""
    path = start_logs(tmp_path / "logs", logging.DEBUG)
    yield path
    stop_logs()
    logging.getLogger().setLevel(logging.WARNING)


@contextlib.contextmanager
def broken() -> Iterator[None]:
    """Let the program have a bug where people are added."""

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a bug")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(people, "add_user", fail)
        yield


def live(caller: Caller) -> tuple[set[str], list[bytes]]:
    """Log in, mistype, change and reset passwords, use tokens, crash; return the secrets and all error answers."""
    secrets = set(SECRETS.values())
    errors: list[bytes] = []

    def call(who: Caller, method: str, path: str, body: Any = None, **options: Any) -> Any:
        answer = who.call(method, path, body, **options)
        if answer.status >= 400:
            errors.append(answer.data)
        return answer.json

    def login(name: str, password: str) -> Caller:
        made = call(caller, "POST", "/api/login", {"login_name": name, "password": password})
        if "token" not in made:
            return caller
        secrets.add(made["token"])
        secrets.add(made["session"]["csrf"])
        return caller.as_session(made["token"])

    boss = login("boss", SECRETS["owner"])
    login("boss", SECRETS["wrong"])
    login("nobody", SECRETS["nowhere"])
    call(boss, "POST", "/api/users", {"name": "liu", "age": None, "login_name": "liu", "password": SECRETS["first"]})
    call(
        boss, "POST", "/api/users", {"name": "liu", "age": [], "password": SECRETS["first"], "extra": SECRETS["wrong"]}
    )
    liu = login("liu", SECRETS["first"])
    call(liu, "POST", "/api/session/password", {"old_password": SECRETS["wrong"], "new_password": SECRETS["chosen"]})
    call(liu, "POST", "/api/session/password", {"old_password": SECRETS["first"], "new_password": SECRETS["chosen"]})
    who = call(liu, "GET", "/api/session")["user"]["id"]
    call(boss, "POST", f"/api/users/{who}/password", {"password": SECRETS["reset"]})
    login("liu", SECRETS["reset"])
    wish = {"name": "script", "request_id": "8b1f4a5e-7c42-4d0e-9a35-0123456789ab"}
    token = call(boss, "POST", "/api/tokens", wish)["token"]
    secrets.add(token)
    call(boss, "POST", "/api/tokens", wish)
    script = Caller(caller.client, {"Authorization": f"Bearer {token}"})
    call(script, "GET", "/api/users")
    call(Caller(caller.client, {"Authorization": f"Bearer {token}x"}), "GET", "/api/users")
    upload = call(boss, "POST", "/api/uploads", {"name": "x.csv", "size": len(SECRETS["uploaded"])})["id"]
    sent = {"data": SECRETS["uploaded"].encode(), "headers": {"Content-Type": "application/octet-stream"}}
    call(boss, "PUT", f"/api/uploads/{upload}/0", **sent)
    call(boss, "POST", "/api/imports", {"upload_id": upload})
    call(boss, "POST", "/api/contacts/export", {})
    call(
        boss,
        "POST",
        "/api/users",
        data=f'{{"password": "{SECRETS["wrong"]}"',
        headers={"Content-Type": "application/json"},
    )
    call(caller, "GET", f"/api/nowhere?password={SECRETS['wrong']}&token={token}")
    with broken():
        call(boss, "POST", "/api/users", {"name": "x", "age": 1, "login_name": "x", "password": SECRETS["first"]})
    assert any(b"internal_error" in error for error in errors)
    return secrets, errors


def leaks(secrets: set[str], **places: str) -> list[str]:
    """Return where a secret stands, as it is or written as JSON and URLs write it."""
    found = []
    for name, text in places.items():
        assert text, f"{name} is empty: nothing was looked at"
        for secret in secrets:
            forms = {secret, json.dumps(secret)[1:-1], secret.replace("!", "%21")}
            found += [f"{name}: {secret}" for form in forms if form in text]
    return found


TABLES = ("audit_log", "job", "request", "user", "session", "api_token", "login_attempt", "book_setting")


def tables(book: Book, names: tuple[str, ...] = TABLES) -> dict[str, str]:
    """Return all rows of the tables in which something could be kept."""
    with book.session():
        return {name: str(fetch_all(f"SELECT * FROM {{{name}}}")) for name in names}


@pytest.mark.parametrize("kind", ["desktop", "serve"])
def test_no_secret_gets_into_a_log_a_table_or_an_error(sqlite_book: Book, log_file: Path, kind: str) -> None:
    set_up(sqlite_book)
    window = caller_on(sqlite_book)
    give_owner_login(window, password=SECRETS["owner"])
    add_person(window, "second", password=SECRETS["first"])
    caller = window if kind == "desktop" else caller_on(sqlite_book, serve=True)

    secrets, errors = live(caller)
    stop_logs()
    places = {f"table {name}": text for name, text in tables(sqlite_book).items()}
    text = log_file.read_text(encoding="utf-8")
    assert "RuntimeError: a bug" in text
    assert leaks(secrets, log=text, errors=str(errors), **places) == []


def day_over_sockets(site: Site, mistyped: str) -> tuple[set[str], str]:
    """Log in rightly and wrongly and call with a token; return the secrets and what was answered to refusals."""
    host = ("Host", site.host)

    def login(password: str) -> dict[str, Any]:
        body = json.dumps({"login_name": "boss", "password": password}).encode()
        answer: dict[str, Any] = json.loads(site.ask("POST", "/api/login", [host, JSON], body).body)
        return answer

    session = login(SECRETS["owner"])
    wrong = site.ask("GET", f"/api/users?token={mistyped}", [host, ("Authorization", f"Bearer {mistyped}")])
    refused = [json.dumps(login(mistyped)), wrong.body.decode()]
    page = site.ask(
        "POST", "/login", [host, ("Content-Type", "application/x-www-form-urlencoded")], f"password={mistyped}".encode()
    )
    refused.append(page.body.decode())
    assert site.ask("GET", "/api/users", [host, ("X-Zhangfang-Session", session["token"])]).status == 200
    assert site.ask("GET", "/api/users", site.good).status == 200
    secrets = {session["token"], session["session"]["csrf"], site.bearer.removeprefix("Bearer "), mistyped}
    return secrets | {SECRETS["owner"]}, "".join(refused)


@pytest.mark.parametrize(("kind", "form"), [("serve", "text"), ("gunicorn", "json")])
def test_no_secret_of_a_server_process_is_in_its_log_its_arguments_or_its_files(
    kind: str, form: str, mariadb_book: Book, tmp_path: Path
) -> None:
    set_up(mariadb_book)
    window = caller_on(mariadb_book)
    token = window.post("/api/tokens", {"name": "sockets"}).json["token"]
    give_owner_login(window, password=SECRETS["owner"])
    environment = {"ZHANGFANG_DB_PASSWORD": PASSWORD, "ZHANGFANG_LOG_FORMAT": form}
    with served_site(kind, str(mariadb_book.address), tmp_path, token=token, **environment) as site:
        secrets, refused = day_over_sockets(site, "mistyped-by-somebody-6Op!")
        arguments = " ".join(arguments_of(child) for child in family(site.process_id))
    kept = tables(mariadb_book, ("audit_log", "login_attempt"))
    everything = {f"table {name}": text for name, text in kept.items()}
    files = "".join(
        path.read_text("utf-8", "replace") for path in (tmp_path / f"data-{kind}").rglob("*") if path.is_file()
    )
    secrets |= {PASSWORD, PASSWORD.encode("unicode_escape").decode()}
    assert leaks(secrets, log=site.log(), refused=refused, arguments=arguments, files=files + "-", **everything) == []
    assert form == "text" or any(line.startswith("{") for line in site.log().splitlines())


def family(process_id: int) -> list[int]:
    """Return a process and its children."""
    listed = Path(f"/proc/{process_id}/task/{process_id}/children")
    return [process_id, *(int(child) for child in listed.read_text().split())] if listed.exists() else [process_id]


def arguments_of(process_id: int) -> str:
    """Return what `ps` shows of a process to everybody on the computer."""
    return Path(f"/proc/{process_id}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")


@pytest.mark.parametrize(
    "text",
    [
        "mysql://root:geheim",
        "mysql://root:geheim/books",
        "mysql://root:gehe/im:geheim",
        "mysql://u:pa@geheim",
        "mysql://u:pa@geheim/",
        "mysql://u:p@ss:geheim",
        "mysql://u:geheim@",
        "mysql://u:x@geheim:y/db",
    ],
)
def test_an_address_that_cannot_be_read_does_not_come_back_with_its_password(text: str) -> None:
    with pytest.raises(MalformedInput) as refused:
        parse_address(text)
    assert "geheim" not in str(refused.value)
    assert "geheim" not in str(refused.value.fields)
