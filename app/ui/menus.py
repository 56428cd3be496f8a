"""The menu bar: everything the window can do, with its keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from PyQt5.QtWidgets import QActionGroup, QMenu

from app.ui.language import tr
from app.ui.start.book_kinds import short_place
from app.ui.start.recent_books import title_of
from app.ui.theme import LARGEST_ZOOM, SMALLEST_ZOOM

if TYPE_CHECKING:
    from app.settings import Settings
    from app.ui.main_window import MainWindow
    from app.ui.runtime import OpenedBook
    from app.ui.sharing.desk import SharingDesk
    from app.ui.theme import ThemeSwitch
    from app.ui.workspace import Workspace

_ZOOM_STEP = 10


class Commands(Protocol):
    """What the menus call; the shell is one."""

    window: MainWindow
    theme: ThemeSwitch
    workspace: Workspace | None
    sharing: SharingDesk
    opened: OpenedBook | None

    @property
    def settings(self) -> Settings:
        """The settings now."""

    def change_settings(self, settings: Settings) -> None:
        """Keep and follow settings."""

    def zoom(self, percent: int) -> None:
        """Show at another size."""

    def new_book(self) -> None:
        """Make a book."""

    def open_file(self) -> None:
        """Open a file."""

    def connect_server(self) -> None:
        """Reach a server."""

    def list_server_books(self) -> None:
        """Show which books the server has."""

    def restore_backup(self) -> None:
        """Restore a backup."""

    def go_back(self) -> None:
        """Go back to a book as it was before its upgrade."""

    def open_address(self, address: str) -> None:
        """Open a book."""

    def close_book(self) -> None:
        """Close the book."""

    def close_window(self) -> None:
        """Close the window."""

    def open_search(self) -> None:
        """Open the search."""

    def open_manual(self) -> None:
        """Open the manual where the user is."""

    def go_to(self, key: str) -> None:
        """Show a page."""

    def change_password(self) -> None:
        """Change one's password."""

    def log_out(self) -> None:
        """Log out."""


class Menus:
    """Builds the menus once and keeps their choices up to date."""

    def __init__(self, commands: Commands) -> None:
        self._do = commands
        window = commands.window
        self._book = window.add_menu(lambda: tr("账簿"))
        self._go = window.add_menu(lambda: tr("转到"))
        self._view = window.add_menu(lambda: tr("视图"))
        self._help = window.add_menu(lambda: tr("帮助"))
        self._fill_book(window)
        self._fill_view(window)
        window.add_action(self._go, "search", lambda: tr("搜索…"), commands.open_search, shortcut="Ctrl+K")
        window.add_action(self._go, "return", lambda: tr("返回上一页"), self._return, shortcut="Alt+Left")
        self._go.addSeparator()
        window.add_action(self._help, "manual", lambda: tr("使用手册"), commands.open_manual, shortcut="F1")
        window.add_action(self._help, "about", lambda: tr("关于账房"), lambda: commands.go_to("about"))
        self._user = QMenu(window)
        window.add_action(self._user, "password", lambda: tr("修改密码…"), commands.change_password)
        window.add_action(self._user, "log-out", lambda: tr("退出登录"), commands.log_out)
        window.user_button.setMenu(self._user)
        self.show_choices()

    def show_choices(self) -> None:
        """Check what the settings say, list the recent books, and enable what can be done now."""
        settings, window = self._do.settings, self._do.window
        window.action(f"theme-{settings.theme}").setChecked(True)
        window.action(f"language-{settings.language or 'system'}").setChecked(True)
        self._recent.clear()
        for address in settings.recent_books:
            action = self._recent.addAction(f"{title_of(settings, address)}    {short_place(address)}")
            if action is not None:
                action.triggered.connect(self._opener(address))
        self._recent.setEnabled(bool(settings.recent_books))
        has_book = self._do.workspace is not None
        for name in ("close-book", "search", "return", "about"):
            window.action(name).setEnabled(has_book)
        sharing = self._do.sharing
        window.action("share").setEnabled(sharing.may and sharing.is_local)
        window.action("bring-home").setVisible(has_book and not sharing.is_local)
        window.action("bring-home").setEnabled(sharing.may)
        opened = self._do.opened
        window.action("server-books").setVisible(opened is not None and opened.is_remote)

    def list_pages(self) -> None:
        """List the pages of the open book under 转到."""
        window, workspace = self._do.window, self._do.workspace
        window.remove_actions("page-")
        for place, entry in enumerate(workspace.entries if workspace is not None else (), 1):
            shortcut = entry.shortcut or (f"Ctrl+{place}" if place <= 9 else "")
            window.add_action(self._go, f"page-{entry.key}", entry.title, self._goer(entry.key), shortcut=shortcut)
        self.show_choices()

    def _return(self) -> None:
        if self._do.workspace is not None:
            self._do.workspace.return_to_last()

    def _opener(self, address: str) -> Callable[[], None]:
        return lambda: self._do.open_address(address)

    def _goer(self, key: str) -> Callable[[], None]:
        return lambda: self._do.go_to(key)

    def _fill_book(self, window: MainWindow) -> None:
        do, menu = self._do, self._book
        window.add_action(menu, "new-book", lambda: tr("新建账簿…"), do.new_book, shortcut="Ctrl+Shift+N")
        window.add_action(menu, "open-book", lambda: tr("打开账簿文件…"), do.open_file, shortcut="Ctrl+O")
        window.add_action(menu, "connect", lambda: tr("连接共享账簿…"), do.connect_server)
        window.add_action(menu, "server-books", lambda: tr("这台服务器上的账簿…"), do.list_server_books)
        self._recent = QMenu(window)
        menu.addMenu(self._recent)
        window.name_menu(self._recent, lambda: tr("最近打开"))
        window.add_action(menu, "restore", lambda: tr("从备份恢复…"), do.restore_backup)
        window.add_action(menu, "share", lambda: tr("共享这本账…"), do.sharing.ask_where)
        window.add_action(menu, "bring-home", lambda: tr("搬回这台电脑…"), do.sharing.ask_home)
        window.add_action(menu, "go-back", lambda: tr("回到更新前的账簿…"), do.go_back)
        menu.addSeparator()
        window.add_action(menu, "close-book", lambda: tr("关闭账簿"), do.close_book, shortcut="Ctrl+W")
        window.add_action(menu, "quit", lambda: tr("退出"), do.close_window, shortcut="Ctrl+Q")

    def _fill_view(self, window: MainWindow) -> None:
        menu = self._view
        themes = QActionGroup(window)
        theme_names: dict[str, Callable[[], str]] = {
            "system": lambda: tr("随系统明暗"),
            "light": lambda: tr("浅色"),
            "dark": lambda: tr("深色"),
        }
        for name, title in theme_names.items():
            window.add_action(menu, f"theme-{name}", title, self._theme_setter(name), group=themes)
        menu.addSeparator()
        languages = QActionGroup(window)
        # A language is listed under its own name, so that who reads only that one finds it.
        own_names: dict[str, Callable[[], str]] = {
            "": lambda: tr("随系统语言"),
            "zh": lambda: "中文",
            "en": lambda: "English",
        }
        for code, own in own_names.items():
            window.add_action(menu, f"language-{code or 'system'}", own, self._language_setter(code), group=languages)
        menu.addSeparator()
        window.add_action(menu, "larger", lambda: tr("放大"), lambda: self._zoom(_ZOOM_STEP), shortcut="Ctrl++")
        window.add_action(menu, "smaller", lambda: tr("缩小"), lambda: self._zoom(-_ZOOM_STEP), shortcut="Ctrl+-")
        window.add_action(menu, "actual", lambda: tr("原来大小"), lambda: self._do.zoom(100), shortcut="Ctrl+0")

    def _theme_setter(self, name: str) -> Callable[[], None]:
        return lambda: self._do.change_settings(replace(self._do.settings, theme=name))

    def _language_setter(self, code: str) -> Callable[[], None]:
        return lambda: self._do.change_settings(replace(self._do.settings, language=code))

    def _zoom(self, step: int) -> None:
        percent = self._do.theme.zoom_percent + step
        self._do.zoom(min(max(percent, SMALLEST_ZOOM), LARGEST_ZOOM))
