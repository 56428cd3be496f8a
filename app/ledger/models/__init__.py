"""The ledger's tables, by subject; the ledger's own rooms are the only ones that know them."""

from app.ledger.models import assets, voucher_work
from app.ledger.models.tables import (
    EMPTY_SET,
    LAYER_POSTED,
    LAYER_UNPOSTED,
    SIDE_CREDIT,
    SIDE_DEBIT,
    LedgerModel,
)

__all__ = [
    "EMPTY_SET",
    "LAYER_POSTED",
    "LAYER_UNPOSTED",
    "SIDE_CREDIT",
    "SIDE_DEBIT",
    "LedgerModel",
    "assets",
    "voucher_work",
]
