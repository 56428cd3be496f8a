"""A statement's rows, formulas and checks, changed by an accountant: tried out, saved, or made official again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtGui import QKeySequence
from PyQt5.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QShortcut,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.client.api import ApiClient
from app.contract.statements import (
    DefinitionAdd,
    DefinitionCheck,
    DefinitionInput,
    DefinitionList,
    DefinitionRow,
    DefinitionTrial,
    FormulaFunction,
    Layout,
    Statement,
    StatementDefinition,
)
from app.kernel.errors import ZhangfangError
from app.ui.language import is_english, tr
from app.ui.page import PageContext
from app.ui.reports.definition_model import EditModel, check_columns, empty_check, empty_row, row_below, row_columns
from app.ui.reports.definition_table import DefinitionTable
from app.ui.tasks import Command, Query, Topic
from app.ui.widgets.amounts import amount_text
from app.ui.widgets.form_dialog import FormDialog
from app.ui.widgets.form_texts import table_lines
from app.ui.widgets.limits import limit_to
from app.ui.widgets.paged_table import Column, PagedTable, PagedTableModel
from app.ui.widgets.question import ask

EDIT = "reports:statement:edit"
LAYOUTS: tuple[Layout, ...] = ("balance", "period", "year", "single")


class DefinitionDialog(FormDialog):
    """The editor of a definition; without a statement, of a new one of the book's own."""

    saved = pyqtSignal(str)
    """The statement that was changed, added or, empty, removed."""
    subject = "_definition"

    def __init__(
        self,
        parent: QWidget,
        context: PageContext,
        statement: Statement | None,
        definition: StatementDefinition | None = None,
    ) -> None:
        """Ask for what there is; `definition`: show that version of it, to be read."""
        super().__init__(parent)
        self._context = context
        self._statement = statement
        self._definition: StatementDefinition | None = None
        self._names: set[str] = set()
        self.title_zh, self.title_en = QLineEdit(self), QLineEdit(self)
        for field, name in ((self.title_zh, "title_zh"), (self.title_en, "title_en")):
            limit_to(field, DefinitionInput, name)
        self.layout_choice = QComboBox(self)
        self._title_zh_label = self.add_field("title_zh", self.title_zh)
        self._title_en_label = self.add_field("title_en", self.title_en)
        self._layout_label = self.add_field("layout", self.layout_choice)
        self.rows: EditModel[DefinitionRow] = EditModel("rows", row_columns(), empty_row, self)
        self.checks: EditModel[DefinitionCheck] = EditModel("checks", check_columns(), empty_check, self)
        self.functions: PagedTableModel[FormulaFunction] = PagedTableModel(
            (
                Column(lambda: tr("写法"), lambda function: function.arguments, width_chars=22),
                Column(lambda: tr("含义"), lambda function: function.meaning, stretch=True),
            ),
            self,
        )
        self.row_table, self.check_table = DefinitionTable(self.rows, self), DefinitionTable(self.checks, self)
        self.tabs = QTabWidget(self)
        self.fault = QLabel(self)
        self.fault.setObjectName("wrong")
        self.fault.setTextFormat(Qt.TextFormat.PlainText)
        self.fault.setWordWrap(True)
        self._make_tabs()
        self._make_buttons()
        self._resize()
        self.retranslate()
        if definition is not None:
            self._show_definition(definition)
        else:
            self._ask()

    def _make_tabs(self) -> None:
        for table in (self.row_table, self.check_table, PagedTable(self.functions, self)):
            page = QWidget(self.tabs)
            column = QVBoxLayout(page)
            column.addWidget(table, 1)
            self.tabs.addTab(page, "")
        column = QVBoxLayout()
        column.addWidget(self.tabs, 1)
        column.addWidget(self.fault)
        self.form.addRow(column)

    def _make_buttons(self) -> None:
        may = self._context.may(EDIT)
        bar = QHBoxLayout()
        self.add, self.remove, self.up, self.down, self.trial = (QPushButton(self) for _ in range(5))
        actions: tuple[tuple[QPushButton, Callable[[], None], str], ...] = (
            (self.add, self.add_row, "Ins"),
            (self.remove, self.remove_row, "Ctrl+Del"),
            (self.up, lambda: self.move_row(-1), "Alt+Up"),
            (self.down, lambda: self.move_row(1), "Alt+Down"),
            (self.trial, self.try_out, "F9"),
        )
        for button, action, key in actions:
            button.setAutoDefault(False)
            button.setEnabled(may)
            button.clicked.connect(lambda _checked, action=action: action())
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.activated.connect(button.click)
            bar.addWidget(button)
        bar.addStretch(1)
        self.form.addRow(bar)
        self.reset = QPushButton(self)
        self.reset.setAutoDefault(False)
        self.reset.clicked.connect(lambda _checked: self.ask_reset())
        self.reset.hide()
        self.extra_buttons.addWidget(self.reset)
        self.ok_button.setDefault(False)
        self.ok_button.setAutoDefault(False)
        self.ok_button.setEnabled(may)
        QShortcut(QKeySequence("Ctrl+S"), self).activated.connect(self.ok_button.click)
        for model in (self.rows, self.checks):
            model.editable = may
        self.tabs.currentChanged.connect(lambda _tab: self._show_fault())
        for table in (self.row_table, self.check_table):
            table.moved.connect(self._show_fault)

    def _resize(self) -> None:
        parent = self.parentWidget()
        window = parent.window() if parent is not None else None
        em = self.fontMetrics().height()
        width, height = em * 72, em * 42
        if window is not None:
            width, height = min(width, window.width() - em * 2), min(height, window.height() - em * 2)
        self.resize(max(width, em * 30), max(height, em * 22))

    # --- texts -------------------------------------------------------------------------------------------------------

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.setWindowTitle(tr("项目和公式") if self._statement is not None else tr("新建报表"))
        self._title_zh_label.setText(tr("中文名称"))
        self._title_en_label.setText(tr("英文名称"))
        self._layout_label.setText(tr("栏目"))
        chosen = max(self.layout_choice.currentIndex(), 0)
        self.layout_choice.clear()
        names = {
            "balance": tr("期末余额、年初余额"),
            "period": tr("本年累计、本期"),
            "year": tr("本年"),
            "single": tr("一栏金额"),
        }
        for layout in LAYOUTS:
            self.layout_choice.addItem(names[layout], layout)
        self.layout_choice.setCurrentIndex(chosen)
        for place, text in enumerate((tr("报表项目"), tr("核对关系"), tr("公式写法"))):
            self.tabs.setTabText(place, text)
        self.add.setText(tr("添加一行"))
        self.remove.setText(tr("删除一行"))
        self.up.setText(tr("上移"))
        self.down.setText(tr("下移"))
        self.trial.setText(tr("试算"))
        self.trial.setToolTip(tr("不保存，先看按这些公式算出的数（F9）"))
        self.ok_button.setText(tr("保存"))
        self._show_reset()

    def _show_reset(self) -> None:
        definition = self._definition
        changed = definition is not None and definition.origin != "builtin" and self._context.may(EDIT)
        self.reset.setVisible(changed)
        if definition is not None:
            self.reset.setText(tr("还原为官方报表") if definition.origin == "changed" else tr("删除报表"))

    # --- what there is -----------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        Query(lambda api: api.list_definitions()).slot("functions").on_done(self._listed).run(self)
        if self._statement is None:
            self.rows.show_rows([empty_row()])
            self.layout_choice.setCurrentIndex(LAYOUTS.index("period"))
            return
        name = self._statement.name
        Query(lambda api: api.get_definition(name)).slot("definition").on_done(self._show_definition).run(self)

    def _listed(self, listed: DefinitionList) -> None:
        self._names = {head.name for head in listed.definitions}
        self.functions.show_rows(listed.functions)

    def _show_definition(self, definition: StatementDefinition) -> None:
        self._definition = definition
        self.title_zh.setText(definition.title_zh)
        self.title_en.setText(definition.title_en)
        self.layout_choice.setCurrentIndex(LAYOUTS.index(definition.layout))
        self.layout_choice.setEnabled(definition.origin == "own")
        self.rows.show_rows(definition.rows)
        self.checks.show_rows(definition.checks)
        self._show_reset()
        if definition.rows:
            formula = self.rows.index(0, self.rows.column_of("formula"))
            self.row_table.setCurrentIndex(formula)

    # --- two versions of it ------------------------------------------------------------------------------------------

    def again(self, stored: StatementDefinition) -> DefinitionDialog:
        """Return the editor of a version of the definition."""
        return DefinitionDialog(self, self._context, self._statement, stored)

    def subject_name(self) -> str:
        """Return what people call the statement."""
        return self.title_en.text() if is_english() else self.title_zh.text()

    def field_lines(self) -> dict[str, list[str]]:
        """Return the rows and the checks, each a line."""
        return {
            self.tabs.tabText(0): table_lines(self.row_table, len(self.rows.columns)),
            self.tabs.tabText(1): table_lines(self.check_table, len(self.checks.columns)),
        }

    # --- editing -----------------------------------------------------------------------------------------------------

    def table(self) -> DefinitionTable:
        """Return the table in front; the rows while the functions are shown."""
        return self.check_table if self.tabs.currentIndex() == 1 else self.row_table

    def add_row(self) -> None:
        """Add a row below the cursor and begin to type its name."""
        table = self.table()
        place = table.currentIndex().row() + 1
        if table is self.row_table:
            above = self.rows.rows()[place - 1] if place else None
            self.rows.insert(place, row_below(above, [row.line for row in self.rows.rows() if row.line]))
            table.edit_cell(place, self.rows.column_of("name_zh"))
        else:
            self.checks.insert(place)
            table.edit_cell(place, 0)

    def remove_row(self) -> None:
        """Take the row with the cursor out."""
        table = self.table()
        index = table.currentIndex()
        if index.isValid():
            model = self.checks if table is self.check_table else self.rows
            model.remove(index.row())

    def move_row(self, steps: int) -> None:
        """Move the row with the cursor up or down."""
        table = self.table()
        index = table.currentIndex()
        if index.isValid():
            model = self.checks if table is self.check_table else self.rows
            place = model.move(index.row(), steps)
            table.setCurrentIndex(model.index(place, index.column()))

    def _typed(self) -> DefinitionInput:
        definition = self._definition
        return DefinitionInput(
            title_zh=self.title_zh.text(),
            title_en=self.title_en.text(),
            form=definition.form if definition is not None else "",
            layout=LAYOUTS[max(self.layout_choice.currentIndex(), 0)],
            rows=self.rows.rows(),
            checks=self.checks.rows(),
            version=definition.version if definition is not None else None,
        )

    def _name(self) -> str:
        if self._definition is not None:
            return self._definition.name
        number = 1
        while f"own-{number}" in self._names:
            number += 1
        return f"own-{number}"

    # --- trying, saving, taking back ---------------------------------------------------------------------------------

    def try_out(self) -> None:
        """Work the formulas out as they stand, without saving."""
        self._begin()
        statement = self._statement
        trial = DefinitionTrial(
            **_fields(self._typed(), DefinitionInput),
            name=self._name(),
            from_period=statement.from_period if statement is not None else "",
            to_period=statement.to_period if statement is not None else "",
        )
        Command(lambda api: api.try_definition(trial)).on_done(self._tried).on_error(self.show_error).run(self)

    def _tried(self, statement: Statement) -> None:
        titles = [column.title_en if is_english() else column.title_zh for column in statement.columns]
        keys = [column.key for column in statement.columns]
        by_line = {row.line: row.amounts for row in statement.rows if row.line is not None and row.kind != "each"}
        results = [
            [amount_text(by_line[row.line].get(key, ""), blank_zero=False) for key in keys]
            if row.line in by_line
            else []
            for row in self.rows.rows()
        ]
        self.rows.show_results(titles, results)
        self.row_table.show_results(len(self.rows.columns))
        failed = [check.message for check in statement.checks if not check.ok]
        if failed:
            self.message_bar.show_warning(tr("核对关系有 {count} 处不符：{first}", count=len(failed), first=failed[0]))
        else:
            self.message_bar.show_info(tr("已试算，核对关系都相符，尚未保存。"))

    def submit(self) -> None:
        """Save."""
        self._begin()
        typed, name = self._typed(), self._name()

        def done(made: StatementDefinition) -> None:
            self.saved.emit(made.name)

        if self._definition is None:
            new = DefinitionAdd(**_fields(typed, DefinitionInput), name=name)
            self.save_new(new, lambda api, wish: api.add_definition(wish), Topic.BOOK, done=done)
        else:
            self.send(lambda api: api.change_definition(name, typed), Topic.BOOK, done=done)

    def ask_reset(self) -> None:
        """Ask whether the official definition shall be back, or the book's own one gone."""
        definition = self._definition
        if definition is None:
            return
        own = definition.origin == "own"
        text = (
            tr("删除报表“{title}”？", title=definition.title_zh)
            if own
            else tr("放弃对“{title}”的全部修改，还原为官方的项目和公式？", title=definition.title_zh)
        )
        label = tr("删除") if own else tr("还原")

        def work(api: ApiClient) -> None:
            api.reset_definition(definition.name, definition.version)

        def done(_nothing: None) -> None:
            self.saved.emit("" if own else definition.name)

        def send() -> None:
            self.send(work, Topic.BOOK, done=done, refused=self.show_refusal)

        ask(self, self.reset.text(), text, label, send)

    def _begin(self) -> None:
        """Take what is being typed (before anything else: a changed table would show the old text in the field)."""
        self.row_table.finish_editing()
        self.check_table.finish_editing()
        self.message_bar.clear()
        self.rows.clear_errors()
        self.checks.clear_errors()
        self._show_fault()

    def show_error(self, error: ZhangfangError, retry: Callable[[], None] | None = None) -> None:
        """Say what is wrong, at the row and below the table, and go to the first of it."""
        super().show_error(error, retry)
        for tab, table, model in ((0, self.row_table, self.rows), (1, self.check_table, self.checks)):
            row = model.show_error(error)
            if row is not None:
                self.tabs.setCurrentIndex(tab)
                table.go_to_fault(row)
                break
        self._show_fault()

    def _show_fault(self) -> None:
        table = self.table()
        model = self.checks if table is self.check_table else self.rows
        text = model.wrong_of(table.currentIndex().row())
        self.fault.setText(text)
        self.fault.setVisible(bool(text))

    def set_busy(self, busy: bool) -> None:
        """Keep the user from sending twice; who may not edit cannot send at all."""
        self.ok_button.setEnabled(not busy and self._context.may(EDIT))


def _fields(contract: DefinitionInput, kind: type[DefinitionInput]) -> dict[str, Any]:
    """Return the values of a contract by field, for one that has more fields."""
    return {name: getattr(contract, name) for name in kind.model_fields}
