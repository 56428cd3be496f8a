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
    """The line under a report's title, and the catalogue its texts are rendered with (none: Chinese)."""

    line: str
    catalogue: Mapping[str, str] | None = field(default=None, repr=False)

    def text(self, sentence: Message) -> str:
        """Return a text in the reader's language."""
        return sentence.render(self.catalogue)


def read_heading(request: ReportRequest, catalogue: Mapping[str, str] | None = None) -> Heading:
    """Read the book's name, base currency and the months a request covers."""
    span = resolve_span(request)
    line = message(
        "{book}　{first} 至 {last}　单位：{currency}",
        book=get_setting("book_name", ""),
        first=format_period(span.first),
        last=format_period(span.last),
        currency=get_setting("base_currency"),
    )
    return Heading(line.render(catalogue), catalogue)
