"""Fields that take no more than what they are for: as many characters as the server takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt5.QtCore import QPoint
from PyQt5.QtWidgets import QLineEdit, QToolTip

from app.ui.language import tr

if TYPE_CHECKING:
    from pydantic import BaseModel  # takes time to import; the window is painted before


def longest(shape: type[BaseModel], name: str) -> int:
    """Return how many characters a field of a contract takes. Raises `LookupError` for one without a limit: a bug."""
    for constraint in shape.model_fields[name].metadata:
        limit = getattr(constraint, "max_length", None)
        if isinstance(limit, int):
            return limit
    raise LookupError(f"{shape.__name__}.{name} has no limit")


def limit_length(field: QLineEdit, characters: int) -> None:
    """Let a field take so many characters, and say so below it when more are typed or pasted."""
    first_time = field.maxLength() > characters and not field.property("limited")
    field.setMaxLength(characters)
    if first_time:
        field.setProperty("limited", True)
        field.inputRejected.connect(lambda: _say_full(field))


def limit_to(field: QLineEdit, shape: type[BaseModel], name: str) -> None:
    """Let a field take what a contract's field takes."""
    limit_length(field, longest(shape, name))


def _say_full(field: QLineEdit) -> None:
    if len(field.text()) >= field.maxLength():
        place = field.mapToGlobal(QPoint(0, field.height()))
        QToolTip.showText(place, tr("最多 {limit} 个字。", limit=field.maxLength()), field)
