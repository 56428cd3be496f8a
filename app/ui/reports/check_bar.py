"""Below a statement: which identities and cross-checks fail, each with its sentence, leading to its row."""

from __future__ import annotations

from PyQt5.QtCore import QEvent, Qt, pyqtSignal
from PyQt5.QtWidgets import QFrame, QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from app.contract.statements import Statement, StatementCheck
from app.ui.language import tr
from app.ui.widgets.amounts import negative_colour

CHECK = int(Qt.ItemDataRole.UserRole)
MOST_LINES = 4


class CheckBar(QFrame):
    """One line when everything agrees; the failed checks otherwise."""

    chosen = pyqtSignal(object)
    """The `StatementCheck` whose row is to be shown."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._statement: Statement | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.heading = QLabel(self)
        self.heading.setWordWrap(True)
        self.list = QListWidget(self)
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column.addWidget(self.heading)
        column.addWidget(self.list)
        self.list.itemClicked.connect(self._choose)
        self.list.itemActivated.connect(self._choose)
        self.retranslate()

    def failed(self) -> list[StatementCheck]:
        """Return the checks that fail, errors first."""
        checks = self._statement.checks if self._statement is not None else []
        return sorted((check for check in checks if not check.ok), key=lambda check: check.severity != "error")

    def show_statement(self, statement: Statement | None) -> None:
        """Show the checks of a statement."""
        self._statement = statement
        self.retranslate()

    def retranslate(self) -> None:
        """Set every text; the checks' sentences come from the server in the window's language."""
        failed = self.failed()
        self.list.clear()
        self.list.setAccessibleName(tr("勾稽检查"))
        for check in failed:
            mark = "✕" if check.severity == "error" else "!"
            item = QListWidgetItem(f"{mark}　{check.message}")
            item.setData(CHECK, check)
            item.setToolTip(check.message)
            if check.severity == "error":
                item.setForeground(negative_colour())
            self.list.addItem(item)
        self.list.setVisible(bool(failed))
        checks = self._statement.checks if self._statement is not None else []
        self.heading.setVisible(bool(checks))
        if failed:
            self.heading.setText(tr("勾稽检查：{failed} 处不符，点击查看所在行。", failed=len(failed)))
        else:
            self.heading.setText(tr("勾稽检查：{count} 项全部相符。", count=len(checks)))
        self._fit()

    def changeEvent(self, event: QEvent | None) -> None:
        """Follow the font."""
        super().changeEvent(event)
        if event is not None and event.type() in {QEvent.Type.FontChange, QEvent.Type.StyleChange}:
            self._fit()

    def _fit(self) -> None:
        line = self.fontMetrics().height() * 8 // 5
        self.list.setFixedHeight(line * max(min(self.list.count(), MOST_LINES), 1) + line // 2)

    def _choose(self, item: QListWidgetItem) -> None:
        check = item.data(CHECK)
        if isinstance(check, StatementCheck):
            self.chosen.emit(check)
