"""汇率: the exchange rates of a month, typed in a grid, pasted from a spreadsheet, or imported from a file."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from PyQt5.QtCore import Qt
from PyQt5.QtGui import QGuiApplication, QKeySequence
from PyQt5.QtWidgets import QFileDialog, QLabel, QPushButton, QShortcut, QWidget

from app.client.api import ApiClient
from app.contract.rates import (
    ExchangeRateImport,
    ExchangeRateInput,
    ExchangeRateList,
    ExchangeRateOutcome,
    ExchangeRateQuery,
)
from app.kernel.errors import EnvironmentFault, ZhangfangError
from app.kernel.period import first_day, period_of
from app.ui.errors_shown import told
from app.ui.language import tr
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.month_end.rate_model import RateModel, RateTable
from app.ui.month_end.rate_sheet import RateColumn, RateLine, RateSheet, rate_text
from app.ui.page import Page, PageContext
from app.ui.presence.differences import Difference
from app.ui.tasks import Change, Command, Query, Topic
from app.ui.widgets.period_picker import PeriodPicker
from app.ui.widgets.question import ask
from app.ui.widgets.stale import read_stale

_FIELD = re.compile(r"rates\.(\d+)\.(\w+)")
RIGHT_TO_EDIT = "ledger:rate:edit"


class RatesPage(Page):
    """One line a currency and day: how many units of the book's currency one unit is worth."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        may_edit = context.may(RIGHT_TO_EDIT)
        self.month = PeriodPicker(period_of(context.today()), self)
        self.model = RateModel(self)
        self.model.editable = may_edit
        self.table = RateTable(self.model, self)
        self.save_button = QPushButton(self)
        self.save_button.setProperty("primary", True)
        self.paste_button = QPushButton(self)
        self.import_button = QPushButton(self)
        self.delete_button = QPushButton(self)
        self.hint = QLabel(self)
        self.hint.setObjectName("muted")
        self.hint.setWordWrap(True)
        bar = FlowLayout()
        bar.addWidget(self.month)
        for button in (self.save_button, self.paste_button, self.import_button, self.delete_button):
            button.setVisible(may_edit)
            bar.addWidget(button)
        self.body.addLayout(bar)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.hint)
        self._shown = self.month.period
        self._connect()
        self.retranslate()

    def _connect(self) -> None:
        self.month.changed.connect(self._change_month)
        self.save_button.clicked.connect(lambda _checked: self.save())
        self.paste_button.clicked.connect(lambda _checked: self._paste_all())
        self.import_button.clicked.connect(lambda _checked: self._choose_file())
        self.delete_button.clicked.connect(lambda _checked: self._delete())
        self.table.paste_wanted.connect(self.take_text)
        self.table.delete_wanted.connect(self._delete)
        self.model.dataChanged.connect(lambda *_where: self._show_steps())
        self.model.modelReset.connect(self._show_steps)
        selection = self.table.selectionModel()
        if selection is not None:
            selection.currentChanged.connect(lambda *_where: self._show_steps())
        for key in (QKeySequence(Qt.Key.Key_F8), QKeySequence(QKeySequence.StandardKey.Save)):
            shortcut = QShortcut(key, self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(self.save)

    def title(self) -> str:
        """Return the page's name."""
        return tr("汇率表")

    def first_focus(self) -> QWidget | None:
        """Type at once."""
        return self.table

    def activate(self) -> None:
        """Ask for the month, unless something typed would be lost."""
        if not self.has_unsaved():
            self._ask()

    def refresh(self, change: Change) -> None:
        """Ask again when rates changed elsewhere."""
        if change.touches(Topic.RATES, Topic.BOOK) and not self.has_unsaved():
            self._ask()

    def has_unsaved(self) -> bool:
        """Lines that were typed and not saved would be lost."""
        return any(line.is_changed for line in self.model.sheet.lines)

    def retranslate(self) -> None:
        """Set every text."""
        self.save_button.setText(tr("保存"))
        self.save_button.setToolTip(tr("保存（F8）"))
        self.paste_button.setText(tr("粘贴"))
        self.import_button.setText(tr("导入文件…"))
        self.delete_button.setText(tr("删除"))
        base = self.context.book.base_currency
        self.hint.setText(
            tr(
                "汇率是一单位外币折合多少 {base}。可直接键入，也可从 Excel 复制“日期、币种、汇率”三列后粘贴；"
                "某日没有汇率时用它之前 31 天内最近的一个。",
                base=tr("人民币") if base == "CNY" else base,
            )
        )
        self.table.setAccessibleName(self.title())
        self.model.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(RateColumn) - 1)
        self._show_steps()

    def save(self) -> None:
        """Send every line that was changed, all or none."""
        self.message_bar.clear()
        try:
            changes = self.model.sheet.changes()
        except ValueError as error:
            refusal = told(error)
            if not isinstance(refusal, ZhangfangError):
                raise
            self.show_error(refusal)
            return
        if not changes:
            return
        lines = [self.model.sheet.lines[row] for row, _ in changes]
        texts = [line.text for line in lines]
        rates: list[ExchangeRateInput] = [rate for _, rate in changes]

        def refused(error: ZhangfangError) -> None:
            if self._is_chosen(lines, error):
                return
            if isinstance(error, EnvironmentFault):
                for line, text in zip(lines, texts, strict=True):
                    line.unanswered = text
            self.show_error(error)
            self._mark_wrong(lines, error)

        self._change(lambda api: api.save_exchange_rates(rates), refused)

    def _mark_wrong(self, lines: list[RateLine], error: ZhangfangError) -> None:
        """Put the keyboard into the first cell that a refusal names."""
        shown = [id(line) for line in self.model.sheet.lines]
        for path in error.fields:
            found = _FIELD.match(path)
            if found and id(lines[int(found[1])]) in shown:
                row = shown.index(id(lines[int(found[1])]))
                column = self.model.sheet.mark_wrong(row, found[2])
                self.table.setCurrentIndex(self.model.index(row, column))
                self.table.setFocus()
                break

    def _is_chosen(self, lines: list[RateLine], error: ZhangfangError) -> bool:
        """Lay both versions side by side when somebody else saved first; False for every other refusal."""
        stale = read_stale(error, ExchangeRateList)
        mine = [lines[int(found[1])] for path in error.fields if (found := _FIELD.match(path))]
        if stale is None or not mine:
            return False
        sheet = self.model.sheet
        theirs = {(rate.currency, rate.date): rate for rate in stale.theirs.rates}
        texts = {key: rate_text(rate.rate, rate.source) for key, rate in theirs.items()}

        def save_mine(_theirs: ExchangeRateList) -> None:
            for line in mine:
                rate = theirs.get(line.key)
                line.base = rate.version if rate is not None else 0
            self.save()

        def take_theirs(_theirs: ExchangeRateList) -> None:
            sheet.take(mine, theirs)
            self.model.show_sheet(sheet)

        if all(line.unanswered and line.unanswered == texts.get(line.key) for line in mine):
            save_mine(stale.theirs)
            return True
        rows = [
            Difference(" ".join(line.key), sheet.text_before(line), line.text, texts.get(line.key, "")) for line in mine
        ]
        what = tr("{count} 个汇率", count=len(mine)) if len(mine) > 1 else tr("汇率 {rate}", rate=rows[0].label)
        stale.show(self, what, rows, take=take_theirs, keep=save_mine)
        return True

    def take_text(self, text: str) -> None:
        """Import a pasted table; what was typed and not saved stays in the grid until it is saved."""
        wish = ExchangeRateImport(text=text)
        self._change(lambda api: api.import_exchange_rates(wish), self.show_error, keep_typed=True)

    def take_file(self, path: Path) -> None:
        """Import a file."""

        def work(api: ApiClient) -> ExchangeRateOutcome:
            upload = api.upload_file(path, lambda _done, _total: None)
            return api.import_exchange_rates(ExchangeRateImport(upload_id=upload.id))

        self._change(work, self.show_error, keep_typed=True)

    def _change(
        self,
        work: Callable[[ApiClient], ExchangeRateOutcome],
        refused: Callable[[ZhangfangError], None],
        *,
        keep_typed: bool = False,
    ) -> None:
        def done(outcome: ExchangeRateOutcome) -> None:
            self.message_bar.clear()
            self.show_info(
                tr(
                    "新增 {added} 个汇率，修改 {changed} 个，{same} 个没有变化。",
                    added=outcome.added,
                    changed=outcome.changed,
                    same=outcome.same,
                )
            )
            self._ask(keep_typed=keep_typed)

        Command(work, Topic.RATES).on_done(done).on_error(refused).run(self)

    def _paste_all(self) -> None:
        board = QGuiApplication.clipboard()
        self.take_text(board.text() if board is not None else "")

    def _choose_file(self) -> None:
        dialog = QFileDialog(self, tr("导入汇率"), "", tr("汇率表（*.csv *.txt *.xlsx）"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda path: self.take_file(Path(path)))
        dialog.open()

    def _delete(self) -> None:
        row = self.table.currentIndex().row()
        if row < 0 or not self.model.editable:
            return
        line = self.model.sheet.lines[row]
        kept = line.kept
        if kept is None:
            if not line.is_empty:
                del self.model.sheet.lines[row]
                self.model.show_sheet(self.model.sheet)
            return

        def done(_nothing: None) -> None:
            sheet = self.model.sheet
            sheet.lines = [one for one in sheet.lines if one is not line]
            self.model.show_sheet(sheet)
            self._ask(keep_typed=True)

        ask(
            self,
            tr("删除汇率"),
            tr("删除 {currency} 在 {date} 的汇率？", currency=kept.currency, date=kept.date),
            tr("删除"),
            lambda: (
                Command(lambda api: api.delete_exchange_rate(kept.currency, kept.date, kept.version), Topic.RATES)
                .on_done(done)
                .run(self)
            ),
        )

    def _change_month(self, period: int) -> None:
        if not self.has_unsaved():
            self._shown = period
            self._ask()
            return

        def go_on() -> None:
            self._shown = period
            self._ask()

        box = ask(self, tr("汇率表"), tr("有没保存的汇率，放弃它们？"), tr("放弃"), go_on)
        box.finished.connect(lambda _result: self._keep_month())

    def _keep_month(self) -> None:
        if self.month.period != self._shown:
            self.month.blockSignals(True)
            self.month.set_period(self._shown)
            self.month.blockSignals(False)

    def _ask(self, *, keep_typed: bool = False) -> None:
        query = ExchangeRateQuery(period=self.month.text)
        typed = [line for line in self.model.sheet.lines if line.is_changed]
        Query(lambda api: api.list_exchange_rates(query)).slot("rates").on_done(
            lambda listed: self._show(listed, typed if keep_typed else [])
        ).run(self)

    def _show(self, listed: ExchangeRateList, typed: list[RateLine]) -> None:
        today = self.context.today()
        day = today if period_of(today) == self.month.period else first_day(self.month.period)
        self._shown = self.month.period
        self.model.show_sheet(RateSheet(listed.rates, day=day.isoformat(), typed=typed))
        last = self.model.rowCount() - 1
        if last >= 0:
            self.table.setCurrentIndex(self.model.index(last, RateColumn.DATE))

    def _show_steps(self) -> None:
        self.save_button.setEnabled(self.has_unsaved())
        row = self.table.currentIndex().row()
        self.delete_button.setEnabled(
            0 <= row < len(self.model.sheet.lines) and not self.model.sheet.lines[row].is_empty
        )
