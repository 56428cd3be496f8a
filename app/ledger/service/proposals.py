"""Proposals for a voucher while it is being typed: nothing is saved, and nothing half typed is refused."""

from __future__ import annotations

from app.contract.voucher_work import Proposal, ProposalEntry, ProposalInput
from app.identity.actor import Actor
from app.kernel.errors import UserError
from app.kernel.money import parse_amount
from app.kernel.text import clean_text
from app.ledger.models import EMPTY_SET, SIDE_CREDIT, SIDE_DEBIT
from app.ledger.queries.vouchers import base_digits
from app.ledger.service.cash_flow import with_cash_flow
from app.ledger.service.currencies import base_currency_id
from app.ledger.service.facts import read_account_facts
from app.ledger.service.lines import Line
from app.ledger.service.words import cash_sides, proposed_word
from app.ledger.voucher_rules import book_words


def propose(actor: Actor, typed: ProposalInput) -> Proposal:
    """Return what saving would fill in. Lines with an unknown account or no amount are passed over."""
    actor.require("ledger:voucher:add")
    accounts = read_account_facts(codes={clean_text(entry.account_code) for entry in typed.entries})
    ids = {facts.code: facts.id for facts in accounts.values()}
    digits, base_id = base_digits(), base_currency_id()
    lines: list[Line] = []
    for number, entry in enumerate(typed.entries, start=1):
        account_id = ids.get(clean_text(entry.account_code))
        if account_id is not None:
            lines.append(_line(number, account_id, entry, digits, base_id))
    found = {line.line: line.cash_flow_line for line in with_cash_flow(lines, accounts)}
    word = proposed_word(book_words(), cash_sides(lines, accounts))
    return Proposal(word=word, cash_flow_lines=[found.get(number) for number in range(1, len(typed.entries) + 1)])


def _line(number: int, account_id: int, entry: ProposalEntry, digits: int, base_id: int) -> Line:
    debit, credit = _amount(entry.debit, digits), _amount(entry.credit, digits)
    side = SIDE_CREDIT if credit and not debit else SIDE_DEBIT
    return Line(
        line=number,
        period=0,
        summary="",
        account_id=account_id,
        auxiliary_set_id=EMPTY_SET,
        side=side,
        debit=debit if side == SIDE_DEBIT else 0,
        credit=credit if side == SIDE_CREDIT else 0,
        currency_id=base_id,
        foreign_amount=0,
        rate="",
        quantity=0,
        unit_price=0,
        cash_flow_line=entry.cash_flow_line,
        unvalued=0,
    )


def _amount(text: str, digits: int) -> int:
    try:
        return parse_amount(text, digits) if text.strip() else 0
    except UserError:
        return 0
