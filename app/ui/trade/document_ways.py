"""What a document's page does with a stored document: carry it out, carry it on, take it back, end it, print it."""

from __future__ import annotations

from typing import Protocol

from PyQt5.QtWidgets import QWidget

from app.client.api import ApiClient
from app.contract.orders import Document, DocumentInput, Finishing, FollowerInput
from app.kernel.errors import ZhangfangError
from app.kernel.ids import new_request_id
from app.ui.language import tr, tr_message
from app.ui.navigation import (
    SALES_KINDS,
    OpenCollection,
    OpenPayment,
    OpenStockCard,
    OpenVoucher,
    Target,
    document_target,
)
from app.ui.tasks import Command, Query, Topic
from app.ui.trade import document_line as cell
from app.ui.trade.cancel_dialog import CHANGED, CancelDialog, CloseDialog
from app.ui.trade.document_sheet import DocumentSheet
from app.ui.trade.partner import Partner, partner_of
from app.ui.trade.printing import print_papers
from app.ui.trade.settlement_dialog import SettlementDialog
from app.ui.trade.settlement_view import show_settlement
from app.ui.trade.words import ORDERS, finish_both_name, finish_name, kind_name
from app.ui.widgets.question import ask

CREDIT_LIMIT = "credit_limit"
"""Code of a refusal that may be overruled by who has the right."""


class Desk(Protocol):
    """What the page does for the document's ways."""

    @property
    def stored(self) -> Document | None:
        """The document shown, as stored."""

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited."""

    def set_busy(self, busy: bool) -> None:
        """Keep the user from acting twice."""

    def show_document(self, document: Document) -> None:
        """Show a stored document."""

    def show_fresh(self) -> None:
        """Show an empty document; what was shown is gone."""

    def show_as_typed(self, sheet: DocumentSheet) -> None:
        """Show a sheet as if somebody had typed it: not saved yet."""

    def empty_sheet(self, kind: str) -> DocumentSheet:
        """Return an empty sheet of a kind."""

    def may(self, permission: str) -> bool:
        """Tell whether the user has a right."""

    @property
    def digits(self) -> int:
        """The decimals of money."""

    def day(self) -> str:
        """Return today, or the nearest day that is open."""

    def open_target(self, target: Target) -> None:
        """Go to another document, or to another page."""

    def refused(self, error: ZhangfangError) -> None:
        """Show why the server said no."""

    def done(self, text: str) -> None:
        """Say what was done."""


def document_name(document: Document) -> str:
    """Return how people call a document."""
    return f"{kind_name(document.kind)} {document.number}".strip()


class DocumentWays:
    """Carries out the steps of the toolbar that concern a stored document."""

    def __init__(self, desk: Desk, page: QWidget) -> None:
        self._desk = desk
        self._page = page

    def finish(self, *, with_follower: bool = False, ignore_credit_limit: bool = False) -> None:
        """Carry the draft shown out, perhaps with the one that goes with it."""
        stored = self._desk.stored
        if stored is None or self._desk.busy:
            return
        wish = Finishing(
            with_follower=with_follower,
            ignore_credit_limit=ignore_credit_limit,
            version=stored.version,
            request_id=new_request_id(),
        )
        self._desk.set_busy(True)

        def finished(document: Document) -> None:
            self._desk.show_document(document)
            verb = finish_both_name(document.kind) if with_follower else finish_name(document.kind)
            if document.kind in {"quotation", "sales_order", "purchase_order"}:
                self._desk.done(tr("{name} 已生效。", name=document_name(document)))
            else:
                self._desk.done(tr("{name}：已{verb}。", name=document_name(document), verb=verb))

        def refused(error: ZhangfangError) -> None:
            overrulable = error.code.startswith(CREDIT_LIMIT) and self._desk.may("orders:credit-limit:ignore")
            if overrulable and not ignore_credit_limit:
                ask(
                    self._page,
                    tr("超过信用额度"),
                    tr("{reason}仍要办理吗？", reason=tr_message(error.message)),
                    tr("仍然办理"),
                    lambda: self.finish(with_follower=with_follower, ignore_credit_limit=True),
                )
            else:
                self._desk.refused(error)

        Command(lambda api: api.finish_document(stored.id, wish), *CHANGED).on_done(finished).on_error(refused).always(
            lambda: self._desk.set_busy(False)
        ).run(self._page)

    def cancel(self) -> None:
        """Take the document back by a counter-document."""
        stored = self._desk.stored
        if stored is not None:
            name = document_name(stored)
            CancelDialog(
                self._page,
                name,
                stored.date,
                stored,
                lambda api, wish: api.cancel_document(stored.id, wish),
                lambda _answer: self._show_again(stored.id, tr("{name} 已冲销。", name=name)),
                by_counter=stored.kind not in ORDERS,
            ).open()

    def close(self) -> None:
        """End an order although not all of it was carried out."""
        stored = self._desk.stored
        if stored is not None:
            name = document_name(stored)
            CloseDialog(
                self._page,
                name,
                stored,
                lambda api, wish: api.close_document(stored.id, wish),
                lambda _answer: self._show_again(stored.id, tr("{name} 已关闭。", name=name)),
            ).open()

    def reopen(self) -> None:
        """Take the closing of an order back."""
        stored = self._desk.stored
        if stored is None or self._desk.busy:
            return
        self._desk.set_busy(True)

        def opened(document: Document) -> None:
            self._desk.show_document(document)
            self._desk.done(tr("{name} 已重新打开。", name=document_name(document)))

        Command(lambda api: api.reopen_document(stored.id, stored.version), *CHANGED).on_done(opened).on_error(
            self._desk.refused
        ).always(lambda: self._desk.set_busy(False)).run(self._page)

    def _show_again(self, document_id: int, text: str) -> None:
        def shown(document: Document) -> None:
            self._desk.show_document(document)
            self._desk.done(text)

        Query(lambda api: api.get_document(document_id)).slot("document").on_done(shown).run(self._page)

    def delete(self) -> None:
        """Give the draft up."""
        stored = self._desk.stored
        if stored is None:
            return

        def gone(_answer: object) -> None:
            self._desk.show_fresh()
            self._desk.done(tr("草稿已删除。"))

        ask(
            self._page,
            tr("删除草稿"),
            tr("删除草稿 {name}？", name=document_name(stored)),
            tr("删除"),
            lambda: (
                Command(lambda api: api.delete_document(stored.id, stored.version), Topic.DOCUMENTS)
                .on_done(gone)
                .on_error(self._desk.refused)
                .run(self._page)
            ),
        )

    def print(self) -> None:
        """Open the printing dialog for the document."""
        stored = self._desk.stored
        if stored is not None:
            print_papers(self._page, "document", [stored.id], may_edit=self._desk.may("reports:document-print:edit"))

    # --- other documents made of this one ----------------------------------------------------------------------------

    def follow(self, kind: str, source_ids: tuple[int, ...], date: str) -> None:
        """Show a draft of a kind that carries documents out; nothing is saved."""
        sheet = self._desk.empty_sheet(kind)
        wish = FollowerInput(kind=sheet.kind, source_ids=list(source_ids), date=date)

        def work(api: ApiClient) -> tuple[DocumentInput, Partner | None]:
            return api.propose_follower(wish), partner_of(api.get_document(source_ids[0]))

        def shown(found: tuple[DocumentInput, Partner | None]) -> None:
            sheet.load_proposal(*found)
            self._desk.show_as_typed(sheet)

        Query(work).slot("document").on_done(shown).on_error(self._desk.refused).run(self._page)

    def copy(self, document_id: int) -> None:
        """Show the content of a document as a new one."""

        def shown(document: Document) -> None:
            sheet = self._desk.empty_sheet(document.kind)
            sheet.load_copy(document)
            self._desk.show_as_typed(sheet)

        Query(lambda api: api.get_document(document_id)).slot("document").on_done(shown).run(self._page)

    # --- the ways to other pages -------------------------------------------------------------------------------------

    def open_link(self, kind: str, number: int) -> None:
        """Open a neighbour: a voucher, a document, a payment, a settlement."""
        if kind == "settlement":
            show_settlement(self._page, number, self._desk.may, self.open_link)
            return
        target = OpenVoucher(number) if kind == "voucher" else document_target(kind, number)
        if target is not None:
            self._desk.open_target(target)

    def look_into(self, sheet: DocumentSheet, row: int, name: str) -> None:
        """Open what a cell is made of: the source, what carried the line out, the stock card of the item."""
        line, stored = sheet.lines[row], sheet.stored
        links = stored.links if stored is not None else []
        if name == cell.SOURCE:
            for link in links:
                if link.relation == "source" and link.number == line.source:
                    self.open_link(link.kind, link.id)
                    return
        elif name == cell.FULFILLED:
            followers = [link for link in links if link.relation == "follower"]
            if followers:
                self.open_link(followers[0].kind, followers[0].id)
        elif name in {cell.ITEM, cell.COST} and line.item_id is not None:
            self._desk.open_target(OpenStockCard(line.item_id))

    def settle(self) -> None:
        """Begin a collection or payment for the invoice shown."""
        stored = self._desk.stored
        if stored is not None:
            kind = OpenCollection if stored.kind in SALES_KINDS else OpenPayment
            self._desk.open_target(kind(contact_id=stored.contact_id, document_ids=(stored.id,)))

    def offset(self) -> None:
        """Set advances, credits or the other side's invoices off against the contact's invoices."""
        stored = self._desk.stored
        partner = partner_of(stored) if stored is not None else None
        if stored is not None and partner is not None:
            side = "sales" if stored.kind in SALES_KINDS else "purchase"
            SettlementDialog(self._page, partner, side, self._desk.day(), self._desk.digits).open()
