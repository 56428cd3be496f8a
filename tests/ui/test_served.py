"""The window on a served copy: login, pages, a server that goes away, sessions that end, rights that change."""

from __future__ import annotations

import contextlib
import datetime
import os
import shutil
import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PyQt5.QtWidgets import QApplication, QLabel, QLineEdit, QMessageBox
from pytestqt.qtbot import QtBot

from app.client.addresses import ServerAddress
from app.client.transport import Transport
from app.contract.identity import PasswordChange, PasswordReset, UserChange, UserInput
from app.kernel.errors import NotAuthenticated
from app.settings import Settings
from app.ui import reconnecting
from app.ui.exchange.backup_page import BackupPage
from app.ui.ledger.voucher_line import Column
from app.ui.ledger.voucher_page import VoucherPage
from app.ui.ledger.voucher_settings_dialog import VoucherSettingsDialog
from app.ui.people.login_log_page import LoginLogPage
from app.ui.people.sessions_page import SessionsPage
from app.ui.runtime import NewBook, WindowArguments
from app.ui.session_end import LoginAgainDialog
from app.ui.shell import Shell
from app.ui.start.book_kinds import short_name, short_place
from app.ui.start.connect_dialog import ConnectDialog
from app.ui.start.recent_books import note_opened, place_of, title_of
from app.ui.tasks import Query
from tests.client.test_server_diagnosis import BOOKS, HEALTH, answering
from tests.mariadb import MariaDBServer
from tests.ui.ledger.test_voucher_page import put
from tests.ui.served import BOSS, CLERK, ServedCopy

Wait = Callable[[], None]
LONG_S = 60.0
"""Longer than any answer takes on a busy machine."""


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that is away is asked again soon."""
    monkeypatch.setattr(reconnecting, "PAUSES_MS", (20,))


@pytest.fixture
def served(people_book: Path, tmp_path: Path) -> Iterator[ServedCopy]:
    """A copy of that book behind a running server."""
    copy = ServedCopy(Path(shutil.copy(people_book, tmp_path / "served.zhangfang")))
    copy.start()
    yield copy
    copy.stop()


def log_in(shell: Shell, served: ServedCopy, qtbot: QtBot, at_rest: Wait, name: str = "li") -> None:
    """Open the served copy and log in as far as the pages."""
    shell.open_address(served.url)
    qtbot.waitUntil(lambda: shell.login_page is not None and shell.window.middle is shell.login_page)
    assert shell.login_page is not None
    shell.login_page._name.setText(name)
    shell.login_page._password.setText(CLERK if name == "li" else BOSS)
    with qtbot.waitSignal(shell.ready):
        shell.login_page._log_in.click()
    at_rest()


@pytest.fixture
def inside(shell: Shell, served: ServedCopy, qtbot: QtBot, at_rest: Wait) -> Shell:
    """The window with the served copy's pages, as the clerk."""
    log_in(shell, served, qtbot, at_rest)
    return shell


def half_typed(shell: Shell, at_rest: Wait, summary: str = "买纸") -> VoucherPage:
    """Go to the voucher page and type a voucher without saving it."""
    assert shell.workspace is not None
    page = shell.workspace.show_page("voucher")
    assert isinstance(page, VoucherPage)
    at_rest()
    for row, (account, debit, credit) in enumerate((("560201", "300", ""), ("1002", "", "300"))):
        put(page, row, Column.SUMMARY, summary)
        put(page, row, Column.ACCOUNT, account)
        put(page, row, Column.DEBIT if debit else Column.CREDIT, debit or credit)
    assert page.has_unsaved()
    return page


def summaries(served: ServedCopy) -> list[str]:
    api = served.client("boss", BOSS)
    found = [head.summary for head in api.list_vouchers().vouchers]
    api.close()
    return found


def wait_for_answers(transport: Transport, seconds: float) -> None:
    """Give up on answers after so long, also on connections made with another patience."""
    transport._read_timeout_s = seconds
    for kept in transport._idle:
        kept.close()
    transport._idle.clear()


def ask_something(shell: Shell) -> None:
    """A question nobody handles the failure of, as pages ask them."""
    Query(lambda api: api.list_periods()).run(shell.workspace or shell.window)


def test_whoever_may_ends_logins_and_unlocks(shell: Shell, served: ServedCopy, qtbot: QtBot, at_rest: Wait) -> None:
    elsewhere, clerk = served.client("boss", BOSS), served.client("li", CLERK)
    with pytest.raises(NotAuthenticated):
        clerk.log_in("li", "wrong guess")
    log_in(shell, served, qtbot, at_rest, "boss")
    assert shell.workspace is not None
    sessions = shell.workspace.show_page("sessions")
    assert isinstance(sessions, SessionsPage)
    at_rest()
    assert sorted((row.user_name, row.current) for row in sessions.model.rows()) == [
        ("李会计", False),
        ("账簿所有者", False),
        ("账簿所有者", True),
    ]
    sessions.table.selectRow(next(at for at, row in enumerate(sessions.model.rows()) if row.user_name == "李会计"))
    sessions.end()
    answer_box()
    at_rest()
    with pytest.raises(NotAuthenticated):
        clerk.session()
    assert elsewhere.session().user.login_name == "boss"
    sessions.end_others()
    answer_box()
    at_rest()
    assert [row.current for row in sessions.model.rows()] == [True]
    with pytest.raises(NotAuthenticated):
        elsewhere.session()
    logins = shell.workspace.show_page("logins")
    assert isinstance(logins, LoginLogPage)
    at_rest()
    logins.table.selectRow(next(at for at, row in enumerate(logins.model.rows()) if row.outcome == "wrong"))
    logins.unlock_button.click()
    at_rest()
    assert logins.message_bar.text == "“李会计”马上可以再登录。"
    assert logins.model.row(0).outcome == "unlocked"
    for client in (elsewhere, clerk):
        client.close()


def answer_box() -> None:
    next(w for w in QApplication.topLevelWidgets() if isinstance(w, QMessageBox) and w.isVisible()).buttons()[0].click()


# --- a book behind a server ------------------------------------------------------------------------------------------


def test_a_served_copy_opens_behind_its_login(inside: Shell, served: ServedCopy) -> None:
    assert inside.opened is not None
    assert (inside.opened.url, inside.opened.token, inside.opened.is_remote) == (served.url, "", True)
    assert inside.workspace is not None
    assert inside.workspace.context.place == served.url
    shown = [label.text() for label in inside.window.findChildren(QLabel) if label.isVisible()]
    assert served.url in shown  # the status bar names the server, not a path over there
    assert not any("served.zhangfang" in text for text in shown)
    assert inside.settings.recent_books == (served.url,)
    assert inside.window.action("server-books").isVisible()
    assert CLERK not in str(inside.settings)


def test_a_backup_of_a_served_copy_comes_into_a_file_here(inside: Shell, tmp_path: Path, at_rest: Wait) -> None:
    assert inside.workspace is not None
    page = inside.workspace.show_page("backup")
    assert isinstance(page, BackupPage)
    at_rest()
    assert not page.kept.folder_button.isVisible()
    assert not page.kept.restore_button.isVisible()
    target = tmp_path / "here.zhangfang"
    page._path.setText(str(target))
    page.back_up()
    at_rest()
    assert str(target) in page._made_label.text()
    assert target.read_bytes()[:15] == b"SQLite format 3"
    before = target.stat().st_mtime_ns
    page.back_up()  # what is there is never replaced
    at_rest()
    assert page.message_bar.error is not None
    assert page.message_bar.error.code == "backup_target_exists"
    assert target.stat().st_mtime_ns == before
    assert list(tmp_path.glob("*.part")) == []
    assert not page.kept.fetch_button.isEnabled()
    page.kept.keep_button.click()
    at_rest()
    assert page.kept._listed is not None
    (kept,) = page.kept._listed.backups
    assert page.kept.fetch_button.isEnabled()
    page.kept.fetch(kept, tmp_path / "kept.zhangfang")
    at_rest()
    assert page.kept._done.text() == f"已下载到这台电脑：{tmp_path / 'kept.zhangfang'}"
    assert (tmp_path / "kept.zhangfang").read_bytes() == Path(kept.path).read_bytes()
    gone = kept.model_copy(update={"name": "别的.zhangfang"})
    page.kept.fetch(gone, tmp_path / "none.zhangfang")
    at_rest()
    assert page.message_bar.error.code == "backup_unknown"
    assert list(tmp_path.glob("none*")) == []


def test_addresses_say_where_a_book_is_and_never_a_password() -> None:
    assert (
        short_name("https://b.example.com/books/branch-2"),
        short_place("https://b.example.com/books/branch-2"),
    ) == (
        "branch-2",
        "https://b.example.com",
    )
    assert (short_name("http://10.0.0.2:5000"), short_place("http://10.0.0.2:5000")) == (
        "10.0.0.2:5000",
        "http://10.0.0.2:5000",
    )
    assert "secret" not in short_name("http://a:secret@b:1/") + short_place("http://a:secret@b:1/")


# --- away and back ---------------------------------------------------------------------------------------------------


def test_a_half_typed_voucher_outlives_the_server(
    inside: Shell, served: ServedCopy, qtbot: QtBot, at_rest: Wait
) -> None:
    page = half_typed(inside, at_rest)
    served.stop()
    ask_something(inside)
    qtbot.waitUntil(lambda: inside.reconnecting.bar is not None)
    bar = inside.reconnecting.bar
    assert bar is not None
    assert "连不上服务器" in bar.label.text()
    assert inside.window.middle is inside.workspace
    assert page.has_unsaved()
    assert page.message_bar.text == ""  # the bar says it for all
    page.save()
    at_rest()
    assert page.message_bar.error is not None
    served.start()
    with qtbot.waitSignal(inside.tasks.connection.came_back):
        pass
    at_rest()
    assert inside.reconnecting.bar is None
    assert not page.has_unsaved()  # what was to be saved was saved when the server was back
    assert summaries(served) == ["买纸"]


def test_a_proxy_whose_server_is_gone_is_waited_for_like_the_server(
    inside: Shell, served: ServedCopy, qtbot: QtBot, at_rest: Wait
) -> None:
    page = half_typed(inside, at_rest)
    served.instead = ("502 Bad Gateway", b"<html><h1>502</h1></html>")
    page.save()
    qtbot.waitUntil(lambda: inside.reconnecting.bar is not None)
    served.instead = None
    qtbot.waitUntil(lambda: inside.reconnecting.bar is None)
    at_rest()
    assert not page.has_unsaved()
    assert summaries(served) == ["买纸"]


def test_trying_now_does_not_wait_for_the_pause(
    inside: Shell, served: ServedCopy, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconnecting, "PAUSES_MS", (3_600_000,))
    served.stop()
    ask_something(inside)
    qtbot.waitUntil(lambda: inside.reconnecting.bar is not None)
    served.start()
    assert inside.reconnecting.bar is not None
    with qtbot.waitSignal(inside.tasks.connection.came_back):
        inside.reconnecting.bar.try_button.click()


def test_a_try_of_an_earlier_time_does_not_end_the_trying(
    inside: Shell, served: ServedCopy, qtbot: QtBot, at_rest: Wait
) -> None:
    inside.watcher.stop()  # it would find the server, too
    at_rest()
    go = threading.Event()
    Query(lambda _api: go.wait(60)).run(inside.reconnecting)
    served.stop()
    with qtbot.waitSignal(inside.reconnecting._timer.timeout):
        ask_something(inside)
    served.start()
    go.set()
    qtbot.waitUntil(lambda: inside.reconnecting.bar is None)
    at_rest()


def test_a_save_whose_answer_is_lost_happens_once(
    inside: Shell, served: ServedCopy, qtbot: QtBot, at_rest: Wait
) -> None:
    page = half_typed(inside, at_rest)
    assert inside.tasks.api is not None
    transport = inside.tasks.api.transport
    wait_for_answers(transport, 0.3)
    let_go, seen = threading.Event(), []

    def hold_answer(environment: dict[str, Any]) -> None:
        if environment["REQUEST_METHOD"] == "POST" and environment["PATH_INFO"] == "/api/vouchers":
            seen.append(environment)
            if len(seen) == 1:
                transport._read_timeout_s = LONG_S  # only this answer is lost
                let_go.wait(LONG_S)

    served.after = hold_answer
    page.save()
    qtbot.waitUntil(lambda: len(seen) >= 2)
    let_go.set()
    qtbot.waitUntil(lambda: not page.has_unsaved())
    at_rest()
    assert summaries(served) == ["买纸"]


def test_the_bar_goes_with_the_book(inside: Shell, served: ServedCopy, qtbot: QtBot, at_rest: Wait) -> None:
    served.stop()
    ask_something(inside)
    qtbot.waitUntil(lambda: inside.reconnecting.bar is not None)
    inside.close_book()
    at_rest()
    assert inside.reconnecting.bar is None
    assert inside.window.middle is inside.start_page


# --- sessions and rights ---------------------------------------------------------------------------------------------


def end_sessions_of_clerk(served: ServedCopy, password: str) -> None:
    """The owner gives the clerk another password, which ends every session of his."""
    api = served.client("boss", BOSS)
    clerk = next(user for user in api.list_users().users if user.login_name == "li")
    api.reset_password(clerk.id, PasswordReset(password=password, must_change_password=False))
    api.close()


def login_over_pages(shell: Shell, qtbot: QtBot) -> LoginAgainDialog:
    qtbot.waitUntil(lambda: shell.session_end.dialog is not None and shell.session_end.dialog.isVisible())
    dialog = shell.session_end.dialog
    assert dialog is not None
    return dialog


def test_whose_session_ended_logs_in_over_what_he_typed(
    inside: Shell, served: ServedCopy, qtbot: QtBot, at_rest: Wait
) -> None:
    page = half_typed(inside, at_rest)
    end_sessions_of_clerk(served, "another-secret-1")
    ask_something(inside)
    dialog = login_over_pages(inside, qtbot)
    assert dialog.name.text() == "li"
    dialog.password.setText("wrong")
    dialog.ok_button.click()
    at_rest()
    assert dialog.isVisible()
    dialog.password.setText("another-secret-1")
    dialog.ok_button.click()
    at_rest()
    assert inside.window.middle is inside.workspace
    assert page.has_unsaved()
    page.save()
    at_rest()
    assert not page.has_unsaved()
    assert summaries(served) == ["买纸"]


def test_somebody_else_is_asked_before_what_was_typed_goes(
    inside: Shell, served: ServedCopy, qtbot: QtBot, at_rest: Wait
) -> None:
    page = half_typed(inside, at_rest)
    end_sessions_of_clerk(served, "another-secret-1")
    ask_something(inside)
    dialog = login_over_pages(inside, qtbot)
    dialog.name.setText("boss")
    dialog.password.setText(BOSS)
    dialog.ok_button.click()
    at_rest()
    question = inside.window.findChild(QMessageBox)
    assert question is not None
    assert "李会计" in question.text()
    assert page.has_unsaved()
    with qtbot.waitSignal(inside.ready):
        next(button for button in question.buttons() if button.text() == "换人，不保存").click()
    assert inside.workspace is not None
    assert inside.workspace.unsaved_titles() == []
    assert inside.session is not None
    assert inside.session.user.is_owner


def test_what_was_typed_does_not_get_into_another_book_at_the_same_address(
    inside: Shell, served: ServedCopy, tmp_path: Path, qtbot: QtBot, at_rest: Wait
) -> None:
    page = half_typed(inside, at_rest)
    served.stop()
    with contextlib.closing(sqlite3.connect(tmp_path / "served.zhangfang")) as other, other:
        other.execute("UPDATE book_setting SET value = ? WHERE name = 'book_name'", ['"Other Shop"'])
        other.execute("DELETE FROM session")
    served.start()
    ask_something(inside)
    dialog = login_over_pages(inside, qtbot)
    dialog.password.setText(CLERK)
    dialog.ok_button.click()  # the same name, password and number of a person
    at_rest()
    question = inside.window.findChild(QMessageBox)
    assert question is not None
    assert "“Other Shop”" in question.text()
    assert page.has_unsaved()
    with qtbot.waitSignal(inside.ready):
        next(button for button in question.buttons() if button.text() == "打开“Other Shop”").click()
    at_rest()
    assert inside.window.windowTitle().startswith("Other Shop")
    assert inside.workspace is not None
    assert inside.workspace.unsaved_titles() == []
    assert summaries(served) == []


def test_who_adds_the_second_login_is_told_why_he_has_to_log_in_now(opened: Shell, qtbot: QtBot, at_rest: Wait) -> None:
    api = opened.tasks.api
    assert api is not None
    me = api.session().user
    api.change_user(me.id, UserChange(login_name="boss", version=me.version))
    api.change_own_password(PasswordChange(new_password=BOSS))
    api.add_user(UserInput(name="李会计", age=28, login_name="li", password=CLERK))
    ask_something(opened)
    dialog = login_over_pages(opened, qtbot)
    assert any("不止一个" in label.text() for label in dialog.findChildren(QLabel))
    dialog.name.setText("boss")
    dialog.password.setText(BOSS)
    dialog.ok_button.click()
    at_rest()
    assert opened.window.middle is opened.workspace
    assert opened.session is not None
    assert opened.session.logins


def test_who_does_not_log_in_again_may_still_stay(
    inside: Shell, served: ServedCopy, qtbot: QtBot, at_rest: Wait
) -> None:
    page = half_typed(inside, at_rest)
    end_sessions_of_clerk(served, "another-secret-1")
    ask_something(inside)
    dialog = login_over_pages(inside, qtbot)
    dialog.reject()
    question = inside.window.findChild(QMessageBox)
    assert question is not None
    inside.session_end.ask()  # what others' watch meets meanwhile asks nothing twice
    assert not dialog.isVisible()
    next(button for button in question.buttons() if button.text() == "取消").click()
    again = login_over_pages(inside, qtbot)
    assert page.has_unsaved()
    at_rest()
    again.reject()
    question = [box for box in inside.window.findChildren(QMessageBox) if box.isVisible()][-1]
    next(button for button in question.buttons() if button.text() == "不保存，离开").click()
    at_rest()
    assert inside.login_page is not None
    assert inside.window.middle is inside.login_page


def test_pages_follow_rights_that_were_taken(inside: Shell, served: ServedCopy, qtbot: QtBot, at_rest: Wait) -> None:
    assert inside.workspace is not None
    below = inside.workspace.show_page("vouchers")
    assert below is not None
    at_rest()
    form = VoucherSettingsDialog(below)
    form.open()
    page = half_typed(inside, at_rest)
    keys = {entry.key for entry in inside.workspace.entries}
    api = served.client("boss", BOSS)
    clerk = next(user for user in api.list_users().users if user.login_name == "li")
    roles = {role.id: role.permissions for role in api.list_roles().roles}
    some = [role.id for role in api.list_roles().roles if "ledger:voucher:add" in role.permissions]
    some = sorted(some, key=lambda number: len(roles[number]))[:1]
    clerk = api.change_user(clerk.id, UserChange(roles=some, version=clerk.version))
    inside.session_end._ask_rights()
    at_rest()
    left = {entry.key for entry in inside.workspace.entries}
    assert left < keys
    assert inside.workspace.current_page is page
    assert page.has_unsaved()
    assert page.context.permissions == inside.workspace.context.permissions
    assert inside.workspace.pages()["vouchers"] is below  # the form above it would go with it
    form.reject()

    # with the right to the page itself, nothing typed is taken away
    clerk = api.change_user(clerk.id, UserChange(roles=[], version=clerk.version))
    inside.session_end._ask_rights()
    at_rest()
    assert inside.workspace.current_page is page
    assert page.has_unsaved()
    assert "没有保存的内容还在这里" in page.message_bar.text
    assert "vouchers" not in inside.workspace.pages()
    api.change_user(clerk.id, UserChange(roles=some, version=clerk.version))
    api.close()
    inside.session_end._ask_rights()
    at_rest()
    assert inside.workspace.current_page is page
    assert page.has_unsaved()


def test_a_refused_address_is_one_sentence(shell: Shell, at_rest: Wait) -> None:
    shell.open_address("http://127.0.0.1:1")
    at_rest()
    assert shell.window.middle is shell.start_page
    assert "连不上服务器" in shell.start_page.message_bar.text
    assert shell.reconnecting.bar is None
    assert Transport("http://127.0.0.1:1").url == "http://127.0.0.1:1"
    assert not [field for field in QApplication.allWidgets() if isinstance(field, QLineEdit) and field.text() == CLERK]


# --- a database that hangs -------------------------------------------------------------------------------------------


def test_a_database_that_hangs_is_waited_for(
    shell: Shell,
    mariadb_server: MariaDBServer,
    mariadb_database: str,
    qtbot: QtBot,
    at_rest: Wait,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reconnecting, "TRY_TIMEOUT_S", 0.4)
    monkeypatch.setenv("ZHANGFANG_DB_PASSWORD", mariadb_server.password)
    book = NewBook(mariadb_server.url(mariadb_database), "甲公司", "small_enterprise_2013", "2026-01", "general")
    with qtbot.waitSignal(shell.ready):
        shell.take_opened(shell.runtime.create_book(book))
    page = half_typed(shell, at_rest)
    assert shell.tasks.api is not None
    transport = shell.tasks.api.transport
    wait_for_answers(transport, 0.4)
    with mariadb_server.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT @@pid_file")
        row = cursor.fetchone()
    assert row is not None
    process = int(Path(row[0]).read_text())
    os.kill(process, signal.SIGSTOP)
    try:
        page.save()
        qtbot.waitUntil(lambda: shell.reconnecting.bar is not None)
        assert page.has_unsaved()
        wait_for_answers(transport, LONG_S)
        monkeypatch.setattr(reconnecting, "TRY_TIMEOUT_S", LONG_S)
    finally:
        os.kill(process, signal.SIGCONT)
    with qtbot.waitSignal(shell.tasks.connection.came_back):
        pass
    qtbot.waitUntil(lambda: not page.has_unsaved())
    at_rest()
    assert [head.summary for head in shell.tasks.api.list_vouchers().vouchers] == ["买纸"]


# --- the dialog that leads there -------------------------------------------------------------------------------------


def connecting(shell: Shell) -> ConnectDialog:
    found = [one for one in QApplication.topLevelWidgets() if isinstance(one, ConnectDialog) and one.isVisible()]
    assert len(found) == 1
    return found[0]


def test_a_server_is_asked_before_its_book_is_opened(
    shell: Shell, served: ServedCopy, qtbot: QtBot, at_rest: Wait
) -> None:
    shell.begin(WindowArguments())
    shell.connect_server()
    dialog = connecting(shell)
    dialog.by_url.setChecked(True)
    assert not dialog.make_button.isVisible()
    dialog.ok_button.click()
    assert dialog.message_bar.text == "请填写服务器的网址。"
    dialog.server.url.setText("http://127.0.0.1:1")
    dialog.ok_button.click()
    at_rest()
    assert dialog.isVisible()
    assert dialog.steps.texts[-1].startswith("✗")
    dialog.server.url.setText(served.url)
    dialog.ok_button.click()
    qtbot.waitUntil(lambda: shell.login_page is not None and shell.window.middle is shell.login_page)
    at_rest()


def test_one_of_several_books_is_chosen(shell: Shell, at_rest: Wait) -> None:
    with answering({"/api/health": (200, HEALTH), "/books": (200, BOOKS)}) as port:
        shell.begin(WindowArguments())
        shell.list_server_books(f"http://127.0.0.1:{port}/books/branch-2")
        dialog = connecting(shell)
        at_rest()
        items = [dialog.server.books.item(row) for row in range(dialog.server.books.count())]
        assert [item.text().split("\n")[0] for item in items if item is not None] == ["甲公司", "二分店", "old"]
        assert dialog.address == f"http://127.0.0.1:{port}/books/branch-2"  # the one that was meant is chosen
        dialog.server.books.setCurrentRow(0)
        assert dialog.address == f"http://127.0.0.1:{port}"
        dialog.server.books.setCurrentRow(2)
        assert dialog.server.chosen is None  # what is not open cannot be opened
        dialog.reject()


def test_a_public_server_without_encryption_is_asked_about_first(
    shell: Shell, served: ServedCopy, at_rest: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ServerAddress, "is_nearby", False)
    shell.begin(WindowArguments())
    shell.connect_server(served.url)
    dialog = connecting(shell)
    dialog.ok_button.click()
    at_rest()
    assert any(text.startswith("! 没有加密") for text in dialog.steps.texts)
    question = dialog.findChild(QMessageBox)
    assert question is not None
    question.reject()
    assert dialog.isVisible()
    assert shell.opened is None
    dialog.reject()


def test_recent_books_have_names_places_and_days() -> None:
    at = datetime.datetime(2026, 11, 28, 9, 30, tzinfo=datetime.UTC)
    settings = note_opened(Settings(), "http://10.0.0.2:5000/books/branch-2", "二分店", at)
    assert title_of(settings, "http://10.0.0.2:5000/books/branch-2") == "二分店"
    assert place_of(settings, "http://10.0.0.2:5000/books/branch-2").startswith("http://10.0.0.2:5000　上次打开：2026-")
    assert title_of(settings, "mysql://wang@10.0.0.2:3306/qinghe") == "qinghe"
    for number in range(12):
        settings = note_opened(settings, f"/books/{number}.zhangfang", f"{number}", at)
    assert len(settings.window) == len(settings.recent_books) == 10
