"""Two people changed the same thing: both versions side by side, and what is to become of them."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtGui import QColor, QPalette, QResizeEvent, QShowEvent
from PyQt5.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.ui.language import tr
from app.ui.presence.differences import Difference

EMPTY = "—"
MINE = 2
"""The column of what stands here."""


class ConflictDialog(QDialog):
    """Shows what differs; closing it goes on editing, with nothing lost."""

    theirs_wanted = pyqtSignal()
    """Take the other person's version, and drop what was typed here."""
    mine_wanted = pyqtSignal()
    """Save what was typed here over the other person's version."""

    def __init__(
        self,
        parent: QWidget,
        what: str,
        who: str,
        rows: Sequence[Difference],
        *,
        at_ms: int | None = None,
        is_refused: bool = True,
        is_act: bool = False,
    ) -> None:
        """`is_act`: the thing was not to be changed here, something was to be done with it."""
        super().__init__(parent)
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, False)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("两个人修改了同一内容"))
        self.heading = QLabel(_heading(what, who, at_ms), self)
        self.advice = QLabel(self)
        self.advice.setText(_advice(is_refused=is_refused, is_act=is_act))
        for label in (self.heading, self.advice):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self.heading.setObjectName("sectionTitle")
        self.table = self._make_table(rows, who)
        self.take = QPushButton(tr("采用{who}的，放弃我的", who=who), self)
        keep = tr("照样办理") if is_act else tr("保存我的，覆盖{who}的", who=who)
        self.keep = QPushButton(keep, self)
        self.go_on = QPushButton(tr("先不办理") if is_act else tr("继续修改"), self)
        for button in (self.take, self.keep):
            button.setAutoDefault(False)
        self.go_on.setDefault(True)
        self.go_on.setProperty("primary", True)
        self.take.clicked.connect(lambda _checked: self._choose(self.theirs_wanted))
        self.keep.clicked.connect(lambda _checked: self._choose(self.mine_wanted))
        self.go_on.clicked.connect(lambda _checked: self.reject())
        if is_act:
            self.take.hide()
            self.table.hideColumn(MINE)
            self.table.setVisible(bool(rows))
        self._lay_out()

    def _lay_out(self) -> None:
        em = self.fontMetrics().height()
        column = QVBoxLayout(self)
        column.setContentsMargins(em, em, em, em)
        column.setSpacing(em // 2)
        column.addWidget(self.heading)
        column.addWidget(self.table, 1)
        column.addWidget(self.advice)
        buttons = QHBoxLayout()
        buttons.addWidget(self.take)
        buttons.addWidget(self.keep)
        buttons.addStretch(1)
        buttons.addWidget(self.go_on)
        column.addLayout(buttons)
        self.resize(em * 46, em * (12 + 2 * min(8, self.table.rowCount())))

    def _make_table(self, rows: Sequence[Difference], who: str) -> QTableWidget:
        table = QTableWidget(len(rows), 4, self)
        table.setHorizontalHeaderLabels([tr("项目"), tr("原来"), tr("您的"), tr("{who}的", who=who)])
        table.setAccessibleName(tr("不同之处"))
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        table.setWordWrap(True)
        vertical, header = table.verticalHeader(), table.horizontalHeader()
        if vertical is not None and header is not None:
            vertical.hide()
            header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
            header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        for place, row in enumerate(rows):
            cells = ((row.label, False), (row.was, False), (row.mine, row.is_mine), (row.theirs, row.is_theirs))
            for column, (text, is_changed) in enumerate(cells):
                item = QTableWidgetItem(text or EMPTY)
                if is_changed:
                    item.setBackground(changed_tint(self.palette()))
                    font = item.font()
                    font.setBold(True)
                    item.setFont(font)
                table.setItem(place, column, item)
        return table

    def showEvent(self, event: QShowEvent | None) -> None:
        """Make the rows as high as their texts, now that the columns have their widths."""
        super().showEvent(event)
        self.table.resizeRowsToContents()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Fit the rows to other widths."""
        super().resizeEvent(event)
        self.table.resizeRowsToContents()

    def _choose(self, wanted: object) -> None:
        self.accept()
        wanted.emit()  # type: ignore[attr-defined]  # one of the two signals


def changed_tint(palette: QPalette) -> QColor:
    """Return the background of what was changed, seen on light and on dark."""
    colour = QColor(palette.color(QPalette.ColorRole.Highlight))
    colour.setAlpha(96)
    return colour


def _advice(*, is_refused: bool, is_act: bool) -> str:
    if is_act:
        return tr("还没有办理，您填写的内容仍在原处。请选择怎么办：")
    return tr("您的改动还没有保存，仍在原处。请选择怎么办：") if is_refused else tr("您的改动仍在原处。")


def _heading(what: str, who: str, at_ms: int | None) -> str:
    if at_ms is None:
        return tr("{who} 修改了{what}。", who=who, what=what)
    moment = datetime.datetime.fromtimestamp(at_ms / 1000).astimezone()
    return tr("{who} 在 {time} 修改了{what}。", who=who, time=moment.strftime("%m-%d %H:%M:%S"), what=what)
