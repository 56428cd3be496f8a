"""The list below the opening balances: what keeps from saving, and what to look at; Enter goes there."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtCore import QEvent, Qt, pyqtSignal
from PyQt5.QtGui import QGuiApplication
from PyQt5.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QWidget

from app.ui.language import tr, tr_message
from app.ui.ledger.opening_checks import Concern
from app.ui.ledger.shades import red_ink

MOST_SHOWN = 200
MOST_ROWS = 5


class ConcernList(QListWidget):
    """Hidden while there is nothing to look at."""

    wanted = pyqtSignal(object)
    """The `Concern` somebody wants to go to."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._concerns: list[Concern] = []
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setWordWrap(True)
        self.itemActivated.connect(self._go)
        self.itemClicked.connect(self._go)
        self.hide()

    def show_concerns(self, concerns: Sequence[Concern]) -> None:
        """Show sentences, those that keep from saving first and in red with a cross."""
        self.setAccessibleName(tr("要核对的地方"))
        self._concerns = list(concerns)
        self.clear()
        for concern in self._concerns[:MOST_SHOWN]:
            item = QListWidgetItem(("✗ " if concern.grave else "! ") + tr_message(concern.text))
            if concern.grave:
                item.setForeground(red_ink(QGuiApplication.palette()))
            self.addItem(item)
        if len(concerns) > MOST_SHOWN:
            more = QListWidgetItem(tr("……另有 {count} 处", count=len(concerns) - MOST_SHOWN))
            more.setFlags(Qt.ItemFlags(Qt.ItemFlag.NoItemFlags))
            self.addItem(more)
        self.setVisible(bool(concerns))
        row = max(self.sizeHintForRow(0), self.fontMetrics().height() * 3 // 2)
        self.setFixedHeight(min(len(concerns), MOST_ROWS) * row + 2 * self.frameWidth() + 4)

    def changeEvent(self, event: QEvent | None) -> None:
        """Follow font and theme."""
        super().changeEvent(event)
        if event is not None and event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.show_concerns(self._concerns)

    def sentences(self) -> list[str]:
        """Return what is shown."""
        items = [self.item(row) for row in range(self.count())]
        return [item.text() for item in items if item is not None]

    def _go(self, item: QListWidgetItem) -> None:
        row = self.row(item)
        if 0 <= row < min(len(self._concerns), MOST_SHOWN):
            self.wanted.emit(self._concerns[row])
