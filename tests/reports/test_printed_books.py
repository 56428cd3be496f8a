"""Printed books: pages that carry on from each other, and pages kept as they were when somebody looked at them.

After a change that is meant, make the kept pages anew and look at every one of them before committing:

    ZHANGFANG_MAKE_GOLDEN=1 .venv/bin/python -m pytest -n 0 tests/reports/test_printed_books.py
    pdftoppm -r 70 -png tests/reports/golden/NAME.pdf /tmp/NAME
"""

from __future__ import annotations

import io
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.contract.ledger import AccountChange, AuxiliaryInput, AuxiliaryUse, Opening, OpeningRow
from app.identity.actor import Actor
from app.kernel.text import Message
from app.ledger.queries.accounts import account_id_of
from app.ledger.service import opening
from app.ledger.service.accounts import change_account
from app.ledger.service.sets import create_auxiliary
from app.reports.catalogue import REPORTS
from app.reports.pdf_font import find_font, font_folders
from app.reports.report_file import write_report
from app.reports.request import ReportRequest
from app.resources import catalogue
from app.storage.progress import WorkCancelled
from tests.ledger.build import line, posted
from tests.reports.pdf_reading import PdfPages

GOLDEN = Path(__file__).parent / "golden"
GOLDEN_FONT = "wqy-microhei.ttc"
"""The font the kept pages were made with: places of centred texts depend on it."""
CUSTOMER = "上海市浦东新区张江高科技园区青禾电子商务股份有限公司第一营业部"


@pytest.fixture
def shop(file_firm: Actor) -> Actor:
    """A shop with two busy months, stock in pieces, customers, VAT and a red entry; the same each time."""
    for code in ("1122", "2203"):
        change_account(
            file_firm, account_id_of(code), AccountChange(auxiliaries=[AuxiliaryUse(kind="客户", demanded=True)])
        )
    change_account(file_firm, account_id_of("1405"), AccountChange(has_quantity=True, unit="件", auxiliaries=[]))
    for name in ("甲公司", CUSTOMER):
        create_auxiliary(file_firm, AuxiliaryInput(kind="客户", name=name))
    rows = [
        OpeningRow(account_code="1002", year_begin_debit="500000", opening_debit="500000"),
        OpeningRow(account_code="1405", year_begin_debit="1000", opening_debit="1000", quantity="100"),
        OpeningRow(account_code="3001", year_begin_credit="501000", opening_credit="501000"),
    ]
    opening.replace_opening(file_firm, Opening(rows=rows))
    for month in ("2026-01", "2026-12"):
        for day in range(1, 29):
            date = f"{month}-{day:02}"
            cost = f"{day * 97}.{day:02}"
            summary = "付差旅费，北京往返机票及住宿，三人四天" if day % 9 == 0 else "付费用"
            expense = line(f"56020{day % 9 + 1}", cost, summary=summary)
            posted(file_firm, date, expense, line("1002", credit=cost, summary="付款"))
            if day % 4 == 0:
                sale = [line("1122", str(day * 113), aux=f"客户:{CUSTOMER if day % 8 else '甲公司'}")]
                sale += [line("5001", credit=str(day * 100)), line("22210107", credit=str(day * 13))]
                posted(file_firm, date, *sale)
                posted(file_firm, date, line("5401", f"{day}0"), line("1405", credit=f"{day}0", quantity=str(day)))
            if day % 7 == 0:
                goods = line("1405", "333.33", quantity="33", unit_price="10.1", summary="进货")
                posted(file_firm, date, goods, line("22210101", "43.33"), line("1002", credit="376.66"))
        posted(file_firm, f"{month}-28", line("1002", "-55.5", summary="更正"), line("5001", credit="-55.5"))
    return file_firm


def printed(actor: Actor, name: str, language: str = "zh", **wishes: Any) -> bytes:
    """Return a report as a PDF."""
    stream = io.BytesIO()
    translations = None if language == "zh" else catalogue("en")
    write_report(actor, REPORTS[name], ReportRequest(**wishes), "pdf", stream, translations)
    return stream.getvalue()


KEPT: dict[str, tuple[str, dict[str, Any]]] = {
    "subsidiary-ledger": ("subsidiary-ledger", {"account_code": "1002"}),
    "subsidiary-ledger-en": ("subsidiary-ledger", {"account_code": "1002", "to_period": "2026-01", "language": "en"}),
    "cash-journal": ("cash-journal", {"to_period": "2026-01"}),
    "expenses": ("multi-column", {"account_code": "5602", "to_period": "2026-01"}),
    "vat": ("multi-column", {"account_code": "222101"}),
    "quantity-ledger": ("quantity-ledger", {}),
    "auxiliary-ledger": ("auxiliary-ledger", {"aux": "客户"}),
    "general-ledger": ("general-ledger", {"account_code": "5602"}),
    "trial-balance-10": ("trial-balance", {"columns": 10}),
    "trial-balance-6": ("trial-balance", {"columns": 6}),
    "voucher-summary": ("voucher-summary", {"to_period": "2026-01", "level": 1}),
    "journal": ("journal", {"to_period": "2026-01"}),
}


@pytest.mark.skipif(find_font(font_folders()).name != GOLDEN_FONT, reason=f"the pages were made with {GOLDEN_FONT}")
def test_pages_are_as_they_were_looked_at(shop: Actor) -> None:
    for kept, (name, wishes) in KEPT.items():
        data = printed(shop, name, **wishes)
        path = GOLDEN / f"{kept}.pdf"
        if "ZHANGFANG_MAKE_GOLDEN" in os.environ:
            path.write_bytes(data)
        made, golden = PdfPages(data), PdfPages(path.read_bytes())
        assert made.sizes == golden.sizes, kept
        for page in range(len(golden)):
            assert made.rows(page) == golden.rows(page), f"{kept}, page {page + 1}"
            assert made.words(page) == golden.words(page), f"{kept}, page {page + 1}"
            assert made.drawing(page) == golden.drawing(page), f"{kept}, page {page + 1}"


def test_the_same_book_prints_the_same_bytes(shop: Actor) -> None:
    assert printed(shop, "subsidiary-ledger") == printed(shop, "subsidiary-ledger")


def amount(text: str) -> Decimal:
    return Decimal(text.replace(",", "") or 0)


def test_pages_carry_the_months_sums_and_the_balance_on(shop: Actor) -> None:
    pages = PdfPages(printed(shop, "subsidiary-ledger", account_code="1002"))
    assert len(pages) == 2
    first, second = pages.rows(0), pages.rows(1)
    assert not any("承前页" in row for row in first)
    foot, head = first[-2], second[3]
    assert (foot[0], head[0]) == ("过次页", "承前页")
    assert foot[1:] == head[1:]
    assert first[-1] == ["甲公司", "第 1 页", "共 2 页"]
    # what the month came to on the first page and goes on to come to on the second is what closes it
    place = next(number for number, row in enumerate(second) if "本月合计" in row)
    went = sum(amount(row[-3]) for row in second[4:place] if row[2] != "更正")
    came = sum(amount(row[-3]) for row in second[4:place] if row[2] == "更正")
    closing = second[place]
    assert closing[1] == "本月合计"
    carried_credit = amount(head[-3])
    assert carried_credit + went == amount(closing[-3])
    assert came == amount(closing[-4]) == Decimal("-55.50")
    assert second[place + 2][1:] == ["结转下年", "借", closing[-1]]


def test_each_account_begins_on_a_new_page_unless_not_wanted(shop: Actor) -> None:
    apart = PdfPages(printed(shop, "subsidiary-ledger"))
    together = PdfPages(printed(shop, "subsidiary-ledger", new_page=False))
    assert len(together) < len(apart)
    heads = [row[0] for page in range(len(apart)) for row in apart.rows(page) if row[0].startswith("科目：")]
    assert len(heads) == len(apart)  # each page says whose it is
    assert len(set(heads)) == len({row["account_code"] for row in rows_of(shop)})
    titles = [row[0] for page in range(len(together)) for row in together.rows(page) if row[0].startswith("科目：")]
    assert list(dict.fromkeys(title.removesuffix("（续）") for title in titles)) == list(dict.fromkeys(heads))


def rows_of(actor: Actor) -> list[Any]:
    return list(REPORTS["subsidiary-ledger"].run(actor, ReportRequest()).rows)


def test_many_columns_go_on_on_further_sheets(shop: Actor) -> None:
    pages = PdfPages(printed(shop, "multi-column", account_code="5602", to_period="2026-01"))
    dates = [[row[0] for row in pages.rows(page) if row[0].startswith("2026-01-")] for page in range(len(pages))]
    assert dates[0] == dates[1]  # the same rows, the further columns
    assert any("余额" in row for row in pages.rows(0))
    assert not any("余额" in row for row in pages.rows(1))


def test_red_is_red_and_has_its_sign(shop: Actor) -> None:
    pages = PdfPages(printed(shop, "subsidiary-ledger", account_code="1002"))
    words = [word for page in range(len(pages)) for word in pages.words(page)]
    assert {word.text for word in words if word.is_red} == {word.text for word in words if word.text.startswith("-")}
    assert any(word.is_red for word in words)


def test_long_names_are_broken_and_long_numbers_are_not_cut(file_firm: Actor) -> None:
    change_account(
        file_firm, account_id_of("1122"), AccountChange(auxiliaries=[AuxiliaryUse(kind="客户", demanded=True)])
    )
    create_auxiliary(file_firm, AuxiliaryInput(kind="客户", name=CUSTOMER * 5))
    entry = line("1122", "9999999999999.99", aux=f"客户:{CUSTOMER * 5}", summary="很长的摘要" * 20)
    posted(file_firm, "2026-01-05", entry, line("5001", credit="9999999999999.99"))
    for name in ("auxiliary-ledger", "auxiliary-balance", "journal"):
        pages = PdfPages(printed(file_firm, name))
        words = pages.words(0)
        width = pages.sizes[0][0]
        assert all(36 <= word.x <= width - 36 for word in words)
        small = next(word for word in words if word.text == "9,999,999,999,999.99")
        assert 5 <= small.size <= 8
        if name == "journal":
            texts = [word.text for word in words]
            assert not any("很长的摘要" * 20 in text for text in texts)
            assert "很长的摘要" * 20 in "".join(text for text in texts if set(text) <= set("很长的摘要"))


def test_a_part_of_a_book_says_that_it_is_one(shop: Actor) -> None:
    wishes: dict[str, Any] = {"from_period": "2026-01", "to_period": "2026-01", "include_unposted": True}
    pages = PdfPages(printed(shop, "voucher-summary", word="记", from_number=2, to_number=9, **wishes))
    assert pages.rows(0)[1] == ["甲公司", "2026-01　凭证 记 2–9 号　含未记账凭证", "单位：元"]
    balances = PdfPages(printed(shop, "trial-balance", account_code="5602", aux="客户:甲公司", **wishes))
    assert balances.rows(0)[1][1] == "2026-01　科目 5602　客户:甲公司　含未记账凭证"
    whole = PdfPages(printed(shop, "trial-balance", to_period="2026-01"))
    assert whole.rows(0)[1][1] == "2026-01"


def test_printing_tells_how_far_it_is_and_can_be_stopped(shop: Actor, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []

    def watch(done: int, total: int, _text: Message) -> None:
        told.append((done, total))
        if done:
            raise WorkCancelled("cancelled", _text)

    folder = tmp_path / "out"
    folder.mkdir()
    target = folder / "ledger.pdf"
    with pytest.raises(WorkCancelled):
        write_report(shop, REPORTS["subsidiary-ledger"], ReportRequest(), "pdf", target, progress=watch)
    total = told[0][1]
    assert told[0][0] == 0
    assert abs(total - len(rows_of(shop))) <= total // 5
    assert list(folder.iterdir()) == []
    for file in ("csv", "xlsx"):
        with pytest.raises(WorkCancelled):
            write_report(shop, REPORTS["journal"], ReportRequest(), file, target, progress=stop)
        assert list(folder.iterdir()) == []


def stop(_done: int, _total: int, text: Message) -> None:
    raise WorkCancelled("cancelled", text)
