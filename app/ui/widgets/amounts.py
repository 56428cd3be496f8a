"""How amounts look in the window: thousands separated, zero blank, negatives red with a minus."""

from __future__ import annotations

from PyQt5.QtCore import Qt
from PyQt5.QtGui import QColor, QGuiApplication, QPalette
from PyQt5.QtWidgets import QLabel, QWidget

from app.kernel.money import group_thousands

RIGHT = Qt.Alignment(Qt.AlignmentFlag.AlignRight) | Qt.AlignmentFlag.AlignVCenter


def amount_text(amount: str, *, blank_zero: bool = True) -> str:
    """Write a decimal text of the server (`-1234.50`) for the eye (`-1,234.50`); zero is blank unless asked for."""
    if blank_zero and is_zero(amount):
        return ""
    return group_thousands(amount)


def is_zero(amount: str) -> bool:
    """Tell whether a decimal text is zero or empty."""
    return not amount.strip("-0.,")


def is_negative(amount: str) -> bool:
    """Tell whether a decimal text is below zero."""
    return amount.startswith("-") and not is_zero(amount)


def negative_colour() -> QColor:
    """Return the theme's colour for negative amounts."""
    return QGuiApplication.palette().color(QPalette.ColorRole.BrightText)


class AmountLabel(QLabel):
    """A label for one amount: right-aligned, red below zero."""

    def __init__(self, parent: QWidget | None = None, *, blank_zero: bool = False) -> None:
        super().__init__(parent)
        self._blank_zero = blank_zero
        self.setAlignment(RIGHT)

    def set_amount(self, amount: str) -> None:
        """Show a decimal text of the server."""
        self.setText(amount_text(amount, blank_zero=self._blank_zero))
        role = QPalette.ColorRole.BrightText if is_negative(amount) else QPalette.ColorRole.WindowText
        self.setForegroundRole(role)
