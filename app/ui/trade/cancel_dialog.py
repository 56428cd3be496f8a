"""Taking something finished back, or ending an order early: on which day, and why."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QLabel, QLineEdit, QWidget

from app.client.api import ApiClient
from app.contract.orders import Closing
from app.contract.stock import Cancellation
from app.kernel.ids import new_request_id
from app.ui.language import tr
from app.ui.ledger.date_field import DateField
from app.ui.tasks import Topic
from app.ui.widgets.form_dialog import FormDialog
from app.ui.widgets.limits import limit_to

T = TypeVar("T")


class Versioned(Protocol):
    """What is taken back or ended, as it was seen."""

    @property
    def version(self) -> int:
        """How often it was saved."""


CHANGED = (Topic.DOCUMENTS, Topic.PAYMENTS, Topic.STOCK, Topic.VOUCHERS, Topic.BALANCES, Topic.PERIODS)
"""What a document that is finished or taken back may change."""


class CancelDialog(FormDialog, Generic[T]):
    """Asks for day and reason, then calls `cancel` with them; `done` gets its answer."""

    subject = "_stored"
    is_act = True

    def __init__(
        self,
        parent: QWidget,
        name: str,
        date: str,
        stored: Versioned,
        cancel: Callable[[ApiClient, Cancellation], T],
        done: Callable[[T], None],
        *,
        by_counter: bool = True,
    ) -> None:
        super().__init__(parent)
        self._by_counter = by_counter
        self._name, self._proposed, self._stored = name, date, stored
        self._cancel, self._done = cancel, done
        self._request_id = new_request_id()
        self.hint = QLabel(self)
        self.hint.setWordWrap(True)
        self.hint.setTextFormat(Qt.TextFormat.PlainText)
        self.form.addRow(self.hint)
        self.date = DateField(datetime.date.fromisoformat(date), self)
        self.reason = QLineEdit(self)
        limit_to(self.reason, Cancellation, "reason")
        self._date_label = self.add_field("date", self.date)
        self._reason_label = self.add_field("reason", self.reason)
        self.retranslate()

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.setWindowTitle(tr("冲销单据"))
        self.hint.setText(
            tr(
                "冲销 {name}：另开一张数量、金额相反的单据，库存、往来和凭证都回到原来的样子；两张单据都保留。",
                name=self._name,
            )
            if self._by_counter
            else tr("作废 {name}：不再执行；它没有动过库存和账，不另开单据。", name=self._name)
        )
        self._date_label.setVisible(self._by_counter)
        self.date.setVisible(self._by_counter)
        self._date_label.setText(tr("冲销日期"))
        self._reason_label.setText(tr("原因"))
        self.ok_button.setText(tr("冲销") if self._by_counter else tr("作废"))

    def subject_name(self) -> str:
        """Return what people call it."""
        return self._name

    def submit(self) -> None:
        """Send day and reason."""
        # The proposed day may lie in a closed month by now: untouched, it is left to the server.
        wire = self.date.wire
        wish = Cancellation(
            date="" if wire == self._proposed else wire,
            reason=self.reason.text().strip(),
            version=self._stored.version,
            request_id=self._request_id,
        )
        self.send(lambda api: self._cancel(api, wish), *CHANGED, done=self._done)


class CloseDialog(FormDialog, Generic[T]):
    """Asks why an order ends although not all of it was carried out."""

    subject = "_stored"
    is_act = True

    def __init__(
        self,
        parent: QWidget,
        name: str,
        stored: Versioned,
        close: Callable[[ApiClient, Closing], T],
        done: Callable[[T], None],
    ) -> None:
        super().__init__(parent)
        self._name, self._stored = name, stored
        self._close_order, self._done = close, done
        self._request_id = new_request_id()
        self.hint = QLabel(self)
        self.hint.setWordWrap(True)
        self.hint.setTextFormat(Qt.TextFormat.PlainText)
        self.form.addRow(self.hint)
        self.reason = QLineEdit(self)
        limit_to(self.reason, Closing, "reason")
        self._reason_label = self.add_field("reason", self.reason)
        self.retranslate()

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.setWindowTitle(tr("关闭订单"))
        self.hint.setText(tr("关闭 {name}：没有执行的部分不再执行，已经执行的不变。", name=self._name))
        self._reason_label.setText(tr("原因"))
        self.ok_button.setText(tr("关闭订单"))

    def subject_name(self) -> str:
        """Return what people call it."""
        return self._name

    def submit(self) -> None:
        """Send the reason."""
        wish = Closing(reason=self.reason.text().strip(), version=self._stored.version, request_id=self._request_id)
        self.send(lambda api: self._close_order(api, wish), *CHANGED, done=self._done)
