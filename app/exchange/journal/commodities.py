"""Commodities of a journal as currencies of the book: kept as they are written, with the digits they need."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from app.exchange.journal.balancing import Booked, amount_text
from app.exchange.journal.model import Place
from app.kernel.money import LARGEST_MINOR, QUANTITY_DIGITS, round_half_up
from app.kernel.text import Message, message
from app.ledger.queries.accounts import list_currencies
from app.ledger.service.currencies import ISO_DIGITS, ensure_currency

NO_COMMODITY = "无单位"
"""The currency code of bare numbers, which journals allow and books do not."""
LONGEST_CODE = 24
_ISO_CODES = frozenset(
    re.findall(
        "[A-Z]{3}",
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF"
        " CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL"
        " HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD"
        " MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN"
        " PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY"
        " TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG",
    )
)
"""ISO 4217: other names of three capitals are shares or the like, and have the decimals of commodities."""
_SIGNS = frozenset("$£€¥￥₩₹₽₫฿₴₺₦₱元圆円")
_SAME_AS: dict[str, frozenset[str]] = {
    "CNY": frozenset({"¥", "￥", "元", "RMB", "人民币", "CN¥"}),
    "JPY": frozenset({"¥", "￥", "円"}),
    "USD": frozenset({"$", "US$"}),
    "EUR": frozenset({"€"}),
    "GBP": frozenset({"£"}),
    "HKD": frozenset({"HK$"}),
    "KRW": frozenset({"₩"}),
    "RUB": frozenset({"₽"}),
    "INR": frozenset({"₹"}),
}
"""Signs that mean the base currency itself in a book that has it as base: kept as written, worth one for one."""


class CommodityMapper:
    """Knows the digits of every commodity in use, and makes the currencies."""

    def __init__(self) -> None:
        currencies = list_currencies().currencies
        self.base = next(currency.code for currency in currencies if currency.is_base)
        self.base_digits = next(currency.minor_digits for currency in currencies if currency.is_base)
        self._digits = {currency.code: currency.minor_digits for currency in currencies}
        self._same = _SAME_AS.get(self.base, frozenset())
        self.warnings: list[Message] = []

    def add(self, rows: Iterable[Booked]) -> None:
        """Make a currency for each commodity of the postings. Raises `FileRefused` for names too long."""
        needed: dict[str, int] = {}
        places: dict[str, Place] = {}
        for row in rows:
            for commodity in {row.commodity, row.cost_commodity if row.cost is not None else row.commodity}:
                places.setdefault(commodity, row.place)
                needed.setdefault(commodity, 0)
            needed[row.commodity] = max(needed[row.commodity], decimals_of(row.quantity))
        for commodity, decimals in needed.items():
            code = self.code_of(commodity)
            if len(code) > LONGEST_CODE:
                raise places[commodity].refuse(message("商品名“{name}”太长。", name=code[:60]))
            if code in self._digits:
                continue
            usual = self._usual_digits(code)
            self._digits[code] = usual if decimals <= usual else QUANTITY_DIGITS
            ensure_currency(code, self._digits[code], self._digits[code] == usual and usual < QUANTITY_DIGITS)
            if self.is_like_base(commodity):
                self.warnings.append(message("“{sign}”按本位币 {base} 一比一计价。", sign=commodity, base=self.base))

    @staticmethod
    def _usual_digits(code: str) -> int:
        if code in _ISO_CODES:
            return ISO_DIGITS.get(code, 2)
        return 2 if code in _SIGNS or code[-1:] in _SIGNS else QUANTITY_DIGITS

    def code_of(self, commodity: str) -> str:
        """Return the currency code of a commodity."""
        return commodity or NO_COMMODITY

    def is_base(self, commodity: str) -> bool:
        """Tell whether this is the book's base currency, by its code."""
        return commodity == self.base

    def is_like_base(self, commodity: str) -> bool:
        """Tell whether this is another sign for the base currency, worth one for one."""
        return commodity in self._same

    def digits_of(self, commodity: str) -> int:
        """Return the minor digits of a commodity that `add` has seen."""
        return self._digits[self.code_of(commodity)]

    def minor(self, quantity: Decimal, commodity: str, place: Place, *, may_round: bool) -> int:
        """Return a quantity in minor units. What was written is never rounded, what was worked out may be."""
        digits = self.digits_of(commodity)
        scaled = quantity.scaleb(digits)
        minor = round_half_up(scaled)
        if minor != scaled and not may_round:
            text = amount_text(quantity, commodity)
            raise place.refuse(message("“{text}”的小数多于 {digits} 位，请改写。", text=text, digits=digits))
        if abs(minor) > LARGEST_MINOR:
            raise place.refuse(message("“{text}”太大，账簿记不下。", text=amount_text(quantity, commodity)))
        return minor


def decimals_of(quantity: Decimal) -> int:
    """Return how many decimals a quantity has, without needless zeros."""
    exponent = quantity.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
