"""The yes to an upgrade that is not done by itself: what will happen, who must follow, and who says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QCheckBox, QLabel, QLineEdit, QWidget

from app.kernel.errors import ZhangfangError
from app.ui.language import tr
from app.ui.progress import Progress
from app.ui.runtime import OpenedBook, Runtime, UpgradeConsent
from app.ui.start.book_kinds import short_name
from app.ui.start.upgrade_work import opening
from app.ui.tasks import LongCommand
from app.ui.widgets.form_dialog import FormDialog
from app.ui.widgets.limits import limit_length
from app.ui.widgets.progress_strip import ProgressStrip

_LONGEST_LOGIN = 200
OTHERS_CONNECTED = "upgrade_others_connected"


class UpgradeDialog(FormDialog):
    """Tells what the upgrade does; asks for the owner's login where people log in; shows how far it is."""

    def __init__(
        self,
        parent: QWidget,
        runtime: Runtime,
        address: str,
        refusal: ZhangfangError,
        opened: Callable[[OpenedBook], None],
        *,
        password: str | None = None,
        remember_password: bool = False,
    ) -> None:
        """Ask about the book whose opening was refused with `refusal`; its details tell the plan."""
        super().__init__(parent)
        self._runtime, self._address, self._opened = runtime, address, opened
        self._password, self._remember = password, remember_password
        self._plan: dict[str, Any] = dict(refusal.details)
        self._shared = refusal.code == "upgrade_needed"
        self._working: Progress | None = None
        self._text = QLabel(self)
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse))
        self.form.addRow(self._text)
        self._login, self._secret = QLineEdit(self), QLineEdit(self)
        self._secret.setEchoMode(QLineEdit.EchoMode.Password)
        self._labels: list[QLabel] = []
        if self._plan.get("logins"):
            for field in (self._login, self._secret):
                limit_length(field, _LONGEST_LOGIN)
            self._labels = [self.add_field("login", self._login), self.add_field("login_password", self._secret)]
        else:
            self._login.hide()
            self._secret.hide()
        self._despite = QCheckBox(self)
        self._despite.setVisible(bool(self._plan.get("others")))
        self.form.addRow(self._despite)
        self._strip = ProgressStrip(self)
        self.form.addRow(self._strip)
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * 90)
        self.retranslate()

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.setWindowTitle(tr("更新账簿"))
        self._text.setText("\n\n".join(self._sentences()))
        # a form gives a wrapped text the height it has in one wide line
        self._text.setMinimumHeight(self._text.heightForWidth(self.minimumWidth() - 2 * self.fontMetrics().height()))
        for label, text in zip(self._labels, (tr("账簿所有者的登录名"), tr("登录密码")), strict=False):
            label.setText(text)
        self._despite.setText(tr("我已确认没有人在记账，照样更新"))
        self.ok_button.setText(tr("留存一份并更新"))

    def submit(self) -> None:
        """Upgrade and open."""
        if self._plan.get("logins") and not (self._login.text().strip() and self._secret.text()):
            self.message_bar.show_warning(tr("请输入账簿所有者的登录名和密码。"))
            (self._secret if self._login.text().strip() else self._login).setFocus()
            return
        consent = UpgradeConsent(self._login.text().strip(), self._secret.text(), self._despite.isChecked())
        self.set_busy(True)
        work = opening(self._runtime, self._address, self._password, remember_password=self._remember, consent=consent)
        self._working = (
            LongCommand(work)
            .shown_by(self._strip, tr("正在更新…"))
            .on_done(self._finished)
            .on_error(self.show_error)
            .always(lambda: self.set_busy(False))
            .begin(self)
        )

    def show_error(self, error: ZhangfangError, retry: Callable[[], None] | None = None) -> None:
        """Say what is wrong; where others are connected, offer to go on all the same."""
        super().show_error(error, retry)
        self._despite.setVisible(self._despite.isVisible() or error.code == OTHERS_CONNECTED)

    def set_busy(self, busy: bool) -> None:
        """Keep everything still while the upgrade goes on; its own button cancels it."""
        super().set_busy(busy)
        for widget in (self._login, self._secret, self._despite, self.cancel_button):
            widget.setEnabled(not busy)
        if not busy:
            self._working = None

    def reject(self) -> None:
        """Close, or while the upgrade goes on, ask it to end: it does so where nothing was changed yet."""
        if self._working is not None:
            self._working.cancel()
        else:
            super().reject()

    def _finished(self, opened: OpenedBook) -> None:
        self._working = None
        self._opened(opened)
        self.accept()

    def _sentences(self) -> list[str]:
        name = short_name(self._address)
        if not self._shared:
            return [
                tr("“{name}”换回过更新前的样子，要用旧版的账房打开。", name=name),
                tr("用本程序打开，会再次更新它。更新前的账簿仍会留存在同一文件夹里。"),
            ]
        plan = self._plan
        texts = [
            tr(
                "“{name}”是 {old} 版的共享账簿，本程序是 {new} 版，要先更新它的表（{steps} 步）。",
                name=name,
                old=plan.get("old", ""),
                new=plan.get("new", ""),
                steps=plan.get("steps", 0),
            )
        ]
        if plan.get("kept"):
            texts.append(tr("上次更新中断过，这次接着做完。更新前的账簿留存在“{kept}”。", kept=plan["kept"]))
        else:
            texts.append(
                tr(
                    "更新前先把整本账簿留存成一个文件，放在“{folder}”；更新后逐项对照余额和行数，并核验全部凭证。",
                    folder=plan.get("folder", ""),
                )
            )
        texts.append(tr("更新后，旧版的账房打不开这本账簿：每台电脑都要升级。请先让大家关闭账房。"))
        if plan.get("others"):
            texts.append(tr("现在还有电脑连着它：{hosts}。", hosts="、".join(plan["others"])))
        return texts
