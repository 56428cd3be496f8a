"""Contacts in the whole window: the search finds them and opens their form."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.contract.contacts import ContactInput
from app.ui.contacts.contact_dialog import ContactDialog
from app.ui.search_palette import SearchPalette
from app.ui.shell import Shell


def test_the_search_finds_contacts_and_opens_their_form(
    opened: Shell, qtbot: QtBot, at_rest: Callable[[], None]
) -> None:
    api = opened.tasks.api
    assert api is not None
    api.add_contact(ContactInput(name="远航科技", code="K1", roles=["customer"]))
    opened.open_search()
    palette = next(w for w in QApplication.topLevelWidgets() if isinstance(w, SearchPalette) and w.isVisible())
    palette.type_text("yhkj")
    qtbot.waitUntil(lambda: any("远航科技" in hit for hit in palette.hits()))
    qtbot.keyClick(palette._field, Qt.Key.Key_Return)
    workspace = opened.workspace
    assert workspace is not None
    at_rest()
    assert workspace.current_key == "contacts"
    (dialog,) = workspace.findChildren(ContactDialog)
    assert dialog.texts["name"].text() == "远航科技"
    dialog.reject()
