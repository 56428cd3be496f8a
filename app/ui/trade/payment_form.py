"""The form of a collection or payment: who, how much, from which account, and which invoices it settles."""

from __future__ import annotations

import datetime
import html
from collections.abc import Mapping, Sequence

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtGui import QFont
from PyQt5.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.contract.ledger import Account
from app.contract.orders import PaymentInput
from app.kernel.money import group_thousands
from app.kernel.period import parse_date
from app.kernel.text import Message
from app.ui.language import tr
from app.ui.ledger.account_index import AccountIndex
from app.ui.ledger.amounts import display_amount
from app.ui.ledger.date_field import DateField
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.ledger.shades import green_ink, red_ink
from app.ui.ledger.stamp import Stamp
from app.ui.month_end.asset_fields import AccountEdit
from app.ui.trade.contact_field import ContactField
from app.ui.trade.document_links import LinkLine
from app.ui.trade.line_grid import LineGrid
from app.ui.trade.line_model import LineModel
from app.ui.trade.open_columns import open_columns
from app.ui.trade.payment_sheet import AMOUNT, PaymentSheet, plain_amount
from app.ui.trade.words import contact_word, kind_name, state_name
from app.ui.widgets.form_dialog import mark_wrong
from app.ui.widgets.limits import limit_to


class PaymentForm(QWidget):
    """Shows one `PaymentSheet` and lets it be typed into; knows nothing of the server."""

    edited = pyqtSignal()
    contact_chosen = pyqtSignal()
    """Another contact: his open invoices are wanted."""
    link_wanted = pyqtSignal(str, int)
    """Kind (`voucher` too) and id of a neighbour to open."""

    def __init__(
        self, sheet: PaymentSheet, today: datetime.date, parent: QWidget | None = None, *, may_add: bool = False
    ) -> None:
        super().__init__(parent)
        self._filling = False
        self._amount_typed = False
        self.sheet = sheet
        self.model = LineModel(open_columns(), sheet.rows, self)
        self.grid = LineGrid(self.model, self)
        self.title = QLabel(self)
        self.title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 1.5)
        font.setBold(True)
        self.title.setFont(font)
        self.number = QLabel(self)
        self.stamp = Stamp(self)
        self.contact = ContactField(sheet.side, self, may_add=may_add)
        self.date = DateField(today, self)
        self.account = AccountEdit(AccountIndex(), self, fits=lambda account: account.is_cash)
        self.amount, self.discount = self._money(), self._money()
        self.reference, self.note = QLineEdit(self), QLineEdit(self)
        for field, name in ((self.reference, "reference"), (self.note, "note")):
            limit_to(field, PaymentInput, name)
        self.labels = {
            name: QLabel(self) for name in ("contact", "date", "account", "amount", "discount", "reference", "note")
        }
        self.spread_button, self.clear_button = QPushButton(self), QPushButton(self)
        self.rest = QLabel(self)
        self.links = LinkLine(self)
        self.links.wanted.connect(self.link_wanted)
        self.empty = QLabel(self)
        self.empty.setObjectName("muted")
        self._lay_out()
        self._connect()

    def _money(self) -> QLineEdit:
        field = QLineEdit(self)
        field.setAlignment(Qt.AlignmentFlag.AlignRight)
        field.setMaxLength(40)
        field.setFixedWidth(self.fontMetrics().height() * 7)
        return field

    def _lay_out(self) -> None:
        em = self.fontMetrics().height()
        head = QGridLayout()
        head.setColumnStretch(0, 1)
        head.setColumnStretch(2, 1)
        right = QHBoxLayout()
        right.addStretch(1)
        right.addWidget(self.stamp)
        head.addWidget(self.number, 0, 0)
        head.addWidget(self.title, 0, 1)
        head.addLayout(right, 0, 2)
        self.contact.setFixedWidth(em * 15)
        self.account.setFixedWidth(em * 14)
        self.reference.setFixedWidth(em * 9)
        self.note.setFixedWidth(em * 18)
        facts = FlowLayout()
        for name, field in self._fields().items():
            self.labels[name].setBuddy(field)
            facts.addWidget(self.labels[name])
            facts.addWidget(field)
        bar = QHBoxLayout()
        bar.addWidget(self.spread_button)
        bar.addWidget(self.clear_button)
        bar.addWidget(self.empty)
        bar.addStretch(1)
        bar.addWidget(self.rest)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addLayout(head)
        outer.addLayout(facts)
        outer.addLayout(bar)
        outer.addWidget(self.grid, 1)
        outer.addWidget(self.links)
        fields = list(self._fields().values())
        for before, after in zip(fields, [*fields[1:], self.grid], strict=True):
            QWidget.setTabOrder(before, after)

    def _fields(self) -> dict[str, QLineEdit]:
        return {
            "contact": self.contact,
            "date": self.date,
            "account": self.account,
            "amount": self.amount,
            "discount": self.discount,
            "reference": self.reference,
            "note": self.note,
        }

    def _connect(self) -> None:
        self.contact.chosen.connect(lambda _value: self._contact_changed())
        self.contact.returnPressed.connect(self.amount.setFocus)
        self.date.date_changed.connect(self._head_edited)
        self.account.chosen.connect(lambda _value: self._head_edited())
        for field in (self.reference, self.note):
            field.textEdited.connect(lambda _text: self._head_edited())
        self.amount.editingFinished.connect(self._amount_edited)
        self.discount.editingFinished.connect(self._amount_edited)
        self.amount.returnPressed.connect(self._to_lines)
        self.model.edited.connect(self._lines_edited)
        self.grid.looked_into.connect(self._look_into)
        self.spread_button.clicked.connect(lambda _checked: self.spread())
        self.clear_button.clicked.connect(lambda _checked: self._clear())

    # --- showing -----------------------------------------------------------------------------------------------------

    def set_accounts(self, accounts: Sequence[Account]) -> None:
        """Know the chart; a new payment begins with its only cash account."""
        self.account.know(AccountIndex(list(accounts)))
        if self.sheet.account_code:
            self.account.set_code(self.sheet.account_code)

    def show_sheet(self, sheet: PaymentSheet) -> None:
        """Show a payment, new or stored."""
        self.sheet = sheet
        self._amount_typed = bool(sheet.amount)
        self._filling = True
        try:
            self.contact.show_partner(sheet.partner)
            self.date.set_date(parse_date(sheet.date))
            self.account.set_code(sheet.account_code)
            self._show_money()
            self.reference.setText(sheet.reference)
            self.note.setText(sheet.note)
        finally:
            self._filling = False
        for field in self._fields().values():
            field.setReadOnly(not sheet.editable)
            mark_wrong(field, False)
        for button in (self.spread_button, self.clear_button):
            button.setVisible(sheet.editable)
        self.show_rows()
        self.show_state()

    def show_rows(self) -> None:
        """Show the open invoices as they are now."""
        self.model.show_sheet(self.sheet.rows)
        shown = {column.name for column in self.model.columns}
        self.grid.show_columns(frozenset(shown if self.sheet.editable else shown - {"due_date", "gross", "open"}))
        self._show_money()
        self.show_rest()

    def _show_money(self) -> None:
        for field, text in ((self.amount, self.sheet.amount), (self.discount, self.sheet.discount)):
            if not field.hasFocus() or not field.isModified():
                field.setText(group_thousands(text) if text and not text.strip("-0123456789.") else text)

    def show_state(self) -> None:
        """Show number, stamp and neighbours."""
        sheet, palette = self.sheet, self.palette()
        stored = sheet.stored
        self.title.setText(kind_name(sheet.kind))
        self.number.setText(stored.number if stored is not None and stored.number else tr("（待编号）"))
        stamps = {"done": green_ink(palette), "cancelled": red_ink(palette)}
        state = stored.state if stored is not None else "draft"
        ink = stamps.get(state)
        self.stamp.show_text(state_name(state) if ink is not None else "", ink or red_ink(palette))
        parts: list[str] = []
        if stored is not None:
            vouchers = [f'<a href="voucher:{v.voucher_id}">{html.escape(v.name)}</a>' for v in stored.vouchers]
            if vouchers:
                parts.append(html.escape(tr("凭证：")) + "、".join(vouchers))
            settled = [
                f'<a href="{one.document_kind}:{one.document_id}">{html.escape(one.document_number)}</a>'
                for one in stored.allocations
            ]
            if settled:
                parts.append(html.escape(tr("发票：")) + "、".join(settled))
            later = [f'<a href="{one.kind}:{one.id}">{html.escape(one.number)}</a>' for one in stored.settlements]
            if later:
                parts.append(html.escape(tr("核销：")) + "、".join(later))
            other = stored.counter_of or stored.cancelled_by
            if other is not None:
                name = html.escape(tr("冲销的单据"))
                parts.append(f'<a href="{stored.kind}:{other}">{name}</a>')
        self.links.show_links("　".join(parts))
        self.show_rest()

    def show_rest(self) -> None:
        """Say how much is allocated, and what stays an advance."""
        sheet = self.sheet
        rest = sheet.advance
        used = display_amount(sheet.rows.total, sheet.digits) or "0"
        palette = self.rest.palette()
        ink = red_ink(self.palette()) if rest is None or rest < 0 else self.palette().color(palette.WindowText)
        palette.setColor(palette.WindowText, ink)
        self.rest.setPalette(palette)
        if rest is None:
            self.rest.setText(tr("金额看不懂，请写成 1234.50 的样子。"))
        elif rest < 0:
            self.rest.setText(tr("核销多出 {amount}", amount=display_amount(-rest, sheet.digits)))
        else:
            left = display_amount(rest, sheet.digits) or "0"
            text = (
                tr("核销 {used}，余 {left} 记作预收", used=used, left=left)
                if sheet.side == "sales"
                else tr("核销 {used}，余 {left} 记作预付", used=used, left=left)
            )
            self.rest.setText(text)
        self.empty.setText(
            tr("没有未结清的发票") if sheet.partner is not None and not sheet.rows.lines and sheet.editable else ""
        )

    def _look_into(self, row: int, _name: str) -> None:
        line = self.sheet.rows.lines[row]
        self.link_wanted.emit(line.kind, line.document_id)

    # --- typing ------------------------------------------------------------------------------------------------------

    def is_typing(self) -> bool:
        """Tell whether something stands in a field that the sheet does not know yet."""
        editor = self.grid.editor
        fields = self.amount.isModified() or self.discount.isModified()
        return fields or (editor is not None and editor.isModified())

    def collect(self) -> PaymentSheet:
        """Close the open cell, read the head, and return the sheet."""
        self.grid.commit()
        self._amount_edited()
        self._read_head()
        return self.sheet

    def _read_head(self) -> None:
        sheet = self.sheet
        if sheet.editable:
            sheet.partner = self.contact.partner
            sheet.date = self.date.wire
            sheet.account_code = self.account.wire
            sheet.reference, sheet.note = self.reference.text().strip(), self.note.text().strip()

    def _head_edited(self, *_value: object) -> None:
        if not self._filling:
            self._read_head()
            self.edited.emit()

    def _contact_changed(self) -> None:
        self._head_edited()
        self.contact_chosen.emit()

    def _amount_edited(self) -> None:
        sheet = self.sheet
        if self._filling or not sheet.editable:
            return
        typed = self.amount.text().strip(), self.discount.text().strip()
        before = sheet.amount, sheet.discount
        texts = tuple(plain_amount(text, sheet.digits) for text in typed)
        self.amount.setModified(False)
        self.discount.setModified(False)
        if texts == tuple(plain_amount(text, sheet.digits) for text in before):
            return
        sheet.amount, sheet.discount = texts
        self._amount_typed = bool(typed[0])
        if sheet.spreads:
            sheet.spread()
        self.model.redraw()
        self._show_money()
        self.show_rest()
        self.edited.emit()

    def _lines_edited(self) -> None:
        self.sheet.spreads = False
        if not self._amount_typed:
            self.sheet.fit_amount()
            self._show_money()
        self.show_rest()
        self.edited.emit()

    def spread(self) -> None:
        """Settle the invoices due first with the amount; without an amount, all of them."""
        self.grid.commit()
        self._amount_edited()
        sheet = self.sheet
        if not sheet.amount:
            for row in sheet.rows.lines:
                row.amount = row.open
            sheet.fit_amount()
        else:
            sheet.spreads = True
            sheet.spread()
        self.model.redraw()
        self._show_money()
        self.show_rest()
        self.edited.emit()

    def _clear(self) -> None:
        self.grid.cancel()
        self.sheet.spreads = False
        self.sheet.rows.spread(0)
        self.model.redraw()
        self.show_rest()
        self.edited.emit()

    def _to_lines(self) -> None:
        if self.sheet.rows.lines and self.sheet.editable:
            self.grid.go(0, AMOUNT)

    def mark_refused(self, fields: Mapping[str, Message]) -> None:
        """Mark what the server refused, and go to the first of it."""
        names = {"contact_id": "contact", "account_code": "account"}
        first: QWidget | None = None
        widgets = self._fields()
        for wire in ("contact_id", "date", "account_code", "amount", "discount", "reference", "note"):
            widget = widgets[names.get(wire, wire)]
            mark_wrong(widget, wire in fields)
            first = first or (widget if wire in fields else None)
        rows = self.sheet.rows.mark_refused("allocations", fields)
        self.model.redraw()
        if first is not None:
            first.setFocus()
        elif rows:
            self.grid.go(rows[0], AMOUNT)

    def retranslate(self) -> None:
        """Set every text in the window's language."""
        texts = {
            "contact": contact_word(self.sheet.side),
            "date": tr("日期"),
            "account": tr("收款账户") if self.sheet.side == "sales" else tr("付款账户"),
            "amount": tr("金额"),
            "discount": tr("现金折扣"),
            "reference": tr("对方单号"),
            "note": tr("备注"),
        }
        for name, text in texts.items():
            self.labels[name].setText(text)
        self.spread_button.setText(tr("自动分配"))
        self.spread_button.setToolTip(tr("从最早到期的发票起分配；没有填金额时全部结清") + "  F6")
        self.clear_button.setText(tr("全部清空"))
        self.grid.setAccessibleName(tr("未结清的发票"))
        self.model.retranslate()
        self.show_state()
