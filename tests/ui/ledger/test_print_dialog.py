"""Printing vouchers from the window: the choice, the preview, a file, a printer."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PyQt5.QtPrintSupport import QPrinter
from PyQt5.QtWidgets import QApplication

from app.contract.ledger import Voucher
from app.ui.ledger.print_dialog import PrintDialog
from app.ui.ledger.voucher_list_page import VoucherListPage
from app.ui.printing.print_run import PrintRun
from app.ui.progress import Progress, TaskCancelled
from tests.ui.ledger.desk import Desk


def pay(desk: Desk) -> Voucher:
    """Pay something in cash."""
    return desk.posted("2026-06-05", ("560205", "8", ""), ("1001", "", "8"), summary="水电费")


@pytest.fixture
def dialog(desk: Desk) -> Iterator[PrintDialog]:
    """The dialog over the list, with three vouchers in the month."""
    for _number in range(3):
        pay(desk)
    page = desk.show(VoucherListPage)
    made = PrintDialog(page, 202606)
    made.show()
    yield made
    made.close()


def test_it_shows_how_the_month_will_look(dialog: PrintDialog) -> None:
    assert dialog.count.text() == "3 张凭证，第 1 页，共 3 页"
    assert not dialog.previous_button.isEnabled()
    dialog.next_button.click()
    assert dialog.count.text() == "3 张凭证，第 2 页，共 3 页"
    dialog.paper.setCurrentIndex(2)
    assert dialog.count.text() == "3 张凭证，第 1 页，共 2 页"
    assert dialog.preview.grab().toImage().pixelColor(dialog.preview.rect().center()).lightness() > 200


def test_a_month_without_vouchers_is_said_and_the_choice_stays(dialog: PrintDialog) -> None:
    dialog.period.set_period(202607)
    dialog.ask()
    assert "没有可打印的凭证" in dialog.message_bar.text
    assert not dialog.print_button.isEnabled()
    dialog.period.set_period(202606)
    dialog.ask()
    assert dialog.message_bar.text == ""
    assert dialog.print_button.isEnabled()


def test_what_is_selected_in_the_list_is_printed(desk: Desk) -> None:
    ids = [pay(desk).id for _number in range(3)]
    dialog = PrintDialog(desk.show(VoucherListPage), 202606, ids[:2])
    assert dialog.scope.currentText() == "选中的 2 张"
    assert not dialog.word.isEnabled()
    assert dialog.count.text() == "2 张凭证，第 1 页，共 2 页"
    dialog.scope.setCurrentIndex(1)
    assert dialog.word.isEnabled()
    assert dialog.count.text() == "3 张凭证，第 1 页，共 3 页"
    dialog.close()


def test_it_is_saved_as_a_pdf(dialog: PrintDialog, tmp_path: Path) -> None:
    target = tmp_path / "凭证.pdf"
    dialog.save(target)
    assert target.read_bytes().startswith(b"%PDF-")
    assert str(target) in dialog.message_bar.text


def test_it_is_printed_on_paper_of_its_own_size(dialog: PrintDialog, tmp_path: Path, qapp: QApplication) -> None:
    target = tmp_path / "printed.pdf"
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(target))
    dialog.set_paper(printer)
    size = printer.pageLayout().fullRect(printer.pageLayout().Unit.Millimeter).size()
    assert (round(size.width()), round(size.height())) == (240, 140)
    dialog.print_on(printer)
    assert dialog.message_bar.text == "已交给打印机。"
    assert target.read_bytes().count(b"/Type /Page\n") == 3


def test_printing_works_on_a_thread_of_its_own_and_can_be_cancelled(
    desk: Desk, dialog: PrintDialog, tmp_path: Path
) -> None:
    def printer(name: str) -> QPrinter:
        made = QPrinter(QPrinter.PrinterMode.HighResolution)
        made.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        made.setOutputFileName(str(tmp_path / name))
        dialog.set_paper(made)
        return made

    progress = Progress(lambda _step: None)
    with ThreadPoolExecutor(1) as pool:
        run = PrintRun(printer("whole.pdf"), dialog.fetch(), dialog.font())
        assert pool.submit(run.print, desk.api, progress).result()
        assert (tmp_path / "whole.pdf").read_bytes().count(b"/Type /Page\n") == 3
        progress.cancel()
        run = PrintRun(printer("cancelled.pdf"), dialog.fetch(), dialog.font())
        with pytest.raises(TaskCancelled):
            pool.submit(run.print, desk.api, progress).result()
