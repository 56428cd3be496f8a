"""The pages of logs, logins and tokens as the window knows them; each is built when first shown."""

from __future__ import annotations

from app.ui.language import tr
from app.ui.page import Page, PageContext, PageEntry
from app.ui.page_groups import SYSTEM


def log_pages() -> list[PageEntry]:
    """Return the pages in the order of the navigation; everybody has logins and tokens of his own."""
    return [
        PageEntry("log", lambda: tr("操作日志"), "log", _log, SYSTEM, permission="identity:audit:view"),
        PageEntry("logins", lambda: tr("登录日志"), "logins", _logins, SYSTEM, permission="identity:login:view"),
        PageEntry("sessions", lambda: tr("登录状态"), "sessions", _sessions, SYSTEM),
        PageEntry("tokens", lambda: tr("API 令牌"), "key", _tokens, SYSTEM),
    ]


def _log(context: PageContext) -> Page:
    from app.ui.people.log_page import LogPage

    return LogPage(context)


def _logins(context: PageContext) -> Page:
    from app.ui.people.login_log_page import LoginLogPage

    return LoginLogPage(context)


def _sessions(context: PageContext) -> Page:
    from app.ui.people.sessions_page import SessionsPage

    return SessionsPage(context)


def _tokens(context: PageContext) -> Page:
    from app.ui.people.tokens_page import TokensPage

    return TokensPage(context)
