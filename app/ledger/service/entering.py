"""Reading a typed voucher: texts become integers, codes become ids; every unreadable field is named at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple, TypeVar

from app.contract.ledger import EntryInput, VoucherInput
from app.kernel.errors import UserError
from app.kernel.money import QUANTITY_DIGITS, convert, format_rate, parse_amount, parse_rate, round_half_up
from app.kernel.period import parse_date, period_of
from app.kernel.text import Message, clean_text, message
from app.ledger.cash_flow_form import has_cash_flow_statement
from app.ledger.errors import account_unknown, fields_wrong
from app.ledger.faults import Fault
from app.ledger.models import SIDE_CREDIT, SIDE_DEBIT
from app.ledger.queries.vouchers import base_digits
from app.ledger.service.cash_flow import cash_flow_faults, with_cash_flow, wrong_item_line
from app.ledger.service.currencies import base_currency_id, digits_of, ensure_typed_currency
from app.ledger.service.facts import read_account_facts
from app.ledger.service.lines import Line
from app.ledger.service.rules import AccountFacts, SetFacts, voucher_faults
from app.ledger.service.sets import SetResolver
from app.ledger.service.words import cash_sides, proposed_word, unknown_word, word_faults
from app.ledger.voucher_rules import book_words
from app.storage.database import fetch_all

Result = TypeVar("Result")


class TypedVoucher(NamedTuple):
    """A voucher read from its input, with what the rules need to judge it."""

    date: str
    period: int
    word: str
    lines: list[Line]
    accounts: Mapping[int, AccountFacts]
    sets: Mapping[int, SetFacts]
    signatures: Mapping[int, str]

    def faults(self, *, period_open: bool, kind: str) -> list[Fault]:
        """Return why this voucher would stay a draft."""
        faults = judge(self.lines, self.period, period_open, self.accounts, self.sets, kind)
        return faults + cash_flow_faults(self.lines, self.accounts) + word_faults(self.word, self.lines, self.accounts)


def judge(
    lines: Sequence[Line],
    period: int,
    period_open: bool,
    accounts: Mapping[int, AccountFacts],
    sets: Mapping[int, SetFacts],
    kind: str,
) -> list[Fault]:
    """Run the rules with the book's currencies."""
    digits: dict[int, int] = {}
    commodities: dict[str, int] = {}
    if any(line.unvalued for line in lines):
        for currency_id, code, minor_digits in fetch_all("SELECT id, code, minor_digits FROM {currency}"):
            digits[currency_id] = minor_digits
            commodities[code] = currency_id
    return voucher_faults(
        lines,
        period=period,
        period_open=period_open,
        accounts=accounts,
        sets=sets,
        digits=digits,
        commodities=commodities,
        kind=kind,
    )


class Known(NamedTuple):
    """What the maker of a voucher looked up already: the accounts of its entries, and auxiliaries by their texts."""

    accounts: dict[int, AccountFacts]
    resolver: SetResolver


def read_voucher(typed: VoucherInput, kept_word: str = "", known: Known | None = None) -> TypedVoucher:
    """Read a typed voucher. Raises `MalformedInput` whose `fields` name every unreadable place (`entries.0.debit`).

    Without a word it gets the one its lines ask for. `kept_word` is the word a changed draft has and may keep. What is
    `known`, all its accounts, is not looked up again.
    """
    wrong: dict[str, Message] = {}
    date = None
    try:
        date = parse_date(typed.date)
    except UserError as error:
        wrong["date"] = error.message
    word = clean_text(typed.word)
    if word and word != kept_word and (unknown := unknown_word(word)) is not None:
        wrong["word"] = unknown
    period = period_of(date) if date else 0
    if known is None:
        accounts = read_account_facts(codes={clean_text(entry.account_code) for entry in typed.entries})
        known = Known(accounts, SetResolver(make_missing=False))
    reader = _EntryReader(known, period)
    lines: list[Line] = []
    for index, entry in enumerate(typed.entries):
        line = reader.read(index, entry, wrong)
        if line is not None:
            lines.append(line)
    if wrong or date is None:
        raise fields_wrong(wrong)
    lines = with_cash_flow(lines, reader.accounts)
    if not word:
        words = book_words()
        word = words[0] if len(words) == 1 else proposed_word(words, cash_sides(lines, reader.accounts))
    sets = reader.resolver.facts
    return TypedVoucher(date.isoformat(), period, word, lines, reader.accounts, sets, reader.resolver.signatures)


class _EntryReader:
    def __init__(self, known: Known, period: int) -> None:
        self._period = period
        self._base_id = base_currency_id()
        self._checks_cash_flow = has_cash_flow_statement()
        self._digits = {self._base_id: base_digits()}
        self.accounts = known.accounts
        self._by_code = {facts.code: facts for facts in self.accounts.values()}
        self.resolver = known.resolver

    def read(self, index: int, entry: EntryInput, wrong: dict[str, Message]) -> Line | None:
        place = f"entries.{index}"
        before = len(wrong)
        facts = self._by_code.get(clean_text(entry.account_code))
        if facts is None:
            wrong[f"{place}.account_code"] = account_unknown(entry.account_code).message
        set_id = self._attempt(wrong, f"{place}.aux", lambda: self.resolver.resolve(clean_text(entry.aux))) or 0
        currency_id = self._base_id
        if entry.currency or (facts and facts.currency_id):
            given = entry.currency
            currency_id = (
                self._attempt(wrong, f"{place}.currency", lambda: ensure_typed_currency(given or "")) or self._base_id
                if given
                else (facts.currency_id if facts and facts.currency_id else self._base_id)
            )
        if currency_id not in self._digits:
            self._digits[currency_id] = digits_of(currency_id)
        if self._checks_cash_flow and (flaw := wrong_item_line(entry.cash_flow_line)) is not None:
            wrong[f"{place}.cash_flow_line"] = flaw
        amounts = self._amounts(place, entry, currency_id, wrong)
        if len(wrong) > before or facts is None or amounts is None:
            return None
        side, base, foreign, rate, quantity, price = amounts
        return Line(
            line=index + 1,
            period=self._period,
            summary=clean_text(entry.summary),
            account_id=facts.id,
            auxiliary_set_id=set_id,
            side=side,
            debit=base if side == SIDE_DEBIT else 0,
            credit=base if side == SIDE_CREDIT else 0,
            currency_id=currency_id,
            foreign_amount=foreign,
            rate=rate,
            quantity=quantity,
            unit_price=price,
            cash_flow_line=entry.cash_flow_line,
            unvalued=int(base == 0 and foreign != 0),
        )

    def _amounts(
        self, place: str, entry: EntryInput, currency_id: int, wrong: dict[str, Message]
    ) -> tuple[int, int, int, str, int, int] | None:
        """Return side, base amount, foreign amount, rate, quantity and unit price; base is computed where left out."""
        own_digits = self._digits[self._base_id]

        def number(field: str, text: str, digits: int) -> int:
            return (
                self._attempt(wrong, f"{place}.{field}", lambda: parse_amount(text, digits)) or 0 if text.strip() else 0
            )

        before = len(wrong)
        debit, credit = number("debit", entry.debit, own_digits), number("credit", entry.credit, own_digits)
        foreign = number("foreign_amount", entry.foreign_amount, self._digits[currency_id])
        quantity = number("quantity", entry.quantity, QUANTITY_DIGITS)
        price = number("unit_price", entry.unit_price, QUANTITY_DIGITS)
        rate = None
        if entry.rate.strip():
            rate = self._attempt(wrong, f"{place}.rate", lambda: parse_rate(entry.rate))
        if len(wrong) > before:
            return None
        if debit and credit:
            wrong[f"{place}.credit"] = message("第 {line} 行借贷两方都有金额，请只留一方。", line=entry_number(place))
            return None
        if currency_id == self._base_id and foreign:
            wrong[f"{place}.foreign_amount"] = message("本位币的分录不填原币金额，请改选币种或清空它。")
            return None
        side = SIDE_CREDIT if credit or (not debit and entry.credit.strip() and not entry.debit.strip()) else SIDE_DEBIT
        base = debit or credit
        if not base and foreign and rate is not None:
            base = convert(foreign, self._digits[currency_id], rate, own_digits)
        if not base and quantity and price:
            base = round_half_up((Decimal(quantity) * price).scaleb(own_digits - 2 * QUANTITY_DIGITS))
        if not base and not foreign and not quantity:
            wrong[f"{place}.debit"] = message("第 {line} 行没有金额，请填借方或贷方。", line=entry_number(place))
            return None
        return side, base, foreign, format_rate(rate) if rate is not None else "", quantity, price

    @staticmethod
    def _attempt(wrong: dict[str, Message], place: str, work: Callable[[], Result]) -> Result | None:
        try:
            return work()
        except UserError as error:
            wrong[place] = error.message
            return None


def entry_number(place: str) -> int:
    """Return the line number, from 1, that a field path such as `entries.0` means."""
    return int(place.split(".")[1]) + 1
