from __future__ import annotations

import datetime

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QApplication
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from app.ui.ledger.account_index import AccountIndex
from app.ui.ledger.voucher_form import VoucherForm
from app.ui.ledger.voucher_line import Column
from app.ui.ledger.voucher_model import FAULT_ROLE, RED_ROLE, VoucherModel
from app.ui.ledger.voucher_sheet import VoucherSheet
from tests.ui.ledger.ledger_samples import chart, currencies

KEY = Qt.Key
CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


class Typist:
    """Types where the keyboard is, as a person would."""

    def __init__(self, qtbot: QtBot, form: VoucherForm) -> None:
        self._qtbot = qtbot
        self.form = form
        self.grid = form.grid

    @property
    def sheet(self) -> VoucherSheet:
        return self.form.sheet

    def write(self, text: str) -> None:
        for sign in text:
            editor = self.grid.editor
            target = editor if editor is not None else self.grid
            if sign.isascii():
                self._qtbot.keyClicks(target, sign)
            else:
                # what an input method does: the text arrives without a key
                assert editor is not None
                editor.insert(sign)
                editor.setModified(True)
                editor.textEdited.emit(editor.text())

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        editor = self.grid.editor
        target = editor if editor is not None else self.grid
        self._qtbot.keyClick(target, key, modifier)

    def enter(self, *texts: str) -> None:
        for text in texts:
            self.write(text)
            self.press(KEY.Key_Return)

    def shown(self, row: int, column: Column) -> str:
        return str(self.form.model.index(row, column).data() or "")


@pytest.fixture
def typist(qtbot: QtBot) -> Typist:
    form = VoucherForm(datetime.date(2026, 6, 30), "王会计")
    qtbot.addWidget(form)
    sheet = VoucherSheet(AccountIndex(chart()), currencies())
    sheet.date = "2026-06-30"
    form.show_sheet(sheet)
    form.retranslate(english=False)
    form.resize(1100, 640)
    form.show()
    QApplication.setActiveWindow(form)
    form.grid.go(0, Column.SUMMARY)
    return Typist(qtbot, form)


def test_enter_walks_from_summary_to_the_next_line(typist: Typist) -> None:
    typist.enter("买纸", "560201", "300", "")
    assert typist.grid.cell == (1, Column.SUMMARY)
    assert [typist.shown(0, column) for column in (Column.SUMMARY, Column.ACCOUNT, Column.DEBIT)] == [
        "买纸",
        "560201 管理费用-办公费",
        "300.00",
    ]
    assert typist.grid.editor is not None


def test_enter_on_an_empty_summary_takes_the_one_above(typist: Typist) -> None:
    typist.enter("买纸", "560201", "300", "", "")
    assert typist.shown(1, Column.SUMMARY) == "买纸"
    assert typist.grid.cell == (1, Column.ACCOUNT)


def test_a_cell_opened_while_the_window_was_in_the_back_gets_the_keys(typist: Typist) -> None:
    QApplication.setActiveWindow(None)  # no window of ours is in front
    typist.grid.go(0, Column.ACCOUNT)
    typist.form.date.setFocus()
    typist.grid.setFocus()
    QApplication.setActiveWindow(typist.form)
    assert typist.grid.editor is not None
    assert QApplication.focusWidget() is typist.grid.editor


def test_shift_enter_goes_back(typist: Typist) -> None:
    typist.enter("买纸", "560201")
    typist.press(KEY.Key_Return, SHIFT)
    assert typist.grid.cell == (0, Column.ACCOUNT)


@pytest.mark.parametrize("signs", ["..", "。。"])
def test_two_dots_copy_the_summary_above(typist: Typist, signs: str) -> None:
    typist.enter("买纸", "560201", "300", "", "付款", "1001", "", "300")
    typist.write(signs)
    typist.press(KEY.Key_Return)
    assert typist.shown(2, Column.SUMMARY) == "付款"


@pytest.mark.parametrize("signs", ["//", "、、"])
def test_two_strokes_copy_the_first_summary(typist: Typist, signs: str) -> None:
    typist.enter("买纸", "560201", "300", "", "付款", "1001", "", "300")
    typist.write(signs)
    typist.press(KEY.Key_Return)
    assert typist.shown(2, Column.SUMMARY) == "买纸"


@pytest.mark.parametrize("sign", ["=", "＝"])
def test_equals_balances_in_the_cell(typist: Typist, sign: str) -> None:
    typist.enter("买纸", "560201", "300", "", "", "1001", "")
    assert typist.grid.cell == (1, Column.CREDIT)
    typist.write(sign)
    assert typist.shown(1, Column.CREDIT) == "300.00"
    assert typist.sheet.difference == 0
    assert typist.grid.cell == (1, Column.CREDIT)


def test_equals_after_a_calculation_works_it_out(typist: Typist) -> None:
    typist.enter("买纸", "560201")
    typist.write("12*3+5=")
    assert typist.shown(0, Column.DEBIT) == "41.00"
    assert typist.grid.cell == (0, Column.DEBIT)


def test_a_calculation_is_worked_out_on_leaving_the_cell(typist: Typist) -> None:
    typist.enter("买纸", "560201", "12*3+5")
    assert typist.shown(0, Column.DEBIT) == "41.00"


@pytest.mark.parametrize("sign", [" ", "　"])
def test_space_moves_the_amount_to_the_other_side(typist: Typist, sign: str) -> None:
    typist.enter("买纸", "560201")
    typist.write("300" + sign)
    assert typist.shown(0, Column.DEBIT) == ""
    assert typist.shown(0, Column.CREDIT) == "300.00"
    assert typist.grid.cell == (0, Column.CREDIT)
    typist.write(sign)
    assert typist.shown(0, Column.DEBIT) == "300.00"


def test_a_space_in_a_summary_is_a_space(typist: Typist) -> None:
    typist.enter("buy paper")
    assert typist.shown(0, Column.SUMMARY) == "buy paper"


def test_f7_lists_accounts_and_enter_takes_the_one_found_by_initials(typist: Typist) -> None:
    typist.enter("买纸")
    typist.press(KEY.Key_F7)
    listed = typist.grid.lookup_list
    assert listed is not None
    assert listed.isVisible()
    assert len(listed.choices) == 8
    typist.write("bgf")
    assert [choice.value for choice in listed.choices] == ["560201"]
    typist.press(KEY.Key_Return)
    assert typist.shown(0, Column.ACCOUNT) == "560201 管理费用-办公费"
    assert typist.grid.cell == (0, Column.DEBIT)
    assert not listed.isVisible()


def test_arrow_keys_choose_in_the_list_and_escape_closes_it(typist: Typist) -> None:
    typist.enter("买纸")
    typist.write("1002")
    listed = typist.grid.lookup_list
    assert listed is not None
    typist.press(KEY.Key_Down)
    typist.press(KEY.Key_Return)
    assert typist.shown(0, Column.ACCOUNT).startswith("100202")
    typist.grid.go(1, Column.ACCOUNT)
    typist.write("1")
    assert listed.isVisible()
    typist.press(KEY.Key_Escape)
    assert not listed.isVisible()
    assert typist.grid.editor is not None


def test_ctrl_f7_balances_from_any_cell(typist: Typist) -> None:
    typist.enter("买纸", "560201", "300", "", "")
    typist.write("1001")
    typist.press(KEY.Key_F7, CONTROL)
    assert typist.shown(1, Column.ACCOUNT) == "1001 库存现金"
    assert typist.shown(1, Column.CREDIT) == "300.00"


def test_ctrl_insert_and_ctrl_delete_change_the_rows(typist: Typist) -> None:
    typist.enter("买纸", "560201", "300", "", "付款", "1001")
    typist.press(KEY.Key_Insert, CONTROL)
    assert typist.grid.cell == (1, Column.SUMMARY)
    assert typist.shown(1, Column.SUMMARY) == ""
    assert typist.shown(2, Column.SUMMARY) == "付款"
    typist.press(KEY.Key_Delete, CONTROL)
    assert typist.shown(1, Column.SUMMARY) == "付款"


def test_escape_leaves_the_cell_as_it_was(typist: Typist) -> None:
    typist.enter("买纸")
    typist.grid.go(0, Column.SUMMARY)
    typist.write("卖纸")
    typist.press(KEY.Key_Escape)
    assert typist.shown(0, Column.SUMMARY) == "买纸"
    assert typist.grid.editor is None
    assert typist.grid.cell == (0, Column.SUMMARY)


def test_arrows_move_between_rows_and_cells(typist: Typist) -> None:
    typist.enter("买纸", "560201")
    typist.write("300")
    typist.press(KEY.Key_Down)
    assert typist.grid.cell == (1, Column.DEBIT)
    assert typist.shown(0, Column.DEBIT) == "300.00"
    typist.press(KEY.Key_Right)
    assert typist.grid.cell == (1, Column.CREDIT)
    typist.press(KEY.Key_Left)
    assert typist.grid.cell == (1, Column.DEBIT)
    typist.press(KEY.Key_Up)
    assert typist.grid.cell == (0, Column.DEBIT)


def test_full_width_amounts_are_understood_and_nonsense_stays(typist: Typist) -> None:
    typist.enter("买纸", "560201", "１，２３４。５")
    assert typist.shown(0, Column.DEBIT) == "1,234.50"
    typist.grid.go(0, Column.DEBIT)
    typist.write("三百")
    typist.grid.commit()
    index = typist.form.model.index(0, Column.DEBIT)
    assert index.data() == "三百"
    assert "三百" in str(index.data(FAULT_ROLE))


def test_difference_and_capitals_follow_the_typing(typist: Typist) -> None:
    typist.enter("买纸", "560201", "1409.50", "")
    assert typist.form.difference.text() == "贷方少 1,409.50"
    assert typist.form.totals.text(Column.SUMMARY) == "合计：壹仟肆佰零玖元伍角整"
    typist.enter("", "1001", "")
    typist.write("=")
    assert typist.form.difference.text() == "✓ 借贷平衡"
    assert typist.form.totals.text(Column.CREDIT) == "1,409.50"


def test_optional_columns_come_when_an_account_wants_them(typist: Typist) -> None:
    assert typist.grid.isColumnHidden(Column.AUXILIARY)
    assert typist.grid.isColumnHidden(Column.RATE)
    typist.enter("收款", "1122")
    assert typist.grid.cell == (0, Column.AUXILIARY)
    typist.grid.go(1, Column.ACCOUNT)
    typist.enter("100202")
    assert not typist.grid.isColumnHidden(Column.RATE)
    assert typist.grid.cell == (1, Column.CURRENCY)
    assert typist.shown(1, Column.CURRENCY) == "USD"
    typist.grid.show_extra(frozenset({Column.CASH_FLOW}), shown=True)
    assert not typist.grid.isColumnHidden(Column.CASH_FLOW)


def test_enter_passes_an_auxiliary_that_is_only_offered_and_tab_stops_there(typist: Typist) -> None:
    typist.enter("买纸", "560201")
    assert typist.grid.cell == (0, Column.DEBIT)
    typist.press(KEY.Key_Backtab)
    assert typist.grid.cell == (0, Column.AUXILIARY)
    typist.write("部门:一车间")
    typist.press(KEY.Key_Tab)
    assert typist.grid.cell == (0, Column.DEBIT)
    assert typist.shown(0, Column.AUXILIARY) == "部门:一车间"
    typist.press(KEY.Key_Tab)
    typist.press(KEY.Key_Tab)
    assert typist.grid.cell == (1, Column.SUMMARY)


def test_negative_amounts_are_red_with_a_minus(typist: Typist) -> None:
    typist.enter("注销", "560201", "-300")
    index = typist.form.model.index(0, Column.DEBIT)
    assert index.data() == "-300.00"
    assert index.data(RED_ROLE) is True


def test_the_model_keeps_qts_rules(qtmodeltester: ModelTester, qtbot: QtBot) -> None:
    model = VoucherModel(VoucherSheet(AccountIndex(chart()), currencies()))
    qtmodeltester.check(model)
    model.setData(model.index(5, Column.SUMMARY), "末行")
    assert model.rowCount() == 7
    model.insert_row(2)
    model.delete_row(0)
    qtmodeltester.check(model)
