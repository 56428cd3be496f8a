"""Rows of opening balances as typed or imported, read into minor units; each wrong row is named by its field."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from app.contract.ledger import OpeningRow
from app.kernel.errors import UserError
from app.kernel.money import QUANTITY_DIGITS, parse_amount
from app.kernel.text import Message, clean_text, message
from app.ledger.errors import account_unknown, fields_wrong
from app.ledger.queries.vouchers import base_digits
from app.ledger.service.accounts import PROFIT_AND_LOSS
from app.ledger.service.currencies import base_currency_id, digits_of, ensure_typed_currency
from app.ledger.service.facts import read_all_account_facts
from app.ledger.service.locks import start_period
from app.ledger.service.rules import AccountFacts
from app.ledger.service.sets import SetResolver
from app.storage.database import fetch_all

COLUMNS = (
    "account_id",
    "currency_id",
    "auxiliary_set_id",
    "year_begin_debit",
    "year_begin_credit",
    "ytd_debit",
    "ytd_credit",
    "year_begin_foreign",
    "opening_foreign",
    "year_begin_quantity",
    "ytd_debit_quantity",
    "ytd_credit_quantity",
    "ytd_pl_actual",
)


class OpeningAmounts(NamedTuple):
    """One row of `opening`, in minor units."""

    account_id: int
    currency_id: int
    auxiliary_set_id: int
    year_begin_debit: int
    year_begin_credit: int
    ytd_debit: int
    ytd_credit: int
    year_begin_foreign: int
    opening_foreign: int
    year_begin_quantity: int
    ytd_debit_quantity: int
    ytd_credit_quantity: int
    ytd_pl_actual: int

    def balance(self, credit_side: bool) -> tuple[int, ...]:
        """Return what the row adds to month 0: three openings, then the eight turnovers.

        Real profit and loss to date says how much of the turnover was not the closing's: the rest is marked as closing,
        so that statements leave it out.
        """
        foreign = self.opening_foreign - self.year_begin_foreign
        real = self.ytd_credit - self.ytd_debit if credit_side else self.ytd_debit - self.ytd_credit
        closing = self.ytd_pl_actual - real if self.ytd_pl_actual else 0
        close_debit, close_credit = (closing, 0) if credit_side else (0, closing)
        return (
            self.year_begin_debit - self.year_begin_credit,
            self.year_begin_foreign,
            self.year_begin_quantity,
            self.ytd_debit,
            self.ytd_credit,
            max(foreign, 0),
            max(-foreign, 0),
            self.ytd_debit_quantity,
            self.ytd_credit_quantity,
            close_debit,
            close_credit,
        )


class _Reader:
    def __init__(self, make_missing: bool) -> None:
        self.has_months_before = start_period() % 100 > 1
        self.credit_normal = {row[0]: row[1] == "credit" for row in fetch_all("SELECT id, normal_side FROM {account}")}
        self.accounts = read_all_account_facts()
        self.by_code = {facts.code: facts for facts in self.accounts.values()}
        self.resolver = SetResolver(make_missing=make_missing)
        self.base_id = base_currency_id()
        self.base_digits = base_digits()
        self.wrong: dict[str, Message] = {}
        places = ", ".join("?" * len(PROFIT_AND_LOSS))
        rows = fetch_all(f"SELECT id FROM {{account}} WHERE category IN ({places})", PROFIT_AND_LOSS)
        self.profit_and_loss = frozenset(row[0] for row in rows)

    def read(self, index: int, row: OpeningRow) -> OpeningAmounts | None:
        before = len(self.wrong)
        place = f"rows.{index}"
        facts = self.by_code.get(clean_text(row.account_code))
        if facts is None:
            self.wrong[f"{place}.account_code"] = account_unknown(row.account_code).message
            return None
        set_id = self._attempt(f"{place}.aux", lambda: self.resolver.resolve(clean_text(row.aux)))
        currency_id: int | None = facts.currency_id or self.base_id
        if row.currency.strip():
            currency_id = self._attempt(f"{place}.currency", lambda: ensure_typed_currency(row.currency))
        if set_id is None or currency_id is None:
            return None
        amounts = self._amounts(place, row, facts, currency_id)
        self._check_account(place, index, facts, set_id)
        self._check_currency(place, row, facts, currency_id)
        if amounts is not None and amounts[-1] and facts.id not in self.profit_and_loss:
            self.wrong[f"{place}.ytd_pl_actual"] = message(
                "第 {row} 行的科目 {code} 不是损益科目，没有本年累计实际发生额。", row=index + 1, code=facts.code
            )
        if len(self.wrong) > before or amounts is None:
            return None
        return OpeningAmounts(facts.id, currency_id, set_id, *amounts)

    def _amounts(
        self, place: str, row: OpeningRow, facts: AccountFacts, currency_id: int
    ) -> tuple[int, int, int, int, int, int, int, int, int, int] | None:
        base = self.base_digits
        foreign = digits_of(currency_id) if currency_id != self.base_id else base
        before = len(self.wrong)
        begin_debit, begin_credit = self._sides(place, "year_begin", row.year_begin_debit, row.year_begin_credit)
        ytd_debit = self._number(place, "ytd_debit", row.ytd_debit, base)
        ytd_credit = self._number(place, "ytd_credit", row.ytd_credit, base)
        open_debit, open_credit = self._sides(place, "opening", row.opening_debit, row.opening_credit)
        begin_quantity = self._number(place, "year_begin_quantity", row.year_begin_quantity, QUANTITY_DIGITS)
        debit_quantity = self._number(place, "ytd_debit_quantity", row.ytd_debit_quantity, QUANTITY_DIGITS)
        credit_quantity = self._number(place, "ytd_credit_quantity", row.ytd_credit_quantity, QUANTITY_DIGITS)
        quantity = self._number(place, "quantity", row.quantity, QUANTITY_DIGITS)
        begin_foreign = self._number(place, "year_begin_foreign", row.year_begin_foreign, foreign)
        open_foreign = self._number(place, "opening_foreign", row.opening_foreign, foreign)
        actual = self._number(place, "ytd_pl_actual", row.ytd_pl_actual, base)
        if len(self.wrong) > before:
            return None
        if not self.has_months_before:
            self._check_no_months_before(place, row, ytd_debit, ytd_credit, debit_quantity, credit_quantity, actual)
        turnover = ytd_debit - ytd_credit
        has_begin = bool(row.year_begin_debit.strip() or row.year_begin_credit.strip())
        has_open = bool(row.opening_debit.strip() or row.opening_credit.strip())
        if has_begin and has_open and begin_debit - begin_credit + turnover != open_debit - open_credit:
            self.wrong[f"{place}.opening_debit"] = message(
                "第 {row} 行科目 {code}：期初余额应等于年初余额加借方累计减贷方累计。",
                row=_row_number(place),
                code=facts.code,
            )
            return None
        if has_open and not has_begin:
            begin = open_debit - open_credit - turnover
            on_credit = self._opens_on_credit(row, facts, open_debit, open_credit)
            begin_debit, begin_credit = (0, -begin) if on_credit else (begin, 0)
        if row.quantity.strip() and not row.year_begin_quantity.strip():
            begin_quantity = quantity - debit_quantity + credit_quantity
        elif row.quantity.strip() and begin_quantity + debit_quantity - credit_quantity != quantity:
            self.wrong[f"{place}.quantity"] = message(
                "第 {row} 行科目 {code}：期初数量应等于年初数量加借方累计减贷方累计。",
                row=_row_number(place),
                code=facts.code,
            )
            return None
        if row.opening_foreign.strip() and not row.year_begin_foreign.strip() and not turnover:
            begin_foreign = open_foreign
        if not row.opening_foreign.strip():
            open_foreign = begin_foreign
        return (
            begin_debit,
            begin_credit,
            ytd_debit,
            ytd_credit,
            begin_foreign,
            open_foreign,
            begin_quantity,
            debit_quantity,
            credit_quantity,
            actual,
        )

    def _opens_on_credit(self, row: OpeningRow, facts: AccountFacts, debit: int, credit: int) -> bool:
        """Tell on which side the year-begin balance that follows stands: the opening's, or the account's when nil."""
        if debit or credit:
            return bool(credit)
        told = bool(row.opening_debit.strip()), bool(row.opening_credit.strip())
        return told[1] if told[0] != told[1] else self.credit_normal[facts.id]

    def _check_no_months_before(self, place: str, row: OpeningRow, *amounts: int) -> None:
        """A book that starts in January has no turnover of months before it."""
        names = ("ytd_debit", "ytd_credit", "ytd_debit_quantity", "ytd_credit_quantity", "ytd_pl_actual")
        for name, amount in zip(names, amounts, strict=True):
            if amount:
                self.wrong[f"{place}.{name}"] = message(
                    "第 {row} 行科目 {code}：账簿从 1 月开始，没有本年累计。",
                    row=_row_number(place),
                    code=row.account_code,
                )

    def _check_currency(self, place: str, row: OpeningRow, facts: AccountFacts, currency_id: int) -> None:
        if facts.currency_id is not None and facts.currency_id != currency_id:
            self.wrong[f"{place}.currency"] = message(
                "第 {row} 行的币种不是科目 {code} 的币种。", row=_row_number(place), code=facts.code
            )
        if currency_id == self.base_id and not row.currency.strip():
            for name, text in (
                ("year_begin_foreign", row.year_begin_foreign),
                ("opening_foreign", row.opening_foreign),
            ):
                if text.strip("0. "):
                    self.wrong[f"{place}.{name}"] = message(
                        "第 {row} 行科目 {code} 有原币金额，请写明币种。", row=_row_number(place), code=facts.code
                    )

    def _sides(self, place: str, name: str, debit_text: str, credit_text: str) -> tuple[int, int]:
        debit = self._number(place, f"{name}_debit", debit_text, self.base_digits)
        credit = self._number(place, f"{name}_credit", credit_text, self.base_digits)
        if debit and credit:
            self.wrong[f"{place}.{name}_credit"] = message(
                "第 {row} 行借贷两方都有金额，请只留一方。", row=_row_number(place)
            )
        return debit, credit

    def _number(self, place: str, field: str, text: str, digits: int) -> int:
        if not text.strip():
            return 0
        return self._attempt(f"{place}.{field}", lambda: parse_amount(text, digits)) or 0

    def _check_account(self, place: str, index: int, facts: AccountFacts, set_id: int) -> None:
        kinds = self.resolver.facts[set_id].kinds
        if not facts.is_leaf:
            self.wrong[f"{place}.account_code"] = message(
                "第 {row} 行的科目 {code} 有下级，请选末级科目。", row=index + 1, code=facts.code
            )
        for kind in sorted(facts.demanded - kinds):
            self.wrong[f"{place}.aux"] = message(
                "第 {row} 行的科目 {code} 要填{kind}。", row=index + 1, code=facts.code, kind=facts.kind_names[kind]
            )
        if kinds - facts.demanded - facts.offered:
            self.wrong[f"{place}.aux"] = message(
                "第 {row} 行的科目 {code} 没有这种辅助核算。", row=index + 1, code=facts.code
            )

    def _attempt(self, place: str, work: Callable[[], int]) -> int | None:
        try:
            return work()
        except UserError as error:
            self.wrong[place] = error.message
            return None


def _row_number(place: str) -> int:
    return int(place.split(".")[1]) + 1


def read_rows(rows: Sequence[OpeningRow], make_missing: bool) -> tuple[list[OpeningAmounts], list[str]]:
    """Return the amounts of each row, and the auxiliary items that were made. Raises `MalformedInput` with fields."""
    reader = _Reader(make_missing)
    found: dict[tuple[int, int, int], OpeningAmounts] = {}
    for index, row in enumerate(rows):
        amounts = reader.read(index, row)
        if amounts is None:
            continue
        key = (amounts.account_id, amounts.currency_id, amounts.auxiliary_set_id)
        if key in found:
            reader.wrong[f"rows.{index}.account_code"] = message(
                "第 {row} 行与前面的一行重复（同一科目、币种和辅助核算）。", row=index + 1
            )
        found[key] = amounts
    if reader.wrong:
        raise fields_wrong(reader.wrong)
    return list(found.values()), reader.resolver.made_items
