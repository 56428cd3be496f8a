"""Doing something to many vouchers, each in a unit of its own."""

from __future__ import annotations

from collections.abc import Callable

from app.contract.ledger import BatchRefusal, BatchResult, BatchSelection
from app.kernel.errors import UserError
from app.kernel.period import parse_period
from app.kernel.text import message
from app.ledger.service.stored import read_stored
from app.storage.database import fetch_all, fetch_one
from app.storage.progress import Progress

PROGRESS_EVERY = 20
UNSIGNED_CASH = (
    " AND cashier_id IS NULL AND EXISTS (SELECT 1 FROM {entry} e JOIN {account} a ON a.id = e.account_id"
    " WHERE e.voucher_id = {voucher}.id AND a.is_cash = 1)"
)


def run_batch(
    selection: BatchSelection,
    states: tuple[str, ...],
    act: Callable[[int], object],
    progress: Progress,
    further: str = "",
) -> BatchResult:
    """Do something to each selected voucher in a unit of its own; `progress` may end it between two."""
    done = 0
    refused: list[BatchRefusal] = []
    chosen = _selected(selection, states, further)
    for count, voucher_id in enumerate(chosen):
        if count % PROGRESS_EVERY == 0:
            progress(count, len(chosen), message("正在处理凭证"))
        try:
            act(voucher_id)
        except UserError as error:
            refused.append(BatchRefusal(id=voucher_id, where=_name_of(voucher_id), reason=str(error.message)))
        else:
            done += 1
    return BatchResult(done=done, refused=refused)


def _name_of(voucher_id: int) -> str:
    row = fetch_one("SELECT id FROM {voucher} WHERE id = ?", (voucher_id,))
    return str(read_stored(voucher_id).name) if row else str(voucher_id)


def _selected(selection: BatchSelection, states: tuple[str, ...], further: str) -> list[int]:
    """Return the chosen ids, or all of a month (of the whole book without one) in these states, in number order."""
    if selection.ids is not None:
        return list(dict.fromkeys(selection.ids))
    places = ", ".join("?" * len(states))
    condition, params = f"state IN ({places}){further}", list[object](states)
    if selection.period:
        condition += " AND period = ?"
        params.append(parse_period(selection.period))
    rows = fetch_all(f"SELECT id FROM {{voucher}} WHERE {condition} ORDER BY period, word, number", params)
    return [int(row[0]) for row in rows]
