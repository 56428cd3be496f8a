"""The first page: make a book, open one, reach one on a server, or go on with a recent one."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import QEvent, Qt, pyqtSignal
from PyQt5.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.client.addresses import is_web_address
from app.kernel.errors import ZhangfangError
from app.settings import Settings
from app.ui.icons import app_icon, icon
from app.ui.language import tr
from app.ui.start.book_kinds import icon_name
from app.ui.start.recent_books import place_of, title_of
from app.ui.widgets.message_bar import MessageBar

_ADDRESS = Qt.ItemDataRole.UserRole


class StartPage(QWidget):
    """Says what the user wants through signals; the shell does it."""

    new_wanted = pyqtSignal()
    open_wanted = pyqtSignal()
    connect_wanted = pyqtSignal()
    restore_wanted = pyqtSignal()
    recent_wanted = pyqtSignal(str)
    server_books_wanted = pyqtSignal(str)
    """An address of a server of ours: which books has it?"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = Settings()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self.message_bar = MessageBar(self)
        outer.addWidget(self.message_bar)
        outer.addStretch(2)
        columns = QHBoxLayout()
        columns.addStretch(1)
        columns.addLayout(self._make_choices(), 4)
        columns.addSpacing(self.fontMetrics().height() * 2)
        columns.addWidget(self._make_recent(), 5)
        columns.addStretch(1)
        outer.addLayout(columns)
        outer.addStretch(3)
        self.retranslate()

    def set_recent(self, settings: Settings) -> None:
        """Show the books opened lately, the latest first."""
        self._settings = settings
        addresses = settings.recent_books
        self._recent.clear()
        for address in addresses:
            item = QListWidgetItem(icon(icon_name(address)), "")
            item.setToolTip(address)
            item.setData(_ADDRESS, address)
            self._recent.addItem(item)
        self._name_recent()
        self._recent.setCurrentRow(0 if addresses else -1)
        self._recent.setVisible(bool(addresses))
        self._nothing.setVisible(not addresses)
        self._recent_title.setVisible(bool(addresses))

    def show_error(self, error: ZhangfangError, retry: Callable[[], None] | None = None) -> None:
        """Say why a book could not be opened."""
        self.message_bar.show_error(error, retry)

    def first_focus(self) -> QWidget:
        """Return what takes the keyboard: the recent books, or the first button."""
        return self._recent if self._recent.count() else self._new

    def retranslate(self) -> None:
        """Set every text."""
        self._name.setText(tr("账房"))
        self._claim.setText(tr("一个程序就是一间账房：复式记账，数据在您自己手里。"))
        for button, title in (
            (self._new, tr("新建账簿")),
            (self._open, tr("打开账簿文件")),
            (self._connect, tr("连接共享账簿")),
            (self._restore, tr("从备份恢复")),
        ):
            button.setText(title)
        self._new.setToolTip(tr("选择会计准则和启用月份，建立一本新账簿"))
        self._open.setToolTip(tr("打开这台电脑上的 .zhangfang 文件"))
        self._connect.setToolTip(tr("多人共用的账簿：在 MySQL、MariaDB 上，或者在账房服务器（网址）上"))
        self._restore.setToolTip(tr("用备份文件重建一本账簿，并检查它是否完好"))
        self._recent_title.setText(tr("最近打开"))
        self._nothing.setText(tr("还没有账簿。第一次使用时，请先新建一本；数据就保存在您选择的文件里。"))
        self._recent.setAccessibleName(tr("最近打开"))
        self._server_books.setText(tr("这台服务器上的账簿…"))
        self._name_recent()

    def changeEvent(self, event: QEvent | None) -> None:
        """Retranslate when the language changes."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def _make_choices(self) -> QVBoxLayout:
        em = self.fontMetrics().height()
        layout = QVBoxLayout()
        layout.setSpacing(em // 2)
        head = QHBoxLayout()
        logo = QLabel(self)
        logo.setPixmap(app_icon().pixmap(em * 3, em * 3))
        names = QVBoxLayout()
        self._name = QLabel(self)
        self._name.setObjectName("heading")
        self._claim = QLabel(self)
        self._claim.setObjectName("muted")
        self._claim.setWordWrap(True)
        names.addWidget(self._name)
        names.addWidget(self._claim)
        head.addWidget(logo)
        head.addSpacing(em // 2)
        head.addLayout(names, 1)
        layout.addLayout(head)
        layout.addSpacing(em)
        self._new = self._choice("new-book", self.new_wanted.emit)
        self._open = self._choice("open-book", self.open_wanted.emit)
        self._connect = self._choice("server", self.connect_wanted.emit)
        self._restore = self._choice("restore", self.restore_wanted.emit)
        for button in (self._new, self._open, self._connect, self._restore):
            layout.addWidget(button)
        return layout

    def _choice(self, icon_name: str, wanted: Callable[[], None]) -> QPushButton:
        button = QPushButton(icon(icon_name), "", self)
        button.setObjectName("choice")
        button.clicked.connect(lambda _checked: wanted())
        return button

    def _make_recent(self) -> QFrame:
        card = QFrame(self)
        card.setObjectName("card")
        layout = QVBoxLayout(card)
        em = self.fontMetrics().height()
        layout.setContentsMargins(em, em, em, em)
        self._recent_title = QLabel(card)
        self._recent_title.setObjectName("sectionTitle")
        self._recent = QListWidget(card)
        self._recent.setObjectName("recentBooks")
        self._recent.itemActivated.connect(self._activate)
        self._nothing = QLabel(card)
        self._nothing.setObjectName("muted")
        self._nothing.setWordWrap(True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.addWidget(self._recent_title)
        self._server_books = QPushButton(icon("globe"), "", card)
        self._server_books.setProperty("flat", True)
        self._server_books.hide()
        self._server_books.clicked.connect(lambda _checked: self._ask_server_books())
        self._recent.currentItemChanged.connect(lambda *_: self._follow_recent())
        layout.addWidget(self._recent, 1)
        layout.addWidget(self._server_books, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self._nothing, 1)
        return card

    def _name_recent(self) -> None:
        for row in range(self._recent.count()):
            item = self._recent.item(row)
            if item is not None:
                address = item.data(_ADDRESS)
                item.setText(f"{title_of(self._settings, address)}\n{place_of(self._settings, address)}")

    def _follow_recent(self) -> None:
        self._server_books.setVisible(is_web_address(self._current_address()))

    def _current_address(self) -> str:
        item = self._recent.currentItem()
        return str(item.data(_ADDRESS)) if item is not None else ""

    def _ask_server_books(self) -> None:
        self.server_books_wanted.emit(self._current_address())

    def _activate(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.recent_wanted.emit(item.data(_ADDRESS))
