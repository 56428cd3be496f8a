"""核销: advances, credits and invoices of the other side set off against invoices of one contact."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from PyQt5.QtCore import Qt
from PyQt5.QtGui import QKeySequence
from PyQt5.QtWidgets import QLabel, QLineEdit, QPushButton, QShortcut, QWidget

from app.client.api import ApiClient
from app.contract.orders import OpenItem, OpenItemList, OpenItemQuery, SettlementInput, Side
from app.kernel.errors import MalformedInput
from app.kernel.ids import new_request_id
from app.kernel.money import parse_amount
from app.ui.language import tr
from app.ui.ledger.amounts import display_amount
from app.ui.ledger.date_field import DateField
from app.ui.tasks import Query
from app.ui.trade.cancel_dialog import CHANGED
from app.ui.trade.line_grid import LineGrid
from app.ui.trade.line_model import LineModel
from app.ui.trade.open_columns import open_columns
from app.ui.trade.partner import Partner
from app.ui.trade.payment_sheet import OpenRow, OpenRows
from app.ui.widgets.form_dialog import FormDialog
from app.ui.widgets.limits import limit_to

PARTS = ("payments", "credits", "other_side", "invoices")
"""As the wire calls them: what is used up, and the invoices it settles."""


class SettlementDialog(FormDialog):
    """Both sides must add up; what is used up settles the invoices due first unless somebody types how."""

    def __init__(self, parent: QWidget, partner: Partner, side: str, date: str, digits: int) -> None:
        super().__init__(parent)
        self._partner, self._digits = partner, digits
        self._side: Side = "purchase" if side == "purchase" else "sales"
        self._request_id = new_request_id()
        self._name = QLabel(partner.name, self)
        self._name.setTextFormat(Qt.TextFormat.PlainText)
        self.form.addRow(self._name)
        self.date = DateField(datetime.date.fromisoformat(date), self)
        self._date_label = self.add_field("date", self.date)
        self.headings = {part: QLabel(self) for part in PARTS}
        self.models = {part: LineModel(open_columns(), OpenRows(digits=digits), self) for part in PARTS}
        self.grids = {part: LineGrid(self.models[part], self) for part in PARTS}
        em = self.fontMetrics().height()
        for part in PARTS:
            self.headings[part].setBuddy(self.grids[part])
            self.form.addRow(self.headings[part])
            self.grids[part].setMinimumHeight(em * 6)
            self.form.addRow(self.grids[part])
            self.models[part].edited.connect(self._show_difference)
        self.note = QLineEdit(self)
        limit_to(self.note, SettlementInput, "note")
        self._note_label = self.add_field("note", self.note)
        self.spread_button = QPushButton(self)
        self.spread_button.setAutoDefault(False)
        self.spread_button.clicked.connect(lambda _checked: self.spread())
        self.difference = QLabel(self)
        self.extra_buttons.addWidget(self.spread_button)
        self.extra_buttons.addWidget(self.difference)
        shortcut = QShortcut(QKeySequence("F6"), self)
        shortcut.activated.connect(self.spread)
        self.resize(em * 48, em * 40)
        self.retranslate()
        Query(self._read).on_done(self._show).run(self)

    def rows(self, part: str) -> OpenRows:
        """Return the lines of a part."""
        sheet = self.models[part].sheet
        assert isinstance(sheet, OpenRows)  # noqa: S101  # nothing else is put there
        return sheet

    def _read(self, api: ApiClient) -> tuple[OpenItemList, OpenItemList]:
        other: Side = "sales" if self._side == "purchase" else "purchase"
        return (
            api.open_items(OpenItemQuery(contact_id=self._partner.id, side=self._side)),
            api.open_items(OpenItemQuery(contact_id=self._partner.id, side=other)),
        )

    def _show(self, found: tuple[OpenItemList, OpenItemList]) -> None:
        own, other = found
        items = {
            "payments": own.advances,
            "credits": own.credits,
            "other_side": other.invoices,
            "invoices": own.invoices,
        }
        for part in PARTS:
            self.models[part].show_sheet(OpenRows(open_rows(items[part], self._digits), digits=self._digits))
            self.grids[part].show_columns(frozenset(column.name for column in self.models[part].columns))
            shown = bool(items[part]) or part == "invoices"
            self.headings[part].setVisible(shown)
            self.grids[part].setVisible(shown)
        self.spread()

    def spread(self) -> None:
        """Use up advances and credits as far as invoices are open; invoices of the other side only where typed."""
        for grid in self.grids.values():
            grid.commit()
        room = sum(row.open for row in self.rows("invoices").lines)
        other = self.rows("other_side").total
        left = room - other
        for part in ("payments", "credits"):
            left = self.rows(part).spread(left)
        self.rows("invoices").spread(self._used())
        for model in self.models.values():
            model.redraw()
        self._show_difference()

    def _used(self) -> int:
        return sum(self.rows(part).total for part in PARTS[:3])

    def _show_difference(self) -> None:
        used, settled = self._used(), self.rows("invoices").total
        text = tr("两边都是 {amount}", amount=display_amount(settled, self._digits) or "0")
        if used != settled:
            text = tr(
                "用去 {used}，核销 {settled}，两边要相等",
                used=display_amount(used, self._digits) or "0",
                settled=display_amount(settled, self._digits) or "0",
            )
        self.difference.setText(text)
        self.ok_button.setEnabled(used == settled != 0)

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.setWindowTitle(tr("核销"))
        self._date_label.setText(tr("日期"))
        self._note_label.setText(tr("备注"))
        sales = self._side == "sales"
        texts = {
            "payments": tr("预收款") if sales else tr("预付款"),
            "credits": tr("红字发票"),
            "other_side": tr("应付（冲抵应收）") if sales else tr("应收（冲抵应付）"),
            "invoices": tr("要核销的发票"),
        }
        for part, text in texts.items():
            self.headings[part].setText(text)
            self.models[part].retranslate()
        self.spread_button.setText(tr("自动分配") + "  F6")
        self.ok_button.setText(tr("核销"))
        self._show_difference()

    def submit(self) -> None:
        """Send what is used up and what it settles."""
        for part in PARTS:
            self.grids[part].commit()
            for _row, reason in self.rows(part).unread_rows():
                raise MalformedInput("amount_malformed", reason)
        wish = SettlementInput(
            date=self.date.wire,
            contact_id=self._partner.id,
            side=self._side,
            payments=self.rows("payments").wishes(),
            credits=self.rows("credits").wishes(),
            other_side=self.rows("other_side").wishes(),
            invoices=self.rows("invoices").wishes(),
            note=self.note.text().strip(),
            request_id=self._request_id,
        )
        self.send(lambda api: api.add_settlement(wish), *CHANGED)


def open_rows(items: Sequence[OpenItem], digits: int) -> list[OpenRow]:
    """Return open items as lines."""
    return [
        OpenRow(one.kind, one.id, one.number, one.date, one.due_date, one.gross, parse_amount(one.open, digits))
        for one in items
    ]
