"""The few colours the ledger's grids add to the theme's palette, readable on light and dark."""

from __future__ import annotations

from PyQt5.QtGui import QColor, QPalette


def is_dark(palette: QPalette) -> bool:
    """Tell whether the theme is a dark one."""
    return palette.color(QPalette.ColorRole.Base).lightness() < 128


def red_ink(palette: QPalette) -> QColor:
    """Negative amounts and faults (always with a minus or a sentence as well, for eyes that see no red)."""
    return palette.color(QPalette.ColorRole.BrightText)


def green_ink(palette: QPalette) -> QColor:
    """A voucher that balances; the stamp of a posted voucher."""
    return QColor("#81c995") if is_dark(palette) else QColor("#1b6e3c")


def quiet_ink(palette: QPalette) -> QColor:
    """Text of lesser weight."""
    return palette.color(QPalette.ColorRole.Dark)


def fault_paper(palette: QPalette) -> QColor:
    """The ground of a cell with a fault."""
    return _mixed(palette.color(QPalette.ColorRole.Base), red_ink(palette), 6)


def total_paper(palette: QPalette) -> QColor:
    """The ground of total rows: a step from the page towards its text."""
    return _mixed(palette.color(QPalette.ColorRole.Base), palette.color(QPalette.ColorRole.Text), 18)


def _mixed(ground: QColor, ink: QColor, parts: int) -> QColor:
    """Return one part of ink on `parts` - 1 parts of ground."""
    return QColor(
        *(
            ((parts - 1) * a + b) // parts
            for a, b in zip(
                (ground.red(), ground.green(), ground.blue()), (ink.red(), ink.green(), ink.blue()), strict=True
            )
        )
    )
