"""A date field that may be left empty."""

from __future__ import annotations

import datetime

from PyQt5.QtWidgets import QWidget

from app.ui.ledger.date_field import DateField
from app.ui.widgets.form_dialog import mark_wrong


class OptionalDateField(DateField):
    """As `DateField`, but begins empty and may be emptied; what is left out of a date comes from the day given."""

    def __init__(self, near: datetime.date, parent: QWidget | None = None) -> None:
        self._is_empty = True
        super().__init__(near, parent)
        self.show_wire("")

    @property
    def wire(self) -> str:
        """What goes to the server: nothing for an empty field."""
        self._read()
        return "" if self._is_empty else super().wire

    def show_wire(self, text: str) -> None:
        """Show a date of the server, or nothing, without telling anybody."""
        if text:
            self.set_date(datetime.date.fromisoformat(text))
        else:
            self._is_empty = True
            self.clear()
            mark_wrong(self, False)

    def set_date(self, date: datetime.date) -> None:
        """Show a date without telling anybody."""
        self._is_empty = False
        super().set_date(date)

    def _read(self) -> None:
        was_empty, self._is_empty = self._is_empty, not self.text().strip()
        if self._is_empty:
            mark_wrong(self, False)
            if not was_empty:
                self.date_changed.emit()
            return
        if was_empty and self.text() == self._date.isoformat():
            self.date_changed.emit()
        super()._read()
