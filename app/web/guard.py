"""Who may come in, checked before anything else: one guard for the desktop, one for `serve`.

On the desktop our own window is the only caller, so everything a browser could be made to send is refused: the Host
must be ours to the letter, no Origin, no Sec-Fetch-Site, the secret of this run on every call. `serve` has browsers as
callers, so it knows sessions, cookies that other sites cannot use, and API tokens.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Protocol

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from app.http.caller import is_at_desktop, is_window, set_window
from app.http.decoding import MAX_JSON_BYTES, RAW_TYPE
from app.http.routes import Route
from app.identity.actor import Actor
from app.identity.queries.people import count_logins, logins_required, owner_actor
from app.identity.service import access
from app.identity.service.attempts import note_wrong_token
from app.identity.service.tokens import actor_of_token
from app.kernel.errors import NotAuthenticated, PermissionDenied
from app.kernel.text import message
from app.web.hosts import AllowedHosts
from app.web.limits import Doorkeeper, Place, counted_as

SESSION_HEADER = "X-Zhangfang-Session"
SESSION_COOKIE = "zhangfang_session"
CSRF_HEADER = "X-CSRF-Token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
UNATTENDED = frozenset({"/api/changes", "/api/presence", "/api/presence/leave"})
"""What a window asks by itself: nobody need sit before it, so it keeps no session alive."""
PAGES = "pages"
"""The blueprint of the browser's forms, which check their own CSRF field."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who a request comes from: nobody yet, a person by a session, or a program by a token."""

    actor: Actor | None = None
    session_token: str = ""
    must_change_password: bool = False


class Guard(Protocol):
    """What the application asks before it handles a request."""

    def check_door(self) -> None:
        """Refuse what may not come in at all; asked before the book is touched."""

    def identify(self, *, is_public: bool) -> Visitor:
        """Tell who it is, inside the book's session; on public routes only that he may come in."""

    def under_way(self, visitor: Visitor) -> Place | None:
        """Return the request's place among its visitor's, to be held until it is done; `None` where nobody counts."""

    def counted_as(self) -> str:
        """Return under which address failed logins are counted; empty where they are not."""


def check_body(route: Route | None) -> None:
    """Refuse bodies of the wrong kind or size, before they are read.

    Only JSON, which no HTML form can send across sites, and bytes on routes that take them.
    """
    length = request.content_length or 0
    if length > (route.max_body_bytes if route is not None else MAX_JSON_BYTES):
        raise RequestEntityTooLarge
    if request.method in SAFE_METHODS or (length == 0 and "Transfer-Encoding" not in request.headers):
        return
    wanted = RAW_TYPE if route is not None and route.raw_body else "application/json"
    if request.mimetype != wanted:
        raise UnsupportedMediaType


class DesktopGuard:
    """Lets in our own window, and with `other_programs` holders of API tokens on this computer."""

    def __init__(self, port: int, token: str, *, other_programs: bool = False) -> None:
        """Take the port we really listen on and the secret of this run."""
        self._hosts = {f"127.0.0.1:{port}".encode()}
        if other_programs:
            self._hosts.add(f"localhost:{port}".encode())
        self._bearer = f"Bearer {token}".encode()
        self._other_programs = other_programs

    def check_door(self) -> None:
        """Check Host, browser headers and the token, in this order."""
        host = request.environ.get("HTTP_HOST", "").encode("latin-1", "replace")
        if host not in self._hosts:
            raise PermissionDenied("host_refused", message("请求的主机名不对。"))
        if "Origin" in request.headers or "Sec-Fetch-Site" in request.headers:
            raise PermissionDenied("browser_refused", message("本程序不接受来自浏览器的请求。"))
        set_window(is_window=self._is_window())
        if not is_window() and not self._other_programs:
            raise NotAuthenticated("token_refused", message("没有本次运行的令牌，请求被拒绝。"))

    def identify(self, *, is_public: bool) -> Visitor:
        """Tell who uses the window: its session, or the owner of a book nobody logs in to."""
        if not is_window():
            actor = actor_of_token(_bearer_token())
            if actor is None:
                raise NotAuthenticated("token_refused", message("接口令牌不对或已作废。"))
            return Visitor(actor)
        if is_public:
            return Visitor()
        session = request.headers.get(SESSION_HEADER, "")
        if session:
            return _visitor_of_session(session)
        return Visitor() if logins_required() else Visitor(owner_actor())

    def under_way(self, visitor: Visitor) -> None:
        """Count nothing: the window and the programs of this computer are one person's."""
        del visitor

    def counted_as(self) -> str:
        """Return nothing: everybody at this computer has its one address."""
        return ""

    def _is_window(self) -> bool:
        # compared as bytes: compare_digest refuses text that is not ASCII
        given = request.environ.get("HTTP_AUTHORIZATION", "").encode("latin-1", "replace")
        return hmac.compare_digest(given, self._bearer)


class ServeGuard:
    """Lets in people with a session and programs with an API token; the login itself is open, to so many at a time."""

    def __init__(self, hosts: AllowedHosts | None = None, doorkeeper: Doorkeeper | None = None) -> None:
        """Take the names this server is called by, and who counts the calls."""
        self._hosts = hosts or AllowedHosts()
        self._doorkeeper = doorkeeper or Doorkeeper()

    def check_door(self) -> None:
        """Refuse names that are not ours, changes a browser sends for another site, and too many calls of strangers."""
        self._hosts.check(request.environ.get("HTTP_HOST", ""))
        if request.method not in SAFE_METHODS:
            _check_origin()
        if not _shows_anything():
            self._doorkeeper.stranger(request.remote_addr or "")

    def identify(self, *, is_public: bool) -> Visitor:
        """Tell who it is: an API token, a session in a header, or a session in the browser's cookie."""
        visitor = Visitor() if is_public else self._visitor()
        if visitor.actor is None and _shows_anything():  # what was shown was worth nothing
            self._doorkeeper.stranger(request.remote_addr or "")
        return visitor

    def under_way(self, visitor: Visitor) -> Place | None:
        """Count the person's call, refuse what is too much of them."""
        if visitor.actor is None:
            return None
        return self._doorkeeper.person((request.script_root, visitor.actor.user_id))

    def counted_as(self) -> str:
        """Return the caller's address, or his network where he has as many as he likes."""
        return counted_as(request.remote_addr or "")

    def _visitor(self) -> Visitor:
        if "Authorization" in request.headers:
            token = _bearer_token()
            actor = actor_of_token(token)
            if actor is None:
                self._doorkeeper.stranger(request.remote_addr or "")
                note_wrong_token(token)
                raise NotAuthenticated("token_refused", message("接口令牌不对或已作废。"))
            return Visitor(actor, must_change_password=False)
        if session := request.headers.get(SESSION_HEADER, ""):
            return _visitor_of_session(session)
        session = request.cookies.get(cookie_name(SESSION_COOKIE), "")
        visitor = _visitor_of_session(session) if session else Visitor()
        if visitor.actor is not None and request.method not in SAFE_METHODS and request.blueprint != PAGES:
            check_csrf(session, request.headers.get(CSRF_HEADER, ""))
        return visitor


def people_log_in() -> bool:
    """Tell whether people log in at this door: at a desktop once two can, at a served copy also the only one."""
    return logins_required() if is_at_desktop() else count_logins() > 0


def _check_origin() -> None:
    origin = request.headers.get("Origin")
    if origin is not None and origin.partition("://")[2] != request.host:
        raise PermissionDenied("origin_refused", message("请求来自别的网站，已拒绝。"))
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise PermissionDenied("origin_refused", message("请求来自别的网站，已拒绝。"))


def _shows_anything() -> bool:
    """Tell whether the caller says who he is, be it true or not."""
    headers = request.headers
    return (
        "Authorization" in headers
        or bool(headers.get(SESSION_HEADER))
        or cookie_name(SESSION_COOKIE) in request.cookies
    )


def cookie_name(name: str) -> str:
    """Return the name a cookie of the asked book has: below `/books/<slug>` its own, so that a browser keeps both."""
    slug = request.script_root.rpartition("/")[2]
    return f"{name}_{slug}" if slug else name


def require_window() -> None:
    """Refuse what only the window on this computer may ask for, such as writing a file here."""
    if not is_window():
        raise PermissionDenied("window_only", message("只有本机的窗口能指定备份的路径。"))


def check_csrf(session_token: str, given: str) -> None:
    """Refuse a change from a cookie session that does not send its CSRF value back."""
    if not hmac.compare_digest(access.csrf_of(session_token).encode(), given.encode("utf-8", "replace")):
        raise PermissionDenied("csrf_refused", message("页面已过期，请刷新后再试。"))


def _bearer_token() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _visitor_of_session(token: str) -> Visitor:
    state = access.resume(token, is_activity=request.path not in UNATTENDED)
    if state is None:
        return Visitor()
    return Visitor(state.actor, token, state.must_change_password)
