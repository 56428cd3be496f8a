"""A connection to a database server: the one place where the program opens any, and demands TLS where it is to.

Imported only where a book lives on a server: the driver and TLS take longer to import than a command on a file needs.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import pymysql

from app.kernel.errors import EnvironmentFault
from app.kernel.text import Message, message
from app.storage.address import VERIFY, BookAddress
from app.storage.server_pool import USUAL
from app.tls import (
    EXPIRED,
    OTHER_NAME,
    UNTRUSTED,
    certificate_flaw,
    context_for_anybody,
    context_for_only,
    trusting_the_system,
)

if TYPE_CHECKING:
    import socket

TLS_FAULTS = frozenset({UNTRUSTED, EXPIRED, OTHER_NAME, "tls_not_offered", "tls_failed"})
"""The codes of what can be wrong with the encryption itself."""
_NO_TLS_THERE = 2026
"""PyMySQL's number for a server that offers none though it was demanded."""


class _RefusedInClear:
    """Answers a server that asks for the password as it is: somebody on the way, or posing as it, would read it.

    Made by PyMySQL with its connection; `authenticate` is where it would have the answer from.
    """

    def __init__(self, connection: object) -> None:
        """Keep nothing of the connection."""
        del connection

    def authenticate(self, packet: object) -> None:
        """Raise `EnvironmentFault` (`password_in_clear`) instead of sending anything."""
        del packet
        raise EnvironmentFault(
            "password_in_clear",
            message("数据库服务器要求明文发送密码，没有发送。请让管理员给这个用户换成加密的验证方式。"),
        )


class _Connection(pymysql.Connection):  # type: ignore[misc]
    """PyMySQL's, which reads all certificates of the computer, 30 ms long, also where it is to check none."""

    def _create_ssl_ctx(self, sslp: object) -> ssl.SSLContext:  # the driver has no other name for it
        return sslp if isinstance(sslp, ssl.SSLContext) else _believing()


@cache
def _believing() -> ssl.SSLContext:
    return context_for_anybody()


def connection_parameters(address: BookAddress) -> dict[str, Any]:
    """Return what `open_connection` takes for a book on a server, its database aside.

    Certificates are read here, once for all connections made with it. Raises `EnvironmentFault` (`ca_unreadable`).
    """
    return {
        "host": address.host,
        "port": address.port,
        "user": address.user,
        "password": (address.password or "").encode(),  # PyMySQL would encode text as Latin-1 and refuse the rest
        "charset": "utf8mb4",
        "collation": "utf8mb4_bin",
        "auth_plugin_map": dict.fromkeys(("mysql_clear_password", "dialog", "mysql_old_password"), _RefusedInClear),
        "connect_timeout": USUAL.connect_s,
        "read_timeout": USUAL.work_s,
        "write_timeout": USUAL.work_s,
        "sql_mode": "STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,NO_AUTO_VALUE_ON_ZERO,ERROR_FOR_DIVISION_BY_ZERO",
        "init_command": "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
        **_tls_parameters(address),
    }


def _tls_parameters(address: BookAddress) -> dict[str, Any]:
    if address.tls == "off":
        return {"ssl_disabled": True}
    if address.tls == VERIFY:
        ca = address.tls_ca
        return {"ssl": trusting_the_system() if ca is None else context_for_only(str(ca))}
    # without a context PyMySQL encrypts where the server offers it; one that is given it demands
    return {"ssl": _believing()} if address.tls == "required" else {}


def open_connection(parameters: dict[str, Any], sock: socket.socket | None = None) -> pymysql.Connection[Any]:
    """Connect with `connection_parameters`, over a socket that is connected already where one is given.

    Raises `EnvironmentFault` for what is wrong with the encryption, else the driver's errors.
    """
    connection: pymysql.Connection[Any] = _Connection(defer_connect=True, autocommit=True, **parameters)
    with tls_faults():
        connection.connect(sock)
    return connection


def tls_version(connection: pymysql.Connection[Any]) -> str:
    """Return the version of TLS a connection is encrypted with; empty where it is not."""
    # what the server says about it would be its own end's, which may be another than ours
    sock = connection._sock  # noqa: SLF001 - the driver has no name for it
    return (sock.version() or "TLS") if isinstance(sock, ssl.SSLSocket) else ""


@contextmanager
def tls_faults() -> Iterator[None]:
    """Turn the driver's errors about encryption into `EnvironmentFault`; it takes them for a server that is away."""
    try:
        yield
    except pymysql.OperationalError as error:
        meaning = _meaning(error)
        if meaning is None:
            raise
        raise EnvironmentFault(*meaning) from error


def _meaning(error: Exception) -> tuple[str, Message] | None:
    if error.args[:1] == (_NO_TLS_THERE,):
        return "tls_not_offered", message(
            "地址要求加密，数据库服务器却不提供加密，没有登录。请让管理员给数据库打开 TLS；"
            "如果它本来是打开的，路上可能有人动了手脚。"
        )
    cause = getattr(error, "original_exception", None)
    if isinstance(cause, ssl.SSLCertVerificationError):
        flaw = certificate_flaw(cause)
        return flaw, _CERTIFICATE_SENTENCES[flaw]
    if isinstance(cause, ssl.SSLEOFError | ssl.SSLZeroReturnError) or not isinstance(cause, ssl.SSLError):
        return None
    return "tls_failed", message(
        "和数据库服务器谈不成加密，没有登录。请让管理员检查它的证书和 TLS 版本（要 TLS 1.2 以上）。"
    )


# No host is named: whoever calls a served book hears these, too, and need not learn where its database is.
_CERTIFICATE_SENTENCES = {
    EXPIRED: message("数据库服务器的证书过期了，或者这台电脑的日期不对，没有登录：请检查日期，或让管理员换证书。"),
    OTHER_NAME: message(
        "数据库服务器的证书上没有地址里写的主机名，没有登录：请改用证书上的名字，或让管理员换一张写着这个名字的证书。"
    ),
    UNTRUSTED: message(
        "数据库服务器的证书不是可信的机构签发的，没有登录：请向管理员要 CA 证书文件，选作“CA 证书”"
        "（写在地址里是 tls_ca=路径）。对方可能是冒充的。"
    ),
}
