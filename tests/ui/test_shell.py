"""The window over the real program: opening, failing, logging in, switching looks, meeting bugs, closing."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PyQt5.QtCore import QCoreApplication, QEvent, QStandardPaths, Qt, QTimer
from PyQt5.QtGui import QCloseEvent
from PyQt5.QtWidgets import (
    QAbstractButton,
    QAction,
    QApplication,
    QComboBox,
    QDialog,
    QGroupBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QShortcut,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.bootstrap import Runtime
from app.client.api import ApiClient
from app.client.transport import Transport
from app.contract.identity import PasswordChange, UserChange, UserInput
from app.storage.address import parse_address
from app.ui.application import chosen_language
from app.ui.error_dialog import ErrorDialog, ErrorHooks
from app.ui.language import tr
from app.ui.navigation import OpenVoucher, ShowPage
from app.ui.pages import all_pages
from app.ui.people.users_page import UsersPage
from app.ui.running import run_window
from app.ui.runtime import WindowArguments
from app.ui.search_palette import SearchPalette
from app.ui.shell import Shell
from app.ui.start.book_dialogs import NewBookDialog, documents_folder
from app.ui.start.connect_dialog import ConnectDialog
from app.ui.start.login_page import LoginPage, PasswordDialog
from app.ui.theme import interface_font, palette_of, theme_colours
from tests.mariadb import MariaDBServer

CHINESE = re.compile("[\u3400-\u9fff\u3001-\u303f\uff00-\uffef]")
"""Characters and signs; the wide space between two facts is in both languages."""
Wait = Callable[[], None]


def dialogs(kind: type[QDialog]) -> list[QDialog]:
    return [w for w in QApplication.topLevelWidgets() if isinstance(w, kind) and w.isVisible()]


def the_dialog(kind: type[QDialog]) -> QDialog:
    found = dialogs(kind)
    assert len(found) == 1
    return found[0]


# --- opening ---------------------------------------------------------------------------------------------------------


def test_a_book_opens_and_its_pages_are_there(opened: Shell) -> None:
    assert opened.workspace is not None
    assert opened.window.middle is opened.workspace
    assert opened.window.windowTitle() == "Shop — 账房"
    keys = {entry.key for entry in opened.workspace.entries}
    assert {"vouchers", "voucher", "trial-balance", "users", "import", "backup", "settings", "about"} <= keys
    assert opened.settings.recent_books[0].endswith("shop.zhangfang")


def test_a_book_that_is_not_there_is_one_sentence_on_the_start_page(
    shell: Shell, tmp_path: Path, at_rest: Wait
) -> None:
    shell.open_address(str(tmp_path / "nothing.zhangfang"))
    at_rest()
    assert shell.window.middle is shell.start_page
    assert "nothing.zhangfang" in shell.start_page.message_bar.text
    assert not (tmp_path / "nothing.zhangfang").exists()


def test_without_a_book_the_start_page_says_how_to_begin(shell: Shell) -> None:
    shell.begin(WindowArguments())
    assert shell.window.middle is shell.start_page
    labels = [label.text() for label in shell.start_page.findChildren(QLabel) if label.isVisibleTo(shell.start_page)]
    assert tr("还没有账簿。第一次使用时，请先新建一本；数据就保存在您选择的文件里。") in labels


def test_a_new_book_is_made_from_the_first_dialog(shell: Shell, tmp_path: Path, qtbot: QtBot) -> None:
    shell.begin(WindowArguments())
    shell.new_book()
    dialog = the_dialog(NewBookDialog)
    assert isinstance(dialog, NewBookDialog)
    dialog._name.setText("乙公司")
    assert dialog._place.text().endswith("乙公司.zhangfang")
    dialog._note_place()
    dialog._place.setText(str(tmp_path / "b"))
    with qtbot.waitSignal(shell.ready):
        dialog.ok_button.click()
    assert (tmp_path / "b.zhangfang").is_file()
    assert shell.book is not None
    assert shell.book.name == "乙公司"


def test_the_proposed_folder_is_there_on_a_new_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setattr(QStandardPaths, "writableLocation", lambda _which: str(tmp_path / "Documents"))
    assert documents_folder() == tmp_path
    (tmp_path / "Documents").mkdir()
    assert documents_folder() == tmp_path / "Documents"


def test_a_refused_new_book_keeps_what_was_typed(shell: Shell, book_file: Path, at_rest: Wait) -> None:
    shell.begin(WindowArguments())
    shell.new_book()
    dialog = the_dialog(NewBookDialog)
    assert isinstance(dialog, NewBookDialog)
    dialog._name.setText("丙公司")
    dialog._note_place()
    dialog._place.setText(str(book_file))
    before = book_file.read_bytes()
    dialog.ok_button.click()
    at_rest()
    assert dialog.isVisible()
    assert (dialog._name.text(), dialog._place.text()) == ("丙公司", str(book_file))
    assert dialog.message_bar.text
    assert book_file.read_bytes() == before
    dialog.reject()


def test_the_connection_test_names_what_is_wrong(
    shell: Shell, at_rest: Wait, mariadb_server: MariaDBServer, tmp_path: Path
) -> None:
    shell.begin(WindowArguments())
    shell.connect_server()
    dialog = the_dialog(ConnectDialog)
    assert isinstance(dialog, ConnectDialog)
    dialog.test_button.click()
    assert dialog.message_bar.text == "请填写主机、用户名和数据库。"
    dialog.database.user.setText("甲@乙")
    dialog.database.database.setText("books")
    dialog.database.port.setValue(1)
    assert dialog.address == "mysql://%E7%94%B2%40%E4%B9%99@127.0.0.1:1/books"
    dialog.database.password.setText("p")
    dialog.test_button.click()
    at_rest()
    assert [text[0] for text in dialog.steps.texts] == ["✓", "✗"]
    assert "端口 1 没有程序在听" in dialog.steps.texts[-1]
    assert dialog.database.user.text() == "甲@乙"

    # a server that offers no encryption, asked by an address that demands it; what the address says is what is shown
    form = dialog.database
    form.fill(mariadb_server.url("books", "ledger=l&tls=required"))
    form.password.setText(mariadb_server.password)
    assert (form.tls.currentText(), form.trusted.isEnabled()) == ("必须加密", False)
    dialog.test_button.click()
    at_rest()
    assert "数据库服务器却不提供加密" in dialog.steps.texts[-1]
    form.tls.setCurrentIndex(form.tls.findData("verify"))
    form.trusted.path.setText(str(tmp_path / "我们的 ca+1.pem"))
    address = dialog.address
    dialog.ok_button.click()
    at_rest()
    assert "不是能用的证书文件" in dialog.message_bar.text
    assert "不是能用的证书文件" in dialog.steps.texts[-1]
    assert [name for name, field in form.named.items() if field.property("wrong")] == ["tls_ca"]
    form.fill(mariadb_server.url("books"))
    assert dialog.address == mariadb_server.url("books")
    form.fill(address)
    assert (dialog.address, form.trusted.ca_file) == (address, str(tmp_path / "我们的 ca+1.pem"))
    assert parse_address(address).tls_ca == tmp_path / "我们的 ca+1.pem"
    dialog.reject()


# --- people log in ---------------------------------------------------------------------------------------------------


@pytest.fixture
def team_book(runtime: Runtime, book_file: Path) -> Path:
    """A book whose owner logs in, and to which somebody was added with a first password."""
    opened = runtime.open_book(str(book_file))
    api = ApiClient(Transport(opened.url, opened.token))
    me = api.session().user
    api.change_user(me.id, UserChange(login_name="boss", version=me.version))
    api.change_own_password(PasswordChange(new_password="boss-secret-1"))
    roles = [role.id for role in api.list_roles().roles]
    api.add_user(UserInput(name="李出纳", age=28, login_name="li", password="first-secret", roles=roles))
    api.close()
    runtime.close_book()
    return book_file


def has_pages(shell: Shell) -> bool:
    return shell.workspace is not None


def log_in(shell: Shell, name: str, password: str) -> LoginPage:
    page = shell.login_page
    assert page is not None
    page._name.setText(name)
    page._password.setText(password)
    page._log_in.click()
    return page


def test_a_book_with_logins_asks_who_works(shell: Shell, team_book: Path, qtbot: QtBot, at_rest: Wait) -> None:
    shell.open_address(str(team_book))
    at_rest()
    assert shell.window.middle is shell.login_page
    page = log_in(shell, "boss", "wrong-wrong")
    at_rest()
    assert page.message_bar.text
    assert page._name.text() == "boss"
    assert not has_pages(shell)
    with qtbot.waitSignal(shell.ready):
        log_in(shell, "boss", "boss-secret-1")
    assert has_pages(shell)
    at_rest()
    shell.log_out()
    at_rest()
    assert shell.window.middle is shell.login_page
    assert not has_pages(shell)


def test_a_first_password_is_changed_before_anything_else(
    shell: Shell, team_book: Path, qtbot: QtBot, at_rest: Wait
) -> None:
    shell.open_address(str(team_book))
    at_rest()
    log_in(shell, "li", "first-secret")
    at_rest()
    dialog = the_dialog(PasswordDialog)
    assert isinstance(dialog, PasswordDialog)
    assert shell.workspace is None
    dialog._old.setText("first-secret")
    dialog._new.setText("my-own-secret")
    dialog._again.setText("another-secret")
    dialog.ok_button.click()
    assert dialog.message_bar.text == "两次输入的新密码不一样。"
    dialog._again.setText("my-own-secret")
    with qtbot.waitSignal(shell.ready):
        dialog.ok_button.click()
    assert shell.session is not None
    assert shell.session.user.name == "李出纳"


# --- looks -----------------------------------------------------------------------------------------------------------


def words_of(root: QWidget) -> Iterator[tuple[str, str]]:
    """Yield everything a widget and those below it say, with who says it."""
    for widget in [root, *root.findChildren(QWidget)]:
        if widget.objectName() in {"ScrollLeftButton", "ScrollRightButton"}:
            continue  # Qt names these once, for screen readers
        texts = [widget.windowTitle(), widget.toolTip(), widget.accessibleName(), *own_texts(widget)]
        yield from ((f"{type(widget).__name__}({widget.objectName()})", text) for text in texts)
    for action in root.findChildren(QAction):
        yield "action", action.text()


def own_texts(widget: QWidget) -> list[str]:
    if isinstance(widget, QLabel | QAbstractButton):
        return [widget.text()]
    if isinstance(widget, QLineEdit):
        return [widget.placeholderText()]
    if isinstance(widget, QGroupBox):
        return [widget.title()]
    if isinstance(widget, QComboBox):
        return [widget.itemText(place) for place in range(widget.count())]
    if isinstance(widget, QTabBar):
        return [widget.tabText(place) for place in range(widget.count())]
    if isinstance(widget, QHeaderView) and (model := widget.model()) is not None:
        return [str(model.headerData(place, widget.orientation()) or "") for place in range(widget.count())]
    return []


OWN_NAMES = re.compile(r"中文|账簿所有者|^主仓库$|^[记收付转]$|会小企\d\d表(附表\d)?")
"""Stay as they are: the language's own name, names of the person, the warehouse and the voucher words in the book, and
the numbers that the Ministry of Finance gave its forms."""


def chinese_words(root: QWidget) -> list[str]:
    return [f"{who}: {text}" for who, text in words_of(root) if CHINESE.search(OWN_NAMES.sub("", text))]


def test_no_chinese_is_left_in_the_english_window(opened: Shell, at_rest: Wait) -> None:
    workspace = opened.workspace
    assert workspace is not None
    for entry in workspace.entries:
        workspace.show_page(entry.key)
        at_rest()
    opened.change_settings(replace(opened.settings, language="en"))
    QCoreApplication.sendPostedEvents()  # Qt tells the widgets through its queue
    at_rest()
    assert opened.window.windowTitle() == "Shop — Zhangfang"
    assert not chinese_words(opened.window), "\n".join(chinese_words(opened.window))
    for entry in workspace.entries:
        workspace.show_page(entry.key)
        at_rest()
        assert not chinese_words(opened.window), "\n".join([entry.key, *chinese_words(opened.window)])
    opened.change_settings(replace(opened.settings, language="zh"))
    assert opened.window.windowTitle() == "Shop — 账房"


def test_dialogs_and_start_page_speak_english_too(shell: Shell) -> None:
    shell.begin(WindowArguments())
    shell.change_settings(replace(shell.settings, language="en"))
    QCoreApplication.sendPostedEvents()
    assert chinese_words(shell.window) == []
    shell.new_book()
    shell.connect_server()
    for kind in (NewBookDialog, ConnectDialog):
        dialog = the_dialog(kind)
        assert chinese_words(dialog) == []
        dialog.reject()


def test_the_theme_changes_while_the_window_runs(opened: Shell, qapp: QApplication) -> None:
    light = qapp.palette().window().color()
    opened.change_settings(replace(opened.settings, theme="dark"))
    dark = qapp.palette().window().color()
    assert dark.lightness() < 100 < light.lightness()
    assert opened.window.action("theme-dark").isChecked()


def test_other_settings_do_not_dress_the_window_again(opened: Shell) -> None:
    """It would stand still for seconds with all its pages open."""
    dressed: list[str] = []
    opened.theme.changed.connect(lambda: dressed.append(opened.theme.name))
    opened.change_settings(replace(opened.settings, language="en", update_check=True))
    assert dressed == []
    opened.change_settings(replace(opened.settings, theme="dark"))
    opened.zoom(150)
    opened.zoom(150)
    assert dressed == ["dark", "dark"]


@pytest.mark.parametrize("name", ["light", "dark"])
def test_text_can_be_read_in_every_theme(name: str) -> None:
    """The contrast ratio of WCAG, at least 4.5 for text."""
    colours = theme_colours(name)

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    pairs = [
        ("text", "window"),
        ("text", "base"),
        ("text", "alternate"),
        ("text", "nav"),
        ("muted", "window"),
        ("muted", "base"),
        ("on_selection", "selection"),
        ("on_accent", "accent"),
        ("negative", "base"),
        ("negative", "alternate"),
        ("link", "nav"),
        ("text", "error_back"),
        ("text", "warning_back"),
        ("text", "info_back"),
        ("on_tooltip", "tooltip"),
    ]
    for front, back in pairs:
        high, low = sorted((luminance(colours[front]), luminance(colours[back])), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 4.5, f"{front} on {back}"


def test_both_themes_name_the_same_colours() -> None:
    assert theme_colours("light").keys() == theme_colours("dark").keys()
    assert palette_of(theme_colours("light")).window() != palette_of(theme_colours("dark")).window()


def test_figures_are_all_of_one_width(qapp: QApplication) -> None:
    from PyQt5.QtGui import QFontMetrics

    metrics = QFontMetrics(interface_font(10.0))
    assert len({metrics.horizontalAdvance(figure) for figure in "0123456789"}) == 1


@pytest.mark.parametrize("percent", [100, 200, 300])
def test_nothing_is_cut_off_when_everything_grows(opened: Shell, percent: int, at_rest: Wait) -> None:
    opened.zoom(percent)
    workspace = opened.workspace
    assert workspace is not None
    for key in ("users", "import", "backup", "settings", "about"):
        page = workspace.show_page(key)
        at_rest()
        assert page is not None
        for button in page.findChildren(QPushButton):
            if button.isVisible() and button.text():
                needed = button.fontMetrics().height()
                assert button.height() >= needed, f"{key}: {button.text()}"


def test_the_language_follows_the_setting() -> None:
    assert chosen_language("en") == "en"
    assert chosen_language("zh") == "zh"
    assert chosen_language("") in {"zh", "en"}


# --- going about -----------------------------------------------------------------------------------------------------


def test_the_search_finds_pages_and_accounts_and_goes_there(opened: Shell, qtbot: QtBot, at_rest: Wait) -> None:
    opened.open_search()
    palette = next(w for w in QApplication.topLevelWidgets() if isinstance(w, SearchPalette) and w.isVisible())
    palette.type_text("备份")
    assert palette.hits()[0].startswith("备份")
    palette.type_text("账龄")
    assert palette.hits()[0].startswith("账龄分析表")  # one of the books, which share a page
    palette.type_text("yhck")
    qtbot.waitUntil(lambda: any("1002" in hit for hit in palette.hits()))
    palette.type_text("备份")
    qtbot.keyClick(palette._field, Qt.Key.Key_Return)
    assert opened.workspace is not None
    assert opened.workspace.current_key == "backup"
    at_rest()


def test_every_target_has_one_page(opened: Shell) -> None:
    claimed = [target for entry in all_pages(opened) for target in entry.accepts]
    assert len(claimed) == len(set(claimed))
    assert OpenVoucher in claimed


@pytest.mark.parametrize("key", ["collections", "sales-document", "stock-documents", "stock-document", "contacts"])
def test_no_key_of_a_page_is_one_of_the_menus_too(opened: Shell, at_rest: Wait, key: str) -> None:
    opened.go_to(key)
    at_rest()
    assert opened.workspace is not None
    page = opened.workspace.current_page
    assert page is not None
    menus = {action.shortcut().toString() for action in opened.window.findChildren(QAction)} - {""}
    assert "Alt+Left" in menus
    assert not menus & {shortcut.key().toString() for shortcut in page.findChildren(QShortcut)}


def test_a_page_nobody_has_is_quietly_not_shown(opened: Shell) -> None:
    assert opened.workspace is not None
    before = opened.workspace.current_key
    opened.workspace.open_target(ShowPage("no-such-page"))
    assert opened.workspace.current_key == before


# --- bugs and goodbyes -----------------------------------------------------------------------------------------------


@pytest.fixture
def hooks(shell: Shell) -> Iterator[ErrorHooks]:
    shell.hooks.install()
    yield shell.hooks
    shell.hooks.remove()


def test_an_exception_in_a_slot_gets_a_dialog_and_the_window_lives(
    shell: Shell, hooks: ErrorHooks, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        secret = "password=hunter2-hunter2"
        raise ZeroDivisionError(secret)

    QTimer.singleShot(0, broken)
    qtbot.waitUntil(lambda: hooks.dialog is not None)
    dialog = hooks.dialog
    assert isinstance(dialog, ErrorDialog)
    assert "ZeroDivisionError" in dialog.details
    assert "hunter2" not in dialog.details
    dialog.copy_details()
    clipboard = QApplication.clipboard()
    assert clipboard is not None
    assert clipboard.text() == dialog.details
    QTimer.singleShot(0, broken)
    qtbot.waitUntil(lambda: dialog.details.count("Traceback") == 2)
    assert len(dialogs(ErrorDialog)) == 1
    dialog.accept()
    assert shell.window.isVisible()
    assert [record.levelname for record in caplog.records if "unforeseen" in record.message] == ["ERROR", "ERROR"]


def test_an_exception_in_a_thread_gets_the_dialog_too(shell: Shell, hooks: ErrorHooks, qtbot: QtBot) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    thread = threading.Thread(target=broken)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: hooks.dialog is not None)
    assert hooks.dialog is not None
    hooks.dialog.accept()


def close_event(shell: Shell) -> QCloseEvent:
    event = QCloseEvent()
    QCoreApplication.sendEvent(shell.window, event)
    return event


def test_one_click_closes_the_window_when_no_book_is_open(shell: Shell) -> None:
    assert shell.window.isVisible()
    assert shell.window.close()
    assert not shell.window.isVisible()


def test_no_dialog_asks_for_a_password_when_the_window_is_closed_meanwhile(
    shell: Shell, at_rest: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ZHANGFANG_DB_PASSWORD", raising=False)
    shell.open_address("mysql://keeper@127.0.0.1:1/nothing")
    assert shell.window.close()
    at_rest()
    assert dialogs(ConnectDialog) == []
    shell.window._may_close = False
    shell.open_address("mysql://keeper@127.0.0.1:1/nothing")
    at_rest()
    the_dialog(ConnectDialog).reject()


def test_closing_asks_only_when_something_typed_is_unsaved(opened: Shell, at_rest: Wait) -> None:
    assert opened.workspace is not None
    page = opened.workspace.show_page("users")
    assert isinstance(page, UsersPage)
    at_rest()
    page._name.setText("没有添加的人")
    close_event(opened)
    question = the_dialog(QMessageBox)
    assert isinstance(question, QMessageBox)
    assert "用户管理" in question.text()
    assert opened.window.isVisible()
    escape = question.escapeButton()
    assert escape is not None
    escape.click()
    assert opened.window.isVisible()
    assert page._name.text() == "没有添加的人"
    page._name.clear()
    close_event(opened)
    assert dialogs(QMessageBox) == []
    at_rest()
    assert not opened.window.isVisible()


def test_a_book_opened_at_once_leaves_no_start_page_in_sight(
    runtime: Runtime, book_file: Path, qapp: QApplication
) -> None:
    seen: list[bool] = []

    def ready(shell: Shell) -> None:
        seen.append(shell.start_page.isVisible())
        shell.close_window()

    run_window(runtime, WindowArguments(str(book_file)), on_painted=lambda _shell: None, on_ready=ready)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    qapp.setStyleSheet("")
    assert seen == [False]


def other_threads() -> list[str]:
    """Name the threads that would keep the program from ending, without the one that ends a test in trouble."""
    threads = [
        thread for thread in threading.enumerate() if not thread.daemon and thread is not threading.main_thread()
    ]
    return [thread.name for thread in threads if not thread.name.startswith("pytest_timeout")]


def test_after_the_stop_only_the_main_thread_is_left(opened: Shell, qtbot: QtBot) -> None:
    opened.stop()
    opened.stop()
    qtbot.waitUntil(lambda: other_threads() == [])


def test_the_whole_window_from_start_to_end(
    runtime: Runtime, book_file: Path, qapp: QApplication, qtbot: QtBot
) -> None:
    order: list[str] = []

    def ready(shell: Shell) -> None:
        order.append("ready")
        assert shell.window.isVisible()
        shell.close_window()

    code = run_window(
        runtime,
        WindowArguments(str(book_file)),
        on_painted=lambda shell: order.append("painted" if shell.opened is None else "too late"),
        on_ready=ready,
    )
    assert (code, order) == (0, ["painted", "ready"])
    assert "geometry" in runtime.settings.window
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    qtbot.waitUntil(lambda: other_threads() == [])
    qapp.setStyleSheet("")
