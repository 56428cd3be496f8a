"""Keeping the groups of contacts: a list, added to, renamed, taken out of use."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QListWidget, QListWidgetItem, QPushButton, QWidget

from app.contract.contacts import ContactGroup, ContactGroupChange, ContactGroupInput, ContactGroupList
from app.kernel.errors import ZhangfangError
from app.ui.language import tr
from app.ui.tasks import Command, Query, Topic
from app.ui.widgets.form_dialog import FormDialog
from app.ui.widgets.limits import limit_to
from app.ui.widgets.pending_save import PendingSave
from app.ui.widgets.stale import change_known

_GROUP = int(Qt.ItemDataRole.UserRole)


class GroupsDialog(FormDialog):
    """The list stays open while one works in it; each step is kept at once."""

    def __init__(self, parent: QWidget, groups: Sequence[ContactGroup]) -> None:
        super().__init__(parent)
        self._groups = list(groups)
        self._pending: PendingSave[ContactGroupInput, ContactGroup] = PendingSave(
            lambda api, new: api.add_contact_group(new),
            lambda api, made, new: api.change_contact_group(
                made.id, ContactGroupChange(name=new.name, version=made.version)
            ),
        )
        self.list = QListWidget(self)
        self.list.setMinimumHeight(self.fontMetrics().height() * 10)
        self.name = QLineEdit(self)
        limit_to(self.name, ContactGroupInput, "name")
        self.add_button, self.rename_button = QPushButton(self), QPushButton(self)
        self.switch_button = QPushButton(self)
        buttons = (self.add_button, self.rename_button, self.switch_button)
        self.form.addRow(self.list)
        self._label = self.add_field("name", self.name)
        row = QHBoxLayout()
        for button in buttons:
            button.setAutoDefault(False)
            row.addWidget(button)
        row.addStretch(1)
        self.form.addRow(QLabel(self), row)
        self.cancel_button.hide()
        self.list.currentRowChanged.connect(lambda _row: self._pending.settled())
        self.list.currentRowChanged.connect(lambda _row: self._show_current())
        self.add_button.clicked.connect(lambda _checked: self._add())
        self.rename_button.clicked.connect(lambda _checked: self._change(ContactGroupChange(name=self.name.text())))
        self.switch_button.clicked.connect(lambda _checked: self._switch())
        self.retranslate()

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.setWindowTitle(tr("往来单位分组"))
        self.ok_button.setText(tr("关闭"))
        self._label.setText(tr("名称"))
        self.add_button.setText(tr("新增"))
        self.rename_button.setText(tr("改名"))
        self._show_list()

    def submit(self) -> None:
        """Everything is kept already."""
        self.accept()

    def current(self) -> ContactGroup | None:
        """Return the group with the cursor."""
        found = self.list.currentItem()
        return found.data(_GROUP) if found is not None else None

    def _show_list(self) -> None:
        chosen = self.current()
        self.list.blockSignals(True)
        self.list.clear()
        for group in self._groups:
            entry = QListWidgetItem(group.name if group.active else tr("{name}　停用", name=group.name))
            entry.setData(_GROUP, group)
            self.list.addItem(entry)
            if chosen is not None and chosen.id == group.id:
                self.list.setCurrentItem(entry)
        self.list.blockSignals(False)
        self._show_current()

    def _show_current(self) -> None:
        group = self.current()
        for button in (self.rename_button, self.switch_button):
            button.setEnabled(group is not None)
        self.switch_button.setText(tr("启用") if group is not None and not group.active else tr("停用"))
        if group is not None:
            self.name.setText(group.name)

    def _add(self) -> None:
        self.message_bar.clear()
        work = self._pending.work(None, ContactGroupInput(name=self.name.text().strip()))
        Command(work, Topic.CONTACTS).on_done(self._added).on_error(self._not_added).run(self)

    def _added(self, _group: ContactGroup) -> None:
        self._pending.settled()
        self._ask()

    def _not_added(self, error: ZhangfangError) -> None:
        self._pending.refused(error)
        self.show_error(error)

    def _switch(self) -> None:
        group = self.current()
        if group is not None:
            self._change(ContactGroupChange(active=not group.active))

    def _change(self, wish: ContactGroupChange) -> None:
        group = self.current()
        if group is None:
            return
        self.message_bar.clear()
        change_known(
            self,
            group,
            wish,
            lambda api, change: api.change_contact_group(group.id, change),
            Topic.CONTACTS,
            what=group.name,
            texts=_texts,
            take=lambda _theirs: self._ask(),
            done=lambda _group: self._ask(),
        )

    def _ask(self) -> None:
        Query(lambda api: api.list_contact_groups()).slot("groups").on_done(self._know).run(self)

    def _know(self, listed: ContactGroupList) -> None:
        self._groups = list(listed.groups)
        self._show_list()


def _texts(group: ContactGroup) -> dict[str, str]:
    return {tr("名称"): group.name, tr("状态"): tr("在用") if group.active else tr("停用")}
