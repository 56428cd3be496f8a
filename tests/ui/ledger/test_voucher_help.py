"""What helps at the window: proposed cash flow and words, signatures, templates, attachments, corrections, numbers."""

from __future__ import annotations

from pathlib import Path

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtGui import QColor, QImage
from PyQt5.QtWidgets import QMessageBox, QWidget

from app.contract.voucher_work import Attachment, MakeDue, VoucherSettingsInput
from app.ui.ledger.attachment_files import fetch_privately, may_be_opened, size_text
from app.ui.ledger.attachment_preview import AttachmentPreview
from app.ui.ledger.difference_dialog import RIGHT_AMOUNT, DifferenceDialog
from app.ui.ledger.number_dialog import NumberDialog
from app.ui.ledger.reversal_dialog import ReversalDialog
from app.ui.ledger.template_dialog import TemplateDialog
from app.ui.ledger.template_picker import TemplatePicker
from app.ui.ledger.templates_page import TemplatesPage
from app.ui.ledger.voucher_line import Column
from app.ui.ledger.voucher_list_page import VoucherListPage
from app.ui.ledger.voucher_model import QUIET_ROLE
from app.ui.ledger.voucher_page import VoucherPage
from app.ui.ledger.voucher_settings_dialog import VoucherSettingsDialog
from app.ui.navigation import NewVoucher, OpenVoucher, ShowPage
from tests.ui.ledger.desk import Desk
from tests.ui.ledger.test_voucher_page import PAPER, press, put, stored, type_lines


def answer(page: QWidget, text: str) -> None:
    box = page.findChildren(QMessageBox)[-1]
    next(button for button in box.buttons() if button.text() == text).click()


def flow_cell(page: VoucherPage, row: int) -> tuple[str, bool]:
    index = page.form.model.index(row, Column.CASH_FLOW)
    return index.data(), bool(index.data(QUIET_ROLE))


def test_the_proposed_cash_flow_line_stands_in_the_grid_and_gives_way_to_a_typed_one(desk: Desk) -> None:
    page = desk.show(VoucherPage)
    type_lines(page, ("买纸", "560201", "300", ""), ("买纸", "1002", "", "300"))
    page.proposals.ask()
    assert flow_cell(page, 1) == ("6 支付其他与经营活动有关的现金", True)
    assert flow_cell(page, 0) == ("", False)
    assert not page.form.grid.isColumnHidden(Column.CASH_FLOW)
    put(page, 0, Column.ACCOUNT, "1601")
    page.proposals.ask()
    assert flow_cell(page, 1)[0].startswith("12 ")
    put(page, 1, Column.CASH_FLOW, "3")
    page.proposals.ask()
    assert flow_cell(page, 1) == ("3 购买原材料、商品、接受劳务支付的现金", False)
    page.save()
    assert [entry.cash_flow_line for entry in stored(page).entries] == [None, 3]
    assert not page.has_unsaved()


def test_a_stored_proposal_follows_the_lines_and_a_stored_choice_stays(desk: Desk) -> None:
    page = desk.show(VoucherPage)
    page.open(OpenVoucher(desk.write("2026-06-10", *PAPER).id))
    assert flow_cell(page, 1)[1]
    assert not page.has_unsaved()
    put(page, 0, Column.ACCOUNT, "1601")
    page.save()
    assert stored(page).entries[1].cash_flow_line == 12
    put(page, 1, Column.CASH_FLOW, "3")
    page.save()
    put(page, 0, Column.ACCOUNT, "560201")
    page.save()
    assert stored(page).entries[1].cash_flow_line == 3


def test_f7_lists_the_cash_flow_lines_by_name(desk: Desk) -> None:
    page = desk.show(VoucherPage)
    type_lines(page, ("买纸", "560201", "300", ""), ("买纸", "1002", "", "300"))
    choices = page.form.lookups.choices(page.form.sheet, Column.CASH_FLOW, "", everything=True)
    assert [choice.code for choice in choices][:7] == ["1", "2", "3", "4", "5", "6", "8"]
    found = page.form.lookups.choices(page.form.sheet, Column.CASH_FLOW, "职工", everything=False)
    assert [(choice.value, choice.label) for choice in found] == [("4", "支付的职工薪酬")]


def test_an_open_cash_flow_cell_shows_the_lines_and_enter_leaves_it(desk: Desk) -> None:
    page = desk.show(VoucherPage)
    type_lines(page, ("买纸", "560201", "300", ""), ("买纸", "1002", "", "300"))
    page.proposals.ask()
    page.form.grid.go(1, Column.CASH_FLOW)
    shown = page.form.grid.lookup_list
    assert shown is not None
    assert shown.isVisible()
    press(desk, page, Qt.Key.Key_Return)
    assert not shown.isVisible()
    assert flow_cell(page, 1) == ("6 支付其他与经营活动有关的现金", True)


def test_a_click_on_a_cash_flow_cell_shows_the_lines_too(desk: Desk) -> None:
    page = desk.show(VoucherPage)
    page.open(OpenVoucher(desk.write("2026-06-10", *PAPER).id))
    grid = page.form.grid
    place = grid.visualRect(page.form.model.index(1, Column.CASH_FLOW)).center()
    desk.qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert grid.lookup_list is not None
    assert grid.lookup_list.isVisible()


def test_the_word_follows_the_lines_until_somebody_says_one(desk: Desk) -> None:
    desk.api.change_voucher_settings(VoucherSettingsInput(word_rule="收付转"))
    page = desk.show(VoucherPage)
    assert [page.form.word.itemText(place) for place in range(page.form.word.count())] == ["收", "付", "转"]
    type_lines(page, ("买纸", "560201", "300", ""), ("买纸", "1002", "", "300"))
    page.proposals.ask()
    assert page.form.word.currentText() == "付"
    page.form.word.setCurrentText("转")
    page.save()
    assert [fault.code for fault in stored(page).faults] == ["word_wrong"]
    page.form.word.setCurrentText("付")
    page.save()
    assert (stored(page).word, stored(page).faults) == ("付", [])
    page.new_voucher()
    type_lines(page, ("收款", "1002", "300", ""), ("收款", "530109", "", "300"))
    page.save()
    assert stored(page).word == "收"


def test_the_cashier_signs_at_the_window(desk: Desk) -> None:
    page = desk.show(VoucherPage)
    page.open(OpenVoucher(desk.write("2026-06-10", ("560201", "1", ""), ("1405", "", "1")).id))
    assert not page.toolbar.buttons["sign"].isVisible()
    page.open(OpenVoucher(desk.write("2026-06-10", *PAPER).id))
    page.toolbar.buttons["sign"].click()  # type: ignore[union-attr]
    assert page.form.people["cashier"].text() == "出纳： 王会计"
    assert not page.toolbar.buttons["sign"].isVisible()
    page.ways.act("unsign")
    assert page.form.people["cashier"].text() == "出纳："


def test_after_the_red_one_the_blue_one_is_offered(desk: Desk) -> None:
    original = desk.posted("2026-06-10", *PAPER)
    page = desk.show(VoucherPage)
    page.open(OpenVoucher(original.id))
    page.ways.steps()["reverse"]()
    page.findChildren(ReversalDialog)[-1].ok_button.click()
    answer(page, "填更正凭证")
    assert page.form.sheet.correction_of == original.id
    assert page.form.sheet.lines[0].summary == "订正6月10日记字1号凭证 业务"
    page.save()
    assert (stored(page).correction_of, stored(page).faults) == (original.id, [])


def test_amounts_are_corrected_by_their_differences(desk: Desk) -> None:
    page = desk.show(VoucherPage)
    page.open(OpenVoucher(desk.posted("2026-06-10", *PAPER).id))
    page.ways.steps()["difference"]()
    dialog = page.findChildren(DifferenceDialog)[-1]
    for row in range(2):
        item = dialog.table.item(row, RIGHT_AMOUNT)
        assert item is not None
        item.setText("280")
    dialog.ok_button.click()
    made = stored(page)
    assert [(entry.debit, entry.credit) for entry in made.entries] == [("-20.00", "0.00"), ("0.00", "-20.00")]
    assert made.faults == []


def test_templates_are_kept_used_and_come_due(desk: Desk) -> None:
    page = desk.show(VoucherPage)
    page.open(OpenVoucher(desk.write("2026-06-10", *PAPER, summary="{月}月房租").id))
    page.ways.steps()["template"]()
    dialog = page.findChildren(TemplateDialog)[-1]
    dialog.name.setText("房租")
    dialog.recurs.setChecked(True)
    dialog.ok_button.click()
    page.ways.from_template()
    page.findChildren(TemplatePicker)[-1].ok_button.click()
    assert page.form.sheet.lines[0].summary == "6月房租"
    assert page.has_unsaved()
    page.save()
    listed = desk.show(TemplatesPage)
    assert listed.templates.topLevelItemCount() == 1
    listed.make.click()
    assert listed.due.topLevelItem(0).text(2) == "记-3"  # type: ignore[union-attr]
    assert not listed.make.isEnabled()
    assert desk.api.make_due(MakeDue(period="2026-06")).done == 0
    listed.due.itemActivated.emit(listed.due.topLevelItem(0), 0)
    assert isinstance(desk.last(), OpenVoucher)
    listed.use.click()
    template = desk.api.list_templates().templates[0]
    assert desk.last() == NewVoucher(template.id)
    page.open(NewVoucher(template.id))
    assert page.form.sheet.stored is None
    assert page.form.sheet.lines[0].summary == "6月房租"
    listed.remove.click()
    answer(listed, "删除")
    assert desk.api.list_templates().templates == []


def picture(path: Path) -> Path:
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(QColor("steelblue"))
    assert image.save(str(path))
    return path


def test_documents_are_attached_looked_at_and_removed(desk: Desk, tmp_path: Path) -> None:
    page = desk.show(VoucherPage)
    assert not page.attachments.isVisible()
    page.open(OpenVoucher(desk.write("2026-06-10", *PAPER).id))
    (tmp_path / "发票.pdf").write_bytes(b"%PDF-1.4 x")
    page.attachments.add([picture(tmp_path / "收据.png"), tmp_path / "发票.pdf"])
    assert [attachment.name for attachment in page.attachments.attachments()] == ["收据.png", "发票.pdf"]
    assert page.form.attachments.value() == 2
    assert not page.has_unsaved()
    put(page, 0, Column.SUMMARY, "买纸张")
    page.save()
    assert (stored(page).summary, stored(page).attachment_count) == ("买纸张", 2)
    page.attachments.list.itemActivated.emit(page.attachments.list.item(0))
    preview = page.findChildren(AttachmentPreview)[-1]
    desk.qtbot.waitUntil(lambda: preview.picture.width() > 100)
    shown = preview.picture.pixmap()
    assert shown is not None
    assert (shown.width(), shown.height()) == (40, 30)
    preview.save_to(str(tmp_path / "again.png"))
    assert (tmp_path / "again.png").read_bytes() == (tmp_path / "收据.png").read_bytes()
    page.attachments.list.setCurrentRow(1)
    page.attachments.remove_current()
    answer(page.attachments, "删除")
    assert page.form.attachments.value() == 1
    page.ways.act("review")
    page.ways.act("post")
    page.attachments.list.setCurrentRow(0)
    assert not page.attachments.remove_button.isVisible()


@pytest.mark.parametrize(
    ("name", "media_type", "opened"),
    [
        ("发票.PDF", "application/pdf", True),
        ("说明.txt", "text/plain", True),
        ("合同.url", "text/plain", False),
        ("合同.txt.desktop", "text/plain", False),
        ("照片.exe", "image/png", False),
        ("网页.html", "application/octet-stream", False),
    ],
)
def test_only_what_its_name_ends_as_is_handed_to_the_system(name: str, media_type: str, opened: bool) -> None:
    document = Attachment(
        id=1, voucher_id=1, name=name, media_type=media_type, size=1, sha256="a" * 64, added_by="甲", added_at=0
    )
    assert may_be_opened(document) is opened


def test_a_document_of_a_foreign_book_stays_in_its_private_folder(desk: Desk, tmp_path: Path) -> None:
    page = desk.show(VoucherPage)
    page.open(OpenVoucher(desk.write("2026-06-10", *PAPER).id))
    page.attachments.add([picture(tmp_path / "收据.png")])
    [kept] = page.attachments.attachments()
    path = fetch_privately(desk.api, kept.model_copy(update={"name": "..\\..\\../../外面.png"}))
    assert path.name == "外面.png"
    assert path.parent.name.startswith(f"{kept.id}-")
    assert path.read_bytes() == (tmp_path / "收据.png").read_bytes()


def test_a_refused_file_says_why_and_what_is_typed_stays(desk: Desk, tmp_path: Path) -> None:
    page = desk.show(VoucherPage)
    page.open(OpenVoucher(desk.write("2026-06-10", *PAPER).id))
    put(page, 0, Column.SUMMARY, "没存的字")
    (tmp_path / "发票.pdf").write_bytes(b"MZ program")
    page.attachments.add([tmp_path / "发票.pdf"])
    assert "程序" in page.message_bar.text
    assert page.form.sheet.lines[0].summary == "没存的字"


@pytest.mark.parametrize(
    ("size", "text"), [(9, "9 B"), (2048, "2 KB"), (1024 * 1024 * 3 // 2, "1.5 MB"), (1024 * 1024 * 10, "10.0 MB")]
)
def test_sizes_are_written_as_people_read_them(size: int, text: str) -> None:
    assert size_text(size) == text


def test_numbers_are_put_in_order_by_date(desk: Desk) -> None:
    late, early = desk.write("2026-06-20", *PAPER), desk.write("2026-06-10", *PAPER)
    page = desk.show(VoucherListPage)
    page._more_actions["numbers"].trigger()  # type: ignore[union-attr]
    dialog = page.findChildren(NumberDialog)[-1]
    assert dialog.rows.topLevelItemCount() == 1
    assert not dialog.ok_button.isEnabled()
    dialog.by_date.setChecked(True)
    dialog.ok_button.click()
    assert [desk.api.get_voucher(voucher.id).number for voucher in (early, late)] == [1, 2]
    assert "2 张" in dialog.message_bar.text
    page._more_actions["templates"].trigger()  # type: ignore[union-attr]
    assert desk.last() == ShowPage("templates")


def test_settings_are_shown_and_saved(desk: Desk) -> None:
    page = desk.show(VoucherListPage)
    page._more_actions["settings"].trigger()  # type: ignore[union-attr]
    dialog = page.findChildren(VoucherSettingsDialog)[-1]
    assert not dialog.words.isEnabled()
    dialog.rule.setCurrentIndex(2)
    dialog.words.setText("现收、现付 银收 银付 转")
    dialog.sign.setChecked(True)
    dialog.ok_button.click()
    saved = desk.api.voucher_settings()
    assert (saved.words, saved.cashier_must_sign) == (["现收", "现付", "银收", "银付", "转"], True)


def test_the_list_signs_many_and_finds_by_further_fields(desk: Desk, tmp_path: Path) -> None:
    cash = desk.write("2026-06-10", *PAPER)
    other = desk.write("2026-06-11", ("560201", "8", ""), ("1405", "", "8"))
    page = desk.show(VoucherListPage)
    page.batches.months("sign")
    answer(page, "出纳签字")
    assert page.message_bar.text == "已签字 1 张。"
    page._ask_accounts()

    def shown() -> list[int]:
        return [head.id for head in page.model.rows()]

    page.filter.more_button.setChecked(True)
    assert page.filter.further.isVisible()
    for name, value, expected in (
        ("cashier", "王会计", [cash.id]),
        ("cash_flow_line", 6, [cash.id]),
        ("has_attachments", "no", [cash.id, other.id]),
        ("origin", "hand", [cash.id, other.id]),
        ("kind", "transfer", []),
    ):
        box = page.filter.further.boxes[name]
        assert box.findData(value) > 0, name
        box.setCurrentIndex(box.findData(value))
        page.ask()
        assert shown() == expected, name
        page.filter.clear()
    page.filter.further.amount_from.setText("1")
    page.filter.further.amount_to.setText("9")
    page.ask()
    assert shown() == [other.id]
    page.filter.further.amount_to.setText("九")
    page.ask()
    assert page.filter.further.amount_to.property("wrong") is True
    page.filter.more_button.setChecked(False)
    assert shown() == [cash.id, other.id]


def test_the_red_reversal_of_last_year_says_what_to_do(desk: Desk) -> None:
    original = desk.posted("2026-06-10", *PAPER)
    page = desk.show(VoucherPage)
    page.open(OpenVoucher(original.id))
    page.ways.steps()["reverse"]()
    dialog = page.findChildren(ReversalDialog)[-1]
    assert not dialog.estimate.isVisible()
    dialog.date.setText("2027-01-05")
    dialog.date.editingFinished.emit()
    assert dialog.estimate.isVisible()
    dialog.ok_button.click()
    assert "以前年度" in dialog.message_bar.text
    dialog.estimate.setChecked(True)
    dialog.ok_button.click()
    assert stored(page).summary == "注销2026年6月10日记字1号凭证"
