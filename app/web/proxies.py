"""Who really calls: `X-Forwarded-*` is believed from the proxies that were named, and from nobody else.

A proxy appends the address it was called from to `X-Forwarded-For`, so the list is walked from its right end: as long
as an address is a named proxy's, the one before it is believed. What stands further left anybody could have written.
Whatever is not believed is removed, so that nothing behind reads it by mistake.
"""

from __future__ import annotations

import ipaddress
import logging
import re
import threading
from collections.abc import Iterable
from typing import Any

from app.kernel.errors import MalformedInput
from app.kernel.text import message

logger = logging.getLogger(__name__)

Environ = dict[str, Any]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

UNIX = "unix"
"""Names whoever calls through a socket in the file system, which has no address."""
_TAKEN = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PREFIX")
_REMOVED = (*_TAKEN, "HTTP_FORWARDED", "HTTP_X_FORWARDED_PORT", "HTTP_X_FORWARDED_BY", "HTTP_X_FORWARDED_SERVER")
_REMOVED_TOO = ("HTTP_X_REAL_IP", "HTTP_X_FORWARDED_SSL", "HTTP_X_FORWARDED_PROTOCOL", "HTTP_X_SCRIPT_NAME")
REQUEST_ID = "HTTP_X_REQUEST_ID"
_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._-]{1,253})(?::[0-9]{1,5})?")
_PREFIX = re.compile(r"(?:/[A-Za-z0-9._~-]+)+")
_WITH_PORT = re.compile(r"(?:\[([0-9A-Fa-f:.%]+)\]|([0-9.]+))(?::[0-9]{1,5})?")
MAX_HOPS = 20


class TrustedProxies:
    """The proxies whose word counts; called once for each request, before anything else reads it."""

    def __init__(self, named: Iterable[str] = ()) -> None:
        """Take addresses and networks, or `unix`. Raises `MalformedInput` (`proxy_malformed`) for what is none."""
        self._networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = []
        self._unix = False
        self._told = threading.Event()
        for name in named:
            if name == UNIX:
                self._unix = True
                continue
            try:
                self._networks.append(ipaddress.ip_network(name, strict=False))
            except ValueError as error:
                raise MalformedInput(
                    "proxy_malformed",
                    message("“{name}”不是 IP 地址或网段，不能作为可信代理（例如 127.0.0.1、10.0.0.0/24）。", name=name),
                ) from error

    def settle(self, environ: Environ) -> None:
        """Put caller, scheme, host and prefix of a believed proxy in their places; remove what is not believed."""
        peer = str(environ.get("REMOTE_ADDR", ""))
        if self._trusts(peer):
            self._believe(environ, peer)
        else:
            environ.pop(REQUEST_ID, None)
            if "HTTP_X_FORWARDED_FOR" in environ and not self._told.is_set():
                self._told.set()
                logger.warning(
                    "X-Forwarded-For from %s is ignored; if that is a proxy of yours, name it with --trusted-proxy",
                    _plain(peer) or "?",
                )
        for name in (*_REMOVED, *_REMOVED_TOO):
            environ.pop(name, None)

    def _believe(self, environ: Environ, peer: str) -> None:
        client, hops = self._walk(peer, _listed(environ, "HTTP_X_FORWARDED_FOR"))
        environ["REMOTE_ADDR"] = client

        def said(name: str) -> str:
            """Return the word of the outermost trusted proxy: one that overwrites leaves one, others a list."""
            words = _listed(environ, name)
            return words[-min(hops, len(words))] if words else ""

        if (scheme := said("HTTP_X_FORWARDED_PROTO").lower()) in {"http", "https"}:
            environ["wsgi.url_scheme"] = scheme
        if _HOST.fullmatch(host := said("HTTP_X_FORWARDED_HOST")):
            environ["HTTP_HOST"] = host
        prefix = said("HTTP_X_FORWARDED_PREFIX").rstrip("/")
        if len(prefix) <= 200 and _PREFIX.fullmatch(prefix) and ".." not in prefix:
            environ["SCRIPT_NAME"] = prefix

    def _walk(self, peer: str, listed: list[str]) -> tuple[str, int]:
        """Return the caller's address, and by how many trusted proxies the request came."""
        client, hops = _plain(peer), 1
        for entry in reversed(listed[-MAX_HOPS:]):
            address = address_of(entry)
            if address is None:  # "unknown", or rubbish: the last one known is all that can be said
                break
            client = str(address)
            if not self._has(address):
                break
            hops += 1
        return client, hops

    def _trusts(self, peer: str) -> bool:
        address = address_of(peer)
        return self._unix if address is None else self._has(address)

    def _has(self, address: Address) -> bool:
        return any(address in network for network in self._networks)


def address_of(text: str) -> Address | None:
    """Return the IP address a text names, its port aside; a mapped IPv4 address as that. `None` for anything else."""
    word = text.strip().strip('"')
    found = _WITH_PORT.fullmatch(word)
    if found is not None:
        word = found[1] or found[2]
    try:
        address = ipaddress.ip_address(word.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _plain(peer: str) -> str:
    address = address_of(peer)
    return "" if address is None else str(address)


def _listed(environ: Environ, name: str) -> list[str]:
    return [word.strip() for word in str(environ.get(name, "")).split(",") if word.strip()]
