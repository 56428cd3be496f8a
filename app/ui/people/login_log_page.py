"""登录日志: who tried to log in from where, and what came of it."""

from __future__ import annotations

from PyQt5.QtCore import QTimer
from PyQt5.QtWidgets import QComboBox, QLabel, QLineEdit, QPushButton, QStackedWidget, QWidget

from app.client.api import ApiClient
from app.contract.identity import LoginAttemptQuery, LoginAttemptRow
from app.ui.icons import icon
from app.ui.language import tr
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.page import Page, PageContext
from app.ui.people.log_fields import moment_text
from app.ui.people.log_filter import day_begins_ms, day_ends_ms
from app.ui.tasks import Change, Command, Topic
from app.ui.trade.optional_date import OptionalDateField
from app.ui.widgets.empty_state import EmptyState
from app.ui.widgets.limits import limit_to
from app.ui.widgets.paged_table import Column, FetchedPage, PagedTable, PagedTableModel

_TYPING_MS = 200
_FAILED = frozenset({"wrong", "waiting", "locked"})


class LoginLogPage(Page):
    """The tries to log in, newest first; who is locked is let in again here."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.search = QLineEdit(self)
        self.search.setClearButtonEnabled(True)
        self.search.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.setMinimumWidth(self.fontMetrics().averageCharWidth() * 44)
        limit_to(self.search, LoginAttemptQuery, "q")
        self.outcome = QComboBox(self)
        today = context.today()
        self.from_date, self.to_date = OptionalDateField(today, self), OptionalDateField(today, self)
        self.labels = [QLabel(self) for _ in range(3)]
        self.again = QPushButton(icon("refresh"), "", self)
        self.unlock_button = QPushButton(self)
        self.unlock_button.setVisible(context.may("identity:user:unlock"))
        self.model: PagedTableModel[LoginAttemptRow] = PagedTableModel(_columns(), self)
        self.table = PagedTable(self.model, self)
        self.empty = EmptyState("logins", self)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.table)
        self.stack.addWidget(self.empty)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_TYPING_MS)
        self._lay_out()
        self._connect()
        self.retranslate()

    def _lay_out(self) -> None:
        row = FlowLayout()
        row.addWidget(self.search)
        for label, field in zip(self.labels, (self.outcome, self.from_date, self.to_date), strict=True):
            label.setBuddy(field)
            row.addWidget(label)
            row.addWidget(field)
        row.add_gap()
        row.addWidget(self.again)
        row.addWidget(self.unlock_button)
        self.body.addLayout(row)
        self.body.addWidget(self.stack, 1)

    def _connect(self) -> None:
        self.search.textChanged.connect(lambda _text: self._pause.start())
        self._pause.timeout.connect(self._reload)
        self.outcome.activated.connect(lambda _place: self._reload())
        self.from_date.date_changed.connect(self._reload)
        self.to_date.date_changed.connect(self._reload)
        self.again.clicked.connect(lambda _checked: self._reload())
        self.unlock_button.clicked.connect(lambda _checked: self.unlock())
        self.model.loaded.connect(self._show_state)
        selection = self.table.selectionModel()
        if selection is not None:
            selection.currentRowChanged.connect(lambda *_where: self._show_steps())

    def title(self) -> str:
        """Return the page's name."""
        return tr("登录日志")

    def first_focus(self) -> QWidget | None:
        """One types whom one looks for."""
        return self.search

    def activate(self) -> None:
        """Ask for the tries."""
        self._reload()

    def refresh(self, change: Change) -> None:
        """Ask again when people changed: somebody may have been let in again."""
        if change.touches(Topic.USERS):
            self.model.reload()

    def retranslate(self) -> None:
        """Set every text."""
        self.search.setPlaceholderText(tr("登录名、姓名或地址"))
        for label, text in zip(self.labels, (tr("结果"), tr("日期"), tr("至")), strict=True):
            label.setText(text)
        chosen = max(self.outcome.currentIndex(), 0)
        self.outcome.clear()
        for text, value in (
            (tr("全部"), ""),
            (tr("成功"), "ok"),
            (tr("失败"), "failed"),
            (tr("锁定和解锁"), "locked"),
            (tr("没有这个人"), "unknown"),
            (tr("令牌无效"), "token"),
        ):
            self.outcome.addItem(text, value)
        self.outcome.setCurrentIndex(chosen)
        self.again.setToolTip(tr("重新读取"))
        self.again.setAccessibleName(tr("重新读取"))
        self.unlock_button.setText(tr("解除锁定"))
        self.unlock_button.setToolTip(tr("清掉这个人的失败次数，他马上可以再试"))
        self.table.setAccessibleName(self.title())
        self._show_state()

    def query(self) -> LoginAttemptQuery:
        """Return what the fields ask for."""
        return LoginAttemptQuery(
            q=self.search.text().strip(),
            outcome=self.outcome.currentData() or "",
            from_ms=day_begins_ms(self.from_date.wire),
            to_ms=day_ends_ms(self.to_date.wire),
        )

    def unlock(self) -> None:
        """Let the person of the chosen row try again at once."""
        row = self._current()
        if row is None or row.user_id is None or not self._may_unlock(row):
            return
        user_id, name = row.user_id, row.user_name or row.login_name
        Command(lambda api: api.unlock_user(user_id), Topic.USERS).on_done(
            lambda _nothing: self.show_info(tr("“{name}”马上可以再登录。", name=name))
        ).run(self)

    def _reload(self) -> None:
        wanted = self.query()

        def fetch(api: ApiClient, cursor: str, limit: int) -> FetchedPage[LoginAttemptRow]:
            page = api.list_login_attempts(wanted.model_copy(update={"cursor": cursor, "limit": limit}))
            return FetchedPage(page.attempts, page.next)

        self.model.load(fetch)

    def _current(self) -> LoginAttemptRow | None:
        row = self.table.current_row() if self.model.rowCount() else None
        return row if isinstance(row, LoginAttemptRow) else None

    @staticmethod
    def _may_unlock(row: LoginAttemptRow) -> bool:
        return row.user_id is not None and row.outcome in _FAILED

    def _show_state(self) -> None:
        nothing = self.model.rowCount() == 0
        self.stack.setCurrentWidget(self.empty if nothing else self.table)
        self.empty.set_texts(
            tr("没有这样的记录。")
            if self.query() != LoginAttemptQuery()
            else tr("还没有人登录过。给第二个人设登录名和密码后，大家都要登录，每一次都记在这里。")
        )
        if not nothing and not self.table.currentIndex().isValid():
            self.table.setCurrentIndex(self.model.index(0, 0))
        self._show_steps()

    def _show_steps(self) -> None:
        row = self._current()
        self.unlock_button.setEnabled(row is not None and self._may_unlock(row))


def outcome_name(row: LoginAttemptRow) -> str:
    """Return what came of a try to log in."""
    if row.outcome == "wrong":
        return tr("没有这个人") if row.user_id is None else tr("密码不对，或已停用")
    names = {
        "ok": tr("成功"),
        "waiting": tr("失败太多，须等待"),
        "locked": tr("已锁定"),
        "unlocked": tr("已解除锁定"),
        "token": tr("令牌无效"),
    }
    return names.get(row.outcome, row.outcome)


def _columns() -> list[Column[LoginAttemptRow]]:
    return [
        Column(lambda: tr("时间"), lambda row: moment_text(row.at), width_chars=20),
        Column(lambda: tr("登录名"), lambda row: row.login_name, width_chars=24),
        Column(lambda: tr("姓名"), lambda row: row.user_name, width_chars=20, stretch=True),
        Column(lambda: tr("结果"), outcome_name, width_chars=22),
        Column(lambda: tr("地址"), lambda row: row.address, width_chars=22),
    ]
