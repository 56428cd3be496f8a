"""A department: its name, and the one it stands below."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QComboBox, QLineEdit, QWidget

from app.contract.identity import Department, DepartmentChange, DepartmentInput
from app.ui.language import tr
from app.ui.people.department_tree import offer_departments
from app.ui.tasks import Topic
from app.ui.widgets.form_dialog import FormDialog
from app.ui.widgets.limits import limit_to


class DepartmentDialog(FormDialog):
    """A new department, or another name, code or place for one."""

    done_with = pyqtSignal(object)
    """The `Department` as the server has it now."""

    subject = "_department"

    def __init__(
        self,
        parent: QWidget,
        departments: Sequence[Department],
        department: Department | None,
        *,
        above: int | None = None,
    ) -> None:
        super().__init__(parent)
        self._departments, self._department = departments, department
        self.name, self.code, self.above = QLineEdit(self), QLineEdit(self), QComboBox(self)
        self.above.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._labels = {}
        for name, field in (("name", self.name), ("code", self.code)):
            limit_to(field, DepartmentInput, name)
            self._labels[name] = self.add_field(name, field)
        self._labels["parent_id"] = self.add_field("parent_id", self.above)
        if department is not None:
            self.name.setText(department.name)
            self.code.setText(department.code)
        self._chosen = department.parent_id if department is not None else above
        self.retranslate()

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        department = self._department
        self.setWindowTitle(tr("新部门") if department is None else tr("修改这个部门"))
        for name, text in (("name", tr("名称")), ("code", tr("编码")), ("parent_id", tr("上级部门"))):
            self._labels[name].setText(text)
        self.code.setPlaceholderText(tr("可不填"))
        chosen = self.above.currentData() if self.above.count() else self._chosen
        without = department.id if department is not None else None
        offer_departments(self.above, self._departments, chosen, none=tr("（最上级）"), without=without)

    def again(self, stored: Department) -> DepartmentDialog:
        """Return the form of a version of the department."""
        return DepartmentDialog(self, self._departments, stored)

    def subject_name(self) -> str:
        """Return the department's name."""
        return self._department.name if self._department is not None else super().subject_name()

    def submit(self) -> None:
        """Send what was typed."""
        name, code, above = self.name.text().strip(), self.code.text().strip(), self.above.currentData()
        department = self._department
        if department is None:
            new = DepartmentInput(name=name, code=code, parent_id=above)
            self.save_new(new, lambda api, wish: api.add_department(wish), Topic.USERS, done=self.done_with.emit)
            return
        change = DepartmentChange(name=name, code=code, parent_id=above, version=department.version)
        self.send(lambda api: api.change_department(department.id, change), Topic.USERS, done=self.done_with.emit)
