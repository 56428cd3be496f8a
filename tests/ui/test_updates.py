"""The notice of a new version: off until asked for, quiet when it fails, and nothing opened but by a click."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PyQt5.QtGui import QDesktopServices
from PyQt5.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from app.bootstrap import Runtime
from app.settings import Settings
from app.ui.program import update_watch
from app.ui.program.about_page import AboutPage
from app.ui.program.settings_page import SettingsPage
from app.ui.program.update_card import UpdateCard
from app.ui.program.update_dialog import UpdateDialog, UpdateOffer
from app.ui.runtime import WindowArguments
from app.ui.shell import Shell
from app.version import VERSION
from tests.client.version_server import TODAY, VersionServer, drip, public_key, send, version_file

KEY = public_key()
NEWS = "有新版本 0.2.0（2026-12-01）。"


@pytest.fixture
def server() -> Iterator[VersionServer]:
    with VersionServer().running() as running:
        yield running


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for the quiet after the start."""
    monkeypatch.setattr(update_watch, "FIRST_LOOK_MS", 0)


@pytest.fixture(autouse=True)
def that_day(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Let every look happen on the day the test files are for."""
    if "shell" in request.fixturenames:
        shell: Shell = request.getfixturevalue("shell")
        monkeypatch.setattr(shell.updates, "_today", lambda: TODAY)


def subscribe(shell: Shell, server: VersionServer, **other: object) -> None:
    chosen = {"update_check": True, "update_url": server.url, "update_key": KEY}
    shell.change_settings(replace(shell.settings, **(chosen | other)))  # type: ignore[arg-type]


def look(shell: Shell, qtbot: QtBot) -> None:
    """Begin as the program does, and wait until an answer was dealt with."""
    with qtbot.waitSignal(shell.updates._timer.timeout):
        shell.updates.begin()
    qtbot.waitUntil(lambda: not shell.updates.is_looking)


def card_of(shell: Shell) -> UpdateCard:
    assert shell.workspace is not None
    page = shell.workspace.show_page("settings")
    assert isinstance(page, SettingsPage)
    return page._updates


def is_daily(shell: Shell) -> bool:
    return shell.settings.update_check


def type_into(card: UpdateCard, url: str, key: str) -> None:
    for field, text in ((card.url, url), (card.key, key)):
        field.edit.setText(text)
        field.edit.editingFinished.emit()


def test_nothing_is_asked_of_anybody_until_the_user_says_so(shell: Shell, server: VersionServer, qtbot: QtBot) -> None:
    assert Settings().update_check is False
    subscribe(shell, server, update_check=False)
    with qtbot.waitSignal(shell.updates._timer.timeout):
        shell.begin(WindowArguments())
    assert not shell.updates.is_looking
    assert shell.updates._thread is None
    assert server.requests == []


def test_a_new_version_is_said_once_quietly_and_kept_for_later(
    shell: Shell, server: VersionServer, qtbot: QtBot, data_dir: Path
) -> None:
    subscribe(shell, server)
    look(shell, qtbot)
    bar = shell.window.message_bar
    assert bar.text == NEWS
    assert shell.settings.update_seen == "0.2.0"
    assert shell.settings.update_day == TODAY.isoformat()
    assert not shell.settings.update_failed
    assert (data_dir / "version-notice.txt").is_file()
    bar.clear()

    look(shell, qtbot)
    assert len(server.requests) == 1, "once a day"
    tomorrow = TODAY + datetime.timedelta(days=1)
    shell.updates._today = lambda: tomorrow
    look(shell, qtbot)
    assert len(server.requests) == 2
    assert bar.text == "", "said once is enough"

    again = update_watch.UpdateWatch(shell, shell.window, today=lambda: tomorrow)
    again.begin()
    qtbot.waitUntil(lambda: again.notice is not None)
    assert len(server.requests) == 2, "after another start the kept file speaks"
    again.stop()


def test_the_notice_opens_what_changed_and_the_link_only_by_a_click(
    shell: Shell, server: VersionServer, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
    subscribe(shell, server)
    look(shell, qtbot)
    bar = shell.window.message_bar
    assert bar._again.text() == "查看…"
    bar._again.click()
    (dialog,) = [w for w in QApplication.topLevelWidgets() if isinstance(w, UpdateDialog) and w.isVisible()]
    texts = "\n".join(label.text() for label in dialog.findChildren(QLabel))
    for expected in (NEWS, "结账更快", "导入更稳", "https://example.com/zhangfang/0.2.0", VERSION):
        assert expected in texts
    assert opened == []
    dialog.open_button.click()
    assert opened == ["https://example.com/zhangfang/0.2.0"]
    shell.change_settings(replace(shell.settings, language="en"))
    qtbot.waitUntil(lambda: "Closing is faster" in dialog._changes.text())
    dialog.close_button.click()


def test_without_a_link_there_is_nothing_to_click(shell: Shell, server: VersionServer, qtbot: QtBot) -> None:
    server.answer = send(version_file(link=""))
    subscribe(shell, server)
    look(shell, qtbot)
    notice = shell.updates.notice
    assert notice is not None
    dialog = UpdateDialog(shell.window, notice)
    assert dialog.open_button.isHidden()
    dialog.close()


def test_our_own_version_is_no_news(shell: Shell, server: VersionServer, qtbot: QtBot) -> None:
    server.answer = send(version_file(version=VERSION))
    subscribe(shell, server)
    look(shell, qtbot)
    assert shell.updates.notice is None
    assert shell.window.message_bar.text == ""
    assert shell.settings.update_seen == VERSION


def test_a_message_that_stands_in_the_bar_is_not_pushed_away(shell: Shell, server: VersionServer, qtbot: QtBot) -> None:
    shell.window.message_bar.show_warning("先看这里")
    offer = shell.window.message_bar.findChild(UpdateOffer)
    assert offer is not None
    offer.setInterval(10)
    subscribe(shell, server)
    look(shell, qtbot)
    assert shell.window.message_bar.text == "先看这里"
    shell.window.message_bar.clear()
    qtbot.waitUntil(lambda: shell.window.message_bar.text == NEWS)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (send(b"", status=404), "那个地址上没有版本文件（服务器回答 404）。"),
        (send(version_file().replace(b"0.2.0", b"0.3.0")), "版本文件的签名不对"),
        (send(b"<html>"), "这不是账房的版本文件：第一行不对。"),
        (send(version_file(version="0.1.5")), "版本文件说最新版是 0.1.5，可是以前见过更新的 0.1.9"),
        (send(version_file(expires="2026-12-04")), "版本文件在 2026-12-04 已过期"),
    ],
)
def test_a_failure_is_silent_in_the_bar_and_plain_on_the_settings_page(
    opened: Shell, server: VersionServer, qtbot: QtBot, answer: Callable[..., None], sentence: str
) -> None:
    server.answer = answer
    subscribe(opened, server, update_seen="0.1.9")
    look(opened, qtbot)
    assert opened.window.message_bar.text == ""
    assert opened.updates.notice is None
    assert opened.settings.update_failed
    assert opened.settings.update_seen == "0.1.9"
    card = card_of(opened)
    assert card.state.text().startswith(sentence)
    opened.change_settings(replace(opened.settings, language="en"))
    qtbot.waitUntil(lambda: card.state.text() < "~")


def test_check_now_works_without_the_daily_look(opened: Shell, server: VersionServer, qtbot: QtBot) -> None:
    card = card_of(opened)
    type_into(card, server.url, KEY)
    assert (opened.settings.update_url, opened.settings.update_key) == (server.url, KEY)
    assert card.state.text() == "还没有检查过。"
    server.answer = send(b"", status=500)
    card.now.click()
    assert card.state.text() == "正在检查新版本…"
    assert not card.now.isEnabled()
    qtbot.waitUntil(card.now.isEnabled)
    assert card.state.text() == "那个地址上没有版本文件（服务器回答 500）。"
    server.answer = send(version_file())
    card.now.click()
    qtbot.waitUntil(card.now.isEnabled)
    assert card.state.text() == NEWS
    assert card.view.isVisible()
    assert opened.window.message_bar.text == "", "who asked reads the answer where he asked"
    assert opened.workspace is not None
    about = opened.workspace.show_page("about")
    assert isinstance(about, AboutPage)
    assert NEWS in [label.text() for label in about.findChildren(QLabel)]
    assert about._view.isVisible()


def test_what_cannot_be_used_stays_in_its_field_with_a_sentence(
    opened: Shell, server: VersionServer, qtbot: QtBot
) -> None:
    card = card_of(opened)
    card.daily.click()
    assert not card.daily.isChecked()
    assert "版本文件的完整地址" in card.url.wrong.text()
    type_into(card, "http://example.com/version.txt", "abc")
    assert "https://" in card.url.wrong.text()
    assert "44 个字符" in card.key.wrong.text()
    assert card.url.edit.text() == "http://example.com/version.txt"
    assert (opened.settings.update_url, opened.settings.update_key) == ("", "")
    card.now.click()
    assert not opened.updates.is_looking
    opened.change_settings(replace(opened.settings, language="en"))
    qtbot.waitUntil(lambda: "has to begin with https://" in card.url.wrong.text())
    type_into(card, server.url, KEY)
    assert card.url.wrong.isHidden()
    assert card.key.wrong.isHidden()
    card.daily.click()
    assert is_daily(opened)
    type_into(card, "", KEY)
    assert not is_daily(opened), "without an address there is nothing to look at"
    assert not card.daily.isChecked()


def test_another_key_forgets_what_the_old_one_said(opened: Shell, server: VersionServer, qtbot: QtBot) -> None:
    subscribe(opened, server)
    look(opened, qtbot)
    card = card_of(opened)
    assert card.view.isVisible()
    type_into(card, server.url, public_key(Ed25519PrivateKey.generate()))
    assert opened.settings.update_seen == ""
    assert opened.updates.notice is None
    assert card.view.isHidden()
    look(opened, qtbot)
    assert card.state.text().startswith("版本文件的签名不对")


def test_closing_the_window_does_not_wait_for_a_server(shell: Shell, server: VersionServer, qtbot: QtBot) -> None:
    server.answer = drip(server.stopping, headers_too=True)
    subscribe(shell, server)
    shell.updates.begin()
    qtbot.waitUntil(lambda: bool(server.requests))
    thread = shell.updates._thread
    assert thread is not None
    shell.updates.stop()
    assert not thread.is_alive()


def test_opening_and_closing_books_does_not_disturb_a_look(
    opened: Shell, server: VersionServer, qtbot: QtBot, at_rest: Callable[[], None]
) -> None:
    server.answer = drip(server.stopping, headers_too=False)
    subscribe(opened, server)
    opened.updates.begin()
    qtbot.waitUntil(lambda: bool(server.requests))
    opened.close_book()
    at_rest()
    assert opened.updates.is_looking
    opened.updates.forget()
    server.answer = send(version_file())
    look(opened, qtbot)
    assert opened.window.message_bar.text == ""


def test_the_about_page_says_where_everything_lies(opened: Shell, runtime: Runtime, data_dir: Path) -> None:
    assert opened.workspace is not None
    about = opened.workspace.show_page("about")
    assert about is not None
    texts = [label.text() for label in about.findChildren(QLabel)]
    assert str(data_dir) in texts
    assert "一般模式（不是便携模式）" in texts
    assert "没有打开提醒，在“设置”里可以打开" in texts


def test_the_about_page_knows_portable_mode(opened: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.ui.program.about_page.portable_folder", lambda: tmp_path)
    assert opened.workspace is not None
    about = opened.workspace.show_page("about")
    assert about is not None
    assert any(
        label.text().startswith(f"便携模式：设置、日志和新账簿都在“{tmp_path}”里")
        for label in about.findChildren(QLabel)
    )
