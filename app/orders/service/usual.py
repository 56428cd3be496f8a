"""What a book usually charges and deducts: its rate of VAT, and whether it deducts input VAT at all."""

from __future__ import annotations

from app.storage.book_settings import get_setting

USUAL_RATES = {"general": "13", "small": "1"}
"""增值税法: the general rate; small-scale taxpayers pay 1 % until the end of 2027. A book may set `usual_tax_rate`."""


def usual_tax_rate() -> str:
    """Return the rate, in per cent, of items that have none of their own."""
    return str(get_setting("usual_tax_rate", "") or USUAL_RATES.get(str(get_setting("vat", "general")), "0"))


def deducts_input_vat() -> bool:
    """Tell whether the book's firm is a general taxpayer: small-scale ones count input VAT as cost."""
    return str(get_setting("vat", "general")) == "general"
