"""Which vouchers a batch left as they were, and why; each row leads to its voucher."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from app.contract.ledger import BatchRefusal
from app.ui.language import tr

MOST_ROWS_SHOWN = 6


class BatchReport(QFrame):
    """Hidden while nothing was refused."""

    opened = pyqtSignal(int)
    """The id of a voucher."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._verb = "review"
        self._refused: Sequence[BatchRefusal] = ()
        self._title = QLabel(self)
        self._title.setObjectName("sectionTitle")
        self._close = QToolButton(self)
        self._close.setText("✕")
        self._close.clicked.connect(self.hide)
        self.rows = QTreeWidget(self)
        self.rows.setColumnCount(2)
        self.rows.setRootIsDecorated(False)
        self.rows.setUniformRowHeights(True)
        self.rows.itemActivated.connect(self._open)
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self._close)
        column = QVBoxLayout(self)
        column.addLayout(head)
        column.addWidget(self.rows)
        self.hide()

    def show_refusals(self, refused: Sequence[BatchRefusal], *, verb: str) -> None:
        """Show what was refused; with nothing refused, hide."""
        self._refused, self._verb = refused, verb
        self.rows.clear()
        for refusal in refused:
            item = QTreeWidgetItem([refusal.where, refusal.reason])
            item.setToolTip(1, refusal.reason)
            item.setData(0, Qt.ItemDataRole.UserRole, refusal.id)
            self.rows.addTopLevelItem(item)
        self.rows.resizeColumnToContents(0)
        self.rows.setColumnWidth(0, self.rows.columnWidth(0) + self.fontMetrics().height())
        height = int(self.fontMetrics().height() * 1.9)
        self.rows.setFixedHeight(height * (min(len(refused), MOST_ROWS_SHOWN) + 1) + 6)
        self.retranslate()
        self.setVisible(bool(refused))

    def retranslate(self) -> None:
        """Set every text."""
        count = len(self._refused)
        titles = {
            "review": tr("{count} 张没有审核，原因如下：", count=count),
            "sign": tr("{count} 张没有签字，原因如下：", count=count),
            "post": tr("{count} 张没有记账，原因如下：", count=count),
        }
        self._title.setText(titles.get(self._verb, ""))
        self.rows.setHeaderLabels([tr("凭证"), tr("原因")])
        self._close.setToolTip(tr("关闭"))
        self._close.setAccessibleName(tr("关闭"))

    def _open(self, item: QTreeWidgetItem) -> None:
        self.opened.emit(int(item.data(0, Qt.ItemDataRole.UserRole)))
