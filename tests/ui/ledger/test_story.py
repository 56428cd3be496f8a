"""From typing a voucher to its figure in the trial balance, and back down to it, over a real server."""

from __future__ import annotations

from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest

from app.ui.ledger.entries_page import EntriesPage
from app.ui.ledger.trial_balance_page import TrialBalancePage
from app.ui.ledger.voucher_line import Column
from app.ui.ledger.voucher_list_page import VoucherListPage
from app.ui.ledger.voucher_page import VoucherPage
from app.ui.navigation import OpenEntries, OpenVoucher
from tests.ui.ledger.desk import Desk

DEBUG = Qt


def type_voucher(page: VoucherPage, *rows: tuple[str, str, str, str]) -> None:
    for row, (summary, account, debit, credit) in enumerate(rows):
        texts = (
            (Column.SUMMARY, summary),
            (Column.ACCOUNT, account),
            (Column.DEBIT, debit),
            (Column.CREDIT, credit),
        )
        for column, text in texts:
            if text:
                page.form.grid.go(row, column)
                editor = page.form.grid.editor
                assert editor is not None
                editor.setText(text)
                editor.setModified(True)
                page.form.grid.commit()


def test_a_voucher_goes_from_the_keyboard_into_the_trial_balance_and_back(desk: Desk) -> None:
    page = desk.show(VoucherPage)
    type_voucher(page, ("收到投资款", "1002", "50000", ""), ("收到投资款", "3001", "", "50000"))
    page.save()
    assert page.message_bar.text == "已保存 记-1。"
    stored = page.form.sheet.stored
    assert stored is not None
    assert not page.has_unsaved()

    listed = desk.show(VoucherListPage)
    assert [head.id for head in listed.model.rows()] == [stored.id]
    listed.batches.selected("review")
    listed.table.selectRow(0)
    listed.batches.selected("review")
    listed.table.selectRow(0)
    listed.batches.selected("post")
    assert listed.model.row(0).state == "posted"
    assert page.form.stamp.text == "已记账"

    balance = desk.show(TrialBalancePage)
    codes = [index.data() for index in balance.model.walk()]
    assert codes == ["1002", "3001"]
    assert balance.totals.text(8) == "50,000.00"
    balance.tree.setFocus()
    QTest.keyClick(balance.tree, Qt.Key.Key_Return)  # type: ignore[call-overload]
    target = desk.last()
    assert target == OpenEntries("1002", "2026-06", "2026-06")

    entries = desk.show(EntriesPage)
    entries.open(target)
    kinds = [row.kind for row in entries.model.rows()]
    assert kinds == ["opening", "entry", "month", "year"] or "entry" in kinds
    entries.table.opened.emit(next(row for row in entries.model.rows() if row.kind == "entry"))
    assert desk.last() == OpenVoucher(stored.id)
