"""Two versions of a payment: what its desk does when somebody else changes the one it shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PyQt5.QtWidgets import QWidget

from app.contract.orders import Payment
from app.contract.together import EditedObject
from app.kernel.money import group_thousands
from app.ui.language import tr
from app.ui.ledger.amounts import display_amount
from app.ui.presence.differences import Difference, field_differences, line_differences
from app.ui.trade.payment_form import PaymentForm
from app.ui.trade.payment_sheet import PaymentSheet, plain_amount
from app.ui.trade.words import kind_name
from app.ui.widgets.meanwhile import Meanwhile, ShownVersions
from app.ui.widgets.meanwhile_bar import MeanwhileBar, changed_document, refused_document


class PaymentPlace(Protocol):
    """What the desk does for this."""

    form: PaymentForm

    def has_unsaved(self) -> bool:
        """Tell whether something was typed."""

    def show_payment(self, payment: Payment) -> None:
        """Show a stored payment."""

    def keep(self, payment: Payment | None) -> None:
        """Know a payment as stored; what is shown and typed stays."""

    def save(self, *, then: Callable[[], None] | None = None) -> None:
        """Save what is typed."""


class PaymentVersions(ShownVersions[Payment]):
    """A `MeanwhileDesk` over the payments' desk."""

    def __init__(self, desk: PaymentPlace) -> None:
        super().__init__(lambda: desk.form.sheet.stored, payment_name, desk.has_unsaved)
        self._desk = desk

    def is_same(self, theirs: Payment) -> bool:
        """Tell whether a stored payment holds what stands here."""
        mine = self._desk.form.sheet
        return _head(_sheet(theirs)) == _head(mine) and _of_stored(theirs) == _of_sheet(mine)

    def differences(self, theirs: Payment) -> list[Difference]:
        """Return which fields differ, and what goes against which invoice."""
        mine = self._desk.form.sheet
        was = mine.stored
        before = _sheet(was) if was is not None else PaymentSheet(mine.kind, date=mine.date, digits=mine.digits)
        heads = field_differences(_head(before), _head(mine), _head(_sheet(theirs)))
        return [*heads, *line_differences(_of_stored(was), _of_sheet(mine), _of_stored(theirs))]

    def show_theirs(self, theirs: Payment) -> None:
        """Show a stored payment; what was typed is dropped."""
        self._desk.show_payment(theirs)

    def keep_over(self, theirs: Payment) -> None:
        """The next save replaces their version."""
        self._desk.keep(theirs)

    def keep_as_new(self) -> None:
        """The next save makes a new one."""
        self._desk.keep(None)

    def settle(self, theirs: Payment) -> None:
        """What the server has is what stands here."""
        self._desk.show_payment(theirs)

    def save(self) -> None:
        """Save what is typed."""
        self._desk.save()


def watch_payment(desk: QWidget, place: PaymentPlace) -> Meanwhile[Payment]:
    """Return what watches over the payment shown on a desk."""
    bar: MeanwhileBar[Payment] = MeanwhileBar(desk, refused_document, changed_document)
    return Meanwhile(desk, PaymentVersions(place), "payment", Payment, lambda api, number: api.get_payment(number), bar)


def edited_payment(desk: QWidget, place: PaymentPlace) -> list[EditedObject]:
    """Return the stored draft that is being changed, or stands open in front of somebody."""
    sheet = place.form.sheet
    if sheet.stored is None or not sheet.editable or not (desk.isVisible() or place.has_unsaved()):
        return []
    return [EditedObject(kind="payment", id=sheet.stored.id, label=payment_name(sheet.stored)[:60])]


def payment_name(payment: Payment) -> str:
    """Return what people call a payment."""
    return f"{kind_name(payment.kind)} {payment.number}".strip()


def _sheet(payment: Payment) -> PaymentSheet:
    sheet = PaymentSheet(payment.kind, date=payment.date)
    sheet.load(payment)
    return sheet


def _head(sheet: PaymentSheet) -> dict[str, str]:
    return {
        tr("往来单位"): sheet.partner.name if sheet.partner is not None else "",
        tr("日期"): sheet.date,
        tr("账户"): sheet.account_code,
        tr("金额"): plain_amount(sheet.amount, sheet.digits),
        tr("现金折扣"): plain_amount(sheet.discount, sheet.digits),
        tr("对方单号"): sheet.reference,
        tr("备注"): sheet.note,
    }


def _of_sheet(sheet: PaymentSheet) -> list[str]:
    rows = [row for row in sheet.rows.lines if row.amount]
    return [f"{row.number} {display_amount(row.amount, sheet.digits)}" for row in rows]


def _of_stored(payment: Payment | None) -> list[str]:
    used = payment.allocations if payment is not None else []
    return [f"{one.document_number} {group_thousands(one.amount)}" for one in used]
