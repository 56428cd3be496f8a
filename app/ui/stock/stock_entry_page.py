"""The page where stock documents are written and read: opening stock, transfers, counts, assemblies and others."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import ValidationError
from PyQt5.QtWidgets import QWidget

from app.client.api import ApiClient
from app.client.refusals import refusal_of
from app.contract.stock import StockBalanceRow, StockDocument, StockDocumentInput, StockDocumentKind
from app.contract.together import EditedObject
from app.kernel.errors import ZhangfangError
from app.ui.language import tr, tr_message
from app.ui.ledger.months import open_day
from app.ui.ledger.unsaved import ask_to_save
from app.ui.navigation import NewStockDocument, OpenStockDocument, OpenVoucher, Target
from app.ui.page import Page, PageContext
from app.ui.presence.editors_bar import EditorsBar
from app.ui.stock.stock_form import StockForm
from app.ui.stock.stock_line import Column
from app.ui.stock.stock_sheet import StockSheet
from app.ui.stock.stock_steps import ADD, EDIT, StockSteps
from app.ui.stock.stock_versions import edited_stock_document, watch_stock_document
from app.ui.stock.stock_words import KINDS, document_name
from app.ui.stock.stock_work import StockFacts, book_of, read_facts
from app.ui.tasks import Change, Command, Query, Topic
from app.ui.trade.cancel_dialog import CHANGED, CancelDialog
from app.ui.trade.printing import print_papers
from app.ui.widgets.pending_save import PendingSave
from app.ui.widgets.question import ask


class StockEntryPage(Page):
    """One document at a time."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._facts: StockFacts | None = None
        self._waiting: Target | None = None
        self._busy = False
        self._pending = new_pending_save()
        self._clean: tuple[object, ...] = ()
        acts = {
            "save": self.save,
            "finish": self.finish,
            "fill": self.fill,
            "cancel": self._cancel,
            "delete": self._delete,
            "print": self._print,
        }
        self.steps = StockSteps(acts, self._make, context.may, self)
        self.form = StockForm(context.today(), self)
        self.versions = watch_stock_document(self, self)
        self.editors = EditorsBar(self.tasks.others, self)
        self.body.addWidget(self.steps)
        self.body.addWidget(self.editors)
        self.body.addWidget(self.versions.bar)
        self.body.addWidget(self.form, 1)
        self.form.kind_chosen.connect(self._kind_chosen)
        self.form.place_changed.connect(self._ask_books)
        self.form.voucher_wanted.connect(lambda voucher_id: self.context.open_target(OpenVoucher(voucher_id)))
        self.form.document_wanted.connect(lambda document_id: self.open(OpenStockDocument(document_id)))
        self._show_sheet(self._new_sheet("other_in"))
        self.retranslate()

    # --- the page ----------------------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return tr("库存单据录入")

    def first_focus(self) -> QWidget | None:
        """Typing begins in the lines."""
        return self.form.grid

    def activate(self) -> None:
        """Ask once for what documents are typed with."""
        if self._facts is None:
            self._ask_facts()

    def refresh(self, change: Change) -> None:
        """Follow changes of the chart and the warehouses, and of the document shown while nothing is typed."""
        if change.origin is self:
            return
        if change.touches(Topic.ACCOUNTS, Topic.BOOK, Topic.PERIODS, Topic.ITEMS):
            self._ask_facts()
        if change.touches(Topic.STOCK, Topic.VOUCHERS):
            self.versions.note(change)
            self._look_again()

    def editing(self) -> list[EditedObject]:
        """Return the draft that is being changed."""
        return edited_stock_document(self, self)

    def open(self, target: Target) -> None:
        """Show a document, or an empty one."""
        if self._facts is None:
            self._waiting = target
            return
        self.message_bar.clear()  # it spoke of the document shown before
        if isinstance(target, OpenStockDocument):
            self._saved_or_dropped(lambda: self._ask_document(target.document_id))
        elif isinstance(target, NewStockDocument):
            self._make(next((kind for kind in KINDS if kind == target.kind), KINDS[0]))

    def has_unsaved(self) -> bool:
        """Tell whether something was typed since the document was shown or saved."""
        editor = self.form.grid.editor
        typing = editor is not None and editor.isModified()
        return self.form.sheet.editable and (typing or self._content() != self._clean)

    def retranslate(self) -> None:
        """Set every text."""
        self.steps.retranslate()
        self.form.retranslate()
        self.versions.bar.retranslate()

    # --- facts and documents from the server -------------------------------------------------------------------------

    def _ask_facts(self) -> None:
        Query(read_facts).slot("facts").on_done(self._show_facts).run(self)

    def _show_facts(self, facts: StockFacts) -> None:
        first, self._facts = self._facts is None, facts
        unsaved = self.has_unsaved()
        self.form.head.know(facts.accounts, facts.warehouses)
        if self.form.sheet.stored is None and not unsaved:
            self.form.head.date.set_date(open_day(facts.months, self.context.today()))
        if not unsaved:
            self._clean = self._content()
        target, self._waiting = self._waiting, None
        if first and target is not None:
            self.open(target)

    def _ask_document(self, document_id: int) -> None:
        Query(lambda api: api.get_stock_document(document_id)).slot("document").on_done(self.show_document).run(self)

    def _look_again(self) -> None:
        """Ask for the document shown; its answer is dropped when somebody typed or went on to another meanwhile."""
        stored = self.form.sheet.stored
        if stored is None or self.has_unsaved():
            return

        def answered(document: StockDocument) -> None:
            now = self.form.sheet.stored
            if now is not None and now.id == document.id and now != document and not self.has_unsaved():
                grid = self.form.grid
                at = grid.cell if grid.editor is not None else None
                self.show_document(document)
                if at is not None:
                    grid.go(min(at[0], self.form.model.rowCount() - 1), at[1])

        Query(lambda api: api.get_stock_document(stored.id)).slot("again").on_done(answered).run(self)

    def show_document(self, document: StockDocument) -> None:
        """Show a stored document."""
        self._show_sheet(StockSheet(document.kind, document, may_type=self.context.may(EDIT)))

    def keep(self, document: StockDocument | None) -> None:
        """Know a document as stored; what is shown and typed stays, and the next save replaces it."""
        self.form.sheet.stored, self._clean = document, ()
        self.form.show_state()
        self._show_steps()

    def _new_sheet(self, kind: StockDocumentKind) -> StockSheet:
        return StockSheet(kind, may_type=self.context.may(ADD))

    def _make(self, kind: StockDocumentKind) -> None:
        def fresh() -> None:
            if self.form.sheet.kind == "opening":  # its day is the one before the book begins
                months = self._facts.months if self._facts is not None else ()
                self.form.head.date.set_date(open_day(months, self.context.today()))
            self._show_sheet(self._new_sheet(kind))
            if self.isVisible() and self.form.sheet.editable:
                self.form.grid.go(0, Column.ITEM)

        self._saved_or_dropped(fresh)

    def _show_sheet(self, sheet: StockSheet) -> None:
        self._pending = new_pending_save()
        self.versions.begin()
        stored = sheet.stored
        name = document_name(stored) if stored is not None else ""
        self.editors.show_for("stock_document", stored.id if stored is not None else None, name)
        self.form.show_sheet(sheet)
        self._clean = self._content()
        self._show_steps()

    def _show_steps(self) -> None:
        self.steps.show_for(self.form.sheet.kind, self.form.sheet.stored, busy=self._busy)

    def _content(self) -> tuple[object, ...]:
        return (*self.form.sheet.content(), *self.form.head.content())

    # --- typing ------------------------------------------------------------------------------------------------------

    def _kind_chosen(self, kind: StockDocumentKind) -> None:
        was_clean = not self.has_unsaved()
        self.form.set_kind(kind)
        if was_clean:
            self._clean = self._content()
        self._show_steps()
        self._ask_books()

    def _ask_books(self) -> None:
        """Another day or warehouse: what the book has of the lines of a count is asked for anew."""
        sheet = self.form.sheet
        sheet.date = self.form.head.date.date.isoformat()
        if sheet.kind == "count" and sheet.editable and sheet.used:
            warehouse, date = self.form.head.warehouse.currentData(), sheet.date
            Query(lambda api: book_of(api, warehouse, date)).slot("books").on_done(
                lambda rows: self.form.change_lines(lambda now: now.compare(rows))
            ).run(self)

    def fill(self) -> None:
        """Counts: list everything the warehouse has."""
        self.form.grid.commit()
        warehouse, date = self.form.head.warehouse.currentData(), self.form.head.date.wire
        self.set_busy(True)

        def known(rows: list[StockBalanceRow]) -> None:
            added = self.form.change_lines(lambda sheet: sheet.fill(rows))
            self.show_info(
                tr("填入了 {count} 行，实盘数量先等于账面数量，请改成实际数。", count=added)
                if added
                else tr("没有要填入的：这个仓库有库存的商品都已列出。")
            )
            if added:
                self.form.grid.go(0, Column.QUANTITY)

        Query(lambda api: book_of(api, warehouse, date)).slot("books").on_done(known).always(
            lambda: self.set_busy(False)
        ).run(self)

    # --- saving, finishing, taking back ------------------------------------------------------------------------------

    def save(self, *, then: Callable[[], None] | None = None) -> None:
        """Save what is typed as a draft; `then` is done once it is saved."""
        content = self._collect()
        if content is None:
            return
        sent = self._content()

        def saved(document: StockDocument) -> None:
            editor = self.form.grid.editor
            if self._content() != sent or (editor is not None and editor.isModified()):
                # Somebody typed on while the answer was under way: that stays, and is not saved yet.
                self.form.sheet.stored, self._clean = document, sent
                self._pending = new_pending_save()
                self.form.show_state()
            else:
                self.show_document(document)
            self.show_info(tr("已保存 {name}。", name=document_name(document)))

        self._send(self._pending.work(self.form.sheet.stored, content), (Topic.STOCK,), saved, then)

    def finish(self) -> None:
        """Save what is typed, and carry the document out. When that is refused, it stays a draft."""
        stored = self.form.sheet.stored
        if self.has_unsaved() or stored is None:
            if not self.form.sheet.used and self.form.grid.editor is None:
                self.message_bar.show_warning(tr("单据里还没有商品。"))
            else:
                self.save(then=self.finish)
            return
        self._send(lambda api: api.finish_stock_document(stored.id, stored.version), CHANGED, self._finished)

    def _finished(self, document: StockDocument) -> None:
        self.show_document(document)
        made = "、".join(voucher.name for voucher in document.vouchers)
        name = document_name(document)
        if made:
            self.show_info(tr("已完成 {name}，生成凭证 {vouchers}。", name=name, vouchers=made))
        else:
            self.show_info(tr("已完成 {name}。", name=name))

    def _collect(self) -> StockDocumentInput | None:
        """Close the open cell and return the document; None, with the reason shown, when it cannot be sent."""
        sheet = self.form.sheet
        if self._busy or not sheet.editable:
            return None
        self.form.grid.commit()
        unread = sheet.unread_cell()
        if unread is not None:
            row, column = unread
            self.message_bar.show_warning(tr_message(sheet.lines[row].unread[column][1]))
            self.form.grid.go(row, column)
            return None
        version = sheet.stored.version if sheet.stored is not None else None
        try:
            return self.form.head.to_input(sheet.kind, sheet.inputs(), version)
        except ValidationError as error:
            self.refused(refusal_of(error))
            return None

    def _send(
        self,
        work: Callable[[ApiClient], StockDocument],
        topics: tuple[Topic, ...],
        done: Callable[[StockDocument], None],
        then: Callable[[], None] | None = None,
    ) -> None:
        if self._busy:
            return
        self.message_bar.clear()
        self.set_busy(True)
        outcome: list[StockDocument] = []

        def answered(document: StockDocument) -> None:
            self._pending.settled()
            done(document)
            outcome.append(document)

        def go_on() -> None:
            self.set_busy(False)
            if outcome and then is not None:
                then()

        Command(work, *topics).on_done(answered).on_error(self.refused).always(go_on).run(self)

    def refused(self, error: ZhangfangError) -> None:
        """Show why the server said no; nothing typed is touched."""
        self._pending.refused(error)
        made = self._pending.made
        if made is not None:  # an earlier try came through, and this was a change of it
            self._pending.settled()
            self.keep(made)
        if self.versions.refused(error):
            return
        self.show_error(error)
        self.form.mark_refused(error.fields)

    def set_busy(self, busy: bool) -> None:
        """Keep the user from acting twice while an answer is awaited."""
        self._busy = busy
        self._show_steps()

    def _cancel(self) -> None:
        stored = self.form.sheet.stored
        if stored is None:
            return
        CancelDialog(
            self,
            document_name(stored),
            stored.date,
            stored,
            lambda api, wish: api.cancel_stock_document(stored.id, wish),
            self._cancelled,
        ).open()

    def _cancelled(self, document: StockDocument) -> None:
        self.show_document(document)
        self.show_info(tr("{name} 已冲销。", name=document_name(document)))

    def _delete(self) -> None:
        stored = self.form.sheet.stored
        if stored is None:
            return

        def gone(_nothing: None) -> None:
            name = document_name(stored)
            self._show_sheet(self._new_sheet(stored.kind))
            self.show_info(tr("已删除 {name}。", name=name))

        ask(
            self,
            tr("删除单据"),
            tr("删除草稿 {name}？", name=document_name(stored)),
            tr("删除"),
            lambda: (
                Command(lambda api: api.delete_stock_document(stored.id, stored.version), Topic.STOCK)
                .on_done(gone)
                .run(self)
            ),
        )

    def _print(self) -> None:
        """Print what is stored; what was typed since is saved first, or not printed."""
        stored = self.form.sheet.stored
        if stored is not None:
            may_edit = self.context.may("reports:document-print:edit")
            self._saved_or_dropped(lambda: print_papers(self, "stock", [stored.id], may_edit=may_edit))

    def _saved_or_dropped(self, then: Callable[[], None]) -> None:
        if self.has_unsaved():
            ask_to_save(self, lambda: self.save(then=then), then, text=tr("当前单据还没有保存。"))
        else:
            then()


def new_pending_save() -> PendingSave[StockDocumentInput, StockDocument]:
    """Return what keeps a new document from being saved twice."""
    return PendingSave(
        lambda api, content: api.add_stock_document(content),
        lambda api, made, content: api.change_stock_document(
            made.id, content.model_copy(update={"version": made.version})
        ),
    )
