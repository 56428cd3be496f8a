"""Everybody who could stand at the door of a book: with and without a name, a right, a token that still counts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from app.http.routes import PUBLIC, Route
from app.kernel.clock import utc_ms
from app.storage.database import Book, execute, fetch_all, run_unit
from app.web.factory import create_app
from app.web.guard import DesktopGuard
from tests.calling import OWNER_PASSWORD, PORT, RUN_TOKEN, Caller, add_person, add_role, caller_on, give_owner_login

NOTHING_TO_TELL = ("甲公司", "张三", "螺丝", "掌柜", "房租", "收据", "脚本", "$argon2", "zf_")
"""What stands in the filled book, and may stand in no refusal."""

RIGHT_FOR_OTHERS = {("GET", "/api/users/<int:id>"): "identity:user:view"}
"""Routes everybody may call about himself; about others they need a right."""

Expected = tuple[int, str] | None
"""Status and code of a refusal; `None`: the caller comes in, whatever the route then says to what he asks."""
TO_LOG_IN = (401, "login_required")
NO_TOKEN = (401, "token_refused")
NO_RIGHT = (403, "permission_denied")


@dataclass(frozen=True)
class Visitor:
    """Somebody at the door: what he sends, and what each route has to answer him."""

    name: str
    caller: Caller
    expected: Callable[[Route], Expected]


def like_nobody(route: Route) -> Expected:
    """Only what is public."""
    return None if route.permission == PUBLIC else TO_LOG_IN


def like_a_wrong_token(route: Route) -> Expected:
    """A token that does not count is said to be that, and is not made good by anything else."""
    return None if route.permission == PUBLIC else NO_TOKEN


def rights_of(route: Route) -> tuple[str, ...]:
    """Return the rights of which one lets somebody in; none where being logged in is enough."""
    if route.is_open:
        about_others = RIGHT_FOR_OTHERS.get((route.method, route.rule), "")
        return (about_others,) if about_others else ()
    return route.rights[:1]


def without_rights(route: Route) -> Expected:
    """What everybody may who is logged in."""
    return NO_RIGHT if rights_of(route) else None


def admitted(_route: Route) -> Expected:
    """Everything."""
    return None


def before_the_change(route: Route) -> Expected:
    """Who must change his password first may only look at himself, change it, and leave."""
    return None if route.is_open else (403, "password_change_required")


def by_cookie_alone(route: Route) -> Expected:
    """A browser's cookie reads; to change something its page must send the value no other site knows."""
    if route.permission == PUBLIC or route.method == "GET":
        return None
    return (403, "csrf_refused")


class Crowd:
    """People, sessions and tokens of one book, in every state; `exact` has the rights it is given for each route."""

    def __init__(self, book: Book, window: Caller) -> None:
        """Let everybody into a book that has been filled."""
        self.book = book
        give_owner_login(window)
        add_person(window, "second")
        self.owner = window.log_in("boss", OWNER_PASSWORD)
        self.role = add_role(self.owner, "exact", [])
        self.ids = {
            name: add_person(self.owner, name, roles)["id"]
            for name, roles in (("nothing", []), ("exact", [self.role]), ("gone", [self.role]), ("fresh", [self.role]))
        }
        self.window = window
        self.served = caller_on(book, serve=True)
        self.tokens = {name: self._token(name) for name in ("nothing", "exact", "gone")}
        self.tokens |= {name: self._token("exact") for name in ("revoked", "expired")}
        self.tokens["lacking"] = self.owner.post("/api/tokens", {"scope": []}).json["token"]
        self.tokens["owner"] = self.owner.post("/api/tokens", {}).json["token"]
        self.sessions = {name: self._session(name) for name in ("nothing", "exact", "ended", "fresh", "gone")}
        self._spoil()

    def _token(self, name: str) -> str:
        answer = self.owner.post("/api/tokens", {"user_id": self.ids[name], "name": name})
        assert answer.status == 201, answer.json
        return str(answer.json["token"])

    def _session(self, name: str) -> str:
        who = "exact" if name == "ended" else name
        answer = self.window.post("/api/login", {"login_name": who, "password": f"{who}-secret"})
        return str(answer.json["token"])

    def _spoil(self) -> None:
        past = utc_ms() - 1000

        def hashed(token: str) -> str:
            return hashlib.sha256(token.encode()).hexdigest()

        def work() -> None:
            execute(
                "UPDATE {api_token} SET revoked_at = ? WHERE token_hash = ?", (past, hashed(self.tokens["revoked"]))
            )
            execute(
                "UPDATE {api_token} SET expires_at = ? WHERE token_hash = ?", (past, hashed(self.tokens["expired"]))
            )
            execute("UPDATE {session} SET expires_at = ? WHERE token_hash = ?", (past, hashed(self.sessions["ended"])))
            execute("UPDATE {user} SET active = 0 WHERE id = ?", (self.ids["gone"],))
            execute("UPDATE {user} SET must_change_password = 1 WHERE id = ?", (self.ids["fresh"],))

        with self.book.session():
            run_unit(work)

    def give(self, rights: tuple[str, ...]) -> None:
        """Let `exact`, `gone` and `fresh` have exactly these rights from now on."""
        rows = [(self.role, right) for right in rights]

        def work() -> None:
            execute("DELETE FROM {role_permission} WHERE role_id = ?", (self.role,))
            for row in rows:
                execute("INSERT INTO {role_permission} (role_id, permission_code) VALUES (?, ?)", row)

        with self.book.session():
            run_unit(work)

    def at_served(self) -> list[Visitor]:
        """Return everybody who could call a served copy."""
        tokens, sessions, door = self.tokens, self.sessions, self.served
        csrf = door.as_session(sessions["exact"]).get("/api/session").json["csrf"]
        cookie = {"Cookie": f"zhangfang_session={sessions['exact']}"}
        browser = door.client.application.test_client(use_cookies=False)  # sends the header as it stands
        return [
            Visitor("nobody", door, like_nobody),
            Visitor("a wrong token", door.as_token("zf_made-up"), like_a_wrong_token),
            Visitor("a revoked token", door.as_token(tokens["revoked"]), like_a_wrong_token),
            Visitor("an expired token", door.as_token(tokens["expired"]), like_a_wrong_token),
            Visitor("a token of somebody deactivated", door.as_token(tokens["gone"]), like_a_wrong_token),
            Visitor("a token whose scope lacks the right", door.as_token(tokens["lacking"]), without_rights),
            Visitor("a token with exactly the right", door.as_token(tokens["exact"]), admitted),
            Visitor("a session without roles", door.as_session(sessions["nothing"]), without_rights),
            Visitor("a session with exactly the right", door.as_session(sessions["exact"]), admitted),
            Visitor("a session that has ended", door.as_session(sessions["ended"]), like_nobody),
            Visitor("a session of somebody deactivated", door.as_session(sessions["gone"]), like_nobody),
            Visitor("a session before its password is changed", door.as_session(sessions["fresh"]), before_the_change),
            Visitor("a browser's cookie alone", Caller(browser, cookie), by_cookie_alone),
            Visitor("a browser's page", Caller(browser, cookie | {"X-CSRF-Token": csrf}), admitted),
            Visitor("the owner", door.as_token(tokens["owner"]), admitted),
        ]

    def at_desktop(self) -> list[Visitor]:
        """Return everybody who could call the desktop's server, whose window alone has the token of the run."""
        window, sessions, host = self.window, self.sessions, {"Host": f"127.0.0.1:{PORT}"}

        def everything(status: int, code: str) -> Callable[[Route], Expected]:
            return lambda _route: (status, code)

        client, bearer = window.client, {"Authorization": f"Bearer {RUN_TOKEN}"}
        return [
            Visitor("nobody", Caller(client, host), everything(*NO_TOKEN)),
            Visitor(
                "an API token", Caller(client, host).as_token(self.tokens["owner"]), everything(403, "host_refused")
            ),
            Visitor(
                "an API token with the right host",
                Caller(client, host | {"Authorization": f"Bearer {self.tokens['owner']}"}),
                everything(*NO_TOKEN),
            ),
            Visitor(
                "a session without the token", Caller(client, host).as_session(sessions["exact"]), everything(*NO_TOKEN)
            ),
            Visitor("another host", Caller(client, bearer | {"Host": "evil.com"}), everything(403, "host_refused")),
            Visitor(
                "a browser", Caller(client, bearer | host | {"Origin": "null"}), everything(403, "browser_refused")
            ),
            Visitor("the window before the login", window, like_nobody),
            Visitor("a session without roles", window.as_session(sessions["nothing"]), without_rights),
            Visitor("a session with exactly the right", window.as_session(sessions["exact"]), admitted),
            Visitor("a session that has ended", window.as_session(sessions["ended"]), like_nobody),
            Visitor(
                "a session before its password is changed", window.as_session(sessions["fresh"]), before_the_change
            ),
            Visitor("the owner", self.owner, admitted),
        ]

    def at_open_desktop(self) -> list[Visitor]:
        """Return who could call a desktop whose setting lets other programs of this computer in."""
        guard = DesktopGuard(PORT, RUN_TOKEN, other_programs=True)
        client = create_app(self.book, guard).test_client(use_cookies=False)

        def program(token: str, **more: str) -> Caller:
            return Caller(client, {"Host": f"localhost:{PORT}", "Authorization": f"Bearer {token}"} | more)

        def refused(status: int, code: str) -> Callable[[Route], Expected]:
            return lambda _route: (status, code)

        tokens, session = self.tokens, {"X-Zhangfang-Session": self.sessions["exact"]}
        return [
            Visitor("nobody", Caller(client, {"Host": f"127.0.0.1:{PORT}"}), refused(*NO_TOKEN)),
            Visitor("a revoked token beside a session", program(tokens["revoked"], **session), refused(*NO_TOKEN)),
            Visitor("a browser with a token", program(tokens["owner"], Origin="null"), refused(403, "browser_refused")),
            Visitor("a token whose scope lacks the right", program(tokens["lacking"], **session), without_rights),
            Visitor("a token with exactly the right", program(tokens["exact"]), admitted),
        ]


WRITTEN_BY_ASKING = {
    "audit_log": "result = 'done'",
    "login_attempt": "0 = 1",
    "sqlite_sequence": "name NOT IN ('audit_log', 'login_attempt')",
    "api_token": "",
    "session": "",
}
"""What a call that is refused may leave behind: a row of its refusal, and when a token or session was seen."""
_LEFT_OUT = {"api_token": {"last_used_at"}, "session": {"last_seen_at", "expires_at"}}


def mark(book: Book) -> dict[str, str]:
    """Return a mark over every table of a book: it changes when anything is written, save refusals in the log."""
    marks = {}
    with book.session():
        names = [row[0] for row in fetch_all("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        for name in names:
            wanted = WRITTEN_BY_ASKING.get(name, "")
            columns = [row[1] for row in fetch_all(f"PRAGMA table_info('{name}')")]
            kept = ", ".join(f'"{column}"' for column in columns if column not in _LEFT_OUT.get(name, set()))
            rows = fetch_all(f'SELECT {kept} FROM "{name}"' + (f" WHERE {wanted}" if wanted else ""))
            marks[name] = hashlib.sha256(orjson.dumps(sorted(rows, key=repr), default=_as_hex)).hexdigest()
    return marks


def _as_hex(value: Any) -> str:
    return bytes(value).hex()


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """Return the tables in which something was written between two marks."""
    return [name for name in after if after[name] != before.get(name)]
