"""Short ways to ask for statements in tests."""

from __future__ import annotations

from app.contract.ledger import AuxiliaryInput, EntryInput, Voucher, VoucherInput, VoucherKind
from app.contract.statements import Statement, StatementCheck
from app.identity.actor import Actor
from app.ledger.service import states, vouchers
from app.ledger.service.sets import create_auxiliary
from app.reports.statements.reading import StatementRequest
from app.reports.statements.statement import get_statement
from app.storage.database import fetch_all


def statement(actor: Actor, name: str, first: str = "", last: str = "", **wishes: object) -> Statement:
    """Return a statement with its checks."""
    return get_statement(actor, name, StatementRequest(first, last, **wishes))  # type: ignore[arg-type]


def lines(actor: Actor, name: str, column: str, first: str = "", last: str = "", **wishes: object) -> dict[int, str]:
    """Return the amounts of a column by line, zeros left out."""
    made = statement(actor, name, first, last, **wishes)
    amounts = {row.line: row.amounts[column] for row in made.rows if row.line is not None}
    return {line: amount for line, amount in amounts.items() if amount != "0.00"}


def failing(made: Statement) -> list[StatementCheck]:
    """Return the checks that do not hold."""
    return [check for check in made.checks if not check.ok]


def posted(actor: Actor, date: str, *entries: EntryInput) -> Voucher:
    """Save, review and post a voucher; auxiliaries it names are made."""
    return posted_as(actor, "normal", date, *entries)


def posted_as(actor: Actor, kind: VoucherKind, date: str, *entries: EntryInput) -> Voucher:
    """Save, review and post a voucher of a kind, as typed by hand."""
    for part in {part for entry in entries for part in entry.aux.split(";") if part}:
        kind_name, _, name = part.partition(":")
        known = fetch_all(
            "SELECT 1 FROM {auxiliary} a JOIN {auxiliary_kind} k ON k.id = a.kind_id WHERE k.name = ? AND a.name = ?",
            (kind_name, name),
        )
        if not known:
            create_auxiliary(actor, AuxiliaryInput(kind=kind_name, name=name))
    saved = vouchers.save_voucher(actor, VoucherInput(date=date, kind=kind, entries=list(entries)))
    states.review_and_post(actor, saved.id)
    return saved
