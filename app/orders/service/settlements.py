"""Settling invoices later: with advances, with credits, and with invoices of the other side (核销, 冲账)."""

from __future__ import annotations

from dataclasses import dataclass

from app.contacts.queries import get_contact, survivor_of
from app.contract.orders import Settlement, SettlementInput
from app.contract.stock import Cancellation
from app.identity import audit
from app.identity.actor import Actor
from app.identity.service.versions import check_version
from app.inventory.service.posting import reverse_vouchers
from app.kernel.clock import utc_ms
from app.kernel.errors import UserError
from app.kernel.period import parse_date
from app.kernel.text import Message, clean_text, message
from app.orders.errors import fields_wrong, state_wrong
from app.orders.queries.loading import load_documents
from app.orders.queries.open_items import KINDS_OF_SIDE
from app.orders.queries.payment_loading import (
    NAMES,
    SETTLEMENT,
    StoredSettlement,
    allocations_of,
    load_payments,
    load_settlement,
)
from app.orders.queries.settlements import settlement_views
from app.orders.service.allocating import (
    Use,
    book_uses,
    check_advances,
    check_documents,
    money,
    read_uses,
    take_back,
    write_uses,
)
from app.orders.service.payment_days import counter_date, require_open_month, take_number
from app.orders.service.payment_posting import post_settlement, settlement_ref
from app.storage.database import execute, insert_returning_id, run_unit

OTHER = {"sales": "purchase", "purchase": "sales"}


@dataclass(frozen=True, slots=True)
class ReadSettlement:
    """A settlement as it was typed: invoices on one side, what settles them on the other."""

    date: str
    contact_id: int
    invoices: list[Use]
    advances: list[Use]
    credits: list[Use]
    other_side: list[Use]

    @property
    def uses(self) -> list[Use]:
        """Return everything it uses up."""
        return [*self.invoices, *self.advances, *self.credits, *self.other_side]

    @property
    def amount(self) -> int:
        """Return how much of invoices it settles."""
        return sum(use.amount for use in self.invoices)


def create_settlement(actor: Actor, new: SettlementInput) -> Settlement:
    """Settle invoices and book it, at once.

    Raises `MalformedInput` with fields, `RuleBroken` when something has less open than it is to give or take, is
    somebody else's, or the month is closed.
    """
    actor.require("orders:settlement:add")

    def work() -> Settlement:
        read = _read(new)
        _lock_and_check(read, new.side)
        require_open_month(read.date, NAMES[SETTLEMENT])
        number = take_number(SETTLEMENT, read.date)
        note = clean_text(new.note)
        settlement_id = _insert(actor, number, read.date, read.contact_id, new.side, read.amount, note)
        write_uses(read.uses, payment_id=None, settlement_id=settlement_id, date=read.date)
        book_uses(read.uses, payment_id=None, settlement_id=settlement_id, date=read.date)
        post_settlement(
            actor,
            settlement_ref(settlement_id, number),
            read.date,
            side=new.side,
            contact_id=read.contact_id,
            advances=sum(use.amount for use in read.advances),
            other_side=sum(use.amount for use in read.other_side),
        )
        view = settlement_views([load_settlement(settlement_id)])[0]
        audit.record(actor, "orders:settlement:add", "settlement", settlement_id, after=view)
        return view

    return run_unit(work)


def cancel_settlement(actor: Actor, settlement_id: int, wish: Cancellation) -> Settlement:
    """Take a settlement back by a counter-document: everything it used up is open again, its voucher is reversed.

    Raises `NotFound`, `Conflict` for a stale version, `RuleBroken` for one that was taken back. Returns the settlement.
    """
    actor.require("orders:settlement:cancel")

    def work() -> Settlement:
        rows = allocations_of("settlement_id", [settlement_id])
        load_documents([row.document_id for row in rows if row.document_id is not None], lock=True)
        load_payments([row.advance_id for row in rows if row.advance_id is not None], lock=True)
        settlement = _locked(settlement_id, wish.version)
        if not settlement.stands:
            raise state_wrong(settlement.name, message("已撤销的核销单不能再撤销。"))
        date = counter_date(wish.date, settlement.date, settlement.name)
        number = take_number(SETTLEMENT, date)
        note = str(message("撤销{kind} {number}", kind=NAMES[SETTLEMENT], number=settlement.number))
        counter_id = _insert(
            actor, number, date, settlement.contact_id, settlement.side, -settlement.amount, note, of=settlement_id
        )
        take_back(rows, payment_id=None, settlement_id=counter_id, date=date)
        execute(
            "UPDATE {settlement} SET state = 'cancelled', cancelled_by = ?, reason = ?, updated_at = ?,"
            " version = version + 1 WHERE id = ?",
            (counter_id, clean_text(wish.reason), utc_ms(), settlement_id),
        )
        reverse_vouchers(
            actor, settlement_ref(settlement_id, settlement.number), settlement_ref(counter_id, number), date
        )
        view = settlement_views([load_settlement(settlement_id)])[0]
        audit.record(actor, "orders:settlement:cancel", "settlement", settlement_id, after=view)
        return view

    return run_unit(work)


def _locked(settlement_id: int, version: int | None) -> StoredSettlement:
    settlement = load_settlement(settlement_id, lock=True)
    check_version(
        version,
        settlement.version,
        "settlement",
        settlement_id,
        lambda: settlement_views([settlement])[0],
        settlement.name,
    )
    return settlement


def _read(new: SettlementInput) -> ReadSettlement:
    wrong: dict[str, Message] = {}
    date = ""
    try:
        date = parse_date(new.date).isoformat()
    except UserError as fault:
        wrong["date"] = fault.message
    contact_id = survivor_of(new.contact_id)
    try:
        get_contact(contact_id)
    except UserError as fault:
        wrong["contact_id"] = fault.message
    read = ReadSettlement(
        date,
        contact_id,
        invoices=read_uses("invoice", "invoices", new.invoices, wrong),
        advances=read_uses("advance", "payments", new.payments, wrong),
        credits=read_uses("credit", "credits", new.credits, wrong),
        other_side=read_uses("other_side", "other_side", new.other_side, wrong),
    )
    given = sum(use.amount for use in (*read.advances, *read.credits, *read.other_side))
    if not wrong and given != read.amount:
        wrong["invoices"] = message(
            "发票合计 {invoices}，用来核销的合计 {given}，两边要相等。", invoices=money(read.amount), given=money(given)
        )
    if wrong:
        raise fields_wrong(wrong)
    return read


def _lock_and_check(read: ReadSettlement, side: str) -> None:
    """Lock everything that is used up, documents before payments, and check that there is enough of it."""
    used = [use for use in read.uses if use.part != "advance"]
    documents = {one.id: one for one in load_documents([use.id for use in used], lock=True)}
    payments = {one.id: one for one in load_payments([use.id for use in read.advances], lock=True)}
    invoice, credit, payment = KINDS_OF_SIDE[side]
    check_documents(read.invoices, documents, [invoice], read.contact_id)
    check_documents(read.credits, documents, [credit], read.contact_id)
    check_documents(read.other_side, documents, [KINDS_OF_SIDE[OTHER[side]][0]], read.contact_id)
    check_advances(read.advances, payments, payment, read.contact_id)


def _insert(
    actor: Actor, number: str, date: str, contact_id: int, side: str, amount: int, note: str, *, of: int | None = None
) -> int:
    now = utc_ms()
    values = {
        "number": number,
        "date": date,
        "state": "done",
        "contact_id": contact_id,
        "side": side,
        "amount": amount,
        "note": note,
        "counter_of": of,
        "created_by": actor.user_id,
        "created_at": now,
        "updated_at": now,
    }
    return insert_returning_id(
        f"INSERT INTO {{settlement}} ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})",
        list(values.values()),
    )
