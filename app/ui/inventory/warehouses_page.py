"""仓库: where stock lies; one of them is meant where none is named."""

from __future__ import annotations

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtGui import QKeySequence
from PyQt5.QtWidgets import QLabel, QLineEdit, QPushButton, QShortcut, QWidget

from app.client.api import ApiClient
from app.contract.inventory import Warehouse, WarehouseChange, WarehouseInput
from app.ui.language import tr
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.page import Page, PageContext
from app.ui.tasks import Change, Topic
from app.ui.widgets.form_dialog import FormDialog
from app.ui.widgets.limits import limit_to
from app.ui.widgets.paged_table import Column, FetchedPage, Kind, PagedTable, PagedTableModel
from app.ui.widgets.stale import change_known

RIGHT_TO_EDIT = "inventory:warehouse:edit"


class WarehousesPage(Page):
    """All warehouses, the usual one first."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.add_button, self.open_button = QPushButton(self), QPushButton(self)
        self.usual_button, self.switch_button = QPushButton(self), QPushButton(self)
        self.add_button.setProperty("primary", True)
        self.model: PagedTableModel[Warehouse] = PagedTableModel(_columns(), self)
        self.table = PagedTable(self.model, self)
        self.hint = QLabel(self)
        self.hint.setObjectName("muted")
        self.hint.setWordWrap(True)
        bar = FlowLayout()
        for button in (self.add_button, self.open_button, self.usual_button, self.switch_button):
            button.setVisible(context.may(RIGHT_TO_EDIT))
            bar.addWidget(button)
        self.body.addLayout(bar)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.hint)
        self.add_button.clicked.connect(lambda _checked: self._show_dialog(None))
        self.open_button.clicked.connect(lambda _checked: self._open(self.current()))
        self.usual_button.clicked.connect(lambda _checked: self._change(is_usual=True))
        self.switch_button.clicked.connect(lambda _checked: self._switch())
        self.table.opened.connect(self._open)
        self.model.loaded.connect(self._show_state)
        self.model.failed.connect(self.show_error)
        selection = self.table.selectionModel()
        if selection is not None:
            selection.currentRowChanged.connect(lambda *_where: self._show_steps())
        shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.New), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(lambda: self._show_dialog(None))
        self.retranslate()

    def title(self) -> str:
        """Return the page's name."""
        return tr("仓库资料")

    def first_focus(self) -> QWidget | None:
        """The keyboard starts in the list."""
        return self.table

    def activate(self) -> None:
        """Ask for the warehouses."""

        def fetch(api: ApiClient, _cursor: str, _limit: int) -> FetchedPage[Warehouse]:
            return FetchedPage(api.list_warehouses().warehouses, None)

        self.model.load(fetch)

    def refresh(self, change: Change) -> None:
        """Ask again when warehouses changed."""
        if change.touches(Topic.ITEMS, Topic.BOOK):
            self.model.reload()

    def retranslate(self) -> None:
        """Set every text."""
        self.add_button.setText(tr("新增"))
        self.add_button.setToolTip(tr("新增仓库（Ctrl+N）"))
        self.open_button.setText(tr("修改"))
        self.usual_button.setText(tr("设为默认"))
        self.hint.setText(tr("单据没有指明仓库时用默认仓库。还有库存的仓库不能停用。"))
        self.table.setAccessibleName(self.title())
        self._show_steps()

    def current(self) -> Warehouse | None:
        """Return the warehouse with the cursor."""
        row = self.table.current_row()
        return row if isinstance(row, Warehouse) else None

    def _show_state(self) -> None:
        if self.model.rowCount() and not self.table.currentIndex().isValid():
            self.table.setCurrentIndex(self.model.index(0, 0))
        self._show_steps()

    def _show_steps(self) -> None:
        found = self.current()
        self.open_button.setEnabled(found is not None)
        self.usual_button.setEnabled(found is not None and found.active and not found.is_usual)
        self.switch_button.setEnabled(found is not None and not found.is_usual)
        self.switch_button.setText(tr("启用") if found is not None and not found.active else tr("停用"))

    def _open(self, found: Warehouse | None) -> None:
        if found is not None:
            self._show_dialog(found)

    def _show_dialog(self, found: Warehouse | None) -> None:
        if not self.context.may(RIGHT_TO_EDIT):
            return
        dialog = WarehouseDialog(self, found)
        dialog.done_with.connect(lambda kept: self.show_info(tr("已保存仓库“{name}”。", name=kept.name)))
        dialog.open()

    def _switch(self) -> None:
        found = self.current()
        if found is not None:
            self._change(active=not found.active)

    def _change(self, *, active: bool | None = None, is_usual: bool | None = None) -> None:
        found = self.current()
        if found is None:
            return
        change_known(
            self,
            found,
            WarehouseChange(active=active, is_usual=is_usual),
            lambda api, change: api.change_warehouse(found.id, change),
            Topic.ITEMS,
            what=found.name,
            texts=self.model.texts_of,
            take=lambda _theirs: self.model.reload(),
            done=lambda kept: self.show_info(tr("已保存仓库“{name}”。", name=kept.name)),
        )


class WarehouseDialog(FormDialog):
    """A new warehouse, or what may change on one."""

    done_with = pyqtSignal(object)
    """The `Warehouse` as the server has it now."""

    subject = "_found"

    def __init__(self, parent: QWidget, found: Warehouse | None) -> None:
        super().__init__(parent)
        self._found = found
        self.code, self.name, self.address = QLineEdit(self), QLineEdit(self), QLineEdit(self)
        self._labels = {}
        for name, edit in (("code", self.code), ("name", self.name), ("address", self.address)):
            limit_to(edit, WarehouseInput, name)
            self._labels[name] = self.add_field(name, edit)
        if found is not None:
            self.code.setText(found.code)
            self.name.setText(found.name)
            self.address.setText(found.address)
        self.retranslate()

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.setWindowTitle(tr("修改仓库") if self._found is not None else tr("新增仓库"))
        for name, text in (("code", tr("编码")), ("name", tr("名称")), ("address", tr("地址"))):
            self._labels[name].setText(text)
        self.code.setPlaceholderText(tr("留空自动编号"))

    def again(self, stored: Warehouse) -> WarehouseDialog:
        """Return the form of a version of it."""
        return WarehouseDialog(self, stored)

    def submit(self) -> None:
        """Send the warehouse."""
        found = self._found
        code, name, address = (edit.text().strip() for edit in (self.code, self.name, self.address))
        if found is None:
            new = WarehouseInput(code=code, name=name, address=address)
            self.save_new(new, lambda api, wish: api.add_warehouse(wish), Topic.ITEMS, done=self.done_with.emit)
            return
        change = WarehouseChange(code=code, name=name, address=address, version=found.version)
        self.send(lambda api: api.change_warehouse(found.id, change), Topic.ITEMS, done=self.done_with.emit)


def _columns() -> list[Column[Warehouse]]:
    return [
        Column(lambda: tr("编码"), lambda found: found.code, width_chars=12),
        Column(lambda: tr("名称"), lambda found: found.name, width_chars=24),
        Column(lambda: tr("地址"), lambda found: found.address, width_chars=40, stretch=True),
        Column(lambda: tr("默认"), lambda found: "✓" if found.is_usual else "", Kind.CENTRE, 6),
        Column(lambda: tr("状态"), lambda found: tr("在用") if found.active else tr("停用"), width_chars=6),
    ]
