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

    def __init__(
        self,
        parent: QWidget,
        say: Callable[[str], str] | None = None,
        say_changed: Callable[[str], str] | None = None,
    ) -> None:
        super().__init__(parent)
        self._say = say or _of_a_voucher
        self._say_changed = say_changed or _changed_voucher
        self._is_refused = True
        self.setObjectName("messageBar")
        self.setProperty("kind", "warning")
        self.theirs: T | None = None
        self._who = ""
        self.label = QLabel(self)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setWordWrap(True)
        self.compare = QPushButton(self)
        self.reload = QPushButton(self)
        self.keep = QPushButton(self)
        row = QHBoxLayout(self)
        row.addWidget(self.label, 1)
        row.addWidget(self.compare)
        row.addWidget(self.reload)
        row.addWidget(self.keep)
        self.hide()

    def show_conflict(self, theirs: T, who: str) -> None:
        """Show who was first, after a save was refused."""
        self._show(theirs, who, is_refused=True)

    def show_changed(self, theirs: T, who: str) -> None:
        """Show who has just changed it, before anything was saved here."""
        self._show(theirs, who, is_refused=False)

    @property
    def who(self) -> str:
        """Who was first."""
        return self._who

    def _show(self, theirs: T, who: str, *, is_refused: bool) -> None:
        self.theirs, self._who, self._is_refused = theirs, who, is_refused
        self.retranslate()
        self.show()

    def retranslate(self) -> None:
        """Set every text."""
        say = self._say if self._is_refused else self._say_changed
        self.label.setText(say(self._who) if self.theirs else "")
        self.compare.setText(tr("看看有什么不同"))
        self.reload.setText(tr("放弃我的，看最新的") if self._is_refused else tr("重新读取"))
        self.keep.setText(tr("保留我的，再保存时覆盖"))


def _of_a_voucher(who: str) -> str:
    return tr("{who} 在您录入时修改了这张凭证，您的改动还没有保存。", who=who)


def _changed_voucher(who: str) -> str:
    return tr("{who} 刚修改了这张凭证，您的改动还没有保存。", who=who)


def changed_document(who: str) -> str:
    """Say who has just changed a document of trade or stock."""
    return tr("{who} 刚修改了这张单据，您的改动还没有保存。", who=who)


def refused_document(who: str) -> str:
    """Say who changed a document of trade or stock before it was saved here."""
    return tr("{who} 在您录入时修改了这张单据，您的改动还没有保存。", who=who)
