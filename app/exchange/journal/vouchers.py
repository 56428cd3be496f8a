"""Turns balanced transactions into vouchers: sides, base amounts, foreign amounts and the costs that tie commodities.

What is in the base currency, or has a cost in it, has a base amount. Anything else is unvalued: base 0 and a foreign
amount. Unvalued lines balance in their commodity; a cost stated in another commodity goes into the rate as
`7.53 HRK`, and the line then counts in that commodity, which is how the ledger checks it too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, localcontext

from app.exchange.journal.accounts import AccountMapper
from app.exchange.journal.balancing import PRECISION, Booked, BookedTransaction, amount_text
from app.exchange.journal.commodities import CommodityMapper
from app.exchange.journal.model import Place
from app.kernel.money import LARGEST_MINOR, format_amount, format_rate, round_half_up
from app.kernel.text import Message, message
from app.ledger.service.bulk import ImportedEntry, ImportedVoucher

WORD = "记"
NO_SUMMARY = "无摘要"
"""The summary of a transaction without a description: every line of a voucher must have one."""
LONGEST_SUMMARY = 200
LONGEST_RATE = 64
MOST_RATE_DECIMALS = 12
VIRTUAL_ACCOUNT = "虚拟分录对方"
"""Takes the other side of unbalanced virtual postings, which journals allow and double entry does not."""
SKIPPED_ZERO = message("金额为零的分录没有导入。")


@dataclass(slots=True)
class _Line:
    """A line being made. `target` is what an unvalued line with a cost counts as, in minor units of the cost's."""

    row: Booked
    foreign: int
    base: int
    is_valued: bool
    is_adjustable: bool
    target: int | None = None


@dataclass(slots=True)
class Conversion:
    """Makes vouchers out of transactions, and remembers what did not come along."""

    accounts: AccountMapper
    commodities: CommodityMapper
    origin: str
    skipped: list[tuple[str, Message]] = field(default_factory=list)
    shortened: int = 0
    virtual: int = 0

    def vouchers(self, transactions: Sequence[BookedTransaction]) -> Iterator[ImportedVoucher]:
        """Yield a voucher for each transaction that moves anything."""
        for transaction in transactions:
            with localcontext() as context:
                context.prec = PRECISION
                entries = self._entries(transaction)
            if entries:
                date = transaction.date
                yield ImportedVoucher(
                    date.isoformat(),
                    date.year * 100 + date.month,
                    WORD,
                    None,
                    "normal",
                    0,
                    str(transaction.place),
                    entries,
                    origin=self.origin,
                )

    def _entries(self, transaction: BookedTransaction) -> list[ImportedEntry]:
        rows = []
        for row in transaction.postings:
            if row.quantity:
                rows.append(row)
            else:
                self.skipped.append((str(row.place), SKIPPED_ZERO))
            if row.virtual == "(" and row.quantity:
                self.virtual += 1
                rows.append(_mirrored(row))
        lines = [self._line(row) for row in rows]
        self._settle_base(lines, transaction.place)
        self._settle_unvalued(lines, transaction.place)
        return [self._entry(line, transaction) for line in lines]

    def _line(self, row: Booked) -> _Line:
        known = self.commodities
        minor = known.minor(row.quantity, row.commodity, row.place, may_round=row.is_inferred)
        if known.is_base(row.commodity):
            return _Line(row, 0, minor, is_valued=True, is_adjustable=row.is_inferred)
        if known.is_like_base(row.commodity):
            base = round_half_up(row.quantity.scaleb(known.base_digits))
            return _Line(row, minor, base, is_valued=True, is_adjustable=row.is_inferred)
        if row.cost is None:
            return _Line(row, minor, 0, is_valued=False, is_adjustable=row.is_inferred)
        if known.is_base(row.cost_commodity) or known.is_like_base(row.cost_commodity):
            base = round_half_up(row.cost.scaleb(known.base_digits))
            return _Line(row, minor, base, is_valued=True, is_adjustable=True)
        target = round_half_up(row.cost.scaleb(known.digits_of(row.cost_commodity)))
        return _Line(row, minor, 0, is_valued=False, is_adjustable=True, target=target)

    def _settle_base(self, lines: list[_Line], place: Place) -> None:
        """Put what rounding left over into the largest amount that was worked out."""
        rest = sum(line.base for line in lines if line.is_valued)
        if not rest:
            return
        open_lines = [line for line in lines if line.is_valued and line.is_adjustable]
        if not open_lines or abs(rest) > len(lines):
            difference = format_amount(rest, self.commodities.base_digits)
            raise place.refuse(message("交易不平，差 {difference}。", difference=difference))
        largest = max(open_lines, key=lambda line: abs(line.base))
        largest.base -= rest
        if self.commodities.is_like_base(largest.row.commodity):
            largest.foreign = largest.base
        if abs(largest.base) > LARGEST_MINOR:
            raise place.refuse(message("“{text}”太大，账簿记不下。", text=str(largest.base)))

    def _settle_unvalued(self, lines: list[_Line], place: Place) -> None:
        sums: dict[str, int] = {}
        for line in lines:
            if not line.is_valued:
                commodity, minor = _counted(line)
                sums[commodity] = sums.get(commodity, 0) + minor
        for commodity, rest in sums.items():
            if not rest:
                continue
            open_lines = [line for line in lines if not line.is_valued and _counted(line)[0] == commodity]
            open_lines = [line for line in open_lines if line.is_adjustable]
            if not open_lines or abs(rest) > len(lines):
                digits = self.commodities.digits_of(commodity)
                difference = f"{format_amount(rest, digits)} {commodity}".strip()
                raise place.refuse(message("交易不平，差 {difference}。", difference=difference))
            largest = max(open_lines, key=lambda line: abs(_counted(line)[1]))
            if largest.target is None:
                largest.foreign -= rest
            else:
                largest.target -= rest

    def _entry(self, line: _Line, transaction: BookedTransaction) -> ImportedEntry:
        row = line.row
        side = 1 if (line.base or line.foreign) > 0 else -1
        base = abs(line.base)
        is_base = self.commodities.is_base(row.commodity)
        return ImportedEntry(
            self._summary(transaction, row),
            self.accounts.code_of(row.account),
            side,
            base if side > 0 else 0,
            base if side < 0 else 0,
            "",
            None if is_base else self.commodities.code_of(row.commodity),
            0 if is_base else line.foreign * side,
            self._rate(line),
        )

    def _rate(self, line: _Line) -> str:
        row = line.row
        if self.commodities.is_like_base(row.commodity):
            return "1"
        if row.cost is None:
            return ""
        if line.target is None:
            unit_cost = (row.cost / row.quantity).copy_abs()
            rounded = unit_cost.quantize(Decimal(1).scaleb(-MOST_RATE_DECIMALS)) if unit_cost < 10**12 else Decimal(0)
            return format_rate(rounded.normalize()) if rounded else ""
        from_digits = self.commodities.digits_of(row.commodity)
        to_digits = self.commodities.digits_of(row.cost_commodity)
        price = price_text(line.foreign, from_digits, line.target, to_digits, row.cost / row.quantity)
        text = f"{price} {self.commodities.code_of(row.cost_commodity)}"
        if not price or len(text) > LONGEST_RATE:
            cost = amount_text(row.cost, row.cost_commodity)
            raise row.place.refuse(message("成本“{cost}”分到每个单位后，账簿记不下这么多位小数。", cost=cost))
        return text

    def _summary(self, transaction: BookedTransaction, row: Booked) -> str:
        text = transaction.description or NO_SUMMARY
        if transaction.code:
            text = f"({transaction.code}) {text}"
        comment = row.comment or transaction.comment
        if comment:
            text = f"{text} ; {comment}"
        if len(text) > LONGEST_SUMMARY:
            self.shortened += 1
            text = text[: LONGEST_SUMMARY - 1] + "…"
        return text


def _mirrored(row: Booked) -> Booked:
    return Booked(
        VIRTUAL_ACCOUNT,
        row.place,
        "",
        -row.quantity,
        row.commodity,
        row.comment,
        None if row.cost is None else -row.cost,
        row.cost_commodity,
        row.is_inferred,
    )


def _counted(line: _Line) -> tuple[str, int]:
    """Return the commodity an unvalued line counts in, and how much."""
    if line.target is None:
        return line.row.commodity, line.foreign
    return line.row.cost_commodity, line.target


def price_text(foreign: int, from_digits: int, target: int, to_digits: int, stated: Decimal) -> str:
    """Return the shortest price of a unit that makes `foreign` minor units exactly `target`; empty without one."""
    scaled = Decimal(foreign).scaleb(to_digits - from_digits)
    for price in (stated, Decimal(target) / scaled):
        for decimals in range(21):
            rounded = price.quantize(Decimal(1).scaleb(-decimals))
            if round_half_up(scaled * rounded) == target:
                return format_rate(rounded)
    return ""
