"""The line above an object that says who else is changing it."""

from __future__ import annotations

from PyQt5.QtCore import QEvent, Qt
from PyQt5.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from app.ui.language import tr
from app.ui.presence.others import Others, joined


class EditorsBar(QFrame):
    """Hidden while nobody else is at the object."""

    def __init__(self, others: Others, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("messageBar")
        self._others = others
        self._kind = ""
        self._number: int | None = None
        self._label = ""
        self.label = QLabel(self)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setWordWrap(True)
        row = QHBoxLayout(self)
        row.addWidget(self.label, 1)
        others.changed.connect(self._show)
        self.hide()

    def show_for(self, kind: str, number: int | None, label: str) -> None:
        """Say who is changing this object from now on; `label` is what people call it."""
        self._kind, self._number, self._label = kind, number, label
        self._show()

    def changeEvent(self, event: QEvent | None) -> None:
        """Retranslate when the language changes."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.LanguageChange:
            self._show()

    def _show(self) -> None:
        names = self._others.editors_of(self._kind, self._number)
        if names:
            self.label.setText(tr("{who} 正在修改 {label}，同时修改会有冲突。", who=joined(names), label=self._label))
        self.setVisible(bool(names))
