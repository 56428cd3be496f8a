"""Choosing the contact a duplicate is merged into."""

from __future__ import annotations

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QLabel, QWidget

from app.contract.contacts import Contact, ContactMerge
from app.kernel.errors import MalformedInput
from app.kernel.text import message
from app.ui.contacts.words import roles_text
from app.ui.language import tr
from app.ui.tasks import Topic
from app.ui.widgets.contact_lookup import ContactLookup
from app.ui.widgets.form_dialog import FormDialog


class MergeDialog(FormDialog):
    """Names the duplicate, asks for the survivor, and says what becomes of both."""

    merged = pyqtSignal(object)
    """The survivor as the server has it now."""
    subject = "_duplicate"
    is_act = True

    def __init__(self, parent: QWidget, duplicate: Contact) -> None:
        super().__init__(parent)
        self._duplicate = duplicate
        self.explanation = QLabel(self)
        self.explanation.setWordWrap(True)
        self.explanation.setTextFormat(Qt.TextFormat.PlainText)
        self.form.addRow(self.explanation)
        self.into = ContactLookup(self)
        self._label = self.add_field("into_id", self.into)
        self.chosen = QLabel(self)
        self.chosen.setObjectName("muted")
        self.chosen.setTextFormat(Qt.TextFormat.PlainText)
        self.form.addRow(QLabel(self), self.chosen)
        self.into.chosen.connect(lambda _contact: self._show_chosen())
        self.retranslate()

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.setWindowTitle(tr("合并重复的往来单位"))
        self.ok_button.setText(tr("合并"))
        self._label.setText(tr("合并到"))
        self.into.setPlaceholderText(tr("保留的那一家：名称、编码或拼音首字母"))
        self.explanation.setText(
            tr(
                "把“{name}”合并到另一家：以往的凭证和单据不变，余额、账表和未结的单据从此算在保留的那一家；"
                "保留的那一家没有的资料从这里补上。合并后不能撤销。",
                name=self._duplicate.name,
            )
        )
        self._show_chosen()

    def subject_name(self) -> str:
        """Return what people call the duplicate."""
        return self._duplicate.name

    def subject_texts(self, stored: Contact) -> dict[str, str]:
        """Return what tells one contact from another."""
        return {
            tr("名称"): stored.name,
            tr("编码"): stored.code,
            tr("身份"): roles_text(stored),
            tr("分组"): stored.group,
            tr("税号"): stored.tax_number,
            tr("电话"): stored.phone,
            tr("状态"): tr("在用") if stored.active else tr("停用"),
        }

    def submit(self) -> None:
        """Merge."""
        into = self.into.contact
        if into is None:
            sentence = message("请选择合并到哪一家。")
            raise MalformedInput("fields_wrong", sentence, fields={"into_id": sentence})
        merge = ContactMerge(into_id=into.id, version=self._duplicate.version)
        self.send(
            lambda api: api.merge_contact(self._duplicate.id, merge),
            Topic.CONTACTS,
            Topic.AUXILIARIES,
            Topic.BALANCES,
            done=self.merged.emit,
        )

    def _show_chosen(self) -> None:
        into = self.into.contact
        parts = [] if into is None else [into.code, roles_text(into), into.group, into.tax_number, into.phone]
        self.chosen.setText("　".join(part for part in parts if part))
