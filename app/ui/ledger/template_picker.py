"""Chooses the template a new voucher is made from."""

from __future__ import annotations

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QLabel, QListWidget, QListWidgetItem, QWidget

from app.contract.voucher_work import Template, TemplateList
from app.ui.language import tr
from app.ui.tasks import Query
from app.ui.widgets.form_dialog import FormDialog


class TemplatePicker(FormDialog):
    """The templates by name; Enter or a double click takes one."""

    chosen = pyqtSignal(object)
    """A `Template`."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.list = QListWidget(self)
        self.list.itemActivated.connect(lambda _item: self.submit())
        self.form.addRow(self.list)
        self.empty = QLabel(self)
        self.empty.setObjectName("muted")
        self.empty.setWordWrap(True)
        self.empty.hide()
        self.form.addRow(self.empty)
        self.ok_button.setEnabled(False)
        self.retranslate()
        Query(lambda api: api.list_templates()).slot("templates").on_done(self._show).on_error(self.show_error).run(
            self
        )

    def _show(self, found: TemplateList) -> None:
        for template in found.templates:
            item = QListWidgetItem(template.name)
            item.setData(Qt.ItemDataRole.UserRole, template)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.list.setFocus()
        self.ok_button.setEnabled(bool(found.templates))
        self.empty.setVisible(not found.templates)

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.setWindowTitle(tr("从模板填制"))
        self.list.setAccessibleName(tr("凭证模板"))
        self.empty.setText(tr("还没有模板。打开一张凭证，在“更多”里选“存为模板…”。"))
        self.ok_button.setText(tr("填制凭证"))

    def submit(self) -> None:
        """Take the template with the cursor."""
        item = self.list.currentItem()
        template = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        if isinstance(template, Template):
            self.accept()
            self.chosen.emit(template)
