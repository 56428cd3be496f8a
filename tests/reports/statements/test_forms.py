"""Printed statements: the layout of the forms, and pages kept as they were when somebody looked at them.

After a change that is meant, make the kept pages anew and look at every one of them before committing:

    ZHANGFANG_MAKE_GOLDEN=1 .venv/bin/python -m pytest -n 0 tests/reports/statements/test_forms.py
    pdftoppm -r 70 -png tests/reports/golden/statement-NAME.pdf /tmp/NAME
"""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from app.contract.statements import Statement
from app.identity.actor import Actor
from app.kernel.text import speaking
from app.reports.pdf_font import find_font, font_folders
from app.reports.statements.files import write_file
from app.reports.statements.form import lay_out
from app.resources import catalogue
from tests.reports.pdf_reading import PdfPages
from tests.reports.statements.asking import statement
from tests.reports.statements.test_figures import trade

GOLDEN = Path(__file__).parents[1] / "golden"
GOLDEN_FONT = "wqy-microhei.ttc"
"""The font the kept pages were made with: places of centred texts depend on it."""


def pdf_of(made: Statement) -> bytes:
    stream = io.BytesIO()
    write_file(made, "pdf", stream)
    return stream.getvalue()


def test_both_sides_end_with_their_grand_totals_in_one_row(file_firm: Actor) -> None:
    trade(file_firm)
    form = lay_out(statement(file_firm, "balance-sheet"))
    last = [cell.text for cell in form.rows[-1]]
    assert last == [
        "资产总计",
        "30",
        "111568.00",
        "0.00",
        "负债和所有者权益（或股东权益）总计",
        "53",
        "111568.00",
        "0.00",
    ]
    assert (form.number, form.date, form.unit, form.wide) == ("会小企01表", "2026年01月31日", "单位：元", True)
    headings = [(row[0].text, row[4].text) for row in form.rows if row[0].strong or row[4].strong]
    assert headings[0] == ("流动资产：", "流动负债：")
    assert all(len(row) == len(form.heads) == len(form.widths) for row in form.rows)


def test_a_quarter_and_a_year_are_named(file_firm: Actor) -> None:
    trade(file_firm)
    assert lay_out(statement(file_firm, "income-statement", "2026-01", "2026-03")).date == "2026-01 至 2026-03"
    assert lay_out(statement(file_firm, "profit-appropriation")).date == "2026年度"
    with speaking(catalogue("en")):
        form = lay_out(statement(file_firm, "income-statement", "", "2026-01"))
    assert (form.title, form.date, form.heads[0]) == ("Income statement", "2026-01", "Item")


@pytest.mark.parametrize("name", ["balance-sheet", "income-statement", "cash-flow", "profit-appropriation"])
def test_printed_pages_are_those_that_were_looked_at(file_firm: Actor, name: str) -> None:
    if find_font(font_folders()).name != GOLDEN_FONT:
        pytest.skip(f"the kept pages were made with {GOLDEN_FONT}")
    trade(file_firm)
    data = pdf_of(statement(file_firm, name, "", "2026-01"))
    path = GOLDEN / f"statement-{name}.pdf"
    if os.environ.get("ZHANGFANG_MAKE_GOLDEN"):
        path.write_bytes(data)
    made, golden = PdfPages(data), PdfPages(path.read_bytes())
    assert (len(made), made.sizes) == (1, golden.sizes)
    assert made.rows(0) == golden.rows(0)
    assert made.words(0) == golden.words(0)
    assert made.drawing(0) == golden.drawing(0)
