"""A program of its own that posts vouchers into a book and says each one's id when it is acknowledged.

Run as `python -m tests.scenarios.poster ADDRESS COUNT`; the password comes from ZHANGFANG_DB_PASSWORD.
"""

from __future__ import annotations

import os
import sys

from app.contract.ledger import EntryInput, VoucherInput
from app.identity.service.opening import ensure_owner
from app.ledger.service import states, vouchers
from app.storage.database import open_database, run_unit


def main(address: str, count: int) -> None:
    """Post `count` vouchers over three months and two words, each acknowledged with a line on standard output."""
    book = open_database(address, password=os.environ.get("ZHANGFANG_DB_PASSWORD"))
    with book.session():
        owner = ensure_owner()
        for number in range(count):
            entries = [
                EntryInput(summary="并发", account_code="1001", debit="1.01"),
                EntryInput(summary="并发", account_code="560205", credit="1.01"),
            ]
            typed = VoucherInput(date=f"2026-0{number % 3 + 1}-15", word="记转"[number % 2], entries=entries)

            def save_and_post(typed: VoucherInput = typed) -> int:
                saved = vouchers.save_voucher(owner, typed)
                states.review_and_post(owner, saved.id)
                return saved.id

            voucher_id = run_unit(save_and_post)
            sys.stdout.write(f"{voucher_id}\n")
            sys.stdout.flush()
    book.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
