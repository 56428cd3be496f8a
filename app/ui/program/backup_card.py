"""The part of the settings page about kept backups: whether, where, how much room, and when to remind."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PyQt5.QtCore import QFileInfo, Qt
from PyQt5.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QWidget,
)

from app.settings import BACKUP_LIMITS_MB, BACKUP_REMINDER_DAYS
from app.ui.language import tr
from app.ui.paths import LONGEST_PATH
from app.ui.program.update_watch import KeepsSettings
from app.ui.widgets.limits import limit_length

MB_IN_GB = 1000


class BackupCard(QFrame):
    """Every choice takes effect at once; a folder only when it is there."""

    def __init__(self, keeper: KeepsSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._keeper = keeper
        self._showing = False
        form = QFormLayout(self)
        em = self.fontMetrics().height()
        form.setContentsMargins(em, em, em, em)
        form.setVerticalSpacing(em * 2 // 3)
        form.setHorizontalSpacing(em)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        self.by_itself = QCheckBox(self)
        form.addRow(self.by_itself)
        self.folder = QLineEdit(self)
        limit_length(self.folder, LONGEST_PATH)
        self._browse = QPushButton(self)
        row = QHBoxLayout()
        row.setSpacing(em // 2)
        row.addWidget(self.folder, 1)
        row.addWidget(self._browse)
        self._folder_label, self._limit_label, self._days_label, self._wrong = (QLabel(self) for _ in range(4))
        self._folder_label.setBuddy(self.folder)
        form.addRow(self._folder_label, row)
        self._wrong.setObjectName("wrong")
        self._wrong.setWordWrap(True)
        self._wrong.hide()
        form.setWidget(form.rowCount(), QFormLayout.ItemRole.FieldRole, self._wrong)
        self.limit, self.days = self._number(BACKUP_LIMITS_MB[1] // MB_IN_GB), self._number(BACKUP_REMINDER_DAYS[1])
        form.addRow(self._limit_label, self.limit)
        form.addRow(self._days_label, self.days)
        self.by_itself.toggled.connect(self._choose_by_itself)
        self.folder.editingFinished.connect(self._choose_folder)
        self._browse.clicked.connect(lambda _checked: self._browse_folder())
        self.limit.editingFinished.connect(self._choose_numbers)
        self.days.editingFinished.connect(self._choose_numbers)
        self.retranslate()

    def retranslate(self) -> None:
        """Set every text."""
        self.by_itself.setText(tr("自动备份：关闭账簿时、每天、导入和改期初之前"))
        self._folder_label.setText(tr("备份文件夹"))
        self.folder.setPlaceholderText(tr("留空：程序的数据文件夹。最好是另一块硬盘或 U 盘"))
        self._browse.setText(tr("浏览…"))
        self._limit_label.setText(tr("每本账簿最多占用"))
        self.limit.setSuffix(" GB")
        self._days_label.setText(tr("多久没有备份就提醒"))
        self.days.setSuffix(tr(" 天"))
        self._show_wrong()

    def show_settings(self) -> None:
        """Show the settings as they are."""
        settings = self._keeper.settings
        self._showing = True
        self.by_itself.setChecked(settings.automatic_backups)
        self.folder.setText(settings.backup_folder)
        self.limit.setValue(max(settings.backup_limit_mb // MB_IN_GB, 1))
        self.days.setValue(settings.backup_reminder_days)
        self._showing = False
        self._show_wrong()

    def choose_folder(self, folder: str) -> None:
        """Take a folder, as if picked."""
        self.folder.setText(folder)
        self._choose_folder()

    def _number(self, most: int) -> QSpinBox:
        box = QSpinBox(self)
        box.setRange(1, most)
        box.setMaximumWidth(self.fontMetrics().horizontalAdvance("0") * 16)
        return box

    def _choose_by_itself(self, by_itself: bool) -> None:
        if not self._showing:
            self._keeper.change_settings(replace(self._keeper.settings, automatic_backups=by_itself))

    def _choose_folder(self) -> None:
        chosen = self.folder.text().strip()
        self._show_wrong()
        if self._wrong.isHidden() and chosen != self._keeper.settings.backup_folder:
            self._keeper.change_settings(replace(self._keeper.settings, backup_folder=chosen))

    def _choose_numbers(self) -> None:
        settings = self._keeper.settings
        # a limit below one step of the field, set in the file, stays until another is chosen
        limit = (
            self.limit.value() * MB_IN_GB
            if self.limit.value() != max(settings.backup_limit_mb // MB_IN_GB, 1)
            else None
        )
        changed = replace(
            settings,
            backup_limit_mb=settings.backup_limit_mb if limit is None else limit,
            backup_reminder_days=self.days.value(),
        )
        if changed != settings:
            self._keeper.change_settings(changed)

    def _show_wrong(self) -> None:
        chosen = self.folder.text().strip()
        # Qt's look, unlike Python's, bears a name that no folder can have
        wrong = bool(chosen) and not (Path(chosen).is_absolute() and QFileInfo(chosen).isDir())
        self._wrong.setText(tr("没有这个文件夹，请先插上或新建它；在那之前备份存在程序的数据文件夹里。"))
        self._wrong.setVisible(wrong)

    def _browse_folder(self) -> None:
        dialog = QFileDialog(self, tr("备份文件夹"), self.folder.text())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.choose_folder)
        dialog.open()
