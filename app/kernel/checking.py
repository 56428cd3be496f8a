"""One step of finding out what is wrong with a connection: what was looked at, and what came of it."""

from __future__ import annotations

import errno
import ipaddress
from dataclasses import dataclass, field
from typing import Literal

from app.kernel.text import Message, message


@dataclass(frozen=True, slots=True)
class CheckStep:
    """A step of a diagnosis; `failed` ends it, `warning` is something to mind, `offer` something that can be done."""

    name: str
    """What was looked at: `name`, `reach`, `login`, …"""
    outcome: Literal["ok", "warning", "offer", "failed"]
    text: Message
    """One sentence: what was found, and where it is wrong what to do."""
    code: str = ""
    """Stable, for tests and for what a window offers; empty when all is well."""
    facts: dict[str, object] = field(default_factory=dict)
    fields: frozenset[str] = frozenset()
    """The fields of a form in which it can be put right, where that is known."""

    @property
    def is_failed(self) -> bool:
        """Whether nothing further could be looked at."""
        return self.outcome == "failed"


_LOCAL_ENDINGS = (".local", ".lan", ".home.arpa", ".internal")


def is_nearby(host: str) -> bool:
    """Tell whether a host lies on this computer or, by its name or address, in a private network."""
    if host == "localhost" or host.endswith((".localhost", *_LOCAL_ENDINGS)) or "." not in host:
        return ":" not in host or _is_private(host)
    return _is_private(host)


def _is_private(host: str) -> bool:
    try:
        place = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return place.is_private or place.is_loopback or place.is_link_local


def host_unknown(host: str) -> CheckStep:
    """Return the step of a name that stands for no computer."""
    text = message("找不到主机“{host}”：请检查名字有没有写错，或者改填它的 IP 地址。", host=host)
    return CheckStep("name", "failed", text, "host_unknown")


def unreached(error: OSError, host: str, port: int) -> CheckStep:
    """Return what a failed connection to a port says, and what to do."""
    if isinstance(error, ConnectionRefusedError):
        text = message(
            "主机“{host}”在，但端口 {port} 没有程序在听："
            "请检查端口号，以及服务器程序是否已启动、是否允许从别的电脑连接。",
            host=host,
            port=port,
        )
        return CheckStep("reach", "failed", text, "port_closed")
    if isinstance(error, TimeoutError) or error.errno == errno.ETIMEDOUT:
        text = message(
            "主机“{host}”的端口 {port} 没有回应：请检查地址、对方是否开机，以及防火墙是否放行这个端口。",
            host=host,
            port=port,
        )
        return CheckStep("reach", "failed", text, "host_silent")
    text = message("到不了主机“{host}”：请检查网线、无线网络或 VPN 是否连好。", host=host)
    return CheckStep("reach", "failed", text, "host_unreachable")
