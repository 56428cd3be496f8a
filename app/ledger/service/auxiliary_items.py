"""Changing items of auxiliary dimensions for those who own what they stand for: contacts, stock items.

Nothing here asks for a right of its own: the right is that of what is done, such as changing a contact. Call inside a
unit of work.
"""

from __future__ import annotations

from collections.abc import Iterable

from app.contract.ledger import Auxiliary
from app.identity import audit
from app.identity.actor import Actor
from app.kernel.errors import Conflict, MalformedInput, NotFound, RuleBroken
from app.kernel.text import clean_text, message
from app.ledger.pinyin import pinyin_of
from app.ledger.queries.auxiliaries import get_auxiliary
from app.ledger.queries.auxiliary_names import name_changed
from app.ledger.service.sets import checked_name, ensure_kind
from app.storage.database import current_book, execute, fetch_all, fetch_one, insert_returning_id, lock_suffix

ACTION = "ledger:auxiliary:edit"


def lock_kinds(names: Iterable[str]) -> dict[str, int]:
    """Return the ids of dimensions, made where missing, and let nobody else lock them until the unit ends.

    Names are checked and taken under this lock, so that two people cannot take the same one at once.
    """
    found: dict[str, int] = {}
    for name in sorted(set(names)):
        found[name] = ensure_kind(name)
        fetch_one(f"SELECT id FROM {{auxiliary_kind}} WHERE id = ?{lock_suffix()}", (found[name],))
    return found


def ensure_item(actor: Actor | None, kind: str, name: str, code: str = "") -> int:
    """Return the id of an item, made when it is not there. `code` is given to a new one only."""
    kind_id = ensure_kind(kind)
    cleaned = checked_name(name, message("名称"))
    row = fetch_one("SELECT id FROM {auxiliary} WHERE kind_id = ? AND name = ?", (kind_id, cleaned))
    if row:
        return int(row[0])
    initials, spelling = pinyin_of(cleaned)
    # somebody else may make it at the same moment
    tail = "" if current_book().is_sqlite else " ON DUPLICATE KEY UPDATE id = LAST_INSERT_ID(id)"
    item_id = insert_returning_id(
        "INSERT INTO {auxiliary} (kind_id, name, code, pinyin_initials, pinyin_sort, active, merged_into, version)"
        f" VALUES (?, ?, ?, ?, ?, 1, NULL, 1){tail}",
        (kind_id, cleaned, code, initials, spelling),
    )
    name_changed(item_id)
    audit.record(actor, "ledger:auxiliary:add", "auxiliary", item_id, after=get_auxiliary(item_id).model_dump())
    return item_id


def lock_item(item_id: int) -> Auxiliary:
    """Return an item that nobody else changes until the unit ends. Raises `NotFound`."""
    fetch_one(f"SELECT id FROM {{auxiliary}} WHERE id = ?{lock_suffix()}", (item_id,))
    return get_auxiliary(item_id)


def change_item(
    actor: Actor | None, item_id: int, *, name: str | None = None, code: str | None = None, active: bool | None = None
) -> Auxiliary:
    """Change an item; what is left out stays. Its version goes up by one. Entries refer to it by id and keep theirs.

    Raises `NotFound`, `MalformedInput` for a name that is none, `Conflict` when the name is taken in its dimension.
    """
    before = lock_item(item_id)
    new_name = before.name if name is None else checked_name(name, message("名称"))
    if new_name != before.name and fetch_one(
        "SELECT 1 FROM {auxiliary} a JOIN {auxiliary_kind} k ON k.id = a.kind_id WHERE k.name = ? AND a.name = ?",
        (before.kind, new_name),
    ):
        raise Conflict("auxiliary_exists", message("{kind}里已有“{name}”。", kind=before.kind, name=new_name))
    initials, spelling = pinyin_of(new_name)
    name_changed(item_id)
    execute(
        "UPDATE {auxiliary} SET name = ?, code = ?, pinyin_initials = ?, pinyin_sort = ?, active = ?,"
        " version = version + 1 WHERE id = ?",
        (
            new_name,
            before.code if code is None else clean_text(code),
            initials,
            spelling,
            int(before.active if active is None else active),
            item_id,
        ),
    )
    after = get_auxiliary(item_id)
    audit.record(actor, ACTION, "auxiliary", item_id, before=before.model_dump(), after=after.model_dump())
    return after


def merge_item(actor: Actor, item_id: int, into_id: int) -> None:
    """Let an item count as another of its dimension from now on; entries keep theirs, reports show the survivor.

    What was merged into the item before goes along, so that one step always leads to the survivor. Raises `NotFound`,
    `RuleBroken` for items of two dimensions and for ones that are merged already.
    """
    first, second = sorted((item_id, into_id))
    lock_item(first)
    lock_item(second)
    before, into = get_auxiliary(item_id), get_auxiliary(into_id)
    if item_id == into_id or before.kind != into.kind:
        raise MalformedInput("merge_malformed", message("只能合并同一类别的两个辅助核算项目。"))
    if before.merged_into is not None or into.merged_into is not None:
        raise RuleBroken("auxiliary_merged", message("这个辅助核算项目已经合并过。"))
    name_changed(item_id)
    for (earlier,) in fetch_all("SELECT id FROM {auxiliary} WHERE merged_into = ?", (item_id,)):
        name_changed(earlier)
    execute(
        "UPDATE {auxiliary} SET merged_into = ?, version = version + 1 WHERE id = ? OR merged_into = ?",
        (into_id, item_id, item_id),
    )
    audit.record(
        actor, ACTION, "auxiliary", item_id, before=before.model_dump(), after=get_auxiliary(item_id).model_dump()
    )


def is_item_used(item_id: int) -> bool:
    """Tell whether any entry or opening balance carries an item. Raises `NotFound` for one that does not exist."""
    if fetch_one("SELECT 1 FROM {auxiliary} WHERE id = ?", (item_id,)) is None:
        raise NotFound("auxiliary_unknown", message("没有编号为 {id} 的辅助核算项目。", id=item_id))
    return any(
        fetch_one(
            f"SELECT 1 FROM {{auxiliary_set_item}} i JOIN {{{table}}} t ON t.auxiliary_set_id = i.set_id"
            " WHERE i.auxiliary_id = ? LIMIT 1",
            (item_id,),
        )
        for table in ("entry", "opening")
    )
