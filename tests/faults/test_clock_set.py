"""The clock of the server is set back or forward, by an hour and by a year, while people are logged in."""

from __future__ import annotations

import json
import time
import uuid
from types import SimpleNamespace

import pytest

from app.identity.service.access import IDLE_MS
from app.identity.service.attempts import LOCK_AFTER, LOCK_MS
from app.kernel import clock
from app.storage.database import Book, execute, fetch_all, fetch_one, run_unit
from app.storage.jobs import recover_jobs
from app.web.opening import forget_the_old
from tests.calling import OWNER_PASSWORD, Caller, add_person, caller_on, give_owner_login, set_up

HOUR_MS = 3_600_000
YEAR_MS = 365 * 24 * HOUR_MS


class SetClock:
    """The program's clock, some time off the real one."""

    def __init__(self) -> None:
        """Right."""
        self.off_ms = 0

    def time_ns(self) -> int:
        """Return what the program takes for the time."""
        return time.time_ns() + self.off_ms * 1_000_000


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """The clock in the test's hand."""
    made = SetClock()
    monkeypatch.setattr(clock, "time", SimpleNamespace(time_ns=made.time_ns))
    return made


@pytest.fixture
def people(book: Book) -> Caller:
    """A served book with two logins; nobody has logged in."""
    set_up(book)
    window = caller_on(book)
    give_owner_login(window)
    boss = window.log_in("boss", OWNER_PASSWORD)
    add_person(boss, "li")
    return caller_on(book, serve=True)


def _status(session: Caller) -> int:
    return session.get("/api/session").status


@pytest.mark.parametrize("off_ms", [-HOUR_MS, HOUR_MS, -YEAR_MS], ids=["hour back", "hour on", "year back"])
def test_people_stay_logged_in_and_not_for_ever(people: Caller, set_clock: SetClock, off_ms: int) -> None:
    boss = people.log_in("boss", OWNER_PASSWORD)
    set_clock.off_ms = off_ms
    assert _status(boss) == 200
    set_clock.off_ms += IDLE_MS - HOUR_MS
    assert _status(boss) == 200
    set_clock.off_ms += IDLE_MS + 1000
    assert _status(boss) == 401


def test_a_session_from_a_clock_that_ran_ahead_ends_like_any_other(people: Caller, set_clock: SetClock) -> None:
    set_clock.off_ms = YEAR_MS
    boss = people.log_in("boss", OWNER_PASSWORD)
    set_clock.off_ms = 0
    assert _status(boss) == 200
    set_clock.off_ms = IDLE_MS + 1000
    assert _status(boss) == 401


def test_nobody_is_locked_for_a_year_by_a_clock_that_ran_ahead(people: Caller, set_clock: SetClock, book: Book) -> None:
    with book.session():
        ahead = clock.utc_ms() + YEAR_MS
        for _ in range(LOCK_AFTER):
            run_unit(
                lambda: execute(
                    "INSERT INTO {login_attempt} (login_key, user_id, at, address, outcome) VALUES (?, 1, ?, '', ?)",
                    ("boss", ahead, "wrong"),
                )
            )
    assert people.post("/api/login", {"login_name": "boss", "password": OWNER_PASSWORD}).status == 200
    # and while the clock is ahead, the lock holds, and ends
    with book.session():
        run_unit(lambda: execute("DELETE FROM {login_attempt} WHERE outcome = 'ok'"))
    set_clock.off_ms = YEAR_MS + 1000
    assert people.post("/api/login", {"login_name": "boss", "password": OWNER_PASSWORD}).status == 429
    set_clock.off_ms = YEAR_MS + LOCK_MS + 1000
    assert people.post("/api/login", {"login_name": "boss", "password": OWNER_PASSWORD}).status == 200


@pytest.mark.parametrize("off_ms", [-HOUR_MS, -YEAR_MS, YEAR_MS], ids=["hour back", "year back", "year on"])
def test_writes_keep_their_order_their_numbers_and_their_ids(
    people: Caller, set_clock: SetClock, book: Book, off_ms: int
) -> None:
    boss = people.log_in("boss", OWNER_PASSWORD)
    first = _voucher(boss, key := str(uuid.uuid4()))
    set_clock.off_ms = off_ms
    if off_ms > 0:
        boss = people.log_in("boss", OWNER_PASSWORD)
    assert _voucher(boss, key)["id"] == first["id"]  # the same call again is the same call
    second = _voucher(boss, str(uuid.uuid4()))
    set_clock.off_ms = 0
    boss = people.log_in("boss", OWNER_PASSWORD)
    third = _voucher(boss, str(uuid.uuid4()))
    assert [one["number"] for one in (first, second, third)] == [1, 2, 3]
    with book.session():
        rows = fetch_all("SELECT object_id FROM {audit_log} WHERE object_type = 'voucher' ORDER BY id")
    assert [int(row[0]) for row in rows] == [one["id"] for one in (first, second, third)]


def _voucher(caller: Caller, request_id: str) -> dict[str, int]:
    lines = [
        {"summary": "钟", "account_code": "1001", "debit": "1.00"},
        {"summary": "钟", "account_code": "560205", "credit": "1.00"},
    ]
    body = {"date": "2026-06-05", "word": "记", "entries": lines, "request_id": request_id}
    answer = caller.post("/api/vouchers", body)
    assert answer.status == 201, answer.json
    made: dict[str, int] = answer.json
    return made


def test_nobody_is_present_for_a_year_after_a_clock_that_ran_ahead(
    people: Caller, set_clock: SetClock, book: Book
) -> None:
    boss, li = people.log_in("boss", OWNER_PASSWORD), people.log_in("li", "li-secret")
    assert li.put("/api/presence", {"desk": str(uuid.uuid4()), "editing": []}).status in {200, 204}
    with book.session():
        run_unit(lambda: execute("UPDATE {presence} SET seen_at = seen_at + ?", (YEAR_MS,)))
    assert boss.get("/api/changes").json["present"] == []


def test_a_computer_that_is_a_year_ahead_spoils_nothing_of_the_others(mariadb_book: Book, set_clock: SetClock) -> None:
    set_up(mariadb_book)
    window = caller_on(mariadb_book)
    give_owner_login(window)
    served = caller_on(mariadb_book, serve=True)
    boss = served.log_in("boss", OWNER_PASSWORD)
    add_person(boss, "li")
    first = _voucher(boss, key := str(uuid.uuid4()))
    elsewhere = json.dumps(["another-computer", "its-id", 1, "then"])
    with mariadb_book.session():
        text = json.dumps({"source": "", "params": {}})
        columns = "kind, actor_id, state, message, process, created_at, heartbeat_at"
        moments = (clock.utc_ms(), clock.utc_ms())
        run_unit(
            lambda: execute(
                f"INSERT INTO {{job}} ({columns}) VALUES ('import', 1, 'running', ?, ?, ?, ?)",
                (text, elsewhere, *moments),
            )
        )
    upload = boss.post("/api/uploads", {"name": "a", "size": 1}).json["id"]

    set_clock.off_ms = YEAR_MS
    served.log_in("li", "li-secret")
    with mariadb_book.session():
        forget_the_old()
        recover_jobs(mariadb_book)
        assert fetch_one("SELECT state FROM {job}") == ("running",)

    set_clock.off_ms = 0
    assert _status(boss) == 200
    assert boss.get(f"/api/uploads/{upload}").status == 200
    assert _voucher(boss, key)["id"] == first["id"]


@pytest.mark.parametrize(("ahead_ms", "state"), [(0, "running"), (YEAR_MS, "failed")], ids=["now", "a year ahead"])
def test_work_elsewhere_that_fell_silent_is_found_although_its_clock_ran_ahead(
    book: Book, ahead_ms: int, state: str
) -> None:
    set_up(book)
    with book.session():
        now = clock.utc_ms()
        run_unit(
            lambda: execute(
                "INSERT INTO {job} (kind, actor_id, state, message, process, created_at, heartbeat_at) "
                "VALUES ('import', 1, 'running', ?, ?, ?, ?)",
                (
                    json.dumps({"source": "", "params": {}}),
                    json.dumps(["another-computer", "its-id", 1, "then"]),
                    now,
                    now + ahead_ms,
                ),
            )
        )
        recover_jobs(book)
        assert fetch_one("SELECT state FROM {job}") == (state,)
