"""The field that finds contacts: by name, code or initials, in a role; and makes one where there is none."""

from __future__ import annotations

from typing import Any

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QApplication, QWidget

from app.client.api import ApiClient
from app.contract.contacts import Contact, ContactInput, ContactQuery
from app.kernel.errors import ZhangfangError
from app.ui.tasks import Runner
from app.ui.widgets.contact_lookup import ContactLookup
from tests.ui.ledger.desk import Desk


class Place(QWidget):
    def __init__(self, tasks: Runner) -> None:
        super().__init__()
        self.tasks = tasks
        self.errors: list[str] = []

    def show_error(self, error: ZhangfangError, retry: object = None) -> None:
        self.errors.append(error.code)


@pytest.fixture
def place(desk: Desk) -> Place:
    made = Place(desk.runner)
    desk.qtbot.addWidget(made)
    made.resize(400, 200)
    made.show()
    QApplication.setActiveWindow(made)
    return made


def field(place: Place, desk: Desk, **options: Any) -> ContactLookup:
    edit = ContactLookup(place, **options)
    edit._timer.setInterval(0)
    edit.show()
    edit.setFocus()
    desk.qtbot.waitUntil(edit.hasFocus)
    return edit


def typed(desk: Desk, edit: ContactLookup, text: str) -> list[str]:
    """Type, and return the lines of the list."""
    edit.setText(text)  # keyClicks knows no Chinese
    edit.textEdited.emit(text)
    desk.qtbot.waitUntil(lambda: not edit._timer.isActive())
    return [edit._found.index(row, 0).data() for row in range(edit._found.rowCount())]


def press(edit: ContactLookup, *keys: Qt.Key) -> None:
    popup = edit._list.popup()
    assert popup is not None
    for key in keys:
        QTest.keyClick(popup, key)  # type: ignore[call-overload]  # the stubs lack the widget's overload


def add(api: ApiClient, name: str, *roles: str, code: str = "") -> Contact:
    return api.add_contact(ContactInput.model_validate({"name": name, "roles": list(roles), "code": code}))


def test_typing_finds_contacts_of_the_role_and_enter_takes_the_marked_one(desk: Desk, place: Place) -> None:
    add(desk.api, "北京百货", "customer", code="C1")
    add(desk.api, "北京建材", "supplier", code="S1")
    edit = field(place, desk, role="customer")
    assert typed(desk, edit, "bj") == ["北京百货    C1"]
    with desk.qtbot.waitSignal(edit.chosen) as chosen:
        press(edit, Qt.Key.Key_Return)
    assert chosen.args[0].code == "C1"
    assert (edit.text(), edit.contact, edit.contact_id) == ("北京百货", chosen.args[0], chosen.args[0].id)
    edit.clear()
    edit.set_role(None)
    assert typed(desk, edit, "bj") == ["北京百货    C1", "北京建材    S1"]


def test_a_code_typed_whole_is_taken_by_enter(desk: Desk, place: Place) -> None:
    add(desk.api, "北京百货", "customer", code="C1")
    edit = field(place, desk)
    typed(desk, edit, "C1")
    edit._take_exact()
    assert edit.text() == "北京百货"


def test_what_nobody_is_called_can_be_added_but_never_by_enter_alone(desk: Desk, place: Place) -> None:
    edit = field(place, desk, role="supplier", may_add=True)
    assert typed(desk, edit, "新厂") == ["新增供应商“新厂”（按 ↓ 再回车）"]
    press(edit, Qt.Key.Key_Return)
    assert desk.api.list_contacts().contacts == []
    edit.look_up()
    with desk.qtbot.waitSignal(edit.chosen) as chosen:
        press(edit, Qt.Key.Key_Down, Qt.Key.Key_Return)
    assert chosen.args[0].roles == ["supplier"]
    assert (edit.text(), edit.contact) == ("新厂", chosen.args[0])
    assert [contact.name for contact in desk.api.list_contacts(ContactQuery(role="supplier")).contacts] == ["新厂"]


def test_a_refused_one_is_said_above_and_marked(desk: Desk, place: Place) -> None:
    add(desk.api, "老客户", "customer")
    edit = field(place, desk, role="supplier", may_add=True)
    typed(desk, edit, "老客户")
    edit.add_new("老客户")
    assert place.errors == ["contact_exists"]
    assert edit.property("wrong") is True
    edit.set_contact(None)
    assert edit.contact_id is None


def test_enter_before_the_answer_offers_what_fits_nearly(place: Place, desk: Desk) -> None:
    add(desk.api, "甲公司", "customer")
    edit = field(place, desk, role="customer")
    edit._timer.setInterval(60_000)
    edit.setText("甲")
    edit.textEdited.emit("甲")
    QTest.keyClick(edit, Qt.Key.Key_Return)  # type: ignore[call-overload]  # the stubs lack the widget's overload
    popup = edit._list.popup()
    assert popup is not None
    assert popup.isVisible()
    assert not edit.property("wrong")
    press(edit, Qt.Key.Key_Return)
    desk.qtbot.waitUntil(lambda: edit.contact is not None)
    assert edit.text() == "甲公司"
