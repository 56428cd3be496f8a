"""Questions before a step that cannot be taken back, without a nested event loop."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QMessageBox, QWidget

from app.ui.language import tr


def confirm(parent: QWidget, question: str, yes: str, then: Callable[[], None], *, detail: str = "") -> QMessageBox:
    """Ask, with the named step and 取消; call `then` on the step. The cautious answer is the default one."""
    box = QMessageBox(QMessageBox.Icon.Question, "", question)
    box.setParent(parent, box.windowFlags())
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setInformativeText(detail)
    step = box.addButton(yes, QMessageBox.ButtonRole.AcceptRole)
    back = box.addButton(tr("取消"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(back)
    box.setEscapeButton(back)
    box.buttonClicked.connect(lambda button: then() if button is step else None)
    box.open()
    return box


def ask_to_save(parent: QWidget, save: Callable[[], None], drop: Callable[[], None]) -> QMessageBox:
    """Ask what becomes of something typed and not saved: 保存, 不保存, or stay."""
    box = QMessageBox(QMessageBox.Icon.Question, "", tr("当前凭证还没有保存。"))
    box.setParent(parent, box.windowFlags())
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    keep = box.addButton(tr("保存"), QMessageBox.ButtonRole.AcceptRole)
    away = box.addButton(tr("不保存"), QMessageBox.ButtonRole.DestructiveRole)
    stay = box.addButton(tr("取消"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(keep)
    box.setEscapeButton(stay)
    steps = {id(keep): save, id(away): drop}
    box.buttonClicked.connect(lambda button: steps.get(id(button), lambda: None)())
    box.open()
    return box
