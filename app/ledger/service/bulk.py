"""Importing many vouchers at once: the same rules as single ones, a hundred thousand in seconds.

Everything is judged in memory and written with one statement per table. Call inside the importer's unit: one fault
anywhere and nothing has happened.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import peewee

from app.identity import audit
from app.identity.actor import Actor
from app.kernel.clock import utc_ms
from app.kernel.errors import MalformedInput, RuleBroken
from app.kernel.period import format_period
from app.kernel.text import Message, message
from app.ledger.errors import account_unknown
from app.ledger.faults import Fault, faults_as_json
from app.ledger.models import LAYER_POSTED, LAYER_UNPOSTED
from app.ledger.service.balancing import Deltas, apply_deltas
from app.ledger.service.cash_flow import CashFlowRule, unwanted_places, wrong_item_line
from app.ledger.service.chain import ChainedHead, ChainHead
from app.ledger.service.currencies import base_currency_id, ensure_currency
from app.ledger.service.facts import read_all_account_facts
from app.ledger.service.import_numbers import ImportNumbers
from app.ledger.service.imported import ImportedEntry, ImportedVoucher
from app.ledger.service.kinds import KindRule
from app.ledger.service.lines import INSERT_ENTRY, Line
from app.ledger.service.locks import period_is_open
from app.ledger.service.rules import voucher_faults
from app.ledger.service.sets import SetResolver
from app.ledger.service.signing import moves_cash
from app.ledger.voucher_rules import cashier_must_sign
from app.storage.database import (
    current_book,
    execute,
    execute_many,
    fetch_all,
    fetch_one,
    run_unit,
)
from app.storage.faults import RetryableFault
from app.storage.progress import Progress, no_progress

__all__ = ["ImportedEntry", "ImportedVoucher", "ImportedVouchers", "import_vouchers"]


class ImportedVouchers(NamedTuple):
    """What came of an import."""

    vouchers: int
    posted: int
    first_id: int
    last_id: int
    faulty: list[tuple[str, Message]]
    dropped_flows: list[str]
    """Where a cash-flow line stood that cannot stand there, and was left out; the first hundred places."""


HEAD_COLUMNS = (
    "id",
    "period",
    "word",
    "number",
    "date",
    "attachment_count",
    "state",
    "kind",
    "maker_id",
    "reviewer_id",
    "poster_id",
    "cashier_id",
    "origin",
    "summary",
    "debit_total",
    "faults",
    "version",
    "hash",
    "chain_position",
    "created_at",
    "updated_at",
    "posted_at",
)
INSERT_HEAD = f"INSERT INTO {{voucher}} ({', '.join(HEAD_COLUMNS)}) VALUES ({', '.join('?' * len(HEAD_COLUMNS))})"
CHUNK = 5_000
MYSQL_DUPLICATE = 1062
MOST_PLACES = 100


def import_vouchers(
    actor: Actor,
    vouchers: Iterable[ImportedVoucher],
    *,
    post: bool = False,
    renumber: bool = False,
    origin: str = "import",
    total: int = 0,
    progress: Progress = no_progress,
) -> ImportedVouchers:
    """Import vouchers in the order given; with `post` they are reviewed and posted too.

    Numbers are kept where their month and word are empty and the file has no gap, given in order where the file has
    none, and given anew with `renumber`. Without `post`, a voucher with faults comes as a faulty draft and is listed;
    with `post` it refuses the import. Raises `RuleBroken` (the sentence names the place in the file), `NotFound` for an
    unknown account, `PermissionDenied`.
    """
    actor.require("ledger:voucher:add")
    if post:
        actor.require("ledger:voucher:review")
        actor.require("ledger:voucher:post")

    def work() -> ImportedVouchers:
        run = _ImportRun(actor, post=post, renumber=renumber, origin=origin)
        result = run.run(vouchers, total, progress)
        if run.resolver.made_items:
            actor.require("ledger:auxiliary:add")
        summary = {"vouchers": result.vouchers, "posted": result.posted, "origin": origin}
        audit.record(actor, "ledger:voucher:import", "voucher", f"{result.first_id}-{result.last_id}", after=summary)
        return result

    return run_unit(work)


class _ImportRun:
    """One import: what is known of the book, and what has been gathered to write."""

    def __init__(self, actor: Actor, *, post: bool, renumber: bool, origin: str) -> None:
        self.actor = actor
        self.post = post
        self.origin = origin
        self.now = utc_ms()
        self.accounts = read_all_account_facts()
        self.ids_by_code = {facts.code: facts.id for facts in self.accounts.values()}
        self.resolver = SetResolver(make_missing=True)
        self.base_id = base_currency_id()
        self.currencies: dict[str | None, int] = {None: self.base_id, "": self.base_id}
        self.digits: dict[int, int] = {}
        self.commodities: dict[str, int] = {}
        self._read_currencies()
        self.open_periods: dict[int, bool] = {}
        self.numbers = ImportNumbers(renumber)
        self.deltas: dict[tuple[int, int], Deltas] = {}
        self.faulty: list[tuple[str, Message]] = []
        self.cash_flow = CashFlowRule.of_book()
        self.kinds: KindRule | None = None
        self.dropped_flows: list[str] = []
        self.signs = post and cashier_must_sign()
        if self.signs:
            actor.require("ledger:voucher:sign")
        self.heads: list[tuple[Any, ...]] = []
        self.entries: list[tuple[Any, ...]] = []
        self.next_id = _highest_id() + 1
        self.posted = 0
        self.chain: ChainHead | None = None

    def _read_currencies(self) -> None:
        for currency_id, code, minor_digits in fetch_all("SELECT id, code, minor_digits FROM {currency}"):
            self.digits[currency_id] = minor_digits
            self.commodities[code] = currency_id
            self.currencies[code] = currency_id

    def run(self, vouchers: Iterable[ImportedVoucher], total: int, progress: Progress) -> ImportedVouchers:
        first_id = self.next_id
        count = 0
        for voucher in vouchers:
            self._take(voucher)
            count += 1
            if count % CHUNK == 0:
                self._flush()
                progress(count, max(total, count), message("正在导入凭证"))
        self._flush()
        if self.chain is not None:
            self.chain.save()
        self.numbers.save()
        apply_deltas(self.deltas)
        return ImportedVouchers(count, self.posted, first_id, self.next_id - 1, self.faulty, self.dropped_flows)

    def _take(self, voucher: ImportedVoucher) -> None:
        period = voucher.period
        is_open = self.open_periods.get(period)
        if is_open is None:
            is_open = self.open_periods[period] = period_is_open(period)
        lines = self._lines(voucher)
        if not voucher.kind:
            self.kinds = self.kinds or KindRule()
            voucher = voucher._replace(kind=self.kinds.kind_of(lines))
        if self.cash_flow is not None and not voucher.void:
            lines = self._with_cash_flow(self.cash_flow, voucher.where, lines)
        faults: list[Fault] = []
        if not voucher.void:
            faults = voucher_faults(
                lines,
                period=period,
                period_open=is_open,
                accounts=self.accounts,
                sets=self.resolver.facts,
                digits=self.digits,
                commodities=self.commodities,
                kind=voucher.kind,
            )
        if faults and self.post and not voucher.draft:
            raise RuleBroken(
                "voucher_incomplete", message("{where}：{reason}", where=voucher.where, reason=faults[0].message)
            )
        if not is_open and voucher.void:
            raise RuleBroken(
                "period_closed",
                message("{where}：{period} 不是开放的会计期间。", where=voucher.where, period=format_period(period)),
            )
        if faults:
            self.faulty.append((voucher.where, faults[0].message))
        number = self.numbers.give(voucher) if is_open else None
        self._gather(voucher, lines, faults, number)

    def _lines(self, voucher: ImportedVoucher) -> list[Line]:
        lines: list[Line] = []
        ids, currencies = self.ids_by_code, self.currencies
        period = voucher.period
        for number, entry in enumerate(voucher.entries, start=1):
            summary, code, side, debit, credit, aux, currency, foreign, rate, quantity, price, flow = entry
            account_id = ids.get(code)
            if account_id is None:
                unknown = account_unknown(code).message
                raise RuleBroken("account_unknown", message("{where}：{reason}", where=voucher.where, reason=unknown))
            currency_id = currencies.get(currency)
            if currency_id is None:
                currency_id = ensure_currency(currency or "")
                self._read_currencies()
            if not (debit or credit or foreign or quantity):
                raise RuleBroken(
                    "entry_empty",
                    message("{where}：第 {line} 行没有金额，请填借方或贷方。", where=voucher.where, line=number),
                )
            lines.append(
                Line(
                    number,
                    period,
                    summary,
                    account_id,
                    self._set(voucher.where, aux) if aux else 0,
                    side,
                    debit,
                    credit,
                    currency_id,
                    foreign if currency_id != self.base_id else 0,
                    rate,
                    quantity,
                    price,
                    flow,
                    int(debit == 0 and credit == 0 and foreign != 0 and currency_id != self.base_id),
                )
            )
        return lines

    def _set(self, where: str, aux: str) -> int:
        """Return the set an aux text means. Raises `RuleBroken` that names the place in the file."""
        try:
            return self.resolver.resolve(aux)
        except MalformedInput as error:
            raise RuleBroken(error.code, message("{where}：{reason}", where=where, reason=error.message)) from error

    def _with_cash_flow(self, rule: CashFlowRule, where: str, lines: list[Line]) -> list[Line]:
        """Check the cash-flow lines of the file, leave out those that have no place, and fill in what is missing."""
        tagged = [line for line in lines if line.cash_flow_line is not None]
        for line in tagged:
            flaw = wrong_item_line(line.cash_flow_line)
            if flaw is not None:
                raise RuleBroken("cash_flow_line_wrong", message("{where}：{reason}", where=where, reason=flaw))
        unwanted = unwanted_places(lines, self.accounts) if tagged else []
        for place in unwanted:
            lines[place] = lines[place]._replace(cash_flow_line=None)
        if unwanted and len(self.dropped_flows) < MOST_PLACES:
            self.dropped_flows.append(where)
        return rule.fill(lines)

    def _gather(self, voucher: ImportedVoucher, lines: list[Line], faults: list[Fault], number: int | None) -> None:
        voucher_id = self.next_id
        self.next_id += 1
        posts = self.post and not voucher.void and not voucher.draft
        state = "void" if voucher.void else "posted" if posts else "draft"
        actor_id = self.actor.user_id
        by = actor_id if posts else None
        cashier = actor_id if posts and self.signs and moves_cash(lines, self.accounts) else None
        posted_at = self.now if posts else None
        origin = voucher.origin or self.origin
        position: int | None = None
        digest: str | None = None
        if state != "draft":
            facts = (voucher.period, voucher.word, number, voucher.date, voucher.attachment_count, state, voucher.kind)
            who = (actor_id, by, by, cashier, origin, None, None)
            head = ChainedHead(voucher_id, *facts, *who, 1, self.now, self.now, posted_at)
            self.chain = self.chain or ChainHead()
            signatures = self.resolver.signatures
            position, digest = self.chain.append(head, [(line, signatures[line.auxiliary_set_id]) for line in lines])
        debit_total = 0
        for line in lines:
            debit_total += line.debit
            self.entries.append((voucher_id, *line))
        self.heads.append(
            (
                *(voucher_id, voucher.period, voucher.word, number, voucher.date, voucher.attachment_count, state),
                *(voucher.kind, actor_id, by, by, cashier, origin, lines[0].summary if lines else "", debit_total),
                *(faults_as_json(faults), 1, digest, position, self.now, self.now, posted_at),
            )
        )
        self.posted += posts
        if state != "void" and not faults:
            key = (voucher.period, LAYER_POSTED if posts else LAYER_UNPOSTED)
            deltas = self.deltas.get(key)
            if deltas is None:
                deltas = self.deltas[key] = Deltas()
            deltas.add(lines, closes_profit=voucher.kind == "close_pl")

    def _flush(self) -> None:
        """Write what was gathered."""
        try:
            execute_many(INSERT_HEAD, self.heads)
        except peewee.IntegrityError as error:
            if error.args[:1] != (MYSQL_DUPLICATE,):
                raise
            # On a shared book somebody saved a voucher meanwhile and has one of our ids: the unit starts again.
            raise RetryableFault("database_busy", message("数据库正忙，请稍后再试。")) from error
        execute_many(INSERT_ENTRY, self.entries)
        self.heads, self.entries = [], []


def _highest_id() -> int:
    """Return the highest voucher id ever given, so that ids of deleted drafts are not used again."""
    book = current_book()
    if book.is_sqlite:
        given = fetch_one("SELECT seq FROM sqlite_sequence WHERE name = 'voucher'")
    else:
        version = fetch_one("SELECT VERSION()")
        if version and "MariaDB" not in version[0]:
            execute("SET SESSION information_schema_stats_expiry = 0")  # else MySQL 8 answers from a day-old cache
        given = fetch_one(
            "SELECT AUTO_INCREMENT - 1 FROM information_schema.tables WHERE table_schema = ? AND table_name = ?",
            (book.schema_of_table("voucher"), "voucher"),
        )
    highest = fetch_one("SELECT MAX(id) FROM {voucher}")
    return max(int(row[0]) for row in ((0,), given, highest) if row and row[0] is not None)
