"""A stored voucher's head as the services handle it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from app.identity.service.versions import check_version
from app.kernel.period import format_period
from app.kernel.text import Message, message
from app.ledger.errors import voucher_unknown
from app.ledger.models import LAYER_POSTED, LAYER_UNPOSTED
from app.ledger.queries.vouchers import get_voucher
from app.ledger.service.balancing import Deltas, apply_deltas
from app.ledger.service.chain import ChainedHead, ChainHead
from app.ledger.service.lines import Line
from app.ledger.service.sets import read_signatures
from app.ledger.word_index import BLOCK, continue_index
from app.storage.database import after_commit, execute, fetch_one, lock_suffix


class StoredVoucher(NamedTuple):
    """The columns of `voucher` that rules look at."""

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
    faults: str

    @property
    def name(self) -> Message:
        """Return what people call it: 2026-06 记字第 12 号."""
        if self.number is None:
            return message("{period} {word}字无号草稿", period=format_period(self.period), word=self.word)
        return message(
            "{period} {word}字第 {number} 号", period=format_period(self.period), word=self.word, number=self.number
        )

    @property
    def layer(self) -> int | None:
        """Return the balance layer its entries count in, or `None`: faulty drafts and void vouchers count nowhere."""
        if self.state == "posted":
            return LAYER_POSTED
        return None if self.state == "void" or self.faults else LAYER_UNPOSTED

    @property
    def closes_profit(self) -> bool:
        """Tell whether it carries profit and loss forward."""
        return self.kind == "close_pl"


_SELECT = f"SELECT {', '.join(StoredVoucher._fields)} FROM {{voucher}} WHERE id = ?"


def read_stored(voucher_id: int) -> StoredVoucher:
    """Read a voucher's head without locking it. Raises `NotFound`."""
    row = fetch_one(_SELECT, (voucher_id,))
    if row is None:
        raise voucher_unknown(voucher_id)
    return StoredVoucher(*row)


def lock_stored(voucher_id: int, version: int | None) -> StoredVoucher:
    """Lock a voucher and compare versions (guarantee 7). Raises `NotFound` and `Conflict`.

    The conflict carries the voucher as it is now, and who changed it.
    """
    row = fetch_one(_SELECT + lock_suffix(), (voucher_id,))
    if row is None:
        raise voucher_unknown(voucher_id)
    stored = StoredVoucher(*row)
    check_version(version, stored.version, "voucher", voucher_id, lambda: get_voucher(voucher_id), stored.name)
    return stored


def move_balances(
    stored: StoredVoucher, lines: Sequence[Line], *, from_layer: int | None, to_layer: int | None
) -> None:
    """Take a voucher's entries out of one balance layer and put them into another."""
    changes: dict[tuple[int, int], Deltas] = {}
    for layer, sign in ((from_layer, -1), (to_layer, 1)):
        if layer is not None:
            deltas = changes.setdefault((stored.period, layer), Deltas())
            deltas.add(lines, closes_profit=stored.closes_profit, sign=sign)
    apply_deltas(changes)


def seal(stored: StoredVoucher, lines: Sequence[Line], signatures: Mapping[int, str] | None = None) -> None:
    """Write a posted or voided voucher's state with its place in the hash chain; it never changes again.

    `signatures` are those of the lines' auxiliary sets, where they are known.
    """
    if signatures is None:
        signatures = read_signatures({line.auxiliary_set_id for line in lines})
    chain = ChainHead()
    head = ChainedHead._make(stored[: len(ChainedHead._fields)])
    position, digest = chain.append(head, [(line, signatures[line.auxiliary_set_id]) for line in lines])
    chain.save()
    if position % BLOCK == 0:
        after_commit(_continue_index)
    execute(
        "UPDATE {voucher} SET state = ?, reviewer_id = ?, poster_id = ?, posted_at = ?, updated_at = ?, version = ?,"
        " faults = '', hash = ?, chain_position = ? WHERE id = ?",
        (
            stored.state,
            stored.reviewer_id,
            stored.poster_id,
            stored.posted_at,
            stored.updated_at,
            stored.version,
            digest,
            position,
            stored.id,
        ),
    )


def _continue_index() -> None:
    """Index the block of the chain that is now full: one posting in 4,096 takes a tenth of a second more."""
    continue_index()
