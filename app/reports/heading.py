"""What stands above a printed report: the book, the months, the unit; in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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


def read_heading(
    request: ReportRequest, catalogue: Mapping[str, str] | None = None, *, names_account: bool = False
) -> Heading:
    """Read the book's name, base currency and the months a request covers, and say what it leaves out.

    A part of a book on paper must not be taken for the whole: auxiliaries, a range of vouchers, unposted vouchers and
    (with `names_account`, where nothing else on the page does) the account that was asked for stand beside the months.
    """
    span = resolve_span(request)
    first, last = format_period(span.first), format_period(span.last)
    currency = str(get_setting("base_currency"))
    name = str(get_setting("book_name", ""))
    line = message("{book}　{first} 至 {last}　单位：{currency}", book=name, first=first, last=last, currency=currency)
    months = message("{first} 至 {last}", first=first, last=last).render(catalogue) if first != last else first
    yuan = message("单位：元") if currency == "CNY" else message("单位：{currency}", currency=currency)
    limits = [limit.render(catalogue) for limit in _limits(request, names_account=names_account)]
    return Heading(
        "　".join([line.render(catalogue), *limits]),
        catalogue,
        name,
        "　".join([months, *limits]),
        yuan.render(catalogue),
        request,
    )


def _limits(request: ReportRequest, *, names_account: bool) -> Iterator[Message]:
    if names_account and request.account_code:
        yield message("科目 {code}", code=request.account_code)
    if request.aux:
        yield Message("{aux}", {"aux": request.aux})
    if request.word or request.from_number or request.to_number:
        first, last = request.from_number or 1, request.to_number
        if last:
            yield message("凭证 {word} {first}–{last} 号", word=request.word, first=first, last=last)
        else:
            yield message("凭证 {word} {first} 号起", word=request.word, first=first)
    if request.include_unposted:
        yield message("含未记账凭证")
