"""Roles with their tree of rights, departments as a tree, and both where a person is changed."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from PyQt5.QtCore import QModelIndex, Qt
from PyQt5.QtWidgets import QAbstractItemView, QApplication, QDialog, QMessageBox

from app.contract.identity import (
    DepartmentChange,
    DepartmentInput,
    Role,
    RoleChange,
    RoleInput,
    UserInput,
)
from app.identity.first_roles import FIRST_ROLES
from app.resources import catalogue
from app.ui.language import LanguageSwitch
from app.ui.people.department_dialog import DepartmentDialog
from app.ui.people.department_page import DepartmentsPage
from app.ui.people.role_dialog import RoleDialog
from app.ui.people.role_names import role_purpose, role_title
from app.ui.people.role_page import RolesPage
from app.ui.people.role_rights import NOTE, RightsModel
from app.ui.people.user_dialogs import UserDialog
from app.ui.people.users_page import UsersPage
from app.ui.tasks import Change, Topic
from app.ui.widgets.conflict_dialog import ConflictDialog
from tests.ui.ledger.conftest import api, desk, empty_book, runner
from tests.ui.ledger.desk import Desk

__all__ = ["api", "desk", "empty_book", "runner"]

D = TypeVar("D", bound=QDialog)
CHECK = Qt.ItemDataRole.CheckStateRole
PARTLY, ALL, NONE = Qt.CheckState.PartiallyChecked, Qt.CheckState.Checked, Qt.CheckState.Unchecked
BY_OTHERS = Change(frozenset({Topic.USERS}))


def opened(kind: type[D]) -> D:
    """Return the dialog that is open."""
    return next(w for w in QApplication.topLevelWidgets() if isinstance(w, kind) and w.isVisible())


def delete(desk: Desk, list_or_tree: QAbstractItemView) -> None:
    """Press Delete in the window, which is in front again after a dialog, and answer the question."""
    QApplication.setActiveWindow(list_or_tree.window())
    desk.qtbot.keyClick(list_or_tree, Qt.Key.Key_Delete)
    opened(QMessageBox).buttons()[0].click()
    QApplication.setActiveWindow(list_or_tree.window())


def named(model: RightsModel, name: str) -> QModelIndex:
    """Return the row of a slice, thing or right."""
    return next(index for index in model.walk() if index.data() == name)


def role_of(desk: Desk, name: str) -> Role:
    return next(role for role in desk.api.list_roles().roles if role.name == name)


def go_to_role(page: RolesPage, name: str) -> None:
    place = next(at for at, role in enumerate(page.model.rows()) if role.name == name)
    page.table.setCurrentIndex(page.model.index(place, 0))


def test_a_role_is_made_from_the_tree_of_rights_copied_renamed_and_deleted(desk: Desk) -> None:
    page = desk.show(RolesPage)
    assert [(role.name, role.built_in) for role in page.model.rows()][:2] == [("会计主管", True), ("制单", True)]
    desk.qtbot.keyClick(page.table, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    dialog = opened(RoleDialog)
    model = dialog.model
    assert [model.index(row, 0).data() for row in range(3)] == ["账务处理", "销售与采购", "商品与库存"]
    dialog.name.setText("出纳")
    dialog.search.setText("凭证 审")
    assert [index.data() for index in model.walk()] == ["账务处理", "凭证", "审核凭证"]
    dialog.search.setFocus()
    desk.qtbot.keyClick(dialog.search, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert dialog.focusWidget() is dialog.tree
    desk.qtbot.keyClick(dialog.tree, Qt.Key.Key_Space)  # on the slice: what was found below it, and nothing else
    assert model.chosen == {"ledger:voucher:review"}
    dialog.search.clear()
    assert named(model, "账务处理").data(CHECK) == PARTLY
    thing = named(model, "会计期间")
    model.setData(thing, ALL, CHECK)
    assert thing.data(CHECK) == ALL
    assert thing.sibling(thing.row(), NOTE).data() == "3 / 3"
    assert "审核凭证、结账、反结账" in dialog.count.text()
    model.setData(thing, NONE, CHECK)
    assert thing.data(CHECK) == NONE
    dialog.ok_button.click()
    assert role_of(desk, "出纳").permissions == ["ledger:voucher:review"]
    assert page.current() == role_of(desk, "出纳")

    page.copy_button.click()
    opened(RoleDialog).ok_button.click()
    assert role_of(desk, "出纳（副本）").permissions == ["ledger:voucher:review"]
    desk.qtbot.keyClick(page.table, Qt.Key.Key_Return)
    dialog = opened(RoleDialog)
    assert not page.has_unsaved()
    dialog.name.setText("主办")
    assert page.has_unsaved()
    dialog.ok_button.click()
    used = role_of(desk, "主办")
    desk.api.add_user(UserInput(name="李", age=None, roles=[used.id]))
    page.refresh(BY_OTHERS)
    assert page.current() == role_of(desk, "主办")  # the cursor stays, the count is new
    delete(desk, page.table)
    assert "还有 1 人" in page.message_bar.text
    go_to_role(page, "出纳")
    delete(desk, page.table)
    assert "出纳" not in [role.name for role in page.model.rows()]
    assert page.table.hasFocus()


def test_first_roles_have_names_in_the_language_of_the_window_until_somebody_changes_them(desk: Desk) -> None:
    first = {name: (role_of(desk, name), role) for name, role in FIRST_ROLES.items()}
    page = desk.show(RolesPage)
    language = LanguageSwitch(catalogue("en"), page)
    language.use("en")
    try:
        shown = [(role_title(role), role_purpose(role)) for role, _ in first.values()]
        assert shown == [
            ("Chief accountant", "All rights over the books"),
            ("Voucher entry", "Makes and changes vouchers"),
            ("Review", "Review vouchers"),
            ("View", "May only look"),
        ]
        assert [role.description for role, _ in first.values()] == [made.description for _, made in first.values()]
        go_to_role(page, "审核")
        desk.qtbot.keyClick(page.table, Qt.Key.Key_Return)
        dialog = opened(RoleDialog)
        assert dialog.name.text() == "Review"
        dialog.description.setText("Auditors")
        dialog.ok_button.click()
        kept = role_of(desk, "审核")  # the name nobody typed is not written over
        assert (kept.description, role_title(kept), role_purpose(kept)) == ("Auditors", "Review", "Auditors")
        assert "Review" in page.message_bar.text
        renamed = desk.api.change_role(kept.id, RoleChange(name="View", version=kept.version))
        assert (role_title(renamed), renamed.built_in) == ("View", False)
    finally:
        language.use("zh")


def test_two_people_change_one_role_and_see_right_by_right_what_differs(desk: Desk) -> None:
    role = desk.api.add_role(RoleInput(name="出纳", permissions=["ledger:voucher:view"]))
    page = desk.show(RolesPage)
    go_to_role(page, "出纳")
    desk.qtbot.keyClick(page.table, Qt.Key.Key_F2)
    dialog = opened(RoleDialog)
    dialog.model.setData(named(dialog.model, "出纳签字"), ALL, CHECK)
    theirs = ["ledger:voucher:view", "ledger:voucher:post"]
    desk.api.change_role(role.id, RoleChange(permissions=theirs, version=role.version))
    dialog.ok_button.click()
    conflict = dialog.findChildren(ConflictDialog)[0]
    table = conflict.table
    cells = [[table.item(row, column) for column in range(4)] for row in range(table.rowCount())]
    assert [[cell.text() for cell in row if cell is not None] for row in cells] == [
        ["出纳签字", "否", "是", "否"],
        ["记账", "否", "否", "是"],
    ]
    conflict.keep.click()
    assert role_of(desk, "出纳").permissions == ["ledger:voucher:sign", "ledger:voucher:view"]


def test_who_lacks_rights_sees_which_and_can_give_none_of_them(desk: Desk) -> None:
    mine = frozenset({"identity:role:view", "identity:role:add", "identity:role:edit", "ledger:voucher:view"})
    desk.context = replace(desk.context, is_owner=False, permissions=mine)
    page = desk.show(RolesPage)
    go_to_role(page, "制单")
    page.copy_button.click()
    dialog = opened(RoleDialog)
    assert dialog.model.chosen == {"ledger:voucher:view"}
    assert "没有复制过来" in dialog.advice.text()
    lacked = named(dialog.model, "记账")
    assert not lacked.flags() & Qt.ItemFlag.ItemIsEnabled
    assert lacked.sibling(lacked.row(), NOTE).data() == "宜分开 · 您没有，不能授予"
    dialog.model.setData(named(dialog.model, "账务处理"), ALL, CHECK)
    assert not dialog.model.chosen  # the one that may be given was chosen already; it alone went
    dialog.reject()
    page._open(page.current())
    dialog = opened(RoleDialog)
    assert dialog.is_fixed
    assert not dialog.ok_button.isVisible()
    assert page.delete_button.isHidden()
    dialog.reject()


def test_departments_are_added_below_moved_taken_out_of_use_and_kept_while_in_use(desk: Desk) -> None:
    page = desk.show(DepartmentsPage)
    assert page.stack.currentWidget() is page.empty
    for name, button in (("总部", page.add_button), ("财务部", page.below_button)):
        button.click()
        dialog = opened(DepartmentDialog)
        dialog.name.setText(name)
        desk.qtbot.keyClick(dialog.name, Qt.Key.Key_Return)
    top, below = desk.api.list_departments().departments
    assert (below.parent_id, page.tree.current()) == (top.id, below)
    desk.api.add_department(DepartmentInput(name="门店"))
    page.refresh(BY_OTHERS)
    assert page.tree.current() == below
    desk.qtbot.keyClick(page.tree, Qt.Key.Key_Return)
    dialog = opened(DepartmentDialog)
    assert [dialog.above.itemText(at) for at in range(dialog.above.count())] == ["（最上级）", "总部", "门店"]
    dialog.above.setCurrentIndex(2)
    desk.api.change_department(below.id, DepartmentChange(name="会计部", version=below.version))
    dialog.ok_button.click()
    dialog.findChildren(ConflictDialog)[0].keep.click()
    moved = next(one for one in desk.api.list_departments().departments if one.id == below.id)
    assert (moved.name, moved.parent_id) == ("财务部", desk.api.list_departments().departments[1].id)
    assert page.tree.current() == moved
    desk.qtbot.keyClick(page.tree, Qt.Key.Key_Up)
    delete(desk, page.tree)
    assert page.message_bar.text == "部门“门店”还有 1 个下级部门和 0 人，不能删除。"
    page.switch_button.click()
    current = page.tree.current()
    assert current is not None
    assert not current.active
    assert page.switch_button.text() == "启用"
    desk.qtbot.keyClick(page.tree, Qt.Key.Key_Down)
    delete(desk, page.tree)
    assert [one.name for one in desk.api.list_departments().departments] == ["总部", "门店"]
    assert page.tree.hasFocus()


def test_a_person_gets_a_department_and_keeps_what_one_may_not_see(desk: Desk) -> None:
    top = desk.api.add_department(DepartmentInput(name="总部"))
    below = desk.api.add_department(DepartmentInput(name="财务部", parent_id=top.id))
    role = role_of(desk, "制单")
    li = desk.api.add_user(UserInput(name="李", age=None, roles=[role.id])).user
    page = desk.show(UsersPage)
    page._table.selectRow(1)
    desk.qtbot.keyClick(page._table, Qt.Key.Key_Return)
    dialog = opened(UserDialog)
    dialog._department.setCurrentIndex(dialog._department.findText("总部 / 财务部"))
    dialog.ok_button.click()
    assert page._department_name(page._model.row(1)) == "财务部"
    desk.api.add_department(DepartmentInput(name="财务部"))
    page.refresh(BY_OTHERS)
    assert page._department_name(page._model.row(1)) == "总部 / 财务部"  # there are two of that name now

    desk.context = replace(
        desk.context, is_owner=False, permissions=frozenset({"identity:user:view", "identity:user:edit"})
    )
    page = desk.show(UsersPage)
    page._edit(page._model.row(1))
    dialog = opened(UserDialog)
    dialog._name.setText("李会计")
    dialog.ok_button.click()
    changed = next(user for user in desk.api.list_users().users if user.id == li.id)
    assert (changed.name, changed.roles, changed.department_id) == ("李会计", [role.id], below.id)
