"""Which proxies before this process are believed, and what they say of where a request came from."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.kernel.errors import MalformedInput
from app.kernel.text import message

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from, past the proxies that are believed."""

    address: str
    scheme: str
    host: str


class TrustedProxies:
    """The addresses and networks whose `X-Forwarded-*` headers are believed."""

    def __init__(self, networks: Iterable[str]) -> None:
        """Read them. Raises `MalformedInput` for what is no address."""
        self._networks = [_network(text) for text in networks]

    def trusts(self, address: str) -> bool:
        """Tell whether a peer is one of them."""
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in self._networks)

    def origin_of(self, environ: WSGIEnvironment) -> Origin:
        """Return where a request came from: the last address that is none of ours, as ours tell it."""
        peer = environ.get("REMOTE_ADDR", "")
        host = environ.get("HTTP_HOST", "")
        if not self.trusts(peer):
            return Origin(peer, environ["wsgi.url_scheme"], host)
        address = peer
        for told in reversed(environ.get("HTTP_X_FORWARDED_FOR", "").split(",")):
            if not _is_address(told.strip()):
                break
            address = told.strip()
            if not self.trusts(address):
                break
        scheme = environ.get("HTTP_X_FORWARDED_PROTO", "").strip().lower()
        forwarded_host = environ.get("HTTP_X_FORWARDED_HOST", "").strip()
        return Origin(
            address,
            scheme if scheme in {"http", "https"} else environ["wsgi.url_scheme"],
            forwarded_host or host,
        )


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise MalformedInput(
            "proxy_malformed", message("“{text}”不是地址，也不是网段，如 10.0.0.5 或 10.0.0.0/24。", text=text)
        ) from error
