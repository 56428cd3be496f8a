"""Correcting amounts only: a voucher of the differences, red where less was right (《会计基础工作规范》 art. 51(5))."""

from __future__ import annotations

from app.contract.ledger import Voucher
from app.contract.voucher_work import DifferenceInput
from app.identity import audit
from app.identity.actor import Actor
from app.kernel.clock import utc_ms
from app.kernel.corrections import correction_summary
from app.kernel.errors import RuleBroken, UserError
from app.kernel.money import parse_amount
from app.kernel.period import format_period, parse_date, period_of
from app.kernel.text import Message, message
from app.ledger.cash_flow_form import has_cash_flow_statement
from app.ledger.errors import fields_wrong, period_closed, state_wrong
from app.ledger.faults import faults_as_json
from app.ledger.models import LAYER_UNPOSTED
from app.ledger.queries.vouchers import base_digits, get_voucher
from app.ledger.service.cash_flow import unwanted_places, with_cash_flow
from app.ledger.service.entering import judge
from app.ledger.service.facts import read_account_facts
from app.ledger.service.lines import Line, insert_lines, read_lines
from app.ledger.service.locks import period_is_open
from app.ledger.service.numbering import take_number
from app.ledger.service.sets import read_set_facts
from app.ledger.service.states import require_same_year
from app.ledger.service.stored import StoredVoucher, lock_stored, move_balances, read_stored
from app.storage.database import insert_returning_id, run_unit


def correct_amounts(actor: Actor, voucher_id: int, wish: DifferenceInput) -> Voucher:
    """Save a draft of the differences between right and posted amounts, linked to what it corrects.

    Every line keeps its account, auxiliaries and side. Raises `MalformedInput` with fields, `RuleBroken` for a voucher
    that is not posted, is of an earlier year, has foreign amounts in such a line, or whose amounts were right.
    """
    actor.require("ledger:voucher:add")

    def work() -> Voucher:
        original = read_stored(voucher_id)
        date = parse_date(wish.date)
        period = period_of(date)
        require_same_year(original, period)
        if not period_is_open(period):
            raise period_closed(format_period(period))
        original = lock_stored(voucher_id, wish.version)
        if original.state != "posted":
            raise state_wrong(original.name, message("只有已记账的凭证才要更正；没记账的请直接修改。"))
        summary = correction_summary(original.date, original.word, original.number, date.isoformat())
        lines = _differences(original, wish, period, summary)
        new_id = _insert(actor, original, date.isoformat(), lines)
        view = get_voucher(new_id)
        audit.record(actor, "ledger:voucher:add", "voucher", new_id, after=view.model_dump())
        return view

    return run_unit(work)


def _differences(original: StoredVoucher, wish: DifferenceInput, period: int, summary: str) -> list[Line]:
    digits = base_digits()
    by_number = {line.line: line for line in read_lines(original.id)}
    wrong: dict[str, Message] = {}
    found: list[Line] = []
    for index, right in enumerate(wish.amounts):
        line = by_number.get(right.line)
        place = f"amounts.{index}.amount"
        if line is None:
            wrong[place] = message("凭证没有第 {line} 行。", line=right.line)
            continue
        try:
            difference = parse_amount(right.amount, digits) - line.debit - line.credit
        except UserError as error:
            wrong[place] = error.message
            continue
        if not difference:
            continue
        if line.foreign_amount or line.quantity:
            wrong[place] = message("第 {line} 行有外币或数量，请红字冲销后填蓝字凭证。", line=line.line)
            continue
        found.append(_difference(line, difference, len(found) + 1, period, summary))
    if wrong:
        raise fields_wrong(wrong)
    if not found:
        raise RuleBroken("nothing_to_correct", message("正确的金额与原凭证相同，没有差额。"))
    return found


def _difference(line: Line, difference: int, number: int, period: int, summary: str) -> Line:
    return line._replace(
        line=number,
        period=period,
        summary=summary,
        debit=difference if line.side > 0 else 0,
        credit=difference if line.side < 0 else 0,
    )


def _insert(actor: Actor, original: StoredVoucher, date: str, lines: list[Line]) -> int:
    period, now = lines[0].period, utc_ms()
    accounts = read_account_facts(ids={line.account_id for line in lines})
    if has_cash_flow_statement():
        for place in unwanted_places(lines, accounts):  # what is left may only move between cash accounts
            lines[place] = lines[place]._replace(cash_flow_line=None)
        lines = with_cash_flow(lines, accounts)
    sets = read_set_facts(line.auxiliary_set_id for line in lines)
    faults = faults_as_json(judge(lines, period, True, accounts, sets, original.kind))
    values: dict[str, object] = {
        "period": period,
        "word": original.word,
        "number": take_number(period, original.word),
        "date": date,
        "attachment_count": 0,
        "state": "draft",
        "kind": original.kind,
        "maker_id": actor.user_id,
        "origin": "correction",
        "correction_of": original.id,
        "summary": lines[0].summary,
        "debit_total": sum(line.debit for line in lines),
        "faults": faults,
        "created_at": now,
        "updated_at": now,
    }
    new_id = insert_returning_id(
        f"INSERT INTO {{voucher}} ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})", list(values.values())
    )
    insert_lines(new_id, lines)
    if not faults:
        move_balances(read_stored(new_id), lines, from_layer=None, to_layer=LAYER_UNPOSTED)
    return new_id
