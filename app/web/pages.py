"""The few pages of `serve` in a browser: login, a new password, the readable API. None needs a script.

A form checks its own CSRF field: the session's value, or before the login a value that its cookie repeats.
"""

from __future__ import annotations

import hmac
import importlib.util
import secrets
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, abort, g, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from app.contract.identity import MIN_PASSWORD_LENGTH, PasswordChange
from app.contract.serving import ServedBook
from app.http.caller import actor_or_none, session_token
from app.http.errors import STATUS
from app.http.language import render, request_language
from app.identity.actor import Actor
from app.identity.service import access
from app.kernel.errors import ZhangfangError
from app.kernel.text import Message, message
from app.ledger.service.book import book_facts
from app.resources import resource_path
from app.storage.database import current_book
from app.web.guard import PAGES, SESSION_COOKIE, cookie_name
from app.web.refusal_pages import show_refusals
from app.web.served_books import FurtherBooks, served_books

LOGIN_COOKIE = "zhangfang_login"
DOCS_PATH = "/api/docs/"
STYLE_PATH = "/style.css"
STYLE = f"{PAGES}.style"
"""The endpoint of the style sheet: no book's, so that a page about a book that cannot be had has it, too."""
DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self';"
    " frame-ancestors 'none'; base-uri 'none'"
)
KEPT_BY_BROWSERS = "max-age=3600"
"""The files that belong to pages are the same for everybody."""
_DOCS_FILES = {
    "swagger-ui.css": "css/swagger-ui.css",
    "swagger-ui-bundle.js": "js/swagger-ui-bundle.js",
}
_KINDS = {".css": "text/css", ".js": "text/javascript"}
_TEXTS = {
    "title": message("账房"),
    "login": message("登录"),
    "logout": message("退出登录"),
    "login_name": message("登录名"),
    "password": message("密码"),
    "old_password": message("旧密码"),
    "new_password": message("新密码"),
    "repeat_password": message("再输一次新密码"),
    "change_password": message("修改密码"),
    "must_change": message("这是别人给您设的密码，请先改成自己的。"),
    "password_rule": message("至少 {length} 个字符。", length=MIN_PASSWORD_LENGTH),
    "signed_in_as": message("当前用户"),
    "book": message("账套"),
    "books": message("这台服务器上的账簿"),
    "api_docs": message("接口说明"),
    "no_window": message("记账请用账房程序连接本服务器；其他程序可用接口令牌调用。"),
}


def add_pages(app: Flask) -> None:
    """Add the pages to an application that is served to browsers."""
    pages = Blueprint(PAGES, __name__)
    pages.add_url_rule("/", "home", _home, methods=["GET"], provide_automatic_options=False)
    pages.add_url_rule("/login", "login", _login, methods=["GET", "POST"], provide_automatic_options=False)
    pages.add_url_rule("/logout", "logout", _logout, methods=["POST"], provide_automatic_options=False)
    pages.add_url_rule("/password", "password", _password, methods=["GET", "POST"], provide_automatic_options=False)
    pages.add_url_rule(STYLE_PATH, "style", _style, methods=["GET"], provide_automatic_options=False)
    pages.add_url_rule(DOCS_PATH, "docs", _docs, methods=["GET"], provide_automatic_options=False)
    pages.add_url_rule(f"{DOCS_PATH}<name>", "docs_file", _docs_file, methods=["GET"], provide_automatic_options=False)
    app.register_blueprint(pages)
    show_refusals(app)


def _home() -> BaseResponse:
    actor = actor_or_none()
    if not isinstance(actor, Actor):
        books = _books()
        return _page("books.html", books=books) if books else _to("/login")
    info = access.session_info(actor)
    if info.must_change_password:
        return _to("/password")
    return _page("home.html", user=info.user.name, csrf=_csrf(), books=_books())


def _books() -> list[ServedBook]:
    """Return all books of the server at its root, where it has several; else none."""
    has_further = current_book().companion(FurtherBooks).folder is not None
    return served_books().books if has_further else []


def _login() -> BaseResponse:
    if request.method != "POST":  # a HEAD is a GET
        return _login_page()
    typed = request.form.get("csrf", "")
    known = request.cookies.get(cookie_name(LOGIN_COOKIE), "")
    if not hmac.compare_digest(typed.encode(), known.encode()) or not typed:
        return _login_page(message("页面已过期，请再试一次。"), 403)
    try:
        login = access.log_in(
            request.form.get("login_name", "")[:60],
            request.form.get("password", "")[:200],
            address=request.remote_addr or "",
            program=request.user_agent.string,
        )
    except ZhangfangError as refusal:
        return _login_page(refusal.message, STATUS[refusal.category])
    response = _to("/password" if login.session.must_change_password else "/")
    _set_cookie(response, SESSION_COOKIE, login.token, _here("") or "/")
    response.delete_cookie(cookie_name(LOGIN_COOKIE), path=_here("/login"))
    return response


def _login_page(problem: Message | None = None, status: int = 200) -> BaseResponse:
    token = secrets.token_urlsafe(24)
    response = _page("login.html", status, problem=render(problem) if problem else "", csrf=token)
    _set_cookie(response, LOGIN_COOKIE, token, _here("/login"))
    return response


def _logout() -> BaseResponse:
    actor = actor_or_none()
    if isinstance(actor, Actor):
        _check_form()
        access.log_out(actor, session_token())
    response = _to("/login")
    response.delete_cookie(cookie_name(SESSION_COOKIE), path=_here("") or "/")
    return response


def _password() -> BaseResponse:
    actor = actor_or_none()
    if not isinstance(actor, Actor):
        return _to("/login")
    if request.method != "POST":  # a HEAD is a GET
        return _password_page(actor)
    _check_form()
    new = request.form.get("new_password", "")[:200]
    if new != request.form.get("repeat_password", "")[:200]:
        return _password_page(actor, message("两次输入的新密码不同。"), 400)
    change = PasswordChange(old_password=request.form.get("old_password", "")[:200], new_password=new)
    try:
        access.change_own_password(actor, change, token=session_token())
    except ZhangfangError as refusal:
        return _password_page(actor, refusal.message, STATUS[refusal.category])
    return _to("/")


def _password_page(actor: Actor, problem: Message | None = None, status: int = 200) -> Response:
    must_change = access.session_info(actor).must_change_password
    return _page(
        "password.html", status, problem=render(problem) if problem else "", must_change=must_change, csrf=_csrf()
    )


def _here(path: str) -> str:
    """Return a path of this application below where it is served: at the root, or under a prefix."""
    return request.script_root + path


def _to(path: str) -> BaseResponse:
    return redirect(_here(path))


def _set_cookie(response: BaseResponse, name: str, value: str, path: str) -> None:
    response.set_cookie(cookie_name(name), value, httponly=True, samesite="Strict", secure=request.is_secure, path=path)


def _page(template: str, status: int = 200, **values: Any) -> Response:
    texts = {name: render(sentence) for name, sentence in _TEXTS.items()}
    book = book_facts()["book_name"] or ""
    html = render_template(
        template, root=request.script_root, t=texts, language=request_language(), book=book, **values
    )
    response = make_response(html, status)
    if status >= 400:
        g.error_code = "page_refused"
    return response


def _csrf() -> str:
    token = session_token()
    return access.csrf_of(token) if token else ""


def _check_form() -> None:
    if not hmac.compare_digest(_csrf().encode(), request.form.get("csrf", "").encode()):
        abort(403)


def style_sheet() -> Path:
    """Return the file of the style sheet."""
    return resource_path("pages", "style.css")


def _style() -> Response:
    return _file(style_sheet())


def _docs() -> Response:
    response = make_response(render_template("docs.html", root=request.script_root, title=render(message("接口说明"))))
    response.headers["Content-Security-Policy"] = DOCS_POLICY
    return response


def _docs_file(name: str) -> Response:
    if name == "docs.js":
        return _file(resource_path("pages", "docs.js"))
    if name not in _DOCS_FILES:
        abort(404)
    # found, not imported: the package would bring along a framework we only need these files of
    spec = importlib.util.find_spec("flask_openapi3_swagger")
    if spec is None or spec.origin is None:
        abort(404)
    return _file(Path(spec.origin).with_name("templates") / "swagger" / _DOCS_FILES[name])


def _file(path: Path) -> Response:
    """Send a small file of ours as a whole, so that none is left open when a browser hangs up."""
    response = Response(path.read_bytes(), mimetype=_KINDS[path.suffix])
    response.headers["Cache-Control"] = KEPT_BY_BROWSERS
    return response
