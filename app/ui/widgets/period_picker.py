"""Choosing months: typed as 2026-06, 202606 or 6, or stepped with the arrows, the wheel and the keys."""

from __future__ import annotations

from PyQt5.QtCore import QEvent, Qt, pyqtSignal
from PyQt5.QtGui import QKeyEvent, QWheelEvent
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QToolButton, QWidget

from app.kernel.errors import MalformedInput
from app.kernel.period import FIRST_YEAR, LAST_YEAR, format_period, next_period, parse_period, previous_period
from app.kernel.text import clean_number_text
from app.ui.icons import icon
from app.ui.language import tr

_FIRST = FIRST_YEAR * 100 + 1
_LAST = LAST_YEAR * 100 + 12


class _MonthEdit(QLineEdit):
    stepped = pyqtSignal(int)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Step by months with Up and Down, by years with the page keys."""
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 12, Qt.Key.Key_PageDown: -12}
        if event is not None and event.key() in steps:
            self.stepped.emit(steps[Qt.Key(event.key())])
            return
        super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Step by months while the field has the keyboard."""
        if event is not None and self.hasFocus() and event.angleDelta().y():
            self.stepped.emit(1 if event.angleDelta().y() > 0 else -1)
            event.accept()


class PeriodPicker(QWidget):
    """One month as an integer `YYYYMM`, kept within a range."""

    changed = pyqtSignal(int)

    def __init__(self, period: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._period = period
        self._first, self._last = _FIRST, _LAST
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self._back = QToolButton(self)
        self._back.setIcon(icon("chevron-left"))
        self._back.clicked.connect(lambda: self.step(-1))
        self._edit = _MonthEdit(self)
        self._edit.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._edit.setMaxLength(10)
        self._edit.editingFinished.connect(self._read)
        self._edit.stepped.connect(self.step)
        self._on = QToolButton(self)
        self._on.setIcon(icon("chevron-right"))
        self._on.clicked.connect(lambda: self.step(1))
        for button in (self._back, self._on):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setAutoRaise(True)
        layout.addWidget(self._back)
        layout.addWidget(self._edit)
        layout.addWidget(self._on)
        layout.addStretch(1)
        self.setFocusProxy(self._edit)
        self._show()
        self._fit()
        self._retranslate()

    @property
    def period(self) -> int:
        """The month chosen, `YYYYMM`."""
        return self._period

    @property
    def text(self) -> str:
        """The month chosen, `2026-06`."""
        return format_period(self._period)

    def set_period(self, period: int) -> None:
        """Choose a month; outside the range, the nearest in it. Tells nobody when it is the same."""
        kept = min(max(period, self._first), self._last)
        if kept != self._period:
            self._period = kept
            self._show()
            self.changed.emit(kept)
        else:
            self._show()

    def set_range(self, first: int = _FIRST, last: int = _LAST) -> None:
        """Allow months from `first` to `last`."""
        self._first, self._last = first, last
        self.set_period(self._period)

    def step(self, months: int) -> None:
        """Go some months on, or back when negative."""
        period = self._period
        for _ in range(abs(months)):
            period = next_period(period) if months > 0 else previous_period(period)
        self.set_period(period)

    def changeEvent(self, event: QEvent | None) -> None:
        """Follow font and language."""
        super().changeEvent(event)
        if event is None:
            return
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        elif event.type() in {QEvent.Type.FontChange, QEvent.Type.StyleChange}:
            self._fit()

    def _retranslate(self) -> None:
        self._back.setToolTip(tr("上一个月"))
        self._on.setToolTip(tr("下一个月"))
        self._edit.setToolTip(tr("月份，如 2026-06；用上下键逐月、翻页键逐年移动"))

    def _fit(self) -> None:
        self._edit.setFixedWidth(self.fontMetrics().horizontalAdvance("0000-00") * 3 // 2)

    def _show(self) -> None:
        self._edit.setText(format_period(self._period))
        self._back.setEnabled(self._period > self._first)
        self._on.setEnabled(self._period < self._last)

    def _read(self) -> None:
        text = clean_number_text(self._edit.text())
        try:
            if text.isascii() and text.isdigit() and 1 <= int(text) <= 12:
                self.set_period(self._period // 100 * 100 + int(text))
            else:
                year, dash, month = text.partition("-")
                self.set_period(parse_period(f"{year}-{month:0>2}" if dash else text))
        except MalformedInput:
            self._show()


class PeriodRangePicker(QWidget):
    """From one month to another; the end never comes before the beginning."""

    changed = pyqtSignal(int, int)

    def __init__(self, first: int, last: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._from = PeriodPicker(first, self)
        self._to = PeriodPicker(last, self)
        self._dash = QLabel(self)
        layout.addWidget(self._from)
        layout.addWidget(self._dash)
        layout.addWidget(self._to)
        self.setFocusProxy(self._from)
        self._from.changed.connect(self._from_changed)
        self._to.changed.connect(self._to_changed)
        self._retranslate()

    @property
    def first(self) -> int:
        """The first month, `YYYYMM`."""
        return self._from.period

    @property
    def last(self) -> int:
        """The last month, `YYYYMM`."""
        return self._to.period

    def set_periods(self, first: int, last: int) -> None:
        """Choose both months; tells at most once."""
        if (first, max(first, last)) != (self.first, self.last):
            self._settle(first, max(first, last))

    def set_range(self, first: int, last: int) -> None:
        """Allow months from `first` to `last`."""
        for picker in (self._from, self._to):
            picker.set_range(first, last)

    def changeEvent(self, event: QEvent | None) -> None:
        """Retranslate the word between."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self._dash.setText(tr("至"))

    def _from_changed(self, period: int) -> None:
        self._settle(period, max(period, self._to.period))

    def _to_changed(self, period: int) -> None:
        self._settle(min(period, self._from.period), period)

    def _settle(self, first: int, last: int) -> None:
        for picker, period in ((self._from, first), (self._to, last)):
            picker.blockSignals(True)
            picker.set_period(period)
            picker.blockSignals(False)
        self.changed.emit(self.first, self.last)
