"""The way to a database server, looked at in order: its name, the computer, the port, and who answers there."""

from __future__ import annotations

import socket
from collections.abc import Iterator

from app.kernel.checking import CheckStep, host_unknown, unreached
from app.kernel.text import Message, message

REACH_TIMEOUT_S = 5.0
GREETING_TIMEOUT_S = 5.0
_PROTOCOL = 0x0A
_REFUSAL = 0xFF
_GREETING_BYTES = 512
_HOST_REFUSED = frozenset({1129, 1130})
_TOO_MANY = 1040


class Reached:
    """Where the way has led to: a socket on which the server has greeted, or none."""

    def __init__(self) -> None:
        self.sock: socket.socket | None = None

    def close(self) -> None:
        """Let go of the server."""
        if self.sock is not None:
            self.sock.close()
            self.sock = None


def reach(host: str, port: int, reached: Reached) -> Iterator[CheckStep]:
    """Go to a database server step by step; a socket that was greeted is left in `reached`.

    The greeting is looked at and left to be read, so that one connection serves the whole diagnosis: servers count
    handshakes that are broken off, and shut out who does it often.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        yield host_unknown(host)
        return
    place = str(found[0][4][0])
    if place == host:
        yield CheckStep("name", "ok", message("主机的地址是 {place}。", place=place))
    else:
        yield CheckStep("name", "ok", message("找到了主机“{host}”，地址是 {place}。", host=host, place=place))
    try:
        reached.sock = socket.create_connection((host, port), REACH_TIMEOUT_S)
    except OSError as error:
        yield unreached(error, host, port)
        return
    yield CheckStep("reach", "ok", message("端口 {port} 有程序在听。", port=port))
    yield _greeting(reached.sock, port)


def _greeting(sock: socket.socket, port: int) -> CheckStep:
    sock.settimeout(GREETING_TIMEOUT_S)
    try:
        packet = _peek(sock)
    except OSError:
        packet = b""
    kind = packet[4] if len(packet) > 4 else 0
    if kind == _PROTOCOL:
        return CheckStep("server", "ok", message("那里是一台 MySQL 或 MariaDB 服务器。"))
    if kind == _REFUSAL and len(packet) > 6:
        return _failed("server", *_refusal(int.from_bytes(packet[5:7], "little")))
    if not packet:
        text = message(
            "端口 {port} 上的程序接了连接，却不像数据库那样先打招呼："
            "那里不是 MySQL 或 MariaDB（常用端口是 3306），或者它已经不响应了。",
            port=port,
        )
        return _failed("server", "other_program", text)
    return _failed(
        "server",
        "other_program",
        message("端口 {port} 上的是别的程序，不是 MySQL 或 MariaDB：请检查端口号（常用的是 3306）。", port=port),
    )


def _peek(sock: socket.socket) -> bytes:
    """Return the beginning of what the server says first, which stays to be read."""
    packet = sock.recv(_GREETING_BYTES, socket.MSG_PEEK)
    if 0 < len(packet) < 7:  # a few bytes only: wait for some more of them
        packet = sock.recv(7, socket.MSG_PEEK | getattr(socket, "MSG_WAITALL", 0))
    return packet


def _refusal(number: int) -> tuple[str, Message]:
    if number in _HOST_REFUSED:
        text = message("数据库服务器不接受从这台电脑来的连接：请让管理员允许这台电脑，或者给这个用户的主机写上“%”。")
        return "computer_refused", text
    if number == _TOO_MANY:
        return "database_busy", message("数据库服务器的连接都用满了：请稍后再试，或让管理员调高 max_connections。")
    return "computer_refused", message("数据库服务器拒绝了连接（错误 {number}）：请问它的管理员。", number=number)


def _failed(name: str, code: str, text: Message) -> CheckStep:
    return CheckStep(name, "failed", text, code)
