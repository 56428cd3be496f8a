"""账簿体检: what does not fit together in the book, worst first, each with a remedy and the way to where it is."""

from __future__ import annotations

from typing import Any

from PyQt5.QtCore import QModelIndex, Qt
from PyQt5.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.contract.doctor import Diagnosis, DoctorFinding, DoctorPlace, DoctorQuery
from app.contract.ledger import PeriodList, Verification
from app.kernel.errors import ZhangfangError
from app.kernel.period import parse_period, period_of
from app.ui.jobs import finish_job
from app.ui.language import tr
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.ledger.months import month_to_show
from app.ui.month_end.doctor_words import check_name, severity_name, target_of
from app.ui.page import Page, PageContext
from app.ui.tasks import Change, LongCommand, Query, Topic
from app.ui.widgets.amounts import negative_colour
from app.ui.widgets.paged_table import Column, Kind, PagedTable, PagedTableModel
from app.ui.widgets.period_picker import PeriodPicker
from app.ui.widgets.progress_strip import ProgressStrip

SEVERITY = 0


class DoctorPage(Page):
    """The doctor's findings of a month or the whole book; the full verification of the vouchers can join them."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        start = parse_period(context.book.start)
        self._asked = False
        self._diagnosis: Diagnosis | None = None
        self._verified: Verification | None = None
        self.month = PeriodPicker(max(period_of(context.today()), start), self)
        self.month.set_range(start)
        self.whole_book = QCheckBox(self)
        self.documents = QCheckBox(self)
        self.again = QPushButton(self)
        self.again.setProperty("primary", True)
        self.verify = QPushButton(self)
        self.verify.setVisible(context.may("ledger:book:verify"))
        self.summary = QLabel(self)
        self.summary.setObjectName("sectionTitle")
        self.summary.setWordWrap(True)
        self.strip = ProgressStrip(self)
        self.model = _FindingModel(
            (
                Column(lambda: tr("程度"), lambda found: severity_name(found.severity), Kind.CENTRE, 9),
                Column(lambda: tr("检查项"), lambda found: check_name(found.check), width_chars=16),
                Column(lambda: tr("位置"), lambda found: found.where, width_chars=22),
                Column(lambda: tr("问题"), lambda found: found.message, width_chars=60, stretch=True),
            ),
            self,
        )
        self.table = PagedTable(self.model, self)
        self.card = _RemedyCard(self)
        self._lay_out()
        self._connect()
        self.retranslate()

    def _lay_out(self) -> None:
        bar = FlowLayout()
        for widget in (self.month, self.whole_book, self.documents, self.again):
            bar.addWidget(widget)
        bar.add_gap()
        bar.addWidget(self.verify)
        self.body.addLayout(bar)
        self.body.addWidget(self.strip)
        self.body.addWidget(self.summary)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.card)

    def _connect(self) -> None:
        self.month.changed.connect(lambda _month: self.ask())
        self.whole_book.toggled.connect(self._span_changed)
        self.documents.toggled.connect(lambda _on: self.ask())
        self.again.clicked.connect(lambda _checked: self.ask())
        self.verify.clicked.connect(lambda _checked: self.verify_all())
        self.table.opened.connect(self.open_finding)
        self.card.wanted.clicked.connect(lambda _checked: self._open_current())
        selection = self.table.selectionModel()
        if selection is not None:
            selection.currentRowChanged.connect(lambda *_rows: self._show_remedy())

    # --- the page ----------------------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return tr("账簿体检")

    def first_focus(self) -> QWidget | None:
        """The keyboard starts in the list."""
        return self.table

    def activate(self) -> None:
        """Ask once, for the month that is worked on; later `refresh` tells of changes."""
        if not self._asked:
            self._asked = True
            Query(lambda api: api.list_periods()).slot("months").on_done(self._begin).on_error(self._begin_anyhow).run(
                self
            )

    def refresh(self, change: Change) -> None:
        """Examine again: any change may have mended or broken something."""
        if change.touches(Topic.VOUCHERS, Topic.BALANCES, Topic.PERIODS, Topic.ACCOUNTS, Topic.AUXILIARIES, Topic.BOOK):
            self._verified = None
            self.ask()

    def retranslate(self) -> None:
        """Set every text; findings are asked for again, for the server wrote them in the other language."""
        self.whole_book.setText(tr("全部月份"))
        self.documents.setText(tr("检查附件"))
        self.documents.setToolTip(tr("同时列出没有附件的已记账凭证"))
        self.again.setText(tr("体检"))
        self.verify.setText(tr("完整核验…"))
        self.verify.setToolTip(tr("重新计算每一个余额、编号和凭证链，看账簿有没有损坏或被改动。"))
        self.table.setAccessibleName(self.title())
        self.card.retranslate()
        self._show_summary()
        if self._asked:
            self.ask()

    # --- examining ---------------------------------------------------------------------------------------------------

    def query(self) -> DoctorQuery:
        """Return what is asked for."""
        period = "" if self.whole_book.isChecked() else self.month.text
        return DoctorQuery(period=period, documents=self.documents.isChecked())

    def ask(self) -> None:
        """Examine the month or the book."""
        self._asked = True
        query = self.query()
        Query(lambda api: api.diagnosis(query)).slot("diagnosis").on_done(self._diagnosed).run(self)

    def verify_all(self) -> None:
        """Recompute everything from the vouchers, in the background."""
        if self.strip.is_working:
            return
        self.message_bar.clear()
        LongCommand(lambda api, progress: finish_job(api, api.start_verification(), progress)).shown_by(
            self.strip, tr("正在检查…")
        ).on_done(self._verified_all).run(self)

    def _begin(self, listed: PeriodList) -> None:
        month = month_to_show(listed.periods, self.context.today())
        if month is not None:
            self.month.blockSignals(True)
            self.month.set_period(month)
            self.month.blockSignals(False)
        self.ask()

    def _begin_anyhow(self, _error: ZhangfangError) -> None:
        self.ask()  # who may not see months examines this one

    def _span_changed(self, whole: bool) -> None:
        self.month.setEnabled(not whole)
        self.ask()

    def _diagnosed(self, diagnosis: Diagnosis) -> None:
        self._diagnosis = diagnosis
        self._show()

    def _verified_all(self, result: dict[str, Any]) -> None:
        self._verified = Verification.model_validate(result, extra="ignore")
        self._show()

    def findings(self) -> list[DoctorFinding]:
        """Return what is listed: the full verification's findings first, where it was run."""
        listed = list(self._diagnosis.findings) if self._diagnosis is not None else []
        known = {(found.where, found.message) for found in listed}
        if self._verified is not None:
            remedy = tr("账簿的数据被损坏或在程序之外被改动过：请停止记账，从备份恢复。")
            severe = [
                DoctorFinding(
                    check=one.check,
                    severity="error",
                    where=one.where,
                    message=one.message,
                    remedy=remedy,
                    place=DoctorPlace(kind="page", page="backup"),
                )
                for one in self._verified.findings
                if (one.where, one.message) not in known
            ]
            listed = severe + listed
        return listed

    def _show(self) -> None:
        self.model.show_rows(self.findings())
        if self.model.rows() and not self.table.currentIndex().isValid():
            self.table.setCurrentIndex(self.model.index(0, 0))
        self._show_summary()
        self._show_remedy()

    def _show_summary(self) -> None:
        if self._diagnosis is None:
            self.summary.setText("")
            return
        counts = {"error": 0, "warning": 0, "hint": 0}
        for found in self.findings():
            counts[found.severity] += 1
        parts = [
            tr("错误 {error} 处，提醒 {warning} 处，提示 {hint} 处。", **counts)
            if any(counts.values())
            else tr("没有发现问题。")
        ]
        if left_out := sum(self._diagnosis.left_out.values()):
            parts.append(tr("另有 {count} 处没有列出。", count=f"{left_out:,}"))
        if self._verified is not None and not self._verified.findings:
            parts.append(
                tr(
                    "已完整核验 {vouchers} 张凭证、{entries} 条分录，数据完好。",
                    vouchers=f"{self._verified.vouchers:,}",
                    entries=f"{self._verified.entries:,}",
                )
            )
        self.summary.setText(" ".join(parts))

    # --- one finding -------------------------------------------------------------------------------------------------

    def current(self) -> DoctorFinding | None:
        """Return the finding with the cursor."""
        row = self.table.current_row()
        return row if isinstance(row, DoctorFinding) else None

    def open_finding(self, found: DoctorFinding) -> None:
        """Go to where it can be mended."""
        target = target_of(found.place)
        if target is not None:
            self.context.open_target(target)

    def _open_current(self) -> None:
        found = self.current()
        if found is not None:
            self.open_finding(found)

    def _show_remedy(self) -> None:
        self.card.show_finding(self.current())


class _FindingModel(PagedTableModel[DoctorFinding]):
    """Findings, with errors in the colour of what is wrong."""

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        if role == Qt.ItemDataRole.ForegroundRole and index.isValid() and index.column() == SEVERITY:
            return negative_colour() if self.row(index.row()).severity == "error" else None
        return super().data(index, role)


class _RemedyCard(QFrame):
    """The finding with the cursor in full, what to do about it, and the button that goes there."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        em = self.fontMetrics().height()
        row = QHBoxLayout(self)
        row.setContentsMargins(em, em * 3 // 4, em, em * 3 // 4)
        column = QVBoxLayout()
        self.place, self.text, self.remedy = QLabel(self), QLabel(self), QLabel(self)
        self.place.setObjectName("sectionTitle")
        for label in (self.place, self.text, self.remedy):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse))
            column.addWidget(label)
        row.addLayout(column, 1)
        self.wanted = QPushButton(self)
        row.addWidget(self.wanted, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def retranslate(self) -> None:
        """Set the button's text."""
        self.wanted.setText(tr("去看看"))

    def show_finding(self, found: DoctorFinding | None) -> None:
        """Show a finding, or hide."""
        self.setVisible(found is not None)
        if found is None:
            return
        self.place.setText(f"{check_name(found.check)}　{found.where}")
        self.text.setText(found.message)
        self.remedy.setText(tr("建议：{remedy}", remedy=found.remedy))
        self.wanted.setVisible(target_of(found.place) is not None)
