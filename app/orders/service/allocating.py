"""Using up invoices, credits and advances: what may be used, and the sums kept beside them.

Whoever uses something up first locks all documents concerned, by ascending id, then all payments, so that nobody can
use the same cent at the same time. Both keep how much of them is used (`document.settled`, `payment.used`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.contacts.queries import same_contact
from app.contract.orders import AllocationInput
from app.kernel.errors import RuleBroken, UserError
from app.kernel.money import format_amount, group_thousands, parse_amount
from app.kernel.text import Message, message
from app.ledger.queries.vouchers import base_digits
from app.orders.kinds import KINDS
from app.orders.queries.loading import StoredDocument
from app.orders.queries.payment_loading import NAMES, StoredAllocation, StoredPayment
from app.storage.database import execute, execute_many


@dataclass(frozen=True, slots=True)
class Use:
    """A wish to use up an amount (minor units) of a document or, as `advance`, of a payment; `path` names its field."""

    part: str
    id: int
    amount: int
    path: str


def read_uses(part: str, field: str, typed: Sequence[AllocationInput], wrong: dict[str, Message]) -> list[Use]:
    """Read typed amounts; each must be more than nothing, and a document may stand only once."""
    digits = base_digits()
    uses: list[Use] = []
    seen: set[int] = set()
    for index, wish in enumerate(typed):
        path = f"{field}.{index}"
        try:
            amount = parse_amount(wish.amount, digits)
        except UserError as fault:
            wrong[f"{path}.amount"] = fault.message
            continue
        if amount <= 0:
            wrong[f"{path}.amount"] = message("核销金额要大于零。")
        if wish.document_id in seen:
            wrong[f"{path}.document_id"] = message("同一张单据只能列一次。")
        seen.add(wish.document_id)
        uses.append(Use(part, wish.document_id, amount, f"{path}.amount"))
    return uses


def check_documents(
    uses: Sequence[Use], documents: Mapping[int, StoredDocument], kinds: Sequence[str], contact_id: int
) -> None:
    """Raise `RuleBroken` for the first document that may not be used like this. Call with the documents locked."""
    for use in uses:
        document = documents[use.id]
        if document.kind not in kinds:
            kind = KINDS[kinds[0]].name
            raise _refused(use, message("{document}不能这样核销，要选{kind}。", document=document.name, kind=kind))
        if document.state != "done" or document.counter_of is not None:
            raise _refused(use, message("{document}还没有办理或已撤销，不能核销。", document=document.name))
        _check_owner(use, document.contact_id, contact_id, document.name)
        _check_rest(use, document.gross - document.settled, document.name)


def check_advances(uses: Sequence[Use], payments: Mapping[int, StoredPayment], kind: str, contact_id: int) -> None:
    """Raise `RuleBroken` for the first payment that may not be used like this. Call with the payments locked."""
    for use in uses:
        payment = payments[use.id]
        if payment.kind != kind or not payment.stands:
            raise _refused(
                use, message("{payment}不能这样核销，要选已办理的{kind}。", payment=payment.name, kind=NAMES[kind])
            )
        _check_owner(use, payment.contact_id, contact_id, payment.name)
        _check_rest(use, payment.unused, payment.name)


def _check_owner(use: Use, owner: int | None, contact_id: int, name: Message) -> None:
    if owner is None or not same_contact(owner, contact_id):
        raise _refused(use, message("{document}不是这个往来单位的。", document=name))


def _check_rest(use: Use, rest: int, name: Message) -> None:
    if use.amount > rest:
        raise _refused(
            use,
            message(
                "{document}只剩 {rest} 可以核销，填了 {amount}。",
                document=name,
                rest=money(rest),
                amount=money(use.amount),
            ),
        )


def _refused(use: Use, sentence: Message) -> RuleBroken:
    return RuleBroken("allocation_refused", sentence, fields={use.path: sentence})


def money(minor: int) -> str:
    """Return an amount as people read it in a sentence."""
    return group_thousands(format_amount(minor, base_digits()))


def write_uses(uses: Sequence[Use], *, payment_id: int | None, settlement_id: int | None, date: str) -> None:
    """Keep wishes; they use nothing up yet."""
    execute_many(
        "INSERT INTO {allocation} (payment_id, settlement_id, part, document_id, advance_id, amount, date, booked)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
        [
            (
                payment_id,
                settlement_id,
                use.part,
                None if use.part == "advance" else use.id,
                use.id if use.part == "advance" else None,
                use.amount,
                date,
            )
            for use in uses
        ],
    )


def book_uses(uses: Sequence[Use], *, payment_id: int | None, settlement_id: int | None, date: str) -> None:
    """Use up what was checked: from now on the amounts count."""
    column, owner = ("payment_id", payment_id) if payment_id is not None else ("settlement_id", settlement_id)
    execute(f"UPDATE {{allocation}} SET booked = 1, date = ? WHERE {column} = ?", (date, owner))
    for use in uses:
        table, sums = ("payment", "used") if use.part == "advance" else ("document", "settled")
        execute(f"UPDATE {{{table}}} SET {sums} = {sums} + ? WHERE id = ?", (use.amount, use.id))


def take_back(
    allocations: Sequence[StoredAllocation], *, payment_id: int | None, settlement_id: int | None, date: str
) -> None:
    """Give back what allocations used up, as the exact opposites that a counter-document holds."""
    uses = [
        Use(row.part, (row.advance_id if row.part == "advance" else row.document_id) or 0, -row.amount, "")
        for row in allocations
    ]
    write_uses(uses, payment_id=payment_id, settlement_id=settlement_id, date=date)
    book_uses(uses, payment_id=payment_id, settlement_id=settlement_id, date=date)
