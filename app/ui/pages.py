"""The pages of the window, in the order of its navigation. Nothing else knows them all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from app.ui.contacts.pages import contact_pages
from app.ui.inventory.pages import inventory_pages
from app.ui.language import tr
from app.ui.ledger.pages import ledger_pages
from app.ui.month_end.pages import month_end_pages
from app.ui.page import Page, PageContext, PageEntry
from app.ui.page_groups import ORDER, SYSTEM
from app.ui.people.log_pages import log_pages
from app.ui.program.settings_page import KeepsSettings
from app.ui.reports.pages import report_pages
from app.ui.stock.pages import stock_pages
from app.ui.trade.pages import trade_pages

FIRST_PAGE = "vouchers"


class HasLogs(Protocol):
    """Who knows where the log lies."""

    def log_folder(self) -> Path:
        """Return the folder."""


class Composer(KeepsSettings, Protocol):
    """What pages need beside their context; the shell is one."""

    @property
    def runtime(self) -> HasLogs:
        """The program below the window."""

    def restore_backup(self, file: str = "") -> None:
        """Ask which backup becomes a book, or where a given one does."""


def all_pages(composer: Composer) -> list[PageEntry]:
    """Return every page; the workspace leaves out those the user has no right to."""
    pages = [
        *ledger_pages(),
        *trade_pages(),
        *stock_pages(),
        *inventory_pages(),
        *contact_pages(),
        *report_pages(),
        *month_end_pages(),
        PageEntry("users", lambda: tr("用户管理"), "users", _users, SYSTEM, permission="identity:user:view"),
        PageEntry("roles", lambda: tr("角色与权限"), "roles", _roles, SYSTEM, permission="identity:role:view"),
        PageEntry(
            "departments",
            lambda: tr("部门管理"),
            "departments",
            _departments,
            SYSTEM,
            permission="identity:department:view",
        ),
        *log_pages(),
        PageEntry("import", lambda: tr("导入"), "import", _import, SYSTEM, permission="exchange:file:import"),
        PageEntry(
            "backup",
            lambda: tr("备份"),
            "backup",
            lambda context: _backup(context, composer.restore_backup),
            SYSTEM,
            permission="book:backup:add",
        ),
        PageEntry("settings", lambda: tr("设置"), "settings", lambda context: _settings(context, composer), SYSTEM),
        PageEntry("about", lambda: tr("关于"), "about", lambda context: _about(context, composer), SYSTEM),
    ]
    return sorted(pages, key=lambda page: ORDER.index(page.group))


def _users(context: PageContext) -> Page:
    from app.ui.people.users_page import UsersPage

    return UsersPage(context)


def _roles(context: PageContext) -> Page:
    from app.ui.people.role_page import RolesPage

    return RolesPage(context)


def _departments(context: PageContext) -> Page:
    from app.ui.people.department_page import DepartmentsPage

    return DepartmentsPage(context)


def _import(context: PageContext) -> Page:
    from app.ui.exchange.import_page import ImportPage

    return ImportPage(context)


def _backup(context: PageContext, restore: Callable[[str], None]) -> Page:
    from app.ui.exchange.backup_page import BackupPage

    return BackupPage(context, restore)


def _settings(context: PageContext, keeper: KeepsSettings) -> Page:
    from app.ui.program.settings_page import SettingsPage

    return SettingsPage(context, keeper)


def _about(context: PageContext, composer: Composer) -> Page:
    from app.ui.program.about_page import AboutPage

    return AboutPage(context, composer.runtime.log_folder(), composer)
