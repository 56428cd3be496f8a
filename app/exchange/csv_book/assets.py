"""Brings asset cards and exchange rates of a csv-book into the current book, after its vouchers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, get_args

from pydantic import ValidationError

from app.contract.assets import AssetInput, AssetKind, AssetMethod, DisposalReason
from app.contract.rates import ExchangeRateInput
from app.exchange.archive import FileSet
from app.exchange.csv_book import columns as names
from app.exchange.errors import refused
from app.exchange.outcome import Outcome, Wishes
from app.identity.actor import Actor
from app.kernel.cells import unguarded
from app.kernel.errors import UserError
from app.kernel.text import message
from app.ledger.service.assets.imported import (
    ImportedCard,
    ImportedCharge,
    ImportedTerm,
    VoucherPlace,
    import_card,
)
from app.ledger.service.rates import save_rates

Rows = Callable[[str, tuple[str, ...], tuple[str, ...]], Iterator[tuple[int, list[str]]]]
"""Reads a file: (line, cells in the order of the columns asked for)."""
_RATE_FIELD = re.compile(r"rates\.(\d+)\.")


def import_rates(actor: Actor, read: Rows) -> None:
    """Bring in `exchange_rates.csv`. Raises `FileRefused` naming the line."""
    lines: list[int] = []
    rates: list[ExchangeRateInput] = []
    for line, cells in read(names.RATES_FILE, names.RATE_COLUMNS, names.RATE_NEEDED):
        date, currency, rate, source = (unguarded(cell) for cell in cells)
        try:
            rates.append(ExchangeRateInput(date=date, currency=currency, rate=rate, source=source))
        except ValidationError as error:
            raise refused(names.RATES_FILE, line, message("这一行不是“日期、币种、汇率”。")) from error
        lines.append(line)
    try:
        save_rates(actor, rates)
    except UserError as error:
        for path, reason in error.fields.items():
            if found := _RATE_FIELD.match(path):
                raise refused(names.RATES_FILE, lines[int(found[1])], reason) from error
        raise


def import_assets(actor: Actor, files: FileSet, read: Rows, outcome: Outcome, wishes: Wishes) -> None:
    """Bring in `assets.csv` with `asset_terms.csv` and `asset_charges.csv`. Raises `FileRefused` naming the line."""
    if wishes.renumber and names.ASSET_CHARGES_FILE in files:
        # charges name their vouchers by number, and the numbers are new
        outcome.warnings.append(message("凭证重新编了号，资产卡片没有导入；请不重新编号再导入一次。"))
        return
    reading = _CardReading(read)
    if names.ASSET_TERMS_FILE in files:
        reading.terms()
    if names.ASSET_CHARGES_FILE in files:
        reading.charges()
    for line, card in reading.cards():
        try:
            came = import_card(actor, card)
        except UserError as error:
            raise refused(names.ASSETS_FILE, line, next(iter(error.fields.values()), error.message)) from error
        if not came:
            reason = message("已有编号为“{code}”的卡片。", code=card.card.code)
            outcome.warnings.append(message("{where}：{reason}", where=f"{names.ASSETS_FILE}:{line}", reason=reason))


class _CardReading:
    def __init__(self, read: Rows) -> None:
        self._read = read
        self._terms: dict[str, list[dict[str, str]]] = {}
        self._charges: dict[str, list[ImportedCharge]] = {}

    def terms(self) -> None:
        for _, cells in self._read(names.ASSET_TERMS_FILE, names.ASSET_TERM_COLUMNS, names.ASSET_TERM_NEEDED):
            row = _row(names.ASSET_TERM_COLUMNS, cells)
            self._terms.setdefault(row["code"], []).append(row)

    def charges(self) -> None:
        file = names.ASSET_CHARGES_FILE
        for line, cells in self._read(file, names.ASSET_CHARGE_COLUMNS, names.ASSET_CHARGE_COLUMNS):
            row = _row(names.ASSET_CHARGE_COLUMNS, cells)
            voucher = _place(row, file, line)
            if voucher is None:
                raise refused(file, line, message("缺少列“{column}”。", column="voucher_number"))
            self._charges.setdefault(row["code"], []).append(ImportedCharge(row["period"], row["amount"], voucher))

    def cards(self) -> Iterator[tuple[int, ImportedCard]]:
        """Yield every card with its line."""
        file = names.ASSETS_FILE
        for line, cells in self._read(file, names.ASSET_COLUMNS, names.ASSET_NEEDED):
            row = _row(names.ASSET_COLUMNS, cells)
            terms = sorted(self._terms.get(row["code"], []), key=lambda term: term["from_period"])
            if not terms:
                reason = message(
                    "{file} 里没有卡片 {code} 的原值和月数。", file=names.ASSET_TERMS_FILE, code=row["code"]
                )
                raise refused(file, line, reason)
            yield (
                line,
                ImportedCard(
                    card=_typed(row, terms[0], line),
                    terms=[
                        ImportedTerm(term["from_period"], _typed(row, term, line), term["reason"]) for term in terms[1:]
                    ],
                    charges=self._charges.get(row["code"], []),
                    disposed_on=row["disposed_on"],
                    disposal_reason=_one_of(row["disposal_reason"], get_args(DisposalReason), line) or None,
                    disposal_note=row["disposal_note"],
                    disposal_proceeds=row["disposal_proceeds"],
                    disposal_voucher=_place(row, file, line),
                ),
            )


def _row(columns: tuple[str, ...], cells: list[str]) -> dict[str, str]:
    return {name: unguarded(cell) for name, cell in zip(columns, cells, strict=True)}


def _typed(row: dict[str, str], term: dict[str, str], line: int) -> AssetInput:
    same = ("code", "name", "category", "specification", "location", "unit", "user_aux", "acquired_on", "in_use_on")
    values: dict[str, Any] = {name: row[name] for name in (*same, "asset_aux", "accumulated_aux", "note")}
    values |= {name: term[name] for name in ("original_value", "residual_value", "residual_rate", "expense_aux")}
    if term["residual_rate"]:
        values["residual_value"] = ""
    try:
        return AssetInput(
            **values,
            kind=_one_of(row["kind"], get_args(AssetKind), line) or "fixed",
            method=_one_of(term["method"], get_args(AssetMethod), line) or "straight_line",
            quantity=row["quantity"] or "1",
            asset_account_code=row["asset_account"],
            accumulated_account_code=row["accumulated_account"],
            expense_account_code=term["expense_account"],
            opening_accumulated=row["opening_accumulated"],
            opening_months=_number(row["opening_months"] or "0", line),
            life_months=_number(term["life_months"], line),
        )
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise refused(names.ASSETS_FILE, line, message("列“{column}”的内容不对。", column=place)) from error


def _one_of(text: str, known: tuple[Any, ...], line: int) -> Any:
    if text and text not in known:
        listed = "、".join(known)
        raise refused(names.ASSETS_FILE, line, message("“{text}”应是 {known} 之一。", text=text, known=listed))
    return text


def _number(text: str, line: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise refused(names.ASSETS_FILE, line, message("“{text}”不是整数。", text=text))
    return int(text)


def _place(row: dict[str, str], file: str, line: int) -> VoucherPlace | None:
    if not row["voucher_number"]:
        return None
    if not (row["voucher_number"].isascii() and row["voucher_number"].isdigit() and len(row["voucher_number"]) <= 9):
        raise refused(file, line, message("“{text}”不是整数。", text=row["voucher_number"]))
    return VoucherPlace(row["voucher_period"], row["voucher_word"], int(row["voucher_number"]))
