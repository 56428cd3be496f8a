"""Reviewing, signing and posting thousands of vouchers in the background, each in a transaction of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.contract.ledger import BatchResult, BatchSelection
from app.contract.voucher_work import BatchWork
from app.identity.actor import Actor
from app.kernel.period import format_period, parse_period, periods_between
from app.ledger.service import states
from app.storage import jobs
from app.storage.database import current_book
from app.storage.progress import Progress

PERMISSIONS: Mapping[str, str] = {
    "review": "ledger:voucher:review",
    "post": "ledger:voucher:post",
    "sign": "ledger:voucher:sign",
}


def start_batch(actor: Actor, wish: BatchWork) -> int:
    """Start the work and return its job's id; the job's result is a `BatchResult`.

    Cancelled, it stops between two vouchers: those done stay done. Raises `PermissionDenied`, `MalformedInput`.
    """
    actor.require(PERMISSIONS[wish.act])
    selections = _selections(wish)

    def work(job: jobs.Job) -> Mapping[str, Any]:
        result = BatchResult(done=0, refused=[])
        for selection in selections:
            part = _run(actor, wish.act, selection, job.progress)
            result = BatchResult(done=result.done + part.done, refused=[*result.refused, *part.refused])
        return result.model_dump(mode="json")

    return jobs.start_job(current_book(), actor.user_id, f"voucher-{wish.act}", work)


def _selections(wish: BatchWork) -> list[BatchSelection]:
    if wish.ids is not None:
        return [BatchSelection(ids=wish.ids[start : start + _MOST_IDS]) for start in range(0, len(wish.ids), _MOST_IDS)]
    if not wish.from_period and not wish.to_period:
        return [BatchSelection()]
    first = parse_period(wish.from_period or wish.to_period)
    last = parse_period(wish.to_period or wish.from_period)
    return [BatchSelection(period=format_period(period)) for period in periods_between(first, last)]


_MOST_IDS = 10_000


def _run(actor: Actor, act: str, selection: BatchSelection, progress: Progress) -> BatchResult:
    if act == "review":
        return states.review_batch(actor, selection, progress)
    if act == "post":
        return states.post_batch(actor, selection, progress=progress)
    return states.sign_batch(actor, selection, progress)
