"""API 令牌: what lets other programs work on the book, as whom, with which rights."""

from __future__ import annotations

import time
from collections.abc import Sequence

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QCheckBox, QLabel, QPushButton, QStackedWidget, QWidget

from app.client.api import ApiClient
from app.contract.identity import ApiToken, ApiTokenList, PermissionInfo, User, UserQuery
from app.kernel.errors import ZhangfangError
from app.ui.language import tr
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.page import Page, PageContext
from app.ui.people.log_fields import minute_text
from app.ui.people.token_dialogs import NewTokenDialog, TokenShownDialog
from app.ui.presence.others import joined
from app.ui.tasks import Change, Command, Query, Topic
from app.ui.widgets.empty_state import EmptyState
from app.ui.widgets.paged_table import Column, PagedTable, PagedTableModel
from app.ui.widgets.question import ask


class TokensPage(Page):
    """One's own tokens, with the right to see them everybody's."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._tokens: Sequence[ApiToken] = ()
        self._rights: dict[str, PermissionInfo] = {}
        self._users: Sequence[User] = ()
        self.explanation = QLabel(self)
        self.explanation.setObjectName("muted")
        self.explanation.setWordWrap(True)
        self.explanation.setTextFormat(Qt.TextFormat.PlainText)
        self.ended = QCheckBox(self)
        self.add_button, self.revoke_button = QPushButton(self), QPushButton(self)
        self.add_button.setProperty("primary", True)
        may_add = context.may("identity:token:add")
        self.add_button.setVisible(may_add)
        self.model: PagedTableModel[ApiToken] = PagedTableModel(self._columns(), self)
        self.table = PagedTable(self.model, self)
        self.empty = EmptyState("key", self, action=self.add if may_add else None)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.table)
        self.stack.addWidget(self.empty)
        row = FlowLayout()
        row.addWidget(self.ended)
        row.add_gap()
        row.addWidget(self.add_button)
        row.addWidget(self.revoke_button)
        self.body.addWidget(self.explanation)
        self.body.addLayout(row)
        self.body.addWidget(self.stack, 1)
        self.ended.toggled.connect(lambda _on: self._show_rows())
        self.add_button.clicked.connect(lambda _checked: self.add())
        self.revoke_button.clicked.connect(lambda _checked: self.revoke())
        selection = self.table.selectionModel()
        if selection is not None:
            selection.currentRowChanged.connect(lambda *_where: self._show_steps())
        self.retranslate()

    def title(self) -> str:
        """Return the page's name."""
        return tr("API 令牌")

    def first_focus(self) -> QWidget | None:
        """One goes through the list."""
        return self.table

    def activate(self) -> None:
        """Ask for the tokens, and what a new one can be made of."""
        Query(lambda api: api.list_tokens()).slot("tokens").on_done(self._know).run(self)
        Query(lambda api: api.list_permissions()).slot("rights").on_done(
            lambda listed: self._know_rights(listed.permissions)
        ).on_error(lambda _error: None).run(self)  # an older server names them only to who may look at roles
        if self.context.may("identity:token:add") and self.context.may("identity:user:view"):
            Query(_users).slot("users").on_done(self._know_users).run(self)

    def refresh(self, change: Change) -> None:
        """Ask again when people or tokens changed."""
        if change.touches(Topic.USERS):
            self.activate()

    def retranslate(self) -> None:
        """Set every text."""
        self.explanation.setText(
            tr(
                "令牌让别的程序以某个人的身份使用这本账：只能做这个人有权做、令牌也允许做的事。知道令牌就等于能登录，请像密码一样保管。"
            )
        )
        self.ended.setText(tr("含已作废和已到期"))
        self.add_button.setText(tr("新建令牌…"))
        self.revoke_button.setText(tr("作废…"))
        self.table.setAccessibleName(self.title())
        self.empty.set_texts(tr("没有在用的令牌。"), tr("新建令牌…"))
        self._show_steps()

    def current(self) -> ApiToken | None:
        """Return the token with the cursor."""
        row = self.table.current_row() if self.model.rowCount() else None
        return row if isinstance(row, ApiToken) else None

    def add(self) -> None:
        """Ask what the new token is for and may do; then show it, this once."""
        dialog = NewTokenDialog(self, self.context, list(self._rights.values()), self._users)
        dialog.made.connect(lambda token: TokenShownDialog(self, token).open())
        dialog.open()

    def revoke(self) -> None:
        """Ask, then make the chosen token worthless."""
        token = self.current()
        if token is None or not self._may_revoke(token):
            return

        def send() -> None:
            Command(lambda api: api.revoke_token(token.id), Topic.USERS).on_error(self._not_revoked).run(self)

        text = tr("用令牌“{name}”的程序马上不能再用这本账，不能恢复。", name=token.name or str(token.id))
        ask(self, tr("作废令牌"), text, tr("作废令牌"), send)

    # --- what is shown -----------------------------------------------------------------------------------------------

    def _know(self, listed: ApiTokenList) -> None:
        self._tokens = listed.tokens
        self._show_rows()

    def _know_rights(self, rights: Sequence[PermissionInfo]) -> None:
        self._rights = {right.code: right for right in rights}

    def _know_users(self, users: Sequence[User]) -> None:
        self._users = users

    def _show_rows(self) -> None:
        every = self.ended.isChecked()
        self.model.show_rows([token for token in self._tokens if every or _is_valid(token)])
        nothing = self.model.rowCount() == 0
        self.stack.setCurrentWidget(self.empty if nothing else self.table)
        if not nothing and not self.table.currentIndex().isValid():
            self.table.setCurrentIndex(self.model.index(0, 0))
        self._show_steps()

    def _show_steps(self) -> None:
        token = self.current()
        self.revoke_button.setEnabled(token is not None and self._may_revoke(token))

    def _may_revoke(self, token: ApiToken) -> bool:
        is_mine = token.user_id == self.context.user_id
        return token.revoked_at is None and (is_mine or self.context.may("identity:token:remove"))

    def _not_revoked(self, error: ZhangfangError) -> None:
        self.activate()
        self.show_error(error)

    def _scope_text(self, token: ApiToken) -> str:
        if token.scope is None:
            return tr("他的全部权限")
        if not token.scope:
            return tr("没有权限")
        names = [self._rights[code].name if code in self._rights else code for code in token.scope]
        return tr("{count} 项：{names}", count=len(names), names=joined(names))

    def _columns(self) -> list[Column[ApiToken]]:
        return [
            Column(lambda: tr("名称"), lambda token: token.name or f"#{token.id}", width_chars=16),
            Column(lambda: tr("代表谁"), lambda token: token.user_name, width_chars=14),
            Column(lambda: tr("权限"), self._scope_text, width_chars=24, stretch=True),
            Column(lambda: tr("建立时间"), lambda token: minute_text(token.created_at), width_chars=16),
            Column(lambda: tr("上次使用"), lambda token: minute_text(token.last_used_at), width_chars=16),
            Column(lambda: tr("到期时间"), lambda token: minute_text(token.expires_at), width_chars=16),
            Column(lambda: tr("状态"), _state, width_chars=8),
        ]


def _users(api: ApiClient) -> list[User]:
    return api.list_users(UserQuery(include_inactive=False)).users


def _is_valid(token: ApiToken) -> bool:
    return token.revoked_at is None and (token.expires_at is None or token.expires_at > time.time() * 1000)


def _state(token: ApiToken) -> str:
    if token.revoked_at is not None:
        return tr("已作废")
    return tr("有效") if _is_valid(token) else tr("已到期")
