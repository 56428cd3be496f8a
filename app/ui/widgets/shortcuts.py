"""Keys of a page: they act while the keyboard is anywhere inside it."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import Qt
from PyQt5.QtGui import QKeySequence
from PyQt5.QtWidgets import QShortcut, QWidget


def add_shortcuts(place: QWidget, *pairs: tuple[QKeySequence | str, Callable[[], None]]) -> None:
    """Let each key, as a sequence or as text ("Ctrl+N"), do something while the keyboard is inside `place`."""
    for keys, act in pairs:
        shortcut = QShortcut(QKeySequence(keys), place)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(act)
