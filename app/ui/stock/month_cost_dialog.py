"""结转出库成本: costs a month's issues of items kept at the month's average, and makes the voucher."""

from __future__ import annotations

import datetime
from collections.abc import Callable

from PyQt5.QtWidgets import QLabel, QWidget

from app.client.api import ApiClient
from app.contract.stock import MonthCosting
from app.kernel.period import period_of
from app.ui.language import tr
from app.ui.navigation import OpenVoucher, Target
from app.ui.progress import Progress
from app.ui.tasks import LongCommand
from app.ui.trade.cancel_dialog import CHANGED
from app.ui.widgets.amounts import amount_text
from app.ui.widgets.form_dialog import FormDialog
from app.ui.widgets.period_picker import PeriodPicker
from app.ui.widgets.progress_strip import ProgressStrip


class MonthCostDialog(FormDialog):
    """Asks for the month; shows what it came to, with the way to the voucher."""

    def __init__(self, parent: QWidget, day: datetime.date, open_target: Callable[[Target], None]) -> None:
        super().__init__(parent)
        self._open_target = open_target
        self.costing: MonthCosting | None = None
        self.hint, self.outcome = QLabel(self), QLabel(self)
        for label in (self.hint, self.outcome):
            label.setWordWrap(True)
        self.outcome.linkActivated.connect(self._follow)
        self.outcome.hide()
        self.period = PeriodPicker(period_of(day), self)
        self.strip = ProgressStrip(self)
        self.form.addRow(self.hint)
        self._label = self.add_field("period", self.period)
        self.form.addRow(self.strip)
        self.form.addRow(self.outcome)
        self.period.changed.connect(lambda _period: self._begin_anew())
        self.retranslate()

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.setWindowTitle(tr("结转出库成本"))
        self.hint.setText(
            tr(
                "成本方法是全月一次加权的商品，本月出库的成本按“（月初金额＋本月入库金额）÷（月初数量＋本月入库数量）”"
                "结转。再次结转只补记差额。"
            )
        )
        self._label.setText(tr("月份"))
        self.ok_button.setText(tr("结转"))
        self.cancel_button.setText(tr("关闭"))
        self._show_outcome()

    def submit(self) -> None:
        """Have the month costed; the dialog stays, to show what it came to."""
        period = self.period.text
        self.set_busy(True)

        def work(api: ApiClient, progress: Progress) -> MonthCosting:
            del progress
            return api.cost_month(period)

        LongCommand(work, *CHANGED).shown_by(self.strip, tr("正在计算平均单价…")).on_done(self._done).on_error(
            self.show_error
        ).always(lambda: self.set_busy(False)).run(self)

    def _done(self, result: MonthCosting) -> None:
        self.costing = result
        self._show_outcome()

    def _begin_anew(self) -> None:
        self.costing = None
        self._show_outcome()

    def _show_outcome(self) -> None:
        result = self.costing
        self.outcome.setVisible(result is not None)
        if result is None:
            return
        if not result.items:
            self.outcome.setText(tr("{period} 没有要结转的出库成本。", period=result.period))
            return
        links = "、".join(f'<a href="{voucher.voucher_id}">{voucher.name}</a>' for voucher in result.vouchers)
        self.outcome.setText(
            tr(
                "{period}：{items} 种商品，结转 {amount}。{vouchers}",
                period=result.period,
                items=result.items,
                amount=amount_text(result.amount, blank_zero=False),
                vouchers=links,
            )
        )

    def _follow(self, link: str) -> None:
        self.accept()
        self._open_target(OpenVoucher(int(link)))
