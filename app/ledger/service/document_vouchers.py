"""Vouchers that a document of an upper slice made: they change with their document only, or both ledgers would part."""

from __future__ import annotations

from app.kernel.errors import RuleBroken
from app.kernel.text import message
from app.ledger.service.stored import StoredVoucher, read_stored

DOCUMENT_ORIGINS = ("inventory:", "orders:", "closing:stock_cost:")
"""What the origin of such a voucher begins with."""


def is_of_document(stored: StoredVoucher) -> bool:
    """Tell whether a document made the voucher, or the one it reverses."""
    if stored.reversal_of is not None:
        return is_of_document(read_stored(stored.reversal_of))
    return stored.origin.startswith(DOCUMENT_ORIGINS)


def refuse_document_voucher(stored: StoredVoucher) -> None:
    """Raise `RuleBroken` for a voucher that only its document may change, void or reverse."""
    if is_of_document(stored):
        raise RuleBroken(
            "voucher_of_document",
            message("{where}由单据生成，不能单独改动；请取消单据，凭证会一同冲销。", where=stored.name),
        )
