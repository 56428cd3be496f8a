"""Asks what the amounts of a posted voucher should have been; the differences become a voucher of their own."""

from __future__ import annotations

import datetime

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QAbstractItemView, QHeaderView, QLabel, QTableWidget, QTableWidgetItem, QWidget

from app.contract.ledger import Entry, Voucher
from app.contract.voucher_work import CorrectAmount, DifferenceInput
from app.kernel.ids import new_request_id
from app.kernel.money import format_amount, group_thousands
from app.ui.language import tr
from app.ui.ledger.amounts import read_amount
from app.ui.ledger.date_field import DateField
from app.ui.ledger.words import side_name, voucher_name
from app.ui.tasks import Topic
from app.ui.widgets.amounts import RIGHT
from app.ui.widgets.form_dialog import FormDialog

RIGHT_AMOUNT = 3
BASE_DIGITS = 2


class DifferenceDialog(FormDialog):
    """A row for each line of the voucher; the last column takes the right amount."""

    made = pyqtSignal(object)
    """The `Voucher` of the differences."""
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
        self.table = QTableWidget(len(voucher.entries), RIGHT_AMOUNT + 1, self)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.verticalHeader().hide()  # type: ignore[union-attr]  # every table has one
        self._fill()
        self.form.addRow(self.table)
        self.retranslate()
        self.resize(self.fontMetrics().averageCharWidth() * 96, self.fontMetrics().height() * 24)

    def _fill(self) -> None:
        for row, entry in enumerate(self._voucher.entries):
            texts = (
                f"{entry.account_code} {entry.account_name}",
                side_name(entry.side == "debit"),
                group_thousands(amount_of(entry)),
                amount_of(entry),
            )
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                if column < RIGHT_AMOUNT:
                    item.setFlags(Qt.ItemFlags(Qt.ItemFlag.ItemIsEnabled))
                if column >= RIGHT_AMOUNT - 1:
                    item.setTextAlignment(int(RIGHT))
                self.table.setItem(row, column, item)
        header = self.table.horizontalHeader()
        if header is not None:
            header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
            header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        figure = self.fontMetrics().averageCharWidth()
        self.table.setMinimumHeight(figure * 24)

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.setWindowTitle(tr("填差额更正凭证"))
        self._text.setText(
            tr(
                "科目没有错、只是金额错的，可以只补差额：在最后一列写出正确的金额，多记的红字冲减，{name} 不变。",
                name=voucher_name(self._voucher),
            )
        )
        self._date_label.setText(tr("更正凭证日期"))
        self.table.setHorizontalHeaderLabels([tr("会计科目"), tr("方向"), tr("已记金额"), tr("正确金额")])
        self.table.setAccessibleName(tr("正确金额"))
        self.ok_button.setText(tr("存为草稿"))

    def subject_name(self) -> str:
        """Return what people call the voucher."""
        return voucher_name(self._voucher)

    def submit(self) -> None:
        """Send the amounts that differ."""
        amounts = []
        for row, entry in enumerate(self._voucher.entries):
            item = self.table.item(row, RIGHT_AMOUNT)
            minor = read_amount(item.text() if item is not None else "", BASE_DIGITS)
            amount = format_amount(minor, BASE_DIGITS)
            if amount != amount_of(entry):
                amounts.append(CorrectAmount(line=entry.line, amount=amount))
        if not amounts:
            amounts = [CorrectAmount(line=1, amount=amount_of(self._voucher.entries[0]))]
        wish = DifferenceInput(
            date=self.date.wire, amounts=amounts, version=self._voucher.version, request_id=self._request_id
        )
        self.send(
            lambda api: api.correct_amounts(self._voucher.id, wish),
            Topic.VOUCHERS,
            Topic.BALANCES,
            Topic.PERIODS,
            done=self.made.emit,
        )


def amount_of(entry: Entry) -> str:
    """Return the amount of the side a line stands on."""
    return entry.debit if entry.side == "debit" else entry.credit
