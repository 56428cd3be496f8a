"""The answer to something new gets lost, somebody types on and saves again: there is one of it, as typed last."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from PyQt5.QtWidgets import QDialog, QLineEdit, QWidget

from app.client.api import ApiClient
from app.contract.contacts import ContactChange, ContactQuery
from app.contract.identity import PasswordChange, UserChange, UserInput
from app.contract.inventory import ItemQuery
from app.contract.ledger import AccountQuery
from app.ui.contacts.contact_dialog import ContactDialog
from app.ui.inventory.categories_dialog import CategoriesDialog
from app.ui.inventory.item_dialog import ItemDialog
from app.ui.ledger.account_dialog import NewAccountDialog
from app.ui.ledger.account_index import AccountIndex
from app.ui.ledger.reversal_dialog import ReversalDialog
from app.ui.ledger.template_dialog import TemplateDialog
from app.ui.month_end.asset_dialog import AssetDialog
from app.ui.people.role_dialog import RoleDialog
from app.ui.people.token_dialogs import NewTokenDialog
from app.ui.people.user_dialogs import UserDialog
from app.ui.people.users_page import UsersPage
from app.ui.widgets.conflict_dialog import ConflictDialog
from tests.ui.ledger.conftest import TODAY, api, desk, empty_book, runner
from tests.ui.ledger.desk import Desk
from tests.ui.way import Way

__all__ = ["api", "desk", "empty_book", "runner"]


@pytest.fixture
def way(monkeypatch: pytest.MonkeyPatch) -> Way:
    return Way(monkeypatch, frozenset({"POST"}))


@pytest.fixture
def place(desk: Desk) -> QWidget:
    made = QWidget()
    setattr(made, "tasks", desk.runner)  # noqa: B010  # what `runner_of` looks for
    desk.qtbot.addWidget(made)
    made.resize(1200, 760)
    made.show()
    return made


@dataclass(frozen=True)
class Kind:
    """A form: how it is made, the field that names the new thing, and the names of all there are."""

    make: Callable[[QWidget, Desk], Any]
    field: Callable[[Any], QLineEdit]
    names: Callable[[ApiClient], list[str]]
    button: Callable[[Any], Any] = lambda form: form.ok_button


def new_account(place: QWidget, desk: Desk) -> NewAccountDialog:
    above = next(one for one in desk.api.list_accounts().accounts if one.code == "5602")
    return NewAccountDialog(place, above, "560277", [], [], household=False)


def new_asset(place: QWidget, desk: Desk) -> AssetDialog:
    form = AssetDialog(place, AccountIndex(desk.api.list_accounts().accounts), TODAY, None)
    form.texts["original_value"].setText("6000")
    return form


def new_template(place: QWidget, desk: Desk) -> TemplateDialog:
    return TemplateDialog.of_voucher(place, desk.write("2026-06-10", ("560201", "5", ""), ("1002", "", "5")))


def new_item(place: QWidget, _desk: Desk) -> ItemDialog:
    form = ItemDialog(place, [], None)
    form.texts["code"].setText("ZP")
    form.texts["unit"].setText("包")
    return form


def new_role(place: QWidget, desk: Desk) -> RoleDialog:
    return RoleDialog(place, desk.api.list_permissions().permissions, desk.context.may, None)


KINDS = {
    "account": Kind(
        new_account,
        lambda form: form.name_zh,
        lambda api: [one.name_zh for one in api.list_accounts(AccountQuery(q="560277")).accounts],
    ),
    "asset": Kind(
        new_asset, lambda form: form.texts["name"], lambda api: [one.name for one in api.list_assets().assets]
    ),
    "category": Kind(
        lambda place, _desk: CategoriesDialog(place, []),
        lambda form: form.name,
        lambda api: [one.name for one in api.list_item_categories().categories],
        lambda form: form.add_button,
    ),
    "contact": Kind(
        lambda place, _desk: ContactDialog(place, None),
        lambda form: form.texts["name"],
        lambda api: [one.name for one in api.list_contacts(ContactQuery()).contacts],
    ),
    "item": Kind(
        new_item,
        lambda form: form.texts["name"],
        lambda api: [one.name for one in api.list_items(ItemQuery()).items],
    ),
    "role": Kind(new_role, lambda form: form.name, lambda api: [one.name for one in api.list_roles().roles]),
    "template": Kind(
        new_template, lambda form: form.name, lambda api: [one.name for one in api.list_templates().templates]
    ),
    "user": Kind(
        lambda place, _desk: UserDialog(place, None, None, None),
        lambda form: form._name,
        lambda api: [one.name for one in api.list_users().users],
    ),
    "user in the row": Kind(
        lambda _place, desk: desk.show(UsersPage),
        lambda form: form._name,
        lambda api: [one.name for one in api.list_users().users],
        lambda form: form._add,
    ),
}


@pytest.mark.parametrize("name", KINDS)
def test_who_types_on_after_a_lost_answer_makes_no_second_one(desk: Desk, place: QWidget, way: Way, name: str) -> None:
    kind = KINDS[name]
    before = kind.names(desk.api)
    form = kind.make(place, desk)
    is_asked = isinstance(form, QDialog) and kind.button(form) is form.ok_button
    form.show()
    kind.field(form).setText("办公")
    way.loses = True
    kind.button(form).click()
    assert (form.isVisible(), len(way.lost), form.message_bar.text) == (True, 1, "没有得到回答。")
    kind.field(form).setText("办公用品")
    kind.button(form).click()
    assert form.message_bar.text in {"", "已添加“办公用品”。"}
    assert form.isVisible() is not is_asked
    assert sorted(kind.names(desk.api)) == sorted([*before, "办公用品"])


def test_a_first_try_that_never_came_is_not_missed(desk: Desk, place: QWidget, way: Way) -> None:
    form = ContactDialog(place, None)
    made: list[Any] = []
    form.done_with.connect(made.append)
    form.open()
    form.texts["name"].setText("远航")
    way.loses_orders = True
    form.ok_button.click()
    form.texts["name"].setText("远航科技")
    form.ok_button.click()
    assert [one.name for one in desk.api.list_contacts(ContactQuery()).contacts] == ["远航科技"]
    assert [one.name for one in made] == ["远航科技"]


def test_a_first_try_that_is_refused_now_leaves_the_way_free(desk: Desk, place: QWidget, way: Way) -> None:
    form = UserDialog(place, None, None, None)
    form.open()
    form._name.setText("李")
    form._login.setText("li")
    way.loses_orders = True
    form.ok_button.click()
    desk.api.add_user(UserInput(name="李四", age=None, login_name="li"))
    form._login.setText("li2")
    form.ok_button.click()
    assert not form.isVisible()
    people = {one.login_name: one.name for one in desk.api.list_users().users if one.login_name}
    assert people == {"li": "李四", "li2": "李"}


def test_what_cannot_change_any_more_is_said(desk: Desk, place: QWidget, way: Way) -> None:
    form = new_account(place, desk)
    form.open()
    form.name_zh.setText("办公")
    way.loses = True
    form.ok_button.click()
    form.code.setText("560278")
    form.name_zh.setText("办公用品")
    form.ok_button.click()
    assert (form.isVisible(), form.code.text(), form.name_zh.text()) == (True, "560277", "办公用品")
    assert "科目编码" in form.message_bar.text
    assert "其实已经成功" in form.message_bar.text
    form.ok_button.click()
    assert not form.isVisible()
    codes = {one.code: one.name_zh for one in desk.api.list_accounts().accounts}
    assert (codes["560277"], "560278" in codes) == ("办公用品", False)


def test_another_first_password_is_given(desk: Desk, place: QWidget, way: Way) -> None:
    me = desk.api.session().user
    desk.api.change_user(me.id, UserChange(login_name="boss", version=me.version))
    desk.api.change_own_password(PasswordChange(new_password="boss-secret-1"))
    desk.api.log_in("boss", "boss-secret-1")
    form = UserDialog(place, None, None, None)
    form.open()
    form._name.setText("李")
    way.loses = True
    form.ok_button.click()
    form._login.setText("li")
    form._password.setText("short")
    form.ok_button.click()
    assert (form.isVisible(), form._password.property("wrong")) == (True, True)  # login saved, password refused
    form._password.setText("long-enough-1")
    form.ok_button.click()
    assert not form.isVisible()
    li = next(one for one in desk.api.list_users().users if one.name == "李")
    assert (li.login_name, li.has_password, li.must_change_password) == ("li", True, True)


def test_two_versions_are_shown_where_somebody_changed_the_first_try(desk: Desk, place: QWidget, way: Way) -> None:
    form = ContactDialog(place, None)
    form.open()
    form.texts["name"].setText("远航")
    way.loses = True
    form.ok_button.click()
    contact = desk.api.list_contacts(ContactQuery()).contacts[0]
    desk.api.change_contact(contact.id, ContactChange(phone="110", version=contact.version))
    form.texts["name"].setText("远航科技")
    form.ok_button.click()
    conflict = next(one for one in form.findChildren(ConflictDialog) if one.isVisible())
    conflict.mine_wanted.emit()
    assert not form.isVisible()
    assert [one.name for one in desk.api.list_contacts(ContactQuery()).contacts] == ["远航科技"]


def test_a_token_that_was_made_in_vain_is_said(desk: Desk, place: QWidget, way: Way) -> None:
    form = NewTokenDialog(place, desk.context, desk.api.list_permissions().permissions, [])
    form.open()
    form.all_rights.setChecked(True)
    form.name.setText("网店")
    way.loses = True
    form.ok_button.click()
    form.name.setText("网店同步")
    form.ok_button.click()
    assert (form.isVisible(), "请在列表里撤销它" in form.message_bar.text) == (True, True)
    assert [one.name for one in desk.api.list_tokens().tokens] == ["网店"]
    form.ok_button.click()
    assert not form.isVisible()

    form = NewTokenDialog(place, desk.context, desk.api.list_permissions().permissions, [])
    form.open()
    form.all_rights.setChecked(True)
    form.name.setText("收银")
    way.loses_orders = True
    form.ok_button.click()
    form.name.setText("收银台")
    form.ok_button.click()
    assert not form.isVisible()
    in_use = [one.name for one in desk.api.list_tokens().tokens if one.revoked_at is None]
    assert sorted(in_use) == ["收银台", "网店", "网店同步"]


def test_an_act_that_was_done_is_not_done_again_with_other_words(desk: Desk, place: QWidget, way: Way) -> None:
    posted = desk.posted("2026-06-10", ("560201", "5", ""), ("1002", "", "5"))
    form = ReversalDialog(place, posted, TODAY)
    form.open()
    way.loses = True
    form.ok_button.click()
    form.date.set_date(datetime.date(2026, 6, 29))
    form.ok_button.click()
    assert "其实已经办成" in form.message_bar.text
    assert len(desk.api.list_vouchers().vouchers) == 2
