"""How a gateway is set up: where the services are, how long they are waited for, which proxies stand before it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.kernel.errors import MalformedInput
from app.kernel.text import message
from app.web.services import SERVICES, chosen_services

UPSTREAMS = "ZHANGFANG_UPSTREAMS"
"""`identity=127.0.0.1:5001,orders=orders-host:5002,…`; those not named are at their own port of 127.0.0.1."""
CONNECT_TIMEOUT = "ZHANGFANG_CONNECT_TIMEOUT_S"
ANSWER_TIMEOUT = "ZHANGFANG_ANSWER_TIMEOUT_S"
TRUSTED_PROXIES = "ZHANGFANG_TRUSTED_PROXIES"
LOCAL = "127.0.0.1"
SECONDS = re.compile("[1-9][0-9]{0,2}|[12][0-9]{3}|3[0-5][0-9]{2}|3600")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a service listens."""

    host: str
    port: int

    @property
    def reachable(self) -> Place:
        """Return where this computer calls it: what listens everywhere does so here."""
        return Place({"0.0.0.0": LOCAL, "::": "::1", "": LOCAL}.get(self.host, self.host), self.port)  # noqa: S104

    def __str__(self) -> str:
        """Return `host:port` as it stands in addresses."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """The settings of one gateway process."""

    places: Mapping[str, Place] = field(
        default_factory=lambda: {service.name: Place(LOCAL, service.port) for service in SERVICES}
    )
    connect_timeout_s: float = 2.0
    answer_timeout_s: float = 120.0
    """Between two pieces of an answer, the first included; long work is a job, so no call takes that long."""
    closed_for_s: float = 1.0
    """How long a service that could not be reached is not tried again."""
    most_at_once: int = 16
    """Calls one service may have under way; below the gateway's threads, so that a stuck one leaves some to others."""
    queue_timeout_s: float = 5.0
    """How long a call waits for one of these places."""
    kept_connections: int = 16
    kept_for_s: float = 20.0
    """How long an idle connection is kept; shorter than the services keep theirs."""
    kept_for_changes_s: float = 1.0
    """The same for calls that cannot be repeated: shorter than any server's own limit (gunicorn has 2 s)."""
    max_body_bytes: int = 9 << 20
    """A little over the largest body a route takes, so that the refusal is the service's own sentence."""
    trusted_proxies: tuple[str, ...] = ()


def gateway_settings_from(environment: Mapping[str, str] | None = None) -> GatewaySettings:
    """Read the settings from the environment. Raises `MalformedInput` for what cannot be read."""
    given = os.environ if environment is None else environment
    usual = GatewaySettings()
    return GatewaySettings(
        places={**usual.places, **read_places(_listed(given.get(UPSTREAMS, "")))},
        connect_timeout_s=_read_s(given, CONNECT_TIMEOUT, usual.connect_timeout_s),
        answer_timeout_s=_read_s(given, ANSWER_TIMEOUT, usual.answer_timeout_s),
        trusted_proxies=_listed(given.get(TRUSTED_PROXIES, "")),
    )


def read_places(texts: tuple[str, ...]) -> dict[str, Place]:
    """Read `identity=host:port` texts. Raises `MalformedInput`."""
    places = {}
    for text in texts:
        name, _, place = text.partition("=")
        host, _, port = place.removeprefix("http://").rpartition(":")
        if not host or not port.isascii() or not port.isdecimal() or not 0 < int(port) < 65536:
            raise MalformedInput(
                "upstream_malformed", message("“{text}”不是服务的位置，请写成 identity=127.0.0.1:5001。", text=text)
            )
        chosen_services([name])
        places[name] = Place(host.strip("[]"), int(port))
    return places


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _read_s(given: Mapping[str, str], name: str, usual_s: float) -> float:
    text = given.get(name, "").strip()
    if not text:
        return usual_s
    value_s = int(text) if SECONDS.fullmatch(text) else 0
    if not value_s:
        raise MalformedInput(
            "seconds_malformed", message("{name} 应是 1 到 3600 之间的整秒数，不是“{text}”。", name=name, text=text)
        )
    return value_s
