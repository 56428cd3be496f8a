"""Which part of the log of changes is shown: by person, kind of object, what was done, result and days."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QComboBox, QLabel, QPushButton, QVBoxLayout, QWidget

from app.contract.identity import AuditQuery, AuditRow
from app.contract.log_words import KIND_NAMES, VERB_NAMES, kind_name, object_label
from app.ui.language import tr, tr_message
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.trade.optional_date import OptionalDateField

_UNFILTERED = frozenset({"request"})
"""Kinds that the result finds."""


class LogFilter(QWidget):
    """Tells by `changed` that another part is wanted; `query()` says which."""

    changed = pyqtSignal()

    def __init__(self, today: datetime.date, parent: QWidget) -> None:
        super().__init__(parent)
        self.people: Sequence[tuple[int, str]] = ()
        self._object: AuditRow | None = None
        self.person, self.kind, self.verb, self.result = (QComboBox(self) for _ in range(4))
        self.from_date, self.to_date = OptionalDateField(today, self), OptionalDateField(today, self)
        self.whole_log = QPushButton(self)
        self.whole_log.setAutoDefault(False)
        self.labels = [QLabel(self) for _ in range(6)]
        self._boxes = (self.person, self.kind, self.verb, self.result)
        for box in self._boxes:
            box.setMaximumWidth(self.fontMetrics().averageCharWidth() * 24)
            box.setMaxVisibleItems(24)
            box.activated.connect(lambda _place: self._chosen())
        self.from_date.date_changed.connect(self.changed)
        self.to_date.date_changed.connect(self.changed)
        self.whole_log.clicked.connect(lambda _checked: self.show_object(None))
        self._row = row = FlowLayout()
        for label, field in zip(self.labels, (*self._boxes, self.from_date, self.to_date), strict=True):
            label.setBuddy(field)
            row.addWidget(label)
            row.addWidget(field)
        row.addWidget(self.whole_log)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        self.retranslate()

    def add_at_the_right(self, *widgets: QWidget) -> None:
        """Put further widgets into the row."""
        self._row.add_gap()
        for widget in widgets:
            self._row.addWidget(widget)

    def know_people(self, people: Sequence[tuple[int, str]]) -> None:
        """Offer these people to choose from; who is chosen stays."""
        self.people = people
        self._fill(self.person, [(tr("所有人"), None), *((name, number) for number, name in people)])

    def show_object(self, row: AuditRow | None) -> None:
        """Show the history of a row's object alone, or of everything again."""
        self._object = row
        self.verb.setEnabled(row is None)
        self._name_object()
        self.changed.emit()

    def query(self) -> AuditQuery:
        """Return what the fields ask for."""
        row = self._object
        return AuditQuery(
            user_id=self.person.currentData(),
            object_type=row.object_type if row is not None else self._kind(),
            object_id=row.object_id if row is not None else "",
            verb="" if row is not None else self.verb.currentData() or "",
            outcome=self.result.currentData() or "",
            from_ms=day_begins_ms(self.from_date.wire),
            to_ms=day_ends_ms(self.to_date.wire),
        )

    def _kind(self) -> str:
        # what was refused has no object yet: it is logged by the action alone
        return self.kind.currentData() or "" if self.kind.isEnabled() else ""

    def _chosen(self) -> None:
        self._show_usable()
        self.changed.emit()

    def _show_usable(self) -> None:
        self.kind.setEnabled(self._object is None and self.result.currentData() != "refused")

    @property
    def in_use(self) -> bool:
        """Whether anything is left out."""
        return self.query() != AuditQuery()

    def retranslate(self) -> None:
        """Set every text; what is chosen stays."""
        texts = (tr("操作人"), tr("对象"), tr("操作"), tr("结果"), tr("日期"), tr("至"))
        for label, text in zip(self.labels, texts, strict=True):
            label.setText(text)
        self.know_people(self.people)
        kinds = [(tr_message(name), kind) for kind, name in KIND_NAMES.items() if kind not in _UNFILTERED]
        self._fill(self.kind, [(tr("全部"), ""), *kinds])
        self._fill(self.verb, [(tr("全部"), ""), *((tr_message(name), verb) for verb, name in VERB_NAMES.items())])
        self._fill(self.result, [(tr("全部"), ""), (tr("成功"), "done"), (tr("被拒绝"), "refused")])
        self._name_object()

    def _name_object(self) -> None:
        row = self._object
        self._show_usable()
        self.whole_log.setVisible(row is not None)
        if row is not None:
            kind = tr_message(kind_name(row.action, row.object_type))
            name = object_label(row.object_id, row.before, row.after)[:40].replace("&", "&&")
            self.whole_log.setText(tr("只看“{kind} {name}” ×", kind=kind, name=name))
            self.whole_log.setToolTip(tr("回到全部记录"))

    @staticmethod
    def _fill(box: QComboBox, choices: Sequence[tuple[str, object]]) -> None:
        chosen = box.currentData()
        box.clear()
        for text, value in choices:
            box.addItem(text, value)
        box.setCurrentIndex(max(box.findData(chosen), 0))


def day_begins_ms(day: str, *, days_on: int = 0) -> int | None:
    """Return when a day (`2026-06-30`), or one so many days on, begins on this computer, in UTC milliseconds.

    None for no day, and for what is none.
    """
    try:
        begin = datetime.datetime.fromisoformat(f"{day}T00:00:00") + datetime.timedelta(days=days_on)
        return max(0, int(begin.timestamp() * 1000))
    except (ValueError, OverflowError, OSError):
        return None


def day_ends_ms(day: str) -> int | None:
    """Return the last millisecond of a day on this computer; None for no day, and for what is none."""
    begins = day_begins_ms(day, days_on=1)
    return None if begins is None else begins - 1
