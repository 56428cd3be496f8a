"""Choosing the account documents post to for a purpose, for all or for some items and contacts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QComboBox, QLabel, QWidget

from app.contract.contacts import ContactGroup
from app.contract.inventory import ItemCategory
from app.contract.stock import PostingRule, PostingRuleInput
from app.kernel.errors import MalformedInput
from app.kernel.ids import new_request_id
from app.kernel.text import Message, message
from app.ui.language import tr
from app.ui.ledger.account_index import AccountIndex
from app.ui.month_end.asset_fields import AccountEdit
from app.ui.tasks import Topic
from app.ui.widgets.form_dialog import FormDialog


@dataclass(frozen=True)
class RuleChoices:
    """What rules are made of."""

    accounts: AccountIndex
    categories: Sequence[ItemCategory]
    groups: Sequence[ContactGroup]


class PostingRuleDialog(FormDialog):
    """Changes a rule, or (`narrowing`) makes one for some items or contacts below it."""

    saved = pyqtSignal(object)
    """The `PostingRule` as it is now."""
    subject = "_rule"

    def __init__(self, parent: QWidget, choices: RuleChoices, rule: PostingRule, *, narrowing: bool) -> None:
        super().__init__(parent)
        self._rule = rule
        self._choices = choices
        self._narrowing = narrowing
        self._request_id = new_request_id()
        self.purpose, self.used_by = QLabel(rule.purpose_name, self), QLabel(rule.used_by, self)
        self.used_by.setWordWrap(True)
        self.used_by.setObjectName("muted")
        self.category, self.group = QComboBox(self), QComboBox(self)
        self.category.addItem("", None)
        self.group.addItem("", None)
        for category in choices.categories:
            if category.active or category.id == rule.category_id:
                self.category.addItem(category.name, category.id)
        for group in choices.groups:
            if group.active or group.id == rule.contact_group_id:
                self.group.addItem(group.name, group.id)
        self.category.setCurrentIndex(max(self.category.findData(rule.category_id), 0))
        self.group.setCurrentIndex(max(self.group.findData(rule.contact_group_id), 0))
        self.account = AccountEdit(choices.accounts, self)
        self.account.set_code("" if narrowing else rule.account_code)
        self._labels = {"purpose": QLabel(self)}
        self.form.addRow(self._labels["purpose"], self.purpose)
        self.form.addRow("", self.used_by)
        self._labels["category_id"] = self.add_field("category_id", self.category)
        self._labels["contact_group_id"] = self.add_field("contact_group_id", self.group)
        self._labels["account_code"] = self.add_field("account_code", self.account)
        self.category.setEnabled(narrowing and rule.by_category)
        self.group.setEnabled(narrowing and rule.by_group)
        self.retranslate()

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.setWindowTitle(tr("增加细分规则") if self._narrowing else tr("更改科目"))
        self.category.setItemText(0, tr("全部类别"))
        self.group.setItemText(0, tr("全部往来单位"))
        self.account.setPlaceholderText(tr("编码、名称或拼音首字母"))
        texts = {
            "purpose": tr("用途"),
            "category_id": tr("商品类别"),
            "contact_group_id": tr("往来分组"),
            "account_code": tr("科目"),
        }
        for name, text in texts.items():
            self._labels[name].setText(text)

    def again(self, stored: PostingRule) -> PostingRuleDialog:
        """Return the form of a version of the rule."""
        return PostingRuleDialog(self, self._choices, stored, narrowing=self._narrowing and stored.id is None)

    def submit(self) -> None:
        """Send the rule. Raises `MalformedInput` for what the window can see by itself."""
        category, group = self.category.currentData(), self.group.currentData()
        if self._narrowing and category is None and group is None:
            raise _missing("category_id", message("细分规则要选一个商品类别或往来分组。"))
        if not self.account.wire:
            raise _missing("account_code", message("请选择科目。"))
        same = (category, group) == (self._rule.category_id, self._rule.contact_group_id)
        wish = PostingRuleInput(
            purpose=self._rule.purpose,
            category_id=category,
            contact_group_id=group,
            account_code=self.account.wire,
            version=self._rule.version if same else 0,  # below the rule shown there is none yet
            request_id=self._request_id,
        )
        self.send(lambda api: api.set_posting_rule(wish), Topic.STOCK, done=self.saved.emit)


def _missing(field: str, sentence: Message) -> MalformedInput:
    return MalformedInput("field_missing", sentence, fields={field: sentence})
