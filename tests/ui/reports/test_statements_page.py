"""The statements' page: the form, what figures are made of, failed checks, files, months, languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QTreeWidgetItem
from pytestqt.modeltest import ModelTester

from app.contract.ledger import AuxiliaryInput, EntryInput, VoucherInput
from app.contract.statements import DefinitionInput, RowKind, Side, Statement, StatementColumn, StatementRow
from app.resources import catalogue
from app.ui.language import LanguageSwitch
from app.ui.navigation import OpenEntries, OpenStatement, OpenVoucher
from app.ui.reports.statement_model import KEY_ROLE, StatementModel
from app.ui.reports.statements_page import StatementsPage
from tests.ui.ledger.desk import Desk

KEY = Qt.Key


@pytest.fixture
def trading(desk: Desk) -> Desk:
    """Capital paid in, a sale on account, a customer who paid too much, an expense."""
    for name in ("甲公司", "乙公司"):
        desk.api.add_auxiliary(AuxiliaryInput(kind="客户", name=name))
    desk.posted("2026-05-02", ("1002", "10000", ""), ("3001", "", "10000"))
    sell(desk, "甲公司", "113", "")
    sell(desk, "乙公司", "", "30")
    desk.posted("2026-06-09", ("560201", "20", ""), ("1002", "", "20"), summary="工资")
    return desk


def sell(desk: Desk, customer: str, debit: str, credit: str) -> None:
    other = ("5001", credit, debit) if debit else ("1002", credit, debit)
    entries = [
        EntryInput(summary="业务", account_code="1122", debit=debit, credit=credit, aux=f"客户:{customer}"),
        EntryInput(summary="业务", account_code=other[0], debit=other[1], credit=other[2]),
    ]
    made = desk.api.add_voucher(VoucherInput(date="2026-06-05", entries=entries))
    desk.api.review_voucher(made.id)
    desk.api.post_voucher(made.id)


def figure(page: StatementsPage, line: int, key: str) -> str:
    return str(page.model.cell_of(line, key).data() or "")


def choose(page: StatementsPage, name: str) -> None:
    place = page.choice.findData(name)
    page.choice.setCurrentIndex(place)
    page.choice.activated.emit(place)


def items(page: StatementsPage) -> list[tuple[str, str]]:
    """Return all items of the explanation with their amounts."""
    found: list[tuple[str, str]] = []

    def walk(item: QTreeWidgetItem | None) -> None:
        if item is not None:
            found.append((item.text(0), item.text(1)))
            for place in range(item.childCount()):
                walk(item.child(place))

    for place in range(page.pane.tree.topLevelItemCount()):
        walk(page.pane.tree.topLevelItem(place))
    return found


def test_the_balance_sheet_stands_as_in_the_form(trading: Desk, qtmodeltester: ModelTester) -> None:
    page = trading.show(StatementsPage)
    qtmodeltester.check(page.model)
    assert page.name() == "balance-sheet"
    assert page.periods.first == page.periods.last == 202606
    assert page.model.is_two_sided
    last = page.model.rowCount() - 1
    names = [page.model.index(last, column).data() for column, at in enumerate(page.model.places) if at.what == "name"]
    assert [str(name).strip("　") for name in names] == ["资产总计", "负债和所有者权益（或股东权益）总计"]
    assert figure(page, 30, "closing") == figure(page, 53, "closing") == "10,123.00"
    assert (figure(page, 4, "closing"), figure(page, 34, "closing")) == ("113.00", "30.00")
    assert figure(page, 2, "closing") == ""
    assert page.checks.heading.text().endswith("项全部相符。")
    assert page.checks.list.isHidden()
    assert page.caption.text().startswith("会小企01表　甲公司　2026-06")


def test_a_figure_opens_down_to_the_entries(trading: Desk) -> None:
    page = trading.show(StatementsPage)
    page.table.go_to(page.model.cell_of(4, "closing"))
    trading.qtbot.keyClick(page.table, KEY.Key_Return)
    assert page.pane.isVisible()
    assert page.pane.heading.text() == "第 4 行 应收账款：113.00"
    assert page.pane.formula.text() == "DRP(1122)+DRP(2203)"
    assert ("1122 应收账款　客户:甲公司", "113.00") in items(page)
    trading.qtbot.keyClick(page.pane.tree, KEY.Key_Down)
    trading.qtbot.keyClick(page.pane.tree, KEY.Key_Return)
    target = trading.last()
    assert isinstance(target, OpenEntries)
    assert (target.account_code, target.aux, target.to_period) == ("1122", "客户:甲公司", "2026-06")
    trading.qtbot.keyClick(page.pane.tree, KEY.Key_Escape)
    assert page.pane.isHidden()


def test_a_total_leads_to_its_lines_and_back(trading: Desk) -> None:
    page = trading.show(StatementsPage)
    page.table.go_to(page.model.cell_of(41, "closing"))
    trading.qtbot.keyClick(page.table, KEY.Key_Return)
    lines = [text for text, _ in items(page)]
    assert len(lines) == 10
    trading.qtbot.keyClick(page.pane.tree, KEY.Key_Down, delay=0)
    trading.qtbot.keyClick(page.pane.tree, KEY.Key_Down)
    trading.qtbot.keyClick(page.pane.tree, KEY.Key_Down)
    trading.qtbot.keyClick(page.pane.tree, KEY.Key_Return)
    assert page.pane.heading.text().startswith("第 34 行")
    assert page.table.currentIndex() == page.model.cell_of(34, "closing")
    trading.qtbot.keyClick(page.pane.tree, KEY.Key_Backspace)
    assert page.pane.heading.text().startswith("第 41 行")
    assert not page.pane.back.isEnabled()


def test_a_cash_flow_line_opens_its_vouchers(trading: Desk) -> None:
    page = trading.show(StatementsPage)
    choose(page, "cash-flow")
    assert not page.model.is_two_sided
    page.table.go_to(page.model.cell_of(1, "month"))
    trading.qtbot.keyClick(page.table, KEY.Key_Return)
    entries = [text for text, _ in items(page) if text.startswith("2026-06-05")]
    assert len(entries) == 1
    trading.qtbot.keyClick(page.pane.tree, KEY.Key_Down)
    trading.qtbot.keyClick(page.pane.tree, KEY.Key_Return)
    assert isinstance(trading.last(), OpenVoucher)


def test_a_line_of_another_statement_is_gone_to(trading: Desk) -> None:
    page = trading.show(StatementsPage)
    choose(page, "profit-appropriation")
    page.table.go_to(page.model.cell_of(1))
    trading.qtbot.keyClick(page.table, KEY.Key_Return)
    trading.qtbot.keyClick(page.pane.tree, KEY.Key_Return)
    assert page.name() == "income-statement"
    assert page.pane.heading.text().startswith("第 32 行")
    assert page.table.currentIndex() == page.model.cell_of(32, "ytd")
    trading.qtbot.keyClick(page.pane.tree, KEY.Key_Backspace)
    assert page.name() == "profit-appropriation"
    assert page.pane.heading.text().startswith("第 1 行")


def test_failed_checks_are_marked_and_lead_to_their_row(trading: Desk) -> None:
    definition = trading.api.get_definition("balance-sheet")
    rows = [row.model_copy(update={"formula": f"{row.formula}+5"}) if row.line == 1 else row for row in definition.rows]
    changed = DefinitionInput(
        title_zh=definition.title_zh,
        layout=definition.layout,
        rows=rows,
        checks=definition.checks,
        version=definition.version,
    )
    trading.api.change_definition("balance-sheet", changed)
    page = trading.show(StatementsPage)
    failed = page.checks.failed()
    assert failed
    assert all(not check.ok for check in failed)
    assert "资产负债表（公式已改）" in [page.choice.itemText(place) for place in range(page.choice.count())]
    shown = next(place for place, check in enumerate(failed) if 53 in check.lines or 30 in check.lines)
    line = failed[shown].lines[0]
    cell = page.model.cell_of(line, failed[shown].column)
    assert cell.data(Qt.ItemDataRole.BackgroundRole) is not None
    assert failed[shown].message in str(cell.data(Qt.ItemDataRole.ToolTipRole))
    item = page.checks.list.item(shown)
    assert item is not None
    page.checks.list.itemClicked.emit(item)
    assert page.table.currentIndex() == cell
    assert page.model.cell_of(2, "closing").data(Qt.ItemDataRole.BackgroundRole) is None


def test_months_comparison_and_unposted(trading: Desk) -> None:
    trading.write("2026-06-20", ("560201", "7", ""), ("1002", "", "7"))
    page = trading.show(StatementsPage)
    choose(page, "income-statement")
    assert figure(page, 14, "month") == "20.00"
    page.unposted.setChecked(True)
    assert figure(page, 14, "month") == "27.00"
    page.compare.setCurrentIndex(1)
    page.compare.activated.emit(1)
    keys = [page.model.index(0, column).data(KEY_ROLE) for column in range(page.model.columnCount())]
    assert "month_compare" in keys
    page.periods.set_periods(202605, 202605)
    assert figure(page, 14, "month") == ""


def test_a_target_shows_its_statement_months_and_line(trading: Desk) -> None:
    page = StatementsPage(trading.context)
    trading.qtbot.addWidget(page)
    page.show()
    page.activate()
    page.open(OpenStatement("income-statement", "2026-05", "2026-06", line=14))
    assert page.name() == "income-statement"
    assert (page.periods.first, page.periods.last) == (202605, 202606)
    assert page.table.currentIndex().row() == page.model.cell_of(14).row()


def test_a_statement_is_saved_as_a_file(trading: Desk, tmp_path: Path) -> None:
    page = trading.show(StatementsPage)
    assert page.export.file_name() == "资产负债表 2026-06"
    page.export.save("csv", tmp_path / "bs.csv")
    assert "货币资金" in (tmp_path / "bs.csv").read_text(encoding="utf-8")
    page.export.save("xlsx", tmp_path / "bs.xlsx")
    assert (tmp_path / "bs.xlsx").read_bytes().startswith(b"PK")


def test_it_speaks_english(trading: Desk) -> None:
    from PyQt5.QtWidgets import QApplication

    application = QApplication.instance()
    language = LanguageSwitch(catalogue("en"), application)
    page = trading.show(StatementsPage)
    try:
        trading.api.transport.language = "en"
        language.use("en")
        QApplication.processEvents()
        assert page.choice.currentText() == "Balance sheet"
        assert str(page.model.cell_of(1).siblingAtColumn(0).data()).strip("　") == "Monetary funds"
    finally:
        language.use("zh")
        trading.api.transport.language = "zh"


def test_vat_is_presented_the_other_way(trading: Desk) -> None:
    trading.posted("2026-06-10", ("22210101", "13", ""), ("1002", "", "13"))
    page = trading.show(StatementsPage)
    assert (figure(page, 36, "closing"), figure(page, 14, "closing")) == ("-13.00", "")
    page.menu.choose_presentation("reclass_2016")
    assert (figure(page, 36, "closing"), figure(page, 14, "closing")) == ("", "13.00")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            [("asset", "item", 1), ("asset", "total", 2), ("liability", "header", None), ("liability", "total", 4)],
            [[1, 2], [None, 4]],
        ),
        (
            [
                *(("asset", "item", line) for line in range(1, 7)),
                *(("liability", "header", None), ("liability", "item", 31)),
                *(("liability", "header", None), ("liability", "total", 53)),
            ],
            [[1, 2, 3, 4, 5, 6], [None, 31, None, None, None, 53]],
        ),
        ([("asset", "each", 1), ("liability", "each", 3), ("", "total", 5)], [[1, 5], [3, None]]),
    ],
)
def test_no_row_of_a_form_is_lost(
    rows: list[tuple[Side, RowKind, int | None]], expected: list[list[int | None]]
) -> None:
    shown = [
        StatementRow(
            position=place, line=line, side=side, indent=0, kind=kind, name_zh=kind, name_en="", amounts={"amount": "1"}
        )
        for place, (side, kind, line) in enumerate(rows)
    ]
    model = StatementModel()
    model.show_statement(
        Statement(
            name="own-1",
            title_zh="",
            title_en="",
            form="",
            organisation="",
            unit="CNY",
            layout="single",
            from_period="2026-06",
            to_period="2026-06",
            columns=[StatementColumn(key="amount", title_zh="金额", title_en="Amount")],
            rows=shown,
            checks=[],
            vat_reclass=False,
        )
    )
    names = [column for column, at in enumerate(model.places) if at.what == "name"]
    found = [[model.row_at(model.index(row, column)) for row in range(model.rowCount())] for column in names]
    assert [[row.line if row is not None else None for row in half] for half in found] == expected
