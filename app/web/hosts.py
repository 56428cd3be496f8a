"""By which names a server may be called; a name that somebody else's DNS points here is none of them.

A web page on any site can let its own name resolve to an address in the office and then talk to what answers there as
if to itself ("DNS rebinding"). It cannot make a browser send another Host than that name.
"""

from __future__ import annotations

import ipaddress
import platform
import re
import socket
from collections.abc import Iterable

from app.kernel.errors import MalformedInput, PermissionDenied
from app.kernel.text import message

_HOST = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[^:\[\]/@\s]+)(?::(?P<port>[0-9]{1,5}))?")
_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?")


class AllowedHosts:
    """Plain addresses, `localhost`, this computer's own names, and those that were named; with any port or theirs."""

    def __init__(self, named: Iterable[str] = ()) -> None:
        """Take names, each with its port or without. Raises `MalformedInput` (`host_malformed`)."""
        self._names = {"localhost", *own_names()}
        self._with_port: set[tuple[str, str]] = set()
        for text in named:
            found = _HOST.fullmatch(text.strip())
            if found is None or not (_NAME.fullmatch(found["name"]) or _is_address(found["name"])):
                raise MalformedInput(
                    "host_malformed",
                    message("“{name}”不是主机名，不能用于 --allow-host（例如 books.example.com）。", name=text),
                )
            if found["port"]:
                self._with_port.add((_canonical(found["name"]), found["port"]))
            else:
                self._names.add(_canonical(found["name"]))

    def check(self, host: str) -> None:
        """Refuse a request for a name that is not ours. Raises `PermissionDenied` (`host_refused`)."""
        if not self.has(host):
            raise PermissionDenied(
                "host_refused",
                message(
                    "这台服务器不以这个主机名提供服务。请用它的 IP 地址或本机名访问，"
                    "或者让管理员启动服务器时加上 --allow-host 主机名（环境变量 ZHANGFANG_ALLOWED_HOSTS）。"
                ),
            )

    def has(self, host: str) -> bool:
        """Tell whether a Host header names this server."""
        found = _HOST.fullmatch(host)
        if found is None:
            return False
        name = _canonical(found["name"])
        return name in self._names or (name, found["port"] or "") in self._with_port or _is_address(name)


def own_names() -> set[str]:
    """Return this computer's names, the long and the short one, and as its neighbours find it. Asks no name server."""
    names: set[str] = set()
    for name in {socket.gethostname(), platform.node()}:
        short = name.lower().partition(".")[0]
        if _NAME.fullmatch(short):
            names |= {name.lower(), short, f"{short}.local"}
    return names


def _canonical(name: str) -> str:
    return name.lower().removesuffix(".")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return ":" not in name or name.startswith("[")
