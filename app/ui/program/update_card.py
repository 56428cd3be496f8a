"""The part of the settings page about new versions: whether to look, where, and whose word counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PyQt5.QtWidgets import QCheckBox, QFormLayout, QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from app.client.update_notice import BUILT_IN_KEY, MAX_URL_LENGTH, checked_key, checked_url
from app.kernel.errors import MalformedInput
from app.settings import Settings
from app.ui.language import tr, tr_message
from app.ui.program.update_dialog import UpdateDialog
from app.ui.program.update_texts import state_sentence
from app.ui.program.update_watch import KeepsSettings, UpdateWatch
from app.ui.widgets.form_dialog import mark_wrong
from app.ui.widgets.limits import limit_length

_LONGEST_KEY = 100


class _Field:
    """A line to type into, and in the row below it the sentence that says what is wrong with it."""

    def __init__(self, form: QFormLayout, check: Callable[[str], str], keep: Callable[[str], None]) -> None:
        self._check, self._keep = check, keep
        self._error: MalformedInput | None = None
        holder = form.parentWidget()
        self.label, self.edit, self.wrong = QLabel(holder), QLineEdit(holder), QLabel(holder)
        self.label.setBuddy(self.edit)
        self.wrong.setObjectName("wrong")
        self.wrong.setWordWrap(True)
        self.wrong.hide()
        form.addRow(self.label, self.edit)
        form.setWidget(form.rowCount(), QFormLayout.ItemRole.FieldRole, self.wrong)
        self.edit.editingFinished.connect(self._typed)

    def show_value(self, value: str) -> None:
        """Show what is kept, unless something refused still stands there to be put right."""
        if self._error is None:
            self.edit.setText(value)

    def is_good(self) -> bool:
        """Tell whether what stands here can be worked with; else the sentence appears and the keyboard goes here."""
        self._judge(self.edit.text())
        if self._error is not None:
            self.edit.setFocus()
        return self._error is None

    def retranslate(self) -> None:
        """Set every text."""
        self.wrong.setText(tr_message(self._error.message) if self._error is not None else "")

    def _typed(self) -> None:
        text = self.edit.text()
        value = self._judge(text) if text.strip() else self._judge_nothing()
        if self._error is None:
            self.edit.setText(value)
            self._keep(value)

    def _judge(self, text: str) -> str:
        try:
            value, self._error = self._check(text), None
        except MalformedInput as error:
            value, self._error = text, error
        self._show_error()
        return value

    def _judge_nothing(self) -> str:
        self._error = None
        self._show_error()
        return ""

    def _show_error(self) -> None:
        mark_wrong(self.edit, self._error is not None)
        self.retranslate()
        self.wrong.setVisible(self._error is not None)


class UpdateCard(QFrame):
    """Every choice takes effect at once; a wrong one stays in its field with a sentence and is not kept."""

    def __init__(self, keeper: KeepsSettings, watch: UpdateWatch, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._keeper, self._watch = keeper, watch
        em = self.fontMetrics().height()
        form = QFormLayout(self)
        form.setContentsMargins(em, em, em, em)
        form.setVerticalSpacing(em * 2 // 3)
        form.setHorizontalSpacing(em)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.daily = QCheckBox(self)
        self.daily.clicked.connect(self._choose_daily)
        form.addRow(self.daily)
        self.url = _Field(form, checked_url, self._keep_url)
        limit_length(self.url.edit, MAX_URL_LENGTH)
        self.key = _Field(form, _checked_or_built_in, self._keep_key)
        limit_length(self.key.edit, _LONGEST_KEY)
        row = QHBoxLayout()
        row.setSpacing(em * 2 // 3)
        self.now, self.view, self.state = QPushButton(self), QPushButton(self), QLabel(self)
        self.now.clicked.connect(lambda _checked: self._check_now())
        self.view.clicked.connect(lambda _checked: self._view())
        self.state.setWordWrap(True)
        row.addWidget(self.now)
        row.addWidget(self.view)
        row.addWidget(self.state, 1)
        form.addRow(row)
        self._note = QLabel(self)
        self._note.setObjectName("muted")
        self._note.setWordWrap(True)
        form.addRow(self._note)
        watch.changed.connect(self.show_state)
        self.retranslate()

    def retranslate(self) -> None:
        """Set every text."""
        self.daily.setText(tr("每天看一次有没有新版本"))
        self.url.label.setText(tr("版本文件的地址"))
        self.key.label.setText(tr("签名公钥"))
        self.key.edit.setPlaceholderText(tr("程序自带") if BUILT_IN_KEY else "")
        self.now.setText(tr("现在检查"))
        self.view.setText(tr("查看新版本…"))
        self._note.setText(
            tr(
                "地址和公钥由提供程序的人给您。程序只读取这一个签过名的小文件，不发送任何资料，也不会自己下载或安装。没有打开时，不连接任何服务器。"
            )
        )
        self.url.retranslate()
        self.key.retranslate()
        self.show_state()

    def show_settings(self, settings: Settings) -> None:
        """Show what is kept."""
        self.daily.setChecked(settings.update_check)
        self.url.show_value(settings.update_url)
        self.key.show_value(settings.update_key)
        self.show_state()

    def show_state(self) -> None:
        """Show how the looking stands."""
        watch = self._watch
        self.state.setText(state_sentence(watch, self._keeper.settings))
        self.state.setObjectName("wrong" if watch.trouble is not None and not watch.is_looking else "muted")
        style = self.state.style()
        if style is not None:
            style.unpolish(self.state)
            style.polish(self.state)
        self.now.setEnabled(not watch.is_looking)
        self.view.setVisible(watch.notice is not None)

    def _choose_daily(self, wanted: bool) -> None:
        if wanted and not self._is_complete():
            self.daily.setChecked(False)
            return
        self._keeper.change_settings(replace(self._keeper.settings, update_check=wanted))

    def _check_now(self) -> None:
        if self._is_complete():
            self._watch.check_now()

    def _view(self) -> None:
        notice = self._watch.notice
        if notice is not None:
            UpdateDialog(self, notice).open()

    def _is_complete(self) -> bool:
        return self.url.is_good() and self.key.is_good()

    def _keep_url(self, url: str) -> None:
        settings = self._keeper.settings
        if url != settings.update_url:
            on = settings.update_check and bool(url)
            self._keeper.change_settings(replace(_unseen(settings), update_url=url, update_check=on))
            self._after_change()

    def _keep_key(self, key: str) -> None:
        settings = self._keeper.settings
        if key != settings.update_key:
            on = settings.update_check and bool(key or BUILT_IN_KEY)
            # What another signer has named says nothing about this one's files.
            changed = replace(_unseen(settings), update_key=key, update_check=on, update_seen="")
            self._keeper.change_settings(changed)
            self._after_change()

    def _after_change(self) -> None:
        self._watch.forget()
        self.show_settings(self._keeper.settings)


def _unseen(settings: Settings) -> Settings:
    return replace(settings, update_day="", update_failed=False)


def _checked_or_built_in(typed: str) -> str:
    return "" if BUILT_IN_KEY and not typed.strip() else checked_key(typed)
