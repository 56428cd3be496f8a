"""Drafts of payments: saving, changing and deleting them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.contacts.queries import get_contact, survivor_of
from app.contract.orders import Payment, PaymentInput
from app.identity import audit
from app.identity.actor import Actor
from app.identity.service.versions import check_version
from app.kernel.clock import utc_ms
from app.kernel.errors import UserError
from app.kernel.money import LARGEST_MINOR, parse_amount
from app.kernel.period import parse_date
from app.kernel.text import Message, clean_text, message
from app.ledger.queries.vouchers import base_digits
from app.ledger.service.currencies import base_currency_id
from app.orders.errors import fields_wrong, state_wrong
from app.orders.queries.loading import load_documents
from app.orders.queries.payment_loading import StoredPayment, load_payment, load_payments
from app.orders.queries.payments import payment_view
from app.orders.service.allocating import Use, read_uses, write_uses
from app.storage.book_settings import get_setting
from app.storage.database import execute, fetch_one, insert_returning_id, run_unit


@dataclass(frozen=True, slots=True)
class ReadPayment:
    """A payment as it will be stored, and what it is to settle."""

    columns: dict[str, Any]
    uses: list[Use]


def create_payment(actor: Actor, new: PaymentInput) -> Payment:
    """Save a draft. Raises `MalformedInput` with a sentence for each field that is wrong."""
    actor.require("orders:payment:add")

    def work() -> Payment:
        read = read_payment(new)
        now = utc_ms()
        values = {**read.columns, "created_by": actor.user_id, "created_at": now, "updated_at": now}
        payment_id = insert_returning_id(
            f"INSERT INTO {{payment}} ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})",
            list(values.values()),
        )
        write_uses(read.uses, payment_id=payment_id, settlement_id=None, date=read.columns["date"])
        view = payment_view(load_payment(payment_id))
        audit.record(actor, "orders:payment:add", "payment", payment_id, after=view)
        return view

    return run_unit(work)


def change_payment(actor: Actor, payment_id: int, new: PaymentInput) -> Payment:
    """Replace a draft. Raises `NotFound`, `Conflict` for a stale version, `RuleBroken` for a finished payment."""
    actor.require("orders:payment:edit")

    def work() -> Payment:
        payment = lock_payment(payment_id, new.version)
        refuse_finished(payment)
        before = payment_view(payment)
        read = read_payment(new)
        sets = "".join(f"{column} = ?, " for column in read.columns)
        execute(
            f"UPDATE {{payment}} SET {sets}updated_at = ?, version = version + 1 WHERE id = ?",
            [*read.columns.values(), utc_ms(), payment_id],
        )
        execute("DELETE FROM {allocation} WHERE payment_id = ?", (payment_id,))
        write_uses(read.uses, payment_id=payment_id, settlement_id=None, date=read.columns["date"])
        after = payment_view(load_payment(payment_id))
        audit.record(actor, "orders:payment:edit", "payment", payment_id, before=before, after=after)
        return after

    return run_unit(work)


def delete_payment(actor: Actor, payment_id: int, version: int | None = None) -> None:
    """Delete a draft. Raises `NotFound`, `Conflict` for a stale version, `RuleBroken` for a finished payment."""
    actor.require("orders:payment:edit")

    def work() -> None:
        payment = lock_payment(payment_id, version)
        refuse_finished(payment)
        before = payment_view(payment)
        execute("DELETE FROM {allocation} WHERE payment_id = ?", (payment_id,))
        execute("DELETE FROM {payment} WHERE id = ?", (payment_id,))
        audit.record(actor, "orders:payment:remove", "payment", payment_id, before=before)

    run_unit(work)


def lock_payment(payment_id: int, version: int | None) -> StoredPayment:
    """Lock a payment and compare versions. Raises `NotFound` and `Conflict`."""
    payment = load_payments([payment_id], lock=True)[0]
    check_version(version, payment.version, "payment", payment_id, lambda: payment_view(payment), payment.name)
    return payment


def refuse_finished(payment: StoredPayment) -> None:
    """Raise `RuleBroken` unless a payment is a draft."""
    if payment.state != "draft":
        raise state_wrong(payment.name, message("已办理的收付款不能修改、删除或再次办理；有错请撤销它，再另做一张。"))


def read_payment(new: PaymentInput) -> ReadPayment:
    """Read a payment as it was typed. Raises `MalformedInput` with a sentence for each field that is wrong."""
    wrong: dict[str, Message] = {}
    date = ""
    try:
        date = parse_date(new.date).isoformat()
    except UserError as fault:
        wrong["date"] = fault.message
    contact_id = survivor_of(new.contact_id)
    try:
        contact = get_contact(contact_id)
        if not contact.active:
            wrong["contact_id"] = message("往来单位“{name}”已停用，请改选别的。", name=contact.name)
    except UserError as fault:
        wrong["contact_id"] = fault.message
    amount = _money("amount", new.amount, wrong)
    if amount <= 0:
        wrong.setdefault("amount", message("金额要大于零：退回的款用相反的收付款单。"))
    discount = _money("discount", new.discount, wrong) if new.discount.strip() else 0
    if discount < 0:
        wrong["discount"] = message("现金折扣不能是负数。")
    account_id = _account_id(new.account_code, wrong)
    uses = read_uses("invoice", "allocations", new.allocations, wrong)
    if not wrong:
        _check_sums(amount, discount, uses, wrong)
    if wrong:
        raise fields_wrong(wrong)
    load_documents([use.id for use in uses])  # each is there
    columns = {
        "kind": new.kind,
        "date": date,
        "contact_id": contact_id,
        "account_id": account_id,
        "amount": amount,
        "discount": discount,
        "reference": clean_text(new.reference),
        "note": clean_text(new.note),
    }
    return ReadPayment(columns, uses)


def _money(field: str, text: str, wrong: dict[str, Message]) -> int:
    try:
        return parse_amount(text, base_digits(), name=field)
    except UserError as fault:
        wrong[field] = fault.message
        return 0


def _account_id(code: str, wrong: dict[str, Message]) -> int:
    row = fetch_one("SELECT id, is_leaf, active, currency_id FROM {account} WHERE code = ?", (clean_text(code),))
    if row is None:
        wrong["account_code"] = message("没有科目“{code}”，请选现金或银行科目。", code=code)
        return 0
    if not row[1] or not row[2]:
        wrong["account_code"] = message("科目 {code} 有下级或已停用，请选末级科目。", code=code)
    elif row[3] is not None and row[3] != base_currency_id():
        wrong["account_code"] = message("科目 {code} 是外币科目，收付款单只记本位币，请直接填凭证。", code=code)
    elif row[0] in get_setting("governed_accounts", []):
        wrong["account_code"] = message("科目 {code} 由库存单据记账，请选现金或银行科目。", code=code)
    return int(row[0])


def _check_sums(amount: int, discount: int, uses: list[Use], wrong: dict[str, Message]) -> None:
    if amount + discount > LARGEST_MINOR:
        wrong["amount"] = message("金额太大，账簿记不下。")
    settled = sum(use.amount for use in uses)
    if settled > amount + discount:
        wrong["allocations"] = message("核销合计超过了金额与现金折扣之和，请改小核销金额。")
    elif discount > settled:
        wrong["discount"] = message("现金折扣要核销到发票上：核销合计不能小于它。")
