"""What every way of moving a book shows: what will happen, how far it is, and in the end what was proved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from PyQt5.QtCore import Qt
from PyQt5.QtGui import QShowEvent
from PyQt5.QtWidgets import (
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.kernel.errors import ZhangfangError
from app.ui.language import tr
from app.ui.progress import Progress
from app.ui.tasks import LongCommand
from app.ui.widgets.form_dialog import FormDialog
from app.ui.widgets.progress_strip import ProgressStrip

if TYPE_CHECKING:
    from app.ui.runtime import MovedBook

Report = Callable[[int, int, str], bool]
CANCELLED = "cancelled"


class Desk(Protocol):
    """What moves books for the dialogs; `app.ui.sharing.desk.SharingDesk` is one."""

    def put_away(self) -> None:
        """Take the pages of the open book off: it is closed while it moves."""

    def resume(self) -> None:
        """The book did not move: open it again where it is."""

    def leave(self) -> None:
        """The book has moved, and nobody wants to see it now."""


class MoveDialog(FormDialog):
    """Pages one after another; the last but two says what will happen, then it happens, then it is told."""

    def __init__(self, parent: QWidget, desk: Desk) -> None:
        super().__init__(parent)
        self.desk = desk
        self.moved: MovedBook | None = None
        self._working: Progress | None = None
        self._pages: list[str] = []
        self.stack = QStackedWidget(self)
        self.form.addRow(self.stack)
        self.back_button = QPushButton(self)
        self.back_button.setAutoDefault(False)
        self.back_button.clicked.connect(lambda _checked: self._back())
        self.extra_buttons.addWidget(self.back_button)
        self.plan, self.outcome = self.text_label(), self.text_label()
        self.strip = ProgressStrip(self)
        self._doing = self.text_label()

    # --- pages -------------------------------------------------------------------------------------------------------

    def text_label(self) -> QLabel:
        """Return a label for sentences, which can be selected and copied."""
        label = QLabel(self)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setAlignment(Qt.AlignmentFlag.AlignTop)
        label.setTextInteractionFlags(Qt.TextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse))
        return label

    def add_page(self, name: str, *widgets: QWidget) -> None:
        """Add a page of these widgets, one below the other."""
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self.fontMetrics().height() // 2)
        for widget in widgets:
            if not isinstance(widget, QLabel):  # fields keep their height when the dialog grows full
                widget.setSizePolicy(widget.sizePolicy().horizontalPolicy(), QSizePolicy.Policy.Minimum)
            column.addWidget(widget)
        column.addStretch(1)
        self.stack.addWidget(page)
        self._pages.append(name)

    def add_last_pages(self) -> None:
        """Add the pages that all ways have: the plan, the work, the result."""
        self.add_page("plan", self.plan)
        self.add_page("work", self._doing, self.strip)
        self.add_page("result", self.outcome)

    @property
    def page(self) -> str:
        """The page in front."""
        return self._pages[self.stack.currentIndex()]

    def show_page(self, name: str) -> None:
        """Bring a page to the front and name the buttons for it."""
        self.stack.setCurrentIndex(self._pages.index(name))
        self._name_buttons()
        self.adjustSize()
        self._focus_page()

    def _focus_page(self) -> None:
        """Put the keyboard into the first field of the page in front, or onto the button that leads on."""
        page = self.stack.currentWidget()
        fields = [field for field in page.findChildren(QLineEdit) if field.isEnabledTo(page)] if page else []
        empty = [field for field in fields if not field.text()]
        chosen = [button for button in page.findChildren(QRadioButton) if button.isChecked()] if page else []
        (*empty, *fields, *chosen, self.ok_button)[0].setFocus(Qt.FocusReason.TabFocusReason)

    def showEvent(self, event: QShowEvent | None) -> None:
        """Put the keyboard where the first page wants it."""
        super().showEvent(event)
        self._focus_page()

    def name_fields(self, named: Mapping[str, QWidget]) -> None:
        """Let errors find the fields they speak of."""
        self._fields.update(named)

    def next_page(self) -> None:
        """Go on from the page in front, once what is typed there is in order. Raises `MalformedInput`."""
        raise NotImplementedError

    def page_before(self) -> str:
        """Return the page before the one in front; empty on the first."""
        raise NotImplementedError

    def carry_out(self, report: Report) -> MovedBook:
        """Move the book (off the window's thread)."""
        raise NotImplementedError

    def plan_text(self) -> str:
        """Say in plain words what will happen."""
        raise NotImplementedError

    def result_text(self, moved: MovedBook) -> str:
        """Say what others do now."""
        raise NotImplementedError

    def open_moved(self, moved: MovedBook) -> None:
        """Open the book at its new place."""
        raise NotImplementedError

    # --- what happens ------------------------------------------------------------------------------------------------

    def submit(self) -> None:
        """Go on: to the next page, into the work, or out."""
        if self.page == "plan":
            self._begin()
        elif self.page == "result" and self.moved is not None:
            moved = self.moved
            self.accept()
            self.open_moved(moved)
        elif self.page != "work":
            self.next_page()

    def reject(self) -> None:
        """Cancel the work if it goes on; then the dialog stays until all is as it was."""
        if self._working is not None:
            self._working.cancel()
            return
        super().reject()
        if self.moved is not None:
            self.desk.leave()

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.back_button.setText(tr("上一步"))
        self._doing.setText(tr("正在迁移，请不要关闭程序。取消时，一切恢复原样。"))
        if self._pages:
            self.plan.setText(self.plan_text())
            if self.moved is not None:
                self.outcome.setText(self._proof(self.moved))
            self._name_buttons()

    def _begin(self) -> None:
        def work(_api: object, progress: Progress) -> MovedBook:
            def report(done: int, total: int, text: str) -> bool:
                progress.report(done, total, text)
                return progress.cancelled

            return self.carry_out(report)

        self.show_page("work")
        self.desk.put_away()
        self._working = (
            LongCommand(work)
            .shown_by(self.strip, "")
            .on_done(self._done)
            .on_error(self._failed)
            .always(self._finished)
            .begin(self)
        )

    def _done(self, moved: MovedBook) -> None:
        self.moved = moved
        self.outcome.setText(self._proof(moved))
        self.show_page("result")

    def _failed(self, error: ZhangfangError) -> None:
        self.show_page("plan")
        self.desk.resume()
        if error.code == CANCELLED:
            self.message_bar.show_warning(tr("已取消，账还在原来的地方，一切照旧。"))
        else:
            self.show_error(error)

    def _finished(self) -> None:
        self._working = None
        self._name_buttons()

    def _proof(self, moved: MovedBook) -> str:
        head = moved.chain_hash[:16] or "—"
        proof = tr(
            "迁移完成，两边都完整核验过，内容完全相同：\n"
            "　{vouchers} 张凭证，逐表对照了 {rows} 行\n"
            "　凭证链 {count} 张，链头 {head}\n"
            "　现在的地址：{address}",
            vouchers=moved.vouchers,
            rows=moved.rows,
            count=moved.chain_count,
            head=head,
            address=moved.address,
        )
        kept = tr("\n　原来的文件改名保留为：{path}", path=moved.kept_file) if moved.kept_file else ""
        return proof + kept + "\n\n" + self.result_text(moved)

    def _back(self) -> None:
        self.message_bar.clear()
        before = self.page_before()
        if before:
            self.show_page(before)

    def _name_buttons(self) -> None:
        page = self.page
        self.back_button.setVisible(page not in {"work", "result"} and bool(self.page_before()))
        self.ok_button.setText(
            tr("开始迁移") if page == "plan" else tr("打开账簿") if page == "result" else tr("下一步")
        )
        self.ok_button.setVisible(page != "work")
        self.cancel_button.setText(tr("以后再打开") if page == "result" else tr("取消"))
        self.cancel_button.setVisible(page != "work")
