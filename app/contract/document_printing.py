"""Printed documents on the wire: which ones, on what paper, and what the book prints on all of them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.contract.base import Change, Contract, DateText, QueryContract, RequestId
from app.contract.printing import PagesLayout

DocumentPaper = Literal["a4", "a5", "241x140"]
"""A4 upright · A5 across · 241 × 140 mm, the half sheet of continuous forms."""
PrintSource = Literal["document", "payment", "stock", "statement"]
"""Documents of sales and purchases · payments · stock documents · the statement of account of a contact."""


class DocumentPrintQuery(QueryContract):
    """What to print: documents by their ids, or the statement of account of one contact between two days."""

    source: PrintSource = "document"
    ids: str = Field("", max_length=20_000, description="ids with commas; of a contact for a statement")
    from_date: DateText = Field("", description="statements: the first day")
    to_date: DateText = Field("", description="statements: the last day")
    paper: DocumentPaper = "a4"
    with_prices: bool = Field(True, description="delivery notes and stock documents: prices and amounts, too")


class DocumentLayoutQuery(DocumentPrintQuery):
    """The same, a few documents at a time."""

    cursor: str = Field("", max_length=20, description="`next` of the pages before")
    limit: int = Field(10, ge=1, le=50, description="documents at a time")


class DocumentLayout(PagesLayout):
    """Some pages of printed documents; `documents` counts the whole job."""

    documents: int


class DocumentPdfRequest(Contract):
    """A PDF of documents, made in the background."""

    wanted: DocumentPrintQuery
    request_id: RequestId | None = None


class PrintedTexts(Contract):
    """The book's own texts on one kind of document; an empty title is the usual one."""

    kind: str = Field(max_length=40)
    title: str = Field("", max_length=40)
    opening: str = Field("", max_length=500, description="above the table")
    terms: str = Field("", max_length=2000, description="below the totals: terms, bank details, thanks")


class DocumentPrintSettings(Contract):
    """What the book prints on its documents: who it is, its logo, its texts by kind of document."""

    name: str = Field("", max_length=120, description="empty: the book's name")
    address: str = Field("", max_length=200)
    phone: str = Field("", max_length=60)
    tax_number: str = Field("", max_length=40)
    bank_name: str = Field("", max_length=100)
    bank_account: str = Field("", max_length=60)
    logo: str = Field("", max_length=2_000_000, description="a PNG or JPEG file as base64; kept as a small PNG")
    texts: list[PrintedTexts] = Field(default_factory=list, max_length=40)
    version: int = 1


class DocumentPrintSettingsInput(Change):
    """Changes of what is printed; fields left out stay, an empty logo takes it away."""

    name: str | None = Field(None, max_length=120)
    address: str | None = Field(None, max_length=200)
    phone: str | None = Field(None, max_length=60)
    tax_number: str | None = Field(None, max_length=40)
    bank_name: str | None = Field(None, max_length=100)
    bank_account: str | None = Field(None, max_length=60)
    logo: str | None = Field(None, max_length=2_000_000)
    texts: list[PrintedTexts] | None = Field(None, max_length=40)
