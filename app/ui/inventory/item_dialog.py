"""The form of an item."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QCheckBox, QComboBox, QFormLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from app.contract.inventory import Item, ItemCategory, ItemChange, ItemInput
from app.contract.together import EditedObject
from app.ui.inventory.unit_table import UnitTable
from app.ui.inventory.words import COSTINGS, KINDS, category_path, costing_name, kind_name
from app.ui.language import tr
from app.ui.tasks import Topic
from app.ui.widgets.form_dialog import FormDialog
from app.ui.widgets.limits import limit_length, limit_to

LONGEST_AMOUNT = 40
_TEXTS = ("code", "name", "specification", "barcode", "unit", "note")
_NUMBERS = ("tax_rate", "sales_price", "purchase_price", "reorder_level")


class ItemDialog(FormDialog):
    """A new item, or what may change on one."""

    done_with = pyqtSignal(object)
    """The `Item` as the server has it now."""
    subject = "_item"
    fixed_once_made = ("kind",)

    def __init__(self, parent: QWidget, categories: Sequence[ItemCategory], item: Item | None) -> None:
        super().__init__(parent)
        self._item = item
        self._all_categories = categories
        self._labels: dict[str, QLabel] = {}
        kept = item.category_id if item is not None else None
        self._categories = [found for found in categories if found.active or found.id == kept]
        self.texts = {name: QLineEdit(self) for name in (*_TEXTS, *_NUMBERS)}
        for name in _TEXTS:
            limit_to(self.texts[name], ItemInput, name)
        for name in _NUMBERS:
            limit_length(self.texts[name], LONGEST_AMOUNT)
            self.texts[name].setAlignment(Qt.Alignment(Qt.AlignmentFlag.AlignRight))
        self.kind, self.category, self.costing = QComboBox(self), QComboBox(self), QComboBox(self)
        self.kind.addItems([""] * len(KINDS))
        self.costing.addItems([""] * len(COSTINGS))
        self.category.addItem("", None)
        for found in self._categories:
            self.category.addItem(category_path(found, categories), found.id)
        self.tracks_lots, self.tracks_expiry = QCheckBox(self), QCheckBox(self)
        self.active = QCheckBox(self)
        self.active.setChecked(True)
        self.units = UnitTable(item.units if item is not None else [], self)
        self.hint = QLabel(self)
        self.hint.setObjectName("muted")
        self.hint.setWordWrap(True)
        self._lay_out()
        if item is not None:
            self._fill(item)
            self.begin_editing(EditedObject(kind="item", id=item.id, label=f"{item.code} {item.name}"[:60]))
        self.kind.currentIndexChanged.connect(lambda _place: self._follow_kind())
        self.tracks_lots.toggled.connect(lambda _on: self._follow_kind())
        self._follow_kind()
        self.retranslate()

    def _lay_out(self) -> None:
        left, right = QFormLayout(), QFormLayout()
        for form in (left, right):
            form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
            form.setLabelAlignment(Qt.Alignment(Qt.AlignmentFlag.AlignRight))
        for name in ("code", "name", "specification"):
            self._add(left, name, self.texts[name])
        self._add(left, "kind", self.kind)
        self._add(left, "category_id", self.category)
        for name in ("unit", "barcode", "tax_rate"):
            self._add(left, name, self.texts[name])
        for name in ("sales_price", "purchase_price", "reorder_level"):
            self._add(right, name, self.texts[name])
        self._add(right, "costing", self.costing)
        lots = QWidget(self)
        row = QHBoxLayout(lots)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.tracks_lots)
        row.addWidget(self.tracks_expiry)
        row.addStretch(1)
        self._add(right, "tracks_lots", lots)
        self._add(right, "note", self.texts["note"])
        self._add(right, "active", self.active)
        if self._item is None:
            self._labels["active"].hide()
            self.active.hide()
        self._fields["tracks_expiry"] = self.tracks_expiry
        columns = QHBoxLayout()
        columns.setSpacing(self.fontMetrics().height())
        columns.addLayout(left, 1)
        columns.addLayout(right, 1)
        whole = QWidget(self)
        rows = QVBoxLayout(whole)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addLayout(columns)
        self._labels["units"] = QLabel(self)
        self._labels["units"].setBuddy(self.units)
        self._fields["units"] = self.units
        rows.addWidget(self._labels["units"])
        rows.addWidget(self.units, 1)
        rows.addWidget(self.hint)
        self.form.addRow(whole)
        self.resize(self.fontMetrics().averageCharWidth() * 120, self.fontMetrics().height() * 34)

    def _add(self, form: QFormLayout, name: str, field: QWidget) -> None:
        label = QLabel(self)
        label.setBuddy(field)
        self._labels[name] = label
        self._fields[name] = field
        form.addRow(label, field)

    def _fill(self, item: Item) -> None:
        for name, edit in self.texts.items():
            edit.setText(str(getattr(item, name)))
        self._show_kind(item)
        self.costing.setCurrentIndex(COSTINGS.index(item.costing))
        self.category.setCurrentIndex(max(self.category.findData(item.category_id), 0))
        self.tracks_lots.setChecked(item.tracks_lots)
        self.tracks_expiry.setChecked(item.tracks_expiry)
        self.active.setChecked(item.active)

    def _show_kind(self, item: Item) -> None:
        """Show what it is, which stays so for ever."""
        self.kind.setCurrentIndex(KINDS.index(item.kind))
        self.kind.setEnabled(False)

    def take_up(self, made: Item, sent: ItemInput) -> None:
        """Go on as the form of an item that was made after all."""
        self._show_kind(made)
        super().take_up(made, sent)

    def _follow_kind(self) -> None:
        """Show what a service does not have as not to be typed."""
        goods = KINDS[self.kind.currentIndex()] == "goods"
        for field in (self.costing, self.tracks_lots, self.texts["reorder_level"]):
            field.setEnabled(goods)
        self.tracks_expiry.setEnabled(goods and self.tracks_lots.isChecked())
        if not goods:
            self.tracks_lots.setChecked(False)
        if not self.tracks_lots.isChecked():
            self.tracks_expiry.setChecked(False)

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.setWindowTitle(tr("修改商品资料") if self._item is not None else tr("新增商品资料"))
        for place, kind in enumerate(KINDS):
            self.kind.setItemText(place, kind_name(kind))
        for place, costing in enumerate(COSTINGS):
            self.costing.setItemText(place, costing_name(costing))
        self.category.setItemText(0, tr("（不分类）"))
        names = {
            "code": tr("编码"),
            "name": tr("名称"),
            "specification": tr("规格型号"),
            "kind": tr("性质"),
            "category_id": tr("类别"),
            "unit": tr("基本单位"),
            "barcode": tr("条码"),
            "tax_rate": tr("税率 %"),
            "sales_price": tr("销售价（含税）"),
            "purchase_price": tr("采购价（含税）"),
            "reorder_level": tr("再订货点"),
            "costing": tr("发出计价"),
            "tracks_lots": tr("批次"),
            "note": tr("备注"),
            "active": tr("状态"),
            "units": tr("其他单位"),
        }
        for name, text in names.items():
            self._labels[name].setText(text)
        self.texts["code"].setPlaceholderText(tr("留空自动编号"))
        self.texts["unit"].setPlaceholderText(tr("库存按它计数，如 个、千克"))
        self.texts["tax_rate"].setPlaceholderText(tr("留空用账簿通常的税率"))
        self.tracks_lots.setText(tr("按批次管理"))
        self.tracks_expiry.setText(tr("登记有效期"))
        self.active.setText(tr("在用"))
        self.hint.setText(
            tr("一箱 24 瓶：单位填“箱”，折合填 24。有过出入库后，基本单位和批次管理不能再改；改发出计价从此以后适用。")
        )
        self.units.retranslate()

    def values(self) -> dict[str, Any]:
        """Return what was typed, under the names of `ItemInput`."""
        return {
            **{name: edit.text().strip() for name, edit in self.texts.items()},
            "category_id": self.category.currentData(),
            "costing": COSTINGS[self.costing.currentIndex()],
            "tracks_lots": self.tracks_lots.isChecked(),
            "tracks_expiry": self.tracks_expiry.isChecked(),
            "units": self.units.units(),
        }

    def again(self, stored: Item) -> ItemDialog:
        """Return the form of a version of the item."""
        return ItemDialog(self, self._all_categories, stored)

    def submit(self) -> None:
        """Send the item."""
        item, values = self._item, self.values()
        if item is None:
            kind = KINDS[self.kind.currentIndex()]
            new = ItemInput(**values, kind=kind)
            self.save_new(new, lambda api, wish: api.add_item(wish), Topic.ITEMS, done=self.done_with.emit)
            return
        change = ItemChange(**values, active=self.active.isChecked(), version=item.version)
        self.send(lambda api: api.change_item(item.id, change), Topic.ITEMS, done=self.done_with.emit)
