"""Making a book, and choosing the file of one."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Callable
from pathlib import Path

from PyQt5.QtCore import QStandardPaths, Qt
from PyQt5.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QWidget,
)

from app.kernel.period import format_period, period_of
from app.portable import books_folder
from app.settings import portable_folder
from app.ui.language import is_english, tr
from app.ui.paths import LONGEST_PATH, file_path
from app.ui.runtime import NewBook, OpenedBook, Runtime
from app.ui.start.book_kinds import BOOK_SUFFIX, CHARTS, chart_name, short_name, vat_name
from app.ui.widgets.form_dialog import FormDialog
from app.ui.widgets.limits import limit_length
from app.ui.widgets.period_picker import PeriodPicker

LONGEST_NAME = 100


class NewBookDialog(FormDialog):
    """Asks for what a book must have: name, place, chart of accounts, first month, kind of VAT payer."""

    def __init__(
        self,
        parent: QWidget,
        runtime: Runtime,
        opened: Callable[[OpenedBook], None],
        *,
        address: str = "",
        password: str | None = None,
        remember_password: bool = False,
        today: datetime.date | None = None,
    ) -> None:
        """Ask; with an `address` on a server the place is fixed."""
        super().__init__(parent)
        self._runtime, self._opened = runtime, opened
        self._address, self._password, self._remember = address, password, remember_password
        self._place_chosen = False
        self._name = QLineEdit(short_name(address) if address else "", self)
        self._chart = QComboBox(self)
        for chart in CHARTS:
            self._chart.addItem("", chart)
        self._start = PeriodPicker(period_of(today or datetime.date.today()), self)  # noqa: DTZ011  # the user's own day
        self._vat = QComboBox(self)
        for kind in ("small", "general"):
            self._vat.addItem("", kind)
        self._place = QLineEdit(address, self)
        self._place.setReadOnly(bool(address))
        limit_length(self._name, LONGEST_NAME)
        limit_length(self._place, LONGEST_PATH)
        self._browse = QPushButton(self)
        self._browse.setVisible(not address)
        self._browse.setAutoDefault(False)
        self._browse.clicked.connect(lambda _checked: self._choose_place())
        place = QWidget(self)
        row = QHBoxLayout(place)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._place, 1)
        row.addWidget(self._browse)
        place.setFocusProxy(self._place)
        self._labels = [
            self.add_field("name", self._name),
            self.add_field("chart", self._chart),
            self.add_field("start", self._start),
            self.add_field("vat", self._vat),
            self.add_field("address", place),
        ]
        self._name.textChanged.connect(self._suggest_place)
        self._place.textEdited.connect(self._note_place)
        self._chart.currentIndexChanged.connect(lambda _row: self._fit_vat())
        self.retranslate()
        self._suggest_place(self._name.text())

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.setWindowTitle(tr("新建账簿"))
        texts = (tr("账簿名称"), tr("会计准则"), tr("启用月份"), tr("增值税"), tr("保存到"))
        for label, text in zip(self._labels, texts, strict=True):
            label.setText(text)
        for place in range(self._chart.count()):
            self._chart.setItemText(place, chart_name(self._chart.itemData(place)))
        for place in range(self._vat.count()):
            self._vat.setItemText(place, vat_name(self._vat.itemData(place)))
        self._name.setPlaceholderText(tr("如：甲公司、我家"))
        self._browse.setText(tr("浏览…"))
        self.ok_button.setText(tr("新建"))

    def submit(self) -> None:
        """Make the book and open it."""
        name = self._name.text().strip()
        place = self._place.text().strip()
        if not name or not place:
            self.message_bar.show_warning(tr("请填写账簿名称和保存的地方。"))
            (self._place if name else self._name).setFocus()
            return
        book = NewBook(
            address=self._address or str(with_suffix(file_path(place))),
            name=name,
            chart=self._chart.currentData(),
            start=format_period(self._start.period),
            vat=self._vat.currentData(),
        )
        password, remember = self._password, self._remember
        self.send(lambda _api: self._runtime.create_book(book, password, remember_password=remember), done=self._opened)

    def _fit_vat(self) -> None:
        self._vat.setEnabled(self._chart.currentData() != "household")

    def _suggest_place(self, name: str) -> None:
        if not self._address and not self._place_chosen:
            plain = "".join("_" if letter in '\\/:*?"<>|' else letter for letter in name.strip())
            self._place.setText(str(documents_folder() / f"{plain or tr('我的账簿')}{BOOK_SUFFIX}"))

    def _note_place(self) -> None:
        self._place_chosen = True

    def _choose_place(self) -> None:
        dialog = QFileDialog(self, tr("保存到"), self._place.text(), book_filter())
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(BOOK_SUFFIX.removeprefix("."))
        # The server refuses to make a book where one is; asking "overwrite?" would promise something else.
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._take_place)
        dialog.open()

    def _take_place(self, path: str) -> None:
        self._place_chosen = True
        self._place.setText(path)


def choose_book_file(parent: QWidget, chosen: Callable[[str], None]) -> None:
    """Ask which book file to open."""
    dialog = QFileDialog(parent, tr("打开账簿文件"), str(documents_folder()), book_filter())
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(chosen)
    dialog.open()


def documents_folder() -> Path:
    """Return where books go if nobody says otherwise: beside a portable program, else among the user's documents.

    The folder is there, wherever it can be.
    """
    portable = portable_folder()
    if portable is not None:
        folder = books_folder(portable, english=is_english())
        with contextlib.suppress(OSError):  # whoever saves into it is told then
            folder.mkdir(exist_ok=True)
        return folder
    documents = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation))
    # Qt names the folder whether it is there or not, and a new account may have none
    return documents if documents.is_absolute() and documents.is_dir() else Path.home()


def book_filter() -> str:
    """Return the kinds of file a file dialog offers for books."""
    return f"{tr('账簿')} (*{BOOK_SUFFIX});;{tr('所有文件')} (*)"


def with_suffix(path: Path) -> Path:
    """Return a path with the ending of books when it has none."""
    return path if path.suffix else path.with_name(path.name + BOOK_SUFFIX)
