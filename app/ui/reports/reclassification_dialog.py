"""报表重分类: amounts moved by hand between lines of the balance sheet at a month's end."""

from __future__ import annotations

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QComboBox, QLabel, QLineEdit, QPushButton, QWidget

from app.contract.statements import (
    Reclassification,
    ReclassificationInput,
    ReclassificationList,
    ReclassificationQuery,
    Statement,
)
from app.kernel.errors import ZhangfangError
from app.ui.language import tr
from app.ui.page import PageContext
from app.ui.reports.statement_model import row_name
from app.ui.tasks import Query, Topic
from app.ui.widgets.form_dialog import FormDialog
from app.ui.widgets.limits import limit_to
from app.ui.widgets.paged_table import Column, Kind, PagedTable, PagedTableModel

EDIT = "reports:statement:edit"


class ReclassificationDialog(FormDialog):
    """The reclassifications of the statement's month; the form below adds one or changes the one with the cursor."""

    changed = pyqtSignal()
    subject = "_current"

    def __init__(
        self,
        parent: QWidget,
        context: PageContext,
        statement: Statement,
        current: Reclassification | None = None,
    ) -> None:
        """Show the month's; `current`: that one alone, to be read."""
        super().__init__(parent)
        self._context, self._statement = context, statement
        self._may = context.may(EDIT)
        self._period = statement.to_period
        self._current: Reclassification | None = None
        self._names = {row.line: row_name(row).strip() for row in statement.rows if row.line is not None}
        self.model: PagedTableModel[Reclassification] = PagedTableModel(
            (
                Column(lambda: tr("从"), lambda move: self._line(move.from_line), width_chars=14, stretch=True),
                Column(lambda: tr("移到"), lambda move: self._line(move.to_line), width_chars=14, stretch=True),
                Column(lambda: tr("金额"), lambda move: move.amount, Kind.AMOUNT, 16),
                Column(lambda: tr("原因"), lambda move: move.reason, width_chars=14, stretch=True),
            ),
            self,
        )
        self.table = PagedTable(self.model, self)
        self.table.setMinimumHeight(self.fontMetrics().height() * 9)
        self.note = QLabel(self)
        self.note.setObjectName("muted")
        self.note.setWordWrap(True)
        self.form.addRow(self.note)
        self.form.addRow(self.table)
        self.from_line, self.to_line = QComboBox(self), QComboBox(self)
        for row in statement.rows:
            if row.line is not None and row.kind == "item" and row.side:
                for choice in (self.from_line, self.to_line):
                    choice.addItem(self._line(row.line), row.line)
        self.amount, self.reason = QLineEdit(self), QLineEdit(self)
        limit_to(self.amount, ReclassificationInput, "amount")
        limit_to(self.reason, ReclassificationInput, "reason")
        self._labels = [
            self.add_field(name, widget)
            for name, widget in (
                ("from_line", self.from_line),
                ("to_line", self.to_line),
                ("amount", self.amount),
                ("reason", self.reason),
            )
        ]
        self.fresh, self.remove = QPushButton(self), QPushButton(self)
        for button in (self.fresh, self.remove):
            button.setAutoDefault(False)
            self.extra_buttons.addWidget(button)
        self.fresh.clicked.connect(lambda _checked: self.begin_new())
        self.remove.clicked.connect(lambda _checked: self.remove_current())
        selection = self.table.selectionModel()
        if selection is not None:
            selection.currentRowChanged.connect(lambda *_rows: self._show_current())
        em = self.fontMetrics().height()
        self.setMinimumSize(em * 40, em * 27)
        self.retranslate()
        self.set_busy(False)
        if current is not None:
            self._show_move(current)
        else:
            self.ask()

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.setWindowTitle(tr("报表重分类　{period}", period=self._period))
        self.note.setText(
            tr("把金额从一行移到另一行，例如一年内到期的部分；只改报表，不改账。十二月的重分类也用于下年的年初数。")
        )
        for label, text in zip(self._labels, (tr("从"), tr("移到"), tr("金额"), tr("原因")), strict=True):
            label.setText(text)
        self.fresh.setText(tr("新增"))
        self.remove.setText(tr("删除"))
        self.cancel_button.setText(tr("关闭"))
        self.ok_button.setText(tr("保存"))

    def ask(self) -> None:
        """Ask for the month's reclassifications."""
        query = ReclassificationQuery(period=self._period)
        Query(lambda api: api.list_reclassifications(query)).slot("moves").on_done(self._show).run(self)

    def begin_new(self) -> None:
        """Empty the form for another one."""
        self.begin_new_thing()
        self._current = None
        self.table.clearSelection()
        self.amount.clear()
        self.reason.clear()
        self.set_busy(False)
        self.from_line.setFocus()

    def again(self, stored: Reclassification) -> ReclassificationDialog:
        """Return the form of a version of the one with the cursor."""
        return ReclassificationDialog(self, self._context, self._statement, stored)

    def subject_name(self) -> str:
        """Return what people call it."""
        return self.windowTitle()

    def take_theirs(self, stored: Reclassification) -> None:
        """Show another person's version, and the list with it."""
        self._show_move(stored)
        self.ask()

    def submit(self) -> None:
        """Save, and stay open."""
        current = self._current
        typed = ReclassificationInput(
            period=self._period,
            from_line=int(self.from_line.currentData()),
            to_line=int(self.to_line.currentData()),
            amount=self.amount.text(),
            reason=self.reason.text(),
            version=current.version if current is not None else None,
        )
        if current is None:
            self.save_new(typed, lambda api, wish: api.add_reclassification(wish), Topic.BOOK)
        else:
            self.send(lambda api: api.change_reclassification(current.id, typed), Topic.BOOK)

    def remove_current(self) -> None:
        """Take the one with the cursor away."""
        current = self._current
        if current is not None:
            self.send(
                lambda api: api.remove_reclassification(current.id, current.version),
                Topic.BOOK,
                refused=self._not_removed,
            )

    def _not_removed(self, error: ZhangfangError) -> None:
        """Say why, and show what there is now: who still wants it away can look at it first."""
        self.show_refusal(error)
        self.ask()

    def finish(self) -> None:
        """All is saved: stay, for the next one."""
        self.begin_new()
        self.ask()
        self.changed.emit()

    def _show(self, listed: ReclassificationList) -> None:
        self.model.show_rows(listed.reclassifications)

    def _show_current(self) -> None:
        move = self.table.current_row()
        if not isinstance(move, Reclassification):
            return
        self._show_move(move)

    def _show_move(self, move: Reclassification) -> None:
        self.begin_new_thing()
        self._current = move
        for choice, line in ((self.from_line, move.from_line), (self.to_line, move.to_line)):
            choice.setCurrentIndex(max(choice.findData(line), 0))
        self.amount.setText(move.amount)
        self.reason.setText(move.reason)
        self.set_busy(False)

    def _line(self, line: int) -> str:
        return f"{line} {self._names.get(line, '')}".strip()

    def set_busy(self, busy: bool) -> None:
        """Keep the user from sending twice, and those without the right from sending at all."""
        self.ok_button.setEnabled(self._may and not busy)
        self.fresh.setEnabled(self._may and not busy)
        self.remove.setEnabled(self._may and not busy and self._current is not None)
