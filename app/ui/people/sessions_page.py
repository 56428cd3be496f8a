"""登录状态: where one is logged in, and with the right to, where everybody is."""

from __future__ import annotations

from PyQt5.QtWidgets import QCheckBox, QPushButton, QStackedWidget, QWidget

from app.client.api import ApiClient
from app.contract.identity import SessionList, SessionRow
from app.kernel.errors import ZhangfangError
from app.ui.icons import icon
from app.ui.language import tr
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.page import Page, PageContext
from app.ui.people.log_fields import minute_text
from app.ui.tasks import Change, Command, Query, Topic
from app.ui.widgets.empty_state import EmptyState
from app.ui.widgets.paged_table import Column, PagedTable, PagedTableModel
from app.ui.widgets.question import ask


class SessionsPage(Page):
    """The logins that last; each can be ended."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._sees_all = context.may("identity:session:view")
        self._sessions: list[SessionRow] = []
        self.only_mine = QCheckBox(self)
        self.only_mine.setVisible(self._sees_all)
        self.again = QPushButton(icon("refresh"), "", self)
        self.end_button, self.others_button = QPushButton(self), QPushButton(self)
        self.model: PagedTableModel[SessionRow] = PagedTableModel(_columns(), self)
        self.table = PagedTable(self.model, self)
        self.empty = EmptyState("sessions", self)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.table)
        self.stack.addWidget(self.empty)
        row = FlowLayout()
        row.addWidget(self.only_mine)
        row.add_gap()
        for button in (self.again, self.end_button, self.others_button):
            row.addWidget(button)
        self.body.addLayout(row)
        self.body.addWidget(self.stack, 1)
        self.only_mine.toggled.connect(lambda _on: self._show_rows())
        self.again.clicked.connect(lambda _checked: self.activate())
        self.end_button.clicked.connect(lambda _checked: self.end())
        self.others_button.clicked.connect(lambda _checked: self.end_others())
        selection = self.table.selectionModel()
        if selection is not None:
            selection.currentRowChanged.connect(lambda *_where: self._show_steps())
        self.retranslate()

    def title(self) -> str:
        """Return the page's name."""
        return tr("登录状态")

    def first_focus(self) -> QWidget | None:
        """One goes through the list."""
        return self.table

    def activate(self) -> None:
        """Ask who is logged in."""
        sees_all = self._sees_all

        def fetch(api: ApiClient) -> SessionList:
            return api.list_sessions() if sees_all else api.list_own_sessions()

        Query(fetch).slot("sessions").on_done(self._know).run(self)

    def refresh(self, change: Change) -> None:
        """Ask again when people changed: who is deactivated is out."""
        if change.touches(Topic.USERS):
            self.activate()

    def retranslate(self) -> None:
        """Set every text."""
        self.only_mine.setText(tr("只看我自己的"))
        self.again.setToolTip(tr("重新读取"))
        self.again.setAccessibleName(tr("重新读取"))
        self.end_button.setText(tr("强制退出…"))
        self.others_button.setText(tr("退出我的其他登录…"))
        self.others_button.setToolTip(tr("这个窗口留着，您在别处的登录都结束"))
        self.table.setAccessibleName(self.title())
        self.empty.set_texts(tr("现在没有登录。一个人用的账簿不用登录；大家都登录的账簿，这里列出谁从哪里登录着。"))
        self._show_steps()

    def current(self) -> SessionRow | None:
        """Return the login with the cursor."""
        row = self.table.current_row() if self.model.rowCount() else None
        return row if isinstance(row, SessionRow) else None

    def end(self) -> None:
        """Ask, then end the chosen login."""
        row = self.current()
        if row is None or not self._may_end(row):
            return
        mine = row.user_id == self.context.user_id

        def send() -> None:
            Command(
                lambda api: api.end_own_session(row.id) if mine else api.force_logout(row.id), Topic.USERS
            ).on_error(self._not_ended).run(self)

        text = tr(
            "“{name}”从 {address} 的登录马上结束，没有保存的内容存不进去，直到他再登录。",
            name=row.user_name,
            address=row.address or "?",
        )
        ask(self, tr("强制退出"), text, tr("强制退出"), send)

    def end_others(self) -> None:
        """Ask, then end all one's own logins but this one."""
        count = len(self._others())

        def send() -> None:
            Command(lambda api: api.end_other_sessions(), Topic.USERS).on_done(self._others_ended).run(self)

        text = tr("您在别处的 {count} 个登录马上结束，这个窗口不受影响。", count=count)
        ask(self, tr("退出我的其他登录"), text, tr("全部退出"), send)

    # --- what is shown -----------------------------------------------------------------------------------------------

    def _know(self, listed: SessionList) -> None:
        self._sessions = listed.sessions
        self._show_rows()

    def _show_rows(self) -> None:
        mine = self.only_mine.isChecked()
        self.model.show_rows([row for row in self._sessions if not mine or row.user_id == self.context.user_id])
        nothing = self.model.rowCount() == 0
        self.stack.setCurrentWidget(self.empty if nothing else self.table)
        if not nothing and not self.table.currentIndex().isValid():
            self.table.setCurrentIndex(self.model.index(0, 0))
        self._show_steps()

    def _show_steps(self) -> None:
        row = self.current()
        self.end_button.setEnabled(row is not None and self._may_end(row))
        self.others_button.setEnabled(bool(self._others()))

    def _may_end(self, row: SessionRow) -> bool:
        if row.current:
            return False
        return row.user_id == self.context.user_id or self.context.may("identity:session:forceLogout")

    def _others(self) -> list[SessionRow]:
        return [row for row in self._sessions if row.user_id == self.context.user_id and not row.current]

    def _others_ended(self, _nothing: None) -> None:
        self.show_info(tr("您在别处的登录都结束了。"))

    def _not_ended(self, error: ZhangfangError) -> None:
        self.activate()  # it may have ended by itself meanwhile
        self.show_error(error)


def _columns() -> list[Column[SessionRow]]:
    return [
        Column(lambda: tr("姓名"), _who, width_chars=20, stretch=True),
        Column(lambda: tr("登录时间"), lambda row: minute_text(row.created_at), width_chars=17),
        Column(lambda: tr("最近使用"), lambda row: minute_text(row.last_seen_at), width_chars=17),
        Column(lambda: tr("不用就到期"), lambda row: minute_text(row.expires_at), width_chars=17),
        Column(lambda: tr("地址"), lambda row: row.address, width_chars=18),
        Column(lambda: tr("程序"), lambda row: row.program, width_chars=24),
    ]


def _who(row: SessionRow) -> str:
    return tr("{name}（这个窗口）", name=row.user_name) if row.current else row.user_name
