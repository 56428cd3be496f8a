"""What other computers type for a server on this one, where an address was typed that only means this computer."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

REACH_TIMEOUT_S = 1.0
_ELSEWHERE = ("192.0.2.1", 9)
"""An address of nobody's (RFC 5737): asked which way leads there, nothing is sent."""
_PORTS = {"http": 80, "https": 443}
_MOST = 3
"""So many addresses are told; computers with virtual networks have dozens."""


@dataclass(frozen=True, slots=True)
class ForOthers:
    """The same server as other computers reach it: by this computer's addresses in the network, then by its name."""

    typed: str
    """The host that was typed."""
    addresses: tuple[str, ...]
    is_listening: bool
    """Whether something answers under an address others can use; a server may listen to this computer only."""


def for_others(address: str) -> ForOthers | None:
    """Return what others type for `http(s)://…` or `mysql://…`; None where the address does not mean this computer.

    Looks at this computer and connects to it; may take some seconds.
    """
    parts = urlsplit(address)
    typed = parts.hostname or ""
    if not _means_this_computer(typed):
        return None
    places = list(dict.fromkeys(_network_addresses()))
    port = parts.port or _PORTS.get(parts.scheme, 0)
    listening = [place for place in places[: 2 * _MOST] if _answers(place, port)]
    hosts = [*(listening or places)[:_MOST], *_names()]
    return ForOthers(typed, tuple(_with_host(parts, host) for host in hosts), bool(listening))


def _means_this_computer(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    with contextlib.suppress(ValueError):
        place = ipaddress.ip_address(host)
        return place.is_loopback or place.is_unspecified
    return False


def _network_addresses() -> Iterator[str]:
    """Yield this computer's IPv4 addresses, that of the way to everywhere else first."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        way.connect(_ELSEWHERE)
        yield from _usable(way.getsockname()[0])
    with contextlib.suppress(OSError, UnicodeError):
        for found in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET, socket.SOCK_STREAM):
            yield from _usable(str(found[4][0]))


def _usable(text: str) -> Iterator[str]:
    place = ipaddress.ip_address(text)
    if not (place.is_loopback or place.is_unspecified or place.is_link_local):
        yield text


def _names() -> Iterator[str]:
    name = socket.gethostname().rstrip(".")
    if name and name.isascii() and not _means_this_computer(name.lower()):
        yield name


def _answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), REACH_TIMEOUT_S).close()
    except OSError:
        return False
    return True


def _with_host(parts: SplitResult, host: str) -> str:
    user, at, _place = parts.netloc.rpartition("@")
    port = f":{parts.port}" if parts.port is not None else ""
    return parts._replace(netloc=f"{user}{at}{host}{port}").geturl()
