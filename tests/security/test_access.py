"""What must not be possible: the defects of the back office we learned from, each as a test of ours."""

from __future__ import annotations

import itertools

import pytest

from app.identity.passwords import verify_password
from app.identity.service import access, attempts
from app.kernel import clock
from app.storage.database import Book, fetch_all, fetch_one
from tests.calling import OWNER_PASSWORD, Caller, add_person, add_role, caller_on, give_owner_login, set_up


@pytest.fixture
def boss(window: Caller) -> Caller:
    """The owner, logged in, of a book people log in to."""
    give_owner_login(window)
    add_person(window, "first")
    return window.log_in("boss", OWNER_PASSWORD)


@pytest.fixture
def served_too(book: Book, window: Caller) -> Caller:
    """The window's book as other programs see it over the network."""
    return caller_on(book, serve=True)


@pytest.fixture
def ticking(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A clock the test moves: the list's only number is added to the time."""
    ahead = [0]
    real = clock.utc_ms
    monkeypatch.setattr(clock, "utc_ms", lambda: real() + ahead[0])
    return ahead


def clerk(window: Caller, boss: Caller, name: str, permissions: list[str]) -> Caller:
    """Return a logged-in person with exactly these rights."""
    role = add_role(boss, f"role of {name}", permissions)
    add_person(boss, name, [role])
    return window.log_in(name, f"{name}-secret")


# --- 1: no right grows ---


def test_whoever_edits_users_cannot_become_owner(window: Caller, boss: Caller) -> None:
    editor = clerk(window, boss, "editor", ["identity:user:view", "identity:user:edit"])
    me = editor.get("/api/session").json["user"]["id"]
    for login_name in ("boss", "BOSS", "ＢＯＳＳ".lower(), " boss "):
        answer = editor.patch(f"/api/users/{me}", {"login_name": login_name})
        assert answer.status in {200, 409}
        assert not editor.get("/api/session").json["user"]["is_owner"]
    assert editor.patch(f"/api/users/{me}", {"name": "掌柜"}).code == "name_taken"
    assert editor.post(f"/api/users/{me}/owner", {"is_owner": True}).code == "owner_only"
    assert editor.get("/api/roles").status == 403


def test_nobody_grants_a_right_he_lacks(window: Caller, boss: Caller) -> None:
    strong = add_role(boss, "strong", ["identity:audit:view"])
    rights = [
        "identity:user:view",
        "identity:user:add",
        "identity:user:edit",
        "identity:role:add",
        "identity:role:edit",
    ]
    editor = clerk(window, boss, "editor", [*rights, "identity:token:add"])
    me = editor.get("/api/session").json["user"]["id"]
    refusals = [
        editor.patch(f"/api/users/{me}", {"roles": [strong]}),
        editor.post("/api/users", {"name": "x", "age": 1, "roles": [strong]}),
        editor.post("/api/roles", {"name": "mine", "permissions": ["identity:audit:view"]}),
        editor.patch(f"/api/roles/{strong}", {"permissions": []}),
        editor.post("/api/tokens", {"scope": ["identity:audit:view"]}),
    ]
    assert [(answer.status, answer.code) for answer in refusals] == [(403, "grant_refused")] * 5
    assert editor.get("/api/audit").status == 403


def test_the_password_of_somebody_with_more_rights_cannot_be_reset(window: Caller, boss: Caller) -> None:
    helper = clerk(
        window, boss, "helper", ["identity:user:resetPwd", "identity:user:changeStatus", "identity:token:add"]
    )
    owner = boss.get("/api/session").json["user"]["id"]
    refusals = [
        helper.post(f"/api/users/{owner}/password", {"password": "taken over"}),
        helper.post(f"/api/users/{owner}/status", {"active": False}),
        helper.post("/api/tokens", {"user_id": owner}),
    ]
    assert [(answer.status, answer.code) for answer in refusals] == [(403, "person_above")] * 3


def test_a_deactivated_owner_cannot_be_taken_over(window: Caller, boss: Caller) -> None:
    first = boss.get("/api/users?q=first").json["users"][0]["id"]
    boss.post(f"/api/users/{first}/owner", {"is_owner": True})
    boss.post(f"/api/users/{first}/status", {"active": False})
    helper = clerk(
        window, boss, "helper", ["identity:user:resetPwd", "identity:user:changeStatus", "identity:user:edit"]
    )
    refusals = [
        helper.post(f"/api/users/{first}/password", {"password": "taken over"}),
        helper.post(f"/api/users/{first}/status", {"active": True}),
        helper.patch(f"/api/users/{first}", {"login_name": "mine"}),
    ]
    assert [(answer.status, answer.code) for answer in refusals] == [(403, "person_above")] * 3


def test_a_token_with_some_rights_cannot_give_itself_all(window: Caller, served_too: Caller) -> None:
    rights = ["identity:token:add", "identity:user:resetPwd", "identity:user:edit"]
    token = window.post("/api/tokens", {"scope": rights}).json["token"]
    other = window.post("/api/tokens", {}).json["id"]
    script = served_too.as_token(token)
    me = window.get("/api/session").json["user"]["id"]
    refusals = [
        script.post("/api/tokens", {}),
        script.post("/api/tokens", {"scope": [*rights, "identity:audit:view"]}),
        script.post("/api/session/password", {"new_password": "taken over"}),
        script.post(f"/api/users/{me}/password", {"password": "taken over"}),
        script.patch(f"/api/users/{me}", {"login_name": "mine"}),
        script.delete(f"/api/tokens/{other}"),
    ]
    assert [answer.status for answer in refusals] == [403] * 6
    assert script.post("/api/tokens", {"scope": ["identity:token:add"]}).status == 201


def test_a_token_made_for_somebody_does_not_rise_with_him(window: Caller, boss: Caller, served_too: Caller) -> None:
    helper = clerk(window, boss, "helper", ["identity:token:add", "identity:user:view"])
    first = boss.get("/api/users?q=first").json["users"][0]["id"]
    scripts = [
        served_too.as_token(helper.post("/api/tokens", {"user_id": first}).json["token"]),
        served_too.as_token(
            helper.post("/api/tokens", {"user_id": first, "scope": ["identity:user:view"]}).json["token"]
        ),
        served_too.as_token(boss.post("/api/tokens", {"user_id": first}).json["token"]),
    ]
    assert [script.get("/api/session").json["permissions"] for script in scripts] == [[], [], []]
    assert boss.post(f"/api/users/{first}/owner", {"is_owner": True}).status == 200
    answers = [script.get("/api/audit").status for script in scripts]
    assert answers == [403, 403, 200]  # the owner gave his own away, and might
    assert scripts[0].get("/api/users").status == 200
    assert scripts[0].post(f"/api/users/{first}/password", {"password": "taken over"}).status == 403
    helper_id = helper.get("/api/session").json["user"]["id"]
    assert boss.patch(f"/api/users/{helper_id}", {"roles": []}).status == 200
    assert [script.get("/api/users").status for script in scripts] == [403, 403, 200]


# --- 2: no secret in any log, and the log is a right of its own ---


def test_no_password_and_no_token_is_in_the_log_or_in_the_tables(book: Book) -> None:
    set_up(book)
    window = caller_on(book)
    give_owner_login(window)
    add_person(window, "liu")
    session = window.log_in("liu", "liu-secret").headers["X-Zhangfang-Session"]
    boss = window.log_in("boss", OWNER_PASSWORD)
    token = boss.post("/api/tokens", {"name": "t"}).json["token"]
    window.post("/api/login", {"login_name": "liu", "password": "nearly-liu-secret"})
    tables = ("audit_log", "user", "session", "api_token", "login_attempt", "request")
    with book.session():
        everything = str([fetch_all(f"SELECT * FROM {{{table}}}") for table in tables])
    for secret in (OWNER_PASSWORD, "liu-secret", session, token):
        assert secret not in everything
    assert "$argon2id$" in everything


def test_the_log_is_only_for_those_who_may_read_it(window: Caller, boss: Caller) -> None:
    reader = clerk(window, boss, "reader", ["identity:audit:view"])
    other = clerk(window, boss, "other", ["identity:user:view"])
    assert reader.get("/api/audit").status == 200
    assert reader.post("/api/audit/export", {}).status == 403
    assert other.get("/api/audit").status == 403
    assert other.get("/api/login-attempts").status == 403


# --- 4, 5: sessions follow the person ---


def test_a_deactivated_person_is_out_at_once(window: Caller, boss: Caller) -> None:
    liu = clerk(window, boss, "liu", ["identity:user:view"])
    me = liu.get("/api/session").json["user"]["id"]
    token = boss.post("/api/tokens", {"user_id": me}).json["token"]
    assert boss.post(f"/api/users/{me}/status", {"active": False}).status == 200
    assert liu.get("/api/users").status == 401
    assert window.post("/api/login", {"login_name": "liu", "password": "liu-secret"}).code == "login_refused"
    assert boss.post(f"/api/users/{me}/status", {"active": True}).status == 200
    assert liu.get("/api/users").status == 401
    assert window.log_in("liu", "liu-secret").get("/api/users").status == 200
    assert token


def test_a_changed_role_counts_from_the_next_request(window: Caller, boss: Caller) -> None:
    liu = clerk(window, boss, "liu", ["identity:user:view"])
    before = liu.get("/api/session").json
    role = before["user"]["roles"][0]
    assert boss.patch(f"/api/roles/{role}", {"permissions": ["identity:department:view"]}).status == 200
    assert liu.get("/api/users").status == 403
    assert liu.get("/api/departments").status == 200
    assert liu.get("/api/session").json["user"]["permission_version"] > before["user"]["permission_version"]


def test_a_password_change_ends_the_other_sessions(window: Caller, boss: Caller) -> None:
    here = clerk(window, boss, "liu", [])
    there = window.log_in("liu", "liu-secret")
    change = {"old_password": "liu-secret", "new_password": "a new secret"}
    assert here.post("/api/session/password", change).status == 200
    assert here.get("/api/session").status == 200
    assert there.get("/api/session").status == 401
    assert window.post("/api/login", {"login_name": "liu", "password": "liu-secret"}).status == 401


def test_a_reset_password_ends_all_sessions_and_must_be_changed_first(window: Caller, boss: Caller) -> None:
    liu = clerk(window, boss, "liu", ["identity:user:view"])
    me = liu.get("/api/session").json["user"]["id"]
    assert boss.post(f"/api/users/{me}/password", {"password": "from the boss"}).status == 200
    assert liu.get("/api/session").status == 401
    again = window.log_in("liu", "from the boss")
    assert again.get("/api/users").code == "password_change_required"
    assert again.get("/api/session").json["must_change_password"] is True
    change = {"old_password": "from the boss", "new_password": "my own secret"}
    assert again.post("/api/session/password", change).json["must_change_password"] is False
    assert again.get("/api/users").status == 200


def test_sessions_expire_when_idle_and_at_the_latest_after_a_week(
    window: Caller, boss: Caller, ticking: list[int]
) -> None:
    idle = clerk(window, boss, "idle", [])
    ticking[0] += access.IDLE_MS - 1000
    assert idle.get("/api/session").status == 200
    ticking[0] += access.IDLE_MS
    assert idle.get("/api/session").status == 401
    busy = window.log_in("idle", "idle-secret")
    started = ticking[0]
    while ticking[0] - started < access.LONGEST_MS - access.IDLE_MS:
        ticking[0] += access.IDLE_MS // 2
        assert busy.get("/api/session").status == 200
    ticking[0] = started + access.LONGEST_MS + 1000
    assert busy.get("/api/session").status == 401


def test_a_session_can_be_ended_from_outside_and_by_logging_out(window: Caller, boss: Caller) -> None:
    liu = clerk(window, boss, "liu", [])
    found = [s for s in boss.get("/api/sessions").json["sessions"] if s["user_name"] == "liu"]
    assert boss.delete(f"/api/sessions/{found[0]['id']}").status == 204
    assert liu.get("/api/session").status == 401
    again = window.log_in("liu", "liu-secret")
    assert again.post("/api/logout").status == 204
    assert again.get("/api/session").status == 401


def test_everybody_sees_and_ends_his_own_logins_alone(window: Caller, boss: Caller) -> None:
    liu = clerk(window, boss, "liu", ["identity:token:add"])
    other, third = (window.log_in("liu", "liu-secret") for _ in range(2))
    mine = liu.get("/api/session/logins").json["sessions"]
    assert [(row["user_name"], row["current"]) for row in mine] == [("liu", False), ("liu", False), ("liu", True)]
    assert liu.get("/api/sessions").status == 403
    [bosses] = boss.get("/api/session/logins").json["sessions"]
    assert [row["id"] for row in boss.get("/api/sessions").json["sessions"] if row["current"]] == [bosses["id"]]
    assert liu.delete(f"/api/session/logins/{bosses['id']}").status == 404
    assert liu.delete(f"/api/session/logins/{mine[0]['id']}").status == 204
    assert [caller.get("/api/session").status for caller in (liu, other, third, boss)] == [200, 200, 401, 200]
    some = window.as_token(liu.post("/api/tokens", {"scope": ["identity:token:add"]}).json["token"])
    assert liu.post("/api/session/end-others", {}).status == 204
    assert [caller.get("/api/session").status for caller in (liu, other, boss)] == [200, 401, 200]
    assert some.post("/api/session/end-others", {}).status in {401, 403}
    assert liu.get("/api/session").status == 200


# --- 6, 7: input is kept as typed ---


def test_passwords_and_names_are_taken_as_typed(window: Caller, boss: Caller) -> None:
    password = "a&b<c>\"'\u3000 密码 \u0007 "
    add_person(boss, "amp", password=password)
    assert window.log_in("amp", password).get("/api/session").status == 200
    assert window.post("/api/login", {"login_name": "amp", "password": password.strip()}).status == 401


# --- 10: guessing ---


def refusal(window: Caller, login_name: str, password: str = "a wrong guess") -> tuple[int, str, str]:
    answer = window.post("/api/login", {"login_name": login_name, "password": password})
    return answer.status, answer.code, answer.json["error"]


def test_a_refused_login_does_not_tell_whether_the_person_exists(window: Caller, boss: Caller) -> None:
    add_person(boss, "gone")
    gone = boss.get("/api/users?q=gone").json["users"][0]["id"]
    boss.post(f"/api/users/{gone}/status", {"active": False})
    answers = {
        refusal(window, "first"),
        refusal(window, "nobody"),
        refusal(window, "gone"),
        refusal(window, "gone", "gone-secret"),
        refusal(window, ""),
        refusal(window, "掌柜"),
    }
    assert len(answers) == 1
    assert answers.pop()[:2] == (401, "login_refused")


def test_unknown_names_cost_the_same_work(window: Caller, boss: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str | None] = []

    def verify(password_hash: str | None, password: str) -> bool:
        checked.append(password_hash)
        return verify_password(password_hash, password)

    monkeypatch.setattr(access, "verify_password", verify)
    refusal(window, "first")
    refusal(window, "nobody")
    assert len(checked) == 2
    assert checked[0] is not None
    assert checked[1] is None


@pytest.mark.parametrize("name", ["first", "nobody"])
def test_thirty_wrong_passwords_lock(window: Caller, boss: Caller, ticking: list[int], name: str) -> None:
    outcomes = [refusal(window, name)[0] for _ in range(30)]
    assert outcomes[:5] == [401] * 5
    assert set(outcomes[5:]) == {429}
    ticking[0] += attempts.LONGEST_WAIT_MS + 1000
    locked = window.post("/api/login", {"login_name": name, "password": "first-secret"})
    assert (locked.status, locked.code) == (429, "login_later")
    assert int(locked.headers["Retry-After"]) > attempts.LONGEST_WAIT_MS // 1000
    ticking[0] += attempts.LOCK_MS
    expected = 200 if name == "first" else 401
    assert window.post("/api/login", {"login_name": name, "password": "first-secret"}).status == expected


def test_each_failure_after_the_fifth_waits_longer(window: Caller, boss: Caller, ticking: list[int]) -> None:
    for _ in range(attempts.FREE_FAILURES):
        assert refusal(window, "first")[0] == 401
    waits = []
    for _ in range(4):
        answer = window.post("/api/login", {"login_name": "first", "password": "wrong guess"})
        waits.append(int(answer.headers["Retry-After"]))
        ticking[0] += waits[-1] * 1000
    assert all(later >= earlier for earlier, later in itertools.pairwise(waits))
    assert waits[-1] > waits[0]
    ticking[0] += 600_000
    assert window.log_in("first", "first-secret").get("/api/session").status == 200


def test_an_administrator_unlocks(window: Caller, boss: Caller) -> None:
    for _ in range(30):
        refusal(window, "first")
    first = boss.get("/api/users?q=first").json["users"][0]["id"]
    assert boss.post(f"/api/users/{first}/unlock").status == 204
    assert window.log_in("first", "first-secret").get("/api/session").status == 200


def test_failed_logins_are_logged_also_for_unknown_names(window: Caller, boss: Caller) -> None:
    refusal(window, "nobody")
    refusal(window, "FIRST")
    attempts = boss.get("/api/login-attempts").json["attempts"]
    assert [(a["login_name"], a["outcome"], a["user_id"] is None) for a in attempts[:2]] == [
        ("first", "wrong", False),
        ("nobody", "wrong", True),
    ]
    for query, found in (
        ("q=NOBO", ["nobody"]),
        ("outcome=unknown", ["nobody"]),
        ("outcome=failed&q=first", ["first"]),
        ("outcome=locked", []),
        ("outcome=ok&q=boss", ["boss"]),
        ("to_ms=1", []),
    ):
        rows = boss.get(f"/api/login-attempts?{query}").json["attempts"]
        assert [row["login_name"] for row in rows] == found, query
    logged = boss.get("/api/audit?action=identity:session:login&limit=2").json["entries"]
    assert [(entry["object_id"], entry["result"]) for entry in logged] == [
        ("first", "login_wrong"),
        ("nobody", "login_wrong"),
    ]


def test_a_wrong_old_password_counts_as_a_guess(window: Caller, boss: Caller) -> None:
    liu = clerk(window, boss, "liu", [])
    change = {"old_password": "wrong guess", "new_password": "another secret"}
    answers = [liu.post("/api/session/password", change) for _ in range(6)]
    assert [answer.code for answer in answers] == ["old_password_wrong"] * 5 + ["login_later"]


# --- 11, 13, 14, 16, 18, 19 ---


def test_a_person_without_any_right_gets_answers_not_errors(window: Caller, boss: Caller) -> None:
    nothing = clerk(window, boss, "nothing", [])
    assert nothing.get("/api/session").json["permissions"] == []
    assert nothing.get("/api/book").status == 200
    assert nothing.get("/api/users").status == 403
    me = nothing.get("/api/session").json["user"]["id"]
    assert nothing.get(f"/api/users/{me}").status == 200
    assert nothing.get(f"/api/users/{me + 1}").status == 403


def test_the_last_owner_stays(window: Caller, boss: Caller) -> None:
    owner = boss.get("/api/session").json["user"]["id"]
    assert boss.post(f"/api/users/{owner}/status", {"active": False}).code == "last_owner"
    assert boss.post(f"/api/users/{owner}/owner", {"is_owner": False}).code == "last_owner"
    first = boss.get("/api/users?q=first").json["users"][0]["id"]
    assert boss.post(f"/api/users/{first}/owner", {"is_owner": True}).status == 200
    assert boss.post(f"/api/users/{owner}/owner", {"is_owner": False}).status == 200
    assert boss.get("/api/users").status == 403


def test_names_that_identify_are_unique_whatever_their_case(window: Caller, boss: Caller) -> None:
    body = {"name": "someone", "age": 1, "login_name": "First", "password": "long enough"}
    taken = boss.post("/api/users", body)
    assert (taken.status, taken.code, list(taken.json["fields"])) == (409, "name_taken", ["login_name"])
    posing = boss.post("/api/users", body | {"login_name": "other", "name": "FIRST"})
    assert (posing.status, list(posing.json["fields"])) == (409, ["name"])
    add_role(boss, "会计", [])
    assert boss.post("/api/roles", {"name": " 会计 "}).code == "name_taken"


def test_a_missing_id_is_not_found_and_logged_as_such(window: Caller, boss: Caller) -> None:
    assert boss.patch("/api/users/999", {"age": 1}).status == 404
    entry = boss.get("/api/audit?limit=1").json["entries"][0]
    assert (entry["action"], entry["object_id"], entry["result"]) == ("identity:user:edit", "999", "not_found")


def test_a_refused_change_is_logged_with_its_author(window: Caller, boss: Caller) -> None:
    liu = clerk(window, boss, "liu", [])
    assert liu.post("/api/roles", {"name": "x"}).status == 403
    entry = boss.get("/api/audit?limit=1").json["entries"][0]
    assert (entry["user_name"], entry["action"], entry["result"]) == ("liu", "identity:role:add", "permission_denied")
    refused = boss.get("/api/audit?verb=add&outcome=refused").json["entries"]
    assert [row["id"] for row in refused] == [entry["id"]]
    done = boss.get("/api/audit?verb=add&outcome=done").json["entries"]
    assert {(row["action"].rpartition(":")[2], row["result"]) for row in done} == {("add", "done")}
    assert boss.get("/api/audit?verb=%25").json["entries"] == []


# --- logins begin with the second one ---


def test_a_book_of_one_asks_nobody_to_log_in_until_a_second_login_exists(window: Caller) -> None:
    assert window.get("/api/health").json["logins"] is False
    body = {"name": "second", "age": 1, "login_name": "second", "password": "long enough"}
    assert window.post("/api/users", body).code == "owner_needs_password"
    give_owner_login(window)
    assert window.get("/api/users").status == 200
    assert window.post("/api/users", body).status == 201
    assert window.get("/api/health").json["logins"] is True
    assert window.get("/api/users").code == "login_required"
    assert window.log_in("boss", OWNER_PASSWORD).get("/api/users").status == 200


@pytest.mark.slow_passwords
def test_password_hashes_fit_and_cost_enough(sqlite_book: Book) -> None:
    set_up(sqlite_book)
    window = caller_on(sqlite_book)
    give_owner_login(window)
    with sqlite_book.session():
        row = fetch_one("SELECT password_hash FROM {user} WHERE is_owner = 1")
    assert row is not None
    assert row[0].startswith("$argon2id$v=19$m=32768,t=2,p=1$")


def test_rows_of_the_log_are_only_ever_added() -> None:
    from pathlib import Path

    sources = [path.read_text(encoding="utf-8").lower() for path in Path("app").rglob("*.py")]
    assert sum("into {audit_log}" in text for text in sources) == 1
    for text in sources:
        assert "update {audit_log}" not in text
        assert "delete from {audit_log}" not in text
