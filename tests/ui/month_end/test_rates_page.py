"""The page of exchange rates: typed, pasted, imported; refusals keep what was typed."""

from __future__ import annotations

from pathlib import Path

from PyQt5.QtCore import Qt
from PyQt5.QtGui import QGuiApplication
from PyQt5.QtWidgets import QMessageBox, QPushButton
from pytestqt.modeltest import ModelTester

from app.contract.rates import ExchangeRateInput, ExchangeRateQuery
from app.ui.month_end.rate_sheet import RateColumn
from app.ui.month_end.rates_page import RatesPage
from tests.ui.ledger.desk import Desk


def put(page: RatesPage, row: int, column: RateColumn, text: str) -> None:
    page.model.setData(page.model.index(row, column), text)


def kept(desk: Desk) -> list[tuple[str, str, str]]:
    return [(r.currency, r.date, r.rate) for r in desk.api.list_exchange_rates(ExchangeRateQuery()).rates]


def test_rates_are_typed_and_saved_together(desk: Desk, qtmodeltester: ModelTester) -> None:
    page = desk.show(RatesPage)
    assert page.month.text == "2026-06"
    put(page, 0, RateColumn.CURRENCY, "usd")
    put(page, 0, RateColumn.RATE, "7.15")
    put(page, 1, RateColumn.RATE, "7.2")  # day and currency come from the line above
    put(page, 1, RateColumn.DATE, "2026-06-01")
    assert page.has_unsaved()
    desk.qtbot.keyClick(page.table, Qt.Key.Key_F8)
    assert kept(desk) == [("USD", "2026-06-01", "7.2"), ("USD", "2026-06-30", "7.15")]
    assert not page.has_unsaved()
    assert "2" in page.message_bar.text
    qtmodeltester.check(page.model)
    put(page, 0, RateColumn.RATE, "7.21")
    page.save()
    assert kept(desk)[0] == ("USD", "2026-06-01", "7.21")


def test_a_refusal_keeps_what_was_typed_and_marks_the_cell(desk: Desk) -> None:
    page = desk.show(RatesPage)
    put(page, 0, RateColumn.CURRENCY, "EUR")
    put(page, 0, RateColumn.RATE, "8.05")
    put(page, 1, RateColumn.CURRENCY, "USD")
    put(page, 1, RateColumn.RATE, "七块")
    page.save()
    assert "七块" in page.message_bar.text
    assert page.table.currentIndex() == page.model.index(1, RateColumn.RATE)
    assert page.has_unsaved()
    assert kept(desk) == []
    put(page, 1, RateColumn.RATE, "7.1")
    page.save()
    assert len(kept(desk)) == 2


def test_a_pasted_table_is_imported_and_what_was_typed_stays(desk: Desk) -> None:
    page = desk.show(RatesPage)
    put(page, 0, RateColumn.CURRENCY, "HKD")
    put(page, 0, RateColumn.RATE, "0.91")
    board = QGuiApplication.clipboard()
    assert board is not None
    board.setText("日期\t币种\t汇率\n2026-06-29\t美元\t7.16\n2026-06-30\tEUR\t8.1\n")
    desk.qtbot.keyClick(page.table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert kept(desk) == [("EUR", "2026-06-30", "8.1"), ("USD", "2026-06-29", "7.16")]
    assert page.has_unsaved()
    page.save()
    assert ("HKD", "2026-06-30", "0.91") in kept(desk)
    board.setText("2026-06-29\tUSD\t7.16\n2026-06-28\tUSD\tx\n")
    desk.qtbot.keyClick(page.table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert "第 2 行" in page.message_bar.text


def test_a_file_is_imported(desk: Desk, tmp_path: Path) -> None:
    page = desk.show(RatesPage)
    path = tmp_path / "rates.csv"
    path.write_text("date,currency,rate\n2026-06-29,USD,7.16\n", encoding="utf-8")
    page.take_file(path)
    assert kept(desk) == [("USD", "2026-06-29", "7.16")]
    assert page.model.rowCount() == 2


def test_a_rate_is_deleted_after_a_question_and_a_typed_line_at_once(desk: Desk) -> None:
    desk.api.save_exchange_rates([ExchangeRateInput(currency="USD", date="2026-06-30", rate="7.1")])
    page = desk.show(RatesPage)
    put(page, 1, RateColumn.RATE, "9")
    page.table.setCurrentIndex(page.model.index(1, 0))
    desk.qtbot.keyClick(page.table, Qt.Key.Key_Delete)
    assert not page.has_unsaved()
    page.table.setCurrentIndex(page.model.index(0, 0))
    desk.qtbot.keyClick(page.table, Qt.Key.Key_Delete)
    box = page.findChild(QMessageBox)
    assert box is not None
    yes = next(b for b in box.findChildren(QPushButton) if box.buttonRole(b) == QMessageBox.ButtonRole.AcceptRole)
    yes.click()
    assert kept(desk) == []


def test_another_month_asks_before_it_drops_what_was_typed(desk: Desk) -> None:
    desk.api.save_exchange_rates([ExchangeRateInput(currency="USD", date="2026-05-31", rate="7.1")])
    page = desk.show(RatesPage)
    put(page, 0, RateColumn.RATE, "9")
    page.month.step(-1)
    box = page.findChild(QMessageBox)
    assert box is not None
    box.reject()
    assert page.month.text == "2026-06"
    assert page.has_unsaved()
    page.model.show_sheet(type(page.model.sheet)())
    page.month.step(-1)
    assert page.model.sheet.lines[0].rate == "7.1"
