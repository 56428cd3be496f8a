"""Short ways to keep a shop through its server: contacts, items, documents, payments, and what the books say."""

from __future__ import annotations

from typing import Any

from app.client.api import ApiClient
from app.contract.contacts import ContactInput, ContactRole
from app.contract.inventory import Costing, ItemInput
from app.contract.orders import (
    AllocationInput,
    Document,
    DocumentInput,
    DocumentKind,
    DocumentLineInput,
    Finishing,
    FollowerInput,
    Payment,
    PaymentInput,
    PaymentKind,
)
from app.contract.reports import ReportQuery
from app.contract.stock import StockBalanceQuery, StockDocument, StockDocumentInput, StockDocumentKind, StockLineInput

BANK = "1002"


class Shop:
    """Somebody who keeps a shop with the window's client; prices are without tax unless a document says otherwise."""

    def __init__(self, api: ApiClient) -> None:
        """Take a client of the shop's server."""
        self.api = api

    def contact(self, name: str, *roles: ContactRole) -> int:
        """Add a contact and return its id."""
        return self.api.add_contact(ContactInput(name=name, roles=list(roles), terms_days=30)).id

    def item(self, code: str, name: str, costing: Costing) -> int:
        """Add an item taxed at 13 % and return its id."""
        new = ItemInput(code=code, name=name, unit="件", costing=costing, tax_rate="13")
        return self.api.add_item(new).id

    def stock(self, kind: StockDocumentKind, date: str, *lines: tuple[int, str, str], **more: Any) -> StockDocument:
        """Carry out a stock document; a line is (item, quantity, amount)."""
        typed = [StockLineInput(item_id=item, quantity=quantity, amount=amount) for item, quantity, amount in lines]
        draft = self.api.add_stock_document(StockDocumentInput(kind=kind, date=date, lines=typed, **more))
        return self.api.finish_stock_document(draft.id)

    def trade(
        self, kind: DocumentKind, date: str, contact: int, *lines: tuple[int, str, str], pair: bool = False, **more: Any
    ) -> Document:
        """Carry out a document; a line is (item, quantity, price). With `pair` its delivery or invoice too."""
        typed = [DocumentLineInput(item_id=item, quantity=count, unit_price=price) for item, count, price in lines]
        wish = DocumentInput(kind=kind, date=date, contact_id=contact, prices_include_tax=False, lines=typed, **more)
        return self._finished(wish, pair=pair)

    def follow(self, kind: DocumentKind, date: str, *sources: Document, **quantities: str) -> Document:
        """Carry documents out by another; `quantities` by item code say how much, what is not named stays open."""
        wish = self.api.propose_follower(
            FollowerInput(kind=kind, source_ids=[source.id for source in sources], date=date)
        )
        if quantities:
            codes = {line.item_id: line.item_code for source in sources for line in source.lines}
            lines = [
                line.model_copy(update={"quantity": quantities[codes[line.item_id]], "net": "", "tax": "", "gross": ""})
                for line in wish.lines
                if codes[line.item_id] in quantities
            ]
            wish = wish.model_copy(update={"lines": lines})
        return self._finished(wish)

    def follow_at(self, kind: DocumentKind, date: str, source: Document, *, price: str) -> Document:
        """Carry a document out whole at another price."""
        wish = self.api.propose_follower(FollowerInput(kind=kind, source_ids=[source.id], date=date))
        changed = {"unit_price": price, "net": "", "tax": "", "gross": ""}
        lines = [line.model_copy(update=changed) for line in wish.lines]
        return self._finished(wish.model_copy(update={"lines": lines, "prices_include_tax": False}))

    def _finished(self, wish: DocumentInput, *, pair: bool = False) -> Document:
        draft = self.api.add_document(wish)
        return self.api.finish_document(draft.id, Finishing(with_follower=pair))

    def pay(
        self,
        kind: PaymentKind,
        date: str,
        contact: int,
        amount: str,
        *allocations: tuple[Document, str],
        discount: str = "",
    ) -> Payment:
        """Take or give money through the bank; what is not allocated is an advance."""
        shares = [AllocationInput(document_id=document.id, amount=share) for document, share in allocations]
        draft = self.api.add_payment(
            PaymentInput(
                kind=kind,
                date=date,
                contact_id=contact,
                account_code=BANK,
                amount=amount,
                discount=discount,
                allocations=shares,
            )
        )
        return self.api.finish_payment(draft.id)

    def in_stock(self, date: str, *, warehouse: int | None = None) -> dict[str, tuple[str, str]]:
        """Return quantity and amount of every item at the end of a day, with the total under an empty code."""
        page = self.api.list_stock(StockBalanceQuery(date=date, warehouse_id=warehouse))
        found = {row.item_code: (row.quantity, row.amount) for row in page.rows}
        return {**found, "": ("", page.total_amount)}

    def accounts(self, month: str) -> dict[str, str]:
        """Return the closing balance of every account with one, debit positive, credit with a minus."""
        rows = self.api.trial_balance(ReportQuery.model_validate({"from": month, "to": month})).rows
        found = {}
        for row in rows:
            if row.closing_debit not in {"", "0.00"}:
                found[row.code] = row.closing_debit
            elif row.closing_credit not in {"", "0.00"}:
                found[row.code] = f"-{row.closing_credit}"
        return found

    def ageing(self, month: str) -> dict[tuple[str, str], str]:
        """Return what is open by account and contact."""
        page = self.api.report_page("ageing", ReportQuery.model_validate({"from": month, "to": month}))
        return {(str(row["account_code"]), str(row["aux"])): str(row["balance"]) for row in page.rows}
