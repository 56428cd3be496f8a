"""The line that says somebody else changed a voucher or document while it was being typed into."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from app.ui.language import tr

T = TypeVar("T")


class MeanwhileBar(QFrame, Generic[T]):
    """Says who changed it while it was being typed into, and lets one choose; `say` gives the sentence for a name."""

    def __init__(self, parent: QWidget, say: Callable[[str], str] | None = None) -> None:
        super().__init__(parent)
        self._say = say or _of_a_voucher
        self.setObjectName("messageBar")
        self.setProperty("kind", "warning")
        self.theirs: T | None = None
        self._who = ""
        self.label = QLabel(self)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setWordWrap(True)
        self.reload = QPushButton(self)
        self.keep = QPushButton(self)
        row = QHBoxLayout(self)
        row.addWidget(self.label, 1)
        row.addWidget(self.reload)
        row.addWidget(self.keep)
        self.hide()

    def show_conflict(self, theirs: T, who: str) -> None:
        """Show who was first."""
        self.theirs, self._who = theirs, who
        self.retranslate()
        self.show()

    def retranslate(self) -> None:
        """Set every text."""
        self.label.setText(self._say(self._who) if self.theirs else "")
        self.reload.setText(tr("放弃我的，看最新的"))
        self.keep.setText(tr("保留我的，再保存时覆盖"))


def _of_a_voucher(who: str) -> str:
    return tr("{who} 在您录入时修改了这张凭证，您的改动还没有保存。", who=who)
