"""Backups in the window: the list, restoring from it, the bar about a book's place, closing that can be skipped."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PyQt5.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.bootstrap import Runtime
from app.settings import Settings
from app.storage.database import open_database
from app.ui.exchange.backup_notice import NoticeBar
from app.ui.exchange.backup_page import BackupPage
from app.ui.program.settings_page import SettingsPage
from app.ui.shell import Shell
from app.ui.start.restore_dialog import RestoreDialog
from app.web.keeping import keeper_of

Wait = Callable[[], None]


@pytest.fixture
def runtime() -> Iterator[Runtime]:
    """The program below the window as it comes: it keeps backups by itself."""
    made = Runtime(Settings(language="zh", theme="light"))
    yield made
    made.close_book()


def kept_names(book: Path) -> list[str]:
    opened = open_database(str(book))
    try:
        return [kept.name for _, kept in keeper_of(opened).backups()]
    finally:
        opened.close()


def backup_page(shell: Shell) -> BackupPage:
    assert shell.workspace is not None
    page = shell.workspace.show_page("backup")
    assert isinstance(page, BackupPage)
    return page


def cells(page: BackupPage) -> list[list[str]]:
    model = page.kept.table.model()
    assert model is not None
    return [
        [str(model.data(model.index(row, column))) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def test_the_list_shows_what_is_kept_and_a_new_one_at_once(opened: Shell, at_rest: Wait) -> None:
    page = backup_page(opened)
    at_rest()
    assert cells(page) == []
    assert not page.kept.restore_button.isEnabled()
    page.kept.keep_button.click()
    at_rest()
    ((moment, reason, size, vouchers, proof, head),) = cells(page)
    assert moment.startswith("20")
    assert (reason, vouchers, proof) == ("手工", "0", "已完整检查")
    assert size.endswith("MB")
    assert head.startswith("0 ")
    page.kept.check_button.click()
    at_rest()
    assert page.kept._done.text() == "1 份备份都完好，可以放心恢复。"
    opened.change_settings(replace(opened.settings, language="en"))
    at_rest()
    assert cells(page)[0][1].lower() == "by hand"


def test_a_damaged_backup_stands_in_the_list_and_in_the_bar(
    opened: Shell, book_file: Path, at_rest: Wait, qtbot: QtBot
) -> None:
    page = backup_page(opened)
    page.kept.keep_button.click()
    at_rest()
    listed = page.kept._listed
    assert listed is not None
    Path(listed.backups[0].path).write_bytes(b"x" * 5000)
    page.kept.load()
    at_rest()
    assert cells(page)[0][4].startswith("文件与写入时不一样了")
    with qtbot.waitSignal(opened.ready):
        opened.open_address(str(book_file))
    at_rest()
    bar = opened.backup_notice.bar
    assert isinstance(bar, NoticeBar)
    assert "1 份备份不能用了" in bar.label.text()
    assert not bar.never_button.isVisible()
    bar.page_button.click()
    assert opened.workspace is not None
    assert opened.workspace.current_key == "backup"


def test_a_backup_of_the_list_comes_back_in_the_book_s_place(
    opened: Shell, book_file: Path, at_rest: Wait, qtbot: QtBot
) -> None:
    page = backup_page(opened)
    page.kept.keep_button.click()
    at_rest()
    page.kept.restore_button.click()
    qtbot.waitUntil(lambda: restore_dialog() is not None)
    dialog = restore_dialog()
    assert dialog is not None
    assert dialog._backup.text().endswith(" 手工.zhangfang")
    assert dialog._place.text() == str(book_file)
    with qtbot.waitSignal(opened.ready):
        dialog.ok_button.click()
    at_rest()
    assert len(list(book_file.parent.glob("shop.恢复前-*.zhangfang"))) == 1
    assert opened.book is not None
    assert opened.book.location == str(book_file)


def restore_dialog() -> RestoreDialog | None:
    shown = [w for w in QApplication.topLevelWidgets() if isinstance(w, RestoreDialog) and w.isVisible()]
    return shown[0] if shown else None


@pytest.fixture
def in_the_cloud(finished_book: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "Dropbox"
    folder.mkdir()
    return Path(shutil.copy(finished_book, folder))


def test_the_bar_about_a_synchronised_folder_is_put_away_for_that_book_only(
    shell: Shell, in_the_cloud: Path, at_rest: Wait, qtbot: QtBot, tmp_path: Path
) -> None:
    def shown_for(book: Path) -> NoticeBar | None:
        with qtbot.waitSignal(shell.ready):
            shell.open_address(str(book))
        at_rest()
        return shell.backup_notice.bar

    bar = shown_for(in_the_cloud)
    assert bar is not None
    assert "Dropbox" in bar.label.text()
    bar.never_button.click()
    assert shown_for(in_the_cloud) is None
    other = Path(shutil.copy(in_the_cloud, in_the_cloud.with_name("other.zhangfang")))
    assert shown_for(other) is not None
    assert shown_for(Path(shutil.copy(in_the_cloud, tmp_path / "home.zhangfang"))) is None


def test_closing_the_window_backs_up_first(opened: Shell, book_file: Path, at_rest: Wait) -> None:
    opened.close_window()
    assert opened.window.isVisible()
    assert opened.window.middle is opened.window.busy_page
    at_rest()
    assert not opened.window.isVisible()
    assert len(kept_names(book_file)) == 1


def test_the_backup_at_closing_can_be_skipped(
    opened: Shell, book_file: Path, runtime: Runtime, at_rest: Wait, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    real = type(runtime).close_book

    def slowly(self: Runtime, report: Callable[[int, int, str], bool] | None = None) -> None:
        def waiting(done: int, total: int, text: str) -> bool:
            assert report is not None
            report(1, 3, text)
            go_on.wait(20)
            return report(done, total, text)

        real(self, waiting if report is not None else None)

    monkeypatch.setattr(type(runtime), "close_book", slowly)
    busy = opened.window.busy_page
    opened.close_book()
    qtbot.waitUntil(busy.skip_button.isVisible)
    assert busy._text.text() == "正在备份…"
    busy.skip_button.click()
    assert not busy.skip_button.isVisible()
    go_on.set()
    at_rest()
    assert opened.window.middle is opened.start_page
    assert kept_names(book_file) == []


def test_settings_of_backups_are_kept_and_a_missing_folder_is_said(
    opened: Shell, runtime: Runtime, at_rest: Wait, tmp_path: Path
) -> None:
    assert opened.workspace is not None
    page = opened.workspace.show_page("settings")
    assert isinstance(page, SettingsPage)
    at_rest()
    card = page.backups
    for missing in ("no such folder", "长" * 300):
        card.choose_folder(str(tmp_path / missing))
        assert not card._wrong.isHidden()
        assert runtime.settings.backup_folder == ""
    card.choose_folder(str(tmp_path))
    assert card._wrong.isHidden()
    card.limit.setValue(3)
    card.limit.editingFinished.emit()
    card.days.setValue(30)
    card.days.editingFinished.emit()
    card.by_itself.click()
    settings = runtime.settings
    assert (settings.backup_folder, settings.backup_limit_mb, settings.backup_reminder_days) == (
        str(tmp_path),
        3000,
        30,
    )
    assert not settings.automatic_backups
    backups = backup_page(opened)
    at_rest()
    assert backups.kept._listed is not None
    assert backups.kept._listed.folder.startswith(str(tmp_path))
    assert "自动备份已在设置里关掉" in backups.kept._advice.text()
