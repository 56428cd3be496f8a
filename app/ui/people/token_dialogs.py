"""Forms about API tokens: a new one, and the one time it is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtGui import QFontDatabase, QGuiApplication
from PyQt5.QtWidgets import QCheckBox, QComboBox, QHeaderView, QLabel, QLineEdit, QPushButton, QTreeView, QWidget

from app.contract.identity import ApiTokenCreated, ApiTokenInput, PermissionInfo, User
from app.kernel.errors import Conflict, MalformedInput, ZhangfangError
from app.kernel.text import message
from app.ui.icons import icon
from app.ui.language import tr
from app.ui.page import PageContext
from app.ui.people.log_filter import day_ends_ms
from app.ui.people.role_rights import NAME, NOTE, RightsModel
from app.ui.tasks import Topic
from app.ui.trade.optional_date import OptionalDateField
from app.ui.widgets.form_dialog import FormDialog
from app.ui.widgets.limits import limit_to
from app.ui.widgets.pending_save import SHOWN_ONCE


class NewTokenDialog(FormDialog):
    """Asks what a token is for, whom it acts as, what it may do, and until when."""

    made = pyqtSignal(str)
    """The token."""

    def __init__(
        self, parent: QWidget, context: PageContext, rights: Sequence[PermissionInfo], users: Sequence[User]
    ) -> None:
        super().__init__(parent)
        self.name = QLineEdit(self)
        limit_to(self.name, ApiTokenInput, "name")
        self.person = QComboBox(self)
        self.person.addItem(context.user_name, context.user_id)
        for user in users:
            if user.id != context.user_id:
                self.person.addItem(user.name, user.id)
        self.expires = OptionalDateField(context.today(), self)
        self.all_rights = QCheckBox(self)
        self.search = QLineEdit(self)
        self.search.setClearButtonEnabled(True)
        self.search.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.model = RightsModel(_grantable(rights, context), lambda _code: True, self)
        self.rights = QTreeView(self)
        self.rights.setModel(self.model)
        self.rights.setUniformRowHeights(True)
        self.rights.setAlternatingRowColors(True)
        self.rights.setMinimumHeight(self.fontMetrics().height() * 12)
        header = self.rights.header()
        if header is not None:
            header.setStretchLastSection(False)
            header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
            header.setSectionResizeMode(NOTE, QHeaderView.ResizeMode.ResizeToContents)
        self._labels = {
            key: self.add_field(key, field)
            for key, field in (("name", self.name), ("user_id", self.person), ("expires_at", self.expires))
        }
        self.form.addRow(QLabel(self), self.all_rights)
        self.form.addRow(QLabel(self), self.search)
        self._labels["scope"] = self.add_field("scope", self.rights)
        self.all_rights.toggled.connect(self._show_rights)
        self.search.textChanged.connect(self._find)
        self.retranslate()

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.setWindowTitle(tr("新建令牌"))
        self.ok_button.setText(tr("新建"))
        texts = {"name": tr("名称"), "user_id": tr("代表谁"), "expires_at": tr("到期时间"), "scope": tr("权限")}
        for key, label in self._labels.items():
            label.setText(texts[key])
        self.name.setPlaceholderText(tr("做什么用的，如“网店同步”"))
        self.expires.setPlaceholderText(tr("长期有效"))
        self.all_rights.setText(tr("这个人的全部权限，以后变了也跟着变"))
        self.search.setPlaceholderText(tr("查找权限，如“凭证”“审核”"))
        self.rights.setAccessibleName(tr("权限"))

    def submit(self) -> None:
        """Have the token made."""
        scope = None if self.all_rights.isChecked() else sorted(self.model.chosen)
        if scope == []:
            text = message("请至少勾选一项权限。")
            raise MalformedInput("scope_empty", text, fields={"scope": text})
        day = self.expires.wire
        ends = day_ends_ms(day)
        if day and ends is None:
            text = message("“{text}”不是日期，请写成 2026-06-30 的样子。", text=day)
            raise MalformedInput("date_malformed", text, fields={"expires_at": text})
        new = ApiTokenInput(
            name=self.name.text().strip(),
            user_id=self.person.currentData(),
            scope=scope,
            expires_at=ends,
        )
        self.save_new(
            new,
            lambda api, wish: api.create_token(wish),
            Topic.USERS,
            done=self._made,
            take_back=lambda api, made: api.revoke_token(made.id),
        )

    def show_error(self, error: ZhangfangError, retry: Callable[[], None] | None = None) -> None:
        """Say why; of a token that was made in vain, what to do with it."""
        if error.code == SHOWN_ONCE:
            error = Conflict(
                error.code, message("先前那次其实已经建好，但令牌只显示一次，没有送到：请在列表里撤销它，再新建。")
            )
        super().show_error(error, retry)

    def _made(self, answer: ApiTokenCreated) -> None:
        self.made.emit(answer.token)

    def _show_rights(self, every: bool) -> None:
        for widget in (self.search, self.rights):
            widget.setEnabled(not every)

    def _find(self, text: str) -> None:
        self.model.find(text)
        if text.strip():
            self.rights.expandAll()


def _grantable(rights: Sequence[PermissionInfo], context: PageContext) -> list[PermissionInfo]:
    """Return the rights one has oneself; by their codes where the server does not say what they are called."""
    known = [right for right in rights if context.may(right.code)]
    unnamed = sorted(context.permissions - {right.code for right in known})
    return known + [
        PermissionInfo(code=code, name=code, slice_name=code.split(":")[0], thing_name=code, keep_apart=False)
        for code in unnamed
    ]


class TokenShownDialog(FormDialog):
    """Shows a new token, which nobody can look up later."""

    def __init__(self, parent: QWidget, token: str) -> None:
        super().__init__(parent)
        self.explanation = QLabel(self)
        self.explanation.setWordWrap(True)
        self.explanation.setTextFormat(Qt.TextFormat.PlainText)
        self.token = QLineEdit(token, self)
        self.token.setReadOnly(True)
        self.token.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.token.setMinimumWidth(self.token.fontMetrics().horizontalAdvance("0") * (len(token) + 4))
        self.copy_button = QPushButton(self)
        self.copy_button.setAutoDefault(False)
        self.copy_button.clicked.connect(lambda _checked: self.copy())
        self.form.addRow(self.explanation)
        self.form.addRow(self.token)
        self.extra_buttons.addWidget(self.copy_button)
        self.cancel_button.hide()
        self.retranslate()

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.setWindowTitle(tr("新的接口令牌"))
        self.explanation.setText(tr("令牌只显示这一次，关掉后谁也查不到。请现在复制到要用它的程序里。"))
        self.copy_button.setText(tr("复制令牌"))
        self.ok_button.setText(tr("关闭"))
        self.token.setAccessibleName(tr("接口令牌"))

    def copy(self) -> None:
        """Put the token into the clipboard."""
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(self.token.text())
            self.message_bar.show_info(tr("已复制。"))

    def submit(self) -> None:
        """There is nothing to send."""
        self.accept()
