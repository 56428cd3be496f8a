"""Reports as files: CSV with the promised columns, Excel with real numbers, PDF that prints."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from app.contract.inventory import ItemInput
from app.contract.ledger import AuxiliaryInput, VoucherInput
from app.contract.stock import StockDocumentInput, StockLineInput
from app.identity.actor import Actor
from app.inventory.service.items import create_item
from app.inventory.service.stock_documents import finish_stock_document, save_stock_document
from app.kernel.errors import EnvironmentFault, RuleBroken
from app.ledger.service import sets, states, vouchers
from app.reports import pdf_file, pdf_font, xlsx_file
from app.reports.catalogue import REPORTS
from app.reports.csv_file import write_csv
from app.reports.heading import read_heading
from app.reports.request import ReportRequest
from app.resources import catalogue
from tests.ledger.build import line, posted

BOOKS = [name for name, kind in REPORTS.items() if not kind.is_statement]
WISHES = {
    "multi-column": ReportRequest(account_code="5602"),
    "stock-card": ReportRequest(item="A1"),
    "statement-of-account": ReportRequest(aux="客户:甲公司"),
}
"""Reports that need to be told more than nothing."""

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture
def busy(file_firm: Actor) -> Actor:
    """A firm with a voucher, one line of it red and long."""
    posted(
        file_firm,
        "2026-01-05",
        line("1001", "1234567.89", summary="=HYPERLINK(1)"),
        line("560205", "-0.5", summary="很长的摘要" * 12),
        line("3001", credit="1234567.39"),
    )
    return file_firm


@pytest.fixture
def trading(busy: Actor) -> Actor:
    """The same firm with a customer who owes, and goods in stock."""
    sets.create_auxiliary(busy, AuxiliaryInput(kind="客户", name="甲公司"))
    posted(busy, "2026-01-06", line("1122", "113", aux="客户:甲公司"), line("5001", credit="113"))
    item = create_item(busy, ItemInput(code="A1", name="螺丝", unit="个"))
    bought = StockLineInput(item_id=item.id, quantity="3", amount="10")
    draft = save_stock_document(busy, StockDocumentInput(kind="other_in", date="2026-01-07", lines=[bought]))
    finish_stock_document(busy, draft.id)
    return busy


def sheet_cells(data: bytes) -> list[list[tuple[str, str]]]:
    """Return (type, text) of every cell."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        root = ET.fromstring(archive.read("xl/worksheets/sheet1.xml"))
        rows = []
        for row in root.iter(f"{SHEET}row"):
            cells = []
            for cell in row.iter(f"{SHEET}c"):
                text = "".join(part.text or "" for part in cell.iter() if part.tag in {f"{SHEET}v", f"{SHEET}t"})
                cells.append((cell.get("t", "n"), text))
            rows.append(cells)
        return rows


@pytest.mark.parametrize("name", BOOKS)
def test_csv_has_exactly_the_promised_columns(trading: Actor, name: str) -> None:
    stream = io.StringIO()
    kind, request = REPORTS[name], WISHES.get(name, ReportRequest())
    write_csv(kind.run(trading, request), kind, stream)
    rows = list(csv.reader(io.StringIO(stream.getvalue())))
    report = kind.run(trading, request)
    assert rows[0] == [column.key for column in kind.columns_of(report)]
    assert len(rows) - 1 == len(list(report.rows))
    assert "\r" not in stream.getvalue()


@pytest.mark.parametrize("name", BOOKS)
def test_excel_holds_numbers_under_headings_that_stay(trading: Actor, tmp_path: Path, name: str) -> None:
    kind = REPORTS[name]
    target = tmp_path / "report.xlsx"
    request = WISHES.get(name, ReportRequest())
    xlsx_file.write_xlsx(kind.run(trading, request), kind, read_heading(request), target)
    rows = sheet_cells(target.read_bytes())
    assert rows[0][0][1] == str(kind.title)
    assert "甲公司" in rows[1][0][1]
    report = kind.run(trading, request)
    columns = kind.columns_of(report)
    assert [cell[1] for cell in rows[2]] == [str(column.title) for column in columns]
    for row, cells in zip(report.rows, rows[3:], strict=False):
        shown = [column for column in columns if column.kind == "text" or column.read(row)]
        for column, (cell_type, text) in zip(shown, cells, strict=True):
            assert (cell_type == "n") == (column.kind != "text")
            if column.kind == "text":
                assert text == str(column.read(row))
            else:
                assert abs(float(text) - float(column.read(row))) < 0.005
    with zipfile.ZipFile(target) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert 'ySplit="3"' in sheet
    assert "<f>" not in sheet


def test_files_speak_english_when_wanted(busy: Actor, tmp_path: Path) -> None:
    kind = REPORTS["trial-balance"]
    target = tmp_path / "report.xlsx"
    heading = read_heading(ReportRequest(), catalogue("en"))
    xlsx_file.write_xlsx(kind.run(busy, ReportRequest()), kind, heading, target)
    rows = sheet_cells(target.read_bytes())
    assert rows[0][0][1] == "Trial balance"
    assert rows[-1][0][1] == "Total"


def test_a_sheet_that_would_overflow_leaves_no_file(
    busy: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx_file, "LAST_ROW", 5)
    kind = REPORTS["journal"]
    target = tmp_path / "report.xlsx"
    with pytest.raises(RuleBroken, match="CSV"):
        xlsx_file.write_xlsx(kind.run(busy, ReportRequest()), kind, read_heading(ReportRequest()), target)
    assert not target.exists()


@pytest.mark.parametrize("write", [xlsx_file.write_xlsx, pdf_file.write_pdf])
def test_a_place_that_cannot_be_written_is_one_sentence(busy: Actor, tmp_path: Path, write: object) -> None:
    kind = REPORTS["trial-balance"]
    with pytest.raises(EnvironmentFault, match="写不了文件"):
        write(  # type: ignore[operator]
            kind.run(busy, ReportRequest()), kind, read_heading(ReportRequest()), tmp_path / "no" / "such" / "report"
        )


@pytest.mark.parametrize("name", BOOKS)
def test_pdf_is_made_of_every_report(trading: Actor, name: str) -> None:
    stream = io.BytesIO()
    kind, request = REPORTS[name], WISHES.get(name, ReportRequest())
    pdf_file.write_pdf(kind.run(trading, request), kind, read_heading(request), stream)
    data = stream.getvalue()
    assert data.startswith(b"%PDF-")
    assert data.rstrip().endswith(b"%%EOF")
    assert page_count(data) == (7 if name == "subsidiary-ledger" else 1)  # its seven accounts begin on new pages
    assert b"/FontFile2" in data  # the glyphs are inside


def test_long_reports_go_over_pages(file_firm: Actor) -> None:
    for day in range(1, 29):
        entries = [line("1001", "1"), line("1002", "1"), line("3001", credit="2")]
        saved = vouchers.save_voucher(file_firm, VoucherInput(date=f"2026-01-{day:02}", entries=entries))
        states.review_and_post(file_firm, saved.id)
    stream = io.BytesIO()
    kind = REPORTS["journal"]
    pdf_file.write_pdf(kind.run(file_firm, ReportRequest()), kind, read_heading(ReportRequest()), stream)
    assert page_count(stream.getvalue()) == 3


def page_count(data: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", data))


def test_without_a_chinese_font_there_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "Latin.ttf").write_bytes(b"")
    with pytest.raises(EnvironmentFault, match="fonts-wqy-microhei"):
        pdf_font.find_font([tmp_path, tmp_path / "missing"])
    (tmp_path / "SIMSUN.TTC").write_bytes(b"")  # as older Windows wrote it
    assert pdf_font.find_font([tmp_path]).name == "SIMSUN.TTC"
    (tmp_path / "msyh.ttc").write_bytes(b"")
    assert pdf_font.find_font([tmp_path]).name == "msyh.ttc"
