"""`gateway`: the gateway on waitress, where there is no gunicorn."""

from __future__ import annotations

from collections.abc import Callable

from app.web.gateway import gateway_for
from app.web.gateway.settings import GatewaySettings
from app.web.opening import StopRegister
from app.web.serve import answer_until_stopped, start_server_logs

THREADS = 32
"""They wait for services most of the time; two services that hang leave some to the others."""


def serve_gateway(
    settings: GatewaySettings,
    *,
    host: str = "127.0.0.1",
    port: int = 5000,
    log_format: str = "text",
    announce: Callable[[str], object] | None = None,
) -> int:
    """Pass calls on until asked to stop; return the exit code. Raises `MalformedInput` and `EnvironmentFault`."""
    with StopRegister() as stops:
        start_server_logs(stops, log_format)
        door = gateway_for(settings)
        stops.push("connections", door.close)
        return answer_until_stopped(door, host, port, stops, announce, THREADS)
