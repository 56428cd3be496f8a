"""The widgets pages share: tables that fetch as they scroll, months, look-up, messages, amounts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt5.QtCore import QModelIndex, Qt
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QLineEdit, QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from app.client.api import ApiClient
from app.kernel.errors import EnvironmentFault, MalformedInput
from app.kernel.money import format_amount
from app.kernel.period import next_period, previous_period
from app.kernel.text import message
from app.ui.tasks import Command, Runner
from app.ui.widgets.amounts import AmountLabel, amount_text, is_negative, is_zero, negative_colour
from app.ui.widgets.form_dialog import FormDialog
from app.ui.widgets.lookup_edit import Choice, LookupEdit
from app.ui.widgets.message_bar import MessageBar
from app.ui.widgets.paged_table import Column, FetchedPage, Kind, PagedTable, PagedTableModel
from app.ui.widgets.period_picker import PeriodPicker, PeriodRangePicker
from tests.ui.inline import InlineRunner


class Place(QWidget):
    """Where widgets live: it has a runner, and a bar for errors."""

    def __init__(self, tasks: Runner) -> None:
        super().__init__()
        self.tasks = tasks
        self.bar = MessageBar(self)
        self.show_error = self.bar.show_error


@pytest.fixture
def place(qtbot: QtBot) -> Iterator[Place]:
    made = Place(InlineRunner())
    qtbot.addWidget(made)
    made.resize(600, 400)
    made.show()
    yield made
    made.tasks.stop()


Row = tuple[int, str]
COLUMNS: list[Column[Row]] = [
    Column(lambda: "编号", lambda row: str(row[0]), Kind.NUMBER, 6),
    Column(lambda: "金额", lambda row: row[1], Kind.AMOUNT, 12),
]


class Source:
    """A list of any length behind cursors, that counts what is asked of it."""

    def __init__(self, length: int) -> None:
        self.length = length
        self.asked: list[tuple[str, int]] = []
        self.fault: EnvironmentFault | None = None

    def __call__(self, _api: ApiClient, cursor: str, limit: int) -> FetchedPage[Row]:
        self.asked.append((cursor, limit))
        if self.fault is not None:
            raise self.fault
        first = int(cursor or 0)
        last = min(first + limit, self.length)
        rows = [(number, f"{number - 3}.00") for number in range(first, last)]
        return FetchedPage(rows, str(last) if last < self.length else None)


def test_the_model_keeps_qts_rules(place: Place, qtmodeltester: ModelTester) -> None:
    model = PagedTableModel[Row](COLUMNS, place)
    model.load(Source(450))
    qtmodeltester.check(model)
    model.load(Source(0))
    qtmodeltester.check(model)


def test_pages_come_as_the_view_nears_the_end(place: Place, qtbot: QtBot) -> None:
    source = Source(1_000_000)
    model = PagedTableModel[Row](COLUMNS, place)
    table = PagedTable(model, place)
    table.resize(500, 300)
    table.show()
    model.load(source)
    assert model.rowCount() == 200
    assert not model.is_complete
    bar = table.verticalScrollBar()
    assert bar is not None
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    bar.setValue(bar.maximum())
    here = model.rowCount()
    assert 200 < here <= 1000, "more, but far from all"
    assert [cursor for cursor, _ in source.asked] == ["", *(str(first) for first in range(200, here, 200))]
    assert [row[0] for row in model.rows()] == list(range(here))


def test_a_reload_keeps_the_place_and_asks_once(place: Place) -> None:
    source = Source(700)
    model = PagedTableModel[Row](COLUMNS, place)
    table = PagedTable(model, place)
    table.resize(500, 300)
    table.show()
    model.load(source)
    model.fetchMore(QModelIndex())
    table.setCurrentIndex(model.index(250, 0))
    bar = table.verticalScrollBar()
    assert bar is not None
    scroll = bar.value()
    source.asked.clear()
    model.reload()
    assert source.asked == [("", 400)]
    assert table.current_row() == (250, "247.00")
    assert bar.value() == scroll


def test_a_page_that_fails_leaves_what_is_there_and_can_be_asked_again(place: Place) -> None:
    source = Source(700)
    model = PagedTableModel[Row](COLUMNS, place)
    model.load(source)
    source.fault = EnvironmentFault("away", message("连不上。"))
    model.fetchMore(QModelIndex())
    assert place.bar.text == "连不上。"
    assert model.rowCount() == 200
    source.fault = None
    model.fetchMore(QModelIndex())
    assert model.rowCount() == 400


def test_amounts_in_a_table_are_grouped_blank_at_zero_and_red_below(place: Place) -> None:
    model = PagedTableModel[Row](COLUMNS, place)
    model.show_rows([(1, "-1234.50"), (2, "0.00"), (3, "1234567.89")])
    texts = [model.index(row, 1).data() for row in range(3)]
    colours = [model.index(row, 1).data(Qt.ItemDataRole.ForegroundRole) for row in range(3)]
    assert texts == ["-1,234.50", "", "1,234,567.89"]
    assert colours == [negative_colour(), None, None]


def test_enter_opens_the_row(place: Place, qtbot: QtBot) -> None:
    model = PagedTableModel[Row](COLUMNS, place)
    table = PagedTable(model, place)
    model.show_rows([(1, "1.00"), (2, "2.00")])
    table.selectRow(1)
    with qtbot.waitSignal(table.opened) as opened:
        qtbot.keyClick(table, Qt.Key.Key_Return)
    assert opened.args == [(2, "2.00")]
    assert table.selected_rows() == [(2, "2.00")]


@given(st.integers(-(10**15), 10**15), st.integers(0, 8))
def test_what_is_shown_is_the_amount(minor: int, digits: int) -> None:
    text = format_amount(minor, digits)
    shown = amount_text(text)
    assert is_zero(text) == (minor == 0)
    assert is_negative(text) == (minor < 0)
    assert shown.replace(",", "") == ("" if minor == 0 else text)
    assert amount_text(text, blank_zero=False) != ""


def test_an_amount_label_shows_zero(qtbot: QtBot) -> None:
    label = AmountLabel()
    qtbot.addWidget(label)
    label.set_amount("0.00")
    assert label.text() == "0.00"


@pytest.mark.parametrize(
    ("typed", "period"),
    [
        ("2026-08", 202608),
        ("202608", 202608),
        ("8", 202608),
        ("2026-8", 202608),
        ("２０２７－０１", 202701),
        ("foo", 202606),
    ],
)
def test_a_month_is_understood_as_typed(qtbot: QtBot, typed: str, period: int) -> None:
    picker = PeriodPicker(202606)
    qtbot.addWidget(picker)
    edit = picker.findChild(QLineEdit)
    assert edit is not None
    edit.setText(typed)
    edit.editingFinished.emit()
    assert picker.period == period
    assert edit.text() == picker.text


def test_a_month_is_stepped_within_its_range(qtbot: QtBot) -> None:
    picker = PeriodPicker(202612)
    qtbot.addWidget(picker)
    seen: list[int] = []
    picker.changed.connect(seen.append)
    picker.set_range(202601, 202702)
    picker.step(1)
    picker.step(12)
    picker.step(-24)
    assert seen == [202701, 202702, 202601]


def test_the_end_of_a_span_never_comes_before_its_beginning(qtbot: QtBot) -> None:
    span = PeriodRangePicker(202601, 202606)
    qtbot.addWidget(span)
    seen: list[tuple[int, int]] = []
    span.changed.connect(lambda first, last: seen.append((first, last)))
    pickers = span.findChildren(PeriodPicker)
    pickers[0].set_period(202609)
    pickers[1].set_period(202603)
    span.set_periods(202601, 202612)
    span.set_periods(202601, 202612)
    assert seen == [(202609, 202609), (202603, 202603), (202601, 202612)]
    assert all(first <= last for first, last in seen)


@given(st.integers(1900, 9998), st.integers(1, 12))
def test_a_step_forth_and_back_is_no_step(year: int, month: int) -> None:
    period = year * 100 + month
    assert previous_period(next_period(period)) == period


ACCOUNTS = [Choice("1001", "1001 库存现金", "kcxj"), Choice("1002", "1002 银行存款", "yhck")]


def find(typed: str) -> list[Choice]:
    return [choice for choice in ACCOUNTS if typed in choice.line]


def test_looking_up_takes_what_is_chosen(place: Place, qtbot: QtBot) -> None:
    edit = LookupEdit(place, local=find)
    edit.show()
    edit.setFocus()
    qtbot.waitUntil(edit.hasFocus)
    qtbot.keyClicks(edit, "yhck")
    assert edit.value is None
    popup = edit._list.popup()
    assert popup is not None
    with qtbot.waitSignal(edit.chosen) as chosen:
        QTest.keyClick(popup, Qt.Key.Key_Return)  # type: ignore[call-overload]  # the stubs lack the widget's overload
    assert chosen.args == ["1002"]
    assert edit.text() == "1002 银行存款"
    assert edit.value == chosen.args[0]
    edit.setText("1002 银行")
    assert edit.value is None


def test_looking_up_may_ask_the_server(place: Place, qtbot: QtBot) -> None:
    edit = LookupEdit(place, server=lambda _api, typed: find(typed))
    edit.show()
    edit.setFocus()
    qtbot.waitUntil(edit.hasFocus)
    edit.look_up()
    assert edit._found.rowCount() == 2


def test_a_message_goes_by_itself_an_error_stays(place: Place, qtbot: QtBot) -> None:
    bar = place.bar
    bar._timer.setInterval(1)
    bar.show_info("做好了。")
    assert bar.text == "做好了。"
    qtbot.waitUntil(lambda: bar.text == "")
    bar.show_error(MalformedInput("x", message("“{a}”不对。", a="甲"), fields={"a": message("太长。")}))
    assert bar.text == "“甲”不对。\n太长。"
    assert not bar._timer.isActive()
    line = message("第 1 行只剩 20。")
    bar.show_error(MalformedInput("x", message("出库单：{line}", line="第 1 行只剩 20。"), fields={"lines.0": line}))
    assert bar.text == "出库单：第 1 行只剩 20。"


class NameDialog(FormDialog):
    """Asks for a name the server may refuse."""

    def __init__(self, parent: QWidget, error: EnvironmentFault | MalformedInput | None) -> None:
        super().__init__(parent)
        self.error = error
        self.name = QLineEdit(self)
        self.add_field("name", self.name)
        self.retranslate()

    def submit(self) -> None:
        def work(_api: ApiClient) -> None:
            if self.error is not None:
                raise self.error

        self.send(work)


def test_a_form_that_is_refused_keeps_what_was_typed(place: Place, qtbot: QtBot) -> None:
    refusal = MalformedInput("taken", message("名称已被使用。"), fields={"name": message("名称已被使用。")})
    dialog = NameDialog(place, refusal)
    dialog.open()
    dialog.name.setText("甲公司")
    dialog.ok_button.click()
    assert dialog.isVisible()
    assert dialog.name.text() == "甲公司"
    assert dialog.message_bar.text == "名称已被使用。"
    assert dialog.name.property("wrong") is True
    assert dialog.ok_button.isEnabled()
    dialog.error = None
    with qtbot.waitSignal(dialog.accepted):
        dialog.ok_button.click()


def test_a_command_without_a_place_for_errors_is_loud(qtbot: QtBot) -> None:
    bare = QWidget()
    qtbot.addWidget(bare)
    setattr(bare, "tasks", InlineRunner())  # noqa: B010  # what `runner_of` looks for

    def work(_api: ApiClient) -> None:
        raise EnvironmentFault("away", message("连不上。"))

    with pytest.raises(EnvironmentFault):
        Command(work).run(bare)
