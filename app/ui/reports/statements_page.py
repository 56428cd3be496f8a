"""报表: the statements of the book over months, each figure with what it is made of, failed checks with their rows."""

from __future__ import annotations

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QCheckBox, QComboBox, QLabel, QSplitter, QVBoxLayout, QWidget

from app.contract.statements import (
    SpanQuery,
    Statement,
    StatementCheck,
    StatementHead,
    StatementList,
    StatementQuery,
    StatementRow,
    StatementSettings,
)
from app.kernel.period import format_period, parse_period, period_of
from app.ui.language import is_english, tr
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.ledger.months import FirstMonth
from app.ui.navigation import OpenStatement, Target
from app.ui.page import Page, PageContext
from app.ui.reports.check_bar import CheckBar
from app.ui.reports.explanation_pane import ExplanationPane, Figure
from app.ui.reports.statement_export import StatementExport
from app.ui.reports.statement_menu import StatementMenu
from app.ui.reports.statement_model import StatementModel
from app.ui.reports.statement_table import StatementTable
from app.ui.tasks import Change, Query, Topic
from app.ui.widgets.period_picker import PeriodRangePicker

COMPARISONS = ("", "previous_month", "previous_year")


class StatementsPage(Page):
    """One statement at a time, in the form's own layout."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        month = max(period_of(context.today()), parse_period(context.book.start))
        self._asked = False
        self._heads: list[StatementHead] = []
        self._wanted: OpenStatement | None = None
        self._awaited: Figure | None = None
        self.choice = QComboBox(self)
        self.choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.periods = PeriodRangePicker(month, month, self)
        self.first_month = FirstMonth(self, self.periods, self.ask)
        self.unposted = QCheckBox(self)
        self.compare = QComboBox(self)
        self.compare.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.export = StatementExport(self.name, self.chosen_title, self.query, self)
        self.menu = StatementMenu(self)
        self.caption = QLabel(self)
        self.caption.setTextFormat(Qt.TextFormat.PlainText)
        self.caption.setObjectName("muted")
        self.model = StatementModel(self)
        self.table = StatementTable(self.model, self)
        self.pane = ExplanationPane(self)
        self.checks = CheckBar(self)
        self._lay_out()
        self._connect()
        self.retranslate()

    def _lay_out(self) -> None:
        bar = FlowLayout()
        for widget in (self.choice, self.periods, self.unposted, self.compare):
            bar.addWidget(widget)
        bar.add_gap()
        bar.addWidget(self.menu)
        bar.addWidget(self.export)
        left = QWidget(self)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.caption)
        column.addWidget(self.table, 1)
        column.addWidget(self.checks)
        self.splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(left)
        self.splitter.addWidget(self.pane)
        self.splitter.setStretchFactor(0, 3)
        self.splitter.setStretchFactor(1, 2)
        self.splitter.setHandleWidth(self.fontMetrics().height() // 2)
        self.body.addLayout(bar)
        self.body.addWidget(self.export.strip)
        self.body.addWidget(self.splitter, 1)

    def _connect(self) -> None:
        self.choice.activated.connect(lambda _place: self.ask())
        self.periods.changed.connect(lambda *_months: self.ask())
        self.unposted.toggled.connect(lambda _on: self.ask())
        self.compare.activated.connect(lambda _place: self.ask())
        self.table.opened.connect(self.explain)
        self.pane.wanted.connect(self._show_figure)
        self.pane.went.connect(self.context.open_target)
        self.pane.closed.connect(lambda: self.table.setFocus(Qt.FocusReason.OtherFocusReason))
        self.checks.chosen.connect(self.show_check)
        self.menu.changed.connect(self._definitions_changed)

    # --- the page ----------------------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return tr("财务报表")

    def first_focus(self) -> QWidget | None:
        """The keyboard starts in the statement."""
        return self.table

    def activate(self) -> None:
        """Ask once which statements there are and for the first; later `refresh` tells of changes."""
        if not self._asked:
            self._asked = True
            self._ask_list()

    def refresh(self, change: Change) -> None:
        """Ask again when figures changed."""
        if change.touches(Topic.BALANCES, Topic.VOUCHERS, Topic.PERIODS, Topic.ACCOUNTS, Topic.AUXILIARIES, Topic.BOOK):
            self._ask_list()

    def open(self, target: Target) -> None:
        """Show the statement and months a target names."""
        if not isinstance(target, OpenStatement):
            return
        self.first_month.settle()
        self._wanted = target
        for widget in (self.periods, self.unposted):
            widget.blockSignals(True)
        if target.from_period and target.to_period:
            self.periods.set_periods(parse_period(target.from_period), parse_period(target.to_period))
        self.unposted.setChecked(target.include_unposted)
        for widget in (self.periods, self.unposted):
            widget.blockSignals(False)
        if self._heads:
            self._choose(target.name)
            self.ask()

    def retranslate(self) -> None:
        """Set every text."""
        self.unposted.setText(tr("含未记账"))
        chosen = max(self.compare.currentIndex(), 0)
        self.compare.clear()
        self.compare.addItems([tr("不比较"), tr("比上期"), tr("比上年")])
        self.compare.setCurrentIndex(chosen)
        self.choice.setAccessibleName(tr("报表"))
        self.compare.setAccessibleName(tr("比较"))
        self.table.setAccessibleName(self.title())
        self.export.retranslate()
        self.menu.retranslate()
        self.pane.retranslate()
        self._show_heads()
        self.model.retranslate()
        self._show_caption()
        if self._heads:
            self.ask()  # the checks' sentences come from the server

    # --- which statement ---------------------------------------------------------------------------------------------

    def name(self) -> str:
        """Return the name of the statement chosen, `balance-sheet`; empty before any is known."""
        return str(self.choice.currentData() or "")

    def chosen_title(self) -> str:
        """Return the title of the statement chosen, with its months, for files."""
        query = self.query()
        months = dict.fromkeys((query.from_period, query.to_period))
        return f"{self.choice.currentText()} {' '.join(months)}"

    def query(self) -> StatementQuery:
        """Return what is asked for."""
        return StatementQuery(
            from_period=format_period(self.periods.first),
            to_period=format_period(self.periods.last),
            include_unposted=self.unposted.isChecked(),
            compare=COMPARISONS[max(self.compare.currentIndex(), 0)],
        )

    def span(self) -> SpanQuery:
        """Return the months and layers alone."""
        query = self.query()
        return SpanQuery(
            from_period=query.from_period,
            to_period=query.to_period,
            include_unposted=query.include_unposted,
            compare=query.compare,
        )

    def _ask_list(self) -> None:
        Query(lambda api: api.list_statements()).slot("list").on_done(self._listed).run(self)

    def _listed(self, listed: StatementList) -> None:
        self._heads = list(listed.statements)
        self.menu.show_settings(
            StatementSettings(vat_presentation=listed.vat_presentation, version=listed.settings_version)
        )
        self._show_heads()
        if self._wanted is not None:
            self._choose(self._wanted.name)
        self.first_month.begin()

    def _show_heads(self) -> None:
        name = self.name()
        self.choice.clear()
        for head in self._heads:
            title = head.title_en if is_english() and head.title_en else head.title_zh
            mark = {"builtin": "", "changed": tr("（公式已改）"), "own": tr("（自定义）")}[head.origin]
            self.choice.addItem(f"{title}{mark}", head.name)
        self._choose(name)

    def _choose(self, name: str) -> None:
        place = self.choice.findData(name)
        if place >= 0:
            self.choice.setCurrentIndex(place)

    def _definitions_changed(self, name: str) -> None:
        if name:
            self._wanted = OpenStatement(name)
        self._ask_list()

    # --- figures -----------------------------------------------------------------------------------------------------

    def ask(self) -> None:
        """Ask for the statement."""
        name, query = self.name(), self.query()
        if name:
            Query(lambda api: api.get_statement(name, query)).slot("statement").on_done(self.show_statement).run(self)

    def show_statement(self, statement: Statement) -> None:
        """Show a statement, with the cursor where it was; another one closes the explanation of the old one."""
        shown = self.model.statement
        other = shown is None or shown.name != statement.name
        self.model.show_statement(statement)
        self.checks.show_statement(statement)
        self._show_caption()
        self.menu.show_statement(statement)
        wanted, self._wanted = self._wanted, None
        awaited, self._awaited = self._awaited, None
        if other:
            self.table.go_to(self.model.first_amount())
        if wanted is not None and wanted.name == statement.name and wanted.line is not None:
            self.table.go_to(self.model.cell_of(wanted.line))
        if awaited is not None and awaited.statement == statement.name:
            self.table.go_to(self.model.cell_of(awaited.line, awaited.column, awaited.code))
        elif other:
            self.pane.close_pane()
        else:
            self.pane.renew(self.span())

    def _show_caption(self) -> None:
        statement = self.model.statement
        if statement is None:
            self.caption.setText("")
            return
        months = dict.fromkeys((statement.from_period, statement.to_period))
        self.caption.setText(
            "　".join(
                filter(
                    None,
                    (
                        statement.form,
                        statement.organisation,
                        f" {tr('至')} ".join(months),
                        tr("单位：元") if statement.unit == "CNY" else tr("单位：{currency}", currency=statement.unit),
                    ),
                )
            )
        )

    def explain(self, row: StatementRow, key: str) -> None:
        """Show what a figure is made of."""
        statement = self.model.statement
        if statement is not None and row.line is not None:
            self.pane.ask(Figure(statement.name, row.line, key, row.code), self.span())
            self._share_room()

    def show_check(self, check: StatementCheck) -> None:
        """Go to the row of a failed check."""
        if check.lines:
            self.table.go_to(self.model.cell_of(check.lines[0], check.column))
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_figure(self, figure: Figure) -> None:
        """Go to another figure and explain it; of another statement too."""
        statement = self.model.statement
        self.pane.ask(figure, self.span())
        if statement is not None and statement.name == figure.statement:
            self.table.go_to(self.model.cell_of(figure.line, figure.column, figure.code))
        elif self.choice.findData(figure.statement) >= 0:
            self._awaited = figure
            self._choose(figure.statement)
            self.ask()

    def _share_room(self) -> None:
        if self.splitter.sizes()[1] == 0:
            width = self.splitter.width()
            self.splitter.setSizes([width * 3 // 5, width * 2 // 5])
