"""The wizard that moves the open book to a database or a server, so that several people can work on it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PyQt5.QtWidgets import QApplication, QButtonGroup, QCheckBox, QPushButton, QRadioButton, QWidget

from app.client.own_addresses import ForOthers, for_others
from app.kernel.errors import MalformedInput, ZhangfangError
from app.ui.language import tr
from app.ui.reaching.database_form import DatabaseForm
from app.ui.reaching.looking import look, mark_where_wrong
from app.ui.reaching.step_list import StepList
from app.ui.runtime import MovedBook, MoveWish
from app.ui.sharing.forms import OwnerFields, TargetForm, require_filled
from app.ui.sharing.move_dialog import Desk, MoveDialog, Report

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Protocol

    from app.kernel.checking import CheckStep

    class SharingDesk(Desk, Protocol):
        """What the wizard needs besides."""

        @property
        def title(self) -> str:
            """The name of the open book."""

        @property
        def has_logins(self) -> bool:
            """Whether people log in to it."""

        @property
        def ca_file(self) -> str:
            """The certificates that are trusted besides the computer's."""

        def look(self, wish: MoveWish) -> Iterator[CheckStep]:
            """Look step by step at whether the book can move there (off the window's thread)."""

        def share(self, wish: MoveWish, report: Report) -> MovedBook:
            """Move the book (off the window's thread)."""

        def open_moved(self, moved: MovedBook, wish: MoveWish) -> None:
            """Open the book at its new place."""


PLACES = ("server", "database")
"""The pages on which a place is typed, which can be tested there."""


class ShareDialog(MoveDialog):
    """Where to, which address, whose login, what will happen; then it happens."""

    def __init__(self, parent: QWidget, desk: SharingDesk) -> None:
        super().__init__(parent, desk)
        self._sharing = desk
        self._for_others: ForOthers | None = None
        self.to_server, self.to_database = QRadioButton(self), QRadioButton(self)
        kinds = QButtonGroup(self)
        for button in (self.to_server, self.to_database):
            kinds.addButton(button)
        self.to_server.setChecked(True)
        self._intro, self._about_server, self._about_database = (self.text_label() for _ in range(3))
        for label in (self._about_server, self._about_database):
            label.setProperty("muted", True)
        self.add_page("kind", self._intro, self.to_server, self._about_server, self.to_database, self._about_database)
        self.server, self.owner = TargetForm(desk.title, desk.ca_file, self), OwnerFields(self)
        self.database = DatabaseForm(self, wants_empty=True)
        self._server_text, self._database_text, self._owner_text = (self.text_label() for _ in range(3))
        self.add_page("server", self._server_text, self.server)
        self.add_page("database", self._database_text, self.database)
        self.steps = StepList(self)
        self.form.addRow(self.steps)
        self.test_button = QPushButton(self)
        self.test_button.setAutoDefault(False)
        self.test_button.clicked.connect(lambda _checked: self._test())
        self.extra_buttons.addWidget(self.test_button)
        self.with_login = QCheckBox(self)
        self.with_login.setChecked(True)
        self.with_login.toggled.connect(self.owner.setEnabled)
        self.add_page("owner", self._owner_text, self.with_login, self.owner)
        self.add_last_pages()
        for column in (self.server, self.database, self.owner):
            self.name_fields(column.named)
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * 84)
        self.retranslate()
        self.show_page("kind")

    @property
    def wish(self) -> MoveWish:
        """What is typed."""
        to_server = self.to_server.isChecked()
        owner = not self._sharing.has_logins and (to_server or self.with_login.isChecked())
        login, secret = (self.owner.login.text().strip(), self.owner.password.text()) if owner else ("", "")
        if to_server:
            return MoveWish(
                self.server.address,
                self.server.password.text(),
                login=self.server.login.text().strip(),
                slug=self.server.slug.text(),
                owner_login=login,
                owner_password=secret,
                ca_file=self.server.ca_file,
            )
        return MoveWish(
            self.database.address,
            self.database.password.text(),
            owner_login=login,
            owner_password=secret,
            remember_password=self.database.remember.isChecked(),
        )

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.setWindowTitle(tr("共享这本账"))
        self._intro.setText(tr("几个人要同时用这本账时，把它放到大家都连得上的地方。随时可以再搬回这台电脑。"))
        self.to_server.setText(tr("账房服务器（推荐）"))
        self._about_server.setText(
            tr("公司里有一台电脑或服务器运行着账房的 serve。各人用自己的登录名，权限由服务器把关。")
        )
        self.to_database.setText(tr("数据库服务器"))
        self._about_database.setText(
            tr("MySQL 8.0.16 或 MariaDB 10.6 以上的一个空数据库。知道它密码的人能绕过账房的权限，适合互相信任的人。")
        )
        self._server_text.setText(tr("填写服务器的地址，以及您在那里的登录名和密码。"))
        self._database_text.setText(tr("填写数据库服务器的地址。数据库要是空的，里面有别的内容时不会动它。"))
        self._owner_text.setText(
            tr("这本账现在没有登录名和密码。大家共用时，请先给账簿所有者（您）起一个；以后再给别人加。")
        )
        self.with_login.setText(tr("现在就设登录名和密码（推荐）"))
        self.test_button.setText(tr("测试连接"))
        for column in (self.server, self.database, self.owner):
            column.retranslate()

    def show_page(self, name: str) -> None:
        """Bring a page to the front; what it says follows from the pages before."""
        self.with_login.setVisible(not self.to_server.isChecked())
        self.owner.setEnabled(self.to_server.isChecked() or self.with_login.isChecked())
        if name == "plan":
            self.plan.setText(self.plan_text())
        self.steps.hide()
        self.test_button.setVisible(name in PLACES)
        super().show_page(name)

    def next_page(self) -> None:
        """Go on from the page in front."""
        page = self.page
        if page == "kind":
            self.show_page("server" if self.to_server.isChecked() else "database")
        elif page == "owner":
            if self.owner.isEnabled():
                self.owner.check()
            self.show_page("plan")
        else:
            self._look(lambda: self.show_page("plan" if self._sharing.has_logins else "owner"))

    def page_before(self) -> str:
        """Return the page before the one in front."""
        place = "server" if self.to_server.isChecked() else "database"
        return {
            "server": "kind",
            "database": "kind",
            "owner": place,
            "plan": place if self._sharing.has_logins else "owner",
        }.get(self.page, "")

    def carry_out(self, report: Report) -> MovedBook:
        """Move the book, then find out what others type for its place, where that is on this computer."""
        moved = self._sharing.share(self.wish, report)
        with contextlib.suppress(OSError, ValueError):  # the book has moved, whatever can be said of its address
            self._for_others = for_others(moved.address)
        return moved

    def plan_text(self) -> str:
        """Say in plain words what will happen."""
        return tr(
            "这本账将迁到：{place}\n\n"
            "1. 先停止一切改动：迁移期间谁都不能改账，可以看。\n"
            "2. 复制全部内容，编号都不变；附件、日志和设置一起走。\n"
            "3. 两边各做一次完整核验，逐表对照，完全相同才算数。\n"
            "4. 原来的账标上“已迁走”，文件改名保留，不会删除。\n\n"
            "任何一步不成或您取消，账还在原来的地方，和没有动过一样。",
            place=self._place(),
        )

    def result_text(self, moved: MovedBook) -> str:
        """Say what others do now."""
        others = self._for_others
        address = others.addresses[0] if others is not None and others.addresses else moved.address
        return "\n\n".join(filter(None, (self._what_others_do(moved, address), self._about_own_address())))

    def _about_own_address(self) -> str:
        """Say what is to be known where the address that was typed only means this computer."""
        others = self._for_others
        if others is None:
            return ""
        if not others.addresses:
            return tr("“{host}”只在这台电脑上有效：别人要填这台电脑在网络里的名字或地址。", host=others.typed)
        note = tr(
            "“{host}”只在这台电脑上有效，别人要填的是：{addresses}。",
            host=others.typed,
            addresses=" 、 ".join(others.addresses),
        )
        if others.is_listening:
            return note
        advice = (
            tr("但那里现在连不上：请让服务器以 --host 0.0.0.0 运行，并允许它通过防火墙。")
            if self.to_server.isChecked()
            else tr("但那里现在连不上：请让数据库服务器也在网络上听（bind-address），并允许它通过防火墙。")
        )
        return note + advice

    def _what_others_do(self, moved: MovedBook, address: str) -> str:
        if self.to_server.isChecked():
            return tr(
                "别人现在要做的：在自己的账房里选“连接”，填 {address}，用自己的登录名和密码登录。"
                "还没有登录名的人，由您在“用户”页里添加。调用接口的程序只要换成新地址。",
                address=address,
            )
        return tr(
            "别人现在要做的：在自己的账房里选“连接”，填主机、端口、数据库 {address} 和数据库的用户名、密码。"
            "能登录这本账的有 {people} 人；请在“用户”页里给每个人设登录名。",
            address=address,
            people=moved.people,
        )

    def open_moved(self, moved: MovedBook) -> None:
        """Open the book at its new place."""
        self._sharing.open_moved(moved, self.wish)

    def set_busy(self, busy: bool) -> None:
        """Keep the buttons still while an answer is awaited."""
        super().set_busy(busy)
        for button in (self.test_button, self.back_button):
            button.setEnabled(not busy)

    def show_error(self, error: ZhangfangError, retry: Callable[[], None] | None = None) -> None:
        """Say what is wrong, on the page where it can be put right."""
        pages = (("server", self.server), ("database", self.database), ("owner", self.owner))
        for name, column in pages:
            if self.page == "plan" and any(field in column.named for field in error.fields):
                self.show_page(name)
        super().show_error(error, retry)

    def _place(self) -> str:
        try:
            wish = self.wish
        except MalformedInput:  # nothing, or half of it, is typed yet
            return ""
        return f"{wish.place}/books/{wish.slug}" if wish.slug else wish.place

    def _test(self) -> None:
        self.message_bar.clear()
        try:
            self._look(lambda: None)
        except ZhangfangError as error:
            self.show_error(error)

    def _look(self, then: Callable[[], None]) -> None:
        """Look whether the book can move there, then go on. Raises `MalformedInput` for what is not typed."""
        if self.to_server.isChecked():
            self.server.check()
            self.server.when_private(lambda: self._look_there(then))
        else:
            require_filled(self.database.host, self.database.user, self.database.database)
            self._look_there(then)

    def _look_there(self, then: Callable[[], None]) -> None:
        wish = self.wish

        def looked(steps: Sequence[CheckStep]) -> None:
            wrong = [step for step in steps if step.is_failed]
            mark_where_wrong((self.server if self.to_server.isChecked() else self.database).named, steps)
            if wrong:
                text = tr("还不能迁到这里：请先解决下面标着 ✗ 的 {count} 处。", count=len(wrong))
                self.message_bar.show_warning(text)
                self._make_room()
            else:
                then()

        look(self, self.steps, lambda: self._sharing.look(wish), done=looked, failed=self.show_error)

    def _make_room(self) -> None:
        """Grow for what is said, as far as the screen goes; `adjustSize` would stop at two thirds of it."""
        screen = QApplication.screenAt(self.geometry().center())
        wanted = self.sizeHint().height()
        if screen is not None:
            wanted = min(wanted, screen.availableGeometry().height())
        self.resize(self.width(), max(self.height(), wanted))
