"""`serve` knows browsers and programs: cookies no other site can use, CSRF values, API tokens, a scriptless login."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.storage.database import Book
from app.web.serving import Serving, application_for
from tests.calling import OWNER_PASSWORD, Caller, add_person, caller_on, give_owner_login, set_up


@pytest.fixture
def people(sqlite_book: Book) -> Book:
    """A book with an owner who logs in, and a clerk."""
    set_up(sqlite_book)
    window = caller_on(sqlite_book)
    give_owner_login(window)
    add_person(window, "liu", must_change_password=True)
    return sqlite_book


@pytest.fixture
def browser(people: Book) -> FlaskClient:
    """A browser with its own cookies."""
    return application_for(people, Serving(allowed_hosts=("books.example",))).test_client()


def field(html: str, name: str = "csrf") -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    assert found is not None
    return found[1]


def json_of(answer: TestResponse) -> Any:
    """Return what a JSON answer holds."""
    return answer.get_json()


def log_in(browser: FlaskClient, login_name: str = "boss", password: str = OWNER_PASSWORD) -> str:
    """Log in by the page and return the CSRF value of the session."""
    page = browser.get("/login").get_data(as_text=True)
    form = {"login_name": login_name, "password": password, "csrf": field(page)}
    answer = browser.post("/login", data=form)
    assert answer.status_code == 302, answer.get_data(as_text=True)
    csrf: str = json_of(browser.get("/api/session"))["csrf"]
    return csrf


def test_the_login_page_logs_in_and_out(browser: FlaskClient) -> None:
    assert browser.get("/").headers["Location"] == "/login"
    csrf = log_in(browser)
    home = browser.get("/").get_data(as_text=True)
    assert "掌柜" in home
    assert "测试账" in home
    assert browser.post("/logout", data={"csrf": "wrong"}).status_code == 403
    assert browser.post("/logout", data={"csrf": csrf}).status_code == 302
    assert browser.get("/api/session").status_code == 401


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(browser: FlaskClient) -> None:
    page = browser.get("/login")
    assert "HttpOnly" in page.headers["Set-Cookie"]
    form = {"login_name": "boss", "password": OWNER_PASSWORD, "csrf": field(page.get_data(as_text=True))}
    cookies = browser.post("/login", data=form).headers.getlist("Set-Cookie")
    session = next(cookie for cookie in cookies if cookie.startswith("zhangfang_session="))
    assert "HttpOnly" in session
    assert "SameSite=Strict" in session
    secure = browser.get("/login", base_url="https://books.example").headers["Set-Cookie"]
    assert "Secure" in secure


def test_the_login_form_needs_its_own_page(browser: FlaskClient) -> None:
    form = {"login_name": "boss", "password": OWNER_PASSWORD}
    assert browser.post("/login", data=form).status_code == 403
    assert browser.post("/login", data=form | {"csrf": ""}).status_code == 403
    browser.get("/login")
    assert browser.post("/login", data=form | {"csrf": "made up"}).status_code == 403


def test_a_wrong_login_says_so_and_shows_nothing_of_what_was_typed(browser: FlaskClient) -> None:
    page = browser.get("/login").get_data(as_text=True)
    form = {"login_name": "<script>alert(1)</script>", "password": "hunter2-hunter2", "csrf": field(page)}
    answer = browser.post("/login", data=form)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 401
    assert "用户名或密码不对" in html
    assert "<script" not in html
    assert "hunter2" not in html
    english = browser.get("/login", headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert "Log in" in english


def test_a_first_password_is_changed_before_anything_else(browser: FlaskClient) -> None:
    csrf = log_in(browser, "liu", "liu-secret")
    assert browser.get("/").headers["Location"] == "/password"
    assert json_of(browser.get("/api/users"))["code"] == "password_change_required"
    form = {"old_password": "liu-secret", "new_password": "my own secret", "repeat_password": "my own secret"}
    assert browser.post("/password", data=form).status_code == 403
    differing = form | {"csrf": csrf, "repeat_password": "another"}
    assert browser.post("/password", data=differing).status_code == 400
    assert browser.post("/password", data=form | {"csrf": csrf, "old_password": "x"}).status_code == 400
    assert browser.post("/password", data=form | {"csrf": csrf}).headers["Location"] == "/"
    assert browser.get("/").status_code == 200


def test_a_change_by_cookie_needs_the_csrf_value(browser: FlaskClient) -> None:
    csrf = log_in(browser)
    body = {"name": "张三", "age": 1}
    assert json_of(browser.post("/api/users", json=body))["code"] == "csrf_refused"
    assert json_of(browser.post("/api/users", json=body, headers={"X-CSRF-Token": "x"}))["code"] == "csrf_refused"
    assert json_of(browser.post("/api/users/1/unlock"))["code"] == "csrf_refused"
    assert browser.post("/api/users", json=body, headers={"X-CSRF-Token": csrf}).status_code == 201


@pytest.mark.parametrize(
    "header",
    [
        {"Origin": "https://evil.com"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.com"},
        {"Origin": "http://localhost:81"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_other_sites_change_nothing(browser: FlaskClient, header: dict[str, str]) -> None:
    csrf = log_in(browser)
    body = {"name": "张三", "age": 1}
    answer = browser.post("/api/users", json=body, headers={"X-CSRF-Token": csrf} | header)
    assert (answer.status_code, json_of(answer)["code"]) == (403, "origin_refused")
    plain = browser.post("/api/users", data='{"name":"x","age":1}', content_type="text/plain")
    assert plain.status_code == 415
    assert browser.post("/login", data={"login_name": "boss"}, headers=header).status_code == 403


def test_the_sites_own_pages_may_change(browser: FlaskClient) -> None:
    csrf = log_in(browser)
    headers = {"X-CSRF-Token": csrf, "Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert browser.post("/api/users", json={"name": "x", "age": 1}, headers=headers).status_code == 201


def test_programs_use_tokens_or_a_session_header(people: Book, served_people: Caller) -> None:
    boss = served_people.log_in("boss", OWNER_PASSWORD)
    assert boss.post("/api/users", {"name": "x", "age": 1}).status == 201
    token = boss.post("/api/tokens", {"name": "script"}).json["token"]
    script = served_people.as_token(token)
    assert script.get("/users").status == 200
    assert script.post("/users", {"name": "y", "email": "y@example.com"}).status == 201
    for wrong in ("", "x", token + "x", token.upper(), "令牌"):
        environ = {"HTTP_AUTHORIZATION": f"Bearer {wrong}".encode().decode("latin-1")}
        refused = replace(served_people, headers={}).get("/users", environ_overrides=environ)
        assert (refused.status, refused.code) == (401, "token_refused")


@pytest.fixture
def served_people(people: Book) -> Caller:
    """A program over the network that has not said who it is."""
    return caller_on(people, serve=True)


def test_a_wrong_token_is_not_made_good_by_a_session(people: Book, browser: FlaskClient) -> None:
    log_in(browser)
    assert browser.get("/api/users", headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_headers_keep_pages_to_themselves(browser: FlaskClient) -> None:
    for path in ("/login", "/api/health", "/style.css", "/nowhere"):
        headers = browser.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["X-Frame-Options"] == "DENY"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "script-src" not in headers["Content-Security-Policy"]


def test_the_readable_api_page_needs_nothing_from_elsewhere(browser: FlaskClient) -> None:
    page = browser.get("/api/docs/")
    assert page.status_code == 200
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    links = re.findall(r'(?:src|href)="([^"]+)"', page.get_data(as_text=True))
    assert links
    for link in links:
        assert link.startswith("/api/docs/")
        answer = browser.get(link)
        assert answer.status_code == 200, link
        answer.close()
    assert browser.get("/api/docs/../../etc/passwd").status_code == 404
    assert browser.get("/api/docs/swagger-ui-standalone-preset.js").status_code == 404
    assert browser.get("/api/docs").status_code in {200, 308}
    assert browser.get("/api/openapi.json").status_code == 200


def test_a_book_of_one_is_not_open_to_the_network(served: Caller) -> None:
    assert served.get("/api/users").code == "login_required"
    assert served.get("/api/health").status == 200
    assert served.get("/").status == 302
