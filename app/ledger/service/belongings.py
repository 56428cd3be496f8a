"""What belongs to a draft and goes with it when it is deleted."""

from __future__ import annotations

from app.storage.database import execute


def drop_belongings(voucher_id: int) -> None:
    """Take away a draft's attachments; a recurring voucher may be made again for its month."""
    of_voucher = "SELECT id FROM {attachment} WHERE voucher_id = ?"
    execute(f"DELETE FROM {{attachment_chunk}} WHERE attachment_id IN ({of_voucher})", (voucher_id,))
    execute("DELETE FROM {attachment} WHERE voucher_id = ?", (voucher_id,))
    execute("DELETE FROM {recurring_voucher} WHERE voucher_id = ?", (voucher_id,))
