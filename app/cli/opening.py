"""Opening a book for one command, the way the program does it: password, lock file, migrations, who acts."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.console import Console
from app.kernel.errors import EnvironmentFault, NotAuthenticated, NotFound, UserError
from app.kernel.period import parse_period
from app.kernel.text import message
from app.storage.address import BookAddress, parse_address

if TYPE_CHECKING:
    from app.identity.actor import Actor
    from app.storage.database import Book
    from app.storage.lock import BookLock
    from app.storage.upgrade.file import Upgraded
    from app.web.upgrading import Consent

DATABASE_VARIABLE = "ZHANGFANG_DB_PASSWORD"
LOGIN_VARIABLE = "ZHANGFANG_USER"
SECRET_VARIABLE = "ZHANGFANG_PASSWORD"  # noqa: S105 - the name of a variable
KEYRING_SERVICE = "zhangfang"


class UsageError(UserError):
    """The command line itself is wrong: exit code 2."""


def month_of(text: str) -> int:
    """Read a month of the command line. Raises `UsageError` for what is none."""
    try:
        return parse_period(text)
    except UserError as error:
        raise UsageError(error.code, error.message) from error


def read_address(text: str, console: Console) -> BookAddress:
    """Read a book's address and find its password, which never stands on the command line.

    From the environment, else the system's keyring, else asked for. Raises `UsageError` for an empty address and one
    with a password, `MalformedInput`, and `EnvironmentFault` (`password_needed`) where nobody can be asked.
    """
    if not text.strip():
        raise UsageError("book_not_named", message("没有写明是哪一本账：BOOK 是空的。"))
    address = parse_address(text)
    if address.password is not None:
        raise UsageError(
            "secret_on_command_line",
            message("不要把密码写在命令行里，别的用户看得见；请用环境变量 {name}。", name=DATABASE_VARIABLE),
        )
    if address.kind == "sqlite":
        return address
    password = os.environ.get(DATABASE_VARIABLE)
    if password is None:
        password = _password_of_keyring(address)
    if password is None:
        password = console.ask_secret(message("数据库 {address} 的密码：", address=address))
    if password is None:
        raise EnvironmentFault(
            "password_needed", message("需要数据库密码，请设环境变量 {name}。", name=DATABASE_VARIABLE)
        )
    return parse_address(text, password)


def _password_of_keyring(address: BookAddress) -> str | None:
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(KEYRING_SERVICE, address.place)
    except (KeyringError, RuntimeError, OSError):  # no keyring on this system, or it stays locked
        return None


def spare_the_mysql_driver() -> None:
    """Keep peewee from loading PyMySQL and its cryptography, a third of the start of a command on a SQLite book.

    Only before peewee is loaded, and only while it is.
    """
    if "peewee" in sys.modules or "pymysql" in sys.modules:
        return
    names = ("pymysql", "MySQLdb")
    for name in names:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        import peewee  # noqa: F401
    finally:
        for name in names:
            del sys.modules[name]


def open_address(address: BookAddress, *, alongside: BookAddress | None = None) -> Book:
    """Open a database at an address; nothing is connected yet. `alongside` is another book this command opens."""
    if all(other.kind == "sqlite" for other in (address, alongside or address)):
        spare_the_mysql_driver()
    from app.storage.database import open_database

    return open_database(address)


@contextlib.contextmanager
def opened_book(
    text: str,
    console: Console,
    *,
    alone: bool = False,
    alongside: BookAddress | None = None,
    changes: bool = False,
) -> Iterator[Book]:
    """Open an existing book, locked and upgraded, and make it current; closed again whatever happens.

    `alone` refuses whoever else of this computer has it open; `changes` a book that moves elsewhere. Raises `NotFound`
    where there is no book, `Conflict` (`book_moved`).
    """
    address = read_address(text, console)
    with contextlib.ExitStack() as stack:
        opened = opened_address(address, console, alone=alone, alongside=alongside)
        book, _upgraded = stack.enter_context(opened)
        if changes:
            stack.enter_context(_staying())
        yield book


def _staying() -> contextlib.AbstractContextManager[None]:
    """Refuse changes of the current book if it moves elsewhere, now or while the command works."""
    from app.storage.database import guarded_units
    from app.web.moving import require_staying

    require_staying()
    return guarded_units(require_staying)


@contextlib.contextmanager
def opened_address(
    address: BookAddress,
    console: Console,
    *,
    alone: bool = False,
    alongside: BookAddress | None = None,
    consent: Consent | None = None,
) -> Iterator[tuple[Book, Upgraded | None]]:
    """Do what `opened_book` does, and tell whether the book was upgraded; `consent` is for one that went back."""
    if address.kind == "sqlite" and (alongside is None or alongside.kind == "sqlite"):
        spare_the_mysql_driver()
    with contextlib.ExitStack() as stack:
        upgraded = None
        if address.path is not None:
            require_file(address.path)
            lock = hold(stack, address.path, alone=alone)
            upgraded = upgrade_if_needed(address.path, lock, console, consent=consent)
        book = open_address(address, alongside=alongside)
        stack.callback(book.close)
        require_tables(book)
        stack.enter_context(book.session())
        if upgraded is not None:
            settle(upgraded)
        yield book, upgraded


def require_file(path: Path) -> None:
    """Raise `NotFound` where there is no book, or only an empty file: opening one would already write into it."""
    from app.storage.upgrade.swap import is_unfinished

    if not path.is_file() and is_unfinished(path):
        from app.storage.upgrade.file import recover_file

        recover_file(path)
    if not path.is_file():
        raise NotFound("book_missing", message("没有账簿“{path}”。", path=path))
    if path.stat().st_size == 0:
        raise no_book_yet()


def hold(stack: contextlib.ExitStack, path: Path, *, alone: bool = False) -> BookLock:
    """Enter a book file's lock until the stack is closed."""
    from app.storage.lock import BookLock

    lock = BookLock(path).acquire(alone=alone)
    stack.callback(lock.release)
    return lock


def upgrade_if_needed(path: Path, lock: BookLock, console: Console, *, consent: Consent | None) -> Upgraded | None:
    """Upgrade a book file that lacks tables of this program, saying where the old file is; return what was done.

    The lock is held, and again afterwards. Raises as `upgrade_book_file`.
    """
    from app.storage.upgrade.look import file_needs_upgrade

    if not file_needs_upgrade(path):  # asked here, too, so that a usual command does not load what an upgrade needs
        return None
    from app.web.upgrading import UpgradeWish, upgrade_book_file

    upgraded = upgrade_book_file(path, lock, UpgradeWish(console.progress, consent=consent))
    if upgraded is not None:
        console.note(
            message(
                "账簿已从 {old} 版更新到 {new} 版；更新前的账簿留存为“{kept}”。",
                old=upgraded.old,
                new=upgraded.new,
                kept=upgraded.kept,
            )
        )
    return upgraded


def settle(upgraded: Upgraded) -> None:
    """Bring the rights of the current book, just upgraded, to what this program knows, and note the upgrade."""
    from app.identity.queries.actors import owner_actor
    from app.web.opening import prepare
    from app.web.upgrading import note_upgrade

    prepare()
    owner = owner_actor()
    if owner is not None:
        note_upgrade(owner, upgraded)


def require_tables(book: Book) -> None:
    """Refuse a database without a book, and a shared book that has to be upgraded first.

    Raises `NotFound`: a mistyped name must not be filled with tables; `Conflict` (`upgrade_needed`, `book_newer`).
    """
    from app.storage.migrate import pending
    from app.storage.schema import table_exists

    with book.session():
        if not table_exists(book, "schema_migration"):
            raise no_book_yet()
        if pending(book) or not book.is_sqlite:
            from app.web.upgrading import UpgradeWish, has_owner, upgrade_shared_book

            if not has_owner(book):
                raise no_book_yet()
            if book.is_sqlite:  # another program changed the file a moment ago
                raise EnvironmentFault("database_busy", message("账簿正被另一个操作占用，请稍后再试。"))
            upgrade_shared_book(book, UpgradeWish())


def who_acts(console: Console) -> Actor:
    """Return who acts in the current book: its owner; in a book with logins whoever logs in here.

    Raises `NotAuthenticated`, `TooManyRequests`, and `NotFound` for a book that was never set up.
    """
    from app.identity.queries.actors import logins_required, owner_actor

    if logins_required():
        return _log_in(console)
    owner = owner_actor()
    if owner is None:
        raise no_book_yet()
    return owner


def no_book_yet() -> NotFound:
    """Return the refusal of a place where no book was ever made."""
    return NotFound("book_not_set_up", message("这个数据库里还没有账，请先用 new 建账。"))


def _log_in(console: Console) -> Actor:
    from app.identity.service.access import authenticate

    name = os.environ.get(LOGIN_VARIABLE) or console.ask(message("登录名："))
    password = os.environ.get(SECRET_VARIABLE)
    if name and password is None:
        password = console.ask_secret(message("{name} 的密码：", name=name))
    if not name or password is None:
        raise NotAuthenticated(
            "login_required",
            message(
                "这本账簿要登录，请设环境变量 {name} 和 {password}。", name=LOGIN_VARIABLE, password=SECRET_VARIABLE
            ),
        )
    return authenticate(name, password)
