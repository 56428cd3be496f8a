"""One row of the log of changes in full: who, what, when, and the object before and after."""

from __future__ import annotations

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtGui import QResizeEvent
from PyQt5.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.contract.identity import AuditRow
from app.contract.log_words import kind_name, object_label, result_name, verb_name
from app.ui.language import tr, tr_message
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.page import PageContext
from app.ui.people.log_fields import moment_text
from app.ui.people.log_targets import target_of
from app.ui.people.log_versions import version_rows
from app.ui.presence.differences import Difference
from app.ui.widgets.conflict_dialog import EMPTY, changed_tint

MOST_ROWS = 400
"""More are not laid out; the exported file has everything."""


class LogDetail(QWidget):
    """Shows a row; the object's page and its whole history are a button away."""

    history_wanted = pyqtSignal(object)
    """The row whose object's whole history is wanted."""

    def __init__(self, context: PageContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._row: AuditRow | None = None
        self.heading, self.circumstances, self.nothing = (QLabel(self) for _ in range(3))
        self.heading.setObjectName("sectionTitle")
        self.circumstances.setObjectName("muted")
        self.nothing.setObjectName("muted")
        for label in (self.heading, self.circumstances, self.nothing):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self.circumstances.setTextInteractionFlags(
            Qt.TextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        )
        self.only_changes = QCheckBox(self)
        self.only_changes.setChecked(True)
        self.only_changes.toggled.connect(lambda _on: self._show_versions())
        self.open_button, self.history_button = QPushButton(self), QPushButton(self)
        self.open_button.clicked.connect(lambda _checked: self.open_object())
        self.history_button.clicked.connect(lambda _checked: self.history_wanted.emit(self._row))
        self.table = self._make_table()
        self._lay_out()
        self.retranslate()

    def _make_table(self) -> QTableWidget:
        table = QTableWidget(0, 3, self)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setTabKeyNavigation(False)
        table.setWordWrap(True)
        vertical, header = table.verticalHeader(), table.horizontalHeader()
        if vertical is not None and header is not None:
            vertical.hide()
            header.setHighlightSections(False)
            header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
            header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        return table

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, column.spacing(), 0, 0)
        steps = FlowLayout()
        for widget in (self.open_button, self.history_button, self.only_changes):
            steps.addWidget(widget)
        column.addWidget(self.heading)
        column.addWidget(self.circumstances)
        column.addLayout(steps)
        column.addWidget(self.nothing)
        column.addWidget(self.table, 1)
        column.addStretch(0)

    def retranslate(self) -> None:
        """Set every text."""
        self.only_changes.setText(tr("只列变化"))
        self.open_button.setText(tr("打开对象"))
        self.history_button.setText(tr("它的全部记录"))
        self.table.setHorizontalHeaderLabels([tr("项目"), tr("改前"), tr("改后")])
        self.table.setAccessibleName(tr("改前和改后"))
        self._show()

    def show_row(self, row: AuditRow | None) -> None:
        """Show a row, or that one is to be chosen; what is shown already stays where it was scrolled to."""
        if row is None or row != self._row:
            self._row = row
            self._show()

    def _show(self) -> None:
        row = self._row
        self.circumstances.setVisible(row is not None)
        if row is None:
            self.heading.setText(tr("选一条记录，这里列出改前和改后。"))
            for button in (self.open_button, self.history_button):
                button.hide()
        else:
            self.heading.setText(_heading(row))
            self.circumstances.setText(_circumstances(row))
            self.open_button.setVisible(target_of(row, self._context) is not None)
            self.history_button.setVisible(row.object_type not in {"request", "login"} and bool(row.object_id))
        self._show_versions()

    def open_object(self) -> None:
        """Go to the object's page."""
        target = target_of(self._row, self._context) if self._row is not None else None
        if target is not None:
            self._context.open_target(target)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Fit the rows to other widths."""
        super().resizeEvent(event)
        self.table.resizeRowsToContents()

    def _show_versions(self) -> None:
        row = self._row
        has_both = row is not None and row.before is not None and row.after is not None
        rows = version_rows(row.before, row.after) if row is not None else []
        self.only_changes.setVisible(has_both)
        if has_both and self.only_changes.isChecked():
            rows = [one for one in rows if one.is_mine]
        else:
            rows = [one for one in rows if one.was or one.mine]
        self.table.setVisible(bool(rows))
        self.nothing.setVisible(row is not None and not rows)
        self.nothing.setText(
            tr("内容没有变化。") if has_both else tr("这条记录没有内容：登录、退出、被拒绝的操作只记下谁、何时、结果。")
        )
        left = len(rows) - MOST_ROWS
        self._fill(rows[:MOST_ROWS], marked=has_both)
        if left > 0:
            self.table.setRowCount(MOST_ROWS + 1)
            self.table.setItem(MOST_ROWS, 0, QTableWidgetItem(tr("还有 {count} 项，导出的文件里有", count=left)))

    def _fill(self, rows: list[Difference], *, marked: bool) -> None:
        table = self.table
        table.setRowCount(len(rows))
        for place, row in enumerate(rows):
            for column, text in enumerate((row.label, row.was, row.mine)):
                item = QTableWidgetItem(text or EMPTY)
                item.setTextAlignment(int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter))
                if marked and column and row.is_mine:
                    item.setBackground(changed_tint(self.palette()))
                    font = item.font()
                    font.setBold(True)
                    item.setFont(font)
                table.setItem(place, column, item)
        table.resizeRowsToContents()
        table.scrollToTop()


def _heading(row: AuditRow) -> str:
    parts = (
        tr_message(verb_name(row.action)),
        tr_message(kind_name(row.action, row.object_type)),
        object_label(row.object_id, row.before, row.after),
    )
    return "  ".join(part for part in parts if part)


def _circumstances(row: AuditRow) -> str:
    parts = [moment_text(row.at), row.user_name or tr("没有登录的人"), tr_message(result_name(row.result))]
    if row.duration_ms is not None:
        parts.append(tr("{count} 毫秒", count=row.duration_ms))
    parts += [part for part in (row.address, row.action) if part]
    return " · ".join(parts)
