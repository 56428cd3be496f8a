"""Endpoints of the ledger: accounts, auxiliaries, vouchers, periods, openings."""

from __future__ import annotations

from app.client.calls import Calls, keyed
from app.contract.base import Change
from app.contract.closing import ClosedPeriod, CloseWish
from app.contract.ledger import (
    Account,
    AccountChange,
    AccountInput,
    AccountList,
    AccountQuery,
    Auxiliary,
    AuxiliaryInput,
    AuxiliaryPage,
    AuxiliaryQuery,
    BatchResult,
    BatchSelection,
    CurrencyList,
    Opening,
    PeriodList,
    PeriodState,
    Reversal,
    Voucher,
    VoucherInput,
    VoucherPage,
    VoucherQuery,
)


class LedgerCalls(Calls):
    """The ledger's endpoints. `version` is the one the caller has seen; a stale one raises `Conflict`."""

    def list_accounts(self, query: AccountQuery | None = None) -> AccountList:
        """Return accounts by code, or the best matches of `query.q` first."""
        return self.transport.call("GET", "/api/accounts", AccountList, query=query)

    def add_account(self, account: AccountInput) -> Account:
        """Add an account and return it."""
        return self.transport.call("POST", "/api/accounts", Account, body=keyed(account))

    def change_account(self, account_id: int, change: AccountChange) -> Account:
        """Change what `change` names and return the account."""
        return self.transport.call("PATCH", f"/api/accounts/{account_id}", Account, body=keyed(change))

    def list_auxiliaries(self, query: AuxiliaryQuery | None = None) -> AuxiliaryPage:
        """Return one page of auxiliaries, and all dimensions."""
        return self.transport.call("GET", "/api/auxiliaries", AuxiliaryPage, query=query)

    def add_auxiliary(self, auxiliary: AuxiliaryInput) -> Auxiliary:
        """Add an item of a dimension and return it."""
        return self.transport.call("POST", "/api/auxiliaries", Auxiliary, body=keyed(auxiliary))

    def list_currencies(self) -> CurrencyList:
        """Return the book's currencies, the base currency first."""
        return self.transport.call("GET", "/api/currencies", CurrencyList)

    def list_vouchers(self, query: VoucherQuery | None = None) -> VoucherPage:
        """Return one page of vouchers that match."""
        return self.transport.call("GET", "/api/vouchers", VoucherPage, query=query)

    def get_voucher(self, voucher_id: int) -> Voucher:
        """Return one voucher with its entries and faults."""
        return self.transport.call("GET", f"/api/vouchers/{voucher_id}", Voucher)

    def add_voucher(self, voucher: VoucherInput) -> Voucher:
        """Save a new voucher; one with faults comes back as a draft that lists them."""
        return self.transport.call("POST", "/api/vouchers", Voucher, body=keyed(voucher))

    def change_voucher(self, voucher_id: int, voucher: VoucherInput) -> Voucher:
        """Save a draft anew; `voucher.version` guards against overwriting somebody else's change."""
        return self.transport.call("PUT", f"/api/vouchers/{voucher_id}", Voucher, body=keyed(voucher))

    def delete_voucher(self, voucher_id: int, version: int | None = None) -> None:
        """Delete a draft."""
        self.transport.send("DELETE", f"/api/vouchers/{voucher_id}", query={"version": version})

    def review_voucher(self, voucher_id: int, version: int | None = None) -> Voucher:
        """Review a draft without faults."""
        return self._act(voucher_id, "review", version)

    def unreview_voucher(self, voucher_id: int, version: int | None = None) -> Voucher:
        """Make a reviewed voucher a draft again."""
        return self._act(voucher_id, "unreview", version)

    def post_voucher(self, voucher_id: int, version: int | None = None) -> Voucher:
        """Post a reviewed voucher, for ever."""
        return self._act(voucher_id, "post", version)

    def void_voucher(self, voucher_id: int, version: int | None = None) -> Voucher:
        """Void a voucher that is not posted; it keeps its number."""
        return self._act(voucher_id, "void", version)

    def reverse_voucher(self, voucher_id: int, reversal: Reversal) -> Voucher:
        """Make the red reversal of a posted voucher and return the red one."""
        return self.transport.call("POST", f"/api/vouchers/{voucher_id}/reverse", Voucher, body=keyed(reversal))

    def review_vouchers(self, selection: BatchSelection) -> BatchResult:
        """Review many; the answer names those that were not ready."""
        return self.transport.call("POST", "/api/vouchers/review", BatchResult, body=keyed(selection))

    def post_vouchers(self, selection: BatchSelection) -> BatchResult:
        """Post many; the answer names those that were not ready."""
        return self.transport.call("POST", "/api/vouchers/post", BatchResult, body=keyed(selection))

    def list_periods(self) -> PeriodList:
        """Return the months of the book and how they stand."""
        return self.transport.call("GET", "/api/periods", PeriodList)

    def close_period(self, period: str, wish: CloseWish | None = None) -> ClosedPeriod:
        """Close a month (`2026-06`), carrying profit and loss forward first if wished."""
        return self.transport.call(
            "POST", f"/api/periods/{period}/close", ClosedPeriod, body=keyed(wish or CloseWish())
        )

    def reopen_period(self, period: str, change: Change | None = None) -> PeriodState:
        """Reopen the last closed month."""
        return self.transport.call("POST", f"/api/periods/{period}/reopen", PeriodState, body=keyed(change or Change()))

    def get_opening(self) -> Opening:
        """Return all opening balances."""
        return self.transport.call("GET", "/api/opening", Opening)

    def replace_opening(self, opening: Opening) -> Opening:
        """Replace all opening balances; refused after the first close."""
        return self.transport.call("PUT", "/api/opening", Opening, body=keyed(opening))

    def _act(self, voucher_id: int, verb: str, version: int | None) -> Voucher:
        body = keyed(Change() if version is None else Change(version=version))
        return self.transport.call("POST", f"/api/vouchers/{voucher_id}/{verb}", Voucher, body=body)
