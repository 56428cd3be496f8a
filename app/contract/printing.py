"""Printed vouchers on the wire: which ones, on what paper, and sheets as texts and rules to be drawn.

Lengths are hundredths of a millimetre from the upper left corner of the page, sizes of type tenths of a point. The
server lays sheets out once; the PDF and the printer of the window draw the same.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.contract.base import Contract, PeriodText, QueryContract, RequestId

Paper = Literal["240x140", "a5", "a4", "a4-3"]
"""240 × 140 mm · A5 across · A4 with two sheets the size of A5 · A4 with three lower ones."""


class VoucherPrintQuery(QueryContract):
    """Which vouchers to print: those named, or a month's, of one word and between two numbers if wanted."""

    ids: str = Field("", max_length=20_000, description="ids with commas; nothing else is looked at then")
    period: PeriodText = ""
    word: str = Field("", max_length=10)
    from_number: int | None = Field(None, ge=1)
    to_number: int | None = Field(None, ge=1)
    posted_only: bool = False
    paper: Paper = "240x140"
    chief: str = Field("", max_length=30, description="name of the chief accountant (会计主管), printed under each")


class VoucherLayoutQuery(VoucherPrintQuery):
    """The same, a few pages at a time."""

    cursor: str = Field("", max_length=40, description="`next` of the pages before")
    limit: int = Field(20, ge=1, le=100, description="pages at a time")


class VoucherPdfRequest(Contract):
    """A PDF of vouchers, made in the background."""

    wanted: VoucherPrintQuery
    request_id: RequestId | None = None


class PrintText(Contract):
    """A text in a box; what is wider than the box is drawn narrower."""

    x: int
    y: int
    width: int
    height: int
    text: str
    size: int
    align: Literal["left", "centre", "right"] = "left"
    red: bool = False


class PrintRule(Contract):
    """A straight line."""

    x1: int
    y1: int
    x2: int
    y2: int
    weight: int
    dashed: bool = False


class PrintPicture(Contract):
    """A picture in a box, as large as it fits undistorted, from the box's upper left corner."""

    x: int
    y: int
    width: int
    height: int
    name: str = Field(description="which of the layout's pictures")


class PrintPage(Contract):
    """One page of paper."""

    texts: list[PrintText]
    rules: list[PrintRule]
    pictures: list[PrintPicture] = Field(default_factory=list)


class PagesLayout(Contract):
    """Some pages of paper, all of one size; `next` goes on after them."""

    width: int
    height: int
    pages: list[PrintPage]
    next: str | None
    pictures: dict[str, str] = Field(default_factory=dict, description="PNG files by name, as base64")


class PrintLayout(PagesLayout):
    """Some pages of printed vouchers; `vouchers` counts the whole job."""

    vouchers: int
