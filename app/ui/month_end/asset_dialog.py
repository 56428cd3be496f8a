"""The form of an asset card, with its plan beside it while one types."""

from __future__ import annotations

import datetime
from typing import Any

from PyQt5.QtCore import Qt, QTimer, pyqtSignal
from PyQt5.QtWidgets import (
    QComboBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.contract.assets import Asset, AssetChange, AssetInput, AssetSchedule
from app.contract.together import EditedObject
from app.kernel.errors import ZhangfangError
from app.kernel.period import parse_date, parse_period
from app.ui.errors_shown import told
from app.ui.language import tr, tr_message
from app.ui.ledger.account_index import AccountIndex
from app.ui.ledger.date_field import DateField
from app.ui.month_end.asset_fields import USERS, USUAL_ACCOUNTS, AccountEdit, AuxiliaryEdit, kinds_of, usual_account
from app.ui.month_end.asset_plan_view import AssetPlanView
from app.ui.month_end.asset_words import KINDS, METHODS, kind_name, method_name
from app.ui.tasks import Query, Topic
from app.ui.widgets.amounts import amount_text
from app.ui.widgets.form_dialog import FormDialog
from app.ui.widgets.limits import limit_length, limit_to
from app.ui.widgets.period_picker import PeriodPicker

PREVIEW_MS = 300
LONGEST_AMOUNT = 40
BY_RATE, BY_AMOUNT = range(2)
_TEXTS = ("code", "name", "category", "specification", "location", "unit", "note")
_AMOUNTS = ("quantity", "original_value", "opening_accumulated")


class AssetDialog(FormDialog):
    """A new card, or what may change on one."""

    done_with = pyqtSignal(object)
    """The `Asset` as the server has it now."""
    subject = "_asset"
    fixed_once_made = ("code",)

    def __init__(self, parent: QWidget, accounts: AccountIndex, today: datetime.date, asset: Asset | None) -> None:
        super().__init__(parent)
        self._accounts = accounts
        self._asset = asset
        self._today = today
        self._labels: dict[str, QLabel] = {}
        self._usual: dict[AccountEdit, str] = {}
        self.was_charged = asset is not None and bool(asset.last_charged or asset.disposed_on)
        self._make_fields(today)
        self._make_layout()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PREVIEW_MS)
        self._pause.timeout.connect(self.preview)
        if asset is None:
            self._propose_accounts()
        else:
            self._fill(asset)
            self.begin_editing(EditedObject(kind="asset", id=asset.id, label=f"{asset.code} {asset.name}"[:60]))
        self._connect()
        self.retranslate()
        self.preview()

    # --- building ----------------------------------------------------------------------------------------------------

    def _make_fields(self, today: datetime.date) -> None:
        self.texts = {name: QLineEdit(self) for name in (*_TEXTS, *_AMOUNTS, "residual", "reason")}
        for name in _TEXTS:
            limit_to(self.texts[name], AssetInput, name)
        limit_to(self.texts["reason"], AssetChange, "reason")
        for name in (*_AMOUNTS, "residual"):
            self.texts[name].setAlignment(Qt.Alignment(Qt.AlignmentFlag.AlignRight))
            limit_length(self.texts[name], LONGEST_AMOUNT if name != "residual" else 20)
        self.texts["quantity"].setText("1")
        self.kind, self.method, self.residual_kind = QComboBox(self), QComboBox(self), QComboBox(self)
        self.kind.addItems([""] * len(KINDS))
        self.method.addItems([""] * len(METHODS))
        self.residual_kind.addItems(["", ""])
        self.acquired_on, self.in_use_on = DateField(today, self), DateField(today, self)
        self.life_months, self.opening_months = QSpinBox(self), QSpinBox(self)
        self.life_months.setRange(1, 1200)
        self.life_months.setValue(60)
        self.opening_months.setRange(0, 1200)
        self.asset_account = AccountEdit(self._accounts, self, fits=lambda account: account.category == "资产")
        self.accumulated_account = AccountEdit(self._accounts, self, fits=lambda account: account.category == "资产")
        self.expense_account = AccountEdit(self._accounts, self)
        self.user_aux = AuxiliaryEdit(lambda: USERS, self)
        self.asset_aux = AuxiliaryEdit(kinds_of(self.asset_account), self)
        self.accumulated_aux = AuxiliaryEdit(kinds_of(self.accumulated_account), self)
        self.expense_aux = AuxiliaryEdit(kinds_of(self.expense_account), self)
        self.from_period = PeriodPicker(today.year * 100 + today.month, self)

    def _make_layout(self) -> None:
        card, rule = QFormLayout(), QFormLayout()
        for form in (card, rule):
            form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
            form.setLabelAlignment(Qt.Alignment(Qt.AlignmentFlag.AlignRight))
        for name in ("code", "name"):
            self._add(card, name, self.texts[name])
        self._add(card, "kind", self.kind)
        for name in ("category", "specification", "location"):
            self._add(card, name, self.texts[name])
        self._add(card, "quantity", _row(self.texts["quantity"], self.texts["unit"]))
        self._add(card, "user_aux", self.user_aux)
        self._add(card, "acquired_on", self.acquired_on)
        self._add(card, "in_use_on", self.in_use_on)
        self._add(card, "note", self.texts["note"])
        self._add(rule, "original_value", self.texts["original_value"])
        self._add(rule, "residual_value", _row(self.residual_kind, self.texts["residual"]))
        self._add(rule, "life_months", self.life_months)
        self._add(rule, "method", self.method)
        self._add(rule, "asset_account_code", _column(self.asset_account, self.asset_aux))
        self._add(rule, "accumulated_account_code", _column(self.accumulated_account, self.accumulated_aux))
        self._add(rule, "expense_account_code", _column(self.expense_account, self.expense_aux))
        self._add(rule, "opening_accumulated", self.texts["opening_accumulated"])
        self._add(rule, "opening_months", self.opening_months)
        self._add(rule, "from_period", self.from_period)
        self._add(rule, "reason", self.texts["reason"])
        same_places = {"residual_rate": "residual_value", "asset_aux": "asset_account_code"}
        same_places |= {"accumulated_aux": "accumulated_account_code", "expense_aux": "expense_account_code"}
        for name, place in same_places.items():
            self._fields[name] = self._fields[place]
        for name in ("from_period", "reason"):
            self._labels[name].setVisible(self.was_charged)
            self._fields[name].setVisible(self.was_charged)
        content = QWidget(self)
        columns = QHBoxLayout(content)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(self.fontMetrics().height())
        columns.addLayout(card, 3)
        columns.addLayout(rule, 4)
        self.plan = AssetPlanView(self)
        columns.addWidget(self.plan, 4)
        scroll = QScrollArea(self)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        content.setObjectName("scrolled")
        scroll.setWidget(content)
        self.form.addRow(scroll)
        figure = self.fontMetrics().averageCharWidth()
        self.setMinimumSize(figure * 90, self.fontMetrics().height() * 20)
        self.resize(figure * 190, self.fontMetrics().height() * 37)

    def _add(self, form: QFormLayout, name: str, field: QWidget) -> None:
        label = QLabel(self)
        label.setBuddy(field)
        self._labels[name] = label
        self._fields[name] = field
        form.addRow(label, field)

    def _connect(self) -> None:
        for edit in self.texts.values():
            edit.textChanged.connect(self._pause.start)
        for box in (self.kind, self.method, self.residual_kind):
            box.currentIndexChanged.connect(lambda _index: self._pause.start())
        for spin in (self.life_months, self.opening_months):
            spin.valueChanged.connect(lambda _value: self._pause.start())
        self.kind.currentIndexChanged.connect(lambda _index: self._propose_accounts())
        self.acquired_on.date_changed.connect(self._follow_date)
        self.in_use_on.date_changed.connect(self._pause.start)
        for account, aux in (
            (self.asset_account, self.asset_aux),
            (self.accumulated_account, self.accumulated_aux),
            (self.expense_account, self.expense_aux),
        ):
            account.chosen.connect(lambda _code: self._show_auxiliaries())
            account.textChanged.connect(self._pause.start)
            aux.textChanged.connect(self._pause.start)
        self._show_auxiliaries()

    # --- what is shown -----------------------------------------------------------------------------------------------

    def _fill(self, asset: Asset) -> None:
        for name in (*_TEXTS, *_AMOUNTS):
            self.texts[name].setText(str(getattr(asset, name)))
        term = asset.terms[-1]
        self.texts["original_value"].setText(term.original_value)
        self.kind.setCurrentIndex(KINDS.index(asset.kind))
        self.method.setCurrentIndex(METHODS.index(term.method))
        self.residual_kind.setCurrentIndex(BY_RATE if term.residual_rate else BY_AMOUNT)
        self.texts["residual"].setText(term.residual_rate or term.residual_value)
        self.acquired_on.set_date(parse_date(asset.acquired_on))
        self.in_use_on.set_date(parse_date(asset.in_use_on))
        self.life_months.setValue(term.life_months)
        self.opening_months.setValue(asset.opening_months)
        self.user_aux.set_wire(asset.user_aux)
        for account, aux, name in (
            (self.asset_account, self.asset_aux, "asset"),
            (self.accumulated_account, self.accumulated_aux, "accumulated"),
        ):
            account.set_code(getattr(asset, f"{name}_account_code"))
            aux.set_wire(getattr(asset, f"{name}_aux"))
        self.expense_account.set_code(term.expense_account_code)
        self.expense_aux.set_wire(term.expense_aux)
        if asset.next_period:
            self.from_period.set_period(parse_period(asset.next_period))
        self._show_code(asset)
        fixed: tuple[QWidget, ...] = (self.kind, self.acquired_on, self.in_use_on, self.opening_months)
        fixed += (self.asset_account, self.asset_aux, self.accumulated_account, self.accumulated_aux)
        for field in (*fixed, self.texts["opening_accumulated"]):
            field.setEnabled(not self.was_charged)

    def _show_code(self, asset: Asset) -> None:
        """Show its number, which stays for ever."""
        self.texts["code"].setText(asset.code)
        self.texts["code"].setReadOnly(True)

    def take_up(self, made: Asset, sent: AssetInput) -> None:
        """Go on as the form of a card that was made after all."""
        self._show_code(made)
        super().take_up(made, sent)

    def _propose_accounts(self) -> None:
        """Show the usual accounts of the kind where nobody chose others."""
        codes = USUAL_ACCOUNTS[KINDS[self.kind.currentIndex()]]
        edits = (self.asset_account, self.accumulated_account, self.expense_account)
        for edit, usual in zip(edits, codes, strict=True):
            if edit.isEnabled() and edit.text() == self._usual.get(edit, "") and self._asset is None:
                account = usual_account(self._accounts, usual)
                edit.set_code(account.code if account is not None else "")
                self._usual[edit] = edit.text()
        self._show_auxiliaries()

    def _show_auxiliaries(self) -> None:
        for account, aux in (
            (self.asset_account, self.asset_aux),
            (self.accumulated_account, self.accumulated_aux),
            (self.expense_account, self.expense_aux),
        ):
            kinds = [use.kind for use in account.account.auxiliaries] if account.account is not None else []
            aux.setVisible(bool(kinds) or bool(aux.text()))
            aux.setPlaceholderText("、".join(kinds))

    def _follow_date(self) -> None:
        """Most things are used from the day they come."""
        if self._asset is None:
            self.in_use_on.set_date(self.acquired_on.date)
        self._pause.start()

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.setWindowTitle(tr("资产卡片") if self._asset is not None else tr("新增资产卡片"))
        for place, kind in enumerate(KINDS):
            self.kind.setItemText(place, kind_name(kind))
        for place, method in enumerate(METHODS):
            self.method.setItemText(place, method_name(method))
        self.residual_kind.setItemText(BY_RATE, tr("按比率 %"))
        self.residual_kind.setItemText(BY_AMOUNT, tr("按金额"))
        names = {
            "code": tr("编号"),
            "name": tr("名称"),
            "kind": tr("资产类别"),
            "category": tr("分类"),
            "specification": tr("规格型号"),
            "location": tr("存放地点"),
            "quantity": tr("数量和单位"),
            "user_aux": tr("使用部门"),
            "acquired_on": tr("取得日期"),
            "in_use_on": tr("启用日期"),
            "note": tr("备注"),
            "original_value": tr("原值"),
            "residual_value": tr("残值"),
            "life_months": tr("使用月数"),
            "method": tr("计提方法"),
            "asset_account_code": tr("资产科目"),
            "accumulated_account_code": tr("累计科目"),
            "expense_account_code": tr("费用科目"),
            "opening_accumulated": tr("期初已提"),
            "opening_months": tr("已提月数"),
            "from_period": tr("从何月起改"),
            "reason": tr("改变原因"),
        }
        for name, text in names.items():
            self._labels[name].setText(text)
        self.texts["code"].setPlaceholderText(tr("留空自动编号"))
        self.texts["unit"].setPlaceholderText(tr("单位"))
        self.user_aux.setPlaceholderText("、".join(USERS))
        self.plan.retranslate()

    # --- what is typed -----------------------------------------------------------------------------------------------

    def values(self) -> dict[str, Any]:
        """Return what was typed, under the names of `AssetInput`."""
        by_rate = self.residual_kind.currentIndex() == BY_RATE
        residual = self.texts["residual"].text().strip()
        return {
            **{name: self.texts[name].text().strip() for name in (*_TEXTS, *_AMOUNTS)},
            "kind": KINDS[self.kind.currentIndex()],
            "method": METHODS[self.method.currentIndex()],
            "residual_rate": residual if by_rate else "",
            "residual_value": "" if by_rate else residual,
            "acquired_on": self.acquired_on.wire,
            "in_use_on": self.in_use_on.wire,
            "life_months": self.life_months.value(),
            "opening_months": self.opening_months.value(),
            "user_aux": self.user_aux.wire,
            "asset_account_code": self.asset_account.wire,
            "asset_aux": self.asset_aux.wire,
            "accumulated_account_code": self.accumulated_account.wire,
            "accumulated_aux": self.accumulated_aux.wire,
            "expense_account_code": self.expense_account.wire,
            "expense_aux": self.expense_aux.wire,
        }

    def again(self, stored: Asset) -> AssetDialog:
        """Return the form of a version of the card."""
        return AssetDialog(self, self._accounts, self._today, stored)

    def submit(self) -> None:
        """Send the card."""
        asset, values = self._asset, self.values()
        if asset is None:
            new = AssetInput(**values)
            self.save_new(new, lambda api, wish: api.add_asset(wish), Topic.ASSETS, done=self.done_with.emit)
            return
        values.pop("code")
        if self.was_charged:
            values |= {"from_period": self.from_period.text, "reason": self.texts["reason"].text().strip()}
        change = AssetChange(**values, version=asset.version)
        self.send(lambda api: api.change_asset(asset.id, change), Topic.ASSETS, done=self.done_with.emit)

    def preview(self) -> None:
        """Ask for the plan: that of a charged card as it stands, else the one that what is typed would have."""
        asset = self._asset
        if asset is not None and self.was_charged:
            Query(lambda api: api.asset_schedule(asset.id)).slot("plan").on_done(self._show_plan).on_error(
                self._no_plan
            ).run(self)
            return
        if not self.texts["original_value"].text().strip():
            self.plan.say([tr("填入原值和月数后，这里显示每月的计提。")])
            return
        try:
            typed = AssetInput(**{**self.values(), "name": self.texts["name"].text().strip() or "?"})
        except ValueError as error:
            refusal = told(error)
            if isinstance(refusal, ZhangfangError):
                self._no_plan(refusal)
            return
        Query(lambda api: api.preview_asset_schedule(typed)).slot("plan").on_done(self._show_plan).on_error(
            self._no_plan
        ).run(self)

    def _show_plan(self, plan: AssetSchedule) -> None:
        self.plan.show_plan(plan, self._history())

    def _history(self) -> list[str]:
        """Return what the card was charged by, one line a change, where it ever changed."""
        terms = self._asset.terms if self._asset is not None else []
        return [
            tr(
                "{start}：{method}，原值 {value}，残值 {residual}，{months} 个月，{account}。{reason}（{who}）",
                start=tr("{period} 起", period=term.from_period) if term.from_period else tr("最初"),
                method=method_name(term.method),
                value=amount_text(term.original_value, blank_zero=False),
                residual=amount_text(term.residual_value, blank_zero=False),
                months=term.life_months,
                account=term.expense_account_code,
                reason=term.reason,
                who=term.changed_by,
            )
            for term in (terms if len(terms) > 1 else [])
        ]

    def _no_plan(self, error: ZhangfangError) -> None:
        self.plan.say([tr_message(text) for text in list(error.fields.values()) or [error.message]])


def _row(*fields: QWidget) -> QWidget:
    box = QWidget()
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 0, 0, 0)
    for field in fields:
        row.addWidget(field, 1)
    box.setFocusProxy(fields[0])
    return box


def _column(*fields: QWidget) -> QWidget:
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(2)
    for field in fields:
        column.addWidget(field)
    box.setFocusProxy(fields[0])
    return box
