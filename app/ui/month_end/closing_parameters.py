"""结账参数: the rates of each time with where they stand, and the choices a book's closes are computed with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast, get_args

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.contract.closing import ClosingParameters, DatedRate, RateKey
from app.kernel.text import clean_number_text, clean_text
from app.ui.language import tr
from app.ui.month_end.closing_words import rate_name
from app.ui.page import PageContext
from app.ui.tasks import Topic
from app.ui.widgets.amounts import RIGHT
from app.ui.widgets.form_dialog import FormDialog
from app.ui.widgets.form_texts import table_lines
from app.ui.widgets.paged_table import fit_table

RATE, SINCE, UNTIL, VALUE, SOURCE = range(5)
RATES: tuple[RateKey, ...] = get_args(RateKey)


class ParametersDialog(FormDialog):
    """The parameters as a form; a rate that changes gets a new row with the month it begins."""

    subject = "_known"

    def __init__(self, parent: QWidget, known: ClosingParameters, context: PageContext) -> None:
        super().__init__(parent)
        self._known = known
        self._context = context
        self.rates = RateTable(known.rates, self)
        self.city = _box(self, ("city", "county", "other"), known.city_location)
        self.relief = _check(self, known.surcharge_relief)
        self.small_profit = _check(self, known.small_low_profit)
        self.tax_method = _box(self, ("quarterly", "yearly", "none"), known.income_tax_method)
        self.profit_vouchers = _box(self, ("one", "separate"), known.profit_vouchers)
        self.cost_method = _box(self, ("average", "typed", "percent", "none"), known.cost_method)
        self.vat_exempt = _check(self, known.vat_exempt)
        self.add_button, self.remove_button = QPushButton(self), QPushButton(self)
        buttons = QHBoxLayout()
        buttons.addWidget(self.add_button)
        buttons.addWidget(self.remove_button)
        buttons.addStretch(1)
        box = QWidget(self)
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.rates)
        column.addLayout(buttons)
        self._labels = {
            name: self.add_field(name, widget)
            for name, widget in (
                ("rates", box),
                ("city_location", self.city),
                ("surcharge_relief", self.relief),
                ("income_tax_method", self.tax_method),
                ("small_low_profit", self.small_profit),
                ("vat_exempt", self.vat_exempt),
                ("cost_method", self.cost_method),
                ("profit_vouchers", self.profit_vouchers),
            )
        }
        self.add_button.clicked.connect(lambda _checked: self.rates.add_rate())
        self.remove_button.clicked.connect(lambda _checked: self.rates.remove_rate())
        may = context.may("ledger:closing:edit")
        for widget in (*self._fields.values(), self.ok_button):
            widget.setEnabled(may)
        self.resize(self.fontMetrics().averageCharWidth() * 130, self.fontMetrics().height() * 32)
        self.retranslate()

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.setWindowTitle(tr("结账参数"))
        names = {
            "rates": tr("税率"),
            "city_location": tr("所在地"),
            "surcharge_relief": tr("附加税费"),
            "income_tax_method": tr("所得税"),
            "small_low_profit": "",
            "vat_exempt": tr("增值税"),
            "cost_method": tr("销售成本"),
            "profit_vouchers": tr("结转损益"),
        }
        for name, label in self._labels.items():
            label.setText(names[name])
        self.relief.setText(tr("减征（小规模纳税人、小型微利企业）"))
        self.small_profit.setText(tr("按小型微利企业计算"))
        self.vat_exempt.setText(tr("小规模纳税人季度销售额不超过标准时免征"))
        _name(self.city, (tr("市区"), tr("县城、镇"), tr("其他")))
        _name(self.tax_method, (tr("按季预缴"), tr("年末计算"), tr("不计提")))
        _name(self.profit_vouchers, (tr("一张凭证"), tr("收入和费用分开")))
        _name(self.cost_method, (tr("月末一次加权平均"), tr("逐项填写"), tr("按销售额的百分比"), tr("不结转")))
        self.add_button.setText(tr("加一行"))
        self.remove_button.setText(tr("删除一行"))
        self.rates.retranslate()

    def again(self, stored: ClosingParameters) -> ParametersDialog:
        """Return the form of a version of the parameters."""
        return ParametersDialog(self, stored, self._context)

    def subject_name(self) -> str:
        """Return what people call them."""
        return tr("结账参数")

    def field_lines(self) -> dict[str, list[str]]:
        """Return the rates, each a line."""
        return {"rates": table_lines(self.rates)}

    def submit(self) -> None:
        """Send everything; the server names what is wrong."""
        known = self._known
        wanted = ClosingParameters(
            version=known.version,
            rates=self.rates.rates(),
            city_location=cast(Any, self.city.currentData()),
            surcharge_relief=self.relief.isChecked(),
            small_low_profit=self.small_profit.isChecked(),
            income_tax_method=cast(Any, self.tax_method.currentData()),
            profit_vouchers=cast(Any, self.profit_vouchers.currentData()),
            cost_method=cast(Any, self.cost_method.currentData()),
            vat_exempt=self.vat_exempt.isChecked(),
        )
        self.send(lambda api: api.change_closing_parameters(wanted), Topic.PERIODS)


class RateTable(QTableWidget):
    """Rates with their months: the one that begins last holds."""

    def __init__(self, rates: Sequence[DatedRate], parent: QWidget) -> None:
        super().__init__(0, 5, parent)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        for rate in rates:
            self._append(rate)
        header = self.horizontalHeader()
        if header is not None:
            header.setSectionResizeMode(SOURCE, QHeaderView.ResizeMode.Stretch)
        metrics = self.fontMetrics()
        for column, sample in (
            (RATE, "城市维护建设税（县城、镇）某某"),
            (SINCE, "2026-066"),
            (UNTIL, "2026-066"),
            (VALUE, "%（或金额）某"),
        ):
            self.setColumnWidth(column, metrics.horizontalAdvance(sample) * 5 // 4)
        self.setMinimumHeight(metrics.height() * 12)
        fit_table(self)

    def retranslate(self) -> None:
        """Set every text."""
        self.setHorizontalHeaderLabels([tr("税种"), tr("起"), tr("止"), tr("%（或金额）"), tr("依据")])
        self.setAccessibleName(tr("税率"))
        for row in range(self.rowCount()):
            box = self.cellWidget(row, RATE)
            if isinstance(box, QComboBox):
                _name(box, [rate_name(key) for key in RATES])

    def _append(self, rate: DatedRate) -> None:
        row = self.rowCount()
        self.insertRow(row)
        box = _box(self, RATES, rate.key)
        box.setFrame(False)
        _name(box, [rate_name(key) for key in RATES])
        self.setCellWidget(row, RATE, box)
        for column, text in ((SINCE, rate.since), (UNTIL, rate.until), (VALUE, rate.value), (SOURCE, rate.source)):
            item = QTableWidgetItem(text)
            if column == VALUE:
                item.setTextAlignment(int(RIGHT))
            self.setItem(row, column, item)

    def add_rate(self) -> None:
        """Put a row like the current one below all, to begin in another month."""
        row = self.currentRow()
        key = self._key(row) if row >= 0 else RATES[0]
        self._append(DatedRate(key=key, since="", value=""))
        self.setCurrentCell(self.rowCount() - 1, SINCE)
        self.editItem(self.item(self.rowCount() - 1, SINCE))

    def remove_rate(self) -> None:
        """Take the current row out."""
        if self.currentRow() >= 0:
            self.removeRow(self.currentRow())

    def _key(self, row: int) -> RateKey:
        box = self.cellWidget(row, RATE)
        return cast(RateKey, box.currentData()) if isinstance(box, QComboBox) else RATES[0]

    def _text(self, row: int, column: int) -> str:
        item = self.item(row, column)
        return clean_text(item.text()) if item is not None else ""

    def rates(self) -> list[DatedRate]:
        """Return the rates as typed."""
        return [
            DatedRate(
                key=self._key(row),
                since=clean_number_text(self._text(row, SINCE)),
                until=clean_number_text(self._text(row, UNTIL)),
                value=clean_number_text(self._text(row, VALUE)).rstrip("%％").strip(),
                source=self._text(row, SOURCE),
            )
            for row in range(self.rowCount())
        ]


def _box(parent: QWidget, values: Sequence[str], chosen: str) -> QComboBox:
    box = QComboBox(parent)
    for value in values:
        box.addItem("", value)
    box.setCurrentIndex(max(box.findData(chosen), 0))
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return box


def _name(box: QComboBox, names: Sequence[str]) -> None:
    for place, name in enumerate(names):
        box.setItemText(place, name)


def _check(parent: QWidget, on: bool) -> QCheckBox:
    check = QCheckBox(parent)
    check.setChecked(on)
    return check
