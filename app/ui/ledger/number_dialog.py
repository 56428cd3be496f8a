"""断号整理: the numbers of each month and word, and closing their gaps among unposted vouchers."""

from __future__ import annotations

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QAbstractItemView, QCheckBox, QLabel, QTreeWidget, QTreeWidgetItem, QWidget

from app.contract.voucher_work import NumberOrder, NumberOrdered, NumberQuery, NumberRun, NumberRunList
from app.kernel.ids import new_request_id
from app.ui.language import tr
from app.ui.tasks import Command, Query, Topic
from app.ui.widgets.form_dialog import FormDialog

MOST_SHOWN = 12


class NumberDialog(FormDialog):
    """A row for each month and word; the chosen ones are put in order."""

    ordered = pyqtSignal(int)
    """How many vouchers got another number."""

    def __init__(self, parent: QWidget, from_period: str, to_period: str) -> None:
        super().__init__(parent)
        self._query = NumberQuery(from_period=from_period, to_period=to_period)
        self._text = QLabel(self)
        self._text.setWordWrap(True)
        self.form.addRow(self._text)
        self.rows = QTreeWidget(self)
        self.rows.setColumnCount(5)
        self.rows.setRootIsDecorated(False)
        self.rows.setUniformRowHeights(True)
        self.rows.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.rows.currentItemChanged.connect(lambda *_items: self._show_step())
        self.form.addRow(self.rows)
        self.by_date = QCheckBox(self)
        self.by_date.toggled.connect(lambda _on: self._show_step())
        self.form.addRow(self.by_date)
        self.ok_button.setEnabled(False)
        self.retranslate()
        em = self.fontMetrics().height()
        self.rows.setMinimumHeight(em * 12)
        self.resize(em * 38, em * 24)
        self._ask()

    def _ask(self) -> None:
        query = self._query
        question = Query(lambda api: api.list_number_runs(query)).slot("runs")
        question.on_done(self._show).on_error(self.show_error).run(self)

    def _show(self, found: NumberRunList) -> None:
        self.rows.clear()
        for run in found.runs:
            item = QTreeWidgetItem([run.period, run.word, f"{run.last:,}", missing_text(run), str(run.unposted or "")])
            item.setData(0, Qt.ItemDataRole.UserRole, run)
            if run.fixed_after:
                hint = tr("{fixed} 已记账或作废，前面的断号不能再补。", fixed=run.fixed_after)
                item.setToolTip(3, hint)
                item.setText(3, f"{item.text(3)}  {hint}")
            self.rows.addTopLevelItem(item)
        gaps = [row for row, run in enumerate(found.runs) if run.missing]
        self.rows.setCurrentItem(self.rows.topLevelItem(gaps[0] if gaps else 0))
        for column in range(5):
            self.rows.resizeColumnToContents(column)
        self._show_step()

    def run_shown(self) -> NumberRun | None:
        """Return the month and word with the cursor."""
        item = self.rows.currentItem()
        run = item.data(0, Qt.ItemDataRole.UserRole) if item is not None else None
        return run if isinstance(run, NumberRun) else None

    def _show_step(self) -> None:
        run = self.run_shown()
        can = run is not None and run.unposted > 0 and not run.fixed_after
        self.ok_button.setEnabled(can and run is not None and (bool(run.missing) or self.by_date.isChecked()))

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.setWindowTitle(tr("断号整理"))
        self._text.setText(tr("只移动没有记账的凭证：后面的往前补上断号。已记账、已作废的凭证号永远不变。"))
        self.rows.setHeaderLabels([tr("月份"), tr("字"), tr("最大号"), tr("断号"), tr("未记账")])
        self.rows.setAccessibleName(tr("断号整理"))
        self.by_date.setText(tr("未记账的凭证同时按日期排列"))
        self.ok_button.setText(tr("整理"))
        self.cancel_button.setText(tr("关闭"))

    def submit(self) -> None:
        """Put the chosen month and word in order, and show what there is now."""
        run = self.run_shown()
        if run is None:
            return
        wish = NumberOrder(
            period=run.period, word=run.word, by_date=self.by_date.isChecked(), request_id=new_request_id()
        )

        def done(result: NumberOrdered) -> None:
            self.message_bar.show_info(tr("{count} 张凭证换了号。", count=result.moved))
            self.ordered.emit(result.moved)
            self._ask()

        self.set_busy(True)
        Command(lambda api: api.order_numbers(wish), Topic.VOUCHERS).on_done(done).on_error(self.show_error).always(
            self._show_step
        ).run(self)


def missing_text(run: NumberRun) -> str:
    """Say which numbers are missing."""
    shown = "、".join(str(number) for number in run.missing[:MOST_SHOWN])
    return f"{shown}…" if len(run.missing) > MOST_SHOWN else shown
