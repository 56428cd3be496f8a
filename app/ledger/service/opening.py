"""Opening balances per leaf × auxiliary × currency: year-begin, year-to-date, opening; frozen by the first close."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

from app.contract.ledger import CashFlowOpening, Opening, OpeningRow
from app.identity import audit
from app.identity.actor import Actor
from app.kernel.errors import RuleBroken, UserError
from app.kernel.money import QUANTITY_DIGITS, format_amount, parse_amount
from app.kernel.text import Message, clean_text, message
from app.ledger.errors import account_unknown, fields_wrong
from app.ledger.models import LAYER_POSTED
from app.ledger.queries.opening import get_opening
from app.ledger.queries.vouchers import base_digits
from app.ledger.service.accounts import PROFIT_AND_LOSS
from app.ledger.service.balancing import CASH_KEYS, CASH_SUMS, KEYS, OPENINGS, TURNOVERS
from app.ledger.service.currencies import base_currency_id, digits_of, ensure_typed_currency
from app.ledger.service.facts import read_all_account_facts
from app.ledger.service.locks import lock_years, start_period
from app.ledger.service.periods import latest_closed_period
from app.ledger.service.rules import AccountFacts
from app.ledger.service.sets import SetResolver
from app.resources import resource_path
from app.storage.database import execute, execute_many, fetch_all, fetch_one, run_unit, upsert_add
from app.storage.kept_backups import safeguard

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


def replace_opening(actor: Actor, opening: Opening, *, make_missing: bool = False) -> Opening:
    """Replace all opening balances of the book.

    Opening = year-begin + debit − credit to date; what is left out is derived, what disagrees is refused. Raises
    `MalformedInput` with `rows.N.column` fields, `RuleBroken` when debits and credits differ or a month is closed.
    """
    actor.require("ledger:opening:edit")

    def work() -> Opening:
        lock_years()
        closed = latest_closed_period()
        if closed is not None:
            raise RuleBroken("opening_frozen", message("已有月份结账，期初余额不能再改。"))
        before = get_opening()
        rows = _read(opening.rows, make_missing)
        _check_sums(rows)
        _write(rows, opening.cash_flow)
        after = get_opening()
        audit.record(
            actor,
            "ledger:opening:edit",
            "opening",
            start_period(),
            before={"rows": len(before.rows)} if len(before.rows) > 200 else before.model_dump(),
            after={"rows": len(after.rows)} if len(after.rows) > 200 else after.model_dump(),
        )
        return after

    if fetch_one("SELECT 1 FROM {opening} LIMIT 1"):
        safeguard("opening")  # the amounts that are replaced are nowhere else
    return run_unit(work)


class _Reader:
    def __init__(self, make_missing: bool) -> None:
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
        turnover = ytd_debit - ytd_credit
        has_begin = bool(row.year_begin_debit.strip() or row.year_begin_credit.strip())
        has_open = bool(row.opening_debit.strip() or row.opening_credit.strip())
        if has_begin and has_open and begin_debit - begin_credit + turnover != open_debit - open_credit:
            self.wrong[f"{place}.opening_debit"] = message(
                "第 {row} 行科目 {code}：期初余额应等于年初余额加借方累计减贷方累计。",
                row=int(place.split(".")[1]) + 1,
                code=facts.code,
            )
            return None
        if has_open and not has_begin:
            begin = open_debit - open_credit - turnover
            on_credit = bool(row.opening_credit.strip()) and not row.opening_debit.strip()
            begin_debit, begin_credit = (0, -begin) if on_credit else (begin, 0)
        if row.quantity.strip() and not row.year_begin_quantity.strip():
            begin_quantity = quantity - debit_quantity + credit_quantity
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

    def _sides(self, place: str, name: str, debit_text: str, credit_text: str) -> tuple[int, int]:
        debit = self._number(place, f"{name}_debit", debit_text, self.base_digits)
        credit = self._number(place, f"{name}_credit", credit_text, self.base_digits)
        if debit and credit:
            self.wrong[f"{place}.{name}_credit"] = message(
                "第 {row} 行借贷两方都有金额，请只留一方。", row=int(place.split(".")[1]) + 1
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


def _read(rows: Sequence[OpeningRow], make_missing: bool) -> dict[OpeningAmounts, bool]:
    """Return the amounts of each row, with whether its account is credit-normal."""
    reader = _Reader(make_missing)
    sides = {row[0]: row[1] == "credit" for row in fetch_all("SELECT id, normal_side FROM {account}")}
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
    return {amounts: sides[amounts.account_id] for amounts in found.values()}


def _check_sums(rows: dict[OpeningAmounts, bool]) -> None:
    digits = base_digits()
    differences = (
        (message("年初余额"), sum(row.year_begin_debit - row.year_begin_credit for row in rows)),
        (message("本年累计"), sum(row.ytd_debit - row.ytd_credit for row in rows)),
    )
    for name, off in differences:
        if off:
            raise RuleBroken(
                "opening_unbalanced",
                message("{name}借贷不平，差额 {amount}，请核对。", name=name, amount=format_amount(off, digits)),
            )


def _write(rows: dict[OpeningAmounts, bool], cash_flow: Sequence[CashFlowOpening]) -> None:
    start_year = start_period() // 100
    later = [row[0] for row in fetch_all("SELECT year FROM {fiscal_year} WHERE year > ?", (start_year,))]
    sides = {row[0]: row[1] == "credit" for row in fetch_all("SELECT id, normal_side FROM {account}")}
    deltas: dict[tuple[int, int, int], list[int]] = {}
    old = [OpeningAmounts(*row) for row in fetch_all(f"SELECT {', '.join(COLUMNS)} FROM {{opening}}")]
    for sign, amounts in [*((-1, row) for row in old), *((1, row) for row in rows)]:
        sums = deltas.setdefault(amounts[:3], [0] * 11)
        for index, value in enumerate(amounts.balance(sides[amounts.account_id])):
            sums[index] += sign * value
    start_key = (start_year * 100, LAYER_POSTED)
    changed = {key: sums for key, sums in deltas.items() if any(sums)}
    execute_many(
        upsert_add("balance", KEYS, (*OPENINGS, *TURNOVERS)),
        sorted((*start_key, *key, *sums) for key, sums in changed.items()),
    )
    carried = [
        (year * 100, LAYER_POSTED, *key, s[0] + s[3] - s[4], s[1] + s[5] - s[6], s[2] + s[7] - s[8])
        for year in later
        for key, s in changed.items()
    ]
    if carried:
        execute_many(upsert_add("balance", KEYS, OPENINGS), sorted(carried))
    execute("DELETE FROM {opening}")
    execute_many(
        f"INSERT INTO {{opening}} ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})",
        [tuple(row) for row in rows],
    )
    _write_cash_flow(start_key, cash_flow)


def _write_cash_flow(start_key: tuple[int, int], cash_flow: Sequence[CashFlowOpening]) -> None:
    """Keep the elapsed months' cash flow; in the balances it counts on the side of cash it moved."""
    digits = base_digits()
    outflows = outflow_lines()
    sums: dict[int, int] = {}
    for row in fetch_all("SELECT cash_flow_line, ytd_amount FROM {opening_cash_flow}"):
        sums[row[0]] = -row[1]
    new = {row.cash_flow_line: parse_amount(row.ytd_amount, digits) for row in cash_flow}
    for line, amount in new.items():
        sums[line] = sums.get(line, 0) + amount
    execute("DELETE FROM {opening_cash_flow}")
    execute_many("INSERT INTO {opening_cash_flow} (cash_flow_line, ytd_amount) VALUES (?, ?)", list(new.items()))
    changed = [
        (*start_key, line, 0 if line in outflows else amount, amount if line in outflows else 0)
        for line, amount in sorted(sums.items())
        if amount
    ]
    if changed:
        execute_many(upsert_add("cash_flow_balance", CASH_KEYS, CASH_SUMS), changed)


@cache
def outflow_lines() -> frozenset[int]:
    """Return the cash-flow lines that count payments (会小企03表): their amounts stand on the credit side of cash."""
    with resource_path("charts", "small_enterprise_cash_flow.csv").open(encoding="utf-8", newline="") as file:
        return frozenset(int(row["line"]) for row in csv.DictReader(file) if row["kind"] == "outflow")
