"""部门: the tree of departments people belong to."""

from __future__ import annotations

from PyQt5.QtCore import Qt
from PyQt5.QtGui import QKeySequence
from PyQt5.QtWidgets import QLabel, QPushButton, QStackedWidget, QWidget

from app.contract.identity import Department, DepartmentChange, DepartmentList
from app.ui.language import tr
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.page import Page, PageContext
from app.ui.people.department_dialog import DepartmentDialog
from app.ui.people.department_tree import DepartmentTree, department_texts
from app.ui.tasks import Change, Command, Query, Topic
from app.ui.widgets.empty_state import EmptyState
from app.ui.widgets.question import ask
from app.ui.widgets.shortcuts import add_shortcuts
from app.ui.widgets.stale import change_known


class DepartmentsPage(Page):
    """All departments below each other; added to, renamed, moved, taken out of use, deleted by who may."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._departments: list[Department] = []
        self._sought: int | None = None
        self.add_button, self.below_button, self.open_button = QPushButton(self), QPushButton(self), QPushButton(self)
        self.switch_button, self.delete_button = QPushButton(self), QPushButton(self)
        self.add_button.setProperty("primary", True)
        self.tree = DepartmentTree(self)
        self._may_add = context.may("identity:department:add")
        self.empty = EmptyState("departments", self, action=self._add if self._may_add else None)
        self.stack = QStackedWidget(self)
        self.hint = QLabel(self)
        self.hint.setObjectName("muted")
        self.hint.setWordWrap(True)
        self._lay_out()
        self._connect()
        self.retranslate()

    def _lay_out(self) -> None:
        bar = FlowLayout()
        for button, right in (
            (self.add_button, "identity:department:add"),
            (self.below_button, "identity:department:add"),
            (self.open_button, "identity:department:edit"),
            (self.switch_button, "identity:department:edit"),
            (self.delete_button, "identity:department:remove"),
        ):
            button.setVisible(self.context.may(right))
            bar.addWidget(button)
        self.stack.addWidget(self.tree)
        self.stack.addWidget(self.empty)
        self.body.addLayout(bar)
        self.body.addWidget(self.stack, 1)
        self.body.addWidget(self.hint)

    def _connect(self) -> None:
        self.add_button.clicked.connect(lambda _checked: self._add())
        self.below_button.clicked.connect(lambda _checked: self._add_below())
        self.open_button.clicked.connect(lambda _checked: self._open())
        self.switch_button.clicked.connect(lambda _checked: self._switch())
        self.delete_button.clicked.connect(lambda _checked: self._delete())
        self.tree.opened.connect(self._open)
        selection = self.tree.selectionModel()
        if selection is not None:
            selection.currentChanged.connect(lambda *_where: self._show_steps())
        add_shortcuts(
            self,
            (QKeySequence(QKeySequence.StandardKey.New), self._add),
            (QKeySequence("Ctrl+Shift+N"), self._add_below),
            (QKeySequence(Qt.Key.Key_Delete), self._delete),
            (QKeySequence(Qt.Key.Key_F2), self._open),
        )

    # --- as a page ---------------------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return tr("部门管理")

    def first_focus(self) -> QWidget | None:
        """The keyboard starts in the tree."""
        return self.tree

    def activate(self) -> None:
        """Ask for the departments."""
        Query(lambda api: api.list_departments()).slot("departments").on_done(self._known).run(self)

    def refresh(self, change: Change) -> None:
        """Ask again when departments, or who belongs to them, changed."""
        if change.touches(Topic.USERS):
            self.activate()

    def retranslate(self) -> None:
        """Set every text."""
        self.add_button.setText(tr("新增"))
        self.add_button.setToolTip(tr("新增同级部门（Ctrl+N）"))
        self.below_button.setText(tr("新增下级"))
        self.below_button.setToolTip(tr("新增下级部门（Ctrl+Shift+N）"))
        self.open_button.setText(tr("修改"))
        self.open_button.setToolTip(tr("改名，或换一个上级部门（Enter）"))
        self.delete_button.setText(tr("删除"))
        self.hint.setText(
            tr("在“用户管理”里把人放进部门。还有人或下级的部门不能删除，可以停用：以后不再选用，记录都保留。")
        )
        self.empty.set_texts(
            tr("还没有部门。部门说明各人在哪里做事，可以一级一级分下去。"), tr("新部门") if self._may_add else ""
        )
        self.tree.setAccessibleName(self.title())
        self.tree.show_departments(self._departments)
        self._show_steps()

    def _known(self, listed: DepartmentList) -> None:
        self._departments = listed.departments
        there = {department.id for department in listed.departments}
        sought = self._sought if self._sought in there else None
        if sought is not None:
            self._sought = None
        self.tree.show_departments(self._departments, sought)
        self.stack.setCurrentWidget(self.tree if self._departments else self.empty)
        self._show_steps()

    def _show_steps(self) -> None:
        department = self.tree.current()
        for button in (self.below_button, self.open_button, self.switch_button, self.delete_button):
            button.setEnabled(department is not None)
        self.switch_button.setText(tr("启用") if department is not None and not department.active else tr("停用"))

    # --- changes -----------------------------------------------------------------------------------------------------

    def _add(self) -> None:
        beside = self.tree.current()
        self._show_dialog(None, beside.parent_id if beside is not None else None)

    def _add_below(self) -> None:
        above = self.tree.current()
        if above is not None:
            self._show_dialog(None, above.id)

    def _open(self) -> None:
        department = self.tree.current()
        if department is not None:
            self._show_dialog(department)

    def _show_dialog(self, department: Department | None, above: int | None = None) -> None:
        if not (self._may_add if department is None else self.context.may("identity:department:edit")):
            return
        dialog = DepartmentDialog(self, self._departments, department, above=above)
        dialog.done_with.connect(self._kept)
        dialog.open()

    def _kept(self, department: Department) -> None:
        self._sought = department.id
        self._known(DepartmentList(departments=self._departments))
        self.show_info(tr("已保存部门“{name}”。", name=department.name))

    def _switch(self) -> None:
        department = self.tree.current()
        if department is None:
            return
        change_known(
            self,
            department,
            DepartmentChange(active=not department.active),
            lambda api, change: api.change_department(department.id, change),
            Topic.USERS,
            what=department.name,
            texts=department_texts,
            take=lambda _theirs: self.activate(),
            done=self._kept,
        )

    def _delete(self) -> None:
        department = self.tree.current()
        if department is None or not self.context.may("identity:department:remove"):
            return

        def send() -> None:
            Command(lambda api: api.delete_department(department.id, department.version), Topic.USERS).on_done(
                lambda _nothing: self.show_info(tr("已删除部门“{name}”。", name=department.name))
            ).run(self)

        ask(self, tr("删除这个部门"), tr("删除部门“{name}”？", name=department.name), tr("删除"), send)
