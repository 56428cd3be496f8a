"""What an asset card charges month by month, and what there is to say of it."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.contract.assets import AssetMonth, AssetSchedule
from app.ui.language import tr
from app.ui.widgets.paged_table import Column, Kind, PagedTable, PagedTableModel


class AssetPlanView(QWidget):
    """A title, a row a month, and sentences below."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.title = QLabel(self)
        self.title.setObjectName("sectionTitle")
        self.model: PagedTableModel[AssetMonth] = PagedTableModel(
            (
                Column(lambda: tr("月份"), lambda month: month.period, Kind.CENTRE, 8),
                Column(lambda: tr("计提"), lambda month: month.amount, Kind.AMOUNT, 10),
                Column(lambda: tr("累计"), lambda month: month.accumulated, Kind.AMOUNT, 12),
                Column(lambda: tr("账面价值"), lambda month: month.carrying, Kind.AMOUNT, 14, stretch=True),
            ),
            self,
        )
        self.table = PagedTable(self.model, self)
        self.table.setMinimumWidth(self.fontMetrics().averageCharWidth() * 60)
        self.note = QLabel(self)
        self.note.setObjectName("muted")
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.setWordWrap(True)
        column.addWidget(self.title)
        column.addWidget(self.table, 1)
        column.addWidget(self.note)

    def retranslate(self) -> None:
        """Set the title; sentences are given again by the dialog."""
        self.title.setText(tr("计提计划"))

    def show_plan(self, plan: AssetSchedule, history: Sequence[str]) -> None:
        """Show a plan, the first month that is not charged yet in view."""
        self.model.show_rows(plan.rows)
        self.note.setText("\n".join([*plan.warnings, *history]))
        coming = next((place for place, month in enumerate(plan.rows) if not month.is_charged), -1)
        if coming > 0:
            self.table.scrollTo(self.model.index(coming, 0), PagedTable.ScrollHint.PositionAtCenter)

    def say(self, sentences: Sequence[str]) -> None:
        """Say why there is no plan."""
        self.model.clear()
        self.note.setText("\n".join(sentences))
