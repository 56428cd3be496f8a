"""Failed logins by address, calls of strangers and of people, over HTTP."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app.contract.identity import SessionInfo
from app.identity.actor import Actor
from app.identity.service import access, attempts
from app.kernel import clock
from app.storage.database import Book, fetch_one
from app.storage.turns import Turns
from app.web.factory import create_app
from app.web.guard import ServeGuard
from app.web.hosts import AllowedHosts
from app.web.limits import Doorkeeper, Limits, Rate
from app.web.serving import Serving, application_for
from tests.calling import GENEROUS, OWNER_PASSWORD, Answer, Caller, caller_on, give_owner_login, set_up
from tests.waiting import until

WRONG = {"login_name": "nobody", "password": "wrong-wrong"}
RIGHT = {"login_name": "boss", "password": OWNER_PASSWORD}


@pytest.fixture
def people(book: Book) -> Book:
    """A book whose owner logs in."""
    set_up(book)
    give_owner_login(caller_on(book))
    return book


@pytest.fixture
def ticking(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A clock the test moves."""
    ahead = [0]
    real = clock.utc_ms
    monkeypatch.setattr(clock, "utc_ms", lambda: real() + ahead[0])
    return ahead


def served(book: Book, limits: Limits = GENEROUS) -> Caller:
    return Caller(application_for(book, Serving(limits=limits)).test_client(use_cookies=False))


def at(address: str) -> dict[str, Any]:
    return {"environ_overrides": {"REMOTE_ADDR": address}}


def count(book: Book, table: str) -> int:
    with book.session():
        row = fetch_one(f"SELECT COUNT(*) FROM {{{table}}}")
    assert row is not None
    return int(row[0])


def test_an_address_many_fail_from_waits_and_the_others_do_not(
    people: Book, ticking: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "ADDRESS_FAILURES", 8)
    office, home = at("203.0.113.7"), at("198.51.100.1")
    program = served(people)
    working = program.post("/api/login", RIGHT, **office).json["token"]
    for number in range(8):
        assert program.post("/api/login", WRONG | {"login_name": f"n{number}"}, **office).status == 401
    refused = program.post("/api/login", RIGHT, **office)
    assert (refused.status, refused.code) == (429, "address_later")
    assert 0 < int(refused.headers["Retry-After"]) <= attempts.ADDRESS_WINDOW_MS // 1000
    rows = count(people, "login_attempt")
    assert program.post("/api/login", WRONG, **office).status == 429
    assert count(people, "login_attempt") == rows  # whoever goes on fills no table
    assert program.as_session(working).get("/api/session", **office).status == 200
    assert program.post("/api/login", RIGHT, **home).status == 200
    assert caller_on(people).post("/api/login", RIGHT, **office).status == 200  # the window on this computer
    ticking[0] += attempts.ADDRESS_WINDOW_MS + 1000
    assert program.post("/api/login", RIGHT, **office).status == 200


def test_good_logins_of_a_whole_office_count_for_nothing(people: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "ADDRESS_FAILURES", 3)
    program = served(people)
    assert {program.post("/api/login", RIGHT).status for _ in range(6)} == {200}
    assert [program.post("/api/login", WRONG).status for _ in range(4)] == [401, 401, 401, 429]


def test_wrong_tokens_count_and_the_same_stale_one_counts_once(people: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "ADDRESS_FAILURES", 4)
    program = served(people)
    token = program.as_session(program.post("/api/login", RIGHT).json["token"]).post("/api/tokens", {}).json["token"]
    for _ in range(10):
        assert program.as_token("zf_old").get("/api/users").code == "token_refused"
    assert [program.as_token(f"zf_{number}").get("/api/users").status for number in range(4)] == [401, 401, 401, 429]
    assert program.as_token(token).get("/api/users").status == 200
    assert program.post("/api/login", RIGHT).code == "address_later"


def many(caller: Caller, path: str, times: int, **options: Any) -> list[Answer]:
    return [caller.get(path, **options) for _ in range(times)]


def until_refused(caller: Caller, path: str, burst: int, **options: Any) -> list[Answer]:
    """Call until that is too much: of so many at once, and one more each second however slow the machine is."""
    began_s = time.monotonic()
    answers = many(caller, path, 1, **options)
    while answers[-1].status != 429:
        assert len(answers) <= burst + 1 + time.monotonic() - began_s
        answers += many(caller, path, 1, **options)
    return answers


def test_strangers_are_slowed_down_by_address_and_people_are_not(sqlite_book: Book) -> None:
    set_up(sqlite_book)
    give_owner_login(caller_on(sqlite_book))
    program = served(sqlite_book, Limits(strangers=Rate(burst=10, per_s=1)))
    boss = program.log_in("boss", OWNER_PASSWORD)
    *passed, refused = until_refused(program, "/api/health", 9)  # the login was one, too
    assert len(passed) >= 9
    assert (refused.code, refused.headers["Retry-After"]) == ("too_many_calls", "1")
    assert {answer.status for answer in many(boss, "/api/session", 30)} == {200}
    assert {answer.status for answer in many(program, "/api/health", 5, **at("198.51.100.1"))} == {200}
    lying = program.as_session("made up")
    assert many(lying, "/api/session", 3, **at("198.51.100.2"))[-1].status == 401
    assert len(until_refused(lying, "/api/session", 7, **at("198.51.100.2"))) > 7


def test_a_script_that_runs_wild_is_slowed_down_alone(sqlite_book: Book) -> None:
    set_up(sqlite_book)
    window = caller_on(sqlite_book)
    give_owner_login(window)
    program = served(sqlite_book, Limits(people=Rate(burst=20, per_s=1)))
    boss = program.log_in("boss", OWNER_PASSWORD)
    added = {"name": "liu", "age": 1, "login_name": "liu", "password": "liu-secret", "must_change_password": False}
    assert boss.post("/api/users", added).status == 201
    assert until_refused(boss, "/api/session", 20)[-1].code == "too_many_calls"
    assert program.log_in("liu", "liu-secret").get("/api/session").status == 200
    assert {answer.status for answer in many(window, "/api/health", 50)} == {200}  # the desktop has no limits


def test_who_waits_for_his_own_calls_keeps_nobody_else_from_the_book(
    sqlite_book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(sqlite_book)
    give_owner_login(caller_on(sqlite_book))
    doorkeeper = Doorkeeper(Limits(at_once=1, wait_s=60))
    app = create_app(sqlite_book, ServeGuard(AllowedHosts(), doorkeeper))
    program = Caller(app.test_client(use_cookies=False))
    boss = program.log_in("boss", OWNER_PASSWORD)
    monkeypatch.setattr(sqlite_book, "_turns", Turns(lambda: None, at_once=2))
    inside, goes_on = threading.Event(), threading.Event()
    session_info = access.session_info

    def slow(actor: Actor, csrf: str) -> SessionInfo:
        inside.set()
        assert goes_on.wait(60)
        return session_info(actor, csrf)

    monkeypatch.setattr(access, "session_info", slow)
    with ThreadPoolExecutor() as pool:
        first = pool.submit(boss.get, "/api/session")
        assert inside.wait(60)
        second = pool.submit(boss.get, "/api/session")
        until(lambda: doorkeeper.waiting == 1)
        assert program.get("/api/health").status == 200  # of two turns one is free
        goes_on.set()
        assert [first.result(60).status, second.result(60).status] == [200, 200]


def test_another_host_is_refused_before_anything_else(sqlite_book: Book) -> None:
    set_up(sqlite_book)
    program = served(sqlite_book)
    for path in ("/api/health", "/login", "/nowhere"):
        refused = program.get(path, headers={"Host": "evil.example"})
        assert (refused.status, refused.code) == (403, "host_refused"), path
    english = program.get("/login", headers={"Host": "evil.example", "Accept-Language": "en"})
    assert "--allow-host" in english.json["error"]
    assert "evil" not in english.data.decode()


def test_an_origin_must_be_the_host_that_was_called(sqlite_book: Book) -> None:
    set_up(sqlite_book)
    program = served(sqlite_book)
    own = {"Host": "192.168.1.20:5000", "Origin": "http://192.168.1.20:5000"}
    assert program.post("/api/login", WRONG, headers=own).status == 401
    other = own | {"Origin": "http://192.168.1.21:5000"}
    assert program.post("/api/login", WRONG, headers=other).code == "origin_refused"
