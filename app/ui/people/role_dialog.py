"""A role: its name, what it is for, and the tree of its rights."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtGui import QKeyEvent
from PyQt5.QtWidgets import QHeaderView, QLabel, QLineEdit, QTreeView, QVBoxLayout, QWidget

from app.contract.identity import PermissionInfo, Role, RoleChange, RoleInput
from app.ui.language import tr
from app.ui.people.role_names import role_purpose, role_title
from app.ui.people.role_rights import NAME, NOTE, RightsModel
from app.ui.presence.others import joined
from app.ui.tasks import Topic
from app.ui.widgets.form_dialog import FormDialog
from app.ui.widgets.form_texts import field_texts
from app.ui.widgets.limits import limit_to, longest


class RoleDialog(FormDialog):
    """A new role, one like another, or what may change on one; without the rights for that, to look at."""

    done_with = pyqtSignal(object)
    """The `Role` as the server has it now."""

    subject = "_role"

    def __init__(
        self,
        parent: QWidget,
        rights: Sequence[PermissionInfo],
        may: Callable[[str], bool],
        role: Role | None,
        *,
        like: Role | None = None,
    ) -> None:
        super().__init__(parent)
        self._role, self._rights, self._may = role, rights, may
        self.name, self.description, self.search = QLineEdit(self), QLineEdit(self), _SearchField(self)
        limit_to(self.name, RoleInput, "name")
        limit_to(self.description, RoleInput, "description")
        self.model = RightsModel(rights, may, self)
        self.tree = QTreeView(self)
        self.count, self.advice = QLabel(self), QLabel(self)
        source = role or like
        held = source.permissions if source is not None else []
        self._beyond = [code for code in held if not may(code)]
        self.is_fixed = role is not None and (bool(self._beyond) or not may("identity:role:edit"))
        self._lay_out()
        if source is not None:
            self.name.setText(role_title(source) if like is None else _name_of_copy(role_title(source)))
            self.description.setText(role_purpose(source))
            self.description.home(False)
            self.model.choose(code for code in held if role is not None or code not in self._beyond)
        self.model.is_fixed = self.is_fixed
        for field in (self.name, self.description):
            field.setReadOnly(self.is_fixed)
        self.ok_button.setVisible(not self.is_fixed)
        self.search.textChanged.connect(self._find)
        self.search.left.connect(self._go_to_tree)
        self.model.chosen_changed.connect(self._show_count)
        self.retranslate()
        self._unfold()

    def _lay_out(self) -> None:
        holder = QWidget(self)
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        for widget in (self.search, self.tree, self.count):
            column.addWidget(widget)
        self.search.setClearButtonEnabled(True)
        self.tree.setModel(self.model)
        self.tree.setUniformRowHeights(True)
        self.tree.setAlternatingRowColors(True)
        self.tree.setAllColumnsShowFocus(True)
        header = self.tree.header()
        if header is not None:
            header.setStretchLastSection(False)
            header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
            header.setSectionResizeMode(NOTE, QHeaderView.ResizeMode.ResizeToContents)
        self.count.setObjectName("muted")
        for label in (self.count, self.advice):
            label.setWordWrap(True)
        self._labels = {
            "name": self.add_field("name", self.name),
            "description": self.add_field("description", self.description),
            "permissions": self.add_field("permissions", holder),
        }
        holder.setFocusProxy(self.tree)
        self.form.addRow(self.advice)
        parent, em = self.parentWidget(), self.fontMetrics().height()
        window = parent.window() if parent is not None else None
        highest = window.height() - em * 2 if window is not None else em * 34
        self.resize(em * 42, max(min(em * 34, highest), em * 18))

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        if self.is_fixed:
            self.setWindowTitle(tr("角色的权限"))
            self.cancel_button.setText(tr("关闭"))
        else:
            self.setWindowTitle(tr("新角色") if self._role is None else tr("修改角色"))
        for name, text in (("name", tr("名称")), ("description", tr("用途")), ("permissions", tr("权限"))):
            self._labels[name].setText(text)
        self.search.setPlaceholderText(tr("查找权限，如“凭证”“审核”"))
        self.tree.setAccessibleName(tr("权限"))
        self.advice.setText(self._advice())
        self.advice.setVisible(bool(self.advice.text()))
        self._show_count()

    def _advice(self) -> str:
        """Say why something cannot be done here; nothing where all can."""
        if self._beyond and self._role is not None:
            return tr("这个角色有您没有的权限，只有也有这些权限的人能修改它。")
        if self._beyond:
            return tr("有 {count} 项权限您自己没有，没有复制过来。", count=len(self._beyond))
        if self.is_fixed:
            return tr("您只能查看角色，不能修改。")
        return ""

    def _show_count(self) -> None:
        chosen = self.model.chosen
        sentences = [tr("已选 {count} 项，共 {total} 项。", count=len(chosen), total=len(self._rights))]
        apart = [right.name for right in self._rights if right.keep_apart and right.code in chosen]
        if len(apart) > 1:
            sentences.append(tr("几个人做账时宜分给不同的人：{rights}。", rights=joined(apart)))
        self.count.setText(" ".join(sentences))

    # --- looking for rights ------------------------------------------------------------------------------------------

    def _find(self, text: str) -> None:
        self.model.find(text)
        if text.strip():
            self.tree.expandAll()
        else:
            self._unfold()

    def _unfold(self) -> None:
        """Show the things of every slice that is chosen in part, and of none else: what there is to look at."""
        for index in self.model.walk():
            if index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.PartiallyChecked:
                self.tree.expand(index)

    def _go_to_tree(self) -> None:
        first = self.model.index(0, NAME)
        if not self.tree.currentIndex().isValid() and first.isValid():
            self.tree.setCurrentIndex(first)
        self.tree.setFocus(Qt.FocusReason.TabFocusReason)

    # --- keeping -----------------------------------------------------------------------------------------------------

    def has_changes(self) -> bool:
        """Tell whether something would be lost if this went away."""
        role = self._role
        if self.is_fixed:
            return False
        return role is None or self._change(role) != RoleChange(version=role.version)

    def again(self, stored: Role) -> RoleDialog:
        """Return the form of a version of the role."""
        return RoleDialog(self, self._rights, self._may, stored)

    def subject_name(self) -> str:
        """Return the role's name."""
        return role_title(self._role) if self._role is not None else super().subject_name()

    def field_texts(self) -> dict[str, str]:
        """Return name and purpose, and for each right whether it is in the role."""
        texts = field_texts(self, {"name": self.name, "description": self.description})
        chosen = self.model.chosen
        return texts | {right.name: tr("是") if right.code in chosen else tr("否") for right in self._rights}

    def submit(self) -> None:
        """Send the new role, or what is other than before."""
        role = self._role
        if role is None:
            new = RoleInput(
                name=self.name.text().strip(),
                description=self.description.text().strip(),
                permissions=sorted(self.model.chosen),
            )
            self.save_new(new, lambda api, wish: api.add_role(wish), Topic.USERS, done=self.done_with.emit)
            return
        if not self.has_changes():
            self.accept()
            return
        change = self._change(role)
        self.send(lambda api: api.change_role(role.id, change), Topic.USERS, done=self.done_with.emit)

    def _change(self, role: Role) -> RoleChange:
        """Return what is other than before; rights not touched are left out, so that nobody's window starts anew."""
        name, description, chosen = self.name.text().strip(), self.description.text().strip(), self.model.chosen
        return RoleChange(
            name=name if name != role_title(role) else None,
            description=description if description != role_purpose(role) else None,
            permissions=sorted(chosen) if chosen != set(role.permissions) else None,
            version=role.version,
        )


class _SearchField(QLineEdit):
    """Enter and Down go on to what was found; Enter does not end the dialog here."""

    left = pyqtSignal()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Leave for the tree."""
        if event is not None and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down}:
            self.left.emit()
            return
        super().keyPressEvent(event)


def _name_of_copy(name: str) -> str:
    """Return the name of a copy, no longer than the server takes."""
    over = len(tr("{name}（副本）", name=name)) - longest(RoleInput, "name")
    return tr("{name}（副本）", name=name[: len(name) - max(over, 0)])
