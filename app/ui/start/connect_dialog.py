"""Reaching a shared book: on a database server, or behind a server of ours; the test says what is wrong and where."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PyQt5.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QRadioButton, QWidget

from app.client.addresses import is_web_address, parse_server
from app.kernel.checking import CheckStep
from app.kernel.errors import ZhangfangError
from app.ui.language import tr
from app.ui.reaching.database_form import DatabaseForm
from app.ui.reaching.looking import look, mark_where_wrong
from app.ui.reaching.server_form import ServerForm
from app.ui.reaching.step_list import StepList
from app.ui.runtime import OpenedBook, Runtime
from app.ui.start.book_dialogs import NewBookDialog
from app.ui.start.remove_book_dialog import RemoveBookDialog, removed_text, why_not
from app.ui.start.upgrade_opening import UPGRADE_WANTS_YES, ask_upgrade
from app.ui.widgets.form_dialog import FormDialog

if TYPE_CHECKING:
    from app.client.server_diagnosis import ServerFound

LOOKED_INTO = frozenset(
    [
        *("database_away", "database_refused", "database_unknown", "database_too_old", "book_missing"),
        *("tls_not_offered", "tls_failed", "tls_demanded"),
        *("ca_unreadable", "certificate_untrusted", "certificate_expired", "certificate_other_name"),
    ]
)
"""Codes of refusals that the steps of the test explain better than one sentence."""


class ConnectDialog(FormDialog):
    """First the kind of server, then its fields; the test shows its steps as they are done."""

    def __init__(
        self,
        parent: QWidget,
        runtime: Runtime,
        opened: Callable[[OpenedBook], None],
        *,
        address: str = "",
        begin: bool = False,
    ) -> None:
        """Ask; an `address` fills the fields, all but the password. With `begin` it is tested at once."""
        super().__init__(parent)
        self._runtime, self._opened = runtime, opened
        self._is_busy = False
        self._found: ServerFound | None = None
        self._seen: tuple[str, ServerFound] | None = None
        """What the last look came upon, and at which address that was typed."""
        self.by_database, self.by_url = QRadioButton(self), QRadioButton(self)
        kinds = QButtonGroup(self)
        row = QHBoxLayout()
        for button in (self.by_database, self.by_url):
            kinds.addButton(button)
            row.addWidget(button)
        row.addStretch(1)
        self.form.addRow(row)
        self.database, self.server = DatabaseForm(self), ServerForm(runtime.settings.ca_file, self)
        self.steps = StepList(self)
        for widget in (self.database, self.server, self.steps):
            self.form.addRow(widget)
        self.test_button, self.make_button, self.remove_button = (QPushButton(self) for _ in range(3))
        for button in (self.test_button, self.make_button, self.remove_button):
            button.setAutoDefault(False)
            self.extra_buttons.addWidget(button)
        self.test_button.clicked.connect(lambda _checked: self.test())
        self.make_button.clicked.connect(lambda _checked: self._make_book())
        self.remove_button.clicked.connect(lambda _checked: self._remove_book())
        self.server.choice_changed.connect(self._show_removal)
        self.server.changed.connect(self._forget_found)
        self.server.book_wanted.connect(self._submit)
        self.by_url.toggled.connect(lambda _on: self._show_kind())
        (self.by_url if is_web_address(address) else self.by_database).setChecked(True)
        self._fill(address)
        self._show_kind()
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * 84)
        self.retranslate()
        if begin:
            self.test()

    @property
    def address(self) -> str:
        """The address of what is typed and chosen, without any password."""
        if not self.by_url.isChecked():
            return self.database.address
        server, chosen = parse_server(self.server.url.text()), self.server.chosen
        return str(server) if chosen is None else server.root + chosen.path

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.setWindowTitle(tr("连接共享账簿"))
        self.by_database.setText(tr("数据库服务器（MySQL、MariaDB）"))
        self.by_url.setText(tr("账房服务器（网址）"))
        self.database.retranslate()
        self.server.retranslate()
        self.test_button.setText(tr("测试连接"))
        self.make_button.setText(tr("在此新建账簿…"))
        self.remove_button.setText(tr("从服务器撤下…"))
        self._show_removal()
        self.ok_button.setText(tr("打开"))

    def submit(self) -> None:
        """Open the book that is there."""
        if self.by_url.isChecked():
            self._open_on_server()
            return
        if not self._is_filled():
            return
        address, password = self.database.address, self.database.password.text()
        remember = self.database.remember.isChecked()
        self.send(
            lambda _api: self._runtime.open_book(address, password, remember_password=remember), done=self._opened
        )

    def test(self) -> None:
        """Look at the way there step by step."""
        if self._is_filled():
            self.message_bar.clear()
            self._look(then=lambda: None)

    def show_error(self, error: ZhangfangError, retry: Callable[[], None] | None = None) -> None:
        """Say what is wrong, where steps tell more with them; for a book that waits for its upgrade ask for the yes."""
        if error.code not in UPGRADE_WANTS_YES:
            super().show_error(error, retry)
            if error.code in LOOKED_INTO and not self.by_url.isChecked():
                self._look(then=lambda: None)
            return

        def opened(book: OpenedBook) -> None:
            self._opened(book)
            self.accept()

        password, remember = self.database.password.text(), self.database.remember.isChecked()
        address = self.database.address
        ask_upgrade(self, self._runtime, address, error, opened, password=password, remember_password=remember)

    def set_busy(self, busy: bool) -> None:
        """Keep the buttons still while an answer is awaited."""
        super().set_busy(busy)
        self.test_button.setEnabled(not busy)
        self.make_button.setEnabled(not busy)
        self._is_busy = busy
        self._show_removal()

    def _fill(self, address: str) -> None:
        if is_web_address(address):
            self.server.url.setText(address)
        elif address:
            self.database.fill(address)
            self.database.password.setFocus()

    def _show_kind(self) -> None:
        by_url = self.by_url.isChecked()
        self.database.setVisible(not by_url)
        self.server.setVisible(by_url)
        self.make_button.setVisible(not by_url)
        self._show_removal()
        self.steps.hide()
        self.message_bar.clear()
        (self.server.url if by_url else self.database.first_empty() or self.database.password).setFocus()
        self.adjustSize()

    def _forget_found(self) -> None:
        self._found = None
        self.server.show_books((), "")

    def _is_filled(self) -> bool:
        if self.by_url.isChecked():
            empty = None if self.server.url.text().strip() else self.server.url
            wanted = tr("请填写服务器的网址。")
        else:
            empty, wanted = self.database.first_empty(), tr("请填写主机、用户名和数据库。")
        if empty is not None:
            self.message_bar.show_warning(wanted)
            empty.setFocus()
        return empty is None

    # --- looking ------------------------------------------------------------------------------------------------------

    def _look(self, then: Callable[[], None]) -> None:
        """Run the steps; `then` is called when none failed."""
        walk = self._server_steps() if self.by_url.isChecked() else self._database_steps()

        def done(steps: Sequence[CheckStep]) -> None:
            mark_where_wrong(self.database.named, steps)
            if self._seen is not None and self._seen[0] == self.server.url.text():
                self._found = self._seen[1]
                self.server.show_books(self._found.books, self._meant_slug())
            if steps and not steps[-1].is_failed:
                then()

        look(self, self.steps, walk, done=done, failed=super().show_error)

    def _database_steps(self) -> Callable[[], Iterator[CheckStep]]:
        address, password = self.database.address, self.database.password.text()
        return lambda: self._runtime.diagnose_database(address, password)

    def _server_steps(self) -> Callable[[], Iterator[CheckStep]]:
        url, ca_file = self.server.url.text(), self.server.ca_file

        def walk() -> Iterator[CheckStep]:
            from app.client.server_diagnosis import ServerFound, diagnose_server

            found, is_reached = ServerFound(), False
            for step in diagnose_server(url, found, ca_file=ca_file):
                is_reached = not step.is_failed
                yield step
            if is_reached:
                self._seen = (url, found)

        return walk

    # --- opening ------------------------------------------------------------------------------------------------------

    def _open_on_server(self) -> None:
        """Open the book meant; a server that was not asked yet is asked first, and with several books one chooses."""
        if not self._is_filled():
            return
        if self._found is None:
            self._look(then=self._show_found)
            return
        chosen = self.server.chosen
        if chosen is None:
            self.message_bar.show_warning(tr("请选择要打开的账簿。"))
            return
        self.server.when_private(self._open_there)

    def _show_found(self) -> None:
        found = self._found
        if found is None:
            return
        slug = self._meant_slug()
        usable = [book for book in found.books if book.state != "unavailable"]
        if len(usable) == 1 or any(book.slug == slug != "" for book in usable):
            self._open_on_server()
        else:
            self.server.books.setFocus()
            self.message_bar.show_info(tr("请选择要打开的账簿。"))

    def _meant_slug(self) -> str:
        found = self._found
        return found.address.slug if found is not None and found.address is not None else ""

    def _open_there(self) -> None:
        address, ca_file = self.address, self.server.ca_file
        if ca_file != self._runtime.settings.ca_file:
            self._runtime.change_settings(replace(self._runtime.settings, ca_file=ca_file))
        self.send(lambda _api: self._runtime.open_book(address), done=self._opened)

    # --- taking a book off ------------------------------------------------------------------------------------------

    def _show_removal(self) -> None:
        """Offer to take the chosen book off where the server said which ones it has; else say why not."""
        found = self._found
        self.remove_button.setVisible(self.by_url.isChecked() and found is not None and found.lists_books)
        reason = why_not(self.server.chosen)
        self.remove_button.setEnabled(not reason and not self._is_busy)
        self.remove_button.setToolTip(reason)

    def _remove_book(self) -> None:
        book, root = self.server.chosen, parse_server(self.server.url.text()).root
        if book is None or why_not(book):
            return
        self.message_bar.clear()

        def removed(file: str) -> None:
            self.server.url.setText(root)  # the book of the address may be the one that is gone
            self._forget_found()
            self.message_bar.show_warning(removed_text(book.name, file))  # it stays until it was read
            self._look(then=lambda: None)

        def ask() -> None:
            dialog = RemoveBookDialog(self, root, book, self.server.ca_file)
            dialog.removed.connect(removed)
            dialog.open()

        self.server.when_private(ask)

    # --- making one --------------------------------------------------------------------------------------------------

    def _make_book(self) -> None:
        if not self._is_filled():
            return

        def opened(book: OpenedBook) -> None:
            self._opened(book)
            self.accept()

        NewBookDialog(
            self,
            self._runtime,
            opened,
            address=self.database.address,
            password=self.database.password.text(),
            remember_password=self.database.remember.isChecked(),
        ).open()
