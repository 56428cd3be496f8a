"""关于: the program and the book that is open, for questions and for thanks."""

from __future__ import annotations

import platform
from collections.abc import Callable
from pathlib import Path

from PyQt5.QtCore import PYQT_VERSION_STR, QT_VERSION_STR, Qt, QUrl
from PyQt5.QtGui import QDesktopServices, QGuiApplication
from PyQt5.QtWidgets import QFormLayout, QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from app.settings import data_folder, portable_folder
from app.ui.icons import app_icon
from app.ui.language import tr
from app.ui.page import Page, PageContext
from app.ui.program.settings_page import KeepsSettings
from app.ui.program.update_dialog import UpdateDialog
from app.ui.program.update_texts import state_sentence
from app.ui.start.book_kinds import chart_name, vat_name
from app.version import PROGRAM_NAME_EN, VERSION


class AboutPage(Page):
    """Shows versions and places, and copies them for a question to somebody."""

    def __init__(
        self, context: PageContext, log_folder: Path, keeper: KeepsSettings, parent: QWidget | None = None
    ) -> None:
        super().__init__(context, parent)
        self._log_folder, self._keeper = log_folder, keeper
        self._rows: list[tuple[QLabel, Callable[[], str], QLabel, Callable[[], str]]] = []
        em = self.fontMetrics().height()
        card = QFrame(self)
        card.setObjectName("card")
        form = QFormLayout(card)
        form.setContentsMargins(em * 3 // 2, em * 3 // 2, em * 3 // 2, em * 3 // 2)
        form.setHorizontalSpacing(em * 3 // 2)
        head = QHBoxLayout()
        logo = QLabel(card)
        logo.setPixmap(app_icon().pixmap(em * 4, em * 4))
        self._name = QLabel(card)
        self._name.setObjectName("heading")
        head.addWidget(logo)
        head.addSpacing(em // 2)
        head.addWidget(self._name, 1)
        form.addRow(head)
        book = context.book
        self._row(form, lambda: tr("版本"), lambda: VERSION)
        self._row(form, lambda: tr("新版本"), self._newer)
        self._row(form, lambda: tr("许可"), lambda: "GPL-3.0")
        self._row(form, lambda: tr("运行环境"), self._environment)
        self._row(form, lambda: tr("账簿"), lambda: book.name)
        self._row(form, lambda: tr("会计准则"), lambda: chart_name(book.chart))
        self._row(form, lambda: tr("增值税"), lambda: "—" if book.chart == "household" else vat_name(book.vat))
        self._row(form, lambda: tr("启用月份"), lambda: book.start)
        self._row(form, lambda: tr("本位币"), lambda: book.base_currency)
        self._row(form, lambda: tr("位置"), lambda: context.place or book.location)
        self._row(form, lambda: tr("数据库"), lambda: book.database)
        self._row(form, lambda: tr("运行方式"), self._mode)
        self._row(form, lambda: tr("设置"), lambda: str(data_folder()))
        self._row(form, lambda: tr("日志"), lambda: str(log_folder))
        buttons = QHBoxLayout()
        buttons.setSpacing(em * 2 // 3)
        self._copy = QPushButton(card)
        self._copy.clicked.connect(lambda _checked: self._copy_all())
        self._open_log = QPushButton(card)
        self._open_log.clicked.connect(self._show_log)
        self._view = QPushButton(card)
        self._view.clicked.connect(self._show_newer)
        buttons.addWidget(self._copy)
        buttons.addWidget(self._open_log)
        buttons.addWidget(self._view)
        buttons.addStretch(1)
        form.addRow(buttons)
        self.body.addWidget(card)
        self.body.addStretch(1)
        keeper.updates.changed.connect(self.retranslate)
        self.retranslate()

    def activate(self) -> None:
        """Show things as they are."""
        self.retranslate()

    def title(self) -> str:
        """Return the page's name."""
        return tr("关于")

    def first_focus(self) -> QWidget | None:
        """Begin with copying."""
        return self._copy

    def retranslate(self) -> None:
        """Set every text."""
        self._name.setText(tr("账房"))
        for label, title, value, text in self._rows:
            label.setText(title())
            value.setText(text())
        self._copy.setText(tr("复制以上内容"))
        self._open_log.setText(tr("打开日志文件夹"))
        self._view.setText(tr("查看新版本…"))
        self._view.setVisible(self._keeper.updates.notice is not None)

    def _row(self, form: QFormLayout, title: Callable[[], str], text: Callable[[], str]) -> None:
        label, value = QLabel(self), QLabel(self)
        label.setObjectName("muted")
        value.setTextFormat(Qt.TextFormat.PlainText)
        value.setWordWrap(True)
        value.setTextInteractionFlags(Qt.TextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse))
        form.addRow(label, value)
        self._rows.append((label, title, value, text))

    def _environment(self) -> str:
        python = f"Python {platform.python_version()} · Qt {QT_VERSION_STR} · PyQt {PYQT_VERSION_STR}"
        return f"{python} · {platform.system()}"

    def _newer(self) -> str:
        if not self._keeper.settings.update_check and self._keeper.updates.notice is None:
            return tr("没有打开提醒，在“设置”里可以打开")
        return state_sentence(self._keeper.updates, self._keeper.settings)

    def _mode(self) -> str:
        folder = portable_folder()
        if folder is not None:
            return tr("便携模式：设置、日志和新账簿都在“{folder}”里，密码不保存在这台电脑上", folder=folder)
        return tr("一般模式（不是便携模式）")

    def _show_newer(self, _checked: bool) -> None:
        notice = self._keeper.updates.notice
        if notice is not None:
            UpdateDialog(self, notice).open()

    def _show_log(self, _checked: bool) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._log_folder)))

    def _copy_all(self) -> None:
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None:
            lines = [f"{label.text()}: {value.text()}" for label, _title, value, _text in self._rows]
            clipboard.setText("\n".join([PROGRAM_NAME_EN, *lines]))
            self.show_info(tr("已复制。"))
