"""The form of an account: a new one below or beside another, or what may change on one."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QCheckBox, QComboBox, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QWidget

from app.contract.ledger import Account, AccountChange, AccountInput, AuxiliaryKind, AuxiliaryUse, Currency
from app.contract.together import EditedObject
from app.ui.language import tr
from app.ui.ledger.words import category_name, is_english
from app.ui.tasks import Topic
from app.ui.widgets.form_dialog import FormDialog
from app.ui.widgets.limits import limit_to

NOT_USED, OFFERED, DEMANDED = range(3)
COMPANY_CATEGORIES = ("资产", "负债", "共同", "所有者权益", "成本", "损益")
HOUSEHOLD_CATEGORIES = ("资产", "负债", "净资产", "收入", "支出")
_CHANGED = (Topic.ACCOUNTS, Topic.AUXILIARIES)


class AuxiliaryUses(QWidget):
    """For each dimension whether an account does not use it, offers it or demands it; a dimension may be added."""

    def __init__(self, kinds: Sequence[AuxiliaryKind], uses: Sequence[AuxiliaryUse], parent: QWidget) -> None:
        super().__init__(parent)
        self.boxes: dict[str, QComboBox] = {}
        self.own = QLineEdit(self)
        limit_to(self.own, AuxiliaryUse, "kind")
        self._english_names = {kind.name: kind.name_en for kind in kinds}
        self._labels: dict[str, QLabel] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        used = {use.kind: DEMANDED if use.demanded else OFFERED for use in uses}
        for place, kind in enumerate(dict.fromkeys([*(kind.name for kind in kinds), *used])):
            box = QComboBox(self)
            box.addItems(["", "", ""])
            box.setCurrentIndex(used.get(kind, NOT_USED))
            self.boxes[kind] = box
            self._labels[kind] = QLabel(self)
            self._labels[kind].setBuddy(box)
            self._grid.addWidget(self._labels[kind], place // 2, place % 2 * 2)
            self._grid.addWidget(box, place // 2, place % 2 * 2 + 1)
        self._grid.addWidget(self.own, self._grid.rowCount(), 0, 1, 4)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnStretch(3, 1)
        self.retranslate()

    def uses(self) -> list[AuxiliaryUse]:
        """Return what was chosen; a dimension typed in is demanded."""
        chosen = [
            AuxiliaryUse(kind=kind, demanded=box.currentIndex() == DEMANDED)
            for kind, box in self.boxes.items()
            if box.currentIndex() != NOT_USED
        ]
        own = self.own.text().strip()
        return [*chosen, AuxiliaryUse(kind=own)] if own and own not in self.boxes else chosen

    def retranslate(self) -> None:
        """Set every text."""
        for kind, label in self._labels.items():
            label.setText((self._english_names.get(kind) or kind) if is_english() else kind)
        for box in self.boxes.values():
            for place, text in enumerate((tr("不用"), tr("可填"), tr("必填"))):
                box.setItemText(place, text)
        self.own.setPlaceholderText(tr("另加一种辅助核算，如 车辆"))


class _AccountDialog(FormDialog):
    """What both forms share."""

    done_with = pyqtSignal(object)
    """The `Account` as the server has it now."""

    def __init__(self, parent: QWidget, kinds: Sequence[AuxiliaryKind], account: Account | None) -> None:
        super().__init__(parent)
        self.name_zh = QLineEdit(account.name_zh if account else "", self)
        self.name_en = QLineEdit(account.name_en if account else "", self)
        self.has_quantity = QCheckBox(self)
        self.has_quantity.setChecked(bool(account and account.has_quantity))
        self.unit = QLineEdit(account.unit if account else "", self)
        self.is_cash = QCheckBox(self)
        self.is_cash.setChecked(bool(account and account.is_cash))
        self.auxiliaries = AuxiliaryUses(kinds, account.auxiliaries if account else [], self)
        for field, name in ((self.name_zh, "name_zh"), (self.name_en, "name_en"), (self.unit, "unit")):
            limit_to(field, AccountInput, name)
        self._labels: dict[str, QLabel] = {}

    def _add_last_fields(self) -> None:
        quantity = QWidget(self)
        row = QHBoxLayout(quantity)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.has_quantity)
        row.addWidget(self.unit, 1)
        self.has_quantity.toggled.connect(self.unit.setEnabled)
        self.unit.setEnabled(self.has_quantity.isChecked())
        self._labels["unit"] = self.add_field("unit", quantity)
        self._labels["is_cash"] = self.add_field("is_cash", self.is_cash)
        self._labels["auxiliaries"] = self.add_field("auxiliaries", self.auxiliaries)

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        names = {
            "code": tr("科目编码"),
            "name_zh": tr("中文名称"),
            "name_en": tr("英文名称"),
            "category": tr("类别"),
            "normal_side": tr("余额方向"),
            "currency": tr("币种"),
            "unit": tr("数量核算"),
            "is_cash": tr("现金流量"),
            "auxiliaries": tr("辅助核算"),
        }
        for name, label in self._labels.items():
            label.setText(names[name])
        self.has_quantity.setText(tr("核算数量，单位"))
        self.is_cash.setText(tr("现金或银行存款科目"))
        self.auxiliaries.retranslate()

    def _send_change(self, account: Account) -> None:
        change = AccountChange(
            version=account.version,
            name_zh=self.name_zh.text().strip(),
            name_en=self.name_en.text().strip(),
            unit=self.unit.text().strip(),
            has_quantity=self.has_quantity.isChecked(),
            is_cash=self.is_cash.isChecked(),
            auxiliaries=self.auxiliaries.uses(),
        )
        self.send(lambda api: api.change_account(account.id, change), *_CHANGED, done=self.done_with.emit)


class NewAccountDialog(_AccountDialog):
    """新增科目: below a parent, or at the first level."""

    subject = "_made"
    fixed_once_made = ("code", "category", "normal_side", "currency")

    def __init__(
        self,
        parent: QWidget,
        above: Account | None,
        code: str,
        kinds: Sequence[AuxiliaryKind],
        currencies: Sequence[Currency],
        *,
        household: bool,
    ) -> None:
        super().__init__(parent, kinds, None)
        self._above = above
        self._made: Account | None = None
        self.code = QLineEdit(code, self)
        limit_to(self.code, AccountInput, "code")
        self.category = QComboBox(self)
        self._categories = HOUSEHOLD_CATEGORIES if household else COMPANY_CATEGORIES
        self.category.addItems([""] * len(self._categories))
        self.normal_side = QComboBox(self)
        self.normal_side.addItems(["", ""])
        self.currency = QComboBox(self)
        self._currencies = [currency.code for currency in currencies]
        self.currency.addItems(["", *self._currencies])
        self._labels["code"] = self.add_field("code", self.code)
        self._labels["name_zh"] = self.add_field("name_zh", self.name_zh)
        self._labels["name_en"] = self.add_field("name_en", self.name_en)
        if above is None:
            self._labels["category"] = self.add_field("category", self.category)
        else:
            self.category.hide()
            self.normal_side.setCurrentIndex(0 if above.normal_side == "debit" else 1)
            self.is_cash.setChecked(above.is_cash)
        self._labels["normal_side"] = self.add_field("normal_side", self.normal_side)
        self._labels["currency"] = self.add_field("currency", self.currency)
        self._add_last_fields()
        self.retranslate()
        (self.name_zh if code else self.code).setFocus()

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        above = self._above
        self.setWindowTitle(
            tr("新增 {code} 的下级科目", code=f"{above.code} {above.name_zh}") if above else tr("新增一级科目")
        )
        for place, category in enumerate(self._categories):
            self.category.setItemText(place, category_name(category))
        for place, side in enumerate((tr("借"), tr("贷"))):
            self.normal_side.setItemText(place, side)
        self.currency.setItemText(0, tr("不限"))

    def submit(self) -> None:
        """Send the new account."""
        above = self._above
        if self._made is not None:
            self._send_change(self._made)
            return
        new = AccountInput(
            code=self.code.text().strip(),
            name_zh=self.name_zh.text().strip(),
            name_en=self.name_en.text().strip(),
            parent_code=above.code if above else None,
            category=None if above else self._categories[self.category.currentIndex()],
            normal_side="debit" if self.normal_side.currentIndex() == 0 else "credit",
            is_cash=self.is_cash.isChecked(),
            currency=self.currency.currentText() if self.currency.currentIndex() > 0 else None,
            has_quantity=self.has_quantity.isChecked(),
            unit=self.unit.text().strip(),
            auxiliaries=self.auxiliaries.uses(),
        )
        self.save_new(new, lambda api, wish: api.add_account(wish), *_CHANGED, done=self.done_with.emit)

    def take_up(self, made: Account, sent: AccountInput) -> None:
        """Go on as the form of an account that was made after all."""
        self.code.setText(made.code)
        self.code.setReadOnly(True)
        if made.category in self._categories:
            self.category.setCurrentIndex(self._categories.index(made.category))
        self.normal_side.setCurrentIndex(0 if made.normal_side == "debit" else 1)
        self.currency.setCurrentIndex(max(self.currency.findText(made.currency or ""), 0))
        for field in (self.category, self.normal_side, self.currency):
            field.setEnabled(False)
        super().take_up(made, sent)


class AccountDialog(_AccountDialog):
    """修改科目: names, unit and auxiliaries; code, category and side stay for ever."""

    subject = "_account"

    def __init__(self, parent: QWidget, account: Account, kinds: Sequence[AuxiliaryKind]) -> None:
        super().__init__(parent, kinds, account)
        self._account = account
        self._kinds = kinds
        self.begin_editing(EditedObject(kind="account", id=account.id, label=f"{account.code} {account.name_zh}"[:60]))
        self._labels["name_zh"] = self.add_field("name_zh", self.name_zh)
        self._labels["name_en"] = self.add_field("name_en", self.name_en)
        self._add_last_fields()
        self.retranslate()
        self.name_zh.setFocus()

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.setWindowTitle(tr("修改科目 {code}", code=self._account.code))

    def again(self, stored: Account) -> AccountDialog:
        """Return the form of a version of the account."""
        return AccountDialog(self, stored, self._kinds)

    def submit(self) -> None:
        """Send what changed."""
        self._send_change(self._account)
