"""Short ways to write vouchers in tests."""

from __future__ import annotations

from app.contract.ledger import BatchSelection, EntryInput, Voucher, VoucherInput
from app.identity.actor import Actor
from app.ledger.service import states, vouchers


def line(
    code: str, debit: str = "", credit: str = "", summary: str = "业务", aux: str = "", **more: object
) -> EntryInput:
    """An entry: `line("1001", "10")` debits, `line("1001", credit="10")` credits."""
    return EntryInput(account_code=code, debit=debit, credit=credit, summary=summary, aux=aux, **more)  # type: ignore[arg-type]


def draft(actor: Actor, date: str, *entries: EntryInput, word: str = "记") -> Voucher:
    """Save a draft."""
    return vouchers.save_voucher(actor, VoucherInput(date=date, word=word, entries=list(entries)))


def posted(actor: Actor, date: str, *entries: EntryInput, word: str = "记") -> Voucher:
    """Save, review and post a voucher."""
    saved = draft(actor, date, *entries, word=word)
    states.review_and_post(actor, saved.id)
    return saved


def post_all(actor: Actor) -> int:
    """Review and post everything that is ready; return how many."""
    return states.post_batch(actor, BatchSelection(), review=True).done
