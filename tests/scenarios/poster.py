"""A program of its own that posts vouchers into a book and says each one's id when it is acknowledged.

Run as `python -m tests.scenarios.poster ADDRESS COUNT`; the password comes from ZHANGFANG_DB_PASSWORD. With `--fork` it
waits for lines on standard input, each the path of a named pipe, and has a process of its own post for each: that one
writes its number into the pipe, then the ids. So a test that kills fifty loads the program's modules once.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import TextIO

from app.contract.ledger import EntryInput, VoucherInput
from app.identity.service.opening import ensure_owner
from app.ledger.service import states, vouchers
from app.storage.database import open_database, run_unit


def main(address: str, count: int, output: TextIO) -> None:
    """Post `count` vouchers over three months and two words, each acknowledged with a line of the output."""
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
            output.write(f"{voucher_id}\n")
            output.flush()
    book.close()


def fork_each(address: str, count: int) -> None:
    """Post in a child of its own for each named pipe that standard input tells, until it ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system buries the children
    for line in sys.stdin:
        if os.fork() == 0:
            with Path(line.rstrip("\n")).open("w", encoding="ascii") as pipe:
                pipe.write(f"{os.getpid()}\n")
                main(address, count, pipe)
            os._exit(0)


if __name__ == "__main__":
    if "--fork" in sys.argv:
        fork_each(sys.argv[1], int(sys.argv[2]))
    else:
        main(sys.argv[1], int(sys.argv[2]), sys.stdout)
