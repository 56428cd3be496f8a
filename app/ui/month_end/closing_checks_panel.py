"""结账前检查: the offending rows, each a way to where it can be mended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PyQt5.QtCore import QModelIndex, Qt, pyqtSignal
from PyQt5.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.contract.closing import PreCheck
from app.ui.language import tr
from app.ui.widgets.amounts import negative_colour
from app.ui.widgets.paged_table import Column, Kind, PagedTable, PagedTableModel


class ChecksPanel(QWidget):
    """A table of what was found, what stops the close first."""

    wanted = pyqtSignal(object)
    """The `PreCheck` somebody wants to go to."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.summary = QLabel(self)
        self.summary.setObjectName("sectionTitle")
        self.summary.setWordWrap(True)
        self.model = _CheckModel(
            (
                Column(lambda: tr("程度"), severity_name, Kind.CENTRE, 8),
                Column(lambda: tr("位置"), lambda check: check.where, width_chars=24),
                Column(lambda: tr("问题"), lambda check: check.message, width_chars=40, stretch=True),
            ),
            self,
        )
        self.table = PagedTable(self.model, self)
        self.table.opened.connect(self.wanted)
        self.hint = QLabel(self)
        self.hint.setObjectName("muted")
        self.hint.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.summary)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.hint)
        self.setFocusProxy(self.table)
        self._checks: Sequence[PreCheck] = ()

    def show_checks(self, checks: Sequence[PreCheck]) -> None:
        """Show what was found."""
        self._checks = sorted(checks, key=lambda check: check.severity != "stop")
        self.model.show_rows(self._checks)
        if self._checks and not self.table.currentIndex().isValid():
            self.table.setCurrentIndex(self.model.index(0, 0))
        stops = sum(check.severity == "stop" for check in self._checks)
        self.table.setVisible(bool(self._checks))
        self.hint.setVisible(bool(self._checks))
        if not self._checks:
            self.summary.setText(tr("✓ 没有发现问题。"))
        elif stops:
            self.summary.setText(
                tr("✗ {stops} 处要先处理，{warnings} 处请核对。", stops=stops, warnings=len(self._checks) - stops)
            )
        else:
            self.summary.setText(tr("{warnings} 处请核对，不妨碍结账。", warnings=len(self._checks)))

    def retranslate(self) -> None:
        """Set every text."""
        self.hint.setText(tr("双击或按 Enter 打开出问题的地方，处理后回来继续。"))
        self.table.setAccessibleName(tr("结账前检查"))
        self.show_checks(self._checks)


class _CheckModel(PagedTableModel[PreCheck]):
    """Findings, with those that stop the close in the colour of what is wrong."""

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        if role == Qt.ItemDataRole.ForegroundRole and index.isValid() and index.column() == 0:
            return negative_colour() if self.row(index.row()).severity == "stop" else None
        return super().data(index, role)


def severity_name(check: PreCheck) -> str:
    """Return how bad a finding is."""
    return tr("须处理") if check.severity == "stop" else tr("提醒")
