"""The fields of a server of ours: its address, whom one trusts, and its books to choose from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QFormLayout, QLabel, QLineEdit, QListWidget, QListWidgetItem, QWidget

from app.client.addresses import parse_server
from app.ui.icons import icon
from app.ui.language import tr
from app.ui.reaching.ca_field import CaField
from app.ui.widgets.limits import limit_length
from app.ui.widgets.question import ask

if TYPE_CHECKING:
    from app.contract.serving import ServedBook

_BOOK = Qt.ItemDataRole.UserRole
_LONGEST_URL = 400
SHOWN_BOOKS = 2


class ServerForm(QWidget):
    """Asks for a web address; once the server was asked, shows which books it has."""

    changed = pyqtSignal()
    """Another server is meant: what was found out before does not count any more."""
    book_wanted = pyqtSignal()
    """A book of the list was double-clicked, or Enter was pressed on it."""
    choice_changed = pyqtSignal()
    """Another book of the list is chosen, or none."""

    def __init__(self, ca_file: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.url, self.trusted = QLineEdit(self), CaField(ca_file, self)
        self.ca = self.trusted.path
        limit_length(self.url, _LONGEST_URL)
        self.books = QListWidget(self)
        self.books.setObjectName("recentBooks")
        self.books.setMinimumHeight(self.fontMetrics().lineSpacing() * 3 * SHOWN_BOOKS)
        self.books.itemActivated.connect(lambda _item: self.book_wanted.emit())
        self.books.currentRowChanged.connect(lambda _row: self.choice_changed.emit())
        self._url_label, self._ca_label, self._books_label = QLabel(self), QLabel(self), QLabel(self)
        for label, field in ((self._url_label, self.url), (self._ca_label, self.ca), (self._books_label, self.books)):
            label.setBuddy(field)
        self.form = form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignRight)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(self._url_label, self.url)
        form.addRow(self._ca_label, self.trusted)
        form.addRow(self._books_label, self.books)
        self._listed: Sequence[ServedBook] = ()
        self._dealt_with = ""
        self.show_books((), "")
        self.url.textEdited.connect(lambda _text: self.changed.emit())
        self.ca.textChanged.connect(lambda _text: self.changed.emit())

    @property
    def ca_file(self) -> str:
        """The file of certificates that is typed; empty for the computer's own ones only."""
        return self.trusted.ca_file

    def when_private(self, then: Callable[[], None]) -> None:
        """Go on at once where nobody on the way can read along; else ask first, once for each server.

        Raises `MalformedInput` for what is no address of a server.
        """
        server = parse_server(self.url.text())
        if server.is_secure or server.is_nearby or self._dealt_with == server.root:
            then()
            return

        def despite() -> None:
            self._dealt_with = server.root
            then()

        ask(
            self,
            tr("连接没有加密"),
            tr("密码和账目会明文经过公共网络，路上的人都看得到。请让管理员改用 https。"),
            tr("仍然连接"),
            despite,
        )

    @property
    def chosen(self) -> ServedBook | None:
        """The book chosen in the list, if it can be opened."""
        item = self.books.currentItem()
        if item is None or not item.flags() & Qt.ItemFlag.ItemIsEnabled:
            return None
        book: ServedBook = item.data(_BOOK)
        return book

    def show_books(self, books: Sequence[ServedBook], slug: str) -> None:
        """Show the books of the server, with the one meant chosen; none hides the list."""
        self._listed = books
        self.books.clear()
        for book in books:
            item = QListWidgetItem(icon("book"), "")
            item.setData(_BOOK, book)
            if book.state == "unavailable":
                item.setFlags(Qt.ItemFlags())
            self.books.addItem(item)
        for widget in (self.books, self._books_label):
            widget.setVisible(bool(books))
        rows = [row for row, book in enumerate(books) if book.slug == slug and book.state != "unavailable"]
        rows += [row for row, book in enumerate(books) if book.state != "unavailable"]
        self.books.setCurrentRow(rows[0] if rows else -1)
        self._name_books()

    def retranslate(self) -> None:
        """Set every text."""
        self._url_label.setText(tr("网址"))
        self.url.setPlaceholderText(tr("如：https://books.example.com 或 http://192.168.1.10:5000"))
        self._ca_label.setText(tr("CA 证书"))
        self.trusted.retranslate()
        self._books_label.setText(tr("账簿"))
        self.books.setAccessibleName(tr("服务器上的账簿"))
        self._name_books()

    def _name_books(self) -> None:
        for row, book in enumerate(self._listed):
            item = self.books.item(row)
            if item is None:
                continue
            states = {
                "open": book.path or tr("服务器的默认账簿"),
                "moved": book.problem or tr("已搬走，只能查看"),
                "unavailable": book.problem or tr("现在打不开"),
            }
            item.setText(f"{book.name or book.slug}\n{states[book.state]}")
            item.setToolTip(book.problem)
