"""The server's endpoints as typed methods: contracts in, contracts out. Blocking; call them off the UI thread."""

from __future__ import annotations

from app.client.assets import AssetCalls
from app.client.book import BookCalls
from app.client.closing import ClosingCalls
from app.client.contacts import ContactCalls
from app.client.files import FileCalls
from app.client.inventory import InventoryCalls
from app.client.ledger import LedgerCalls
from app.client.orders import OrderCalls
from app.client.payments import PaymentCalls
from app.client.people import PeopleCalls
from app.client.printing import PrintingCalls
from app.client.rates import RateCalls
from app.client.reports import ReportCalls
from app.client.serving import ServingCalls
from app.client.statements import StatementCalls
from app.client.stock import StockCalls
from app.client.together import TogetherCalls
from app.client.voucher_work import VoucherWorkCalls


class ApiClient(
    BookCalls,
    PeopleCalls,
    LedgerCalls,
    VoucherWorkCalls,
    ClosingCalls,
    RateCalls,
    AssetCalls,
    InventoryCalls,
    StockCalls,
    OrderCalls,
    ReportCalls,
    StatementCalls,
    PrintingCalls,
    ContactCalls,
    FileCalls,
    PaymentCalls,
    TogetherCalls,
    ServingCalls,
):
    """Everything a server of ours answers, over one `Transport`. Safe to use from several threads."""

    def close(self) -> None:
        """Close the connections; calls under way end with `EnvironmentFault`."""
        self.transport.close()
