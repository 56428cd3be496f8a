"""Going back to a book as it was before its upgrade: which one, and what would be put out of sight."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QComboBox, QLabel, QWidget

from app.kernel.errors import ZhangfangError
from app.ui.language import tr
from app.ui.runtime import KeptBook, Runtime
from app.ui.start.book_kinds import is_server_address, short_name
from app.ui.tasks import Query
from app.ui.widgets.form_dialog import FormDialog

if TYPE_CHECKING:
    from app.ui.main_window import MainWindow


class GoBackDialog(FormDialog):
    """Lists what upgrades of the books opened lately have kept; the choice is handed on."""

    def __init__(
        self, parent: QWidget, runtime: Runtime, addresses: Sequence[str], chosen: Callable[[str, str], None]
    ) -> None:
        """Look beside these books; `chosen(address, kept file)` is called with the answer."""
        super().__init__(parent)
        self._runtime, self._chosen = runtime, chosen
        self._addresses = [address for address in addresses if not is_server_address(address)]
        self._found: list[tuple[str, KeptBook]] | None = None
        self._lost: tuple[int, int] | None = None
        self._text, self._loss = QLabel(self), QLabel(self)
        for label in (self._text, self._loss):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._which = QComboBox(self)
        self.form.addRow(self._text)
        self._label = self.add_field("kept", self._which)
        self.form.addRow(self._loss)
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * 90)
        self._which.currentIndexChanged.connect(lambda _row: self._count())
        self.retranslate()
        self.set_busy(True)
        Query(lambda _api: self._look()).slot("kept").on_done(self._show).run(self)

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.setWindowTitle(tr("回到更新前的账簿"))
        self._text.setText(tr("把更新前留存的文件换回原来的名字，用旧版的账房打开。更新后的账簿会改名保留，不会删除。"))
        self._text.setMinimumHeight(self._text.heightForWidth(self.minimumWidth() - 2 * self.fontMetrics().height()))
        self._label.setText(tr("换回哪一个"))
        self.ok_button.setText(tr("换回"))
        for row, (address, kept) in enumerate(self._found or ()):
            self._which.setItemText(row, _title(address, kept))
        self._show_loss()

    def submit(self) -> None:
        """Hand the choice on."""
        found = self._current()
        if found is not None:
            self.accept()
            self._chosen(found[0], found[1].path)

    def _look(self) -> list[tuple[str, KeptBook]]:
        return [(address, kept) for address in self._addresses for kept in self._runtime.kept_files(address)]

    def _show(self, found: list[tuple[str, KeptBook]]) -> None:
        self._found = found
        for address, kept in found:
            self._which.addItem(_title(address, kept))
            self._which.setItemData(self._which.count() - 1, kept.path, Qt.ItemDataRole.ToolTipRole)
        self._which.setEnabled(bool(found))
        self._show_loss()

    def _current(self) -> tuple[str, KeptBook] | None:
        row = self._which.currentIndex()
        return self._found[row] if self._found and 0 <= row < len(self._found) else None

    def _count(self) -> None:
        found = self._current()
        self._lost = None
        self.set_busy(True)
        self._show_loss()
        if found is not None:
            address, kept = found
            Query(lambda _api: self._runtime.lost_by_going_back(address, kept.path)).slot("loss").on_done(
                self._counted
            ).run(self)

    def _counted(self, lost: tuple[int, int]) -> None:
        self._lost = lost
        self._show_loss()
        self.set_busy(False)

    def _show_loss(self) -> None:
        if self._found is not None and not self._found:
            self._loss.setText(tr("最近打开过的账簿旁边，没有更新前留存的文件。"))
        elif self._lost is None:
            self._loss.setText(tr("正在查看…"))
        elif self._lost == (0, 0):
            self._loss.setText(tr("更新以后没有新的或改过的凭证。"))
        else:
            new, changed = self._lost
            self._loss.setText(
                tr(
                    "更新以后新做了 {new} 张凭证，改过 {changed} 张：换回后看不到它们，只留在改名保留的账簿里。",
                    new=f"{new:,}",
                    changed=f"{changed:,}",
                )
            )


def ask_to_go_back(
    runtime: Runtime,
    window: MainWindow,
    close_first: Callable[[Callable[[], None]], None],
    done: Callable[[str], None],
    failed: Callable[[ZhangfangError], None],
) -> None:
    """Ask which of the books opened lately goes back, close the one that is open and do it.

    `done` gets the sentence that says what to do next.
    """

    def go(address: str, kept: str) -> None:
        close_first(lambda: _go(runtime, window, (address, kept), done, failed))

    GoBackDialog(window, runtime, runtime.settings.recent_books, go).open()


def _go(
    runtime: Runtime,
    window: MainWindow,
    which: tuple[str, str],
    done: Callable[[str], None],
    failed: Callable[[ZhangfangError], None],
) -> None:
    address, kept = which
    window.message_bar.clear()
    window.busy_page.set_text(lambda: tr("正在换回“{name}”…", name=short_name(address)))
    window.show_middle(window.busy_page)

    def said(aside: str) -> None:
        done(
            tr(
                "“{name}”已换回更新前的样子，请用旧版的账房打开；用本程序打开时，会先问要不要再次更新。"
                "更新后的账簿留存为“{aside}”。",
                name=short_name(address),
                aside=aside,
            )
        )

    Query(lambda _api: runtime.go_back(address, kept)).slot("open").on_done(said).on_error(failed).run(window)


def _title(address: str, kept: KeptBook) -> str:
    return tr("{name}：{at} 更新前（{version} 版）", name=short_name(address), at=kept.at, version=kept.version)
