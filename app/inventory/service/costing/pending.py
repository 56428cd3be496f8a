"""Recosting by a job: pools whose later moves are too many for the unit that made it necessary.

The mark is in the database, set in the unit that needs the recosting, so that nothing is lost when the program ends:
the next opening starts the job again. Each pool is one unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.identity.actor import Actor
from app.identity.queries.actors import actor_of, owner_actor
from app.inventory.queries.facts import item_facts
from app.inventory.service.costing.recosting import Recosting
from app.inventory.service.costing.rows import PoolKey, read_pool
from app.inventory.service.posting import DocumentRef
from app.kernel.text import message
from app.storage.database import current_book, fetch_all, fetch_one, run_unit
from app.storage.jobs import Job, start_job
from app.storage.progress import Progress, no_progress

JOB_KIND = "recost"


def pending_pools() -> list[PoolKey]:
    """Return the pools that wait to be recosted."""
    rows = fetch_all("SELECT item_id, lot_id FROM {item_cost} WHERE pending_date IS NOT NULL ORDER BY item_id, lot_id")
    return [PoolKey(int(row[0]), int(row[1])) for row in rows]


def start_recosting(actor: Actor) -> int:
    """Start the job once the unit under way is committed; return its id."""
    return start_job(current_book(), actor.user_id, JOB_KIND, _work)


def resume_recosting() -> int | None:
    """Start the job again for pools that still wait when a book is opened; return its id, or `None`."""
    owner = owner_actor()
    return start_recosting(owner) if owner is not None and pending_pools() else None


def _work(job: Job) -> Mapping[str, Any]:
    return {"pools": recost_pending(job.progress)}


def recost_pending(progress: Progress = no_progress) -> int:
    """Recost every pool that waits, each in a unit of its own; return how many there were."""
    done = 0
    waiting = pending_pools()
    while waiting:
        for number, key in enumerate(waiting):
            progress(number, len(waiting), message("正在重新计算成本"))
            run_unit(lambda key=key: _recost(key, progress))  # type: ignore[misc]
            done += 1
        waiting = pending_pools()
    return done


def _recost(key: PoolKey, progress: Progress) -> None:
    item = item_facts([key.item_id], lock=True)[key.item_id]
    state = read_pool(key, item.costing)
    row = fetch_one(
        "SELECT document_kind, document_id, document_number, created_by, date FROM {stock_recost} WHERE id = ?",
        (state.pending_recost_id or 0,),
    )
    if state.pending is None or row is None:
        return
    actor = actor_of(int(row[3])) or Actor(int(row[3]), "")
    document = DocumentRef(str(row[0]), int(row[1]), str(row[2]))

    def look(count: int, _move_id: int) -> None:
        progress(count, count + 1, message("正在重新计算成本"))

    recosting = Recosting(actor, document, str(row[4]), look)
    recosting.redo(key, state.pending)
    recosting.finish()
