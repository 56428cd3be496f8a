"""Endpoints of payments, settlements and open items."""

from __future__ import annotations

from app.client.calls import Calls, keyed
from app.contract.base import Change
from app.contract.orders import (
    OpenItemList,
    OpenItemQuery,
    Payment,
    PaymentInput,
    PaymentPage,
    PaymentQuery,
    Settlement,
    SettlementInput,
    SettlementList,
    SettlementQuery,
)
from app.contract.stock import Cancellation


class PaymentCalls(Calls):
    """The endpoints of payments. `version` is the one the caller has seen; a stale one raises `Conflict`."""

    def list_payments(self, query: PaymentQuery | None = None) -> PaymentPage:
        """Return one page of payments, newest first."""
        return self.transport.call("GET", "/api/payments", PaymentPage, query=query)

    def get_payment(self, payment_id: int) -> Payment:
        """Return one payment whole."""
        return self.transport.call("GET", f"/api/payments/{payment_id}", Payment)

    def add_payment(self, payment: PaymentInput) -> Payment:
        """Save a payment as a draft and return it."""
        return self.transport.call("POST", "/api/payments", Payment, body=keyed(payment))

    def change_payment(self, payment_id: int, payment: PaymentInput) -> Payment:
        """Replace a draft and return it."""
        return self.transport.call("PUT", f"/api/payments/{payment_id}", Payment, body=keyed(payment))

    def delete_payment(self, payment_id: int, version: int | None = None) -> None:
        """Delete a draft."""
        self.transport.send("DELETE", f"/api/payments/{payment_id}", query={"version": version})

    def finish_payment(self, payment_id: int, version: int | None = None) -> Payment:
        """Carry a draft out and return it."""
        body = keyed(Change() if version is None else Change(version=version))
        return self.transport.call("POST", f"/api/payments/{payment_id}/finish", Payment, body=body)

    def cancel_payment(self, payment_id: int, wish: Cancellation) -> Payment:
        """Take a payment back and return it."""
        return self.transport.call("POST", f"/api/payments/{payment_id}/cancel", Payment, body=keyed(wish))

    def open_items(self, query: OpenItemQuery) -> OpenItemList:
        """Return what of a contact is open on a side."""
        return self.transport.call("GET", "/api/open-items", OpenItemList, query=query)

    def list_settlements(self, query: SettlementQuery | None = None) -> SettlementList:
        """Return one page of settlements, newest first."""
        return self.transport.call("GET", "/api/settlements", SettlementList, query=query)

    def get_settlement(self, settlement_id: int) -> Settlement:
        """Return one settlement whole."""
        return self.transport.call("GET", f"/api/settlements/{settlement_id}", Settlement)

    def add_settlement(self, settlement: SettlementInput) -> Settlement:
        """Settle invoices and return the settlement."""
        return self.transport.call("POST", "/api/settlements", Settlement, body=keyed(settlement))

    def cancel_settlement(self, settlement_id: int, wish: Cancellation) -> Settlement:
        """Take a settlement back and return it."""
        return self.transport.call("POST", f"/api/settlements/{settlement_id}/cancel", Settlement, body=keyed(wish))
