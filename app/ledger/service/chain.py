"""The hash chain over posted and voided vouchers (guarantee 5; 财会〔2024〕12号 art. 31 asks for tamper evidence).

The canonical text, version 1, is described in docs/ledger.md. It must never change: other versions get other numbers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import orjson

from app.kernel.errors import EnvironmentFault
from app.kernel.text import message
from app.ledger.service.lines import Line
from app.storage.database import execute, fetch_one, lock_suffix

CANONICAL_VERSION = 1
FIRST_HASH = "0" * 64


class ChainedHead(NamedTuple):
    """The fields of a voucher that its hash covers, in canonical order."""

    id: int
    period: int
    word: str
    number: int | None
    date: str
    attachment_count: int
    state: str
    kind: str
    maker_id: int
    reviewer_id: int | None
    poster_id: int | None
    cashier_id: int | None
    origin: str
    reversal_of: int | None
    correction_of: int | None
    version: int
    created_at: int
    updated_at: int
    posted_at: int | None


def canonical_text(head: ChainedHead, lines: Sequence[tuple[Line, str]]) -> bytes:
    """Return the text that is hashed; each line comes with the signature of its auxiliary set."""
    entries = [
        (
            line[0],  # the line's number; its month is the voucher's
            *line[2:4],  # summary, account
            signature,
            *line[5:],  # side, debit, credit, currency, foreign, rate, quantity, unit price, cash-flow line, unvalued
        )
        for line, signature in lines
    ]
    return orjson.dumps((CANONICAL_VERSION, *head, entries))


def chained_hash(previous: str, text: bytes) -> str:
    """Return the hash of a voucher's canonical text after the previous hash."""
    return hashlib.sha256(previous.encode() + b"\n" + text).hexdigest()


class ChainHead:
    """The end of the chain, locked until the unit ends; `append` gives the next position and hash."""

    def __init__(self) -> None:
        """Lock the head row."""
        row = fetch_one(f"SELECT count, last_hash FROM {{chain_head}} WHERE id = 1{lock_suffix()}")
        if row is None:
            raise EnvironmentFault("book_damaged", message("账簿缺少校验链的末尾记录，请从备份恢复。"))
        self.count = int(row[0])
        self.last_hash = str(row[1])

    def append(self, head: ChainedHead, lines: Sequence[tuple[Line, str]]) -> tuple[int, str]:
        """Return (position, hash) for a voucher that is posted or voided now."""
        self.count += 1
        self.last_hash = chained_hash(self.last_hash, canonical_text(head, lines))
        return self.count, self.last_hash

    def save(self) -> None:
        """Write the new end."""
        execute("UPDATE {chain_head} SET count = ?, last_hash = ? WHERE id = 1", (self.count, self.last_hash))
