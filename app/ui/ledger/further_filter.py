"""More of what vouchers can be searched by, below the usual filter: people, kind, origin, money, cash flow, files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PyQt5.QtCore import QTimer, pyqtSignal
from PyQt5.QtWidgets import QComboBox, QLabel, QLineEdit, QWidget

from app.contract.ledger import Currency
from app.contract.voucher_work import CashFlowLine, VoucherChoices
from app.kernel.errors import MalformedInput
from app.kernel.money import format_amount
from app.ui.language import tr
from app.ui.ledger.amounts import read_amount
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.ledger.voucher_delegate import LONGEST_FIGURE
from app.ui.ledger.words import is_english
from app.ui.widgets.form_dialog import mark_wrong
from app.ui.widgets.limits import limit_length

TYPING_PAUSE_MS = 300
BASE_DIGITS = 2
KINDS = ("", "normal", "transfer", "close_pl", "close_year")
PEOPLE = ("maker", "reviewer", "poster", "cashier")
HAND = "hand"


class FurtherFilter(QWidget):
    """Fields that tell when what they ask for has changed; those left alone ask for nothing."""

    changed = pyqtSignal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._choices = VoucherChoices(people=[], words=[], origins=[])
        self._currencies: Sequence[Currency] = ()
        self._flow_lines: Sequence[CashFlowLine] = ()
        self.boxes = {
            name: QComboBox(self)
            for name in (*PEOPLE, "kind", "origin", "currency", "cash_flow_line", "has_attachments")
        }
        self.amount_from = QLineEdit(self)
        self.amount_to = QLineEdit(self)
        self._labels = {name: QLabel(self) for name in ("amount_from", "amount_to", *self.boxes)}
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(TYPING_PAUSE_MS)
        self._pause.timeout.connect(self.changed)
        row = FlowLayout(self)
        fields: dict[str, QWidget] = {"amount_from": self.amount_from, "amount_to": self.amount_to, **self.boxes}
        figure = self.fontMetrics().horizontalAdvance("0")
        for name, field in fields.items():
            self._labels[name].setBuddy(field)
            row.addWidget(self._labels[name])
            row.addWidget(field)
            if isinstance(field, QComboBox):
                field.activated.connect(lambda _place: self.changed.emit())
                field.setMaximumWidth(figure * 26)
            elif isinstance(field, QLineEdit):
                limit_length(field, LONGEST_FIGURE)
                field.setFixedWidth(figure * 16)
                field.textEdited.connect(lambda _text: self._pause.start())

    def set_choices(
        self, choices: VoucherChoices, currencies: Sequence[Currency], flow_lines: Sequence[CashFlowLine]
    ) -> None:
        """Know what there is to choose from."""
        self._choices, self._currencies, self._flow_lines = choices, currencies, flow_lines
        self.retranslate()

    def _options(self, name: str) -> list[tuple[str, Any]]:
        """Return texts and values of a field's list; the first asks for everything."""
        everything: list[tuple[str, Any]] = [(tr("全部"), "")]
        if name in PEOPLE:
            return everything + [(person, person) for person in self._choices.people]
        if name == "kind":
            return everything + [(kind_name(kind), kind) for kind in KINDS[1:]]
        if name == "origin":
            kinds = [origin for origin in self._choices.origins if origin]
            return everything + [(origin_name(kind), kind) for kind in (HAND, *kinds)]
        if name == "currency":
            return everything + [
                (currency.code, currency.code) for currency in self._currencies if not currency.is_base
            ]
        if name == "cash_flow_line":
            lines = [
                (f"{line.number} {line.name_en if is_english() else line.name_zh}", line.number)
                for line in self._flow_lines
            ]
            return everything + lines
        return [*everything, (tr("有附件文件"), "yes"), (tr("没有附件文件"), "no")]

    def retranslate(self) -> None:
        """Set every text; what is chosen stays."""
        names = {
            "amount_from": tr("分录金额从"),
            "amount_to": tr("到"),
            "maker": tr("制单人"),
            "reviewer": tr("审核人"),
            "poster": tr("记账人"),
            "cashier": tr("出纳"),
            "kind": tr("种类"),
            "origin": tr("来源"),
            "currency": tr("外币"),
            "cash_flow_line": tr("现金流量"),
            "has_attachments": tr("附件"),
        }
        for name, label in self._labels.items():
            label.setText(names[name])
        for name, box in self.boxes.items():
            chosen = box.currentData()
            box.clear()
            for text, value in self._options(name):
                box.addItem(text, value)
            box.setCurrentIndex(max(box.findData(chosen), 0))
        self._labels["cash_flow_line"].setVisible(bool(self._flow_lines))
        self.boxes["cash_flow_line"].setVisible(bool(self._flow_lines))

    def clear(self) -> None:
        """Ask for everything, without telling."""
        for box in self.boxes.values():
            box.setCurrentIndex(0)
        for field in (self.amount_from, self.amount_to):
            field.clear()

    def conditions(self) -> dict[str, Any] | None:
        """Return the fields of a `VoucherQuery` that are asked for; None while an amount cannot be read."""
        found: dict[str, Any] = {name: box.currentData() for name, box in self.boxes.items() if box.currentData()}
        readable = True
        for name, field in (("amount_from", self.amount_from), ("amount_to", self.amount_to)):
            text = field.text().strip()
            wrong = False
            if text:
                try:
                    found[name] = format_amount(read_amount(text, BASE_DIGITS), BASE_DIGITS)
                except MalformedInput:
                    wrong, readable = True, False
            mark_wrong(field, wrong)
        return found if readable else None

    @property
    def in_use(self) -> bool:
        """Whether anything is asked for."""
        return self.conditions() != {}


def kind_name(kind: str) -> str:
    """Return the name of a kind of voucher."""
    names = {
        "normal": tr("普通凭证"),
        "transfer": tr("转账凭证"),
        "close_pl": tr("损益结转"),
        "close_year": tr("年末结转"),
    }
    return names.get(kind, kind)


def origin_name(origin: str) -> str:
    """Return where vouchers come from, as people say it."""
    names = {
        HAND: tr("手工填制"),
        "import": tr("导入"),
        "reversal": tr("红字冲销"),
        "correction": tr("差额更正"),
        "recurring": tr("定期凭证"),
        "closing": tr("期末结转"),
        "assets": tr("固定资产"),
        "asset": tr("固定资产"),
        "inventory": tr("库存单据"),
        "orders": tr("购销和收付款单据"),
    }
    return names.get(origin, origin)
