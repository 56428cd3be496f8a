"""On the desktop only our own window comes in: a table of what a browser or another program could try."""

from __future__ import annotations

import pytest

from app.storage.database import Book
from app.web.factory import create_app
from app.web.guard import DesktopGuard
from tests.calling import PORT, RUN_TOKEN, Caller, caller_on, set_up

HOST = f"127.0.0.1:{PORT}"
GOOD = {"Host": HOST, "Authorization": f"Bearer {RUN_TOKEN}"}


def test_the_window_comes_in(door: Caller) -> None:
    assert door.get("/api/health", headers=GOOD).status == 200


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.0.0.1:1",
        f"127.0.0.1:{PORT + 1}",
        f"127.0.0.1:{PORT}0",
        f"127.0.0.1.evil.com:{PORT}",
        f"evil.com:{PORT}",
        "evil.com",
        f"localhost:{PORT}",
        f"LOCALHOST:{PORT}",
        f"[::1]:{PORT}",
        f"127.1:{PORT}",
        f"2130706433:{PORT}",
        f"0.0.0.0:{PORT}",
        f"user@127.0.0.1:{PORT}",
        f" 127.0.0.1:{PORT}",
        f"127.0.0.1:{PORT}, evil.com",
        f"１２７.0.0.1:{PORT}",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/api/health", "/api/users", "/api/openapi.json", "/nowhere"])
def test_another_host_is_refused(door: Caller, host: str, path: str) -> None:
    environ = {"HTTP_HOST": host.encode().decode("latin-1")}
    answer = door.get(path, headers={"Authorization": GOOD["Authorization"]}, environ_overrides=environ)
    assert (answer.status, answer.code) == (403, "host_refused")


@pytest.mark.parametrize(
    "header",
    [
        {"Origin": f"http://{HOST}"},
        {"Origin": "null"},
        {"Origin": "https://evil.com"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_browser_is_refused_even_with_the_token(door: Caller, header: dict[str, str]) -> None:
    answer = door.get("/api/health", headers=GOOD | header)
    assert (answer.status, answer.code) == (403, "browser_refused")


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        f"bearer {RUN_TOKEN}",
        f"Basic {RUN_TOKEN}",
        RUN_TOKEN,
        f"Bearer  {RUN_TOKEN}",
        f"Bearer {RUN_TOKEN} ",
        f"Bearer {RUN_TOKEN}x",
        f"Bearer {RUN_TOKEN[:-1]}",
        f"Bearer {RUN_TOKEN.upper()}",
        "Bearer 令牌",
        "Bearer \xff\xfe",
    ],
)
@pytest.mark.parametrize("path", ["/api/health", "/api/users", "/api/openapi.json", "/nowhere"])
def test_without_the_exact_token_nothing_answers(door: Caller, authorization: str | None, path: str) -> None:
    environ = {"HTTP_HOST": HOST}
    if authorization is not None:
        environ["HTTP_AUTHORIZATION"] = authorization.encode().decode("latin-1")
    answer = door.get(path, environ_overrides=environ)
    assert (answer.status, answer.code) == (401, "token_refused")


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/octet-stream",
        "text/plain; application/json",
        "application/jsonp",
        None,
    ],
)
def test_bodies_that_a_form_can_send_are_refused(door: Caller, content_type: str | None) -> None:
    body = b'{"name": "x", "age": 1}'
    answer = door.post("/api/users", data=body, content_type=content_type, headers=GOOD)
    assert (answer.status, answer.code) == (415, "json_required")
    assert len(door.get("/api/users", headers=GOOD).json["users"]) == 1


def test_sizes_are_limited_before_a_body_is_read(local_window: Caller) -> None:
    too_long = b'{"name": "' + b"x" * (8 << 20) + b'", "age": 1}'
    answer = local_window.post("/api/users", data=too_long, content_type="application/json")
    assert (answer.status, answer.code) == (413, "body_too_large")


def test_cookies_mean_nothing_here(local_window: Caller) -> None:
    bare = Caller(local_window.client, {"Host": HOST, "Cookie": f"zhangfang_session={RUN_TOKEN}"})
    assert bare.get("/api/users").status == 401


def test_there_are_no_pages_and_no_cross_origin_headers(local_window: Caller) -> None:
    for path in ("/", "/login", "/api/docs/", "/static/x"):
        assert local_window.get(path).status == 404
    headers = local_window.get("/api/health").headers
    assert not [name for name in headers if name.lower().startswith("access-control")]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in headers
    assert "Server" not in headers


def test_an_api_token_is_no_run_token(local_window: Caller) -> None:
    token = local_window.post("/api/tokens", {}).json["token"]
    stranger = Caller(local_window.client, {"Host": HOST, "Authorization": f"Bearer {token}"})
    assert stranger.get("/api/users").status == 401


@pytest.fixture
def opened(sqlite_book: Book) -> Caller:
    """A window whose setting lets other programs of this computer in."""
    set_up(sqlite_book)
    app = create_app(sqlite_book, DesktopGuard(PORT, RUN_TOKEN, other_programs=True))
    return Caller(app.test_client(), GOOD)


def test_other_programs_come_in_only_with_an_api_token_when_allowed(opened: Caller) -> None:
    token = opened.post("/api/tokens", {"scope": ["identity:user:view"]}).json["token"]
    program = Caller(opened.client, {"Host": f"localhost:{PORT}", "Authorization": f"Bearer {token}"})
    assert program.get("/users").status == 200
    assert program.post("/users", {"name": "x", "email": "x@example.com"}).status == 403
    for path in ("/api/health", "/users", "/api/openapi.json"):
        assert Caller(opened.client, {"Host": HOST}).get(path).status == 401
        assert Caller(opened.client, {"Host": HOST, "Authorization": "Bearer zf_x"}).get(path).status == 401
    assert program.get("/users", headers={"Origin": "http://evil.com"}).status == 403
    assert program.get("/users", headers={"Host": f"evil.com:{PORT}"}).status == 403


def test_a_made_up_session_is_nobody(sqlite_book: Book) -> None:
    set_up(sqlite_book)
    window = caller_on(sqlite_book)
    for session in ("x", "\x7f", "a" * 5000):
        assert window.as_session(session).get("/api/users").code == "login_required"
