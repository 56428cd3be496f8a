"""Opening a book from the window: what an upgrade shows while it goes on, and what it says afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from app.kernel.errors import ZhangfangError
from app.ui.language import tr
from app.ui.runtime import OpenedBook, Runtime
from app.ui.start.book_kinds import is_server_address, short_name
from app.ui.start.upgrade_work import opening
from app.ui.tasks import LongCommand

if TYPE_CHECKING:
    from PyQt5.QtWidgets import QWidget

    from app.ui.main_window import MainWindow

PASSWORD_NEEDED = "password_needed"  # noqa: S105  # the code of an error, not a password
UPGRADE_WANTS_YES = frozenset({"upgrade_needed", "upgrade_again"})
"""Codes of refusals that a yes in `UpgradeDialog` answers."""


class Opener(Protocol):
    """What an answer to a refusal needs of the shell."""

    window: MainWindow
    runtime: Runtime

    def take_opened(self, opened: OpenedBook) -> None:
        """Go on with a book that is open."""

    def connect_server(self, address: str = "") -> None:
        """Ask for a server and its password."""


def answers_refusal(refusal: ZhangfangError, address: str, opener: Opener) -> bool:
    """Ask for what the refused opening of a book lacks, a password or a yes; return whether that was it."""
    if refusal.code in UPGRADE_WANTS_YES:
        ask_upgrade(opener.window, opener.runtime, address, refusal, opener.take_opened)
        return True
    if refusal.code == PASSWORD_NEEDED and is_server_address(address):
        opener.connect_server(address)
        return True
    return False


def open_with_progress(
    runtime: Runtime,
    window: MainWindow,
    address: str,
    opened: Callable[[OpenedBook], None],
    failed: Callable[[ZhangfangError], None],
) -> None:
    """Open a book; while it is upgraded the busy page shows how far it is and can cancel."""
    window.busy_page.set_text(lambda: tr("正在打开“{name}”…", name=short_name(address)), stop=lambda: tr("取消"))
    window.show_middle(window.busy_page)
    LongCommand(opening(runtime, address)).slot("open").shown_by(window.busy_page, "").on_done(opened).on_error(
        failed
    ).run(window)


def tell_upgraded(window: MainWindow, opened: OpenedBook) -> None:
    """Say, when a book was upgraded just now, where it lies as it was."""
    if opened.kept_file:
        window.message_bar.show_warning(
            tr(
                "账簿已从 {old} 版更新到现在的版本，内容逐项对照过。更新前的账簿留存为“{kept}”。",
                old=opened.kept_version,
                kept=opened.kept_file,
            )
        )


def ask_upgrade(
    parent: QWidget,
    runtime: Runtime,
    address: str,
    refusal: ZhangfangError,
    opened: Callable[[OpenedBook], None],
    *,
    password: str | None = None,
    remember_password: bool = False,
) -> None:
    """Ask for the yes that an upgrade waits for, and open the book with it."""
    from app.ui.start.upgrade_dialog import UpgradeDialog

    UpgradeDialog(
        parent, runtime, address, refusal, opened, password=password, remember_password=remember_password
    ).open()
