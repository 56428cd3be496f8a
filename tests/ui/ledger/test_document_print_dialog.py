"""Printing documents from the window: the preview, the heading and texts of one's own, a file."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from PyQt5.QtWidgets import QWidget

from app.contract.contacts import ContactInput
from app.contract.orders import DocumentInput, DocumentLineInput
from app.ui.ledger.voucher_list_page import VoucherListPage
from app.ui.printing.document_print_dialog import DocumentPrintDialog
from app.ui.printing.document_print_settings import DocumentPrintSettingsDialog
from tests.reports.papers import picture
from tests.ui.ledger.desk import Desk


@pytest.fixture
def page(desk: Desk) -> QWidget:
    """A page to open dialogs over."""
    return desk.show(VoucherListPage)


def quoted(desk: Desk) -> int:
    """Save a quotation of one line of text."""
    customer = desk.api.add_contact(ContactInput(name="钱塘", roles=["customer"]))
    line = DocumentLineInput(description="咨询", quantity="1", net="100", tax="6", gross="106", tax_rate="6")
    typed = DocumentInput(kind="quotation", date="2026-06-01", contact_id=customer.id, lines=[line])
    return desk.api.add_document(typed).id


def test_it_shows_how_the_paper_will_look_and_saves_a_pdf(desk: Desk, page: QWidget, tmp_path: Path) -> None:
    dialog = DocumentPrintDialog(page, "document", [quoted(desk)])
    assert dialog.count.text() == "1 张单据，第 1 页，共 1 页"
    dialog.paper.setCurrentIndex(1)
    assert dialog.wanted().paper == "a5"
    dialog.show()
    assert dialog.preview.grab().toImage().pixelColor(dialog.preview.rect().center()).lightness() > 200
    target = tmp_path / "报价单.pdf"
    dialog.save(target)
    assert target.read_bytes().startswith(b"%PDF-")
    assert str(target) in dialog.message_bar.text
    dialog.close()


def test_what_is_not_there_is_said(page: QWidget) -> None:
    dialog = DocumentPrintDialog(page, "document", [4711])
    assert "4711" in dialog.message_bar.text
    assert not dialog.print_button.isEnabled()
    dialog.close()


def test_heading_logo_and_texts_are_the_books_own(desk: Desk, page: QWidget, tmp_path: Path) -> None:
    logo = tmp_path / "标志.png"
    logo.write_bytes(base64.b64decode(picture()))
    dialog = DocumentPrintSettingsDialog(page)
    dialog.fields["name"].setText("太湖茶具")
    dialog.title.setText("估价单")
    dialog.kind.setCurrentIndex(1)
    assert dialog.title.text() == ""
    dialog.terms.setPlainText("三日内有效\n含运费")
    dialog.take_logo(logo)
    dialog.ok_button.click()
    kept = desk.api.document_print_settings()
    assert kept.name == "太湖茶具"
    assert kept.logo
    assert {text.kind: (text.title, text.terms) for text in kept.texts} == {
        "quotation": ("估价单", ""),
        "sales_order": ("", "三日内有效\n含运费"),
    }


def test_a_file_that_is_no_picture_is_refused_and_nothing_typed_is_lost(
    desk: Desk, page: QWidget, tmp_path: Path
) -> None:
    dialog = DocumentPrintSettingsDialog(page)
    dialog.fields["phone"].setText("0572-1")
    for content, sentence in ((b"no picture", "PNG"), (b"0" * 1_000_001, "1 MB")):
        wrong = tmp_path / "wrong.png"
        wrong.write_bytes(content)
        dialog.take_logo(wrong)
        if len(content) < 100:
            dialog.ok_button.click()
        assert sentence in dialog.message_bar.text
        assert dialog.fields["phone"].text() == "0572-1"
    assert desk.api.document_print_settings().phone == ""
    dialog.close()
