"""An import needs the rights of what it does."""

from __future__ import annotations

import pytest

from app.identity.actor import Actor
from app.kernel.errors import PermissionDenied
from app.ledger.service.bulk import ImportedEntry, ImportedVoucher, import_vouchers
from app.storage.database import fetch_all


def _batch(aux: str) -> list[ImportedVoucher]:
    entries = [ImportedEntry("货款", "1122", 1, 500, 0, aux), ImportedEntry("货款", "1002", -1, 0, 500)]
    return [ImportedVoucher("2026-01-05", 202601, "记", None, "normal", 0, "第 2 行", entries)]


def test_new_items_posting_and_saving_are_rights_of_their_own(owner: Actor) -> None:
    maker = Actor(owner.user_id, "制单", frozenset({"ledger:voucher:add"}))
    with pytest.raises(PermissionDenied):
        import_vouchers(maker, _batch("客户:甲"))
    assert fetch_all("SELECT id FROM {auxiliary}") == []
    with pytest.raises(PermissionDenied):
        import_vouchers(maker, _batch(""), post=True)
    with pytest.raises(PermissionDenied):
        import_vouchers(Actor(owner.user_id, "路人"), _batch(""))
    import_vouchers(owner, _batch("客户:甲"))
    assert import_vouchers(maker, _batch("客户:甲")).vouchers == 1
