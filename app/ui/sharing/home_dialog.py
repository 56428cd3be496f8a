"""The wizard that brings a shared book home, into a file of this computer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget

from app.kernel.text import file_name_of
from app.ui.language import tr
from app.ui.paths import LONGEST_PATH, file_path
from app.ui.runtime import MovedBook
from app.ui.sharing.forms import Fields, require_filled
from app.ui.sharing.move_dialog import Desk, MoveDialog, Report
from app.ui.start.book_dialogs import book_filter, documents_folder, with_suffix
from app.ui.start.book_kinds import BOOK_SUFFIX
from app.ui.widgets.limits import limit_length

if TYPE_CHECKING:
    from typing import Protocol

    class HomeDesk(Desk, Protocol):
        """What the wizard needs besides."""

        @property
        def title(self) -> str:
            """The name of the open book."""

        def bring_home(self, path: str, report: Report) -> MovedBook:
            """Move the book (off the window's thread)."""

        def open_address(self, address: str) -> None:
            """Open a book."""


class HomeDialog(MoveDialog):
    """Asks for a file that is not there yet; then the book comes home."""

    def __init__(self, parent: QWidget, desk: HomeDesk) -> None:
        super().__init__(parent, desk)
        self._home = desk
        self._intro = self.text_label()
        self.fields = Fields(self)
        holder = QWidget(self)
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        self.place, self.browse = QLineEdit(self._first_place(desk.title), holder), QPushButton(holder)
        limit_length(self.place, LONGEST_PATH)
        self.browse.setAutoDefault(False)
        self.browse.clicked.connect(lambda _checked: self._choose())
        row.addWidget(self.place, 1)
        row.addWidget(self.browse)
        holder.setFocusProxy(self.place)
        self.fields.add("place", holder)
        self.add_page("place", self._intro, self.fields)
        self.add_last_pages()
        self.name_fields(self.fields.named)
        self.retranslate()
        self.show_page("place")

    @property
    def path(self) -> str:
        """The file that is typed."""
        return str(with_suffix(file_path(self.place.text().strip())))

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.setWindowTitle(tr("搬回这台电脑"))
        self._intro.setText(tr("把这本共享的账搬进这台电脑的一个文件里。之后只有在这台电脑上才能改它。"))
        self.fields.name_labels((tr("保存到"),))
        self.browse.setText(tr("浏览…"))

    def next_page(self) -> None:
        """Go on to what will happen."""
        require_filled(self.place)
        self.plan.setText(self.plan_text())
        self.show_page("plan")

    def page_before(self) -> str:
        """Return the page before the one in front."""
        return "place" if self.page == "plan" else ""

    def carry_out(self, report: Report) -> MovedBook:
        """Move the book."""
        return self._home.bring_home(self.path, report)

    def plan_text(self) -> str:
        """Say in plain words what will happen."""
        return tr(
            "这本账将搬到：{place}\n\n"
            "1. 先停止一切改动：别人可以看，不能再改。\n"
            "2. 复制全部内容，编号都不变。\n"
            "3. 两边各做一次完整核验，逐表对照，完全相同才算数。\n"
            "4. 共享的那本标上“已迁走”，内容保留，不会删除。\n\n"
            "任何一步不成或您取消，账还在原来的地方，和没有动过一样。",
            place=self.path if self.place.text().strip() else "",
        )

    def result_text(self, moved: MovedBook) -> str:
        """Say what others do now."""
        del moved
        return tr("别人再打开共享的那本时，会看到它已搬走，只能查看。登录名和密码照旧有效。")

    def open_moved(self, moved: MovedBook) -> None:
        """Open the book at its new place."""
        self._home.open_address(moved.address)

    def _first_place(self, title: str) -> str:
        folder, number = documents_folder(), 1
        while True:
            more = "" if number == 1 else f" {number}"
            found = folder / f"{file_name_of(title)}{more}{BOOK_SUFFIX}"
            if not found.exists():
                return str(found)
            number += 1

    def _choose(self) -> None:
        dialog = QFileDialog(self, tr("保存到"), self.place.text(), book_filter())
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.place.setText)
        dialog.open()
