"""Keeping the categories of items: a list, added to, renamed, taken out of use."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QWidget,
)

from app.contract.inventory import ItemCategory, ItemCategoryChange, ItemCategoryInput, ItemCategoryList
from app.kernel.errors import ZhangfangError
from app.ui.inventory.words import category_path
from app.ui.language import tr
from app.ui.tasks import Command, Query, Topic
from app.ui.widgets.form_dialog import FormDialog
from app.ui.widgets.limits import limit_to
from app.ui.widgets.pending_save import PendingSave
from app.ui.widgets.stale import change_known

_ROLE = int(Qt.ItemDataRole.UserRole)


class CategoriesDialog(FormDialog):
    """The list stays open while one works in it; each step is kept at once."""

    def __init__(self, parent: QWidget, categories: Sequence[ItemCategory]) -> None:
        super().__init__(parent)
        self._categories = list(categories)
        self._pending: PendingSave[ItemCategoryInput, ItemCategory] = PendingSave(
            lambda api, new: api.add_item_category(new),
            lambda api, made, new: api.change_item_category(
                made.id, ItemCategoryChange(name=new.name, version=made.version)
            ),
            fixed=("parent_id",),
        )
        self.list = QListWidget(self)
        self.list.setMinimumHeight(self.fontMetrics().height() * 12)
        self.name = QLineEdit(self)
        limit_to(self.name, ItemCategoryInput, "name")
        self.above = QComboBox(self)
        self.add_button, self.rename_button, self.switch_button = (
            QPushButton(self),
            QPushButton(self),
            QPushButton(self),
        )
        for button in (self.add_button, self.rename_button, self.switch_button):
            button.setAutoDefault(False)
        self.form.addRow(self.list)
        self._name_label = self.add_field("name", self.name)
        self._above_label = self.add_field("parent_id", self.above)
        row = QHBoxLayout()
        for button in (self.add_button, self.rename_button, self.switch_button):
            row.addWidget(button)
        row.addStretch(1)
        self.form.addRow(QLabel(self), row)
        self.cancel_button.hide()
        self.list.currentRowChanged.connect(lambda _row: self._pending.settled())
        self.list.currentRowChanged.connect(lambda _row: self._show_current())
        self.add_button.clicked.connect(lambda _checked: self._add())
        self.rename_button.clicked.connect(lambda _checked: self._change(rename=True))
        self.switch_button.clicked.connect(lambda _checked: self._change(rename=False))
        self.retranslate()

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.setWindowTitle(tr("商品类别"))
        self.ok_button.setText(tr("关闭"))
        self._name_label.setText(tr("名称"))
        self._above_label.setText(tr("上级类别"))
        self.add_button.setText(tr("新增"))
        self.rename_button.setText(tr("改名"))
        self._show_list()

    def submit(self) -> None:
        """Everything is kept already."""
        self.accept()

    def current(self) -> ItemCategory | None:
        """Return the category with the cursor."""
        found = self.list.currentItem()
        return found.data(_ROLE) if found is not None else None

    def _show_list(self) -> None:
        chosen = self.current()
        self.list.blockSignals(True)
        self.list.clear()
        self.above.clear()
        self.above.addItem(tr("（无）"), None)
        for category in sorted(self._categories, key=lambda found: category_path(found, self._categories)):
            path = category_path(category, self._categories)
            text = tr("{name}（{count} 种商品）", name=path, count=category.items)
            entry = QListWidgetItem(text if category.active else tr("{name}　停用", name=text))
            entry.setData(_ROLE, category)
            self.list.addItem(entry)
            if category.active:
                self.above.addItem(path, category.id)
            if chosen is not None and chosen.id == category.id:
                self.list.setCurrentItem(entry)
        self.list.blockSignals(False)
        self._show_current()

    def _show_current(self) -> None:
        category = self.current()
        for button in (self.rename_button, self.switch_button):
            button.setEnabled(category is not None)
        self.switch_button.setText(tr("启用") if category is not None and not category.active else tr("停用"))
        if category is not None:
            self.name.setText(category.name)
            self.above.setCurrentIndex(max(self.above.findData(category.parent_id), 0))

    def _add(self) -> None:
        self.message_bar.clear()
        new = ItemCategoryInput(name=self.name.text().strip(), parent_id=self.above.currentData())
        Command(self._pending.work(None, new), Topic.ITEMS).on_done(self._added).on_error(self._not_added).run(self)

    def _added(self, _category: ItemCategory) -> None:
        self._pending.settled()
        self._ask()

    def _not_added(self, error: ZhangfangError) -> None:
        self._pending.refused(error)
        self.show_error(error)
        if self._pending.made is not None:  # the list shows what was made after all
            self._pending.settled()
            self._ask()

    def _change(self, *, rename: bool) -> None:
        category = self.current()
        if category is None:
            return
        name, active = self.name.text().strip(), not category.active
        self.message_bar.clear()
        change_known(
            self,
            category,
            ItemCategoryChange(name=name) if rename else ItemCategoryChange(active=active),
            lambda api, change: api.change_item_category(category.id, change),
            Topic.ITEMS,
            what=category.name,
            texts=self._texts,
            take=lambda _theirs: self._ask(),
            done=lambda _category: self._ask(),
        )

    def _texts(self, category: ItemCategory) -> dict[str, str]:
        return {
            tr("名称"): category_path(category, self._categories),
            tr("状态"): tr("在用") if category.active else tr("停用"),
        }

    def _ask(self) -> None:
        Query(lambda api: api.list_item_categories()).slot("categories").on_done(self._know).run(self)

    def _know(self, listed: ItemCategoryList) -> None:
        self._categories = list(listed.categories)
        self._show_list()
