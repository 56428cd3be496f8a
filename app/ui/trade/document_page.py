"""The page where documents of sales or purchases are written and read."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

from PyQt5.QtWidgets import QAction, QMenu, QWidget

from app.contract.orders import Document, DocumentKind
from app.contract.together import EditedObject
from app.kernel.errors import ZhangfangError
from app.ui.language import tr, tr_message
from app.ui.ledger.months import open_day
from app.ui.ledger.unsaved import ask_to_save
from app.ui.navigation import (
    NewPurchase,
    NewSale,
    OpenPurchase,
    OpenSale,
    Target,
)
from app.ui.page import Page, PageContext
from app.ui.presence.editors_bar import EditorsBar
from app.ui.tasks import Change, Query, Topic
from app.ui.trade import document_line as cell
from app.ui.trade.document_computing import DocumentComputing
from app.ui.trade.document_form import DocumentForm
from app.ui.trade.document_lookups import DocumentLookups
from app.ui.trade.document_saving import DocumentSaving
from app.ui.trade.document_sheet import DocumentSheet
from app.ui.trade.document_toolbar import DocumentToolbar
from app.ui.trade.document_versions import edited_document
from app.ui.trade.document_ways import DocumentWays, document_name
from app.ui.trade.trade_facts import TradeFacts, read_facts
from app.ui.widgets.unread_note import UnreadNote

OPTIONAL_COLUMNS = (cell.DISCOUNT, cell.WAREHOUSE, cell.LOT, cell.EXPIRY)
KINDS: tuple[DocumentKind, ...] = get_args(DocumentKind)


class DocumentPage(Page):
    """One document at a time, of the kinds of one side."""

    side = "sales"
    first_kind: DocumentKind = "sales_order"

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._facts = TradeFacts()
        self._ready = False
        self._waiting: Target | None = None
        self._busy = False
        self._clean: tuple[object, ...] = ()
        self._unread = UnreadNote(self.message_bar)
        self._columns_menu = QMenu(self)
        self._column_actions = {name: self._column_action(name) for name in OPTIONAL_COLUMNS}
        self.ways = DocumentWays(self, self)
        self.toolbar = DocumentToolbar(self._steps(), self._follow, context.may, self._columns_menu, self)
        self.form = DocumentForm(
            self.empty_sheet(self.first_kind),
            context.today(),
            self,
            may_add_contacts=context.may("contacts:contact:add"),
        )
        self.saving = DocumentSaving(self, self)
        self.lookups = DocumentLookups(self.form.grid, lambda: self.form.sheet, self)
        self.computing = DocumentComputing(lambda: self.form.sheet, self)
        self.body.addWidget(self.toolbar)
        self.editors = EditorsBar(self.tasks.others, self)
        self.body.addWidget(self.editors)
        self.body.addWidget(self.saving.meanwhile)
        self.body.addWidget(self.form, 1)
        self._connect()
        self._show_sheet(self.empty_sheet(self.first_kind))
        self.retranslate()

    def _connect(self) -> None:
        self.form.edited.connect(self._edited)
        self.form.prices_wanted.connect(lambda *_none: self.computing.ask_prices())
        self.form.link_wanted.connect(self.ways.open_link)
        self.form.grid.looked_into.connect(lambda row, name: self.ways.look_into(self.form.sheet, row, name))
        self.lookups.item_taken.connect(self._item_taken)
        self.computing.priced.connect(self._priced)
        self.computing.computed.connect(self.form.show_computed)
        self.computing.refused.connect(lambda error: self.form.mark_quietly(error.fields))

    def _steps(self) -> dict[str, Callable[[], None]]:
        return {
            "add": lambda: self.new_document(self.form.sheet.kind),
            "save": self.save,
            "save_new": lambda: self.save(then=lambda: self._show_sheet(self._next_sheet())),
            "finish": lambda: self._saved_then(self.ways.finish, always=True),
            "finish_both": lambda: self._saved_then(lambda: self.ways.finish(with_follower=True), always=True),
            "settle": self.ways.settle,
            "offset": self.ways.offset,
            "cancel": self.ways.cancel,
            "close": self.ways.close,
            "reopen": self.ways.reopen,
            "print": lambda: self._saved_then(self.ways.print),
            "copy": self._copy,
            "delete": self.ways.delete,
        }

    def _column_action(self, name: str) -> QAction:
        action = QAction(self)
        action.setCheckable(True)
        action.toggled.connect(lambda shown: self.form.show_extra(name, shown=shown))
        self._columns_menu.addAction(action)
        return action

    # --- the page ----------------------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return tr("销售开单") if self.side == "sales" else tr("采购开单")

    def first_focus(self) -> QWidget | None:
        """Typing begins with the contact, then goes on in the lines."""
        return self.form.contact if self.form.sheet.partner is None else self.form.grid

    def activate(self) -> None:
        """Ask once for what documents are typed with."""
        if not self._ready:
            self._ask_facts()

    def refresh(self, change: Change) -> None:
        """Follow changes of warehouses and months, and of the document shown while nothing is typed."""
        if change.origin is self:
            return
        if change.touches(Topic.ITEMS):
            self.lookups.forget_unknown()
        if change.touches(Topic.BOOK, Topic.PERIODS, Topic.STOCK):
            self._ask_facts()
        if change.touches(Topic.DOCUMENTS, Topic.PAYMENTS):
            self.saving.versions.note(change)
            self._look_again()

    def open(self, target: Target) -> None:
        """Show a document, or begin one."""
        if not self._ready:
            self._waiting = target
            return
        self.message_bar.clear()  # it spoke of the document shown before
        if isinstance(target, OpenSale | OpenPurchase):
            stored = self.form.sheet.stored
            if stored is not None and stored.id == target.document_id and self.has_unsaved():
                return
            self._saved_or_dropped(lambda: self._ask_document(target.document_id))
        elif isinstance(target, NewSale | NewPurchase):
            kind, copied = target.kind, target.copy_of
            if target.source_ids:
                day = self.day()
                self._saved_or_dropped(lambda: self.ways.follow(kind, target.source_ids, day))
            elif copied is not None:
                self._saved_or_dropped(lambda: self.ways.copy(copied))
            else:
                self.new_document(kind)

    def has_unsaved(self) -> bool:
        """Tell whether something was typed since the document was shown or saved."""
        return self.form.sheet.editable and (self.form.is_typing() or self.form.sheet.content() != self._clean)

    def editing(self) -> list[EditedObject]:
        """Return the draft that is being changed."""
        return edited_document(self, self)

    def retranslate(self) -> None:
        """Set every text."""
        self.toolbar.retranslate()
        self.form.retranslate()
        self.saving.meanwhile.retranslate()
        names = {
            cell.DISCOUNT: tr("折扣%"),
            cell.WAREHOUSE: tr("仓库"),
            cell.LOT: tr("批号"),
            cell.EXPIRY: tr("有效期至"),
        }
        for name, action in self._column_actions.items():
            action.setText(names[name])

    # --- facts and documents from the server -------------------------------------------------------------------------

    def _ask_facts(self) -> None:
        Query(read_facts).slot("facts").on_done(self._show_facts).run(self)

    def _show_facts(self, facts: TradeFacts) -> None:
        self._facts = facts
        self.form.sheet.warehouses = list(facts.warehouses)
        self.form.set_warehouses(facts.warehouses)
        if self.form.sheet.stored is None and not self.has_unsaved():
            self._show_sheet(self.empty_sheet(self.form.sheet.kind), stays=self._ready)
        first, self._ready = not self._ready, True
        target, self._waiting = self._waiting, None
        if first and target is not None:
            self.open(target)

    def _ask_document(self, document_id: int) -> None:
        Query(lambda api: api.get_document(document_id)).slot("document").on_done(self.show_document).run(self)

    def _look_again(self) -> None:
        """Ask for the document shown; its answer is dropped when somebody typed or went on to another meanwhile."""
        stored = self.form.sheet.stored
        if stored is None or self.has_unsaved():
            return

        def answered(document: Document) -> None:
            now = self.form.sheet.stored
            if now is not None and now.id == document.id and now != document and not self.has_unsaved():
                self.show_document(document, stays=True)

        Query(lambda api: api.get_document(stored.id)).slot("again").on_done(answered).run(self)

    def show_document(self, document: Document, *, stays: bool = False) -> None:
        """Show a stored document; one that `stays` in front leaves the keyboard where it is."""
        sheet = self.empty_sheet(document.kind)
        sheet.load(document)
        self._show_sheet(sheet, stays=stays)
        if sheet.editable:
            self.computing.ask()

    def show_as_typed(self, sheet: DocumentSheet) -> None:
        """Show a sheet as if somebody had typed it: not saved yet."""
        self._show_sheet(sheet)
        self._clean = ()
        self.computing.ask()

    def show_fresh(self) -> None:
        """Show an empty document; what was shown is gone."""
        self._show_sheet(self.empty_sheet(self.form.sheet.kind))

    def empty_sheet(self, kind: str) -> DocumentSheet:
        """Return an empty sheet of a kind, dated today or the nearest open day."""
        known = next((one for one in KINDS if one == kind), self.first_kind)
        sheet = DocumentSheet(known, date=self.day(), digits=self._facts.digits)
        sheet.warehouses = list(self._facts.warehouses)
        return sheet

    def _next_sheet(self) -> DocumentSheet:
        """Return an empty sheet as the one before began: of its kind, day and warehouse."""
        before = self.form.sheet
        sheet = self.empty_sheet(before.kind)
        sheet.date, sheet.warehouse_id = before.date, before.warehouse_id
        sheet.prices_include_tax = before.prices_include_tax
        return sheet

    def day(self) -> str:
        """Return today, or the nearest day that is open."""
        return open_day(self._facts.months, self.context.today()).isoformat()

    def _show_sheet(self, sheet: DocumentSheet, *, stays: bool = False) -> None:
        stored, grid = sheet.stored, self.form.grid
        at = grid.cell if stays and grid.editor is not None else None
        self.saving.begin()
        self.editors.show_for("document", stored.id if stored else None, document_name(stored) if stored else "")
        self.computing.stop()
        self.form.show_sheet(sheet)
        self._clean = sheet.content()
        self._show_steps()
        if at is not None:
            grid.go(min(at[0], self.form.model.rowCount() - 1), at[1])
        elif self.isVisible() and not stays:
            focus = self.first_focus()
            if focus is not None:
                focus.setFocus()

    def _show_steps(self) -> None:
        self.toolbar.show_for(self.form.sheet, busy=self._busy)

    def new_document(self, kind: str) -> None:
        """Begin an empty document of a kind."""
        self._saved_or_dropped(lambda: self._show_sheet(self.empty_sheet(kind)))

    # --- typing ------------------------------------------------------------------------------------------------------

    def _edited(self) -> None:
        unread = self.form.sheet.unread_cells()
        # an item's text may still be a code or a barcode: it is said to be none once the server has been asked
        told = [one for one in unread if one[1] != cell.ITEM or self.lookups.is_unknown(self.form.sheet, one[0])]
        self._unread.say(tr_message(told[0][2]) if told else "")
        for row, name, _ in unread:
            if name == cell.ITEM:
                self.lookups.take_exact(row, self._edited)
        self.computing.typed()

    def _item_taken(self, row: int) -> None:
        self._edited()
        self.computing.ask_prices([row])

    def _priced(self) -> None:
        self.form.model.redraw()
        self.computing.typed()

    # --- saving ------------------------------------------------------------------------------------------------------

    def save(self, *, then: Callable[[], None] | None = None) -> None:
        """Save what is typed as a draft; `then` is done once it is saved."""
        self.saving.save(then=then)

    def refused(self, error: ZhangfangError) -> None:
        """Show why the server said no; everything typed stays, and the cursor goes to what the server names."""
        self.saving.refused(error)

    def keep(self, document: Document | None, content: tuple[object, ...]) -> None:
        """Know a document as stored with this content; what is shown and typed stays."""
        self.form.sheet.stored, self._clean = document, content
        self.form.show_state()
        self._show_steps()

    def _saved_then(self, act: Callable[[], None], *, always: bool = False) -> None:
        self.form.grid.commit()
        if self.has_unsaved() or (always and self.form.sheet.stored is None):
            self.save(then=act)
        else:
            act()

    def _saved_or_dropped(self, act: Callable[[], None]) -> None:
        self.form.grid.commit()
        if self.has_unsaved():
            ask_to_save(self, lambda: self.save(then=act), act, text=tr("当前单据还没有保存。"))
        else:
            act()

    # --- what the document's ways need of the page -------------------------------------------------------------------

    @property
    def stored(self) -> Document | None:
        """The document shown, as stored."""
        return self.form.sheet.stored

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited."""
        return self._busy

    def set_busy(self, busy: bool) -> None:
        """Keep the user from acting twice."""
        self._busy = busy
        self._show_steps()

    def may(self, permission: str) -> bool:
        """Tell whether the user has a right."""
        return self.context.may(permission)

    def done(self, text: str) -> None:
        """Say what was done."""
        self.message_bar.clear()
        self.show_info(text)

    # --- the ways to other pages -------------------------------------------------------------------------------------

    @property
    def digits(self) -> int:
        """The decimals of money."""
        return self._facts.digits

    def open_target(self, target: Target) -> None:
        """Go to another document of this page, or to another page."""
        if isinstance(target, OpenSale | OpenPurchase) and self._is_mine(target):
            self.open(target)
        else:
            self.context.open_target(target)

    def _is_mine(self, target: Target) -> bool:
        return isinstance(target, OpenSale if self.side == "sales" else OpenPurchase)

    def _follow(self, kind: str) -> None:
        stored = self.form.sheet.stored
        if stored is not None:
            self.ways.follow(kind, (stored.id,), self.day())

    def _copy(self) -> None:
        stored = self.form.sheet.stored
        if stored is not None:
            self._saved_or_dropped(lambda: self.ways.copy(stored.id))


class SalesDocumentPage(DocumentPage):
    """One document of sales at a time."""


class PurchaseDocumentPage(DocumentPage):
    """One document of purchases at a time."""

    side = "purchase"
    first_kind: DocumentKind = "purchase_order"
