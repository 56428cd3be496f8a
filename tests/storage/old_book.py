"""Makes a book with something of everything in it, to be kept so that later programs are tested on books of this one.

With every migration that lands, run `.venv/bin/python -m tests.storage.old_book` once and commit what it makes: it is
`tests/storage/old_books/<n>.zhangfang`, n being the number of migrations it has. Once landed, such a file is never made
again: it is what people have on their disks. `test_old_books.py` upgrades every one of them.
"""

from __future__ import annotations

import sys
from pathlib import Path

from app.contract.ledger import AuxiliaryInput, Reversal, VoucherInput
from app.identity.service.opening import ensure_owner
from app.ledger.service import periods, sets, states, vouchers
from app.ledger.service.book import set_up_ledger
from app.storage.backup import backup
from app.storage.book_settings import set_setting
from app.storage.database import open_database
from app.storage.migrate import known_migrations, migrate
from tests.ledger.build import draft, line, posted

OLD_BOOKS = Path(__file__).with_name("old_books")


def make_old_book(folder: Path) -> Path:
    """Write the book of the present tables into `folder` and return its path."""
    path = folder / f"{len(known_migrations())}.zhangfang"
    work = folder / "being made.zhangfang"
    book = open_database(str(work))
    migrate(book)
    with book.session():
        owner = ensure_owner("王会计")
        set_up_ledger(name="甲𠮷公司", chart="small_enterprise_2013", start_period=202601)
        posted(owner, "2026-01-05", line("1001", "1000.00", summary="投入"), line("3001", credit="1000.00"))
        sets.create_auxiliary(owner, AuxiliaryInput(kind="客户", name="甲公司"))
        posted(owner, "2026-01-06", line("1122", "-20.10", aux="客户:甲公司"), line("1001", "20.10"))
        foreign = {"currency": "USD", "foreign_amount": "100", "rate": "7.1"}
        posted(owner, "2026-01-07", line("1002", "710.00", **foreign), line("1001", credit="710.00"))
        wrong = posted(owner, "2026-01-08", line("1002", "5"), line("1001", credit="5"))
        states.reverse_voucher(owner, wrong.id, Reversal(date="2026-01-09", post=True))
        states.void_voucher(owner, draft(owner, "2026-01-10", line("1001", "1"), line("3001", credit="1")).id)
        periods.close_period(owner, 202601)
        half = VoucherInput(date="2026-02-01", entries=[line("1001", "1", summary="未完")])
        vouchers.save_voucher(owner, half)
        states.review_voucher(owner, draft(owner, "2026-02-02", line("1001", "2"), line("3001", credit="2")).id)
        set_setting("made_for", "tests of later programs")
    backup(book, path, verify=list, head=str)  # a single file without a log beside it
    book.close()
    work.unlink()
    return path


if __name__ == "__main__":
    OLD_BOOKS.mkdir(exist_ok=True)
    if (OLD_BOOKS / f"{len(known_migrations())}.zhangfang").exists():
        sys.exit("the book of these tables has been kept already")
    sys.stdout.write(f"{make_old_book(OLD_BOOKS)}\n")
