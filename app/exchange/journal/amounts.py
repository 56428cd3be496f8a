"""Amounts as hledger and Ledger write them: symbols on either side, digit groups, decimal marks, costs and lots."""

from __future__ import annotations

import re
from decimal import Decimal

from app.exchange.journal.model import Amount, Assertion, Cost, Dialect, Place
from app.kernel.text import Message, message

_SYMBOLS: dict[Dialect, re.Pattern[str]] = {
    "hledger": re.compile(r'"([^"\n]+)"|([^\s\d"+\-.,;*={}\[\]()@]+)'),
    "ledger": re.compile(r'"([^"\n]+)"|([^\s\d"+\-.,;:?!*/^&|=<>{}\[\]()@]+)'),
}
_SPACED_GROUPS = re.compile(r"\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?:[.,]\d*)?(?![\d])")
_NUMBER = re.compile(r"\d[\d.,]*|[.,]\d+")
_EXPONENT = re.compile(r"[eE][+-]?\d{1,3}(?![\w])")
_SPACES = (" ", "\t", "\u00a0")
_LOT_DATE = re.compile(r"\[\s*\d{2,4}[-/.]\d{1,2}[-/.]\d{1,2}\s*\]")
_LOT_NOTE = re.compile(r"\((?!@)[^()]*\)")
MOST_DECIMALS = 40


class AmountSyntaxError(Exception):
    """An amount cannot be read; carries the reason as a message."""

    def __init__(self, reason: Message) -> None:
        super().__init__(str(reason))
        self.reason = reason


class NumberStyle:
    """How numbers are to be read from here on: the decimal marks that directives or earlier amounts have fixed."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.decimal_mark = ""
        """Set by a `decimal-mark` directive; then the only one."""
        self.marks: dict[str, str] = {}
        """Decimal mark by commodity: declared (hledger), or once seen (Ledger). `""` as value: no decimals declared."""
        self.default_commodity = ""
        self.default_mark: str | None = None

    def number(self, text: str, commodity: str) -> tuple[Decimal, int]:
        """Return value and number of decimals of digits with marks. Raises `AmountSyntaxError`."""
        mark = self._decimal_mark_of(text, commodity)
        whole, _, fraction = text.rpartition(mark) if mark else (text, "", "")
        if mark and mark in whole:
            raise AmountSyntaxError(message("“{text}”里有多于一个小数点。", text=text))
        digits = re.sub(r"[., \u00a0\u202f]", "", whole)
        if (digits and not digits.isdigit()) or (fraction and not fraction.isdigit()) or not (digits or fraction):
            raise AmountSyntaxError(message("“{text}”不是数字。", text=text))
        if len(fraction) > MOST_DECIMALS:
            raise AmountSyntaxError(message("“{text}”的小数太多。", text=text))
        return Decimal(f"{digits or '0'}.{fraction or '0'}"), len(fraction)

    def _decimal_mark_of(self, text: str, commodity: str) -> str:
        if self.decimal_mark:
            return self.decimal_mark if self.decimal_mark in text else ""
        return self._hledger_mark(text, commodity) if self.dialect == "hledger" else self._ledger_mark(text, commodity)

    def _hledger_mark(self, text: str, commodity: str) -> str:
        marks = [c for c in text if c in ".,"]
        kinds = set(marks)
        if not marks:
            return ""
        last = marks[-1]
        if len(kinds) == 2 or " " in text or "\u00a0" in text:
            return last
        if len(marks) > 1:
            return ""
        before, after = text.split(last)
        if not before or not after:
            return last
        suggested = self.marks.get(commodity, self.default_mark)
        if suggested is None:
            return last  # the manual: a single mark is a decimal mark unless a directive says otherwise
        return last if suggested == last else ""

    def _ledger_mark(self, text: str, commodity: str) -> str:
        """Follow Ledger: a comma before groups of three parts thousands, any other single comma marks decimals."""
        comma_style = self.marks.get(commodity) == ","
        if "," in text and "." in text:
            mark = max(".,", key=text.rfind)
            other = "," if mark == "." else "."
            if text.count(mark) > 1 or any(
                len(group) != 3 for group in text.split(mark, maxsplit=1)[0].split(other)[1:]
            ):
                raise AmountSyntaxError(message("“{text}”的千分位不对。", text=text))
        elif "." in text:
            mark = "" if comma_style else "."
        elif "," in text:
            groups = text.split(",")
            thousands = not comma_style and all(len(group) == 3 for group in groups[1:])
            if not thousands and len(groups) > 2:
                raise AmountSyntaxError(message("“{text}”的千分位不对。", text=text))
            mark = "" if thousands else ","
        else:
            return ""
        if not mark and "." in text and any(len(group) != 3 for group in text.split(".")[1:]):
            raise AmountSyntaxError(message("“{text}”的千分位不对。", text=text))
        if mark == ",":
            self.marks[commodity] = ","
        return mark


class AmountReader:
    """Reads the part of a posting after the account: amount, lot, cost, assertion."""

    def __init__(self, text: str, style: NumberStyle, place: Place) -> None:
        self._text = text
        self._at = 0
        self._style = style
        self._place = place

    def skip_space(self) -> None:
        """Go to the next sign that is not white space."""
        while self._text[self._at : self._at + 1] in _SPACES:
            self._at += 1

    @property
    def rest(self) -> str:
        """Return what has not been read yet."""
        return self._text[self._at :]

    def take(self, literal: str) -> bool:
        """Go past a literal if it stands here, and tell whether it did."""
        if self._text.startswith(literal, self._at):
            self._at += len(literal)
            self.skip_space()
            return True
        return False

    def amount(self) -> Amount:
        """Read one amount. Raises `AmountSyntaxError`."""
        negative = self._signs()
        symbol = self._symbol()
        if symbol is not None:
            self.skip_space()
            negative ^= self._signs()
        text, exponent = self._number_text()
        if symbol is None:
            before = self._at
            self.skip_space()
            symbol = self._symbol()
            if symbol is None:
                self._at = before
        commodity = self._style.default_commodity if symbol is None else symbol
        quantity, decimals = self._style.number(text, commodity)
        if exponent:
            quantity = quantity.scaleb(exponent)
            decimals = max(0, decimals - exponent)
        self.skip_space()
        return Amount(-quantity if negative else quantity, commodity, decimals)

    def _signs(self) -> bool:
        negative = False
        while self.rest[:1] in ("-", "+"):
            negative ^= self.rest[0] == "-"
            self._at += 1
            self.skip_space()
        return negative

    def _symbol(self) -> str | None:
        found = _SYMBOLS[self._style.dialect].match(self._text, self._at)
        if found is None:
            return None
        self._at = found.end()
        return (found[1] if found.lastindex == 1 else found[0]).strip()

    def _number_text(self) -> tuple[str, int]:
        found = None
        if self._style.dialect == "hledger":
            found = _SPACED_GROUPS.match(self._text, self._at)
        found = found or _NUMBER.match(self._text, self._at)
        if found is None:
            raise AmountSyntaxError(message("“{text}”不是金额。", text=self._text.strip()))
        self._at = found.end()
        power = _EXPONENT.match(self._text, self._at) if self._style.dialect == "hledger" else None
        if power is None:
            return found[0], 0
        self._at = power.end()
        return found[0], int(power[0][1:])

    def lot(self) -> Cost | None:
        """Read `{price}`, `{{total}}`, `[date]` and `(note)` after an amount; return the price if there is one."""
        cost: Cost | None = None
        while True:
            if self.take("{{"):
                cost = Cost(self._lot_amount("}}"), is_total=True)
            elif self.take("{"):
                if not self.take("}"):
                    cost = Cost(self._lot_amount("}"), is_total=False)
            elif found := _LOT_DATE.match(self._text, self._at) or _LOT_NOTE.match(self._text, self._at):
                self._at = found.end()
                self.skip_space()
            else:
                return cost

    def _lot_amount(self, closing: str) -> Amount:
        self.take("=")
        amount = self.amount()
        if not self.take(closing):
            raise AmountSyntaxError(message("批次价格“{text}”没有写完。", text=self._text.strip()))
        return amount

    def cost(self) -> Cost | None:
        """Read `@ price`, `@@ total` and their bracketed forms."""
        for marker, is_total in (("(@@)", True), ("(@)", False), ("@@", True), ("@", False)):
            if self.take(marker):
                self.take("=")
                amount = self.amount()
                if is_total and amount.quantity < 0:
                    amount = Amount(-amount.quantity, amount.commodity, amount.decimals)
                return Cost(amount, is_total)
        return None

    def assertion(self) -> Assertion | None:
        """Read `= …`, `== …`, `=* …`, `==* …`."""
        if not self.take("="):
            return None
        is_total = self.take("=")
        is_inclusive = self.take("*")
        amount = self.amount()
        self.lot()
        self.cost()
        return Assertion(amount, is_total, is_inclusive, self._place)

    def end(self) -> None:
        """Demand that nothing is left."""
        if self.rest.strip():
            raise AmountSyntaxError(message("看不懂“{text}”。", text=self.rest.strip()))
