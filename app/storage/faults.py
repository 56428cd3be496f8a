"""Which errors of a database are the world's fault, and the sentence for each; all others are bugs and pass."""

from __future__ import annotations

import sqlite3
from typing import Any

import peewee
from playhouse.pool import MaxConnectionsExceeded

from app.kernel.errors import EnvironmentFault, RuleBroken
from app.kernel.text import Message, message

MYSQL_RETRIED = frozenset({1205, 1213, 1020})
"""Lock wait timeout, deadlock, record changed since last read: the whole unit is run again."""

_BUSY = ("database_busy", message("数据库正忙，请稍后再试。"))
_AWAY = ("database_away", message("连不上数据库服务器，请检查网络和服务器后再试。"))
_REFUSED = ("database_refused", message("数据库拒绝了这个用户名或密码，或该用户没有权限。"))
_ENCRYPTED_ONLY = (
    "tls_demanded",
    message("数据库服务器只接受加密的连接：请不要在地址里写 tls=off（窗口里的“不加密”）。"),
)
_UNKNOWN = ("database_unknown", message("服务器上没有这个数据库，请先建立它。"))
_FULL = ("disk_full", message("磁盘已满，没有保存。请腾出空间后再试。"))
_READONLY = ("book_readonly", message("账簿是只读的，请检查它的权限。"))
_LOCKED = ("database_busy", message("账簿正被另一个操作占用，请稍后再试。"))
_DAMAGED = ("book_damaged", message("账簿文件已损坏，请从备份恢复。"))

_BY_NUMBER: dict[int, tuple[str, Message]] = {
    **dict.fromkeys((1053, 1077, 1079, 1317, 1927, 2002, 2003, 2005, 2006, 2013, 2055, 4031), _AWAY),
    **dict.fromkeys((1044, 1045, 1130, 1142, 1227, 1698), _REFUSED),
    **dict.fromkeys((1040, 1203, 1226), _BUSY),
    **dict.fromkeys((1021, 1114), _FULL),
    **dict.fromkeys((1290, 1792, 1836), _READONLY),
    1049: _UNKNOWN,
    3159: _ENCRYPTED_ONLY,
}

_BY_TEXT: tuple[tuple[str, tuple[str, Message]], ...] = (
    ("malformed", _DAMAGED),
    ("not a database", _DAMAGED),
    (
        "Could not decode to UTF-8",
        ("text_damaged", message("账簿里有文字已损坏：核验会指出在哪里，请从备份恢复。")),
    ),
    (
        "integer overflow",
        ("amounts_damaged", message("账簿里有数额大得无法相加，数据多半被改动过：核验会指出在哪里，请从备份恢复。")),
    ),
    ("locked", _LOCKED),
    ("busy", _LOCKED),
    ("disk is full", _FULL),
    ("unable to open", ("book_unreachable", message("打不开账簿文件，请检查文件夹是否存在、是否可写。"))),
    ("readonly", _READONLY),
    ("disk I/O", ("disk_error", message("读写磁盘出错，请检查磁盘后再试。"))),
)


_TOO_LARGE = (1264, 1690, "cannot store REAL value in INTEGER column", "too large to convert to SQLite INTEGER")
"""Out of range on MySQL (a value, a sum), on SQLite (a sum that became a float, a value)."""

driver_errors: Any = vars(peewee)["__exception_wrapper__"]
"""A context that turns the errors of sqlite3 and PyMySQL into peewee's, as peewee's own calls do."""


class RetryableFault(EnvironmentFault):
    """The database lost a race for a lock; `run_unit` runs the unit again."""


class _TranslatedFaults:
    """Stands around each statement, so it is a plain class: a generator would take six times as long."""

    def __enter__(self) -> None:
        """Do nothing."""

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        """Raise what the error stands for; any other goes on."""
        if error is None:
            return
        if isinstance(error, peewee.PeeweeException | sqlite3.DatabaseError | OverflowError):
            if _is_too_large(error):
                raise RuleBroken("amount_too_large", message("数额加起来太大，账簿记不下。")) from error
            fault = fault_of(error)
            if fault is not None:
                raise fault from error
        elif isinstance(error, MaxConnectionsExceeded):
            raise EnvironmentFault(*_BUSY) from error


_translated_faults = _TranslatedFaults()


def translated_faults() -> _TranslatedFaults:
    """Turn database errors that are the world's fault into `EnvironmentFault` with advice; others pass.

    Amounts that a column cannot hold once they are added up are refused with `RuleBroken`.
    """
    return _translated_faults


def fault_of(error: BaseException) -> EnvironmentFault | None:
    """Return the fault an error of the database stands for, or `None` for a bug.

    A rollback that fails because the database has rolled back by itself hides the error that was first, so that one
    is asked, too.
    """
    if isinstance(error, peewee.IntegrityError | sqlite3.IntegrityError):
        return None
    number = error.args[0] if error.args and isinstance(error.args[0], int) else None
    if number in MYSQL_RETRIED:
        return RetryableFault(*_BUSY)
    if number in _BY_NUMBER:
        return EnvironmentFault(*_BY_NUMBER[number])
    if number is None:
        text = str(error)
        for part, meaning in _BY_TEXT:
            if part in text:
                return EnvironmentFault(*meaning)
    first = error.__context__
    if _is_about_rollback(error) and isinstance(
        first, peewee.PeeweeException | sqlite3.DatabaseError | EnvironmentFault
    ):
        return first if isinstance(first, EnvironmentFault) else fault_of(first)
    if isinstance(error, peewee.InterfaceError) and number == 0:
        return EnvironmentFault(*_AWAY)
    return None


def _is_too_large(error: BaseException) -> bool:
    """Tell whether a column could not hold a number; the first error is asked where a rollback hid it."""
    said = error.args[:1]
    if said[:1] and (said[0] in _TOO_LARGE or any(isinstance(s, str) and s in str(said[0]) for s in _TOO_LARGE)):
        return True
    return _is_about_rollback(error) and error.__context__ is not None and _is_too_large(error.__context__)


def _is_about_rollback(error: BaseException) -> bool:
    return "rollback" in str(error).lower() or (isinstance(error, peewee.InterfaceError) and error.args[:1] == (0,))
