"""操作日志: who changed what, with what it was before and after."""

from __future__ import annotations

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QPushButton, QSplitter, QStackedWidget, QWidget

from app.client.api import ApiClient
from app.contract.identity import AuditRow, UserQuery
from app.contract.log_words import kind_name, object_label, result_name, verb_name
from app.ui.icons import icon
from app.ui.language import tr, tr_message
from app.ui.page import Page, PageContext
from app.ui.people.log_detail import LogDetail
from app.ui.people.log_export import LogExportButton
from app.ui.people.log_fields import moment_text
from app.ui.people.log_filter import LogFilter
from app.ui.tasks import Change, Query
from app.ui.widgets.empty_state import EmptyState
from app.ui.widgets.paged_table import Column, FetchedPage, Kind, PagedTable, PagedTableModel


class LogPage(Page):
    """The log, newest first; the row with the cursor is shown in full below."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.filter = LogFilter(context.today(), self)
        self.filter.know_people([(context.user_id, context.user_name)])
        self.again = QPushButton(icon("refresh"), "", self)
        self.export = LogExportButton(self.filter.query, self)
        self.export.setVisible(context.may("identity:audit:export"))
        self.model: PagedTableModel[AuditRow] = PagedTableModel(_columns(), self)
        self.table = PagedTable(self.model, self)
        self.empty = EmptyState("log", self)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.table)
        self.stack.addWidget(self.empty)
        self.detail = LogDetail(context, self)
        self._lay_out()
        self._connect()
        self.retranslate()

    def _lay_out(self) -> None:
        self.filter.add_at_the_right(self.again, self.export)
        self.splitter = QSplitter(Qt.Orientation.Vertical, self)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.stack)
        self.splitter.addWidget(self.detail)
        self.splitter.setStretchFactor(0, 3)
        self.splitter.setStretchFactor(1, 2)
        self.splitter.setSizes([300, 260])
        em = self.fontMetrics().height()
        self.splitter.setHandleWidth(em // 2)
        self.stack.setMinimumHeight(em * 9)
        self.detail.setMinimumHeight(em * 14)
        self.body.addWidget(self.filter)
        self.body.addWidget(self.export.strip)
        self.body.addWidget(self.splitter, 1)

    def _connect(self) -> None:
        self.filter.changed.connect(self._reload)
        self.again.clicked.connect(lambda _checked: self._reload())
        self.model.loaded.connect(self._show_state)
        self.table.opened.connect(lambda _row: self.detail.open_object())
        self.detail.history_wanted.connect(self.filter.show_object)
        selection = self.table.selectionModel()
        if selection is not None:
            selection.currentRowChanged.connect(lambda *_where: self._show_row())

    def title(self) -> str:
        """Return the page's name."""
        return tr("操作日志")

    def first_focus(self) -> QWidget | None:
        """One goes through the list."""
        return self.table

    def activate(self) -> None:
        """Ask for the log, and for whom it can be filtered by."""
        if self.context.may("identity:user:view"):
            Query(_everybody).slot("people").on_done(self.filter.know_people).run(self)
        self._reload()

    def refresh(self, change: Change) -> None:
        """Whatever changes is logged."""
        del change
        self.model.reload()

    def retranslate(self) -> None:
        """Set every text."""
        self.filter.retranslate()
        self.again.setToolTip(tr("重新读取"))
        self.again.setAccessibleName(tr("重新读取"))
        self.export.retranslate()
        self.table.setAccessibleName(self.title())
        self.detail.retranslate()
        self._show_state()

    def _reload(self) -> None:
        wanted = self.filter.query()

        def fetch(api: ApiClient, cursor: str, limit: int) -> FetchedPage[AuditRow]:
            page = api.list_audit(wanted.model_copy(update={"cursor": cursor, "limit": limit}))
            return FetchedPage(page.entries, page.next)

        self.model.load(fetch)

    def _show_state(self) -> None:
        nothing = self.model.rowCount() == 0
        self.stack.setCurrentWidget(self.empty if nothing else self.table)
        self.empty.set_texts(tr("没有这样的记录。") if self.filter.in_use else tr("还没有记录。"))
        if not nothing and not self.table.currentIndex().isValid():
            self.table.setCurrentIndex(self.model.index(0, 0))
        self._show_row()

    def _show_row(self) -> None:
        row = self.table.current_row() if self.model.rowCount() else None
        self.detail.show_row(row if isinstance(row, AuditRow) else None)


def _everybody(api: ApiClient) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    cursor = ""
    while True:
        page = api.list_users(UserQuery(cursor=cursor))
        found += [(user.id, user.name) for user in page.users]
        if page.next is None:
            return found
        cursor = page.next


def _columns() -> list[Column[AuditRow]]:
    return [
        Column(lambda: tr("时间"), lambda row: moment_text(row.at), width_chars=18),
        Column(lambda: tr("操作人"), lambda row: row.user_name, width_chars=11),
        Column(lambda: tr("操作"), lambda row: tr_message(verb_name(row.action)), width_chars=12),
        Column(lambda: tr("对象类别"), lambda row: tr_message(kind_name(row.action, row.object_type)), width_chars=13),
        Column(
            lambda: tr("对象"),
            lambda row: object_label(row.object_id, row.before, row.after),
            width_chars=18,
            stretch=True,
        ),
        Column(lambda: tr("结果"), lambda row: tr_message(result_name(row.result)), width_chars=16),
        Column(
            lambda: tr("毫秒"),
            lambda row: "" if row.duration_ms is None else str(row.duration_ms),
            Kind.NUMBER,
            4,
        ),
        Column(lambda: tr("地址"), lambda row: row.address, width_chars=13),
    ]
