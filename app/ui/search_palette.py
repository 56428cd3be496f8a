"""Ctrl+K: one field that finds pages, accounts, vouchers, contacts, items and documents."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PyQt5.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PyQt5.QtGui import QKeyEvent, QShowEvent
from PyQt5.QtWidgets import QFrame, QLabel, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from app.client.api import ApiClient
from app.contract.contacts import ContactQuery
from app.contract.inventory import ItemQuery
from app.contract.ledger import AccountQuery, VoucherHead, VoucherQuery
from app.contract.orders import DocumentQuery
from app.contract.stock import StockDocumentQuery
from app.ui.icons import icon
from app.ui.language import is_english, tr
from app.ui.navigation import (
    SALES_KINDS,
    OpenBook,
    OpenContact,
    OpenEntries,
    OpenStockCard,
    OpenStockDocument,
    OpenVoucher,
    ShowPage,
    Target,
    document_target,
)
from app.ui.page import PageContext, PageEntry
from app.ui.reports.book_tables import BOOKS
from app.ui.stock import stock_words
from app.ui.tasks import Query
from app.ui.trade.words import kind_name
from app.ui.widgets.amounts import amount_text
from app.ui.widgets.limits import limit_to

_TARGET = Qt.ItemDataRole.UserRole
_TYPING_MS = 120
_EACH = 8
_SHORTEST = 2
_MOST_LINES = 12
_VOUCHER_NUMBER = re.compile(r"^(\D{0,4}?)[-\s]?(\d{1,6})$")


@dataclass(frozen=True)
class Hit:
    """Something found."""

    icon: str
    text: str
    detail: str
    target: Target


class SearchPalette(QFrame):
    """Lies over the window; Up and Down choose, Enter goes there, Escape leaves."""

    def __init__(
        self,
        context: PageContext,
        entries: Sequence[PageEntry],
        open_target: Callable[[Target], None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("palette")
        self.tasks = context.tasks
        self._context = context
        self._entries = entries
        self._open_target = open_target
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        self._field = QLineEdit(self)
        limit_to(self._field, AccountQuery, "q")
        self._field.setPlaceholderText(tr("页面、科目（编码、名称、拼音首字母）、凭证号、单据号、摘要"))
        self._field.textEdited.connect(self._typed)
        self._field.installEventFilter(self)
        self._list = QListWidget(self)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.itemClicked.connect(self._go)
        self._nothing = QLabel(tr("没有找到。"), self)
        self._nothing.setObjectName("muted")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.hide()
        for widget in (self._field, self._list, self._nothing):
            layout.addWidget(widget)
        em = self.fontMetrics().height()
        self._list.setIconSize(QSize(em, em))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_TYPING_MS)
        self._timer.timeout.connect(self._ask)
        self.setFocusProxy(self._field)
        self.setFixedWidth(em * 34)
        self._show_hits(self._page_hits(""))

    def hits(self) -> list[str]:
        """Return the texts of what is listed, for tests."""
        items = [self._list.item(place) for place in range(self._list.count())]
        return [item.text() for item in items if item is not None]

    def type_text(self, text: str) -> None:
        """Look for a text as if it had been typed."""
        self._field.setText(text)
        self._typed(text)

    def open_over(self, window: QWidget) -> None:
        """Show it in the upper middle of a window."""
        corner = window.mapToGlobal(window.rect().topLeft())
        self.move(corner.x() + (window.width() - self.width()) // 2, corner.y() + window.height() // 8)
        self.show()
        self._field.setFocus()

    def showEvent(self, event: QShowEvent | None) -> None:
        """Take the keyboard."""
        super().showEvent(event)
        self._field.setFocus()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Move in the list while the field keeps the keyboard."""
        if watched is self._field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
            if event.key() in steps:
                last = self._list.count() - 1
                self._list.setCurrentRow(min(max(self._list.currentRow() + steps[Qt.Key(event.key())], 0), last))
                return True
            if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
                self._go(self._list.currentItem())
                return True
        return super().eventFilter(watched, event)

    def _typed(self, text: str) -> None:
        self._show_hits(self._page_hits(text))
        if text.strip():
            self._timer.start()
        else:
            self._timer.stop()

    def _page_hits(self, text: str) -> list[Hit]:
        wanted = text.strip().casefold()
        hits = [
            Hit(entry.icon, entry.title(), tr("页面"), ShowPage(entry.key))
            for entry in self._entries
            if wanted in entry.title().casefold() or wanted in entry.key
        ]
        return hits + self._book_hits(wanted) if wanted else hits

    def _book_hits(self, wanted: str) -> list[Hit]:
        """Return the books whose titles fit; all of them are shown on one page, by month."""
        month = f"{self._context.today():%Y-%m}"
        return [
            Hit("books", book.title(), tr("账簿"), OpenBook(book.name, month, month))
            for book in BOOKS
            if self._context.may(book.permission) and (wanted in book.title().casefold() or wanted in book.name)
        ]

    def _ask(self) -> None:
        text = self._field.text().strip()
        if not text:
            return
        accounts = self._context.may("ledger:account:view")
        vouchers = self._context.may("ledger:voucher:view")
        contacts = self._context.may("contacts:contact:view")
        documents = self._context.may("orders:sales:view") or self._context.may("orders:purchase:view")
        items = self._context.may("inventory:item:view") and self._context.may("inventory:stock:view")
        stock_documents = self._context.may("inventory:document:view")
        month = self._context.today()
        months = (f"{month:%Y}-01", f"{month:%Y-%m}")
        english = is_english()

        def work(api: ApiClient) -> list[Hit]:
            hits = find(api, text, months, accounts=accounts, vouchers=vouchers, english=english)
            if contacts:
                hits += find_contacts(api, text)
            if items:
                hits += find_items(api, text)
            if documents:
                hits += find_documents(api, text)
            return hits + find_stock_documents(api, text) if stock_documents else hits

        Query(work).slot("find").on_done(lambda found: self._show_hits(self._page_hits(text) + found)).on_error(
            lambda _error: None
        ).run(self)

    def _show_hits(self, hits: Sequence[Hit]) -> None:
        self._list.clear()
        for hit in hits:
            item = QListWidgetItem(icon(hit.icon), f"{hit.text}    {hit.detail}" if hit.detail else hit.text)
            item.setData(_TARGET, hit.target)
            self._list.addItem(item)
        self._list.setCurrentRow(0)
        self._list.setVisible(bool(hits))
        self._nothing.setVisible(not hits)
        lines = min(max(len(hits), 1), _MOST_LINES)
        line = self._list.sizeHintForRow(0) if hits else self.fontMetrics().height() * 2
        air = self.fontMetrics().height()
        self._list.setFixedHeight(line * lines + air)
        self.setFixedHeight(self._field.sizeHint().height() + line * lines + air + air // 2)

    def _go(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            target = item.data(_TARGET)
            self.close()
            self._open_target(target)


def find(
    api: ApiClient, text: str, months: tuple[str, str], *, accounts: bool, vouchers: bool, english: bool = False
) -> list[Hit]:
    """Return accounts and vouchers that fit what was typed; runs off the UI thread."""
    hits: list[Hit] = []
    if accounts:
        for account in api.list_accounts(AccountQuery(q=text, limit=_EACH)).accounts:
            target = OpenEntries(account.code, months[0], months[1], include_unposted=True)
            names = (account.name_en, account.name_zh) if english else (account.name_zh, account.name_en)
            hits.append(Hit("accounts", f"{account.code} {names[0] or names[1]}", names[1] if names[0] else "", target))
    if vouchers:
        number = _VOUCHER_NUMBER.match(text)
        if number:
            query = VoucherQuery(word=number[1].strip(), number=int(number[2]), newest_first=True, limit=_EACH)
            hits += [_voucher_hit(head) for head in api.list_vouchers(query).vouchers]
        elif len(text) >= 2:
            query = VoucherQuery(q=text, newest_first=True, limit=_EACH)
            hits += [_voucher_hit(head) for head in api.list_vouchers(query).vouchers]
    return hits


def find_contacts(api: ApiClient, text: str) -> list[Hit]:
    """Return customers, suppliers and employees by name, code or pinyin initials; runs off the UI thread."""
    found = api.list_contacts(ContactQuery(q=text, limit=_EACH)).contacts
    return [Hit("contacts", contact.name, contact.code, OpenContact(contact.id)) for contact in found]


def find_documents(api: ApiClient, text: str) -> list[Hit]:
    """Return documents of sales and purchases by number, their number, contact or note; runs off the UI thread."""
    if len(text) < _SHORTEST:
        return []
    hits: list[Hit] = []
    for head in api.list_documents(DocumentQuery(q=text, limit=_EACH)).documents:
        target = document_target(head.kind, head.id)
        if target is not None:
            name = " ".join(part for part in (kind_name(head.kind), head.number, head.contact) if part)
            hits.append(Hit("sales" if head.kind in SALES_KINDS else "purchases", f"{head.date} {name}", "", target))
    return hits


def find_items(api: ApiClient, text: str) -> list[Hit]:
    """Return items by code, name, barcode or pinyin initials; they lead to their stock cards. Off the UI thread."""
    found = api.list_items(ItemQuery(q=text, kind="goods", limit=_EACH)).items
    return [
        Hit("stock-card", f"{item.code} {item.name} {item.specification}".strip(), "", OpenStockCard(item.id))
        for item in found
    ]


def find_stock_documents(api: ApiClient, text: str) -> list[Hit]:
    """Return stock documents by number, note or item; runs off the UI thread."""
    if len(text) < _SHORTEST:
        return []
    found = api.list_stock_documents(StockDocumentQuery(q=text, limit=_EACH)).documents
    return [
        Hit(
            "stock-documents",
            f"{head.date} {stock_words.kind_name(head.kind)} {head.number}".strip(),
            head.note,
            OpenStockDocument(head.id),
        )
        for head in found
    ]


def _voucher_hit(head: VoucherHead) -> Hit:
    number = f"{head.word}-{head.number}" if head.number is not None else head.word
    detail = f"{head.summary}  {amount_text(head.debit_total, blank_zero=False)}"
    return Hit("vouchers", f"{head.date} {number}", detail, OpenVoucher(head.id))
