"""The form of a contact."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QCheckBox, QComboBox, QFormLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from app.contract.contacts import Contact, ContactChange, ContactGroup, ContactInput
from app.contract.inventory import PriceList
from app.contract.together import EditedObject
from app.kernel.errors import MalformedInput
from app.kernel.text import clean_number_text, message
from app.ui.contacts.words import ROLES
from app.ui.language import tr
from app.ui.tasks import Topic
from app.ui.widgets.contact_lookup import role_name
from app.ui.widgets.form_dialog import FormDialog
from app.ui.widgets.limits import limit_length, limit_to

_TEXTS = ("name", "code", "tax_number", "phone", "email", "address", "bank_name", "bank_account", "note")
_LEFT = ("tax_number", "phone", "email", "address")
_RIGHT = ("bank_name", "bank_account")
_NUMBERS = {"terms_days": 6, "credit_limit": 40}


class ContactDialog(FormDialog):
    """A new contact, or what may change on one."""

    done_with = pyqtSignal(object)
    """The `Contact` as the server has it now."""
    subject = "_contact"

    def __init__(
        self,
        parent: QWidget,
        contact: Contact | None,
        *,
        groups: Sequence[ContactGroup] = (),
        price_lists: Sequence[PriceList] = (),
    ) -> None:
        super().__init__(parent)
        self._contact = contact
        self._choices = (groups, price_lists)
        self._labels: dict[str, QLabel] = {}
        self.texts = {name: QLineEdit(self) for name in (*_TEXTS, *_NUMBERS)}
        for name in _TEXTS:
            limit_to(self.texts[name], ContactInput, name)
        for name, length in _NUMBERS.items():
            limit_length(self.texts[name], length)
            self.texts[name].setAlignment(Qt.Alignment(Qt.AlignmentFlag.AlignRight))
        self.roles = {role: QCheckBox(self) for role in ROLES}
        self.group, self.price_list = QComboBox(self), QComboBox(self)
        _offer(self.group, groups, contact.group_id if contact is not None else None)
        _offer(self.price_list, price_lists, contact.price_list_id if contact is not None else None)
        self.active = QCheckBox(self)
        self.active.setChecked(True)
        self.hint = QLabel(self)
        self.hint.setObjectName("muted")
        self.hint.setWordWrap(True)
        self._lay_out()
        if contact is None:
            self.roles["customer"].setChecked(True)
            self._labels["active"].hide()
            self.active.hide()
        else:
            self._fill(contact)
            self.begin_editing(EditedObject(kind="contact", id=contact.id, label=contact.name[:60]))
        if self.price_list.count() == 1:
            self._labels["price_list_id"].hide()
            self.price_list.hide()
        self.retranslate()

    def _lay_out(self) -> None:
        left, right = QFormLayout(), QFormLayout()
        for form in (left, right):
            form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
            form.setLabelAlignment(Qt.Alignment(Qt.AlignmentFlag.AlignRight))
        self._add(left, "name", self.texts["name"])
        roles = QWidget(self)
        row = QHBoxLayout(roles)
        row.setContentsMargins(0, 0, 0, 0)
        for box in self.roles.values():
            row.addWidget(box)
        row.addStretch(1)
        roles.setMinimumHeight(self.texts["name"].sizeHint().height())  # both columns stand in line
        roles.setFocusProxy(self.roles["customer"])
        self._add(left, "roles", roles)
        for name in _LEFT:
            self._add(left, name, self.texts[name])
        self._add(right, "code", self.texts["code"])
        self._add(right, "group_id", self.group)
        for name in (*_RIGHT, *_NUMBERS):
            self._add(right, name, self.texts[name])
        self._add(right, "price_list_id", self.price_list)
        columns = QHBoxLayout()
        columns.setSpacing(self.fontMetrics().height())
        columns.addLayout(left, 1)
        columns.addLayout(right, 1)
        below = QFormLayout()
        below.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._add(below, "note", self.texts["note"])
        self._add(below, "active", self.active)
        whole = QWidget(self)
        rows = QVBoxLayout(whole)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addLayout(columns)
        rows.addLayout(below)
        rows.addWidget(self.hint)
        self.form.addRow(whole)
        self.resize(self.fontMetrics().averageCharWidth() * 110, self.sizeHint().height())

    def _add(self, form: QFormLayout, name: str, field: QWidget) -> None:
        label = QLabel(self)
        label.setBuddy(field)
        self._labels[name] = label
        self._fields[name] = field
        form.addRow(label, field)

    def _fill(self, contact: Contact) -> None:
        for name in (*_TEXTS, "credit_limit"):
            self.texts[name].setText(str(getattr(contact, name)))
            self.texts[name].home(False)
        self.texts["terms_days"].setText("" if contact.terms_days is None else str(contact.terms_days))
        for role, box in self.roles.items():
            box.setChecked(role in contact.roles)
        self.active.setChecked(contact.active)

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.setWindowTitle(tr("新增往来单位资料") if self._contact is None else tr("修改往来单位资料"))
        names = {
            "name": tr("名称"),
            "code": tr("编码"),
            "roles": tr("身份"),
            "group_id": tr("分组"),
            "tax_number": tr("税号"),
            "phone": tr("电话"),
            "email": tr("电子邮箱"),
            "address": tr("地址"),
            "bank_name": tr("开户银行"),
            "bank_account": tr("银行账号"),
            "terms_days": tr("账期（天）"),
            "credit_limit": tr("信用额度"),
            "price_list_id": tr("价格表"),
            "note": tr("备注"),
            "active": tr("状态"),
        }
        for name, text in names.items():
            self._labels[name].setText(text)
        for role, box in self.roles.items():
            box.setText(role_name(role))
        self.group.setItemText(0, tr("（不分组）"))
        self.price_list.setItemText(0, tr("（通常的价格）"))
        self.active.setText(tr("在用"))
        self.texts["tax_number"].setPlaceholderText(tr("18 位统一社会信用代码"))
        self.texts["terms_days"].setPlaceholderText(tr("开票后多少天到期"))
        self.texts["credit_limit"].setPlaceholderText(tr("留空为不限"))
        hints = [tr("名称就是账上辅助核算的名称：改名后，以往凭证和账表也显示新名称。")]
        if self._contact is not None and self._contact.tax_number_doubtful:
            hints.insert(0, tr("税号的校验码不符，请核对。"))
        self.hint.setText("\n".join(hints))

    def values(self) -> dict[str, Any]:
        """Return what was typed, under the names of `ContactInput`. Raises `MalformedInput`."""
        days = clean_number_text(self.texts["terms_days"].text())
        if days and not (days.isascii() and days.isdigit()):
            sentence = message("账期“{text}”不是天数。", text=days)
            raise MalformedInput("fields_wrong", sentence, fields={"terms_days": sentence})
        return {
            **{name: self.texts[name].text().strip() for name in (*_TEXTS, "credit_limit")},
            "terms_days": int(days) if days else None,
            "roles": [role for role, box in self.roles.items() if box.isChecked()],
            "group_id": self.group.currentData(),
            "price_list_id": self.price_list.currentData(),
        }

    def again(self, stored: Contact) -> ContactDialog:
        """Return the form of a version of the contact."""
        groups, price_lists = self._choices
        return ContactDialog(self, stored, groups=groups, price_lists=price_lists)

    def submit(self) -> None:
        """Send the contact."""
        contact, values = self._contact, self.values()
        topics = (Topic.CONTACTS, Topic.AUXILIARIES)
        if contact is None:
            new = ContactInput(**values)
            self.save_new(new, lambda api, wish: api.add_contact(wish), *topics, done=self.done_with.emit)
            return
        change = ContactChange(**values, active=self.active.isChecked(), version=contact.version)
        self.send(lambda api: api.change_contact(contact.id, change), *topics, done=self.done_with.emit)


def _offer(field: QComboBox, choices: Sequence[ContactGroup] | Sequence[PriceList], kept: int | None) -> None:
    """Offer what is in use, and what the contact has already."""
    field.addItem("", None)
    for choice in choices:
        if choice.active or choice.id == kept:
            field.addItem(choice.name, choice.id)
    if kept is not None and field.findData(kept) < 0:  # one that may not be seen stays as it is
        field.addItem(f"#{kept}", kept)
    field.setCurrentIndex(max(field.findData(kept), 0))
