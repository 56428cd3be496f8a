"""What a step computes with, and what it answers: the scene of one month, drafts of vouchers, a computation."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from app.contract.closing import ClosingParameters, ComputationRow, DatedRate, InputKind, RateKey, StepInput
from app.contract.ledger import EntryInput, VoucherInput, VoucherKind
from app.kernel.errors import UserError
from app.kernel.money import QUANTITY_DIGITS, format_amount, format_quantity, group_thousands, parse_amount
from app.kernel.period import format_period, last_day
from app.kernel.text import Message, message
from app.ledger.errors import fields_wrong
from app.ledger.queries.closing import KeyBalance, StepEntry, closing_balances, step_entries
from app.ledger.queries.vouchers import aux_texts
from app.ledger.service.closing.chart import ClosingAccount, ClosingChart
from app.ledger.service.closing.parameters import closing_parameters, dated_rate, read_decimal
from app.ledger.service.currencies import base_currency_id
from app.ledger.service.entering import read_voucher
from app.ledger.service.words import cash_sides, proposed_word
from app.ledger.voucher_rules import book_words, judges_words
from app.storage.book_settings import get_setting
from app.storage.database import fetch_all

MOST_LINES = 1_500
"""Lines of one voucher; a carry-forward of more is several vouchers, each balanced."""
USUAL_WORDS = ("转", "记")
"""The words of closing vouchers that move no cash: 转 where the book tells 收 付 转 apart."""


class Scene:
    """One month of the current book, with the parameters typed for a step."""

    def __init__(self, period: int, typed: Mapping[str, str] | None = None) -> None:
        self.period = period
        self.typed = dict(typed or {})
        self.inputs: list[StepInput] = []
        self._wrong: dict[str, Message] = {}

    @cached_property
    def chart(self) -> ClosingChart:
        """Return the accounts."""
        return ClosingChart()

    @cached_property
    def parameters(self) -> ClosingParameters:
        """Return the book's parameters."""
        return closing_parameters()

    @cached_property
    def base_id(self) -> int:
        """Return the base currency's id."""
        return base_currency_id()

    @cached_property
    def currencies(self) -> dict[int, tuple[str, int, bool]]:
        """Return code, minor digits and whether it is money, by currency id."""
        rows = fetch_all("SELECT id, code, minor_digits, is_money FROM {currency}")
        return {int(row[0]): (str(row[1]), int(row[2]), bool(row[3])) for row in rows}

    @cached_property
    def base_digits(self) -> int:
        """Return the minor digits of base amounts."""
        return self.currencies[self.base_id][1]

    @property
    def is_small_taxpayer(self) -> bool:
        """Tell whether the book belongs to a small-scale VAT taxpayer."""
        return bool(get_setting("vat") == "small")

    @property
    def is_household(self) -> bool:
        """Tell whether the book is a household's."""
        return self.chart.name == "household"

    @property
    def month_end(self) -> datetime.date:
        """Return the day closing vouchers are dated."""
        return last_day(self.period)

    @property
    def year_begin(self) -> int:
        """Return month 0 of the year, whose rows hold what was before a mid-year start."""
        return self.period // 100 * 100

    def balances(self, accounts: Iterable[ClosingAccount], *, foreign_only: bool = False) -> list[KeyBalance]:
        """Return the balances of accounts at the month's end by their codes, everything entered counted."""
        codes = {account.id: account.code for account in accounts}
        left_out = self.base_id if foreign_only else 0
        return sorted(
            closing_balances(self.period, list(codes), but_currency=left_out),
            key=lambda key: (codes[key.account_id], key[1:3]),
        )

    def booked(self, step: str) -> list[StepEntry]:
        """Return what vouchers of a step hold already."""
        return step_entries(self.period, step)

    def money(self, minor: int) -> str:
        """Write a base amount for an entry."""
        return format_amount(minor, self.base_digits)

    def read_money(self, text: str) -> int:
        """Read what `money` wrote; an empty text is nothing."""
        return parse_amount(text, self.base_digits) if text else 0

    def shown(self, minor: int) -> str:
        """Write a base amount for people, with thousands separators."""
        return group_thousands(format_amount(minor, self.base_digits))

    def rate(self, key: RateKey) -> DatedRate | None:
        """Return the rate that holds in this month."""
        return dated_rate(self.parameters, key, self.period)

    def ask(
        self,
        key: str,
        kind: InputKind,
        label: str,
        value: str,
        *,
        note: str = "",
        group: str = "",
        choices: Sequence[str] = (),
    ) -> str:
        """Offer an input and return its present value: what was typed, else `value`."""
        present = self.typed.get(key, value)
        if choices and present not in choices:
            present = value
        self.inputs.append(
            StepInput(
                key=key,
                label=label,
                kind=kind,
                value=present,
                note=note,
                group=group,
                choices=list(choices),
                choice_labels=list(choices),
            )
        )
        return present

    def ask_amount(self, key: str, label: str, minor: int, *, note: str = "", group: str = "") -> int:
        """Offer an amount in base currency and return it in minor units."""
        text = self.ask(key, "amount", label, self.money(minor), note=note, group=group)
        return self._read(key, text, self.base_digits)

    def ask_quantity(self, key: str, label: str, scaled: int, *, note: str = "", group: str = "") -> int:
        """Offer a quantity and return it scaled."""
        text = self.ask(key, "quantity", label, format_quantity(scaled, QUANTITY_DIGITS), note=note, group=group)
        return self._read(key, text, QUANTITY_DIGITS)

    def ask_percent(self, key: str, label: str, value: str, *, note: str = "", group: str = "") -> Decimal:
        """Offer a percentage and return it."""
        text = self.ask(key, "percent", label, value, note=note, group=group)
        try:
            return read_decimal(text, Decimal(100))
        except UserError as error:
            self._wrong[f"parameters.{key}"] = error.message
            return Decimal(0)

    def _read(self, key: str, text: str, digits: int) -> int:
        if not text.strip():
            return 0
        try:
            return parse_amount(text, digits)
        except UserError as error:
            self._wrong[f"parameters.{key}"] = error.message
            return 0

    def refuse(self, key: str, reason: Message) -> None:
        """Note that a typed parameter cannot be read."""
        self._wrong[f"parameters.{key}"] = reason

    def require_readable(self) -> None:
        """Raise `MalformedInput` that names every typed parameter that could not be read."""
        if self._wrong:
            raise fields_wrong(self._wrong)

    @cached_property
    def _aux(self) -> dict[int, str]:
        return {0: ""}

    def aux(self, set_id: int) -> str:
        """Return how an auxiliary set is written."""
        if set_id not in self._aux:
            self._aux.update(aux_texts({set_id}))
        return self._aux[set_id]

    def read_aux(self, set_ids: Iterable[int]) -> None:
        """Read many auxiliary sets at once."""
        wanted = set(set_ids) - self._aux.keys()
        if wanted:
            self._aux.update(aux_texts(wanted))


@dataclass(slots=True)
class Draft:
    """A voucher a step proposes; lines are added as debit or credit with signed amounts (negative is red)."""

    scene: Scene
    kind: VoucherKind
    summary: str
    entries: list[EntryInput] = field(default_factory=list)
    balance: int = 0
    moves_cash: bool = False

    def add(
        self,
        account: ClosingAccount,
        amount: int,
        *,
        credit: bool,
        set_id: int = 0,
        currency_id: int | None = None,
        foreign: int = 0,
        quantity: int = 0,
        summary: str = "",
    ) -> None:
        """Add a line; foreign amount and quantity are counted in the sense of the side, as the amount is."""
        scene = self.scene
        code, digits = "", 0
        if currency_id is not None and currency_id != scene.base_id:
            code, digits, _ = scene.currencies[currency_id]
        text = scene.money(amount)
        self.balance += -amount if credit else amount
        self.moves_cash = self.moves_cash or account.is_cash
        self.entries.append(
            EntryInput(
                summary=summary or self.summary,
                account_code=account.code,
                debit="" if credit else text,
                credit=text if credit else "",
                aux=scene.aux(set_id),
                currency=code or None,
                foreign_amount=format_amount(foreign, digits) if code and foreign else "",
                quantity=format_quantity(quantity, QUANTITY_DIGITS) if quantity else "",
            )
        )

    def voucher(self) -> VoucherInput:
        """Return the voucher as it would be typed, with the word its lines ask for."""
        words = book_words()
        usual = next((word for word in USUAL_WORDS if word in words), words[0])
        typed = VoucherInput(date=self.scene.month_end.isoformat(), word=usual, kind=self.kind, entries=self.entries)
        if not (self.moves_cash and judges_words()):
            return typed
        read = read_voucher(typed)
        return typed.model_copy(update={"word": proposed_word(words, cash_sides(read.lines, read.accounts))})


@dataclass(slots=True)
class Computation:
    """What a step computed: how, and the vouchers that are missing."""

    drafts: list[Draft] = field(default_factory=list)
    rows: list[ComputationRow] = field(default_factory=list)
    warnings: list[Message] = field(default_factory=list)
    note: Message | None = None
    blocked: Message | None = None

    def show(
        self,
        label: str | Message,
        value: str,
        note: str | Message = "",
        *,
        total: bool = False,
        account: str = "",
        aux: str = "",
    ) -> None:
        """Add a line of the computation."""
        self.rows.append(
            ComputationRow(label=str(label), value=value, note=str(note), is_total=total, account_code=account, aux=aux)
        )


def percent_text(value: Decimal | str) -> str:
    """Write a percentage for people: `7%`."""
    text = format(Decimal(value), "f")
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text}%"


def no_rate(scene: Scene, name: Message) -> Message:
    """Say that no rate is known for the month."""
    return message("结账参数里没有 {period} 适用的“{name}”，请补上。", period=format_period(scene.period), name=name)
