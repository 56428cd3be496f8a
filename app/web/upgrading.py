"""What opening a book does when its tables are older than the program: who may say yes, and what is checked."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from app.identity import audit
from app.identity.actor import Actor
from app.identity.errors import login_refused
from app.identity.passwords import verify_password
from app.kernel.clock import utc_ms
from app.kernel.errors import Conflict, NotAuthenticated, PermissionDenied
from app.kernel.text import clean_text, message
from app.settings import data_folder
from app.storage.address import BookAddress
from app.storage.database import Book, execute, fetch_one, run_unit
from app.storage.lock import BookLock
from app.storage.progress import Cancelled, Progress, never_cancelled, no_progress
from app.storage.schema import table_exists
from app.storage.upgrade.file import Upgraded, upgrade_file
from app.storage.upgrade.kept import went_back
from app.storage.upgrade.look import file_needs_upgrade
from app.storage.upgrade.server import UpgradePlan, plan_of, upgrade_server
from app.version import VERSION
from app.web.book_eyes import findings

logger = logging.getLogger(__name__)

SAFETY_FOLDER = "backups"
"""In the data folder: where the safety copies of shared books lie."""


@dataclass(frozen=True, slots=True)
class Consent:
    """Somebody says yes to the upgrade of a shared book."""

    login: str = ""
    password: str = field(default="", repr=False)
    despite_others: bool = False
    """Also while others are connected: they have been seen to."""
    accept_differences: bool = False
    """The comparison failed, and it is known why."""


def _nobody_asked(_upgraded: Upgraded) -> None:
    return None


@dataclass(frozen=True, slots=True)
class UpgradeWish:
    """How an opening goes about a book that has to be upgraded first."""

    progress: Progress = no_progress
    cancelled: Cancelled = never_cancelled
    consent: Consent | None = None
    """Needed for a shared book, and for one in a file that went back; others are upgraded: their old file stays."""
    done: Callable[[Upgraded], object] = _nobody_asked


def upgrade_book_file(path: Path, lock: BookLock, wish: UpgradeWish) -> Upgraded | None:
    """Upgrade a book in a file if it needs that; return what was done.

    The lock is held and held again afterwards; while the upgrade has the book alone it is given back.
    Raises `Conflict` (`upgrade_again` for a book that was taken back to what it was before), and as `upgrade_file`.
    """
    if not file_needs_upgrade(path):
        return None
    if wish.consent is None and went_back(path):
        raise Conflict(
            "upgrade_again",
            message(
                "这本账簿换回过更新前的样子，要用旧版的账房打开。用本程序打开会再次更新它："
                "请在窗口里确认，或运行 upgrade “{path}”。",
                path=path,
            ),
        )
    lock.release()
    upgraded = upgrade_file(path, findings, wish.progress, wish.cancelled)
    lock.acquire()
    if upgraded is not None:
        logger.info("upgraded from %s; the old file is %s", upgraded.old, upgraded.kept)
        wish.done(upgraded)
    return upgraded


def upgrade_shared_book(book: Book, wish: UpgradeWish) -> Upgraded | None:
    """Upgrade a book on a server if it needs that and somebody entitled to it says yes. Return what was done.

    Raises `Conflict` (`upgrade_needed` without that yes, and as `upgrade_server`), `NotAuthenticated`,
    `PermissionDenied`.
    """
    with book.session():
        plan = plan_of(book)
        if plan is None:
            return None
        if wish.consent is None:
            raise upgrade_needed(book.address, plan)
        _require_owner(wish.consent)
    upgraded = upgrade_server(
        book,
        safety_folder(),
        findings,
        wish.progress,
        wish.cancelled,
        despite_others=wish.consent.despite_others,
        accept_differences=wish.consent.accept_differences,
    )
    if upgraded is not None:
        logger.info("upgraded from %s; the safety copy is %s", upgraded.old, upgraded.kept)
        wish.done(upgraded)
    return upgraded


def safety_folder() -> Path:
    """Return where the safety copies of shared books lie on this computer."""
    return data_folder() / SAFETY_FOLDER


def upgrade_needed(address: BookAddress, plan: UpgradePlan) -> Conflict:
    """Return the refusal of a shared book that nobody has said yes to upgrade; its `details` tell the plan."""
    return Conflict(
        "upgrade_needed",
        message(
            "这本共享账簿要先更新：它是 {old} 版的，本程序是 {new} 版。更新后旧版程序打不开它，"
            "请由账簿所有者在窗口里打开它，或运行 upgrade {address} --yes。",
            old=plan.old,
            new=VERSION,
            address=address,
        ),
        details={
            "old": plan.old,
            "new": VERSION,
            "steps": plan.steps,
            "others": list(plan.others),
            "folder": str(safety_folder()),
            "kept": plan.kept,
            "logins": logins_in_old_tables(),
        },
    )


def has_owner(book: Book) -> bool:
    """Tell whether a book was ever completed, whatever the age of its tables. Needs a session of the book."""
    return table_exists(book, "user") and fetch_one("SELECT 1 FROM {user} WHERE is_owner = 1 LIMIT 1") is not None


def logins_in_old_tables() -> bool:
    """Tell whether people log in to the current book, as soon as two can; asks only columns of the first tables."""
    sql = "SELECT COUNT(*) FROM {user} WHERE active = 1 AND login_name IS NOT NULL AND password_hash IS NOT NULL"
    row = fetch_one(sql)
    return row is not None and int(row[0]) >= 2


def note_upgrade(owner: Actor, upgraded: Upgraded) -> None:
    """Write into the current book's log of changes that it was upgraded, and where it lies as it was."""
    audit.record(owner, "book:schema:upgrade", "book", upgraded.new, after=asdict(upgraded))


def _require_owner(consent: Consent) -> None:
    """Raise unless an owner says yes. Who reaches the server's tables could do worse, so tries are noted, not limited.

    The rights live in the tables that are to be changed, so only columns of the first tables are asked.
    """
    if not logins_in_old_tables():
        return
    if not consent.login:
        raise NotAuthenticated("login_required", message("这本账簿要登录：请输入账簿所有者的登录名和密码。"))
    key = clean_text(consent.login).casefold()[:60]
    row = fetch_one("SELECT id, password_hash, active, is_owner FROM {user} WHERE login_key = ?", (key,))
    right = verify_password(row[1] if row else None, consent.password) and row is not None and bool(row[2])
    run_unit(
        lambda: execute(
            "INSERT INTO {login_attempt} (login_key, user_id, at, outcome) VALUES (?, ?, ?, ?)",
            (key, row[0] if row else None, utc_ms(), "ok" if right else "wrong"),
        )
    )
    if not right:
        raise login_refused()
    if row is None or not row[3]:
        raise PermissionDenied("owner_needed", message("只有账簿所有者可以更新这本账簿。"))
