"""A dialog with a form: errors stand in it, and what was typed stays until the server has taken it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from PyQt5.QtCore import QEvent, Qt
from PyQt5.QtGui import QShowEvent
from PyQt5.QtWidgets import (
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.kernel.errors import ZhangfangError
from app.ui.errors_shown import told
from app.ui.language import tr
from app.ui.presence.differences import field_differences
from app.ui.presence.editors_bar import EditorsBar
from app.ui.tasks import Command, Runner, Topic, runner_of
from app.ui.widgets.conflict_dialog import ConflictDialog
from app.ui.widgets.form_texts import field_texts
from app.ui.widgets.message_bar import MessageBar

if TYPE_CHECKING:
    from app.client.api import ApiClient
    from app.contract.together import EditedObject

T = TypeVar("T")


class FormDialog(QDialog):
    """Base of the window's forms. Subclasses fill `self.form`, give texts in `retranslate`, and send in `submit`.

    Open it with `open()`: it is modal for its window, and nothing waits in a nested loop.

    A form of something stored names the attribute that holds it in `subject` and makes itself `again` from what the
    server has now: when somebody else was faster, both versions are then shown side by side.
    """

    subject = ""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, False)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._tasks = runner_of(parent)
        self._fields: dict[str, QWidget] = {}
        self._texts_before: dict[str, str] | None = None
        self.edited: EditedObject | None = None
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self.message_bar = MessageBar(self)
        outer.addWidget(self.message_bar)
        self.editors = EditorsBar(self._tasks.others, self)
        outer.addWidget(self.editors)
        inner = QVBoxLayout()
        margin = self.fontMetrics().height()
        inner.setContentsMargins(margin, margin, margin, margin)
        outer.addLayout(inner, 1)
        self.form = QFormLayout()
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.form.setLabelAlignment(Qt.AlignmentFlag.AlignRight)
        inner.addLayout(self.form, 1)
        buttons = QHBoxLayout()
        self.extra_buttons = QHBoxLayout()
        buttons.addLayout(self.extra_buttons)
        buttons.addStretch(1)
        self.cancel_button = QPushButton(self)
        self.cancel_button.setAutoDefault(False)
        self.cancel_button.clicked.connect(self.reject)
        self.ok_button = QPushButton(self)
        self.ok_button.setProperty("primary", True)
        self.ok_button.setDefault(True)
        self.ok_button.clicked.connect(self._submit)
        buttons.addWidget(self.cancel_button)
        buttons.addWidget(self.ok_button)
        inner.addSpacing(margin // 2)
        inner.addLayout(buttons)
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * 60)

    @property
    def tasks(self) -> Runner:
        """The runner of the window below."""
        return self._tasks

    def add_field(self, name: str, widget: QWidget) -> QLabel:
        """Put a field into the form under the name the server gives it in errors; return its label."""
        label = QLabel(self)
        label.setBuddy(widget)
        self._fields[name] = widget
        self.form.addRow(label, widget)
        return label

    def begin_editing(self, edited: EditedObject) -> None:
        """Tell the others what is changed here, and say here who else changes it."""
        self.edited = edited
        self.editors.show_for(edited.kind, edited.id, edited.label)

    def again(self, current: Mapping[str, Any]) -> FormDialog | None:
        """Return this form anew, for the thing as the server has it now; it is read, never shown."""
        del current
        return None

    def field_texts(self) -> dict[str, str]:
        """Return what stands in the fields, as people read it."""
        return field_texts(self, self._fields)

    def submit(self) -> None:
        """Send what was typed, usually through `send`."""
        raise NotImplementedError

    def retranslate(self) -> None:
        """Set every text; subclasses call this one too."""
        self.ok_button.setText(tr("确定"))
        self.cancel_button.setText(tr("取消"))

    def send(self, work: Callable[[ApiClient], T], *topics: Topic, done: Callable[[T], None] | None = None) -> None:
        """Run the command; when it is done call `done` and close, when it fails say why and keep everything."""
        self.set_busy(True)

        def finished(result: T) -> None:
            if done is not None:
                done(result)
            self.accept()

        Command(work, *topics).on_done(finished).on_error(self.show_error).always(lambda: self.set_busy(False)).run(
            self
        )

    def show_error(self, error: ZhangfangError, retry: Callable[[], None] | None = None) -> None:
        """Say what is wrong, mark the fields it names and put the keyboard into the first of them."""
        if error.code == "stale_version" and self._show_conflict(error):
            return
        self.message_bar.show_error(error, retry)
        first = True
        for name, widget in self._fields.items():
            wrong = name in error.fields
            mark_wrong(widget, wrong)
            if wrong and first:
                widget.setFocus()
                first = False

    def set_busy(self, busy: bool) -> None:
        """Keep the user from sending twice while an answer is awaited."""
        self.ok_button.setEnabled(not busy)

    def showEvent(self, event: QShowEvent | None) -> None:
        """Put the keyboard into the first field that can be typed into."""
        super().showEvent(event)
        if self._texts_before is None:
            self._texts_before = self.field_texts() if self.subject else {}
        usable = [w for w in self._fields.values() if w.isEnabled() and not w.isHidden()]
        empty = [w for w in usable if isinstance(w, QLineEdit) and not w.text()]
        for widget in (*empty, *usable)[:1]:
            widget.setFocus(Qt.FocusReason.TabFocusReason)

    def changeEvent(self, event: QEvent | None) -> None:
        """Retranslate when the language changes."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def _show_conflict(self, error: ZhangfangError) -> bool:
        """Show both versions; False where this form cannot."""
        current = error.details.get("current")
        theirs = self.again(current) if self.subject and isinstance(current, dict) else None
        if theirs is None:
            return False
        stored = getattr(theirs, self.subject)
        rows = field_differences(self._texts_before or {}, self.field_texts(), theirs.field_texts())
        theirs.deleteLater()
        if not any(row.mine != row.theirs for row in rows):
            self.accept()  # the answer to an earlier try was lost: what stands here is what the server has
            return True
        at, who = error.details.get("changed_at"), str(error.details.get("changed_by", "?"))
        what = self.edited.label if self.edited is not None else tr("这条记录")
        dialog = ConflictDialog(self, what, who, rows, at_ms=at if isinstance(at, int) else None)

        def save_mine() -> None:
            setattr(self, self.subject, stored)  # from here on the user knows both
            self._submit()

        dialog.theirs_wanted.connect(self.reject)
        dialog.mine_wanted.connect(save_mine)
        dialog.open()
        return True

    def _submit(self) -> None:
        self.message_bar.clear()
        for widget in self._fields.values():
            mark_wrong(widget, False)
        try:
            self.submit()
        except (ValueError, ZhangfangError) as error:
            refusal = told(error)
            if not isinstance(refusal, ZhangfangError):
                raise
            self.show_error(refusal)


def mark_wrong(widget: QWidget, wrong: bool) -> None:
    """Show a field as wrong, or as right again."""
    if bool(widget.property("wrong")) == wrong:
        return
    widget.setProperty("wrong", wrong)
    style = widget.style()
    if style is not None:
        style.unpolish(widget)
        style.polish(widget)
