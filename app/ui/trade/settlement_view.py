"""A settlement as it stands: what was set off against what, its voucher, and the way to take it back."""

from __future__ import annotations

import html
from collections.abc import Callable

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.contract.orders import Allocation, Settlement
from app.kernel.money import group_thousands
from app.ui.language import tr
from app.ui.tasks import Query, runner_of
from app.ui.trade.cancel_dialog import CancelDialog
from app.ui.trade.words import kind_name, state_name

OpenLink = Callable[[str, int], None]


def show_settlement(parent: QWidget, settlement_id: int, may: Callable[[str], bool], open_link: OpenLink) -> None:
    """Ask for a settlement and show it; its links are opened by `open_link` with kind and id."""
    Query(lambda api: api.get_settlement(settlement_id)).slot("settlement").on_done(
        lambda found: SettlementView(parent, found, open_link, may_cancel=may("orders:settlement:cancel")).open()
    ).run(parent)


class SettlementView(QDialog):
    """Shows a settlement; nothing is typed here."""

    def __init__(self, parent: QWidget, settlement: Settlement, open_link: OpenLink, *, may_cancel: bool) -> None:
        super().__init__(parent)
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, False)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.tasks = runner_of(parent)
        self._settlement, self._open_link = settlement, open_link
        self.text = QLabel(self)
        self.text.setTextFormat(Qt.TextFormat.RichText)
        self.text.setWordWrap(True)
        self.text.linkActivated.connect(self._follow)
        self.cancel_button, self.close_button = QPushButton(self), QPushButton(self)
        self.cancel_button.setVisible(may_cancel and settlement.state == "done" and settlement.counter_of is None)
        self.cancel_button.clicked.connect(lambda _checked: self._cancel())
        self.close_button.clicked.connect(lambda _checked: self.reject())
        self.close_button.setDefault(True)
        column = QVBoxLayout(self)
        column.addWidget(self.text)
        row = QHBoxLayout()
        row.addWidget(self.cancel_button)
        row.addStretch(1)
        row.addWidget(self.close_button)
        column.addLayout(row)
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * 60)
        self.setWindowTitle(tr("核销单"))
        self.cancel_button.setText(tr("冲销…"))
        self.close_button.setText(tr("关闭"))
        self.text.setText(self._html())

    def _html(self) -> str:
        one = self._settlement
        facts = map(html.escape, (one.date, one.contact, state_name(one.state)))
        head = f"<b>{html.escape(one.number)}</b>　{'　'.join(facts)}"
        used = [part for part in one.allocations if part.part != "invoice"]
        settled = [part for part in one.allocations if part.part == "invoice"]
        vouchers = "、".join(f'<a href="voucher:{v.voucher_id}">{html.escape(v.name)}</a>' for v in one.vouchers)
        parts = [f"<p>{head}</p>"]
        for title, rows in ((tr("用去"), used), (tr("核销"), settled)):
            parts.append(f"<p>{html.escape(title)}</p><table cellpadding='3'>{''.join(map(_row, rows))}</table>")
        if one.note:
            parts.append(f"<p>{html.escape(one.note)}</p>")
        if vouchers:
            parts.append(f"<p>{html.escape(tr('凭证：'))}{vouchers}</p>")
        return "".join(parts)

    def _follow(self, link: str) -> None:
        kind, _, number = link.partition(":")
        self.accept()
        self._open_link(kind, int(number))

    def _cancel(self) -> None:
        one = self._settlement
        dialog: CancelDialog[Settlement] = CancelDialog(
            self,
            f"{kind_name('settlement')} {one.number}",
            one.date,
            one,
            lambda api, wish: api.cancel_settlement(one.id, wish),
            lambda _answer: self.accept(),
        )
        dialog.open()


def _row(part: Allocation) -> str:
    kind = part.document_kind
    name = html.escape(f"{kind_name(kind)} {part.document_number}")
    date, amount = html.escape(part.document_date), html.escape(group_thousands(part.amount))
    link = f'<a href="{kind}:{part.document_id}">{name}</a>'
    return f"<tr><td>{link}</td><td>{date}</td><td align='right'>{amount}</td></tr>"
