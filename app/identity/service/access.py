"""Logging in and out. Sessions live in the database, expire, and are checked against the person on each request."""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
from dataclasses import dataclass

from app.contract.identity import Login, PasswordChange, SessionInfo
from app.identity import audit
from app.identity.actor import Actor
from app.identity.errors import login_refused
from app.identity.passwords import hash_password, needs_rehash, verify_password
from app.identity.queries.people import actor_of, logins_required, read_user
from app.identity.service.attempts import (
    note,
    refuse_crowded_address,
    refuse_early,
    require_allowed,
    settle,
    waiting,
)
from app.identity.service.granting import require_not_above
from app.kernel import clock
from app.kernel.errors import EnvironmentFault, MalformedInput, NotFound, RuleBroken
from app.kernel.text import clean_text, message
from app.storage.book_clock import book_now_ms
from app.storage.database import execute, fetch_all, fetch_one, insert_returning_id, lock_suffix, run_unit

logger = logging.getLogger(__name__)

IDLE_MS = 12 * 3600 * 1000
LONGEST_MS = 7 * 24 * 3600 * 1000
"""A session ends after so long without a request, and at the latest so long after the login."""
SEEN_EVERY_MS = 5 * 60 * 1000
"""How exactly "last seen" is kept: a write on each request would cost more than it tells."""


@dataclass(frozen=True, slots=True)
class SessionState:
    """A valid session: who acts, and whether he must choose a new password before anything else."""

    session_id: int
    actor: Actor
    must_change_password: bool


def hash_token(token: str) -> str:
    """Return what is stored of a token. The token has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def csrf_of(token: str) -> str:
    """Return the value a browser must send back beside the session's cookie; it follows from the token alone."""
    return hmac.new(token.encode(), b"csrf", hashlib.sha256).hexdigest()


def authenticate(login_name: str, password: str) -> Actor:
    """Check a login and return who it is; every try is logged, also under unknown names.

    Raises `NotAuthenticated` with one text for every cause, `TooManyRequests` while the name must wait or is locked, or
    too many logins failed from the caller's address.
    Unknown names take the same time and the same limits as known ones.
    """
    return _authenticated(login_name, password)[0]


def _authenticated(login_name: str, password: str) -> tuple[Actor, str]:
    """Check a login as `authenticate`; return who it is, and the stored hash the password was right for."""
    key = clean_text(login_name).casefold()[:60]
    refuse_crowded_address()
    wait_ms, outcome = waiting(key)
    row = fetch_one("SELECT id, password_hash, active FROM {user} WHERE login_key = ?", (key,))
    user_id = row[0] if row else None
    if wait_ms > 0:
        note(key, user_id, outcome)
        refuse_early(wait_ms)
    right = verify_password(row[1] if row else None, password)
    if row is None or not right or not row[2]:
        settle(key, user_id, "wrong")
        raise login_refused()
    actor = actor_of(row[0])
    if actor is None:  # deactivated this very moment
        raise login_refused()
    settle(key, user_id, "ok")
    if needs_rehash(row[1]):
        new_hash = hash_password(password)
        # only what was just checked: a password that was changed meanwhile is not to become the old one again
        change = "UPDATE {user} SET password_hash = ? WHERE id = ? AND password_hash = ?"
        run_unit(lambda: execute(change, (new_hash, row[0], row[1])))
        return actor, new_hash
    return actor, row[1]


def _is_right_still(user_id: int, checked: str | None, password: str) -> bool:
    """Tell inside a unit whether a password that was right for a hash is so now, and keep that until the unit ends.

    Checking it takes long; meanwhile somebody may have given the person another one, or shut him out.
    """
    row = fetch_one(f"SELECT password_hash, active FROM {{user}} WHERE id = ?{lock_suffix()}", (user_id,))
    if row is None or not row[1]:
        return False
    return row[0] == checked or (row[0] is not None and verify_password(row[0], password))


def log_in(login_name: str, password: str, *, address: str = "", program: str = "") -> Login:
    """Check a login and begin a session; its token is returned here only, the book keeps its hash.

    Raises as `authenticate`.
    """
    actor, checked = _authenticated(login_name, password)
    token = secrets.token_urlsafe(32)
    now = clock.utc_ms()

    def work() -> None:
        if not _is_right_still(actor.user_id, checked, password):
            raise login_refused()
        _forget_ended()
        session_id = insert_returning_id(
            "INSERT INTO {session} (token_hash, user_id, created_at, last_seen_at, expires_at, address, program) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (hash_token(token), actor.user_id, now, now, now + IDLE_MS, address[:60], clean_text(program)[:200]),
        )
        audit.record(actor, "identity:session:login", "session", session_id)

    run_unit(work)
    return Login(token=token, session=session_info(actor, csrf_of(token)))


def session_info(actor: Actor, csrf: str = "") -> SessionInfo:
    """Return who the actor is and what he may do now."""
    user = read_user(actor.user_id)
    return SessionInfo(
        user=user,
        permissions=sorted(actor.permissions),
        logins=logins_required(),
        must_change_password=user.must_change_password,
        csrf=csrf,
    )


def resume(token: str, *, is_activity: bool = True) -> SessionState | None:
    """Return the session of a token, or `None` when it has ended; the person's state and rights are read anew.

    A call that is no `is_activity`, which a window makes by itself, does not make the session last longer.
    """
    now = clock.utc_ms()
    row = fetch_one(
        "SELECT s.id, s.user_id, s.created_at, s.last_seen_at, s.expires_at, u.must_change_password "
        "FROM {session} s JOIN {user} u ON u.id = s.user_id WHERE s.token_hash = ? AND u.active = 1",
        (hash_token(token),),
    )
    if row is None or now >= row[4]:
        return None
    actor = actor_of(row[1])
    if actor is None:
        return None
    if row[3] - now > SEEN_EVERY_MS:  # the clock was set back: counted anew from here, else it would last until then
        _touch(row[0], now, now + IDLE_MS, created_at=now)
    elif is_activity and now - row[3] > SEEN_EVERY_MS:
        _touch(row[0], now, min(now + IDLE_MS, row[2] + LONGEST_MS), created_at=row[2])
    return SessionState(row[0], actor, bool(row[5]))


def _touch(session_id: int, now: int, expires_at: int, *, created_at: int) -> None:
    try:
        run_unit(
            lambda: execute(
                "UPDATE {session} SET created_at = ?, last_seen_at = ?, expires_at = ? WHERE id = ?",
                (created_at, now, expires_at, session_id),
            )
        )
    except EnvironmentFault as fault:  # a long import holds the book: seen a little later, then
        logger.info("session %s was not marked as seen: %s", session_id, fault)


def forget_ended_sessions() -> None:
    """Drop the sessions whose time is over."""
    if fetch_one("SELECT 1 FROM {session} WHERE expires_at <= ? LIMIT 1", (book_now_ms(),)):
        run_unit(_forget_ended)


def _forget_ended() -> None:
    # by the clock of the book: a computer whose own is a year ahead would log everybody out
    execute("DELETE FROM {session} WHERE expires_at <= ?", (book_now_ms(),))


def log_out(actor: Actor, token: str) -> None:
    """End the session of a token; harmless when it has ended."""

    def work() -> None:
        row = fetch_one("SELECT id FROM {session} WHERE token_hash = ?", (hash_token(token),))
        if row is not None:
            execute("DELETE FROM {session} WHERE id = ?", (row[0],))
            audit.record(actor, "identity:session:logout", "session", row[0])

    run_unit(work)


def force_logout(actor: Actor, session_id: int) -> None:
    """End somebody's session. Raises `NotFound`."""
    actor.require("identity:session:forceLogout")

    def work() -> None:
        row = fetch_one("SELECT user_id FROM {session} WHERE id = ?", (session_id,))
        if row is None:
            raise NotFound("not_found", message("这个登录已经结束。"))
        execute("DELETE FROM {session} WHERE id = ?", (session_id,))
        audit.record(actor, "identity:session:forceLogout", "session", session_id, before={"user_id": row[0]})

    run_unit(work)


def end_own_session(actor: Actor, session_id: int) -> None:
    """End a login of one's own.

    Raises `NotFound`, also for somebody else's; `PermissionDenied` for a token with some of the rights only.
    """

    def work() -> None:
        row = fetch_one("SELECT 1 FROM {session} WHERE id = ? AND user_id = ?", (session_id, actor.user_id))
        if row is None:
            raise NotFound("not_found", message("这个登录已经结束。"))
        require_not_above(actor, actor.user_id)
        execute("DELETE FROM {session} WHERE id = ?", (session_id,))
        audit.record(actor, "identity:session:logout", "session", session_id)

    run_unit(work)


def end_other_sessions(actor: Actor, token: str) -> None:
    """End all logins of one's own but the one with this token; harmless when there are none.

    Raises `PermissionDenied` for a token with some of the rights only.
    """
    require_not_above(actor, actor.user_id)
    kept = hash_token(token) if token else ""

    def work() -> None:
        rows = fetch_all(
            "SELECT id FROM {session} WHERE user_id = ? AND token_hash <> ? ORDER BY id", (actor.user_id, kept)
        )
        for (session_id,) in rows:
            execute("DELETE FROM {session} WHERE id = ?", (session_id,))
            audit.record(actor, "identity:session:logout", "session", session_id)

    run_unit(work)


def end_sessions(user_id: int, *, but_token: str | None = None) -> None:
    """End a person's sessions, except the one in which he changes his password."""
    kept = hash_token(but_token) if but_token else ""
    execute("DELETE FROM {session} WHERE user_id = ? AND token_hash <> ?", (user_id, kept))


def change_own_password(actor: Actor, change: PasswordChange, *, token: str | None = None) -> SessionInfo:
    """Choose a new password; the other sessions end. `token` is the session that goes on.

    Raises `MalformedInput` when the old one is wrong or the new one too short or the same, `RuleBroken` without a login
    name, `TooManyRequests` after too many wrong old ones, `PermissionDenied` for a token with some of the rights only.
    """
    require_not_above(actor, actor.user_id)
    row = fetch_one("SELECT password_hash, login_key, login_name FROM {user} WHERE id = ?", (actor.user_id,))
    if row is None or row[2] is None:
        raise RuleBroken("login_name_missing", message("请先设置登录名。"))
    if row[0] is not None:
        refuse_early(waiting(row[1])[0])
        if not verify_password(row[0], change.old_password):
            settle(row[1], actor.user_id, "wrong")
            raise _old_password_wrong()
        if change.new_password == change.old_password:
            sentence = message("新密码要和旧密码不同。")
            raise MalformedInput("password_same", sentence, fields={"new_password": sentence})
    new_hash = hash_password(change.new_password, field="new_password")

    def work() -> None:
        if row[0] is not None:
            require_allowed(row[1])
        if not _is_right_still(actor.user_id, row[0], change.old_password):
            raise _old_password_wrong()
        execute(
            "UPDATE {user} SET password_hash = ?, must_change_password = 0, version = version + 1 WHERE id = ?",
            (new_hash, actor.user_id),
        )
        end_sessions(actor.user_id, but_token=token)
        audit.record(actor, "identity:user:ownPassword", "user", actor.user_id)

    run_unit(work)
    return session_info(actor, csrf_of(token) if token else "")


def _old_password_wrong() -> MalformedInput:
    sentence = message("旧密码不对。")
    return MalformedInput("old_password_wrong", sentence, fields={"old_password": sentence})
