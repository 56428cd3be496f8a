"""A dialog with a form: errors stand in it, and what was typed stays until the server has taken it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from PyQt5 import sip
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

from app.kernel.errors import Conflict, ZhangfangError
from app.kernel.text import message
from app.ui.errors_shown import told
from app.ui.language import tr
from app.ui.presence.differences import Difference, field_differences, line_differences
from app.ui.presence.editors_bar import EditorsBar
from app.ui.presence.others import joined
from app.ui.tasks import Command, Runner, Topic, runner_of
from app.ui.widgets.form_texts import field_names, field_texts
from app.ui.widgets.message_bar import MessageBar
from app.ui.widgets.pending_save import PendingSave, Wish
from app.ui.widgets.stale import read_stale

if TYPE_CHECKING:
    from app.client.api import ApiClient
    from app.contract.together import EditedObject

T = TypeVar("T")


class FormDialog(QDialog):
    """Base of the window's forms. Subclasses fill `self.form`, give texts in `retranslate`, and send in `submit`.

    Open it with `open()`: it is modal for its window, and nothing waits in a nested loop.

    A form of something stored names the attribute that holds it in `subject` and makes itself `again` for any version
    of it: when somebody else was faster, both versions are then shown side by side.
    """

    subject = ""
    is_act = False
    """Whether the form does something with its subject instead of changing it: when somebody changed that meanwhile,
    one sees what is new and goes on, or not."""
    fixed_once_made: tuple[str, ...] = ()
    """Of a form that makes something: fields of its contract that cannot be changed on what was made."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, False)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._tasks = runner_of(parent)
        self._fields: dict[str, QWidget] = {}
        self._settled: Callable[[Any], None] = lambda _stored: self.finish()
        self._first_try: PendingSave[Any, Any] | None = None
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

    def subject_texts(self, stored: Any) -> dict[str, str]:
        """Return what people read of a version of the thing, for a form that does something with it (`is_act`)."""
        del stored
        return {}

    def again(self, stored: Any) -> FormDialog | None:
        """Return this form anew, for a version of the thing it is of; it is read, never shown."""
        del stored
        return None

    def field_texts(self) -> dict[str, str]:
        """Return what stands in the fields, as people read it; without those that are told line by line."""
        lines = self.field_lines()
        return field_texts(self, {name: field for name, field in self._fields.items() if name not in lines})

    def subject_name(self) -> str:
        """Return what people call the thing this form is of."""
        return tr("这条记录")

    def field_lines(self) -> dict[str, list[str]]:
        """Return what stands in tables, line by line: by the name of the field, or by what people call the table."""
        return {}

    def take_theirs(self, stored: Any) -> None:
        """Another person's version is wanted: what was typed is dropped."""
        del stored
        self.reject()

    def keep_over(self, stored: Any) -> None:
        """Know a version as the stored one, for the user has seen it: the next save replaces it."""
        setattr(self, self.subject, stored)

    def finish(self) -> None:
        """All is saved: close."""
        self.accept()

    def submit(self) -> None:
        """Send what was typed, usually through `send`."""
        raise NotImplementedError

    def retranslate(self) -> None:
        """Set every text; subclasses call this one too."""
        self.ok_button.setText(tr("确定"))
        self.cancel_button.setText(tr("取消"))

    def send(
        self,
        work: Callable[[ApiClient], T],
        *topics: Topic,
        done: Callable[[T], None] | None = None,
        refused: Callable[[ZhangfangError], None] | None = None,
    ) -> None:
        """Run the command; when it is done call `done` and close, when it fails say why and keep everything.

        `refused` is told instead when what is sent is not what stands in the form.
        """
        self.set_busy(True)

        def finished(result: T) -> None:
            if done is not None:
                done(result)
            self.finish()

        self._settled = finished
        command = Command(work, *topics).on_done(finished).on_error(refused or self.show_error)
        command.always(lambda: self.set_busy(False)).run(self)

    def save_new(
        self,
        new: Wish,
        add: Callable[[ApiClient, Wish], T],
        *topics: Topic,
        done: Callable[[T], None] | None = None,
        take_back: Callable[[ApiClient, T], object] | None = None,
    ) -> None:
        """Make something new of what was typed, never twice; `new` carries no `request_id`.

        After a lost answer the same goes out again as the same order. If more was typed meanwhile, what became of the
        first try is found out first: when it made something, this is the form of that from then on, and what is typed
        is sent as its change. What cannot be changed is `taken back` instead, and made anew.
        """
        pending = self._first_try
        if pending is None:
            pending = self._first_try = PendingSave(add, fixed=self.fixed_once_made, take_back=take_back)
        settle = pending.settle(new)
        if settle is not None:
            self._settle_first(pending, settle, topics, pending.fixed_differing(new))
            return

        def made(thing: T) -> None:
            self.begin_new_thing()
            if done is not None:
                done(thing)

        self.send(pending.first(new), *topics, done=made, refused=lambda error: self._not_made(pending, error))

    def begin_new_thing(self) -> None:
        """What is typed from now on is something else than what was sent before."""
        self._first_try = None

    def take_up(self, made: Any, sent: Any) -> None:
        """A first try, `sent`, made this after all: from now on this is its form, and fixed fields show what it has."""
        del sent
        self.begin_new_thing()
        self.keep_over(made)
        self.retranslate()

    def _settle_first(
        self,
        pending: PendingSave[Any, Any],
        settle: Callable[[ApiClient], Any],
        topics: tuple[Topic, ...],
        differing: list[str],
    ) -> None:
        """Find out what became of the first try, and go on with what is typed now."""
        self.set_busy(True)
        sent, goes_on = pending.sent, []

        def known(made: Any) -> None:
            if made is not None:
                self.take_up(made, sent)
            if made is not None and differing:
                names = field_names(self, self._fields)
                what = joined([names.get(name, name) for name in differing])
                self.message_bar.show_warning(
                    tr("先前那次保存其实已经成功。{fields}建好后不能再改，这里已改回；请核对后再保存。", fields=what)
                )
            else:
                goes_on.append(True)

        def ended() -> None:
            self.set_busy(False)
            if goes_on:
                self._submit()

        command = Command(settle, *topics).on_done(known).on_error(lambda error: self._not_made(pending, error))
        command.always(ended).run(self)

    def _not_made(self, pending: PendingSave[Any, Any], error: ZhangfangError) -> None:
        pending.refused(error)
        self.show_error(error)

    def show_error(self, error: ZhangfangError, retry: Callable[[], None] | None = None) -> None:
        """Say what is wrong, mark the fields it names and put the keyboard into the first of them."""
        if not (error.code == "stale_version" and self._show_conflict(error)):
            self.show_refusal(error, retry)

    def show_refusal(self, error: ZhangfangError, retry: Callable[[], None] | None = None) -> None:
        """Say what is wrong, whatever it is; two versions are not compared."""
        if error.code == "request_id_reused":  # sent under the id of a first try whose answer was lost
            error = Conflict(
                error.code, message("先前那次其实已经办成，后来改的没有再办：请关闭这个窗口，查看已办成的。")
            )
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
        known = getattr(self, self.subject) if self.subject else None
        stale = read_stale(error, type(known)) if known is not None else None
        rows = self._differences(known, stale.theirs) if stale is not None else None
        if stale is None or rows is None:
            return False
        if not self.is_act and not any(row.mine != row.theirs for row in rows):
            self._settled(stale.theirs)  # what stands here is what the server has
            return True

        def go_on(stored: Any) -> None:
            self.keep_over(stored)
            if self.is_act:
                self.retranslate()  # it names the thing
            self._submit()

        what = self.edited.label if self.edited is not None else self.subject_name()
        stale.show(self, what, rows, take=self.take_theirs, keep=go_on, is_act=self.is_act)
        return True

    def _differences(self, known: Any, stored: Any) -> list[Difference] | None:
        """Return what differs between what was known, what stands here, and another version; None: not to be told."""
        if self.is_act:
            before = self.subject_texts(known)
            return field_differences(before, before, self.subject_texts(stored))
        was, theirs = self.again(known), self.again(stored)
        if was is None or theirs is None:
            return None
        rows = field_differences(was.field_texts(), self.field_texts(), theirs.field_texts())
        names = field_names(self, self._fields)
        before_lines, their_lines = was.field_lines(), theirs.field_lines()
        for name, lines in self.field_lines().items():
            rows += line_differences(before_lines[name], lines, their_lines[name], table=names.get(name, name))
        for form in (was, theirs):
            # at once: one that waits to be deleted has lost its Python half, and a model of ours in it all its columns
            sip.delete(form)
        return rows

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
