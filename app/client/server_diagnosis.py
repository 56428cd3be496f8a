"""What is wrong with the way to a server of ours: looked at in order, each step with one sentence; then its books."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

from app.client.addresses import ServerAddress, parse_server
from app.client.api import ApiClient
from app.client.transport import Transport
from app.contract.book import Health
from app.contract.serving import ServedBook
from app.kernel.checking import CheckStep, host_unknown, unreached
from app.kernel.errors import EnvironmentFault, NotFound, ZhangfangError
from app.kernel.text import Message, message
from app.tls import context_for, tls_fault
from app.version import API_MAJOR, PROGRAM, VERSION

REACH_TIMEOUT_S = 5.0
ANSWER_TIMEOUT_S = 10.0


@dataclass
class ServerFound:
    """What a diagnosis found: the server, and the books one can open there."""

    address: ServerAddress | None = None
    books: list[ServedBook] = field(default_factory=list)
    """All books of the server; of one that has only one, that."""
    lists_books: bool = False
    """Whether the server said itself which books it has."""
    takes_books: bool = False


def diagnose_server(url: str, found: ServerFound, *, ca_file: str = "") -> Iterator[CheckStep]:
    """Look at the way to a server, and yield each step as it is done; a failed one is the last.

    What it is and has is left in `found`. Nothing is sent that could be secret.
    """
    try:
        found.address = address = parse_server(url)
    except ZhangfangError as error:
        yield CheckStep("address", "failed", error.message, error.code)
        return
    yield CheckStep("address", "ok", message("网址是 {address}。", address=address))
    for step in _reach(address):
        yield step
        if step.is_failed:
            return
    for look in (_privacy, _program, _book, _books):
        step = look(address, found, ca_file)
        yield step
        if step.is_failed:
            return


def _reach(address: ServerAddress) -> Iterator[CheckStep]:
    host, port = address.host, address.connect_port
    try:
        places = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        yield host_unknown(host)
        return
    place = str(places[0][4][0])
    yield CheckStep("name", "ok", message("找到了主机“{host}”，地址是 {place}。", host=host, place=place))
    try:
        socket.create_connection((host, port), REACH_TIMEOUT_S).close()
    except OSError as error:
        yield unreached(error, host, port)
        return
    yield CheckStep("reach", "ok", message("端口 {port} 有程序在听。", port=port))


def _privacy(address: ServerAddress, _found: ServerFound, ca_file: str) -> CheckStep:
    if not address.is_secure:
        if address.is_nearby:
            return CheckStep("tls", "ok", message("没有加密（http）：只在自己的电脑或内部网络里这样用。"))
        text = message("没有加密（http）：密码和账目会明文经过公共网络，路上的人都看得到。请让管理员改用 https。")
        return CheckStep("tls", "warning", text, "unencrypted")
    host = address.host
    try:
        with (
            socket.create_connection((host, address.connect_port), REACH_TIMEOUT_S) as sock,
            context_for(ca_file).wrap_socket(sock, server_hostname=host) as secure,
        ):
            version = secure.version() or "TLS"
    except ssl.SSLError as error:
        fault = tls_fault(error, host)
        return CheckStep("tls", "failed", fault.message, fault.code)
    except EnvironmentFault as error:
        return CheckStep("tls", "failed", error.message, error.code)
    except OSError:
        text = message("“{host}”的这个端口不是 https：请检查端口号，或者把地址改成 http:// 开头的。", host=host)
        return CheckStep("tls", "failed", text, "no_tls")
    return CheckStep("tls", "ok", message("连接是加密的（{version}），证书可信。", version=version))


def _program(address: ServerAddress, found: ServerFound, ca_file: str) -> CheckStep:
    """Ask the server for its health; which API it speaks is judged before anything else it says."""
    other = message("那里的程序不是账房：请检查网址和端口号。")
    with _client(address.root, ca_file) as api:
        try:
            health = api.transport.call("GET", "/api/health", Health)
        except NotFound:
            return CheckStep("program", "failed", other, "other_program")
        except ZhangfangError as error:
            return _not_ours(error, other)
    if health.program != PROGRAM:
        return CheckStep("program", "failed", other, "other_program")
    if health.api != API_MAJOR:
        text = message(
            "服务器的账房是 {version} 版，与本程序（{own} 版）的接口不配套：请使用版本相配的程序。",
            version=health.version,
            own=VERSION,
        )
        return CheckStep("program", "failed", text, "api_version")
    found.books = [ServedBook(slug="", name=health.book, path="", state="open")]
    return CheckStep("program", "ok", message("那里是账房 {version} 版。", version=health.version))


def _not_ours(error: ZhangfangError, other: Message) -> CheckStep:
    if error.code == "token_refused":
        text = message("那里是别人电脑上的账房窗口，只接受它自己：要共用账簿，请在那台电脑上运行 serve。")
        return CheckStep("program", "failed", text, "desktop_window")
    if error.code in {"answer_unreadable", "other_answers"}:
        status = error.details.get("status")
        if isinstance(status, int) and 300 <= status < 400:
            text = message("服务器把请求转到了别处：请填它真正的网址（多半要改成 https:// 开头）。")
            return CheckStep("program", "failed", text, "redirected")
        return CheckStep("program", "failed", other, "other_program")
    if error.code == "server_away":
        text = message("端口上的程序没有按网页的方式回答就断开了：请检查网址，或者试试 https:// 开头的地址。")
        return CheckStep("program", "failed", text, "other_program")
    return CheckStep("program", "failed", error.message, error.code)


def _book(address: ServerAddress, found: ServerFound, ca_file: str) -> CheckStep:
    """Ask for the book that was meant, if one was: it may be closed, moved, or not there."""
    with _client(str(address), ca_file) as api:
        try:
            health = api.health()
        except ZhangfangError as error:
            if isinstance(error, NotFound) or error.details.get("status") == HTTPStatus.NOT_FOUND:
                text = message("服务器上没有代号是“{slug}”的账簿：请从下面的名单里选一本。", slug=address.slug)
                return CheckStep("book", "warning", text, "book_unknown")
            return CheckStep("book", "warning", error.message, error.code)
    if address.slug:
        found.books = [ServedBook(slug=address.slug, name=health.book, path=f"/books/{address.slug}", state="open")]
    if not health.logins:
        text = message("账簿“{name}”还没有人能登录：请先在服务器上给人设登录名和密码（user 命令）。", name=health.book)
        return CheckStep("book", "warning", text, "nobody_logs_in")
    return CheckStep("book", "ok", message("账簿“{name}”可以登录。", name=health.book))


def _books(address: ServerAddress, found: ServerFound, ca_file: str) -> CheckStep:
    with _client(address.root, ca_file) as api:
        try:
            served = api.served_books()
        except ZhangfangError as error:
            if not isinstance(error, NotFound) and error.code not in {"answer_unreadable", "other_answers"}:
                return CheckStep("books", "warning", error.message, error.code)
            return CheckStep("books", "ok", message("这台服务器只有这一本账簿。"))
    found.books, found.lists_books, found.takes_books = served.books, True, served.takes_books
    return CheckStep("books", "ok", message("服务器上有 {count} 本账簿。", count=len(served.books)))


@contextmanager
def _client(url: str, ca_file: str) -> Iterator[ApiClient]:
    """Lend a client for one step, with little patience."""
    api = ApiClient(Transport(url, connect_timeout_s=REACH_TIMEOUT_S, read_timeout_s=ANSWER_TIMEOUT_S, ca_file=ca_file))
    try:
        yield api
    finally:
        api.close()
