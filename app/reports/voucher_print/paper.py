"""Papers and the room on them. Lengths in hundredths of a millimetre."""

from __future__ import annotations

from typing import NamedTuple

from app.contract.printing import Paper

DIGIT_COLUMNS = 11
"""亿 千 百 十 万 千 百 十 元 角 分, as printed vouchers have them."""
TITLE_HEIGHT = 1000
INFO_HEIGHT = 600
HEAD_HEIGHT = 850
TOTAL_HEIGHT = 850
SIGNATURE_HEIGHT = 700


class Sheet(NamedTuple):
    """One voucher sheet: its size, what is left free around it, and how wide and high its parts are."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    row_height: int
    digit_width: int
    summary_width: int

    @property
    def rows(self) -> int:
        """Return how many rows of entries fit."""
        fixed = TITLE_HEIGHT + INFO_HEIGHT + HEAD_HEIGHT + TOTAL_HEIGHT + SIGNATURE_HEIGHT
        return (self.height - self.top - self.bottom - fixed) // self.row_height

    @property
    def amount_width(self) -> int:
        """Return the width of a side's digits."""
        return DIGIT_COLUMNS * self.digit_width

    @property
    def inner_width(self) -> int:
        """Return the width of the table."""
        return self.width - self.left - self.right

    @property
    def account_width(self) -> int:
        """Return the width left for accounts."""
        return self.inner_width - self.summary_width - 2 * self.amount_width


class PaperForm(NamedTuple):
    """A page of paper: how many sheets it holds below each other."""

    width: int
    height: int
    sheets: int
    sheet: Sheet


_A5 = Sheet(21000, 14850, 1700, 1500, 900, 900, 1000, 355, 4300)
_A4_THIRD = Sheet(21000, 9900, 1700, 1500, 450, 450, 960, 355, 4300)
_ROLL = Sheet(24000, 14000, 2000, 1700, 800, 800, 1000, 410, 4700)

FORMS: dict[Paper, PaperForm] = {
    "240x140": PaperForm(24000, 14000, 1, _ROLL),
    "a5": PaperForm(21000, 14850, 1, _A5),
    "a4": PaperForm(21000, 29700, 2, _A5),
    "a4-3": PaperForm(21000, 29700, 3, _A4_THIRD),
}
