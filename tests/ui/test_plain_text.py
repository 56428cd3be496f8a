"""What people typed is shown as they typed it, also where it looks like HTML: no picture is fetched, no link is one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PyQt5.QtCore import QPoint, Qt
from PyQt5.QtWidgets import QApplication, QFormLayout, QLabel, QLineEdit, QMessageBox, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from app.storage.book_settings import set_setting
from app.storage.database import open_database, run_unit
from app.ui.shell import Shell
from app.ui.theme import ThemeSwitch
from app.web.keeping import keeper_of
from tests.calling import caller_on

APP = Path(__file__).parents[2] / "app"
TYPED = '<img src="//elsewhere.example/x.png"><a href="http://elsewhere.example/">请点这里</a>'
ESCAPED_BY_HAND = {
    "ui/ledger/key_help.py",
    "ui/ledger/source_link.py",
    "ui/ledger/voucher_form.py",
    "ui/month_end/closing_close_panel.py",
    "ui/month_end/closing_proposal_panel.py",
    "ui/month_end/closing_voucher.py",
    "ui/stock/stock_form.py",
    "ui/trade/document_links.py",
    "ui/trade/settlement_view.py",
}
"""All that shows rich text; everything from the book that goes into it has passed `html.escape`."""


@pytest.fixture
def dressed(qapp: QApplication) -> Iterator[QApplication]:
    """The application in the program's own style sheet, with nothing open."""
    font, palette, sheet = qapp.font(), qapp.palette(), qapp.styleSheet()
    ThemeSwitch(qapp).use("light")
    yield qapp
    qapp.setStyleSheet(sheet)
    qapp.setPalette(palette)
    qapp.setFont(font)


def labels_of(widget: QWidget) -> list[QLabel]:
    own = [widget] if isinstance(widget, QLabel) else []
    return [label for label in (*own, *widget.findChildren(QLabel)) if label.isVisible()]


def test_labels_boxes_and_tips_take_no_html_from_anybody(dressed: QApplication, qtbot: QtBot) -> None:
    form = QWidget()
    qtbot.addWidget(form)
    layout = QFormLayout(form)
    layout.addRow(TYPED, QLineEdit(form))
    late = QLabel(form)
    layout.addRow(late)
    form.show()
    late.setText(TYPED)
    box = QMessageBox(QMessageBox.Icon.Question, "x", TYPED)
    qtbot.addWidget(box)
    box.setInformativeText(TYPED)
    box.show()
    QToolTip.showText(QPoint(5, 5), TYPED, form)
    tips = [widget for widget in dressed.topLevelWidgets() if widget.inherits("QTipLabel")]
    shown = [label for widget in (form, box, *tips) for label in labels_of(widget) if label.text()]
    assert len(shown) >= 5
    assert {label.textFormat() for label in shown} == {Qt.TextFormat.PlainText}
    assert {label.text() for label in shown} == {TYPED}
    QToolTip.hideText()


def test_rich_text_of_our_own_stays_rich(dressed: QApplication, qtbot: QtBot) -> None:
    label = QLabel("<b>x</b>")
    qtbot.addWidget(label)
    label.setTextFormat(Qt.TextFormat.RichText)
    label.show()
    assert label.textFormat() == Qt.TextFormat.RichText


def test_no_page_shows_what_was_typed_as_html(
    shell: Shell, book_file: Path, qtbot: QtBot, at_rest: Callable[[], None]
) -> None:
    type_html_everywhere(book_file)
    with qtbot.waitSignal(shell.ready):
        shell.open_address(str(book_file))
    at_rest()
    workspace = shell.workspace
    assert workspace is not None
    seen = 0
    pages = ("vouchers", "voucher", "contacts", "items", "users", "doctor", "closing", "about")
    for key in (*pages, "log", "logins", "sessions", "tokens"):
        assert workspace.show_page(key) is not None, key
        at_rest()
        for label in labels_of(shell.window):
            assert label.textFormat() != Qt.TextFormat.AutoText, (key, label.text())
            rich = label.textFormat() == Qt.TextFormat.RichText
            assert not rich or TYPED not in label.text(), (key, label.text())
            seen += TYPED[:20] in label.text()
    assert seen > 0, "nothing of what was typed was shown at all"


def type_html_everywhere(path: Path) -> None:
    """Name the book, a contact, an item, a person and a voucher's lines with what looks like HTML."""
    book = open_database(str(path))
    keeper_of(book).may_by_itself = False
    try:
        window = caller_on(book)
        entries = [
            {"summary": TYPED, "account_code": "1002", "debit": "1"},
            {"summary": TYPED, "account_code": "3001", "credit": "1"},
        ]
        wishes = [
            window.post("/api/vouchers", {"date": "2026-01-05", "word": "记", "entries": entries}),
            window.post("/api/vouchers", {"date": "2026-01-05", "word": "记", "entries": entries[:1]}),
            window.post("/api/contacts", {"name": TYPED, "roles": ["customer"]}),
            window.post("/api/items", {"code": "A", "name": TYPED, "unit": "个"}),
            window.post("/api/users", {"name": TYPED[:60], "age": 1}),
            window.post("/api/tokens", {"name": TYPED[:100]}),
        ]
        assert [answer.status for answer in wishes] == [201] * len(wishes), [answer.json for answer in wishes]
        with book.session():
            run_unit(lambda: set_setting("book_name", TYPED))
    finally:
        book.close()


def test_rich_text_is_made_only_where_it_is_escaped() -> None:
    sources = {
        path.relative_to(APP).as_posix(): path.read_text(encoding="utf-8") for path in (APP / "ui").rglob("*.py")
    }
    assert {path for path, text in sources.items() if ".RichText" in text} == ESCAPED_BY_HAND
    assert all("html.escape(" in sources[path] for path in ESCAPED_BY_HAND)
    for method, places in (("setHtml", set()), ("insertHtml", set()), ("setMarkdown", {"ui/manual/manual_window.py"})):
        assert {path for path, text in sources.items() if f".{method}(" in text} == places, method
    assert not [path for path, text in sources.items() if "setOpenExternalLinks" in text]
