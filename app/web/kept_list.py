"""The list of kept backups as people see it, with what there is to mind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from app.contract.book import BackupAdvice, KeptBackup, KeptBackups
from app.http.language import render
from app.identity.actor import Actor
from app.kernel.clock import utc_ms
from app.kernel.errors import Conflict, EnvironmentFault, NotFound
from app.kernel.text import Message, message
from app.storage.database import current_book, fetch_one
from app.storage.kept_backups import REASONS, Kept, Shelf
from app.storage.kept_backups.naming import OTHER
from app.storage.kept_backups.shelf import CHANGED, FAULTY
from app.storage.kept_backups.trouble import read_trouble
from app.storage.places import lie_on_one_disk, synchronised_folder_warning
from app.web.book_eyes import change_mark
from app.web.keeping import DAY_MS, Keeper, keeper_of

Found = list[tuple[Shelf, Kept]]


def kept_backups(actor: Actor) -> KeptBackups:
    """Return the kept backups of the current book, newest first, and what to mind about them and its place."""
    actor.require("book:backup:add")
    keeper = keeper_of(current_book())
    found = keeper.backups()
    mark = change_mark()
    shelves = keeper.shelves()
    return KeptBackups(
        folder=str(shelves[0].folder),
        total_bytes=sum(kept.size for _, kept in found),
        limit_bytes=keeper.settings().backup_limit_mb * 1_000_000,
        is_kept=any(kept.is_sound and kept.mark == mark for _, kept in found),
        advice=[BackupAdvice.model_validate({"code": code, "text": render(text)}) for code, text in advice(keeper)],
        backups=[_shown(shelf, kept, mark) for shelf, kept in found],
    )


def kept_file(actor: Actor, name: str) -> BinaryIO:
    """Return a kept backup of the current book, opened to be sent.

    Raises `NotFound` (`backup_unknown`), `Conflict` (`backup_damaged`).
    """
    actor.require("book:backup:add")
    found = next(((shelf, kept) for shelf, kept in keeper_of(current_book()).backups() if kept.name == name), None)
    if found is None:
        raise backup_unknown(name)
    shelf, kept = found
    if not kept.is_sound:
        raise Conflict("backup_damaged", damage_text(kept))
    try:
        return shelf.path(kept).open("rb")
    except FileNotFoundError as error:  # it made place for a newer one a moment ago
        raise backup_unknown(name) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise EnvironmentFault(
            "disk_error", message("读写磁盘出错（{reason}），请检查磁盘后再试。", reason=reason)
        ) from error


def backup_unknown(name: str) -> NotFound:
    """Return the refusal of a backup that is not kept."""
    return NotFound("backup_unknown", message("没有名为“{name}”的备份。", name=name))


def advice(keeper: Keeper) -> Iterator[tuple[str, Message]]:
    """Yield what to mind, the weightiest first: code and sentence. Needs a session of the keeper's book."""
    settings, shelves, found = keeper.settings(), keeper.shelves(), keeper.backups()
    path = current_book().address.path
    damaged = [kept for _, kept in found if not kept.is_sound]
    if damaged:
        yield (
            "damaged",
            message(
                "{count} 份备份不能用了，最近的是“{name}”。不再需要时，可在备份文件夹里删除。",
                count=len(damaged),
                name=damaged[0].name,
            ),
        )
    in_cloud = synchronised_folder_warning(path) if path is not None else None
    if in_cloud is not None:
        yield "synchronised", in_cloud
    trouble = read_trouble(keeper.home())
    if trouble is not None:
        yield "trouble", trouble.sentence
    elif keeper.is_folder_missing:
        yield (
            "folder_missing",
            message(
                "备份文件夹“{folder}”不在，备份会存到“{home}”。", folder=settings.backup_folder, home=shelves[0].folder
            ),
        )
    if keeper.may_by_itself:  # else they are kept elsewhere, by the owner's program or the server
        yield from _overdue(keeper, found)
    if not settings.automatic_backups:
        yield "off", message("自动备份已在设置里关掉。")
    elif path is not None and lie_on_one_disk(path, shelves[0].folder):
        yield (
            "same_disk",
            message("备份与账簿在同一块硬盘上，硬盘坏了会一起丢失。可以在设置里把备份文件夹改到另一块硬盘或 U 盘上。"),
        )


def _overdue(keeper: Keeper, found: Found) -> Iterator[tuple[str, Message]]:
    days = keeper.settings().backup_reminder_days
    newest = max((kept.made_at for _, kept in found if kept.is_sound), default=None)
    if newest is None:
        if _age_of_book_ms() >= days * DAY_MS:
            yield "overdue", message("这本账簿还没有备份。")
    elif utc_ms() - newest >= days * DAY_MS and not keeper.is_kept():
        late = (utc_ms() - newest) // DAY_MS
        yield "overdue", message("最近一次好的备份已是 {days} 天前，之后的改动还没有备份。", days=late)


def _age_of_book_ms() -> int:
    row = fetch_one("SELECT MIN(applied_at) FROM {schema_migration}")
    return utc_ms() - int(row[0]) if row and row[0] is not None else 0


def _shown(shelf: Shelf, kept: Kept, mark: str) -> KeptBackup:
    return KeptBackup.model_validate(
        {
            "name": kept.name,
            "path": str(shelf.path(kept)),
            "made_at": kept.made_at,
            "reason": kept.reason if kept.reason in REASONS else OTHER,  # a later program may know more
            "size": kept.size,
            "vouchers": kept.vouchers,
            "head": kept.head,
            "proof": kept.proof,
            "proved_at": kept.proved_at,
            "seen_at": kept.seen_at,
            "damage": "" if kept.is_sound else render(damage_text(kept)),
            "is_present": kept.is_sound and kept.mark == mark,
        }
    )


def damage_text(kept: Kept) -> Message:
    """Return what is wrong with a backup, in one sentence."""
    if kept.damage == CHANGED:
        return message("文件与写入时不一样了，不要用它恢复；其余备份不受影响。")
    if kept.damage == FAULTY:
        return message("里面的账核对不上，请先核验现在的账簿。")
    return message("打不开或读不完，不要用它恢复；其余备份不受影响。")
