"""The filter above the voucher list: months, state, word, number, account, amount, words."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtCore import QRegularExpression, QTimer, pyqtSignal
from PyQt5.QtGui import QRegularExpressionValidator
from PyQt5.QtWidgets import QComboBox, QLabel, QLineEdit, QPushButton, QToolButton, QVBoxLayout, QWidget

from app.contract.ledger import Currency, VoucherQuery
from app.contract.voucher_work import CashFlowLine, VoucherChoices
from app.kernel.errors import MalformedInput
from app.kernel.money import format_amount
from app.kernel.period import format_period
from app.ui.language import tr
from app.ui.ledger.account_index import AccountIndex
from app.ui.ledger.amounts import read_amount
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.ledger.further_filter import FurtherFilter
from app.ui.ledger.voucher_delegate import LONGEST_FIGURE
from app.ui.ledger.voucher_form import WORDS
from app.ui.ledger.words import is_english, state_name
from app.ui.widgets.form_dialog import mark_wrong
from app.ui.widgets.limits import limit_length, limit_to
from app.ui.widgets.lookup_edit import Choice, LookupEdit
from app.ui.widgets.period_picker import PeriodRangePicker

TYPING_PAUSE_MS = 300
STATES = ("", "draft", "reviewed", "posted", "void")
MOST_CHOICES = 100
BASE_DIGITS = 2


class VoucherFilter(QWidget):
    """Fields that tell when what they ask for has changed."""

    changed = pyqtSignal()

    def __init__(self, first: int, last: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._index = AccountIndex()
        self._words: Sequence[str] = WORDS
        self.periods = PeriodRangePicker(first, last, self)
        self.state = QComboBox(self)
        self.word = QComboBox(self)
        self.number = QLineEdit(self)
        # QIntValidator would let group separators through, which int() does not read.
        self.number.setValidator(QRegularExpressionValidator(QRegularExpression("[0-9]{0,6}"), self))
        self.account = LookupEdit(self, local=self._find_accounts)
        self.amount = QLineEdit(self)
        self.words = QLineEdit(self)
        self.words.setClearButtonEnabled(True)
        limit_to(self.words, VoucherQuery, "q")
        limit_length(self.amount, LONGEST_FIGURE)
        self.more_button = QToolButton(self)
        self.more_button.setCheckable(True)
        self.further = FurtherFilter(self)
        self.further.hide()
        self.clear_button = QPushButton(self)
        self.clear_button.setProperty("flat", True)
        self._labels = {name: QLabel(self) for name in ("state", "word", "number", "account", "amount", "words")}
        self._account_code = ""
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(TYPING_PAUSE_MS)
        self._lay_out()
        self._connect()
        self._fit()

    def _lay_out(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        row = FlowLayout()
        outer.addLayout(row)
        outer.addWidget(self.further)
        row.addWidget(self.periods)
        fields: dict[str, QWidget] = {
            "state": self.state,
            "word": self.word,
            "number": self.number,
            "account": self.account,
            "amount": self.amount,
            "words": self.words,
        }
        for name, field in fields.items():
            self._labels[name].setBuddy(field)
            row.addWidget(self._labels[name])
            row.addWidget(field)
        row.addWidget(self.more_button)
        row.addWidget(self.clear_button)

    def _connect(self) -> None:
        self.periods.changed.connect(lambda *_months: self.changed.emit())
        self.state.activated.connect(lambda _place: self.changed.emit())
        self.word.activated.connect(lambda _place: self.changed.emit())
        self.account.chosen.connect(self._account_chosen)
        for field in (self.number, self.amount, self.words):
            field.textEdited.connect(lambda _text: self._pause.start())
            field.returnPressed.connect(self._now)
        self._pause.timeout.connect(self.changed)
        self.clear_button.clicked.connect(self.clear)
        self.further.changed.connect(self.changed)
        self.more_button.toggled.connect(self._show_further)

    def _fit(self) -> None:
        figure = self.fontMetrics().horizontalAdvance("0")
        self.number.setFixedWidth(figure * 9)
        self.amount.setFixedWidth(figure * 16)
        self.account.setMinimumWidth(figure * 28)
        self.words.setMinimumWidth(figure * 24)

    def _show_further(self, shown: bool) -> None:
        """Show the further fields; hidden ones ask for nothing."""
        in_use = self.further.in_use
        self.further.setVisible(shown)
        self.retranslate()
        if in_use:
            self._now()

    def set_choices(
        self, choices: VoucherChoices, currencies: Sequence[Currency], flow_lines: Sequence[CashFlowLine]
    ) -> None:
        """Know what there is to choose from."""
        self._words = choices.words
        self.further.set_choices(choices, currencies, flow_lines)
        self.retranslate()

    def _now(self) -> None:
        self._pause.stop()
        self.changed.emit()

    def set_accounts(self, index: AccountIndex) -> None:
        """Know the chart, for the account's look-up."""
        self._index = index
        self._show_account()

    def set_account(self, code: str) -> None:
        """Ask for an account's vouchers, without telling."""
        self._account_code = code
        self._show_account()

    def _show_account(self) -> None:
        code = self._account_code
        name = self._index.full_name(code, english=is_english())
        self.account.set_choice(Choice(code, f"{code} {name}".strip()) if code else None)

    def _account_chosen(self, code: str | None) -> None:
        self._account_code = code or ""
        self.changed.emit()

    def _find_accounts(self, text: str) -> list[Choice]:
        english = is_english()
        return [
            Choice(found.code, f"{found.code} {self._index.full_name(found.code, english=english)}", found.pinyin)
            for found in self._index.search(text, limit=MOST_CHOICES, active=False, english=english)
        ]

    def clear(self) -> None:
        """Ask for everything in these months."""
        self.state.setCurrentIndex(0)
        self.word.setCurrentIndex(0)
        self._account_code = ""
        self._show_account()
        for field in (self.number, self.amount, self.words):
            field.clear()
        self.further.clear()
        self._now()

    def query(self) -> VoucherQuery | None:
        """Return what is asked for; None while the amount cannot be read (the field says so)."""
        amount = ""
        try:
            minor = read_amount(self.amount.text(), BASE_DIGITS)
            amount = format_amount(minor, BASE_DIGITS) if minor else ""
            mark_wrong(self.amount, False)
        except MalformedInput:
            mark_wrong(self.amount, True)
            return None
        further = self.further.conditions() if self.more_button.isChecked() else {}
        if further is None:
            return None
        return VoucherQuery(
            **further,
            from_period=format_period(self.periods.first),
            to_period=format_period(self.periods.last),
            state=STATES[max(self.state.currentIndex(), 0)],
            word=self.word.currentText() if self.word.currentIndex() > 0 else "",
            number=int(self.number.text()) if self.number.text() else None,
            account_code=self._account_code,
            amount=amount,
            q=self.words.text().strip(),
        )

    def retranslate(self) -> None:
        """Set every text."""
        names = {
            "state": tr("状态"),
            "word": tr("字"),
            "number": tr("号"),
            "account": tr("科目"),
            "amount": tr("金额"),
            "words": tr("摘要"),
        }
        for name, label in self._labels.items():
            label.setText(names[name])
        for box, texts in (
            (self.state, [tr("全部"), *(state_name(state) for state in STATES[1:])]),
            (self.word, [tr("全部"), *self._words]),
        ):
            chosen = max(box.currentIndex(), 0)
            box.clear()
            box.addItems(texts)
            box.setCurrentIndex(chosen)
        self.account.setPlaceholderText(tr("编码、名称或拼音首字母"))
        self.words.setPlaceholderText(tr("摘要中的字"))
        self.more_button.setText(tr("更多条件") + (" ▴" if self.more_button.isChecked() else " ▾"))
        self.clear_button.setText(tr("清除条件"))
        self.further.retranslate()
        self._show_account()
