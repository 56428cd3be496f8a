"""The pages of the window, in the order of its navigation. Nothing else knows them all."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from app.ui.language import tr
from app.ui.page import Page, PageContext, PageEntry
from app.ui.page_groups import SYSTEM
from app.ui.program.settings_page import KeepsSettings

FIRST_PAGE = "users"


class HasLogs(Protocol):
    """Who knows where the log lies."""

    def log_folder(self) -> Path:
        """Return the folder."""


class Composer(KeepsSettings, Protocol):
    """What pages need beside their context; the shell is one."""

    @property
    def runtime(self) -> HasLogs:
        """The program below the window."""


def all_pages(composer: Composer) -> list[PageEntry]:
    """Return every page; the workspace leaves out those the user has no right to."""
    return [
        PageEntry("users", lambda: tr("用户"), "users", _users, SYSTEM, permission="identity:user:view"),
        PageEntry("settings", lambda: tr("设置"), "settings", lambda context: _settings(context, composer), SYSTEM),
        PageEntry(
            "about", lambda: tr("关于"), "about", lambda context: _about(context, composer.runtime.log_folder()), SYSTEM
        ),
    ]


def _users(context: PageContext) -> Page:
    from app.ui.people.users_page import UsersPage

    return UsersPage(context)


def _settings(context: PageContext, keeper: KeepsSettings) -> Page:
    from app.ui.program.settings_page import SettingsPage

    return SettingsPage(context, keeper)


def _about(context: PageContext, log_folder: Path) -> Page:
    from app.ui.program.about_page import AboutPage

    return AboutPage(context, log_folder)
