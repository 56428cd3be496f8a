"""The editor of statements: what is typed is tried, refused at its row, saved, taken back; reclassifications."""

from __future__ import annotations

from typing import TypeVar

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QApplication, QComboBox, QDialog, QLineEdit, QMessageBox
from pytestqt.modeltest import ModelTester

from app.ui.reports.definition_dialog import DefinitionDialog
from app.ui.reports.reclassification_dialog import ReclassificationDialog
from app.ui.reports.statements_page import StatementsPage
from tests.ui.ledger.desk import Desk

D = TypeVar("D", bound=QDialog)
EDIT = Qt.ItemDataRole.EditRole


@pytest.fixture
def page(desk: Desk) -> StatementsPage:
    desk.posted("2026-06-02", ("1002", "10000", ""), ("3001", "", "10000"))
    return desk.show(StatementsPage)


def opened(page: StatementsPage, kind: type[D]) -> D:
    QApplication.processEvents()
    found = [dialog for dialog in page.findChildren(kind) if dialog.isVisible()]
    assert found
    return found[-1]


def editor(page: StatementsPage) -> DefinitionDialog:
    page.menu.edit_definition()
    return opened(page, DefinitionDialog)


def place_of(dialog: DefinitionDialog, line: int) -> int:
    return next(place for place, row in enumerate(dialog.rows.rows()) if row.line == line)


def put(dialog: DefinitionDialog, line: int, field: str, value: str) -> bool:
    model = dialog.rows
    return model.setData(model.index(place_of(dialog, line), model.column_of(field)), value, EDIT)


def figure(page: StatementsPage, line: int) -> str:
    return str(page.model.cell_of(line, "closing").data() or "")


def test_a_changed_formula_is_tried_then_saved_then_taken_back(
    page: StatementsPage, qtmodeltester: ModelTester
) -> None:
    dialog = editor(page)
    qtmodeltester.check(dialog.rows)
    assert dialog.reset.isHidden()
    assert put(dialog, 2, "formula", "DR(1101)+5")
    assert put(dialog, 2, "name_zh", "短期投资和备用")
    dialog.trial.click()
    shown = dialog.rows.index(place_of(dialog, 2), len(dialog.rows.columns)).data()
    assert shown == "5.00"
    assert "核对关系有" in dialog.message_bar._label.text()
    assert figure(page, 2) == ""
    dialog.ok_button.click()
    assert figure(page, 2) == "5.00"
    assert page.choice.currentText() == "资产负债表（公式已改）"
    assert page.checks.failed()
    dialog = editor(page)
    dialog.reset.click()
    box = dialog.findChildren(QMessageBox)[-1]
    next(button for button in box.buttons() if button.text() == "还原").click()
    assert figure(page, 2) == ""
    assert page.choice.currentText() == "资产负债表"


def test_what_is_wrong_is_said_at_its_row_and_nothing_typed_is_lost(page: StatementsPage) -> None:
    dialog = editor(page)
    put(dialog, 3, "formula", "DR(1121")
    put(dialog, 5, "formula", "R999")
    dialog.ok_button.click()
    assert dialog.isVisible()
    row = place_of(dialog, 3)
    assert dialog.row_table.currentIndex().row() == row
    cell = dialog.rows.index(row, dialog.rows.column_of("formula"))
    assert cell.data(Qt.ItemDataRole.BackgroundRole) is not None
    assert dialog.fault.isVisible()
    assert "行次 3" in dialog.fault.text()
    dialog.row_table.setCurrentIndex(dialog.rows.index(place_of(dialog, 5), 0))
    assert "999" in dialog.fault.text()
    assert cell.data(EDIT) == "DR(1121"
    put(dialog, 3, "formula", "DR(1121)")
    assert cell.data(Qt.ItemDataRole.BackgroundRole) is None


def test_values_no_contract_takes_are_not_taken(page: StatementsPage) -> None:
    dialog = editor(page)
    assert not put(dialog, 1, "line", "abc")
    assert not put(dialog, 1, "line", "0")
    assert not put(dialog, 1, "formula", "1" * 3000)
    assert not put(dialog, 1, "kind", "bogus")
    assert put(dialog, 1, "line", "９９")
    assert place_of(dialog, 99) >= 0


def test_a_report_of_ones_own_is_made_by_keyboard_and_removed(page: StatementsPage, desk: Desk) -> None:
    page.menu.add_definition()
    dialog = opened(page, DefinitionDialog)
    dialog.title_zh.setText("资金日报")
    dialog.layout_choice.setCurrentIndex(dialog.layout_choice.findData("single"))
    table = dialog.row_table
    table.setCurrentIndex(dialog.rows.index(0, dialog.rows.column_of("name_zh")))
    desk.qtbot.keyClick(table, Qt.Key.Key_Return)
    field = table.findChildren(QLineEdit)[-1]
    field.setText("银行存款")
    desk.qtbot.keyClick(field, Qt.Key.Key_Return)
    QApplication.processEvents()
    assert dialog.isVisible()
    assert dialog.rows.rows()[0].name_zh == "银行存款"
    put(dialog, 1, "formula", "DR(1002)")
    dialog.add.click()
    assert [row.line for row in dialog.rows.rows()] == [1, 2]
    field = table.findChildren(QLineEdit)[-1]
    put(dialog, 2, "formula", "R1+R1")
    field.setText("两倍")
    dialog.ok_button.click()  # what still stands in the field is taken
    assert page.name() == "own-1"
    assert page.choice.currentText() == "资金日报（自定义）"
    assert [page.model.cell_of(line).data() for line in (1, 2)] == ["10,000.00", "20,000.00"]
    dialog = editor(page)
    assert dialog.reset.text() == "删除报表"
    dialog.reset.click()
    box = dialog.findChildren(QMessageBox)[-1]
    next(button for button in box.buttons() if button.text() == "删除").click()
    assert page.name() == "balance-sheet"
    assert page.choice.findData("own-1") == -1


def test_rows_are_moved_and_removed(page: StatementsPage) -> None:
    dialog = editor(page)
    before = [row.line for row in dialog.rows.rows()]
    place = place_of(dialog, 2)
    dialog.row_table.setCurrentIndex(dialog.rows.index(place, 4))
    dialog.down.click()
    assert place_of(dialog, 2) == place + 1
    dialog.up.click()
    assert [row.line for row in dialog.rows.rows()] == before
    dialog.remove.click()
    assert 2 not in [row.line for row in dialog.rows.rows()]
    dialog.ok_button.click()
    assert dialog.isVisible()  # line 15 adds it up
    assert dialog.fault.text()


def test_choices_are_lists(page: StatementsPage, desk: Desk) -> None:
    dialog = editor(page)
    table, model = dialog.row_table, dialog.rows
    table.edit_cell(place_of(dialog, 1), model.column_of("kind"))
    choice = table.findChildren(QComboBox)[-1]
    place = choice.findData("of_which")
    choice.setCurrentIndex(place)
    choice.activated.emit(place)
    assert model.rows()[place_of(dialog, 1)].kind == "of_which"
    assert model.index(place_of(dialog, 1), model.column_of("kind")).data() == "其中"
    assert desk.went == []


def test_the_formula_language_is_explained(page: StatementsPage) -> None:
    dialog = editor(page)
    written = [function.arguments for function in dialog.functions.rows()]
    assert "DRP(1122)" in written
    assert dialog.checks.rowCount() > 5


def test_amounts_are_reclassified_between_lines(page: StatementsPage) -> None:
    page.menu.reclassify()
    dialog = opened(page, ReclassificationDialog)
    dialog.from_line.setCurrentIndex(dialog.from_line.findData(1))
    dialog.to_line.setCurrentIndex(dialog.to_line.findData(28))
    dialog.amount.setText("0")
    dialog.ok_button.click()
    assert "不能为零" in dialog.message_bar._label.text()
    dialog.amount.setText("1，000")
    dialog.reason.setText("受限资金")
    dialog.ok_button.click()
    assert (figure(page, 1), figure(page, 28)) == ("9,000.00", "1,000.00")
    assert [move.reason for move in dialog.model.rows()] == ["受限资金"]
    dialog.table.setCurrentIndex(dialog.model.index(0, 0))
    assert dialog.amount.text() == "1000.00"
    dialog.amount.setText("400")
    dialog.ok_button.click()
    assert (figure(page, 1), figure(page, 28)) == ("9,600.00", "400.00")
    dialog.table.setCurrentIndex(dialog.model.index(0, 0))
    dialog.remove.click()
    assert (figure(page, 1), figure(page, 28)) == ("10,000.00", "")
    assert not dialog.remove.isEnabled()
