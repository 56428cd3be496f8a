"""The manual: every page of the window has its chapter, every picture and link is there, and F1 opens the right one."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PyQt5.QtCore import Qt, QUrl
from PyQt5.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.ui.manual.chapters import chapter_for, manual_folder, read_chapters
from app.ui.manual.manual_window import ManualWindow
from app.ui.shell import Shell

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


def test_every_link_and_picture_is_there() -> None:
    names = {path.name for path in manual_folder().glob("*.md")}
    for chapter in read_chapters():
        for target in LINK.findall(chapter.text):
            path = target.partition("#")[0]
            assert path.startswith("http") or path in names or (manual_folder() / path).is_file(), (
                chapter.title,
                target,
            )


def test_no_picture_lies_there_unused() -> None:
    used = {target for chapter in read_chapters() for target in LINK.findall(chapter.text)}
    pictures = {f"pictures/{path.name}" for path in (manual_folder() / "pictures").glob("*.png")}
    assert pictures - used == set()


def test_words_are_looked_for_in_all_chapters(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in (("1-a", "# 甲\n\n凭证 一"), ("2-b", "# 乙\n\n余额 凭证"), ("3-c", "# 丙\n\n报表")):
        (tmp_path / f"{name}.md").write_text(text, encoding="utf-8")
    monkeypatch.setattr("app.ui.manual.chapters.manual_folder", lambda: tmp_path)
    monkeypatch.setattr("app.ui.manual.manual_window.manual_folder", lambda: tmp_path)
    owner = ManualWindow.__mro__[2]()  # a plain widget to stand under
    qtbot.addWidget(owner)
    manual = ManualWindow(owner)
    manual.show_page_help("unknown")
    assert manual.list.currentRow() == 0
    manual.search.setText("凭证")
    assert [manual.list.isRowHidden(row) for row in range(3)] == [False, False, True]
    assert manual.text.textCursor().selectedText() == "凭证"
    qtbot.keyClick(manual.search, Qt.Key.Key_Return)
    assert manual.list.currentRow() == 1
    assert manual.text.textCursor().selectedText() == "凭证"
    manual.search.setText("报表")
    assert manual.list.currentRow() == 2
    manual.text.anchorClicked.emit(QUrl("2-b.md"))
    assert manual.list.currentRow() == 1


@pytest.fixture
def manual_of(shell: Shell) -> Callable[[], ManualWindow]:
    """Find the open manual."""
    return lambda: shell.window.findChildren(ManualWindow)[0]


def test_f1_opens_the_chapter_of_the_page_in_front(
    shell: Shell, book_file: Path, qtbot: QtBot, qapp: QApplication, manual_of: Callable[[], ManualWindow]
) -> None:
    shell.window.action("manual").trigger()
    assert manual_of().isVisible()
    shell.open_address(str(book_file))
    qtbot.waitUntil(lambda: shell.workspace is not None)
    workspace = shell.workspace
    assert workspace is not None
    chapters = read_chapters()
    for entry in workspace.entries:
        assert any(entry.key in chapter.pages for chapter in chapters), f"no chapter explains the page {entry.key}"
    workspace.show_page("accounts")
    shell.window.action("manual").trigger()
    assert len(shell.window.findChildren(ManualWindow)) == 1
    assert manual_of().list.currentRow() == chapter_for(chapters, "accounts")
    manual_of().close()
