"""The form by which a card leaves: when, why, what was got for it, and the voucher proposed."""

from __future__ import annotations

import datetime

from PyQt5.QtCore import Qt, QTimer, pyqtSignal
from PyQt5.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QWidget

from app.contract.assets import AssetDisposal, AssetDisposalPlan, AssetDisposalQuery, AssetHead
from app.contract.ledger import EntryInput
from app.kernel.errors import ZhangfangError
from app.kernel.ids import new_request_id
from app.ui.errors_shown import told
from app.ui.language import tr, tr_message
from app.ui.ledger.account_index import AccountIndex
from app.ui.ledger.date_field import DateField
from app.ui.month_end.asset_fields import AccountEdit
from app.ui.month_end.asset_words import REASONS, reason_name
from app.ui.tasks import Query, Topic
from app.ui.widgets.amounts import amount_text
from app.ui.widgets.form_dialog import FormDialog
from app.ui.widgets.limits import limit_length, limit_to
from app.ui.widgets.paged_table import Column, Kind, PagedTable, PagedTableModel

PREVIEW_MS = 300
CHANGED = (Topic.ASSETS, Topic.VOUCHERS, Topic.BALANCES)


class DisposalDialog(FormDialog):
    """What a disposal comes to is shown while one types."""

    done_with = pyqtSignal(object)
    """The `Asset` as the server has it now."""
    subject = "_asset"
    is_act = True

    def __init__(
        self,
        parent: QWidget,
        accounts: AccountIndex,
        today: datetime.date,
        asset: AssetHead,
        *,
        may_make_voucher: bool,
    ) -> None:
        super().__init__(parent)
        self._accounts = accounts
        self._asset = asset
        self._request_id = new_request_id()
        self.date = DateField(today, self)
        self.reason = QComboBox(self)
        self.reason.addItems([""] * len(REASONS))
        self.proceeds = QLineEdit(self)
        self.proceeds.setAlignment(Qt.Alignment(Qt.AlignmentFlag.AlignRight))
        limit_length(self.proceeds, 40)
        self.proceeds_account = AccountEdit(accounts, self)
        self.note = QLineEdit(self)
        limit_to(self.note, AssetDisposal, "note")
        self.make_voucher = QCheckBox(self)
        self.make_voucher.setChecked(may_make_voucher)
        self.make_voucher.setVisible(may_make_voucher)
        self._labels = {
            "date": self.add_field("date", self.date),
            "reason": self.add_field("reason", self.reason),
            "proceeds": self.add_field("proceeds", self.proceeds),
            "proceeds_account_code": self.add_field("proceeds_account_code", self.proceeds_account),
            "note": self.add_field("note", self.note),
            "make_voucher": self.add_field("make_voucher", self.make_voucher),
        }
        self.outcome = QLabel(self)
        self.outcome.setTextFormat(Qt.TextFormat.PlainText)
        self.outcome.setWordWrap(True)
        self.model: PagedTableModel[EntryInput] = PagedTableModel(
            (
                Column(lambda: tr("科目"), self._account_text, width_chars=30, stretch=True),
                Column(lambda: tr("借方"), lambda entry: entry.debit, Kind.AMOUNT, 13),
                Column(lambda: tr("贷方"), lambda entry: entry.credit, Kind.AMOUNT, 13),
            ),
            self,
        )
        self.table = PagedTable(self.model, self)
        self.table.setMinimumHeight(self.fontMetrics().height() * 14)
        self.form.addRow(self.outcome)
        self.form.addRow(self.table)
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * 84)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PREVIEW_MS)
        self._pause.timeout.connect(self.preview)
        self.date.date_changed.connect(self._pause.start)
        self.reason.currentIndexChanged.connect(lambda _index: self._pause.start())
        self.proceeds.textChanged.connect(self._pause.start)
        self.proceeds_account.chosen.connect(lambda _code: self._pause.start())
        self.retranslate()
        self.preview()

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.setWindowTitle(tr("处置 {code} {name}", code=self._asset.code, name=self._asset.name))
        for place, reason in enumerate(REASONS):
            self.reason.setItemText(place, reason_name(reason))
        names = {
            "date": tr("处置日期"),
            "reason": tr("处置方式"),
            "proceeds": tr("处置收入（不含税）"),
            "proceeds_account_code": tr("收款科目"),
            "note": tr("备注"),
            "make_voucher": "",
        }
        for name, text in names.items():
            self._labels[name].setText(text)
        self.make_voucher.setText(tr("同时生成凭证草稿"))
        self.ok_button.setText(tr("处置"))

    def subject_name(self) -> str:
        """Return what people call the card."""
        return f"{self._asset.code} {self._asset.name}"

    def subject_texts(self, stored: AssetHead) -> dict[str, str]:
        """Return what a disposal depends on."""
        return {
            tr("名称"): stored.name,
            tr("资产科目"): stored.asset_account_code,
            tr("累计科目"): stored.accumulated_account_code,
            tr("原值"): stored.original_value,
            tr("使用月数"): str(stored.life_months),
            tr("处置日期"): stored.disposed_on,
        }

    def submit(self) -> None:
        """Send the disposal."""
        wish = AssetDisposal(
            date=self.date.wire,
            reason=REASONS[self.reason.currentIndex()],
            note=self.note.text().strip(),
            proceeds=self.proceeds.text().strip(),
            proceeds_account_code=self.proceeds_account.wire,
            make_voucher=self.make_voucher.isChecked(),
            version=self._asset.version,
            request_id=self._request_id,
        )
        self.send(lambda api: api.dispose_asset(self._asset.id, wish), *CHANGED, done=self.done_with.emit)

    def preview(self) -> None:
        """Ask what the disposal would come to."""
        try:
            query = AssetDisposalQuery(
                date=self.date.wire,
                reason=REASONS[self.reason.currentIndex()],
                proceeds=self.proceeds.text().strip(),
                proceeds_account_code=self.proceeds_account.wire,
            )
        except ValueError as error:
            refusal = told(error)
            if isinstance(refusal, ZhangfangError):
                self._no_plan(refusal)
            return
        Query(lambda api: api.plan_asset_disposal(self._asset.id, query)).slot("plan").on_done(self._show).on_error(
            self._no_plan
        ).run(self)

    def _show(self, plan: AssetDisposalPlan) -> None:
        words = tr(
            "原值 {original}，累计 {accumulated}，账面价值 {carrying}；处置损益 {gain}。",
            original=amount_text(plan.original_value, blank_zero=False),
            accumulated=amount_text(plan.accumulated, blank_zero=False),
            carrying=amount_text(plan.carrying, blank_zero=False),
            gain=amount_text(plan.gain, blank_zero=False),
        )
        self.outcome.setText(f"{words}\n{plan.note}" if plan.note else words)
        self.model.show_rows(plan.voucher.entries if plan.voucher is not None else ())

    def _no_plan(self, error: ZhangfangError) -> None:
        self.model.clear()
        self.outcome.setText("\n".join(tr_message(text) for text in error.fields.values()) or tr_message(error.message))

    def _account_text(self, entry: EntryInput) -> str:
        name = self._accounts.full_name(entry.account_code)
        return f"{entry.account_code} {name}　{entry.aux}".strip()
