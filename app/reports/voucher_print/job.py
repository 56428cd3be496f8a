"""Which vouchers are printed, and their pages one after the other: never more than one voucher in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from app.contract.printing import PrintLayout, PrintPage, VoucherLayoutQuery, VoucherPrintQuery
from app.identity.actor import Actor
from app.kernel.errors import MalformedInput, RuleBroken
from app.kernel.period import parse_period
from app.kernel.text import clean_text, message
from app.ledger.queries.vouchers import base_digits, get_voucher
from app.reports.voucher_print.drawing import BookWords, PageDrawing
from app.reports.voucher_print.paper import FORMS
from app.reports.voucher_print.rows import sheets_of
from app.storage.book_settings import get_setting
from app.storage.database import fetch_all, read_snapshot

MOST_VOUCHERS = 20_000


class Place(NamedTuple):
    """A sheet: which voucher of the job, and which of its sheets."""

    voucher: int
    sheet: int


START = Place(0, 0)


class PrintJob(NamedTuple):
    """The vouchers to print in order, and what is the same on all of them."""

    query: VoucherPrintQuery
    ids: Sequence[int]
    words: BookWords
    names: dict[int, str]

    def pages(self, start: Place = START) -> Iterator[tuple[PrintPage, Place]]:
        """Yield pages from a place on, each with the place where the next one begins."""
        form = FORMS[self.query.paper]
        page: PageDrawing | None = None
        for index in range(start.voucher, len(self.ids)):
            voucher = get_voucher(self.ids[index])
            sheets = sheets_of(voucher, self.names, self.words.digits, form.sheet)
            for printed in sheets[start.sheet if index == start.voucher else 0 :]:
                page = page or PageDrawing(form, self.words)
                page.draw(voucher, printed)
                if page.is_full:
                    last = printed.sheet_number == printed.sheet_count
                    yield page.finish(), Place(index + 1, 0) if last else Place(index, printed.sheet_number)
                    page = None
        if page is not None:
            yield page.finish(), Place(len(self.ids), 0)


def plan_job(actor: Actor, query: VoucherPrintQuery, catalogue: Mapping[str, str] | None = None) -> PrintJob:
    """Find the vouchers to print. Raises `MalformedInput` and, where there are none or too many, `RuleBroken`.

    Needs `reports:voucher:print`.
    """
    actor.require("reports:voucher:print")
    ids = _named(query.ids) if query.ids.strip() else _of_month(query)
    if not ids:
        raise RuleBroken("nothing_to_print", message("没有可打印的凭证，请换一个月份或号码范围。"))
    if len(ids) > MOST_VOUCHERS:
        raise RuleBroken(
            "too_much_to_print",
            message("一次最多打印 {most} 张凭证，请缩小号码范围。", most=MOST_VOUCHERS),
        )
    words = BookWords(str(get_setting("book_name", "")), base_digits(), clean_text(query.chief), catalogue)
    return PrintJob(query, ids, words, _full_names())


def lay_out(actor: Actor, query: VoucherLayoutQuery, catalogue: Mapping[str, str] | None = None) -> PrintLayout:
    """Return some pages of a job; `next` goes on after them. Raises as `plan_job` does."""
    with read_snapshot():
        job = plan_job(actor, query, catalogue)
        pages: list[PrintPage] = []
        following: str | None = None
        for page, place in job.pages(_read_place(query.cursor)):
            pages.append(page)
            if len(pages) == query.limit:
                following = f"{place.voucher}:{place.sheet}" if place.voucher < len(job.ids) else None
                break
    form = FORMS[query.paper]
    return PrintLayout(width=form.width, height=form.height, pages=pages, vouchers=len(job.ids), next=following)


def _read_place(cursor: str) -> Place:
    if not cursor:
        return START
    voucher, _, sheet = cursor.partition(":")
    if not (voucher.isdecimal() and sheet.isdecimal() and len(cursor) < 20):
        raise MalformedInput("cursor_malformed", message("翻页标记无效，请从第一页看起。"))
    return Place(int(voucher), int(sheet))


def _named(text: str) -> list[int]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not all(part.isdecimal() and len(part) < 19 for part in parts):
        raise MalformedInput("ids_malformed", message("凭证编号“{text}”不对，应是逗号隔开的数字。", text=text[:60]))
    return list(dict.fromkeys(int(part) for part in parts))


def _of_month(query: VoucherPrintQuery) -> list[int]:
    if not query.period:
        raise MalformedInput("period_missing", message("请说明打印哪个月的凭证。"))
    condition, params = (
        "period = ? AND number IS NOT NULL AND state <> 'void'",
        list[object]([parse_period(query.period)]),
    )
    if query.posted_only:
        condition += " AND state = 'posted'"
    if query.word.strip():
        condition += " AND word = ?"
        params.append(clean_text(query.word))
    if query.from_number is not None:
        condition += " AND number >= ?"
        params.append(query.from_number)
    if query.to_number is not None:
        condition += " AND number <= ?"
        params.append(query.to_number)
    rows = fetch_all(
        f"SELECT id FROM {{voucher}} WHERE {condition} ORDER BY word, number LIMIT ?", [*params, MOST_VOUCHERS + 1]
    )
    return [int(row[0]) for row in rows]


def _full_names() -> dict[int, str]:
    """Return the name of each account with those above it: 管理费用／办公费."""
    rows = {row[0]: (row[1], row[2]) for row in fetch_all("SELECT id, parent_id, name_zh FROM {account}")}

    def full(account_id: int) -> str:
        parent_id, name = rows[account_id]
        return f"{full(parent_id)}／{name}" if parent_id in rows else str(name)

    return {account_id: full(account_id) for account_id in rows}
