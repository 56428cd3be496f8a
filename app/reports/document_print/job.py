"""Which documents are printed, and their pages one document after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from app.contract.document_printing import DocumentLayout, DocumentLayoutQuery, DocumentPrintQuery
from app.contract.printing import PrintPage
from app.identity.actor import Actor
from app.kernel.errors import MalformedInput, RuleBroken
from app.kernel.text import message
from app.ledger.queries.vouchers import base_digits
from app.reports.document_print.drawing import LOGO, SHEETS, draw_form
from app.reports.document_print.forms import Words
from app.reports.document_print.settings import read_settings
from app.reports.document_print.sources import READERS
from app.storage.book_settings import get_setting
from app.storage.database import read_snapshot

MOST_DOCUMENTS = 2000


class DocumentJob(NamedTuple):
    """The documents to print in order, and what is the same on all of them."""

    actor: Actor
    query: DocumentPrintQuery
    ids: Sequence[int]
    words: Words

    def pages_of(self, index: int) -> list[PrintPage]:
        """Return the pages of one document. Raises `NotFound` and `PermissionDenied` as looking at it does."""
        form = READERS[self.query.source](self.actor, self.query, self.ids[index], self.words)
        return draw_form(form, self.query.paper)

    def pages(self) -> Iterator[tuple[PrintPage, int]]:
        """Yield all pages, each with how many documents lie before the end of its own."""
        for index in range(len(self.ids)):
            for page in self.pages_of(index):
                yield page, index + 1

    @property
    def pictures(self) -> dict[str, str]:
        """Return the pictures the pages refer to."""
        return {LOGO: self.words.settings.logo} if self.words.settings.logo else {}


def plan_job(actor: Actor, query: DocumentPrintQuery) -> DocumentJob:
    """Find out what is to be printed. Needs `reports:document:print`; call inside a snapshot.

    Texts are those of the language being spoken. Raises `MalformedInput`, and `RuleBroken` where there is nothing or
    too much.
    """
    actor.require("reports:document:print")
    ids = _named(query.ids)
    if not ids:
        raise RuleBroken("nothing_to_print", message("请先选要打印的单据。"))
    if len(ids) > MOST_DOCUMENTS:
        raise RuleBroken("too_much_to_print", message("一次最多打印 {most} 张单据，请少选一些。", most=MOST_DOCUMENTS))
    words = Words(read_settings(), str(get_setting("book_name", "")), base_digits() == 2)
    return DocumentJob(actor, query, ids, words)


def lay_out(actor: Actor, query: DocumentLayoutQuery) -> DocumentLayout:
    """Return the pages of some documents; `next` goes on after them. Raises as `plan_job` does."""
    if query.cursor and not (query.cursor.isdecimal() and len(query.cursor) < 10):
        raise MalformedInput("cursor_malformed", message("翻页标记无效，请从第一页看起。"))
    with read_snapshot():
        job = plan_job(actor, query)
        first = int(query.cursor or 0)
        last = min(first + query.limit, len(job.ids))
        pages = [page for index in range(first, last) for page in job.pages_of(index)]
    sheet = SHEETS[query.paper]
    return DocumentLayout(
        width=sheet.width,
        height=sheet.height,
        pages=pages,
        documents=len(job.ids),
        next=str(last) if last < len(job.ids) else None,
        pictures=job.pictures,
    )


def _named(text: str) -> list[int]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not all(part.isdecimal() and len(part) < 19 for part in parts):
        raise MalformedInput("ids_malformed", message("单据编号“{text}”不对，应是逗号隔开的数字。", text=text[:60]))
    return list(dict.fromkeys(int(part) for part in parts))
