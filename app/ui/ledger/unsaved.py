"""The question what becomes of something typed and not saved, without a nested event loop."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QMessageBox, QWidget

from app.ui.language import tr


def ask_to_save(parent: QWidget, save: Callable[[], None], drop: Callable[[], None], *, text: str = "") -> QMessageBox:
    """Ask: 保存, 不保存, or stay. `text` says what is not saved where it is no voucher."""
    box = QMessageBox(
        QMessageBox.Icon.Question,
        tr("保存") if text else tr("记账凭证"),
        text or tr("当前凭证还没有保存。"),
        QMessageBox.StandardButtons(QMessageBox.StandardButton.NoButton),
        parent,
    )
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    keep = box.addButton(tr("保存"), QMessageBox.ButtonRole.AcceptRole)
    away = box.addButton(tr("不保存"), QMessageBox.ButtonRole.DestructiveRole)
    stay = box.addButton(tr("取消"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(keep)
    box.setEscapeButton(stay)

    def answered(button: object) -> None:
        if button is keep:
            save()
        elif button is away:
            drop()

    box.buttonClicked.connect(answered)
    box.open()
    return box
