"""The gateway as waitress or gunicorn gets it: callers settled, requests named, probes answered."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from app.web.front import Front
from app.web.gateway import answers
from app.web.gateway.proxying import Gateway
from app.web.gateway.upstream import is_ready
from app.web.probes import HEALTH, STOPPING, Verdict
from app.web.proxies import Environ, TrustedProxies


class ServicesReadiness:
    """Which services can work now. The gateway takes requests as long as one of them can: the others are refused."""

    def __init__(self, gateway: Gateway) -> None:
        """Ask nobody yet."""
        self._gateway = gateway
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Be ready no more."""
        self._stopping.set()

    @property
    def is_stopping(self) -> bool:
        """Whether this process is about to end."""
        return self._stopping.is_set()

    def ask(self) -> Verdict | None:
        """Return why nothing can be passed on, or `None`."""
        if self.is_stopping or not any(self.services().values()):
            return STOPPING
        return None

    def services(self) -> dict[str, bool]:
        """Ask all services at once."""
        upstreams = self._gateway.upstreams
        with ThreadPoolExecutor(len(upstreams)) as pool:
            found = pool.map(is_ready, [upstream.place for upstream in upstreams.values()])
            return dict(zip(upstreams, found, strict=True))


class Door(Front):
    """What a gateway process answers with."""

    readiness: ServicesReadiness

    def __init__(self, gateway: Gateway, proxies: TrustedProxies) -> None:
        """Take the gateway, and whose word about callers is believed."""
        super().__init__(gateway, proxies, ServicesReadiness(gateway))
        self.gateway = gateway

    def _probe(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Tell that this process lives, or which services are ready; 503 when none is, or when it stops."""
        if environ["PATH_INFO"] == HEALTH:
            return answers.send_json(environ, start_response, 200, {"status": "ok"})
        ready = {} if self.readiness.is_stopping else self.readiness.services()
        document = {"ready": bool(ready) and all(ready.values()), "services": ready}
        return answers.send_json(environ, start_response, 200 if any(ready.values()) else 503, document)

    def close(self) -> None:
        """Close the connections to the services; harmless when that is done."""
        self.readiness.stop()
        self.gateway.close()
