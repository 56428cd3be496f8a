"""The line that says somebody else changed a voucher while it was being typed into."""

from __future__ import annotations

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from app.contract.ledger import Voucher
from app.ui.language import tr


class MeanwhileBar(QFrame):
    """Says who changed the voucher while it was being typed into, and lets one choose."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("messageBar")
        self.setProperty("kind", "warning")
        self.theirs: Voucher | None = None
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

    def show_conflict(self, theirs: Voucher, who: str) -> None:
        """Show who was first."""
        self.theirs, self._who = theirs, who
        self.retranslate()
        self.show()

    def retranslate(self) -> None:
        """Set every text."""
        self.label.setText(
            tr("{who} 在您录入时修改了这张凭证，您的改动还没有保存。", who=self._who) if self.theirs else ""
        )
        self.reload.setText(tr("放弃我的，看最新的"))
        self.keep.setText(tr("保留我的，再保存时覆盖"))
