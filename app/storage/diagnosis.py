"""What is wrong with the way to a book on a database server: looked at in order, each step with one sentence."""

from __future__ import annotations

import contextlib
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.kernel.checking import CheckStep, is_nearby
from app.kernel.errors import ZhangfangError
from app.kernel.text import Message, message
from app.storage.address import SLICES, VERIFY, BookAddress
from app.storage.book_settings import get_setting
from app.storage.database import Book, fetch_one, open_database
from app.storage.engines import refuse_old_server
from app.storage.faults import fault_of
from app.storage.grants import MAKING, TAKING_BACK, WORKING, missing_rights, read_grants, rights_missing
from app.storage.reaching import Reached, reach
from app.storage.schema import table_exists
from app.storage.server_connection import TLS_FAULTS, connection_parameters, open_connection, tls_version
from app.storage.upgrade.server import plan_of
from app.tls import CA_UNREADABLE, OTHER_NAME, UNTRUSTED
from app.version import VERSION

if TYPE_CHECKING:
    import pymysql

ANSWER_TIMEOUT_S = 10
ROUND_TRIPS = 5
SLOW_MS = 40
"""A page asks the database some dozens of times: from here on people notice."""

_WRONG_LOGIN = frozenset({1045, 1698, 1524, 1862, 1820, 3118})
_NO_RIGHT = frozenset({1044, 1142, 1227})
_UNKNOWN_DATABASE = 1049


class _StoppedHere(Exception):
    """A step failed: what comes after it cannot be looked at."""

    def __init__(self, step: CheckStep) -> None:
        super().__init__(step.code)
        self.step = step


@dataclass
class _Sight:
    """What the steps found out so far."""

    address: BookAddress
    connection: pymysql.Connection[Any]
    grants: tuple[str, ...] = ()
    is_missing: bool = False
    """The database is not there, and this user may make it."""
    trip_s: float = 0.0
    for_move: bool = False
    """A book is to come into the database, which must be there and empty."""


def diagnose(address: BookAddress, *, for_move: bool = False) -> Iterator[CheckStep]:
    """Look at the way to a book on a database server, and yield each step as it is done; after failed ones none come.

    Nothing is made or changed. The last step says what stands there: a book (`facts` has its `name` and `database`),
    one that needs an upgrade (`upgrade_needed`), or none yet (`book_absent`, `database_missing`: one can be made).
    With `for_move` the way is judged for a book that is to come there; what stands there is left to the move itself.
    """
    reached = Reached()
    try:
        for step in reach(address.host, address.port, reached):
            yield step
            if step.is_failed:
                return
        try:
            yield from _inside(_Sight(address, _log_in(address, reached), for_move=for_move))
        except _StoppedHere as stopped:
            yield stopped.step
    finally:
        reached.close()


def _inside(sight: _Sight) -> Iterator[CheckStep]:
    address, connection = sight.address, sight.connection
    try:
        yield _privacy(address, tls_version(connection))
        yield CheckStep("login", "ok", message("用户名和密码对，已登录为“{user}”。", user=address.user))
        yield _find_database(sight)
        yield _version(sight)
        yield _text(sight)
        yield from _rights(sight)
        yield _round_trip(sight)
        if sight.is_missing:
            yield CheckStep("book", "offer", _NO_BOOK, "database_missing")
            return
    except _driver_error() as error:
        raise _StoppedHere(_met(error)) from error
    finally:
        with contextlib.suppress(_driver_error(), OSError):
            connection.close()
    if not sight.for_move:
        yield _book(address, sight)


_NO_BOOK = message("这里还没有账簿：可以“在此新建账簿”。")


def _log_in(address: BookAddress, reached: Reached) -> pymysql.Connection[Any]:
    import pymysql

    limits = {"read_timeout": ANSWER_TIMEOUT_S, "write_timeout": ANSWER_TIMEOUT_S}
    try:
        parameters = connection_parameters(address) | limits
        sock, reached.sock = reached.sock, None  # the driver closes it
        return open_connection(parameters, sock)
    except ZhangfangError as error:
        raise _StoppedHere(_encryption_failed(error)) from error
    except pymysql.Error as error:
        raise _StoppedHere(_login_refused(error, address)) from error


def _encryption_failed(error: ZhangfangError) -> CheckStep:
    """Return the step of a connection that got no further than its encryption, with the field where to mend it."""
    if error.code not in TLS_FAULTS | {CA_UNREADABLE}:
        return CheckStep("login", "failed", error.message, error.code)
    wrong = {OTHER_NAME: "host", CA_UNREADABLE: "tls_ca", UNTRUSTED: "tls_ca"}.get(error.code, "tls")
    return CheckStep("tls", "failed", error.message, error.code, fields=frozenset({wrong}))


def _privacy(address: BookAddress, version: str) -> CheckStep:
    """Say who on the way can read or change what is sent."""
    if version and address.tls == VERIFY:
        return CheckStep("tls", "ok", message("连接是加密的（{version}），证书可信。", version=version))
    if version:
        text = message(
            "连接是加密的（{version}），没有核对证书：防得住偷看，防不住冒充。经过公共网络时请选“加密并核对证书”。",
            version=version,
        )
        return _minded(address, text, "unverified")
    if address.tls == "off":
        text = message("没有加密，因为选了“不加密”：只在同一台电脑或自己的内部网络里这样用。")
    else:
        text = message("没有加密，数据库服务器不提供：只在同一台电脑或自己的内部网络里这样用。")
    return _minded(address, text, "unencrypted")


def _minded(address: BookAddress, text: Message, code: str) -> CheckStep:
    """Return a step that is nothing to mind on this computer and in a private network."""
    return CheckStep("tls", "ok", text) if is_nearby(address.host) else CheckStep("tls", "warning", text, code)


def _login_refused(error: Exception, address: BookAddress) -> CheckStep:
    number = _number(error)
    if number not in _WRONG_LOGIN:
        return _met(error, "login")
    said = str(error.args[1]) if len(error.args) > 1 else ""
    if address.tls == "off":
        text = message(
            "数据库服务器不认用户“{user}”或他的密码：请检查两样；也可能是这个用户只准加密登录，这里却选了“不加密”。"
            "服务器说：{said}",
            user=address.user,
            said=said,
        )
        return CheckStep("login", "failed", text, "login_refused")
    text = message(
        "数据库服务器不认用户“{user}”或他的密码：请检查两样；也可能是这个用户不准从这台电脑登录。服务器说：{said}",
        user=address.user,
        said=said,
    )
    return CheckStep("login", "failed", text, "login_refused")


def _find_database(sight: _Sight) -> CheckStep:
    sight.grants = read_grants(lambda sql: _ask(sight, sql), str(sight.connection.get_server_info()))
    for name in _databases(sight.address):
        try:
            _ask(sight, f"USE `{name}`")
        except _driver_error() as error:
            number = _number(error)
            if number == _UNKNOWN_DATABASE and sight.for_move:
                text = message("服务器上没有数据库“{name}”：请检查名字，或让管理员先建一个空的。", name=name)
                raise _StoppedHere(CheckStep("database", "failed", text, "database_unknown")) from error
            if number == _UNKNOWN_DATABASE and not missing_rights(sight.grants, name, ["CREATE"]):
                sight.is_missing = True
                return CheckStep(
                    "database", "warning", message("服务器上还没有数据库“{name}”，新建账簿时会建立它。", name=name)
                )
            step = _no_database(number, name, sight.address.user)
            if step is None:
                raise
            raise _StoppedHere(step) from error
    return CheckStep("database", "ok", message("找到了数据库“{name}”。", name=sight.address.database))


def _no_database(number: int, name: str, user: str) -> CheckStep | None:
    if number == _UNKNOWN_DATABASE:
        text = message(
            "服务器上没有数据库“{name}”，用户“{user}”也不能建立它：请检查名字，或让管理员先建好并授权。",
            name=name,
            user=user,
        )
        return CheckStep("database", "failed", text, "database_unknown")
    if number in _NO_RIGHT:
        text = message(
            "用户“{user}”没有数据库“{name}”的权限，或者它不存在：请检查名字，或让管理员授权。", name=name, user=user
        )
        return CheckStep("database", "failed", text, "database_refused")
    return None


def _version(sight: _Sight) -> CheckStep:
    said = str(sight.connection.get_server_info())
    try:
        refuse_old_server(said)
    except ZhangfangError as error:
        raise _StoppedHere(CheckStep("version", "failed", error.message, error.code)) from error
    return CheckStep("version", "ok", message("服务器是 {database}，版本合用。", database=_product(said)))


def _text(sight: _Sight) -> CheckStep:
    if not _ask(sight, "SHOW COLLATION WHERE Collation = 'utf8mb4_bin'"):
        text = message("服务器没有字符集 utf8mb4（排序规则 utf8mb4_bin），存不了全部汉字：请让管理员装上它。")
        raise _StoppedHere(CheckStep("charset", "failed", text, "charset_missing"))
    engines = _ask(sight, "SELECT support FROM information_schema.engines WHERE engine = 'InnoDB'")
    if not engines or str(engines[0][0]).upper() not in {"YES", "DEFAULT"}:
        text = message("服务器停用了 InnoDB 存储引擎，账簿需要它：请让管理员打开。")
        raise _StoppedHere(CheckStep("charset", "failed", text, "engine_missing"))
    names = _databases(sight.address)
    places = ", ".join(["%s"] * len(names))
    wrong = _ask(
        sight,
        "SELECT t.table_name, t.table_collation FROM information_schema.tables t"
        " JOIN information_schema.tables journal ON journal.table_schema = t.table_schema"
        f" WHERE t.table_schema IN ({places}) AND t.table_type = 'BASE TABLE'"
        " AND journal.table_name = 'schema_migration' AND t.table_collation <> 'utf8mb4_bin' LIMIT 1",
        names,
    )
    if wrong:
        text = message(
            "账簿的表“{table}”被改成了 {collation}，会分不清“A产品”和“a产品”，有的汉字也存不了："
            "请让管理员改回 utf8mb4_bin。",
            table=wrong[0][0],
            collation=wrong[0][1],
        )
        raise _StoppedHere(CheckStep("charset", "failed", text, "charset_changed"))
    default = _ask(
        sight,
        "SELECT default_character_set_name FROM information_schema.schemata WHERE schema_name = %s",
        [sight.address.database],
    )
    if default and str(default[0][0]) != "utf8mb4":
        text = message("数据库默认的字符集是 {charset}；账簿的表自带 utf8mb4，不受影响。", charset=default[0][0])
        return CheckStep("charset", "ok", text)
    return CheckStep("charset", "ok", message("字符集 utf8mb4 可用。"))


def _rights(sight: _Sight) -> Iterator[CheckStep]:
    """Name every right that is missing, in each database, and not one after the other."""
    has_book = not sight.for_move and _has_book(sight)
    needed = WORKING if has_book else WORKING + MAKING + (TAKING_BACK if sight.for_move else ())
    user, names = sight.address.user, _databases(sight.address)
    lacking = {name: missing for name in names if (missing := missing_rights(sight.grants, name, needed))}
    failed = [
        CheckStep("rights", "failed", rights_missing(user, name, missing), "rights_missing", {"rights": missing})
        for name, missing in lacking.items()
    ]
    if failed:
        yield from failed[:-1]
        raise _StoppedHere(failed[-1])
    later = [right for right in MAKING if any(missing_rights(sight.grants, name, [right]) for name in names)]
    if later:
        text = message(
            "记账的权限够了；以后升级程序时，用户“{user}”还要有 {rights}。", user=user, rights=", ".join(later)
        )
        yield CheckStep("rights", "warning", text, "rights_for_upgrade", {"rights": later})
        return
    yield CheckStep("rights", "ok", message("权限够用。"))


def _round_trip(sight: _Sight) -> CheckStep:
    times = []
    for _ in range(ROUND_TRIPS):
        begun = time.perf_counter()
        _ask(sight, "SELECT 1")
        times.append(time.perf_counter() - begun)
    sight.trip_s = statistics.median(times)
    trip_ms = sight.trip_s * 1000
    shown = f"{trip_ms:.1f}" if trip_ms < 10 else f"{trip_ms:.0f}"
    if trip_ms >= SLOW_MS:
        text = message("一次往返要 {ms} 毫秒，偏慢：离得远时，用账房服务器（网址）会快得多。", ms=shown)
        return CheckStep("round_trip", "warning", text, "slow")
    return CheckStep("round_trip", "ok", message("一次往返 {ms} 毫秒。", ms=shown))


def _book(address: BookAddress, sight: _Sight) -> CheckStep:
    book = open_database(address, max_connections=2)
    try:
        with book.session():
            return _judge(book, sight)
    except ZhangfangError as error:
        return CheckStep("book", "failed", error.message, error.code)
    finally:
        book.close()


def _judge(book: Book, sight: _Sight) -> CheckStep:
    if not table_exists(book, "schema_migration"):
        return CheckStep("book", "offer", _NO_BOOK, "book_absent")
    plan = plan_of(book)
    if plan is not None:
        text = message(
            "这里的账簿是 {old} 版的，本程序是 {new} 版：打开时会先问要不要更新。", old=plan.old, new=VERSION
        )
        return CheckStep("book", "warning", text, "upgrade_needed")
    name = get_setting("book_name")
    if not name or fetch_one("SELECT 1 FROM {user} WHERE is_owner = 1 LIMIT 1") is None:
        text = message("这里的账簿没有建完：请再“在此新建账簿”一次，把它做完。")
        return CheckStep("book", "offer", text, "book_not_set_up")
    database = _product(str(sight.connection.get_server_info()))
    text = message("可以打开：账簿“{name}”，在 {database} 上。", name=name, database=database)
    return CheckStep("book", "ok", text, facts={"name": name, "database": database, "round_trip_s": sight.trip_s})


def _databases(address: BookAddress) -> list[str]:
    return list(dict.fromkeys([address.database, *(address.schema_of(name) or address.database for name in SLICES)]))


def _has_book(sight: _Sight) -> bool:
    return bool(
        _ask(
            sight,
            "SELECT 1 FROM information_schema.tables WHERE table_schema = %s AND table_name = 'schema_migration'",
            [sight.address.schema_of("storage")],
        )
    )


def _ask(sight: _Sight, sql: str, params: list[Any] | None = None) -> list[tuple[Any, ...]]:
    with sight.connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def _product(version: str) -> str:
    name = "MariaDB" if "mariadb" in version.lower() else "MySQL"
    return f"{name} {version.removeprefix('5.5.5-').partition('-')[0]}"


def _met(error: Exception, name: str = "server") -> CheckStep:
    """Return the step that ended because of an error of the driver that no step expected."""
    fault = fault_of(error)
    if fault is not None:
        return CheckStep(name, "failed", fault.message, fault.code)
    said = str(error.args[1] if len(error.args) > 1 else error)
    return CheckStep(name, "failed", message("数据库服务器说：{said}", said=said), "server_error")


def _number(error: Exception) -> int:
    return error.args[0] if error.args and isinstance(error.args[0], int) else 0


def _driver_error() -> type[Exception]:
    import pymysql

    error: type[Exception] = pymysql.Error
    return error
