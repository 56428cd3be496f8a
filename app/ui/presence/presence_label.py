"""The place in the status bar that says who else is there."""

from __future__ import annotations

import html

from PyQt5.QtCore import QEvent, Qt
from PyQt5.QtWidgets import QLabel, QWidget

from app.ui.language import tr
from app.ui.presence.others import Others, joined

MOST_NAMES = 3


class PresenceLabel(QLabel):
    """Hidden while nobody else is there; the tooltip says what everybody is changing."""

    def __init__(self, others: Others, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._others = others
        others.changed.connect(self._show)
        self.hide()

    def changeEvent(self, event: QEvent | None) -> None:
        """Retranslate when the language changes."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.LanguageChange:
            self._show()

    def _show(self) -> None:
        names = self._others.names()
        if names:
            shown = joined(names[:MOST_NAMES])
            self.setText(
                tr("另有 {count} 人：{names} 等", count=len(names), names=shown)
                if len(names) > MOST_NAMES
                else tr("另有 {count} 人：{names}", count=len(names), names=shown)
            )
            self.setToolTip("<br>".join(html.escape(line) for line in self._lines()))
        self.setVisible(bool(names))

    def _lines(self) -> list[str]:
        lines = []
        for person in self._others.present:
            name = self._others.name_of(person)
            things = joined([thing.label for thing in person.editing if thing.label])
            lines.append(tr("{who} 正在修改 {label}", who=name, label=things) if things else name)
        return list(dict.fromkeys(lines))
