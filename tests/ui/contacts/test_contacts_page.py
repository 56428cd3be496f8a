"""The page of contacts: found as one types, changed in a form, merged, brought in from tables and saved to them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QMessageBox, QPushButton, QWidget
from pytestqt.modeltest import ModelTester

from app.contract.contacts import Contact, ContactGroupInput, ContactInput, ContactQuery
from app.ui.contacts.contact_dialog import ContactDialog
from app.ui.contacts.contact_files import ImportErrorsDialog
from app.ui.contacts.contacts_page import ContactsPage
from app.ui.contacts.groups_dialog import GroupsDialog
from app.ui.contacts.merge_dialog import MergeDialog
from app.ui.navigation import OpenBook, OpenContact
from app.ui.printing.document_print_dialog import DocumentPrintDialog
from tests.ui.ledger.desk import Desk

W = TypeVar("W", bound=QWidget)


def add(desk: Desk, name: str, *roles: str, **more: Any) -> Contact:
    values = {"name": name, "roles": list(roles or ("customer",)), **more}
    return desk.api.add_contact(ContactInput.model_validate(values))


def shown(page: ContactsPage) -> list[str]:
    return [contact.name for contact in page.model.rows()]


def one(page: QWidget, kind: type[W]) -> W:
    found = page.findChild(kind)
    assert found is not None
    return found


def answer_yes(page: ContactsPage, text: str) -> None:
    buttons = [button for button in one(page, QMessageBox).findChildren(QPushButton) if button.text() == text]
    buttons[0].click()


def test_it_is_found_by_words_role_and_group(desk: Desk, qtmodeltester: ModelTester) -> None:
    group = desk.api.add_contact_group(ContactGroupInput(name="华东"))
    add(desk, "北京甲", group_id=group.id)
    add(desk, "上海乙", "supplier", "customer")
    add(desk, "广州丙", "employee")
    page = desk.show(ContactsPage)
    qtmodeltester.check(page.model)
    assert shown(page) == ["北京甲", "广州丙", "上海乙"]
    page.role.setCurrentIndex(page.role.findData("supplier"))
    assert shown(page) == ["上海乙"]
    page.role.setCurrentIndex(0)
    page.group.setCurrentIndex(page.group.findData(group.id))
    assert shown(page) == ["北京甲"]
    page.group.setCurrentIndex(0)
    page.search.setText("gz")
    desk.qtbot.keyClick(page.search, Qt.Key.Key_Return)
    assert shown(page) == ["广州丙"]
    assert page.table.hasFocus()
    page.search.setText("没有")
    desk.qtbot.waitUntil(lambda: shown(page) == [])
    assert page.stack.currentWidget() is page.empty


def test_a_contact_is_entered_with_all_that_is_known(desk: Desk) -> None:
    page = desk.show(ContactsPage)
    desk.qtbot.keyClick(page, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    dialog = one(page, ContactDialog)
    dialog.texts["name"].setText("甲公司")
    dialog.roles["supplier"].setChecked(True)
    dialog.texts["terms_days"].setText("３０")
    dialog.texts["credit_limit"].setText("1000")
    dialog.texts["tax_number"].setText("91350100M000100Y44")
    dialog.ok_button.click()
    (contact,) = page.model.rows()
    assert (contact.roles, contact.terms_days, contact.credit_limit) == (["customer", "supplier"], 30, "1000.00")
    assert "91350100M000100Y44" in page.message_bar.text


def test_what_the_server_refuses_is_marked_and_stays(desk: Desk) -> None:
    add(desk, "甲公司")
    page = desk.show(ContactsPage)
    page.add_button.click()
    dialog = one(page, ContactDialog)
    for values, field in (({"name": "甲公司"}, "name"), ({"name": "乙", "email": "x"}, "email")):
        for name, text in values.items():
            dialog.texts[name].setText(text)
        dialog.ok_button.click()
        assert dialog.texts[field].property("wrong")
    dialog.texts["email"].clear()
    dialog.texts["terms_days"].setText("很久")
    dialog.ok_button.click()
    assert dialog.texts["terms_days"].property("wrong")
    dialog.texts["terms_days"].clear()
    dialog.ok_button.click()
    assert shown(page) == ["甲公司", "乙"]


def test_enter_opens_it_and_changes_are_kept(desk: Desk) -> None:
    contact = add(desk, "甲公司", phone="1", price_list_id=7)
    page = desk.show(ContactsPage)
    page.table.setFocus()
    desk.qtbot.keyClick(page.table, Qt.Key.Key_Return)
    dialog = one(page, ContactDialog)
    assert dialog.texts["phone"].text() == "1"
    dialog.texts["name"].setText("甲股份公司")
    dialog.ok_button.click()
    changed = desk.api.get_contact(contact.id)
    assert (changed.name, changed.phone, changed.price_list_id) == ("甲股份公司", "1", 7)
    assert shown(page) == ["甲股份公司"]
    page.open(OpenContact(contact.id))
    assert any(opened.isVisible() for opened in page.findChildren(ContactDialog))


def test_out_of_use_it_is_gone_until_asked_for(desk: Desk) -> None:
    add(desk, "甲公司")
    page = desk.show(ContactsPage)
    page.switch_button.click()
    answer_yes(page, "停用")
    assert shown(page) == []
    page.inactive.setChecked(True)
    assert shown(page) == ["甲公司"]
    page.switch_button.click()
    assert page.model.rows()[0].active


def test_a_duplicate_is_merged_into_the_one_that_is_kept(desk: Desk) -> None:
    add(desk, "保留", "supplier")
    add(desk, "重复", phone="1")
    page = desk.show(ContactsPage)
    page.table.setCurrentIndex(page.model.index(1, 0))
    page.merge_button.click()
    dialog = one(page, MergeDialog)
    dialog.ok_button.click()
    assert dialog.into.property("wrong")
    dialog.into.set_contact(desk.api.list_contacts(ContactQuery(q="保留")).contacts[0])
    dialog.ok_button.click()
    (kept,) = page.model.rows()
    assert (kept.name, kept.roles, kept.phone) == ("保留", ["customer", "supplier"], "1")


def test_its_statement_of_account_is_one_click_away(desk: Desk) -> None:
    add(desk, "甲公司", "supplier")
    page = desk.show(ContactsPage)
    page.ledger_button.click()
    assert desk.last() == OpenBook("statement-of-account", "2026-05", "2026-06", "", "供应商:甲公司")


def test_its_statement_of_account_is_printed_for_the_months_chosen(desk: Desk) -> None:
    contact = add(desk, "甲公司")
    page = desk.show(ContactsPage)
    page.print_button.click()
    dialog = one(page, DocumentPrintDialog)
    wanted = dialog.wanted()
    assert (wanted.source, wanted.ids) == ("statement", str(contact.id))
    assert (wanted.from_date, wanted.to_date) == ("2026-05-01", "2026-06-30")
    assert not dialog.message_bar.text
    assert dialog.months is not None
    dialog.months.set_periods(202606, 202606)
    assert dialog.wanted().from_date == "2026-06-01"
    dialog.close()


def test_groups_are_kept_while_their_list_is_open(desk: Desk) -> None:
    page = desk.show(ContactsPage)
    page.groups_button.click()
    dialog = one(page, GroupsDialog)
    dialog.name.setText("华东")
    dialog.add_button.click()
    dialog.list.setCurrentRow(0)
    dialog.name.setText("东区")
    dialog.rename_button.click()
    dialog.list.setCurrentRow(0)
    dialog.switch_button.click()
    assert [(group.name, group.active) for group in desk.api.list_contact_groups().groups] == [("东区", False)]
    dialog.name.setText("东区")
    dialog.add_button.click()
    assert dialog.name.property("wrong")
    dialog.ok_button.click()
    assert page.group.itemText(1) == "东区"


def test_a_table_comes_in_whole_or_says_which_rows_are_wrong(desk: Desk, tmp_path: Path) -> None:
    page = desk.show(ContactsPage)
    table = tmp_path / "t.csv"
    table.write_text("名称,税号\n甲,12\n乙,\n", encoding="utf-8")
    page.import_button.take_file(table)
    dialog = one(page, ImportErrorsDialog)
    cell = dialog.list.item(0, 0)
    assert cell is not None
    assert (dialog.list.rowCount(), cell.text()) == (1, "2")
    dialog.ok_button.click()
    assert shown(page) == []
    table.write_text("名称,税号\n甲,\n乙,\n", encoding="utf-8")
    page.import_button.take_file(table)
    assert shown(page) == ["甲", "乙"]
    assert "2" in page.message_bar.text


def test_all_of_them_or_a_template_are_saved(desk: Desk, tmp_path: Path) -> None:
    add(desk, "甲公司")
    page = desk.show(ContactsPage)
    page.export_button.save("csv", tmp_path / "all.csv")
    assert "甲公司" in (tmp_path / "all.csv").read_text(encoding="utf-8-sig")
    page.export_button.template = True
    assert page.export_button.file_name() == "往来单位模板"
    page.export_button.save("csv", tmp_path / "template.csv")
    assert (tmp_path / "template.csv").read_text(encoding="utf-8-sig").splitlines()[1:] == []
