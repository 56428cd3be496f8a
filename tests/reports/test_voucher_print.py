"""Printed vouchers: what stands on the sheets, long ones over several, pages in parts, and as a PDF."""

from __future__ import annotations

import io
import re
import time
from pathlib import Path

import pytest

from app.contract.ledger import AuxiliaryInput, EntryInput, VoucherInput
from app.contract.printing import Paper, PrintPage, VoucherLayoutQuery, VoucherPrintQuery
from app.identity.actor import Actor
from app.kernel.errors import MalformedInput, PermissionDenied, RuleBroken
from app.ledger.service import sets, states, vouchers
from app.reports.voucher_print.job import lay_out, plan_job
from app.reports.voucher_print.paper import FORMS
from app.reports.voucher_print.pdf import write_voucher_pdf
from app.resources import catalogue
from tests.calling import Caller
from tests.ledger.build import draft, line, posted

EVERY_PAPER: tuple[Paper, ...] = ("240x140", "a5", "a4", "a4-3")


def pages_of(actor: Actor, paper: Paper = "240x140", **more: object) -> list[PrintPage]:
    """Return all pages of 2026-01."""
    query = VoucherLayoutQuery(period="2026-01", paper=paper, limit=100, **more)
    return lay_out(actor, query).pages


def texts(page: PrintPage) -> list[str]:
    """Return the texts of a page in the order of drawing."""
    return [text.text for text in page.texts]


def digits_at(page: PrintPage, y_of: str) -> str:
    """Return the digits that stand on the height of a text."""
    height = next(text.y + text.height // 2 for text in page.texts if text.text.startswith(y_of))
    row = [text for text in page.texts if len(text.text) == 1 and abs(text.y + text.height // 2 - height) < 40]
    return "".join(text.text for text in sorted(row, key=lambda text: text.x))


def test_a_sheet_says_what_the_regulation_asks_for(firm: Actor) -> None:
    """《会计基础工作规范》 art. 51: date, number, summary, accounts, amounts, attachments, and who signed."""
    sets.create_auxiliary(firm, AuxiliaryInput(kind="客户", name="甲公司"))
    entries = [
        line("1122", "1130.05", summary="销售", aux="客户:甲公司"),
        line("5001", credit="1000.05", summary="销售"),
        line("22210107", credit="130", summary="销售"),
    ]
    saved = vouchers.save_voucher(firm, VoucherInput(date="2026-01-05", attachment_count=12, entries=entries))
    states.review_and_post(firm, saved.id)
    (page,) = pages_of(firm, chief="李主管")
    found = texts(page)
    for text in (
        "记 账 凭 证",
        "核算单位：甲公司",
        "2026 年 01 月 05 日",
        "记字第 1 号",
        "销售",
        "1122 应收账款",
        "客户:甲公司",
        "22210107 应交税费／应交增值税／销项税额",
        "合计　壹仟壹佰叁拾元零伍分",
        "会计主管：李主管",
        "记账：王会计",
        "审核：王会计",
        "制单：王会计",
        "12",
    ):
        assert text in found, text
    assert digits_at(page, "合计") == "¥113005¥113005"
    assert digits_at(page, "5001") == "100005"
    assert "未记账" not in found


def test_red_amounts_are_red_and_have_a_minus(firm: Actor) -> None:
    posted(firm, "2026-01-05", line("1001", "-0.05", summary="退货"), line("5001", credit="-0.05", summary="退货"))
    (page,) = pages_of(firm)
    assert digits_at(page, "1001") == "-005"
    red = [text.text for text in page.texts if text.red]
    assert "".join(red) == "-005-005-¥005-¥005"
    assert "合计　负伍分" in texts(page)


@pytest.mark.parametrize("paper", EVERY_PAPER)
def test_a_long_voucher_goes_on_over_sheets_whose_subtotals_add_up(firm: Actor, paper: Paper) -> None:
    spent = [line("560205", "1.01", summary=f"第{number}笔") for number in range(23)]
    posted(firm, "2026-01-05", *spent, line("1001", credit="23.23", summary="付现"))
    form = FORMS[paper]
    sheets = -(-24 // form.sheet.rows)
    pages = pages_of(firm, paper)
    assert len(pages) == -(-sheets // form.sheets)
    found = [text for page in pages for text in texts(page)]
    names = [text for text in found if text.startswith("记字第 1 ")]
    assert names == [f"记字第 1 {number}/{sheets} 号" for number in range(1, sheets + 1)]
    assert [text for text in found if text.startswith("第")] == [f"第{number}笔" for number in range(23)]
    assert found.count("本页小计（转下页）") == sheets - 1
    assert found.count("合计　贰拾叁元贰角叁分") == 1
    first = digits_at(pages[0], "本页小计")
    assert first.startswith(f"¥{101 * form.sheet.rows}")


def test_nothing_typed_is_cut_off(firm: Actor) -> None:
    long_summary = "很长的摘要" * 40
    foreign = {"currency": "USD", "foreign_amount": "100", "rate": "7.1234"}
    posted(
        firm,
        "2026-01-05",
        line("1002", "712.34", summary=long_summary, **foreign),
        line("1405", "100", summary="入库", quantity="12.5", unit_price="8"),
        line("3001", credit="812.34", summary="投入"),
    )
    found = [text for page in pages_of(firm) for text in texts(page)]
    assert long_summary in "".join(found)
    assert "USD 100.00 × 7.1234" in found
    assert "12.5 × 8" in found


def test_amounts_too_long_for_the_columns_are_written_across_them(firm: Actor) -> None:
    posted(firm, "2026-01-05", line("1001", "1234567890.12"), line("3001", credit="1234567890.12"))
    (page,) = pages_of(firm)
    assert "1,234,567,890.12" in texts(page)


def test_drafts_are_marked_and_void_ones_only_printed_when_named(firm: Actor) -> None:
    first = draft(firm, "2026-01-05", line("1001", "1"), line("3001", credit="1"))
    second = draft(firm, "2026-01-06", line("1001", "2"), line("3001", credit="2"))
    states.void_voucher(firm, second.id)
    (page,) = pages_of(firm)
    assert "未记账" in texts(page)
    with pytest.raises(RuleBroken):
        pages_of(firm, posted_only=True)
    named = lay_out(firm, VoucherLayoutQuery(ids=f"{second.id},{first.id}")).pages
    assert "作废" in texts(named[0])
    assert "未记账" in texts(named[1])


def test_a_range_of_numbers_of_one_word(firm: Actor) -> None:
    for word in ("收", "转"):
        for _number in range(4):
            posted(firm, "2026-01-05", line("1001", "1"), line("3001", credit="1"), word=word)
    pages = pages_of(firm, word="收", from_number=2, to_number=3)
    assert [next(t for t in texts(page) if t.startswith("收字")) for page in pages] == ["收字第 2 号", "收字第 3 号"]
    assert "收 款 凭 证" in texts(pages[0])
    assert "转 账 凭 证" in texts(pages_of(firm, word="转")[0])


@pytest.mark.parametrize("paper", EVERY_PAPER)
def test_pages_in_parts_are_the_pages_as_a_whole(firm: Actor, paper: Paper) -> None:
    for count in (1, 30, 2, 9):
        spent = [line("560205", "1", summary="办公") for _ in range(count)]
        posted(firm, "2026-01-05", *spent, line("1001", credit=str(count), summary="办公"))
    whole = pages_of(firm, paper)
    parts: list[PrintPage] = []
    cursor: str | None = ""
    while cursor is not None:
        part = lay_out(firm, VoucherLayoutQuery(period="2026-01", paper=paper, limit=1, cursor=cursor))
        assert part.vouchers == 4
        parts += part.pages
        cursor = part.next
    assert parts == whole


def test_everything_lies_on_the_paper_and_in_its_own_place(firm: Actor) -> None:
    posted(firm, "2026-01-05", line("1001", "123456789.01", summary="长" * 30), line("3001", credit="123456789.01"))
    for paper in EVERY_PAPER:
        form = FORMS[paper]
        for page in pages_of(firm, paper):
            for text in page.texts:
                assert text.x >= 0
                assert text.x + text.width <= form.width
                assert text.y >= 0
                assert text.y + text.height <= form.height
        assert form.sheet.account_width > 4500
        assert form.sheet.rows >= 4


def test_the_same_vouchers_give_the_same_pdf(file_firm: Actor) -> None:
    posted(file_firm, "2026-01-05", line("1001", "1", summary="𠮷"), line("3001", credit="1"))
    made = []
    for _time in range(2):
        stream = io.BytesIO()
        assert write_voucher_pdf(plan_job(file_firm, VoucherPrintQuery(period="2026-01")), stream) == 1
        made.append(stream.getvalue())
    assert made[0] == made[1]
    assert made[0].startswith(b"%PDF-")
    box = re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", made[0])
    assert box is not None
    assert [round(float(side) * 25.4 / 72) for side in box.groups()] == [240, 140]


def test_in_english_the_form_is_english_and_what_was_typed_stays(file_firm: Actor) -> None:
    posted(file_firm, "2026-01-05", line("1001", "1", summary="投入"), line("3001", credit="1"))
    query = VoucherLayoutQuery(period="2026-01")
    (page,) = lay_out(file_firm, query, catalogue("en")).pages
    assert {"VOUCHER", "Entity: 甲公司", "投入", "Debit"} <= set(texts(page))


@pytest.mark.parametrize(
    "wrong", [{"ids": "1;2"}, {"ids": "x"}, {}, {"period": "2026-13"}, {"period": "2026-01", "cursor": "1"}]
)
def test_bad_wishes_are_one_sentence(file_firm: Actor, wrong: dict[str, str]) -> None:
    posted(file_firm, "2026-01-05", line("1001", "1"), line("3001", credit="1"))
    with pytest.raises(MalformedInput):
        lay_out(file_firm, VoucherLayoutQuery(**wrong))


def test_printing_is_a_right_of_its_own(file_firm: Actor) -> None:
    nobody = Actor(file_firm.user_id, "甲", frozenset({"ledger:voucher:view"}), is_owner=False)
    with pytest.raises(PermissionDenied):
        plan_job(nobody, VoucherPrintQuery(period="2026-01"))


def test_over_http_as_pages_and_as_a_file(window: Caller, tmp_path: Path) -> None:
    entries = [
        EntryInput(summary="投入", account_code="1001", debit="1"),
        EntryInput(summary="投入", account_code="3001", credit="1"),
    ]
    body = {"date": "2026-06-05", "entries": [entry.model_dump() for entry in entries]}
    assert window.post("/api/vouchers", body).status == 201
    answer = window.get("/api/voucher-prints?period=2026-06&paper=a5")
    assert answer.status == 200
    assert answer.json["width"] == 21000
    assert answer.json["next"] is None
    started = window.post("/api/voucher-prints", {"wanted": {"period": "2026-06"}})
    assert started.status == 202, started.json
    job = started.json
    deadline = time.monotonic() + 60
    while job["state"] in {"waiting", "running"} and time.monotonic() < deadline:
        job = window.get(f"/api/jobs/{job['id']}").json
    assert job["state"] == "done", job
    assert job["result"]["pages"] == 1
    assert window.get(f"/api/jobs/{job['id']}/file").data.startswith(b"%PDF-")
    assert window.post("/api/voucher-prints", {"wanted": {"period": "2026-07"}}).status == 422
