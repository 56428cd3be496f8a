"""The desk at which one collection or payment is written and read: its form, its buttons, what the server says."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import ValidationError
from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtGui import QKeySequence
from PyQt5.QtWidgets import QPushButton, QShortcut, QToolButton, QVBoxLayout, QWidget

from app.client.api import ApiClient
from app.client.refusals import refusal_of
from app.contract.ledger import Account
from app.contract.orders import OpenItem, OpenItemQuery, Payment, PaymentInput, PaymentKind
from app.kernel.errors import EnvironmentFault, MalformedInput, ZhangfangError
from app.kernel.text import message
from app.ui.errors_shown import show_error_at
from app.ui.icons import icon
from app.ui.language import tr
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.ledger.months import open_day
from app.ui.ledger.unsaved import ask_to_save
from app.ui.page import PageContext
from app.ui.presence.editors_bar import EditorsBar
from app.ui.tasks import Change, Command, Query, Topic
from app.ui.trade.cancel_dialog import CHANGED, CancelDialog
from app.ui.trade.contact_field import read_partner
from app.ui.trade.partner import Partner
from app.ui.trade.payment_form import PaymentForm
from app.ui.trade.payment_sheet import AMOUNT, PaymentSheet
from app.ui.trade.payment_versions import payment_name, watch_payment
from app.ui.trade.printing import print_papers
from app.ui.trade.trade_facts import TradeFacts
from app.ui.trade.words import kind_name
from app.ui.widgets.message_bar import MessageBar
from app.ui.widgets.pending_save import PendingSave
from app.ui.widgets.question import ask


class PaymentDesk(QWidget):
    """One payment at a time; `left` asks for the list."""

    left = pyqtSignal()
    link_wanted = pyqtSignal(str, int)

    def __init__(self, kind: PaymentKind, context: PageContext, bar: MessageBar, parent: QWidget) -> None:
        super().__init__(parent)
        self._kind: PaymentKind = kind
        self._context = context
        self._bar = bar
        self._facts = TradeFacts()
        self._accounts: list[Account] = []
        self._busy = False
        self._clean: tuple[object, ...] = ()
        self._pending = self._new_pending()
        self.form = PaymentForm(self.empty_sheet(), context.today(), self, may_add=context.may("contacts:contact:add"))
        self.versions = watch_payment(self, self)
        self.meanwhile = self.versions.bar
        self.editors = EditorsBar(context.tasks.others, self)
        self.buttons: dict[str, QPushButton | QToolButton] = {}
        self._lay_out()
        self.form.contact_chosen.connect(self._ask_open)
        self.form.link_wanted.connect(self._open_link)
        self._show_sheet(self.empty_sheet())

    def _lay_out(self) -> None:
        steps: tuple[tuple[str, str, Callable[[], None], str], ...] = (
            ("back", "chevron-left", self.leave, "Alt+Up"),
            ("add", "add", lambda: self.begin(None), "Ctrl+N"),
            ("save", "save", self.save, "F8"),
            ("finish", "check", self._finish, "F9"),
            ("cancel", "reverse", self._cancel, ""),
            ("print", "print", self._print, "Ctrl+P"),
            ("delete", "delete", self._delete, ""),
        )
        row = FlowLayout()
        for name, picture, act, keys in steps:
            button: QPushButton | QToolButton
            if name == "save":
                button = QPushButton(self)
                button.setProperty("primary", True)
            else:
                button = QToolButton(self)
                button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
                button.setIcon(icon(picture))
            button.clicked.connect(lambda _checked, act=act: act())
            self.buttons[name] = button
            row.addWidget(button)
            if keys:
                self._shortcut(keys, name, act)
        self._shortcut("F6", "save", self.form.spread)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        column.addWidget(self.editors)
        column.addWidget(self.meanwhile)
        column.addWidget(self.form, 1)

    def _shortcut(self, keys: str, button: str, act: Callable[[], None]) -> None:
        def press() -> None:
            if self.buttons[button].isEnabled() and not self.buttons[button].isHidden():
                act()

        shortcut = QShortcut(QKeySequence(keys), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(press)

    def _new_pending(self) -> PendingSave[PaymentInput, Payment]:
        return PendingSave(
            lambda api, wish: api.add_payment(wish),
            lambda api, made, wish: api.change_payment(made.id, wish.model_copy(update={"version": made.version})),
        )

    # --- what is shown -----------------------------------------------------------------------------------------------

    def set_facts(self, facts: TradeFacts, accounts: list[Account]) -> None:
        """Know the book."""
        self._facts, self._accounts = facts, accounts
        unsaved = self.has_unsaved()
        self.form.set_accounts(accounts)
        if self.form.sheet.stored is None and not unsaved:
            self._show_sheet(self.empty_sheet(), stays=True)

    def empty_sheet(self) -> PaymentSheet:
        """Return an empty payment, dated today or the nearest open day; its account is that of the one before."""
        day = open_day(self._facts.months, self._context.today()).isoformat()
        sheet = PaymentSheet(self._kind, date=day, digits=self._facts.digits)
        cash = [one for one in self._accounts if one.is_cash and one.is_leaf and one.active]
        banks = [one for one in cash if not one.code.startswith("1001")] or cash
        last = self.form.sheet.account_code if hasattr(self, "form") else ""
        sheet.account_code = last or (banks[0].code if banks else "")
        return sheet

    def has_unsaved(self) -> bool:
        """Tell whether something was typed since the payment was shown or saved."""
        return self.form.sheet.editable and (self.form.is_typing() or self.form.sheet.content() != self._clean)

    def begin(self, contact_id: int | None, document_ids: tuple[int, ...] = ()) -> None:
        """Begin an empty payment, perhaps of a contact and for some of his invoices."""

        def start(partner: Partner | None) -> None:
            sheet = self.empty_sheet()
            sheet.partner = partner
            self._show_sheet(sheet)
            if partner is not None:
                self._ask_open(document_ids)
                self.form.amount.setFocus()

        def ask_partner() -> None:
            if contact_id is None:
                start(None)
                return
            Query(lambda api: read_partner(api, contact_id)).slot("payment").on_done(start).run(self)

        self.saved_or_dropped(ask_partner)

    def show_stored(self, payment_id: int) -> None:
        """Ask for a payment and show it."""
        self.saved_or_dropped(
            lambda: Query(lambda api: api.get_payment(payment_id)).slot("payment").on_done(self.show_payment).run(self)
        )

    def show_payment(self, payment: Payment, *, stays: bool = False) -> None:
        """Show a stored payment; one that `stays` in front leaves the keyboard where it is."""
        sheet = PaymentSheet(payment.kind, date=payment.date, digits=self._facts.digits)
        sheet.load(payment)
        self._show_sheet(sheet, stays=stays)
        if sheet.editable:
            self._ask_open()

    def _show_sheet(self, sheet: PaymentSheet, *, stays: bool = False) -> None:
        self._pending = self._new_pending()
        self.versions.begin()
        stored = sheet.stored
        self.editors.show_for("payment", stored.id if stored else None, payment_name(stored) if stored else "")
        self.form.show_sheet(sheet)
        self._clean = sheet.content()
        self.show_steps()
        if self.isVisible() and not stays:
            self.first_focus().setFocus()

    def first_focus(self) -> QWidget:
        """Return where typing begins."""
        return self.form.contact if self.form.sheet.partner is None else self.form.amount

    def _ask_open(self, wanted: tuple[int, ...] = ()) -> None:
        sheet = self.form.sheet
        partner = sheet.partner
        if partner is None:
            sheet.take_open([])
            self.form.show_rows()
            return
        query = OpenItemQuery(contact_id=partner.id, side="sales" if sheet.side == "sales" else "purchase")

        def show(items: list[OpenItem]) -> None:
            if sheet is self.form.sheet and sheet.partner == partner:
                untouched = not self.has_unsaved()
                sheet.take_open(items, wanted)
                self.form.show_rows()
                if untouched and sheet.stored is not None:
                    self._clean = sheet.content()

        Query(lambda api: api.open_items(query).invoices).slot("open").on_done(show).run(self)

    def show_steps(self) -> None:
        """Show the buttons a payment in this state has use for."""
        may, stored = self._context.may, self.form.sheet.stored
        draft = self.form.sheet.editable
        done = stored is not None and stored.state == "done" and stored.counter_of is None
        shown = {
            "back": True,
            "add": may("orders:payment:add"),
            "save": draft and may("orders:payment:edit" if stored is not None else "orders:payment:add"),
            "finish": draft and may("orders:payment:finish"),
            "cancel": done and may("orders:payment:cancel"),
            "print": stored is not None and may("reports:document:print"),
            "delete": draft and stored is not None and may("orders:payment:edit"),
        }
        for name, button in self.buttons.items():
            button.setVisible(shown[name])
            button.setEnabled(not self._busy)

    def retranslate(self) -> None:
        """Set every text."""
        texts = {
            "back": tr("返回列表"),
            "add": tr("新增"),
            "save": tr("保存草稿"),
            "finish": tr("收款") if self._kind == "collection" else tr("付款"),
            "cancel": tr("冲销…"),
            "print": tr("打印…"),
            "delete": tr("删除草稿"),
        }
        keys = {"back": "Alt+↑", "add": "Ctrl+N", "save": "F8", "finish": "F9", "print": "Ctrl+P"}
        for name, button in self.buttons.items():
            button.setText(texts[name])
            button.setToolTip(f"{texts[name]}  {keys.get(name, '')}".rstrip())
        self.meanwhile.retranslate()
        self.form.retranslate()

    # --- saving ------------------------------------------------------------------------------------------------------

    def save(self, *, then: Callable[[], None] | None = None) -> None:
        """Save what is typed as a draft; `then` is done once it is saved."""
        if self._busy or not self.form.sheet.editable:
            return
        sheet = self.form.collect()
        unread = sheet.rows.unread_rows()
        if unread:
            self.refused(MalformedInput("amount_malformed", unread[0][1]))
            self.form.grid.go(unread[0][0], AMOUNT)
            return
        if sheet.partner is None:
            missing = message("请先选择往来单位。")
            self.refused(MalformedInput("contact_missing", missing, fields={"contact_id": missing}))
            return
        try:
            work = self._pending.work(sheet.stored, sheet.to_input())
        except ValidationError as error:
            self.refused(refusal_of(error))
            return
        self._set_busy(True)
        sent = sheet.content()

        def saved(payment: Payment) -> None:
            self._bar.clear()
            if self.form.sheet.content() != sent or self.form.is_typing():
                # Somebody typed on while the answer was under way: that stays, and is not saved yet.
                self._pending = self._new_pending()
                self.form.sheet.stored, self._clean = payment, sent
                self.form.show_state()
                return
            self.show_payment(payment)
            self._bar.show_info(tr("已存为草稿：{name}。", name=f"{kind_name(payment.kind)} {payment.number}".strip()))
            if then is not None:
                self._set_busy(False)
                then()

        Command(work, Topic.PAYMENTS).on_done(saved).on_error(self.refused).always(lambda: self._set_busy(False)).run(
            self
        )

    def refused(self, error: ZhangfangError) -> None:
        """Show why the server said no; everything typed stays."""
        self._pending.refused(error)
        made = self._pending.made
        if made is not None:  # an earlier try came through, and this was a change of it
            self._pending.settled()
            self.keep(made)
        if self.versions.refused(error):
            return
        show_error_at(self, error, self.save if isinstance(error, EnvironmentFault) else None)
        self.form.mark_refused(error.fields)

    def keep(self, payment: Payment | None) -> None:
        """Know a payment as stored; what is shown and typed stays, and the next save replaces it."""
        self.form.sheet.stored, self._clean = payment, ()
        self.form.show_state()
        self.show_steps()

    def look_again(self, change: Change) -> None:
        """Somebody else changed something: show what is new of the payment, or say it where something is typed."""
        self.versions.note(change)
        stored = self.form.sheet.stored
        if stored is None or self.has_unsaved():
            return

        def answered(payment: Payment) -> None:
            now = self.form.sheet.stored
            if now is not None and now.id == payment.id and now != payment and not self.has_unsaved():
                self.show_payment(payment, stays=True)

        Query(lambda api: api.get_payment(stored.id)).slot("again").on_done(answered).run(self)

    def _set_busy(self, busy: bool) -> None:
        self._busy = busy
        self.show_steps()

    def saved_or_dropped(self, act: Callable[[], None]) -> None:
        """Do something that replaces what is shown, once what is typed is saved or given up."""
        self.form.grid.commit()
        if self.has_unsaved():
            ask_to_save(self, lambda: self.save(then=act), act, text=tr("当前单据还没有保存。"))
        else:
            act()

    # --- a stored payment's ways -------------------------------------------------------------------------------------

    def leave(self) -> None:
        """Go back to the list."""
        self.saved_or_dropped(self._drop)

    def _drop(self) -> None:
        self._show_sheet(self.empty_sheet())
        self.left.emit()

    def _finish(self) -> None:
        self.form.collect()
        if self.has_unsaved() or self.form.sheet.stored is None:
            self.save(then=self._finish_stored)
        else:
            self._finish_stored()

    def _finish_stored(self) -> None:
        stored = self.form.sheet.stored
        if stored is None or self._busy:
            return
        self._set_busy(True)

        def finished(payment: Payment) -> None:
            self.show_payment(payment)
            self._bar.clear()
            self._bar.show_info(tr("{name} 已办理。", name=f"{kind_name(payment.kind)} {payment.number}"))

        Command(lambda api: api.finish_payment(stored.id, stored.version), *CHANGED).on_done(finished).on_error(
            self.refused
        ).always(lambda: self._set_busy(False)).run(self)

    def _cancel(self) -> None:
        stored = self.form.sheet.stored
        if stored is not None:
            CancelDialog(
                self,
                f"{kind_name(stored.kind)} {stored.number}",
                stored.date,
                stored,
                lambda api, wish: api.cancel_payment(stored.id, wish),
                lambda _answer: self.show_stored(stored.id),
            ).open()

    def _delete(self) -> None:
        stored = self.form.sheet.stored
        if stored is None:
            return

        def delete() -> None:
            Command(lambda api: api.delete_payment(stored.id, stored.version), Topic.PAYMENTS).on_done(
                lambda _nothing: self._drop()
            ).on_error(self.refused).run(self)

        ask(
            self,
            tr("删除草稿"),
            tr("删除草稿 {name}？", name=stored.number or kind_name(stored.kind)),
            tr("删除"),
            delete,
        )

    def _print(self) -> None:
        stored = self.form.sheet.stored
        if stored is not None:
            print_papers(self, "payment", [stored.id], may_edit=self._context.may("reports:document-print:edit"))

    def _open_link(self, kind: str, number: int) -> None:
        if kind == self._kind:
            self.show_stored(number)
        else:
            self.link_wanted.emit(kind, number)


def read_accounts(api: ApiClient) -> list[Account]:
    """Return the accounts money is kept in."""
    return [one for one in api.list_accounts().accounts if one.is_cash]
