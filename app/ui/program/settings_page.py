"""设置: language, theme and size of the window, whether other programs may call, and whether new versions are told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QFrame,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.ui.language import tr
from app.ui.page import Page, PageContext
from app.ui.program import update_watch
from app.ui.program.backup_card import BackupCard
from app.ui.program.update_card import UpdateCard

ZOOMS = (80, 90, 100, 110, 125, 150, 175, 200, 250, 300)


class KeepsSettings(update_watch.KeepsSettings, Protocol):
    """Who keeps the settings, follows them, and knows of new versions; the shell is one."""

    updates: update_watch.UpdateWatch

    def zoom(self, percent: int) -> None:
        """Show everything at another size."""


class SettingsPage(Page):
    """Every choice takes effect at once."""

    def __init__(self, context: PageContext, keeper: KeepsSettings, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._keeper = keeper
        self._showing = False
        self._labels: list[tuple[QLabel, Callable[[], str]]] = []
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        inside = QWidget(scroll)
        inside.setObjectName("scrolled")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        scroll.setWidget(inside)
        self.body.addWidget(scroll, 1)

        look = self._card(column, lambda: tr("外观"))
        self._language = self._combo(look, lambda: tr("语言"), ("", "zh", "en"), self._choose_language)
        self._theme = self._combo(look, lambda: tr("明暗"), ("system", "light", "dark"), self._choose_theme)
        self._size = self._combo(look, lambda: tr("大小"), [str(percent) for percent in ZOOMS], self._choose_size)
        others = self._card(column, lambda: tr("本机的其他程序"))
        self._allow = QCheckBox(inside)
        self._allow.toggled.connect(self._choose_allow)
        others.addRow(self._allow)
        self._port = QSpinBox(inside)
        self._port.setRange(1024, 65535)
        self._port.setGroupSeparatorShown(False)
        self._port.setMaximumWidth(self.fontMetrics().horizontalAdvance("0") * 14)
        self._port.editingFinished.connect(self._choose_port)
        self._row(others, lambda: tr("端口"), self._port)
        note = QLabel(inside)
        note.setObjectName("muted")
        note.setWordWrap(True)
        others.addRow(note)
        self._labels.append(
            (
                note,
                lambda: tr(
                    "打开后，这台电脑上的其他程序可以凭接口令牌读写账簿；重新打开账簿后生效。网络上的电脑连不进来。"
                ),
            )
        )
        self._heading(column, lambda: tr("备份"))
        self.backups = BackupCard(keeper, inside)
        column.addWidget(self.backups)
        column.addSpacing(self.fontMetrics().height())
        self._heading(column, lambda: tr("新版本提醒"))
        self._updates = UpdateCard(keeper, keeper.updates, inside)
        column.addWidget(self._updates)
        column.addStretch(1)
        self.retranslate()

    def title(self) -> str:
        """Return the page's name."""
        return tr("设置")

    def activate(self) -> None:
        """Show the settings as they are."""
        self._show()

    def first_focus(self) -> QWidget | None:
        """Begin with the language."""
        return self._language

    def retranslate(self) -> None:
        """Set every text."""
        for label, text in self._labels:
            label.setText(text())
        self._allow.setText(tr("允许其他程序访问"))
        self._updates.retranslate()
        self.backups.retranslate()
        names = {
            self._language: (tr("随系统"), "中文", "English"),
            self._theme: (tr("随系统"), tr("浅色"), tr("深色")),
            self._size: tuple(f"{percent} %" for percent in ZOOMS),
        }
        for combo, texts in names.items():
            for place, name in enumerate(texts):
                combo.setItemText(place, name)

    def _heading(self, column: QVBoxLayout, title: Callable[[], str]) -> None:
        heading = QLabel(self)
        heading.setObjectName("sectionTitle")
        self._labels.append((heading, title))
        column.addWidget(heading)

    def _card(self, column: QVBoxLayout, title: Callable[[], str]) -> QFormLayout:
        self._heading(column, title)
        card = QFrame(self)
        card.setObjectName("card")
        form = QFormLayout(card)
        em = self.fontMetrics().height()
        form.setContentsMargins(em, em, em, em)
        form.setVerticalSpacing(em * 2 // 3)
        form.setHorizontalSpacing(em)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        column.addWidget(card)
        column.addSpacing(em)
        return form

    def _combo(
        self, form: QFormLayout, title: Callable[[], str], values: Sequence[str], chosen: Callable[[str], None]
    ) -> QComboBox:
        combo = QComboBox(self)
        for value in values:
            combo.addItem("", value)
        combo.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        combo.setMinimumWidth(self.fontMetrics().averageCharWidth() * 34)
        combo.currentIndexChanged.connect(lambda place: None if self._showing else chosen(combo.itemData(place)))
        self._row(form, title, combo)
        return combo

    def _row(self, form: QFormLayout, title: Callable[[], str], field: QWidget) -> None:
        label = QLabel(self)
        label.setBuddy(field)
        self._labels.append((label, title))
        form.addRow(label, field)

    def _show(self) -> None:
        settings = self._keeper.settings
        self._showing = True
        self._language.setCurrentIndex(max(self._language.findData(settings.language), 0))
        self._theme.setCurrentIndex(max(self._theme.findData(settings.theme), 0))
        wanted = int(settings.window.get("zoom", "100") or "100")
        nearest = min(ZOOMS, key=lambda percent: abs(percent - wanted))
        self._size.setCurrentIndex(ZOOMS.index(nearest))
        self._allow.setChecked(settings.other_programs)
        self._port.setValue(settings.other_programs_port)
        self._port.setEnabled(settings.other_programs)
        self.backups.show_settings()
        self._updates.show_settings(settings)
        self._showing = False

    def _choose_language(self, language: str) -> None:
        self._keeper.change_settings(replace(self._keeper.settings, language=language))

    def _choose_theme(self, theme: str) -> None:
        self._keeper.change_settings(replace(self._keeper.settings, theme=theme))

    def _choose_size(self, percent: str) -> None:
        self._keeper.zoom(int(percent))

    def _choose_allow(self, allow: bool) -> None:
        if not self._showing:
            self._keeper.change_settings(replace(self._keeper.settings, other_programs=allow))
            self._port.setEnabled(allow)

    def _choose_port(self) -> None:
        if self._port.value() != self._keeper.settings.other_programs_port:
            self._keeper.change_settings(replace(self._keeper.settings, other_programs_port=self._port.value()))
