"""What stands above a printed report: the book, the months, the unit; in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.kernel.period import format_period
from app.kernel.text import Message, message
from app.reports.request import ReportRequest, resolve_span
from app.storage.book_settings import get_setting


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above a report, and the catalogue its texts are rendered with (none: Chinese).

    `line` holds all of it in one; print puts its parts in several places. `request` is what was asked for.
    """

    line: str
    catalogue: Mapping[str, str] | None = field(default=None, repr=False)
    book_name: str = ""
    months: str = ""
    unit: str = ""
    request: ReportRequest = field(default_factory=ReportRequest)

    def text(self, sentence: Message) -> str:
        """Return a text in the reader's language."""
        return sentence.render(self.catalogue)


def read_heading(request: ReportRequest, catalogue: Mapping[str, str] | None = None) -> Heading:
    """Read the book's name, base currency and the months a request covers."""
    span = resolve_span(request)
    first, last = format_period(span.first), format_period(span.last)
    currency = str(get_setting("base_currency"))
    name = str(get_setting("book_name", ""))
    line = message("{book}　{first} 至 {last}　单位：{currency}", book=name, first=first, last=last, currency=currency)
    months = message("{first} 至 {last}", first=first, last=last).render(catalogue) if first != last else first
    yuan = message("单位：元") if currency == "CNY" else message("单位：{currency}", currency=currency)
    return Heading(line.render(catalogue), catalogue, name, months, yuan.render(catalogue), request)
