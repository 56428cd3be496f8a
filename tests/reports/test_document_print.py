"""Printed documents: what stands on the paper, over how many pages, with the book's own heading, logo and texts."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image

from app.contract.document_printing import (
    DocumentPaper,
    DocumentPrintSettingsInput,
    PrintedTexts,
)
from app.contract.printing import PrintPage
from app.identity.actor import Actor
from app.kernel.errors import Conflict, MalformedInput, PermissionDenied
from app.kernel.text import speaking
from app.reports.document_print.drawing import LOGO, SHEETS, draw_form
from app.reports.document_print.forms import document_form
from app.reports.document_print.settings import LOGO_SIZE, change_settings, read_settings
from app.reports.page_pdf import PagesPdf
from app.resources import catalogue
from tests.reports.papers import PARTY, document, document_line, picture, texts, words
from tests.reports.pdf_reading import PdfPages

EVERY_PAPER: tuple[DocumentPaper, ...] = ("a4", "a5", "241x140")


def shown(page: PrintPage) -> list[str]:
    """Return the texts of a page in the order of drawing."""
    return [text.text for text in page.texts]


def test_an_invoice_says_who_what_and_how_much() -> None:
    own = words(texts=texts("sales_invoice", opening="货款明细如下：", terms="付款请注明单号。\n逾期加收滞纳金。"))
    (page,) = draw_form(document_form(document("sales_invoice"), PARTY, own, with_prices=True), "a4")
    found = shown(page)
    for text in (
        "湖州太湖茶具有限公司",
        "电话：0572-1234567　税号：91330500MA2B3C4D5E",
        "销售账单",
        "客户：杭州钱塘贸易有限公司",
        "税号：91330100MA1A2B3C4D",
        "单号：XP-202606-0003",
        "到期日：2026-07-18",
        "来源：XS-202606-0001",
        "货款明细如下：",
        "A001",
        "12",
        "88.5",
        "1,062.00",
        "2,124.00",
        "大写：贰仟壹佰贰拾肆元整",
        "备注：请送到后门。",
        "逾期加收滞纳金。",
        "本单不是税务发票。",
        "制单：王会计",
        "第 1 页，共 1 页",
    ):
        assert text in found, text
    assert "草稿" not in found


def test_a_delivery_note_can_be_without_prices() -> None:
    lines = [document_line(1, lot="P1", expiry="2027-01-31")]
    note = document("delivery", lines=1).model_copy(update={"lines": lines})
    without = shown(draw_form(document_form(note, PARTY, words(), with_prices=False), "a5")[0])
    assert not any("939.82" in text or "大写" in text for text in without)
    assert "收货（签字）：" in without
    assert "批次 P1 有效期至 2027-01-31" in "".join(without)
    assert "939.82" in shown(draw_form(document_form(note, PARTY, words(), with_prices=True), "a5")[0])


def test_drafts_and_cancelled_documents_say_so() -> None:
    for state, mark in (("draft", "草稿"), ("cancelled", "作废")):
        form = document_form(document("quotation", state=state), PARTY, words(), with_prices=True)
        (page,) = draw_form(form, "a4")
        assert [text.red for text in page.texts if text.text == mark] == [True]


@pytest.mark.parametrize("paper", EVERY_PAPER)
@pytest.mark.parametrize("count", [1, 7, 60])
def test_every_line_is_printed_once_and_nothing_leaves_the_paper(paper: DocumentPaper, count: int) -> None:
    long = document_line(count, description="双层真空不锈钢保温杯礼盒装" * 23)
    lines = [*(document_line(number) for number in range(1, count)), long]
    whole = document("sales_invoice", lines=1).model_copy(update={"lines": lines})
    own = words(logo=picture(), texts=texts("sales_invoice", terms="甲" * 900))
    pages = draw_form(document_form(whole, PARTY, own, with_prices=True), paper)
    codes = [text for page in pages for text in shown(page) if text.startswith("A0")]
    assert codes == [f"A{number:03}" for number in range(1, count + 1)]
    assert sum(text.count("双") for page in pages for text in shown(page)) == 23
    assert sum(text.count("甲") for page in pages for text in shown(page)) == 900
    sheet = SHEETS[paper]
    for page in pages:
        for text in page.texts:
            assert sheet.side <= text.x <= text.x + text.width <= sheet.width - sheet.side + 1
            assert sheet.top <= text.y <= text.y + text.height <= sheet.height - sheet.bottom
    assert [len(page.pictures) for page in pages] == [1] + [0] * (len(pages) - 1)
    assert "单号：XP-202606-0003" in shown(pages[-1])


def test_it_speaks_english_too() -> None:
    with speaking(catalogue("en")):
        form = document_form(document("sales_order"), PARTY, words(), with_prices=True)
        found = shown(draw_form(form, "a4")[0])
    assert {"Sales order", "Customer: 杭州钱塘贸易有限公司", "Page 1 of 1"} <= set(found)


def test_the_pdf_has_the_pages_and_the_logo_and_is_always_the_same() -> None:
    own = words(logo=picture())
    pages = draw_form(document_form(document("delivery", lines=40), PARTY, own, with_prices=True), "a4")

    def written() -> bytes:
        made = PagesPdf(SHEETS["a4"].width, SHEETS["a4"].height, "单据", {LOGO: own.settings.logo})
        for page in pages:
            made.add(page)
        target = io.BytesIO()
        made.write(target)
        return target.getvalue()

    data = written()
    assert data == written()
    assert PdfPages(data).sizes == [(595, 841)] * len(pages)
    assert b"/Subtype /Image" in data


# --- what the book prints --------------------------------------------------------------------------------------------


def test_a_logo_is_made_small_and_only_its_dots_are_kept(firm: Actor) -> None:
    settings = change_settings(
        firm, DocumentPrintSettingsInput(name=" 太湖茶具 ", logo=picture("JPEG", (4000, 1000)), version=1)
    )
    assert (settings.name, settings.version) == ("太湖茶具", 2)
    with Image.open(io.BytesIO(base64.b64decode(settings.logo))) as kept:
        assert kept.format == "PNG"
        assert kept.width <= LOGO_SIZE[0]
    assert read_settings() == settings
    assert change_settings(firm, DocumentPrintSettingsInput(logo="")).logo == ""


@pytest.mark.parametrize(
    "content",
    [b"<svg onload='alert(1)'/>", b"\x89PNG\r\n\x1a\n broken", b"GIF89a" + b"0" * 40, b"\0" * 1_400_001],
)
def test_what_is_no_picture_is_refused_and_nothing_changes(file_firm: Actor, content: bytes) -> None:
    wished = DocumentPrintSettingsInput(name="新", logo=base64.b64encode(content).decode())
    with pytest.raises(MalformedInput) as refused:
        change_settings(file_firm, wished)
    assert "PNG" in str(refused.value)
    assert "logo" in refused.value.fields
    assert read_settings().name == ""


def test_settings_have_a_right_of_their_own_and_know_stale_changes(file_firm: Actor) -> None:
    reader = Actor(file_firm.user_id, "小李", frozenset({"reports:document:print"}))
    with pytest.raises(PermissionDenied):
        change_settings(reader, DocumentPrintSettingsInput(name="他"))
    change_settings(file_firm, DocumentPrintSettingsInput(phone="1", version=1))
    with pytest.raises(Conflict):
        change_settings(file_firm, DocumentPrintSettingsInput(phone="2", version=1))
    with pytest.raises(MalformedInput):
        change_settings(file_firm, DocumentPrintSettingsInput(texts=[PrintedTexts(kind="nothing")]))
