"""Asks the date of a red reversal."""

from __future__ import annotations

import datetime

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QCheckBox, QLabel, QWidget

from app.contract.ledger import Reversal, Voucher
from app.kernel.ids import new_request_id
from app.kernel.period import parse_date
from app.ui.language import tr
from app.ui.ledger.date_field import DateField
from app.ui.ledger.words import voucher_name
from app.ui.tasks import Topic
from app.ui.widgets.form_dialog import FormDialog


class ReversalDialog(FormDialog):
    """红字冲销: the date of the red voucher, and whether to review and post it at once."""

    reversed = pyqtSignal(object)
    """The red `Voucher`."""
    subject = "_voucher"
    is_act = True

    def __init__(self, parent: QWidget, voucher: Voucher, today: datetime.date) -> None:
        super().__init__(parent)
        self._voucher = voucher
        self._request_id = new_request_id()
        self._text = QLabel(self)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        self.form.addRow(self._text)
        self.date = DateField(today, self)
        self._date_label = self.add_field("date", self.date)
        self.estimate = QCheckBox(self)
        self.form.addRow("", self.estimate)
        self.post = QCheckBox(self)
        self.form.addRow("", self.post)
        self.date.date_changed.connect(lambda *_date: self._show_estimate())
        self._show_estimate()
        self.retranslate()
        self.date.setFocus()

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.setWindowTitle(tr("红字冲销"))
        self._text.setText(tr("为 {name} 生成一张金额相反的红字凭证，原凭证不变。", name=voucher_name(self._voucher)))
        self._date_label.setText(tr("红字凭证日期"))
        self.estimate.setText(tr("冲回上年末的暂估（差错要填蓝字更正凭证）"))
        self.post.setText(tr("同时审核、记账"))
        self.ok_button.setText(tr("冲销"))

    def _show_estimate(self) -> None:
        """Only what is taken back in another year has to be an estimate."""
        self.estimate.setVisible(self.date.date.year != parse_date(self._voucher.date).year)

    def subject_name(self) -> str:
        """Return what people call the voucher."""
        return voucher_name(self._voucher)

    def submit(self) -> None:
        """Send the date."""
        wish = Reversal(
            date=self.date.wire,
            post=self.post.isChecked(),
            estimate=not self.estimate.isHidden() and self.estimate.isChecked(),
            version=self._voucher.version,
            request_id=self._request_id,
        )
        self.send(
            lambda api: api.reverse_voucher(self._voucher.id, wish),
            Topic.VOUCHERS,
            Topic.BALANCES,
            Topic.PERIODS,
            done=self.reversed.emit,
        )
