"""Brings a csv-book into the current book: accounts, openings, vouchers, in that order, inside the importer's unit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from app.contacts.service.importing import ContactRow, import_contacts
from app.contract.ledger import AuxiliaryInput, AuxiliaryUse, CashFlowOpening, Opening, OpeningRow
from app.exchange.archive import FileSet
from app.exchange.csv_book import columns as names
from app.exchange.csv_book.assets import import_assets, import_rates
from app.exchange.csv_book.table import Table
from app.exchange.csv_book.vouchers import INCOMPLETE, Voucher, VoucherReader
from app.exchange.errors import FileRefused, refused
from app.exchange.outcome import Outcome, Wishes
from app.identity.actor import Actor
from app.kernel.cells import unguarded
from app.kernel.errors import Conflict, UserError
from app.kernel.money import format_amount, parse_amount
from app.kernel.text import Message, clean_number_text, message
from app.ledger.queries.accounts import list_currencies
from app.ledger.queries.content import all_accounts
from app.ledger.queries.opening import get_opening
from app.ledger.service.bulk import ImportedVoucher, import_vouchers
from app.ledger.service.chart_rows import ChartRow, replace_chart_rows
from app.ledger.service.currencies import ensure_currency
from app.ledger.service.opening import CHART_OF_FORM, outflow_lines, replace_opening
from app.ledger.service.sets import create_auxiliary
from app.storage.book_settings import get_setting

_SIDES: dict[str, Literal["debit", "credit"]] = {
    "借": "debit",
    "贷": "credit",
    "debit": "debit",
    "credit": "credit",
    "d": "debit",
    "c": "credit",
}
_YES = frozenset({"y", "yes", "true", "1", "是"})
_NO = frozenset({"", "n", "no", "false", "0", "否"})
_KIND_SEPARATORS = re.compile("[;；,，、|]")
_ROW_FIELD = re.compile(r"rows\.(\d+)")


def import_csv_book(actor: Actor, files: FileSet, wishes: Wishes) -> Outcome:
    """Import a csv-book. Raises `FileRefused` and what the ledger refuses; the caller's unit rolls back."""
    reading = CsvBookReading(actor, files, wishes)
    reading.run()
    return reading.outcome


class CsvBookReading:
    """One csv-book on its way in."""

    def __init__(self, actor: Actor, files: FileSet, wishes: Wishes) -> None:
        self._actor = actor
        self._files = files
        self._wishes = wishes
        self.outcome = Outcome()
        self._incomplete: set[str] = set()
        self._last_numbers: dict[tuple[int, str], int] = {}

    def run(self) -> None:
        """Read the files that are there, in the order in which they need each other."""
        steps = (
            (names.BOOK_FILE, self._book),
            (names.CURRENCIES_FILE, self._currencies),
            (names.ACCOUNTS_FILE, self._accounts),
            (names.AUXILIARIES_FILE, self._auxiliaries),
            (names.VOUCHERS_FILE, self._vouchers),
            (names.RATES_FILE, lambda: import_rates(self._actor, self._rows)),
            (names.ASSETS_FILE, self._assets),
            (names.CONTACTS_FILE, self._contacts),  # last: vouchers may name contacts that are out of use
        )
        for file, step in steps:
            if file == names.VOUCHERS_FILE:
                self._opening()
            if file in self._files:
                step()

    def _rows(self, file: str, columns: tuple[str, ...], needed: tuple[str, ...]) -> Iterator[tuple[int, list[str]]]:
        with self._files.text(file) as stream:
            table = Table(stream, file, columns, needed)
            self._note_unknown(table)
            yield from table.rows()

    def _note_unknown(self, table: Table) -> None:
        if table.unknown:
            listed = "、".join(table.unknown)
            self.outcome.warnings.append(
                message("{file}：不认识的列 {columns} 没有导入。", file=table.file, columns=listed)
            )

    def _book(self) -> None:
        for line, (_, _, start, base) in self._rows(names.BOOK_FILE, names.BOOK_COLUMNS, ("base_currency",)):
            own = get_setting("base_currency")
            if base and base != own:
                reason = message("文件的本位币是 {base}，这本账的是 {own}，不能导入。", base=base, own=own)
                raise refused(names.BOOK_FILE, line, reason)
            period = str(get_setting("start_period"))
            if start and start.replace("-", "") != period:
                self.outcome.warnings.append(
                    message("文件的启用月份是 {start}，与这本账的不同，请核对期初。", start=start)
                )

    def _currencies(self) -> None:
        for line, (code, digits, is_money) in self._rows(
            names.CURRENCIES_FILE, names.CURRENCY_COLUMNS, ("code", "minor_digits")
        ):
            if not digits.isdigit() or int(digits) > 8:
                raise refused(names.CURRENCIES_FILE, line, message("“{text}”应是 0 到 8 的整数。", text=digits))
            money = _yes_or_no(is_money, names.CURRENCIES_FILE, line)
            self._attempt(names.CURRENCIES_FILE, line, unguarded(code), int(digits), money)
            known = {currency.code: currency.minor_digits for currency in list_currencies().currencies}
            if known.get(unguarded(code)) != int(digits):
                raise refused(names.CURRENCIES_FILE, line, message("币种 {code} 在这本账里的小数位数不同。", code=code))

    @staticmethod
    def _attempt(file: str, line: int, code: str, digits: int, is_money: bool) -> None:
        try:
            ensure_currency(code, digits, is_money)
        except UserError as error:
            raise refused(file, line, error.message) from error

    def _accounts(self) -> None:
        read = list(self._account_cells())
        marks_cash = any(cells["is_cash"].lower() in _YES for _, cells, _ in read)
        rows = [_chart_row(line, cells, present, marks_cash) for line, cells, present in read]
        done = replace_chart_rows(self._actor, rows)
        self.outcome.skipped.extend(done.kept)

    def _account_cells(self) -> Iterator[tuple[int, dict[str, str], frozenset[str]]]:
        with self._files.text(names.ACCOUNTS_FILE) as stream:
            table = Table(stream, names.ACCOUNTS_FILE, names.ACCOUNT_COLUMNS, names.ACCOUNT_NEEDED)
            self._note_unknown(table)
            present = frozenset(
                name for name, at in zip(names.ACCOUNT_COLUMNS, table.positions, strict=True) if at >= 0
            )
            for line, cells in table.rows():
                yield line, dict(zip(names.ACCOUNT_COLUMNS, cells, strict=True)), present

    def _auxiliaries(self) -> None:
        for line, (kind, name, code) in self._rows(names.AUXILIARIES_FILE, names.AUXILIARY_COLUMNS, ("kind", "name")):
            _check_lengths({"account_name": kind, "aux": name, "currency": code}, line)
            try:
                create_auxiliary(
                    self._actor, AuxiliaryInput(kind=unguarded(kind), name=unguarded(name), code=unguarded(code))
                )
            except Conflict:
                continue  # the item is there already
            except UserError as error:
                raise refused(names.AUXILIARIES_FILE, line, error.message) from error

    def _opening(self) -> None:
        if names.OPENING_FILE not in self._files and names.OPENING_CASH_FLOW_FILE not in self._files:
            return
        before = get_opening()
        rows, lines = list(before.rows), [0] * len(before.rows)
        flows = list(before.cash_flow)
        if names.OPENING_FILE in self._files:
            rows, lines = [], []
            for line, cells in self._rows(names.OPENING_FILE, names.OPENING_COLUMNS, names.OPENING_NEEDED):
                values = dict(zip(names.OPENING_COLUMNS, cells, strict=True))
                for name in ("account_name", "aux", "currency"):
                    values[name] = unguarded(values[name])
                _check_lengths(values, line)
                rows.append(OpeningRow(**values))
                lines.append(line)
        if names.OPENING_CASH_FLOW_FILE in self._files:
            flows = _without_totals(list(self._cash_flows()))
        try:
            replace_opening(self._actor, Opening(rows=rows, cash_flow=flows), make_missing=True)
        except UserError as error:
            raise _opening_refused(error, lines) from error
        if before.rows and names.OPENING_FILE in self._files:
            self.outcome.warnings.append(message("账里原有的期初余额已由文件里的代替。"))

    def _cash_flows(self) -> Iterator[CashFlowOpening]:
        file = names.OPENING_CASH_FLOW_FILE
        seen: set[int] = set()
        for line, (flow, amount) in self._rows(file, names.CASH_FLOW_COLUMNS, names.CASH_FLOW_COLUMNS):
            number = clean_number_text(flow)
            if not (number.isascii() and number.isdigit()) or not 1 <= int(number) <= 99 or int(number) in seen:
                raise refused(file, line, message("现金流量行次“{text}”不对或重复。", text=flow))
            seen.add(int(number))
            if len(amount) > 40:
                raise refused(file, line, message("“{text}”不是金额，请写成 1234.50 的样子。", text=amount[:40]))
            yield CashFlowOpening(cash_flow_line=int(number), ytd_amount=amount)

    def _vouchers(self) -> None:
        codes = {account.code: account.code for account in all_accounts()}
        currencies = {currency.code: currency for currency in list_currencies().currencies}

        def digits_of(code: str) -> int | None:
            if code not in currencies:
                ensure_currency(code)
                currencies.update({currency.code: currency for currency in list_currencies().currencies})
            found = currencies[code]
            return None if found.is_base else found.minor_digits

        with self._files.text(names.VOUCHERS_FILE) as stream:
            table = Table(stream, names.VOUCHERS_FILE, names.VOUCHER_COLUMNS, names.VOUCHER_NEEDED)
            self._note_unknown(table)
            reader = VoucherReader(table, codes, get_setting("base_digits"), digits_of)
            done = import_vouchers(
                self._actor,
                (self._for_ledger(voucher) for voucher in reader.vouchers()),
                post=self._wishes.post,
                renumber=self._wishes.renumber,
                origin=self._wishes.origin,
                progress=self._wishes.progress,
            )
        self.outcome.vouchers += done.vouchers
        self.outcome.posted += done.posted
        for where in done.dropped_flows:
            text = message("{where}：现金流量行次只填在现金、银行存款的收付上，这里的没有采用。", where=where)
            self.outcome.warnings.append(text)
        for where, reason in done.faulty:
            if where not in self._incomplete:
                file, _, line = where.rpartition(":")
                raise refused(file, int(line), reason)
            self.outcome.warnings.append(message("{where}：{reason}（留作草稿）", where=where, reason=reason))

    def _assets(self) -> None:
        import_assets(self._actor, self._files, self._rows, self.outcome, self._wishes)

    def _contacts(self) -> None:
        read = self._rows(names.CONTACTS_FILE, names.CONTACT_COLUMNS, ("name",))
        rows = [
            ContactRow(line, {name: unguarded(cell) for name, cell in zip(names.CONTACT_COLUMNS, cells, strict=True)})
            for line, cells in read
        ]
        if rows:
            for error in import_contacts(self._actor, rows).errors:
                raise refused(names.CONTACTS_FILE, error.row, Message(error.reason))

    def _for_ledger(self, voucher: Voucher) -> ImportedVoucher:
        incomplete = voucher.state == INCOMPLETE
        if incomplete:
            self._incomplete.add(voucher.where)
        number = self._number(voucher)
        return ImportedVoucher(
            voucher.date,
            voucher.period,
            voucher.word,
            number,
            voucher.kind,
            voucher.attachments,
            voucher.where,
            voucher.entries,  # type: ignore[arg-type]  # plain tuples in the same order: naming them costs time
            voucher.state == "void",
            draft=incomplete,
        )

    def _number(self, voucher: Voucher) -> int | None:
        """Return the voucher's number; one without follows on those of its month and word that stand before it."""
        key = (voucher.period, voucher.word)
        last = self._last_numbers.get(key, 0)
        number = voucher.number
        if number is None:
            if not last:
                return None
            number = last + 1
        if number > last:
            self._last_numbers[key] = number
        return number


_FLOW_TOTALS = {7: range(1, 7), 13: range(8, 13), 19: range(14, 19), 20: range(1, 19)}
"""Totals of 会小企03表 and the lines they add up, payments subtracted; 21 and 22 follow from the cash accounts."""
_CASH_BALANCES = (21, 22)


def _without_totals(flows: list[CashFlowOpening]) -> list[CashFlowOpening]:
    """Leave out the totals of a file that lists the whole form. Raises `FileRefused` for one that is another sum."""
    if get_setting("chart") != CHART_OF_FORM:
        return flows
    digits = int(get_setting("base_digits"))
    given = {flow.cash_flow_line: parse_amount(flow.ytd_amount or "0", digits) for flow in flows}
    outflows = outflow_lines()
    for total, parts in _FLOW_TOTALS.items():
        items = [line for line in parts if line in given and line not in _FLOW_TOTALS]
        added = sum(-given[line] if line in outflows else given[line] for line in items)
        if given.get(total) and given[total] != added:
            reason = message(
                "现金流量表第 {line} 行是合计，写的是 {given}，各项算出来是 {added}。",
                line=total,
                given=format_amount(given[total], digits),
                added=format_amount(added, digits),
            )
            raise refused(names.OPENING_CASH_FLOW_FILE, 0, reason)
    return [flow for flow in flows if flow.cash_flow_line not in (*_FLOW_TOTALS, *_CASH_BALANCES)]


def _chart_row(line: int, cells: dict[str, str], present: frozenset[str], marks_cash: bool) -> ChartRow:
    file = names.ACCOUNTS_FILE
    for name in ("code", "name_zh"):
        if not cells[name]:
            raise refused(file, line, message("列“{column}”不能为空。", column=name))
    _check_widths(cells, line)

    def said(name: str) -> str | None:
        return unguarded(cells[name]) if name in present else None

    def flag(name: str) -> bool | None:
        return _yes_or_no(cells[name], file, line) if name in present else None

    side = cells["normal_side"].lower()
    if side and side not in _SIDES:
        raise refused(file, line, message("余额方向“{text}”应是 借 或 贷。", text=cells["normal_side"]))
    pieces = cells["quantity"]
    unit = cells["unit"] if "unit" in present else None
    if pieces.lower() not in _YES | _NO:
        pieces, unit = "y", pieces
    return ChartRow(
        code=cells["code"],
        name_zh=unguarded(cells["name_zh"]),
        where=f"{file}:{line}",
        parent_code=said("parent"),
        category=said("category") or None,
        normal_side=_SIDES[side] if side else None,
        is_leaf=flag("is_leaf") if cells["is_leaf"] else None,
        # in a file that marks cash with Y, blank is no; else it says nothing: a new account is cash where its parent
        # is, one of the chart stays what it is
        is_cash=flag("is_cash") if cells["is_cash"] or marks_cash else None,
        auxiliaries=_uses(cells, present),
        has_quantity=_yes_or_no(pieces, file, line) if "quantity" in present else None,
        name_en=said("name_en"),
        source_name=said("source_name"),
        currency=said("currency"),
        unit=unguarded(unit) if unit is not None else None,
        active=(flag("active") if cells["active"] else True) if "active" in present else None,
    )


_WIDTHS = {"code": 40, "parent": 40, "name_zh": 120, "name_en": 120, "source_name": 500, "currency": 24, "unit": 20}


def _check_widths(cells: dict[str, str], line: int) -> None:
    for name, width in _WIDTHS.items():
        if len(cells[name]) > width:
            raise refused(names.ACCOUNTS_FILE, line, message("列“{column}”长于 {count} 字。", column=name, count=width))


def _uses(cells: dict[str, str], present: frozenset[str]) -> tuple[AuxiliaryUse, ...] | None:
    """Return the dimensions of an account: those of `aux_type` are demanded, those of `aux_offered` are not."""
    if "aux_type" not in present:
        return None
    uses: dict[str, AuxiliaryUse] = {}
    for name, demanded in (("aux_offered", False), ("aux_type", True)):
        for part in _KIND_SEPARATORS.split(unguarded(cells[name])):
            if part.strip():
                uses[part.strip()] = AuxiliaryUse(kind=part.strip()[:60], demanded=demanded)
    return tuple(uses.values())


def _yes_or_no(text: str, file: str, line: int) -> bool:
    lowered = text.lower()
    if lowered not in _YES | _NO:
        raise refused(file, line, message("“{text}”应是 Y 或 N。", text=text))
    return lowered in _YES


def _check_lengths(values: dict[str, str], line: int) -> None:
    widths = {"account_name": 120, "aux": 1000, "currency": 24}
    for name, text in values.items():
        width = widths.get(name, 40)
        if len(text) > width:
            raise refused(names.OPENING_FILE, line, message("列“{column}”长于 {count} 字。", column=name, count=width))


def _opening_refused(error: UserError, lines: list[int]) -> FileRefused:
    """Name the line of the file that the ledger's field path speaks of."""
    for path, reason in error.fields.items():
        found = _ROW_FIELD.match(path)
        if found:
            return refused(names.OPENING_FILE, lines[int(found[1])], reason)
    return refused(names.OPENING_FILE, 0, error.message)
