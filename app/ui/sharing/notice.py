"""The bar above the pages of a book that moves or has moved: where it goes on, and the way to go on here."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from PyQt5.QtCore import QEvent, Qt
from PyQt5.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from app.ui.language import tr

if TYPE_CHECKING:
    from app.contract.serving import MoveState


class MovedBar(QFrame):
    """Stays as long as the book is open; nothing can be changed in it."""

    def __init__(self, state: MoveState, *, may_stay: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("messageBar")
        self.setProperty("kind", "warning")
        self.state = state
        self.label = QLabel(self)
        self.label.setWordWrap(True)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse))
        self.label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.open_button, self.stay_button = QPushButton(self), QPushButton(self)
        self.open_button.setVisible(state.done)
        self.stay_button.setVisible(may_stay)
        layout = QHBoxLayout(self)
        layout.addWidget(self.label, 1)
        layout.addWidget(self.open_button)
        layout.addWidget(self.stay_button)
        self._retranslate()

    def changeEvent(self, event: QEvent | None) -> None:
        """Retranslate when the language changes."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        state = self.state
        at = datetime.datetime.fromtimestamp(state.at / 1000).strftime("%Y-%m-%d %H:%M")  # noqa: DTZ006 - the user's own clock
        values = {"by": state.by, "at": at, "place": state.place}
        self.label.setText(
            tr("{by}已在 {at} 把这本账迁到“{place}”。这里只能查看，请到那里继续。", **values)
            if state.done
            else tr(
                "{by}从 {at} 起把这本账迁往“{place}”，还没有完成；迁完之前只能查看。已经中断的，可以在这里继续用。",
                **values,
            )
        )
        self.open_button.setText(tr("打开那里的账"))
        self.stay_button.setText(tr("收回，在这里继续用") if state.done else tr("在这里继续用"))
