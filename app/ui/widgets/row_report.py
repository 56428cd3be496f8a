"""Which rows of an imported table could not be taken, and why."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from app.ui.language import tr

MOST_ROWS_SHOWN = 8


class RowReport(QFrame):
    """Hidden while there is nothing to tell."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._title = QLabel(self)
        self._title.setObjectName("sectionTitle")
        self._close = QToolButton(self)
        self._close.setText("✕")
        self._close.clicked.connect(self.hide)
        self.rows = QTreeWidget(self)
        self.rows.setColumnCount(2)
        self.rows.setRootIsDecorated(False)
        self.rows.setUniformRowHeights(True)
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self._close)
        column = QVBoxLayout(self)
        column.addLayout(head)
        column.addWidget(self.rows)
        self.hide()

    def show_rows(self, refused: Sequence[tuple[int, str]]) -> None:
        """Show row numbers and reasons; with none, hide."""
        self.rows.clear()
        for row, reason in refused:
            item = QTreeWidgetItem([str(row), reason])
            item.setToolTip(1, reason)
            self.rows.addTopLevelItem(item)
        height = int(self.fontMetrics().height() * 1.9)
        self.rows.setFixedHeight(height * (min(len(refused), MOST_ROWS_SHOWN) + 1) + 6)
        self.retranslate()
        self.rows.resizeColumnToContents(0)
        self.setVisible(bool(refused))

    def retranslate(self) -> None:
        """Set every text."""
        self._title.setText(tr("没有导入：请改好这些行，再导入一次。"))
        self.rows.setHeaderLabels([tr("行号"), tr("原因")])
        self._close.setToolTip(tr("关闭"))
        self._close.setAccessibleName(tr("关闭"))
