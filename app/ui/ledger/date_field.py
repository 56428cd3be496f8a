"""A field for a business date as typists write it: a day, month and day, or the whole date."""

from __future__ import annotations

import datetime

from PyQt5.QtCore import QDate, QEvent, QPoint, Qt, pyqtSignal
from PyQt5.QtGui import QKeyEvent
from PyQt5.QtWidgets import QAction, QCalendarWidget, QLineEdit, QVBoxLayout, QWidget

from app.kernel.errors import MalformedInput
from app.kernel.period import FIRST_YEAR, LAST_YEAR, parse_date
from app.kernel.text import clean_number_text, message
from app.ui.icons import icon
from app.ui.language import tr
from app.ui.widgets.form_dialog import mark_wrong
from app.ui.widgets.limits import limit_length

LONGEST = 12
"""Characters a date takes, on the wire too."""


def read_date(text: str, near: datetime.date) -> datetime.date:
    """Read `2026-06-30`, `6-30`, `0630` or `30`; what is left out comes from `near`. Raises `MalformedInput`."""
    typed = clean_number_text(text).replace("/", "-").replace(".", "-").strip("-")
    parts = typed.split("-")
    if len(parts) == 1 and typed.isascii() and typed.isdigit():
        parts = {1: [typed], 2: [typed], 3: [typed[:1], typed[1:]], 4: [typed[:2], typed[2:]]}.get(len(typed), parts)
    if len(parts) <= 2 and all(0 < len(part) <= 2 and part.isascii() and part.isdigit() for part in parts):
        month, day = (int(parts[0]), int(parts[1])) if len(parts) == 2 else (near.month, int(parts[0]))
        try:
            return datetime.date(near.year, month, day)
        except ValueError as error:
            raise MalformedInput(
                "date_malformed", message("“{text}”不是日期，请写成 2026-06-30 的样子。", text=text)
            ) from error
    return parse_date(typed)


class DateField(QLineEdit):
    """Up and Down go by days, the page keys by months; F7 or the button opens a calendar."""

    date_changed = pyqtSignal()

    def __init__(self, date: datetime.date, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        limit_length(self, LONGEST)
        self._date = date
        self._calendar: _Calendar | None = None
        self._open = QAction(self)
        self._open.setIcon(icon("periods"))
        self._open.triggered.connect(self.open_calendar)
        self.addAction(self._open, QLineEdit.ActionPosition.TrailingPosition)
        self.editingFinished.connect(self._read)
        self.set_date(date)
        self._fit()
        self.retranslate()

    @property
    def date(self) -> datetime.date:
        """The date last read."""
        return self._date

    @property
    def wire(self) -> str:
        """What goes to the server: the date, or what was typed if it is none, for the server to refuse."""
        self._read()
        return self.text() if self.property("wrong") else self._date.isoformat()

    def set_date(self, date: datetime.date) -> None:
        """Show a date without telling anybody."""
        self._date = date
        self.setText(date.isoformat())
        mark_wrong(self, False)

    def retranslate(self) -> None:
        """Set the hint in the window's language."""
        self.setToolTip(tr("日期：可只输入日、月日或完整日期；上下键逐日、翻页键逐月，F7 打开日历"))

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Step through the calendar without leaving the field."""
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}
        if event is not None and event.key() in steps and not self.isReadOnly():
            self._step_days(steps[Qt.Key(event.key())])
        elif event is not None and event.key() in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown) and not self.isReadOnly():
            shown = QDate(self._date.year, self._date.month, self._date.day)
            self._step_to(_plain(shown.addMonths(1 if event.key() == Qt.Key.Key_PageUp else -1)))
        elif event is not None and event.key() == Qt.Key.Key_F7:
            self.open_calendar()
        else:
            super().keyPressEvent(event)

    def open_calendar(self) -> None:
        """Show a calendar below the field."""
        if self.isReadOnly():
            return
        if self._calendar is None:
            self._calendar = _Calendar(self)
        self._calendar.show_at(self)

    def changeEvent(self, event: QEvent | None) -> None:
        """Follow font and language."""
        super().changeEvent(event)
        if event is None:
            return
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()
        elif event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def take(self, date: datetime.date) -> None:
        """Take a date chosen by the user."""
        self._change(date)

    def _step_days(self, days: int) -> None:
        self._step_to(self._date + datetime.timedelta(days=days))

    def _step_to(self, date: datetime.date) -> None:
        # Nobody keeps books before or after; Python's dates end soon after.
        if FIRST_YEAR <= date.year <= LAST_YEAR:
            self._change(date)

    def _change(self, date: datetime.date) -> None:
        changed = date != self._date or bool(self.property("wrong"))
        self.set_date(date)
        if changed:
            self.date_changed.emit()

    def _read(self) -> None:
        if self.text() == self._date.isoformat():
            mark_wrong(self, False)
            return
        try:
            self._change(read_date(self.text(), self._date))
        except MalformedInput:
            mark_wrong(self, True)

    def _fit(self) -> None:
        self.setFixedWidth(self.fontMetrics().horizontalAdvance("0000-00-00") + self.fontMetrics().height() * 4)


class _Calendar(QWidget):
    def __init__(self, field: DateField) -> None:
        super().__init__(field, Qt.WindowFlags(Qt.WindowType.Popup))
        self._calendar = QCalendarWidget(self)
        self._calendar.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
        self._calendar.activated.connect(self._take)
        self._calendar.clicked.connect(self._take)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._calendar)
        self._field = field

    def show_at(self, field: DateField) -> None:
        date = field.date
        self._calendar.setSelectedDate(QDate(date.year, date.month, date.day))
        self.move(field.mapToGlobal(QPoint(0, field.height())))
        self.show()
        self._calendar.setFocus()

    def _take(self, chosen: QDate) -> None:
        self.hide()
        self._field.take(_plain(chosen))


def _plain(date: QDate) -> datetime.date:
    return datetime.date(date.year(), date.month(), date.day())
